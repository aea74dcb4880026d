"""Days that a debtor names: "le 15", "vendredi", "fin du mois", "in two weeks". Own rules; dateparser for the rest.

Works on normalised words. The ways of saying are in `date_rules.yaml`, the calendar in `day_rules.py`.
"""

import re
import warnings
from datetime import date, datetime, time

import msgspec

from orchestrator.intake.replies.day_rules import LOOSE, MONTH, WEEKDAY, Calendar, Read, day_rules
from orchestrator.intake.replies.normalise import Folded

_FURTHEST_DAYS = 800


class Day(msgspec.Struct, frozen=True):
    """A day, how plain it is (0 to 100), and the words that name it (indexes, both included)."""

    on: date
    sure: int
    first: int
    last: int


_MAY_HOLD_A_DAY = re.compile(
    rf" (?:\d|this |ago |jours?|days?|weeks?|mois|months?|demain|tomorrow|hier|yesterday|aujourdhui|ce |cette |"
    rf"cet |today|tonight|{WEEKDAY}|{MONTH}|semaine|week|mois|month"
    r"|fin|debut|end|huitaine|quinzaine|fortnight|premier|first|apres|avant|immediatement|instant|dans|in|sous|"
    r"le |tout|just|right|last)"
)


def find_days(folded: Folded, first: int, last: int, today: date, *, is_past: bool = False) -> list[Day]:
    """The days named between two words, in the order of the text; nearest to today in the direction asked for."""
    text = f" {' '.join(folded.words[first : last + 1])} . "
    if not _MAY_HOLD_A_DAY.search(text):
        return []
    cal = Calendar(today=today, is_past=is_past)
    found: list[tuple[int, Day]] = []
    for pattern, read in day_rules():
        for match in pattern.finditer(text):
            at, end = match.span()
            # The words are taken out, so that a later rule does not read a part of them.
            day = _day(match, cal, read, first + text.count(" ", 0, at) - 1, text)
            if day is not None:
                found.append((at, day))
                text = text[:at] + re.sub(r"[^ ]", "_", text[at:end]) + text[end:]
    return _without_weekday_names([day for _, day in sorted(found, key=lambda pair: pair[0])]) or _fallback(
        text, first, cal
    )


def _without_weekday_names(days: list[Day]) -> list[Day]:
    """Monday 23 March is one day: a day that the next words repeat is left out."""
    return [day for at, day in enumerate(days) if not (at + 1 < len(days) and days[at + 1].first == day.last + 1)]


def _day(match: re.Match[str], cal: Calendar, read: Read, first: int, text: str) -> Day | None:
    try:
        on, sure = read(match, cal)
    except (ValueError, OverflowError):
        return None
    if on is None or abs((on - cal.today).days) > _FURTHEST_DAYS:
        return None
    inclusive = re.match(r" (?:inclus|included|inclusive)", text[match.end() :])
    last = first + match[0].count(" ") + (1 if inclusive else 0)
    return Day(on, sure, first, last)


# What our rules leave: a number beside a word that may be a month, in whatever spelling dateparser knows.
_LEFT_OVER = re.compile(r"(?<= )(?:le |on |pour le |avant le |by )?(\d{1,2} [a-z]{3,10}(?: 20\d\d)?)(?= )")
_NOT_A_MONTH = re.compile(
    r"\d+ (?:jours?|days?|mois|months?|semaines?|weeks?|euros?|eur|fois|heures?|hours?|pounds?|sms|mails?|mins?|"
    r"minutes?|ans|years?|times)"
)


def _fallback(text: str, first: int, cal: Calendar) -> list[Day]:
    match = _LEFT_OVER.search(text)
    if match is None or _NOT_A_MONTH.fullmatch(match[1]):
        return []
    from dateparser import DateDataParser  # late: takes a second to load, and few texts need it

    settings = {
        "PREFER_DATES_FROM": "past" if cal.is_past else "future",
        "RELATIVE_BASE": datetime.combine(cal.today, time(12)),
        "REQUIRE_PARTS": ["day", "month"],
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its own use of strptime without a year
        parsed = DateDataParser(languages=["fr", "en"], settings=settings).get_date_data(match[1])
    if parsed is None or parsed.date_obj is None:
        return []
    start = first + text.count(" ", 0, match.start()) - 1
    return [Day(parsed.date_obj.date(), LOOSE, start, start + match[0].count(" "))]
