"""How far a deployment may move the values of a house or industry rule: `bounds:` in a pack file.

Owns the words. Whether a change keeps to them is `tightening`.
"""

from datetime import time
from typing import Any, Generic, Self, TypeVar

import pydantic

from orchestrator.domain.money import Money
from orchestrator.domain.rules import Bound
from orchestrator.intake.policies.claim_terms import Share
from orchestrator.intake.policies.terms import Weekday
from orchestrator.intake.strict_yaml.field_types import (
    BusinessDays,
    Clock,
    Days,
    FileModel,
    Hours,
    Positive,
    Several,
    Sum,
)
from orchestrator.intake.strict_yaml.wording import refusal

T = TypeVar("T")


class Ends(FileModel, Generic[T]):
    """`{from: 24h, to: 96h}`: both included, one may be left out."""

    at_least: T | None = pydantic.Field(None, alias="from", description="the least value allowed")
    at_most: T | None = pydantic.Field(None, alias="to", description="the greatest value allowed")

    @pydantic.model_validator(mode="after")
    def _is_ordered(self) -> Self:
        least, most = plain(self.at_least), plain(self.at_most)
        if least is None and most is None:
            raise refusal("this bound has no end", "write from:, to:, or both")
        if least is not None and most is not None and least > most:
            raise refusal('nothing lies between "from" and "to"', '"from" must be the smaller one')
        return self

    def bound(self, field: str, per_hours: int = 0) -> Bound:
        """The domain's bound on a field."""
        return Bound(field, plain(self.at_least), plain(self.at_most), per_hours)


def plain(value: Any) -> int | None:
    """A bound's value as a whole number in its field's unit: minor units, minutes after midnight, as is."""
    if isinstance(value, Money):
        return value.cents
    if isinstance(value, time):
        return value.hour * 60 + value.minute
    return value if isinstance(value, int) else None


class Bounds(FileModel):
    """The bounds of one kind of rule; fields are the domain's, aliases the file's words."""

    def bounds(self) -> tuple[Bound, ...]:
        """Every bound that the file gave."""
        return tuple(
            value.bound(name)
            for name, value in self.__dict__.items()
            if name in self.model_fields_set and isinstance(value, Ends)
        )


class CapBounds(FileModel):
    """`{count: {to: 3}, per: 7d}`: how far the count of the cap over this length may move."""

    count: Ends[Positive]
    per: Hours


class FrequencyBounds(Bounds):
    """Counts of caps, and the gap."""

    caps: tuple[CapBounds, ...] = ()
    gap_hours: Ends[Hours] | None = pydantic.Field(None, alias="gap")

    def bounds(self) -> tuple[Bound, ...]:
        return (*(each.count.bound("caps", each.per) for each in self.caps), *super().bounds())


class SimilarTextBounds(Bounds):
    """Days between like texts."""

    days: Ends[Days] = pydantic.Field(alias="within")


class HoursBounds(Bounds):
    """The earliest start, the latest end, and the weekdays that may be allowed."""

    start: Ends[Clock] | None = pydantic.Field(None, alias="from")
    end: Ends[Clock] | None = pydantic.Field(None, alias="to")
    days: Several[Weekday] = ()

    def bounds(self) -> tuple[Bound, ...]:
        among = (Bound("days", among=tuple(sorted(self.days))),) if self.days else ()
        return (*super().bounds(), *among)


class HoldBounds(Bounds):
    """How long the hold lasts when nothing says so."""

    default_days: Ends[Days] = pydantic.Field(alias="for")


class FloorBounds(Bounds):
    """The balance, and the demands below it."""

    balance_cents: Ends[Sum] | None = pydantic.Field(None, alias="balance")
    last_level: Ends[Positive] | None = None


class ProportionBounds(Bounds):
    """The share of the balance, and the demands of a life."""

    cost_per_cent: Ends[Share] | None = pydantic.Field(None, alias="cost")
    demands_per_debt: Ends[Positive] | None = pydantic.Field(None, alias="demands")


class FreshnessBounds(Bounds):
    """The ages of a ledger."""

    business_days: Ends[BusinessDays] | None = pydantic.Field(None, alias="ledger")
    formal_notice_business_days: Ends[BusinessDays] | None = pydantic.Field(None, alias="formal_notice")
