"""Conditions as files write them, read into domain conditions: audiences, `if:`, scopes of pauses and crises.

The words come from domain.condition.FIELDS: a field added there may be written at once. How a case answers
them is not known here.
"""

from typing import Annotated, Any, ForwardRef, Literal, Self

import pydantic
from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from orchestrator.domain.condition import (
    FIELDS,
    Between,
    Condition,
    Either,
    Every,
    Field,
    FieldKind,
    Is,
    Not,
    OneOf,
    StartsWith,
)
from orchestrator.intake.strict_yaml.field_types import (
    Country,
    Currency,
    Days,
    FileModel,
    Language,
    OneOrMany,
    Sum,
    Text,
    Whole,
    YesNo,
)
from orchestrator.intake.strict_yaml.wording import found, refusal

_RANGE_HINT = "write {from: …, below: …}; `from` is included, `below` is not"


class _Range(FileModel):
    """`{from: …, below: …}`: at least one of the two, `from` under `below`."""

    @pydantic.model_validator(mode="before")
    @classmethod
    def _is_a_group(cls, raw: Any) -> Any:
        if not isinstance(raw, dict):
            raise refusal(f"found {found(raw)}, expected bounds", _RANGE_HINT)
        if not raw:
            raise refusal("it has no bound", _RANGE_HINT)
        return raw

    def between(self, field: str) -> Between:
        """The term on a field."""
        raise NotImplementedError

    def _check_order(self, at_least: int | None, below: int | None) -> None:
        if at_least is not None and below is not None and at_least >= below:
            raise refusal('nothing lies between "from" and "below"', '"from" must be the smaller one')


class AmountRange(_Range):
    """Bounds with their currency, the same in both."""

    at_least: Sum | None = pydantic.Field(None, alias="from", description="the least amount, included")
    below: Sum | None = pydantic.Field(None, description="the amount from which it no longer holds")

    @pydantic.model_validator(mode="after")
    def _is_ordered(self) -> Self:
        if self.at_least and self.below and self.at_least.currency != self.below.currency:
            raise refusal("the two bounds are in different currencies", "use one currency")
        between = self.between("")
        self._check_order(between.at_least, between.below)
        return self

    def between(self, field: str) -> Between:
        """The term on a field, in minor units."""
        bound = self.at_least if self.at_least is not None else self.below
        currency = bound.currency if bound is not None else ""
        at_least = self.at_least.cents if self.at_least is not None else None
        return Between(field, at_least, self.below.cents if self.below is not None else None, currency)


class DaysRange(_Range):
    """Bounds in days, weeks or months; negative before the due date."""

    at_least: Days | None = pydantic.Field(None, alias="from", description="the fewest days, included")
    below: Days | None = pydantic.Field(None, description="the days from which it no longer holds")

    @pydantic.model_validator(mode="after")
    def _is_ordered(self) -> Self:
        self._check_order(self.at_least, self.below)
        return self

    def between(self, field: str) -> Between:
        """The term on a field, in days."""
        return Between(field, self.at_least, self.below)


class CountRange(_Range):
    """Bounds as whole numbers."""

    at_least: Whole | None = pydantic.Field(None, alias="from", description="the least number, included")
    below: Whole | None = pydantic.Field(None, description="the number from which it no longer holds")

    @pydantic.model_validator(mode="after")
    def _is_ordered(self) -> Self:
        self._check_order(self.at_least, self.below)
        return self

    def between(self, field: str) -> Between:
        """The term on a field, as a count."""
        return Between(field, self.at_least, self.below)


# Fields whose words are open but have a form: a word in the wrong case would silently never match.
_FORMS: dict[str, Any] = {"currency": Currency, "language": Language, "country": Country}


def _annotation(name: str, field: Field) -> Any:
    match field.kind:
        case FieldKind.AMOUNT:
            return AmountRange
        case FieldKind.DAYS:
            return DaysRange
        case FieldKind.COUNT:
            return CountRange
        case FieldKind.FLAG:
            return YesNo
    word: Any = _FORMS.get(name, Text)
    if field.choices:
        word = Literal[field.choices]
    return Annotated[tuple[word, ...], OneOrMany()]


class _ConditionFile(FileModel):
    """Every term must hold. `not:` a condition that must not hold, `any:` conditions of which one must."""

    @pydantic.model_validator(mode="before")
    @classmethod
    def _is_a_group(cls, raw: Any) -> Any:
        if not isinstance(raw, dict):
            raise refusal(f"found {found(raw)}, expected a condition", "write it like {debtor: business}")
        if not raw:
            raise refusal("the condition is empty", "write {all: yes} for everything, or name a term")
        return raw

    @pydantic.model_validator(mode="after")
    def _all_stands_alone(self) -> Self:
        if "all" in self.model_fields_set and (len(self.model_fields_set) > 1 or self.__dict__["all"] is False):
            raise refusal('"all: yes" means everything and stands alone', "delete it, or the other terms")
        return self

    def condition(self) -> Condition:
        """The domain's condition: the one term, or every term in the order of FIELDS, then `any`, then `not`."""
        terms = tuple(self._term(name) for name in self.__dict__ if name in self.model_fields_set)
        return terms[0] if len(terms) == 1 else Every(terms)

    def _term(self, name: str) -> Condition:
        value = self.__dict__[name]
        if name == "not_":
            return Not(value.condition())
        if name == "any_":
            return Either(tuple(each.condition() for each in value))
        if isinstance(value, _Range):
            return value.between(name)
        if isinstance(value, bool):
            return Is(name, value)
        if FIELDS[name].kind is FieldKind.PREFIX:
            return StartsWith(name, value)
        return OneOf(name, frozenset(value))


def _some_conditions(raw: Any) -> Any:
    if not isinstance(raw, list) or not raw:
        what = "an empty list" if raw == [] else found(raw)
        raise refusal(f"found {what}, expected conditions of which one must hold", "write [{…}, {…}]")
    return raw


def _fields() -> dict[str, Any]:
    known: dict[str, Any] = {
        name: (_annotation(name, each), pydantic.Field(None, description=each.meaning)) for name, each in FIELDS.items()
    }
    itself: Any = ForwardRef("ConditionFile")
    several = Annotated[tuple[itself, ...], pydantic.BeforeValidator(_some_conditions)]
    some = pydantic.Field(None, alias="any", description="conditions of which one must hold")
    without = pydantic.Field(None, alias="not", description="a condition that must not hold")
    return {**known, "any_": (several, some), "not_": (itself, without)}


ConditionFile: type[_ConditionFile] = pydantic.create_model("ConditionFile", __base__=_ConditionFile, **_fields())


class _ReadAsCondition:
    """Validates with the file's model and gives the domain's condition."""

    def __get_pydantic_core_schema__(self, _source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        read = handler.generate_schema(ConditionFile)
        return core_schema.no_info_after_validator_function(_ConditionFile.condition, read)


ConditionModel = Annotated[Condition, _ReadAsCondition()]
"""A field type for the models of files and requests: checked as written, valued as a domain condition."""


def read_condition(data: Any) -> Condition:
    """A condition from plain data, as a request gives it. Raises pydantic.ValidationError; see wording."""
    return ConditionFile.model_validate(data).condition()
