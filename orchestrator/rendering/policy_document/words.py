"""The words of one language and how values are said in it: amounts, lengths, hours, days, lists. Decides nothing."""

from collections.abc import Iterable, Sequence
from datetime import date, time
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from orchestrator.domain.condition import FIELDS
from orchestrator.domain.duration import Duration, Unit
from orchestrator.rendering.typography import typography
from orchestrator.rendering.why import read_words

FOLDER = Path(__file__).parent
LANGUAGES = ("fr", "en")
_LEAP_YEAR = 2024

_UNITS = {
    Unit.MINUTE: "minute", Unit.HOUR: "hour", Unit.DAY: "day", Unit.WEEK: "week", Unit.MONTH: "month",
    Unit.BUSINESS_DAY: "business_day",
}  # fmt: skip


@cache
def read_yaml(name: str) -> dict[str, Any]:
    """A file of words of this folder, as it is written."""
    found: dict[str, Any] = YAML(typ="safe", pure=True).load((FOLDER / name).read_text(encoding="utf-8"))
    return found


class Words:
    """One language. What no file words reads as its code, so that a new kind never stops the document."""

    def __init__(self, language: str) -> None:
        """`language` is one of LANGUAGES."""
        self.language = language
        self._groups = read_yaml(f"words.{language}.yaml")
        self._hand = typography(language)
        self._terms = read_words()["terms"]

    def find(self, *path: str) -> Any:
        """What stands at a path of the words' file; None when nothing does."""
        found: Any = self._groups
        for key in path:
            found = found.get(key) if isinstance(found, dict) else None
        return found

    def say(self, group: str, key: str, /, **values: object) -> str:
        """A sentence with its values, set as a printer would."""
        return self.set(str(self.find(group, key)).format_map(values))

    def set(self, text: str) -> str:
        """Curly apostrophes and the language's spaces."""
        return self._hand.spaced(text)

    def term(self, code: str, *groups: str) -> str:
        """A code in words: in the first group that has it, else among the stories' terms, else the code itself."""
        for group in groups:
            said = self.find(*group.split("."), code)
            if isinstance(said, str):
                return self.set(said)
        story = self._terms.get(code)
        return self.set(story[self.language]) if story else code.replace("_", " ")

    def choice(self, field: str, code: str) -> str:
        """A value of a condition's field. An open vocabulary is a creditor's own words, kept as they are."""
        groups = (f"choices.{field}", f"fields.{field}", _GROUP_OF_FIELD.get(field, ""))
        is_known = any(isinstance(self.find(*g.split("."), code), str) for g in groups if g)
        return self.term(code, *filter(None, groups)) if is_known or field in _CLOSED else code

    def amount(self, cents: int, currency: str) -> str:
        """`15 €`, `1 234,56 €`: round sums without their decimals."""
        text = self._hand.amount(cents, currency)
        return text.replace(",00", "").removesuffix(".00") if cents % 100 == 0 else text

    def percent(self, figure: float) -> str:
        """`0,3 %`."""
        return self._hand.percent(f"{figure:g}")

    def rate(self, figure: str) -> str:
        """`2,62 %`, its decimals kept."""
        return self._hand.percent(figure)

    def day(self, day: date) -> str:
        """`1er mars 2026`."""
        return self._hand.day(day)

    def number(self, count: float) -> str:
        """`1 234`."""
        return self._hand.number(int(count)) if float(count).is_integer() else f"{count:g}"

    def length(self, count: int, unit: str) -> str:
        """`3 jours`."""
        one, many = self.find("units", unit)
        is_one = abs(count) < 2 if self.language == "fr" else abs(count) == 1
        return f"{count}\u00a0{one if is_one else many}"

    def duration(self, duration: Duration) -> str:
        """`15 jours`, `1 mois`, `3 jours ouvrés`."""
        return self.length(abs(duration.count), _UNITS[duration.unit])

    def hours(self, hours: int) -> str:
        """A number of hours, in days where it is whole days."""
        return self.length(hours // 24, "day") if hours % 24 == 0 else self.length(hours, "hour")

    def months(self, months: int) -> str:
        """A number of months, in years where it is whole years."""
        return self.length(months // 12, "year") if months % 12 == 0 else self.length(months, "month")

    def yearly(self, month: int, day: int) -> str:
        """A day of every year: `1er novembre`."""
        return self.day(date(_LEAP_YEAR, month, day)).rpartition(" ")[0]

    def country(self, code: str) -> str:
        """`Belgique`; a code that is no country's is kept."""
        return str(self._hand.locale.territories.get(code, code))

    def quoted(self, text: str) -> str:
        """`« dette »`."""
        return f"«\u00a0{text}\u00a0»" if self.language == "fr" else f"“{text}”"

    def clock(self, at: time) -> str:
        """`9 h`, `8 h 30`."""
        key = "hours_at" if at.minute == 0 else "hours_minutes"
        return self.say("labels", key, hour=at.hour, minutes=f"{at.minute:02d}").replace(" ", "\u00a0")

    def weekdays(self, days: Sequence[int]) -> str:
        """`du lundi au samedi`, or each day by its name."""
        names = self.find("weekdays")
        said = [names[day] for day in sorted(days)]
        is_run = len(days) > 2 and sorted(days) == list(range(min(days), max(days) + 1))
        return self.say("labels", "weekdays_range", first=said[0], last=said[-1]) if is_run else self.all_of(said)

    def all_of(self, items: Sequence[str]) -> str:
        """`a, b et c`; a list whose items hold commas is separated by semicolons."""
        if any("," in item for item in items):
            return self.apart(items)
        return self._hand.listing(list(items)) if items else ""

    def apart(self, items: Iterable[str]) -> str:
        """`a ; b ; c`."""
        return self.set(" ; ".join(items))

    def one_of(self, items: Sequence[str]) -> str:
        """`a, b ou c`."""
        *first, last = items
        return f"{', '.join(first)} {self.find('labels', 'or')} {last}" if first else last

    def people(self, role: str) -> str:
        """`un responsable`."""
        return self.term(role, "people")


# Fields of conditions whose values have a group of their own in the words' files.
_GROUP_OF_FIELD = {"status": "statuses", "claim_kind": "claims"}
_CLOSED = frozenset(name for name, field in FIELDS.items() if field.choices)


def sentence(text: str) -> str:
    """With a capital, and nothing else changed."""
    return text[:1].upper() + text[1:]
