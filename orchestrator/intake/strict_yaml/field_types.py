"""The values that people write in YAML files, as field types: texts, dates, amounts, durations, words.

Each type gives a domain value, refuses in plain words, and describes itself in the JSON schema. Which fields
a file has is its own model's business.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, time
from typing import Annotated, Any, TypeVar

import pydantic
from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from orchestrator.domain.duration import Duration, Unit
from orchestrator.domain.errors import RelanceError
from orchestrator.domain.money import DECIMALS, Money
from orchestrator.intake.strict_yaml.wording import found, not_a_choice, refusal, refusal_of

T = TypeVar("T")


class FileModel(pydantic.BaseModel):
    """A group of `key: value` lines. Unknown keys are refused; keys are read by their alias only."""

    model_config = pydantic.ConfigDict(extra="forbid", frozen=True)


class Written:
    """A value written as one text or number; `read` raises ValueError or RelanceError to refuse it."""

    def __init__(self, read: Callable[[str], Any], what: str, example: str) -> None:
        self.read = read
        self.what = what
        self.example = example

    def __get_pydantic_core_schema__(self, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self._value)

    def __get_pydantic_json_schema__(self, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "string", "examples": [self.example]}

    def _value(self, raw: Any) -> Any:
        if isinstance(raw, bool) or not isinstance(raw, str | int):
            raise refusal(f"found {found(raw)}, expected {self.what}", f"write it like {self.example}")
        try:
            return self.read(str(raw))
        except PydanticCustomError:
            raise
        except RelanceError as error:
            raise refusal_of(error) from None
        except ValueError:
            raise refusal(f"{found(raw)} is not {self.what}", f"write it like {self.example}") from None


class Word:
    """One word of a closed list, read as the value behind it."""

    def __init__(self, meanings: Mapping[str, Any]) -> None:
        self.meanings = dict(meanings)

    def __get_pydantic_core_schema__(self, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self._value)

    def __get_pydantic_json_schema__(self, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"enum": list(self.meanings)}

    def _value(self, raw: Any) -> Any:
        if isinstance(raw, str) and raw in self.meanings:
            return self.meanings[raw]
        message, hint = not_a_choice(raw, list(self.meanings))
        raise refusal(message, hint)


def one_of(*words: str) -> Word:
    """One word of these, read as itself."""
    return Word({word: word for word in words})


class OneOrMany:
    """A list of at least one, none twice; a single value counts as a list of one."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.chain_schema(
            [
                core_schema.no_info_plain_validator_function(_as_list),
                handler(source),
                core_schema.no_info_plain_validator_function(_none_twice),
            ]
        )

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        many = handler(schema["steps"][1])
        return {"anyOf": [{**many, "minItems": 1}, many.get("items", {})]}


def _as_list(raw: Any) -> Any:
    if isinstance(raw, dict):
        raise refusal("found a group of keys, expected a list")
    many = raw if isinstance(raw, list | tuple) else [raw]
    if not many:
        raise refusal("the list is empty", "name at least one")
    return many


def _none_twice(many: tuple[Any, ...]) -> tuple[Any, ...]:
    for index, each in enumerate(many):
        if each in many[:index]:
            raise refusal(f"{found(each) if isinstance(each, str) else each} is listed twice", "keep one")
    return many


def _text(raw: Any) -> Any:
    if isinstance(raw, bool):
        raise refusal(f"found {found(raw)}, expected a text", "put it in quotes")
    if isinstance(raw, int):
        return str(raw)
    if isinstance(raw, str) and not raw.strip():
        raise refusal("it is empty", "give it a value, or delete the line")
    return raw.strip() if isinstance(raw, str) else raw


def _day(text: str) -> date:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        raise ValueError
    return date.fromisoformat(text)


def _clock(text: str) -> time:
    if not re.fullmatch(r"\d{1,2}:\d{2}", text):
        raise ValueError
    return time.fromisoformat(text.zfill(5))


def _hours(text: str) -> int:
    duration = Duration.parse(text)
    if duration.unit in (Unit.MONTH, Unit.BUSINESS_DAY) or duration.seconds % 3600 or duration.count < 0:
        raise refusal(f'"{text}" is not a number of hours', "write it in h, d or w, like 72h or 7d")
    return duration.seconds // 3600


def _days(text: str) -> int:
    return Duration.parse(text).days


def _business_days(text: str) -> int:
    duration = Duration.parse(text)
    if duration.unit is not Unit.BUSINESS_DAY or duration.count < 1:
        raise refusal(f'"{text}" is not a number of business days', "write it like 2 business days")
    return duration.count


def _percent(text: str) -> str:
    plain = text.removesuffix("%").strip().replace(",", ".")
    if not re.fullmatch(r"-?\d{1,3}(\.\d{1,4})?", plain):
        raise ValueError
    return plain


def _identifier(text: str) -> str:
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", text) or len(text) > 64:
        raise refusal(f"{found(text)} is not a short name", "small letters, digits and dashes, like b2c-small")
    return text


def _language(text: str) -> str:
    if not re.fullmatch(r"[a-z]{2}", text):
        raise ValueError
    return text


def _country(text: str) -> str:
    if not re.fullmatch(r"[A-Z]{2}", text):
        raise ValueError
    return text


def _currency(text: str) -> str:
    if text not in DECIMALS:
        raise refusal(f"{found(text)} is not a currency", "three capitals, like EUR")
    return text


Text = Annotated[str, pydantic.BeforeValidator(_text)]
Identifier = Annotated[str, Written(_identifier, "a short name", "b2c-small")]
Day = Annotated[date, Written(_day, "a date", "2026-01-31")]
Clock = Annotated[time, Written(_clock, "a time of day", '"09:00"')]
Span = Annotated[Duration, Written(Duration.parse, "a duration", "3d")]
Hours = Annotated[int, Written(_hours, "a number of hours", "72h")]
Days = Annotated[int, Written(_days, "a number of days", "5d")]
BusinessDays = Annotated[int, Written(_business_days, "a number of business days", "2 business days")]
Sum = Annotated[Money, Written(Money.parse, "an amount with its currency", "15 EUR")]
Percent = Annotated[str, Written(_percent, "a rate in per cent", "2.62")]
Language = Annotated[str, Written(_language, "a language in two small letters", "fr")]
Country = Annotated[str, Written(_country, "a country in two capitals", "FR")]
Currency = Annotated[str, Written(_currency, "a currency", "EUR")]
Whole = Annotated[int, pydantic.Field(strict=True)]
Positive = Annotated[int, pydantic.Field(strict=True, ge=1)]
NotNegative = Annotated[int, pydantic.Field(strict=True, ge=0)]
Several = Annotated[tuple[T, ...], OneOrMany()]


class _YesNo(Word):
    """`yes` or `no`; YAML's own true and false mean the same."""

    def __init__(self) -> None:
        super().__init__({"yes": True, "no": False})

    def __get_pydantic_json_schema__(self, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"enum": ["yes", "no", True, False]}

    def _value(self, raw: Any) -> Any:
        return raw if isinstance(raw, bool) else super()._value(raw)


YesNo = Annotated[bool, _YesNo()]
