"""The small grammars of a campaign file: `due + 5d`, `20/s`, `250 EUR per day`, `0.3 %`, ids, durations.

Each gives a domain value and refuses with the nearest thing that would be right. Keys are `campaign_model`.
"""

import re
import unicodedata
from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Any

from pydantic import GetJsonSchemaHandler
from pydantic_core import CoreSchema

from orchestrator.domain.campaign import Offset
from orchestrator.domain.duration import Duration, Unit
from orchestrator.domain.errors import InputError
from orchestrator.domain.money import Money
from orchestrator.intake.strict_yaml.field_types import Written
from orchestrator.intake.strict_yaml.wording import found, refusal


class Grammar(Written):
    """A value with a grammar of its own, which editors check as a pattern."""

    def __init__(self, read: Callable[[str], Any], what: str, example: str, pattern: str) -> None:
        super().__init__(read, what, example)
        self.pattern = pattern

    def __get_pydantic_json_schema__(self, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "string", "pattern": f"^{self.pattern}$", "examples": [self.example]}


# ------------------------------------------------------------------------------------------ lengths of time

_FORMS = "write it like 90m, 12h, 3d, 2w, 1 month or 3 business days"
_SPAN = r"\d{1,4} ?(m|min|minutes?|h|hours?|d|days?|w|weeks?|months?|business days?)"
# What a French hand writes: the unit it stands for.
_FRENCH = (
    (re.compile(r"(1)\s*jour\s+ouvr(?:é|able)"), "{} business day"),
    (re.compile(r"(\d{1,4})\s*jours?\s+ouvr(?:és?|ables?)"), "{} business days"),
    (re.compile(r"(\d{1,4})\s*(?:j|jours?)"), "{}d"),
    (re.compile(r"(\d{1,4})\s*(?:s|sem|semaines?)"), "{}w"),
    (re.compile(r"(1)\s*mois"), "{} month"),
    (re.compile(r"(\d{1,4})\s*mois"), "{} months"),
    (re.compile(r"(\d{1,4})\s*(?:heures?)"), "{}h"),
    (re.compile(r"(\d{1,4})"), "{}d"),
)


def _span(text: str) -> Duration:
    try:
        duration = Duration.parse(text)
    except InputError:
        raise refusal(f"{found(text)} is not a duration", _meant_duration(text)) from None
    if duration.count < 0:
        raise refusal(f"{found(text)} is negative", f'did you mean "{text.strip().removeprefix("-").strip()}"?')
    return duration


def _meant_duration(text: str) -> str:
    for form, meant in _FRENCH:
        if match := form.fullmatch(text.strip().lower()):
            return f'did you mean "{meant.format(match[1])}"? {_FORMS}'
    return _FORMS


def _lapse(text: str) -> Duration:
    duration = _span(text)
    if duration.count == 0:
        raise refusal(f"{found(text)} is no time at all", "write at least 1, like 1d")
    return duration


def _days_or_none(text: str) -> Duration:
    duration = _span(text)
    if duration.unit not in (Unit.DAY, Unit.WEEK, Unit.MONTH):
        raise refusal(
            f"{found(text)} is not a number of days", "it ends on a date: write it in d, w or months"
        ) from None
    return duration


def _days(text: str) -> Duration:
    _lapse(text)
    return _days_or_none(text)


Span = Annotated[Duration, Grammar(_span, "a duration", "10d", _SPAN)]
Lapse = Annotated[Duration, Grammar(_lapse, "a duration", "10d", _SPAN)]
_DAYS = r"\d{1,4} ?(d|days?|w|weeks?|months?)"
Grace = Annotated[Duration, Grammar(_days_or_none, "a number of days", "3d", _DAYS)]
DayCount = Annotated[Duration, Grammar(_days, "a number of days", "15d", _DAYS)]


# -------------------------------------------------------------------------------------------- days from due

_OFFSET = re.compile(r"due(?:\s*([+-])\s*(.+))?")
_CALENDAR = (Unit.DAY, Unit.WEEK, Unit.MONTH, Unit.BUSINESS_DAY)


def _offset(text: str) -> Offset:
    match = _OFFSET.fullmatch(text.strip().lower())
    if match is None:
        raise refusal(f"{found(text)} is not a day counted from the due date", _meant_offset(text))
    if match[1] is None:
        return Offset(Duration(0, Unit.DAY))
    duration = _span(match[2])
    if duration.unit not in _CALENDAR:
        hint = "write days, weeks, months or business days: due + 1d"
        raise refusal(f"{found(text)} is not a day: {match[2]} is less than one", hint)
    return Offset(Duration(-duration.count if match[1] == "-" else duration.count, duration.unit))


def _meant_offset(text: str) -> str:
    match = re.fullmatch(r"(?:due|d|j|échéance)?\s*([+-]?)\s*(\d{1,4})\s*(d|days?|j|jours?)?", text.strip().lower())
    if match is None:
        return "write it like due + 5d, due - 5d or due"
    meant = f"due {match[1] or '+'} {match[2]}d"
    return f'did you mean "{meant}"? To count from the step before, write after: {match[2]}d'


DayFromDue = Annotated[
    Offset,
    Grammar(
        _offset,
        "a day counted from the due date",
        "due + 5d",
        r"due( ?[+-] ?\d{1,4} ?(d|days?|w|weeks?|months?|business days?))?",
    ),
]


# ------------------------------------------------------------------------------------------ rates and shares

_PER_SECOND = {"s": 1, "min": 60, "h": 3600}
_RATE = re.compile(r"(\d{1,6})\s*/\s*(s|min|h)")
_COST = re.compile(r"(.+?)\s+per\s+day", re.IGNORECASE)
_SHARE = re.compile(r"(\d{1,3}(?:[.,]\d{1,3})?)\s*%")


def _rate(text: str) -> float:
    match = _RATE.fullmatch(text.strip().lower())
    if match is None or match[1].strip("0") == "":
        hint = (
            f'did you mean "{text.strip()}/s"?' if text.strip().isdigit() else "write it like 20/s, 600/min or 5000/h"
        )
        raise refusal(f"{found(text)} is not a number of messages in a time", hint)
    return int(match[1]) / _PER_SECOND[match[2]]


def _cost(text: str) -> Money:
    match = _COST.fullmatch(text.strip())
    if match is None:
        raise refusal(f"{found(text)} is not a cost per day", "write it like 250 EUR per day")
    return _sum(match[1])


def _above_zero(text: str) -> Money:
    money = Money.parse(text)
    if money.cents <= 0:
        raise refusal(f"{found(text)} is not an amount above zero", "write it like 250 EUR")
    return money


def _sum(text: str) -> Money:
    if re.fullmatch(r"\d+(?:[.,]\d+)?", text.strip()):
        raise refusal(f"{found(text)} has no currency", f'did you mean "{text.strip()} EUR"?')
    return _above_zero(text)


def _share(text: str) -> Decimal:
    match = _SHARE.fullmatch(text.strip())
    if match is None:
        plain = re.fullmatch(r"\d{1,3}(?:[.,]\d{1,3})?", text.strip())
        hint = f'did you mean "{text.strip()} %"?' if plain else "write it like 0.3 % or 70 %"
        raise refusal(f"{found(text)} is not a share", hint)
    share = Decimal(match[1].replace(",", "."))
    if not 0 < share <= 100:
        raise refusal(f"{found(text)} is not a share", "write more than 0 % and at most 100 %")
    return share


def _whole_share(text: str) -> int:
    share = _share(text)
    if share != share.to_integral_value():
        raise refusal(f"{found(text)} is not a whole share", "write it like 70 %")
    if share == 100:
        raise refusal("100 % leaves nothing to settle", "write less than 100 %, or delete the settlement")
    return int(share)


MessageRate = Annotated[float, Grammar(_rate, "a number of messages in a time", "20/s", r"\d{1,6} ?/ ?(s|min|h)")]
_AMOUNT = r".*\d.*"
CostPerDay = Annotated[Money, Grammar(_cost, "a cost per day", "250 EUR per day", r".*\d.* per day")]
Amount = Annotated[Money, Grammar(_sum, "an amount with its currency", "15 EUR", _AMOUNT)]
_PERCENT = r"\d{1,3}([.,]\d{1,3})? ?%"
Share = Annotated[Decimal, Grammar(_share, "a share", "0.3 %", _PERCENT)]
WholeShare = Annotated[int, Grammar(_whole_share, "a whole share", "70 %", r"\d{1,2} ?%")]


# ----------------------------------------------------------------------------------------------------- names

_KEBAB = r"[a-z][a-z0-9]*(-[a-z0-9]+)*"
_NAME = r"[a-z][a-z0-9]*([-_][a-z0-9]+)*"


def _kebab(text: str) -> str:
    return _named(text, _KEBAB, "-", "small letters, digits and dashes")


def _name(text: str) -> str:
    return _named(text, _NAME, "_", "small letters, digits and underscores")


def _named(text: str, form: str, joint: str, advice: str) -> str:
    if re.fullmatch(form, text) and len(text) <= 64:
        return text
    plain = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()
    meant = re.sub(r"[^a-z0-9]+", joint, plain).strip(joint)[:64]
    hint = f'did you mean "{meant}"? {advice}' if re.fullmatch(form, meant) else advice
    raise refusal(f"{found(text)} is not a short name", hint)


def _packs(text: str) -> str:
    return "+".join(_kebab(part) for part in text.split("+"))


_PACKS = rf"{_KEBAB}(\+{_KEBAB})*"
PackName = Annotated[str, Grammar(_packs, "the name of a pack", "fr-own-b2c", _PACKS)]
KebabId = Annotated[str, Grammar(_kebab, "a short name", "reminder-1", _KEBAB)]
Name = Annotated[str, Grammar(_name, "a short name", "pre_litigation", _NAME)]
