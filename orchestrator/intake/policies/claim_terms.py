"""What rules about sums and claims may say in a pack file: lines, indemnity, interest, limitation, proportion.

Owns those words, as `policy_terms` owns the others. How an amount is computed is the domain's.
"""

from typing import Annotated, Any, Self

import pydantic

from orchestrator.domain.agreement import HoldKind
from orchestrator.domain.amount_line import LegalBasis, LineKind
from orchestrator.domain.amount_rules import PRINCIPAL, Tier
from orchestrator.domain.campaign import DocumentKind
from orchestrator.domain.debt import ClaimKind
from orchestrator.domain.money import Money
from orchestrator.intake.policies.terms import Terms
from orchestrator.intake.strict_yaml.field_types import (
    BusinessDays,
    Currency,
    Days,
    FileModel,
    NotNegative,
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

LINES = tuple(kind.value for kind in LineKind)
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
    except_bases: Several[LegalBasis] = pydantic.Field((), alias="except_basis")

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
    fixed_at: Annotated[str, one_of("period", "delay_start")] = "period"
    starts: Annotated[str, one_of("due", "formal_notice")] = "due"
    floor_series: Text = ""
    contract_floor_multiple: Positive = pydantic.Field(0, alias="floor_multiple")
    legal_basis: Text
    not_during: Several[HoldKind] = ()


class TierTerms(FileModel):
    """`{up_to: 500 EUR, fixed: 30 EUR, percent: 10}`: the percentage is of what exceeds the bracket above it."""

    up_to: Sum | None = None
    fixed: Sum | None = None
    percent: Percent = "0"


class ScheduleTerms(Terms):
    """A sum fixed by brackets of the debt, or the most that a line of the ledger may be."""

    line: Line
    legal_basis_code: LegalBasis = pydantic.Field(alias="basis_code")
    legal_basis: Text
    currency: Currency
    tiers: tuple[TierTerms, ...]
    per: Annotated[str, one_of("debt", "claim", "reminder")] = "debt"
    at_least: Sum | None = None
    at_most: Sum | None = None
    computes: YesNo = True
    free_reminders: NotNegative = 0
    after: Several[DocumentKind] = ()
    after_days: Days = pydantic.Field(0, alias="delay")
    post_business_days: BusinessDays = pydantic.Field(3, alias="post")
    needs_clause: YesNo = False
    not_during: Several[HoldKind] = ()

    def lacks(self) -> str:
        """A schedule whose brackets fall, whose sums are in two currencies, or that ends in the middle."""
        if not self.tiers:
            return "the schedule has no bracket: write at least one under `tiers:`"
        sums = [*(each for tier in self.tiers for each in (tier.up_to, tier.fixed)), self.at_least, self.at_most]
        if any(each is not None and each.currency != self.currency for each in sums):
            return f"an amount of the schedule is not in {self.currency}"
        ends = [tier.up_to.cents for tier in self.tiers if tier.up_to is not None]
        if ends != sorted(set(ends)) or any(tier.up_to is None for tier in self.tiers[:-1]):
            return "the brackets are not in order: each `up_to:` above the one before, only the last without"
        if self.per == "reminder" and (not self.after or self.computes):
            return "a sum for each reminder needs `after:`, and only limits what the ledger brings: `computes: no`"
        return ""

    def values(self) -> dict[str, Any]:
        found = super().values()
        for name in ("at_least", "at_most"):
            if isinstance(money := found.pop(name, None), Money):
                found[f"{name}_cents"] = money.cents
        if "tiers" in found:
            found["tiers"] = tuple(
                Tier(t.up_to.cents if t.up_to else None, t.fixed.cents if t.fixed else 0, t.percent) for t in self.tiers
            )
        return found


class PaymentOrderTerms(Terms):
    """What a part payment settles first, within a debt and between debts."""

    parts: Several[Annotated[str, one_of(PRINCIPAL, *LINES)]]
    debts: Several[Annotated[str, one_of("due", "costliest", "oldest")]]

    def lacks(self) -> str:
        if sorted(self.parts) != sorted((PRINCIPAL, *LINES)):
            return "`parts:` names the principal and every kind of line, each once"
        return ""


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
