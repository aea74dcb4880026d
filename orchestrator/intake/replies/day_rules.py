"""How a way of saying a day becomes a day: a rule of `date_rules.yaml` names one of the readers here.

Owns the calendar. Every reader gives a day, or none, and how plain it is: a day said loosely is never certain.
"""

import calendar
import re
from collections.abc import Callable
from datetime import date, timedelta
from functools import cache

import msgspec

from orchestrator.intake.replies.tables import read_table

PLAIN, LOOSE = 100, 72  # a day said plainly; a day that could be another (next Friday, early March, the week)

_MONTHS = {
    name: number
    for number, names in enumerate(
        "janvier janv january jan|fevrier fev fevr february feb|mars march mar|avril avr april apr|mai may|"
        "juin june jun|"
        "juillet juil july jul|aout august aug|septembre sept september sep|octobre oct october|novembre nov november|"
        "decembre dec december".split("|"),
        start=1,
    )
    for name in names.split()
}
_WEEKDAYS = {
    name: number
    for number, names in enumerate(
        ["lundi monday lun", "mardi tuesday", "mercredi wednesday", "jeudi thursday", "vendredi friday ven",
         "samedi saturday", "dimanche sunday"]
    )
    for name in names.split()
}  # fmt: skip
_COUNTS = {
    word: number
    for number, words in {
        1: "un une a an one", 2: "deux two couple", 3: "trois three", 4: "quatre four", 5: "cinq five", 6: "six",
        7: "sept seven", 8: "huit eight", 9: "neuf nine", 10: "dix ten", 15: "quinze fifteen", 20: "vingt twenty",
        30: "trente thirty", 12: "douze twelve", 14: "quatorze fourteen", 25: "vingtcinq",
    }.items()
    for word in words.split()
}  # fmt: skip
MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
WEEKDAY = "|".join(_WEEKDAYS)
_COUNT = r"\d{1,3}|" + "|".join(_COUNTS)
_DAY = r"(\d{1,2})(?:st|nd|rd|th|er|e)?|premier|first|quinze|vingt|dix|cinq|trente"
_SPELT_DAYS = {"premier": 1, "first": 1, "quinze": 15, "vingt": 20, "dix": 10, "cinq": 5, "trente": 30}


class Calendar(msgspec.Struct, frozen=True):
    """Where a day is looked for: from today on, or up to it."""

    today: date
    is_past: bool

    def in_month(self, year: int, month: int, day: int) -> date | None:
        try:
            return date(year, month, day)
        except ValueError:
            return None

    def day_of_month(self, day: int) -> date | None:
        """The nearest such day: today counts."""
        year, month = self.today.year, self.today.month
        for _ in range(14):
            found = self.in_month(year, month, day)
            if found and (found <= self.today if self.is_past else found >= self.today):
                return found
            month += -1 if self.is_past else 1
            year, month = (year - 1, 12) if month == 0 else (year + 1, 1) if month == 13 else (year, month)
        return None

    def day_and_month(self, day: int, month: int) -> date | None:
        """The nearest such day of a year."""
        years = range(self.today.year, self.today.year - 5, -1) if self.is_past else range(self.today.year, 9999)
        for year in list(years)[:5]:
            found = self.in_month(year, month, day)
            if found and (found <= self.today if self.is_past else found >= self.today):
                return found
        return None

    def weekday(self, number: int) -> date:
        if self.is_past:
            return self.today - timedelta(days=(self.today.weekday() - number) % 7 or 7)
        return self.today + timedelta(days=(number - self.today.weekday()) % 7 or 7)

    def month_end(self, ahead: int) -> date:
        at = self.months_later(date(self.today.year, self.today.month, 1), ahead)
        return at.replace(day=calendar.monthrange(at.year, at.month)[1])

    def months_later(self, start: date, months: int) -> date:
        year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
        return date(year, month + 1, min(start.day, calendar.monthrange(year, month + 1)[1]))

    def friday(self, weeks: int) -> date:
        """The last working day of the week so many weeks ahead."""
        return self.today + timedelta(days=4 - self.today.weekday() + 7 * weeks)


Read = Callable[[re.Match[str], Calendar], tuple[date | None, int]]


def _number(text: str) -> int:
    return _COUNTS.get(text) or (int(text) if text.isdigit() else 1)


def _day_number(text: str) -> int:
    digits = re.match(r"\d+", text)
    return int(digits[0]) if digits else _SPELT_DAYS.get(text, 0)


def _written(match: re.Match[str], cal: Calendar) -> tuple[date | None, int]:
    """15/03, 15-03-2026, 15.03.26, 2026-03-15; English months first only where days cannot be."""
    parts = [int(part) for part in re.split(r"[/.-]", match["written"])]
    if parts[0] > 31:
        return (cal.in_month(*parts) if len(parts) == 3 else None), PLAIN
    day, month = (parts[1], parts[0]) if parts[1] > 12 else (parts[0], parts[1])
    if len(parts) == 3:
        year = parts[2] + 2000 if parts[2] < 100 else parts[2]
        return cal.in_month(year, month, day), PLAIN
    return _near(cal, cal.day_and_month(day, month))


def _near(cal: Calendar, found: date | None) -> tuple[date | None, int]:
    """A day of no year is plain while it is near; half a year away it may be a day of the past."""
    return found, PLAIN if found and abs((found - cal.today).days) < 200 else LOOSE


def _of_month(match: re.Match[str], cal: Calendar) -> tuple[date | None, int]:
    day, month = _day_number(match["day"]), _MONTHS[match["month"]]
    if match["year"]:
        return cal.in_month(int(match["year"]), month, day), PLAIN
    return _near(cal, cal.day_and_month(day, month))


def _next_month_day(match: re.Match[str], cal: Calendar) -> tuple[date | None, int]:
    start = cal.months_later(cal.today.replace(day=1), 1)
    return cal.in_month(start.year, start.month, _day_number(match["day"])), PLAIN


def _plain_day(match: re.Match[str], cal: Calendar) -> tuple[date | None, int]:
    return cal.day_of_month(_day_number(match["day"])), PLAIN


def _ahead(match: re.Match[str], cal: Calendar) -> tuple[date | None, int]:
    """Dans dix jours, in two weeks, sous 48h; il y a deux jours, three days ago."""
    count, unit = _number(match["count"]), match["unit"]
    sign = -1 if cal.is_past or match[0].endswith("ago") else 1
    if unit[0] == "h":
        return cal.today + timedelta(days=sign * max(round(count / 24), 0)), PLAIN
    if unit.startswith(("mois", "month")):
        return cal.months_later(cal.today, sign * count), PLAIN
    size = (
        7
        if unit.startswith(("sem", "week"))
        else 14
        if unit.startswith("fortnight")
        else 15
        if unit == "quinzaine"
        else 1
    )
    return cal.today + timedelta(days=sign * count * size), PLAIN


def _weekday(match: re.Match[str], cal: Calendar) -> tuple[date | None, int]:
    """Vendredi; vendredi prochain could be the one after; vendredi en huit is."""
    on, how = cal.weekday(_WEEKDAYS[match["weekday"]]), match["how"] or ""
    if how.endswith(("huit", "week")):
        return on + timedelta(days=7), PLAIN
    if how.endswith(("quinze",)):
        return on + timedelta(days=14), PLAIN
    said_next = how == "prochain" or (match["before"] or "") == "next"
    # "Monday next" said on a Tuesday is one day only; a weekday still to come this week may mean the one after.
    is_loose = (
        said_next and not cal.is_past and cal.weekday(_WEEKDAYS[match["weekday"]]) <= cal.friday(0) + timedelta(days=2)
    )
    return on, LOOSE if is_loose else PLAIN


def _part_of_month(match: re.Match[str], cal: Calendar) -> tuple[date | None, int]:
    """Debut, mi, fin: of a named month, of this one, of the next."""
    said = match.groupdict()
    part, month, which = match["part"], said.get("month"), said.get("which") or ""
    if month:
        first = cal.day_and_month(1, _MONTHS[month]) or cal.today
        if not cal.is_past and _MONTHS[month] == cal.today.month:
            first = cal.today.replace(day=1)
    else:
        later = 1 if "prochain" in which or "next" in which else 0
        first = cal.months_later(cal.today.replace(day=1), later)
        if later == 0 and part.startswith(("d", "b", "s", "e")) and part != "end" and cal.today.day > 5:
            first = cal.months_later(first, 1)
    if part.startswith(("fin", "end", "late", "month")):
        return first.replace(day=calendar.monthrange(first.year, first.month)[1]), PLAIN
    if part.startswith(("mi", "courant", "during")):
        return first.replace(day=15 if part.startswith("mi") else 28), LOOSE
    return first.replace(day=5), LOOSE


def _week(match: re.Match[str], cal: Calendar) -> tuple[date | None, int]:
    """Next week is promised by its Friday; its end is said more plainly than its course."""
    said = match[0]
    weeks = 1 if "prochaine" in said or "next" in said or "pro " in said + " " else 0
    if not weeks and cal.today.weekday() > 4:
        weeks = 1
    is_start = "debut" in said or "start" in said or "early" in said or "begin" in said
    on = cal.friday(weeks) - timedelta(days=3 if is_start else 0)
    return on, PLAIN if "fin" in said or "end" in said else LOOSE


def _month_alone(_: re.Match[str], cal: Calendar) -> tuple[date | None, int]:
    return cal.month_end(1), LOOSE


def _named_month(match: re.Match[str], cal: Calendar) -> tuple[date | None, int]:
    first = cal.day_and_month(1, _MONTHS[match["month"]])
    if _MONTHS[match["month"]] == cal.today.month:
        first = cal.today.replace(day=1)
    return (first and first.replace(day=calendar.monthrange(first.year, first.month)[1])), LOOSE


def _last_weekday(match: re.Match[str], cal: Calendar) -> tuple[date | None, int]:
    back = Calendar(today=cal.today, is_past=True)
    return back.weekday(_WEEKDAYS[match["weekday"] or match["other"]]), PLAIN


def _weekend(_: re.Match[str], cal: Calendar) -> tuple[date | None, int]:
    return cal.friday(0) + timedelta(days=2), LOOSE


def _month_end(_: re.Match[str], cal: Calendar) -> tuple[date | None, int]:
    return cal.month_end(0), PLAIN


def _distance(days: int, sure: int) -> Read:
    def read(_: re.Match[str], cal: Calendar) -> tuple[date | None, int]:
        return cal.today + timedelta(days=-days if cal.is_past and days > 1 else days), sure

    return read


_READERS: dict[str, Read] = {
    "written": _written, "next_month_day": _next_month_day, "of_month": _of_month, "plain_day": _plain_day,
    "last_weekday": _last_weekday, "weekday": _weekday, "ahead": _ahead, "week": _week, "weekend": _weekend,
    "part_of_month": _part_of_month, "month_end": _month_end, "next_month": _month_alone, "named_month": _named_month,
}  # fmt: skip


@cache
def day_rules() -> tuple[tuple[re.Pattern[str], Read], ...]:
    """Each way of saying a day, in order, with its reader."""
    lists = {"{MONTH}": MONTH, "{WEEKDAY}": WEEKDAY, "{DAY}": _DAY, "{COUNT}": _COUNT}
    rules = []
    for rule in read_table("date_rules.yaml"):
        says = "|".join(rule["says"])
        for name, words in lists.items():
            says = says.replace(name, words)
        sure = LOOSE if rule.get("loose") else PLAIN
        reader = _distance(rule["days"], sure) if rule["reads"] == "distance" else _READERS[rule["reads"]]
        rules.append((re.compile(rf"(?<= )(?:{says})(?= )"), reader))
    return tuple(rules)
