"""What rules about sums and claims may say in a pack file: lines, indemnity, interest, limitation, proportion.

Owns those words, as `policy_terms` owns the others. How an amount is computed is the domain's.
"""

from typing import Annotated, Any, Self

import pydantic

from orchestrator.domain.agreement import HoldKind
from orchestrator.domain.debt import ClaimKind
from orchestrator.domain.money import Money
from orchestrator.intake.policies.terms import Terms
from orchestrator.intake.strict_yaml.field_types import (
    BusinessDays,
    Days,
    FileModel,
    Percent,
    Positive,
    Several,
    Sum,
    Text,
    Written,
    YesNo,
    one_of,
)
from orchestrator.intake.strict_yaml.wording import refusal

LINES = ("interest", "penalty", "indemnity", "fee", "damages")
FACTS = ("has_title", "court_decision")
INTERRUPTIONS = ("payment", "acknowledgment", "court_action", "enforcement")


def _share(text: str) -> int:
    share = int(text.removesuffix("%").strip())
    if not 0 < share <= 100:
        raise ValueError
    return share


Share = Annotated[int, Written(_share, "a share from 1 to 100 %", "10 %")]


Line = Annotated[str, one_of(*LINES)]


class KnownFacts(FileModel):
    """`{facts: [has_title]}`."""

    facts: Several[Annotated[str, one_of(*FACTS)]]


class AmountsTerms(Terms):
    """Lines that may not be claimed, unless a fact is known."""

    forbid_lines: Several[Line]
    unless: KnownFacts | None = None

    def values(self) -> dict[str, Any]:
        found = super().values()
        if self.unless is not None:
            found["unless"] = self.unless.facts
        return found


class IndemnityTerms(Terms):
    """A fixed sum per late invoice, once."""

    amount: Sum
    legal_basis: Text
    not_during: Several[HoldKind] = ()

    def values(self) -> dict[str, Any]:
        found = super().values()
        if isinstance(money := found.pop("amount", None), Money):
            found |= {"amount_cents": money.cents, "currency": money.currency}
        return found


class InterestTerms(Terms):
    """How a late-payment line accrues: a series of rates plus points, fixed per half-year."""

    line: Annotated[str, one_of("interest", "penalty")]
    series: Text
    points: Percent = "0"
    half_yearly: YesNo = True
    starts: Annotated[str, one_of("due", "formal_notice")] = "due"
    floor_series: Text = ""
    contract_floor_multiple: Positive = pydantic.Field(0, alias="floor_multiple")
    legal_basis: Text
    not_during: Several[HoldKind] = ()


class PrescriptionTerms(Terms):
    """After how long a claim may no longer be demanded, and what starts the time again."""

    years: Positive | None = None
    months: Positive | None = None
    claims: Several[ClaimKind] = ()
    reset_by: Several[Annotated[str, one_of(*INTERRUPTIONS)]]
    warn_days: Several[Days] = pydantic.Field((90, 30), alias="warn")

    @pydantic.model_validator(mode="after")
    def _has_one_length(self) -> Self:
        if self.years is not None and self.months is not None:
            raise refusal("the length is given twice", "write years or months")
        return self

    def lacks(self) -> str:
        return "" if self.years or self.months else "the length is missing: `years` or `months`"

    def values(self) -> dict[str, Any]:
        found = super().values()
        if years := found.pop("years", None):
            found["months"] = 12 * years
        return found


class FloorTerms(Terms):
    """The balance below which the ladder stops after some demands."""

    balance: Sum
    last_level: Positive

    def values(self) -> dict[str, Any]:
        found = super().values()
        if isinstance(money := found.pop("balance", None), Money):
            found |= {"balance_cents": money.cents, "currency": money.currency}
        return found


class ProportionTerms(Terms):
    """The share of a balance that contacts may cost, and the demands of a debt's life."""

    cost_per_cent: Share = pydantic.Field(alias="cost")
    demands_per_debt: Positive = pydantic.Field(alias="demands")


class FreshnessTerms(Terms):
    """How old a ledger may be."""

    business_days: BusinessDays = pydantic.Field(alias="ledger")
    formal_notice_business_days: BusinessDays = pydantic.Field(alias="formal_notice")
