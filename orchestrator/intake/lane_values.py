"""The values of a lanes file that can be checked by themselves: rates, hours, prices, rests, secrets by name.

None of their refusals shows the value of a setting: it may be a secret in the wrong place.
"""

import re
from datetime import time
from functools import cache
from itertools import pairwise
from typing import Annotated, Any
from zoneinfo import available_timezones

import pydantic
from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from channels.registry import PROVIDERS
from orchestrator.domain.errors import MoneyError
from orchestrator.domain.money import Money
from orchestrator.intake.strict_yaml.field_types import Written
from orchestrator.intake.strict_yaml.wording import found, nearest, refusal

Window = tuple[time, time]

_PER = {"s": 1, "min": 60, "h": 3600}
_WORDS_OF_TIME = {
    "sec": "s", "second": "s", "seconds": "s", "seconde": "s", "m": "min", "mn": "min", "minute": "min",
    "minutes": "min", "hr": "h", "hour": "h", "hours": "h", "heure": "h",
}  # fmt: skip
_LONGEST_REST_SECONDS = 3_600


def _rate(text: str) -> float:
    """Units a second."""
    match = re.fullmatch(r"(\d{1,6})\s*(?:(?:/|per|par)\s*([a-z]*))?", text.strip().lower())
    if match is None:
        raise refusal(f"{found(text)} is not a rate", "write it like 20/s, 600/min or 1000/h, in whole numbers")
    count, unit = int(match[1]), match[2]
    if unit in ("d", "day", "days", "jour"):
        raise refusal(f"{found(text)} is not a rate", f"for a whole day write daily_quota: {count}")
    if unit not in _PER or "/" not in text:
        meant = f"{count}/{unit if unit in _PER else _WORDS_OF_TIME.get(unit or '', 's')}"
        raise refusal(f"{found(text)} is not a rate", f'did you mean "{meant}"? s, min and h are known')
    if not count:
        raise refusal("nothing would ever leave at this rate", "delete the lane, or pause it: relance pause")
    return count / _PER[unit]


def _rest(text: str) -> int:
    """Seconds."""
    match = re.fullmatch(r"(\d{1,4})\s*(s|min|h)", text.strip())
    if match is None:
        raise ValueError
    seconds = int(match[1]) * _PER[match[2]]
    if not 1 <= seconds <= _LONGEST_REST_SECONDS:
        raise refusal(f"{found(text)} is no rest of 1 second to 1 hour", "60s is usual")
    return seconds


def _window(text: str) -> Window:
    match = re.fullmatch(r"(\d{1,2}:\d{2})\s*[-–]\s*(\d{1,2}:\d{2})", text.strip())
    if match is None:
        raise ValueError
    begins, ends = (time.fromisoformat(each.zfill(5)) for each in match.groups())
    if begins >= ends:
        hint = 'over midnight write two: ["20:00-23:59", "00:00-06:00"]; for all day delete the line'
        raise refusal(f"{found(text)} ends before it begins", hint)
    return begins, ends


def overlap(windows: tuple[Window, ...]) -> bool:
    """Whether two of these hours share a minute."""
    return any(begins < ends for (_, ends), (begins, _) in pairwise(sorted(windows)))


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _zone(text: str) -> str:
    if text not in _zones():
        raise refusal(f"{found(text)} is not a time zone", nearest(text, _zones()) or "write it like Europe/Paris")
    return text


def _price(text: str) -> int:
    """Euro cents: shares of a balance are counted in them (semantics B16)."""
    try:
        price = Money.parse(text)
    except MoneyError as error:
        if "decimals" not in error.message:
            raise
        raise refusal(f"{found(text)} is finer than a cent", "round it up, or delete cost: below half a cent") from None
    if price.currency != "EUR" or price.cents < 0:
        raise refusal(f"{found(text)} is not a price in EUR", "write it like 0.06 EUR, converted if need be")
    return price.cents


def _by_use(raw: Any) -> Any:
    """One price for the whole lane, or one for each use."""
    return raw if isinstance(raw, dict) else {"all": raw}


def _provider(text: str) -> str:
    if text not in PROVIDERS:
        known = f"known: {', '.join(sorted(PROVIDERS))}"
        raise refusal(f"{found(text)} is not a provider", nearest(text, PROVIDERS) or known)
    return text


class Variable:
    """`{env: NAME}`: the value of that environment variable, read when the adapter is made, never kept."""

    def __init__(self, name: str) -> None:
        self.name = name

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(_variable)

    @classmethod
    def __get_pydantic_json_schema__(cls, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "object", "properties": {"env": {"type": "string"}}, "additionalProperties": False}


_AS_VARIABLE = "write {env: NAME}, and give the variable NAME its value outside of this file"


def _variable(raw: Any) -> Variable:
    if not isinstance(raw, dict) or set(raw) != {"env"}:
        raise refusal("this is not the name of an environment variable", _AS_VARIABLE)
    name = raw["env"]
    if not isinstance(name, str) or not re.fullmatch(r"[A-Z_][A-Z0-9_]{0,99}", name):
        raise refusal(
            "after env: stands no name of an environment variable",
            "capitals, digits and _ without $, like TWILIO_AUTH_TOKEN; the value itself never stands here",
        )
    if name.startswith("RELANCE_"):
        raise refusal(f"{name} would be taken for a setting of Relance", "name it without RELANCE_")
    return Variable(name)


def _setting(raw: Any) -> str | Variable:
    if isinstance(raw, dict):
        return _variable(raw)
    if isinstance(raw, bool) or not isinstance(raw, str | int):
        raise refusal("expected a text or {env: NAME}", "put the text in quotes")
    text = str(raw).strip()
    if not text:
        raise refusal("it is empty", "give it a value, or delete the line")
    if re.match(r"\$|env[:.]", text):
        raise refusal("variables are not named like this", _AS_VARIABLE)
    return text


def _settings(raw: Any) -> Any:
    if not isinstance(raw, dict):
        raise refusal("expected a group of `name: value` lines", "settings: {host: smtp.acme.example, port: 587}")
    return raw


class _SettingType:
    """A text, or a Variable."""

    def __get_pydantic_core_schema__(self, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(_setting)

    def __get_pydantic_json_schema__(self, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {}


Rate = Annotated[float, Written(_rate, "a rate", "20/s")]
Rest = Annotated[int, Written(_rest, "a rest", "60s")]
Hours = Annotated[Window, Written(_window, "hours of the day", '"08:00-20:00"')]
Zone = Annotated[str, Written(_zone, "a time zone", "Europe/Paris")]
Price = Annotated[int, Written(_price, "a price in EUR", "0.06 EUR")]
ProviderName = Annotated[str, Written(_provider, "the name of a provider", "twilio")]
Setting = Annotated[str | Variable, _SettingType()]
AllNamed = pydantic.BeforeValidator(_settings)
ByUse = pydantic.BeforeValidator(_by_use)
