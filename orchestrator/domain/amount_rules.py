"""Rules about sums: which lines may be claimed, how they are computed, and what a part payment settles first.

How they judge is `demandable_lines.py`, `accrual.py`, `schedules.py` and `settlement.py`.
"""

import msgspec

from orchestrator.domain.agreement import HoldKind
from orchestrator.domain.amount_line import LegalBasis
from orchestrator.domain.campaign import DocumentKind
from orchestrator.domain.rule_base import RuleBase


class AmountsRule(RuleBase, frozen=True, tag="amounts"):
    """Lines that may not be claimed, unless one of the facts is known (FR-FEE-01, 02, 04).

    `except_bases` are the legal bases that the rule leaves alone: statutes that allow such a cost.
    """

    forbid_lines: tuple[str, ...]
    unless: tuple[str, ...] = ()
    except_bases: tuple[LegalBasis, ...] = ()


class IndemnityRule(RuleBase, frozen=True, tag="indemnity"):
    """A fixed indemnity per late invoice, once (FR-FEE-03); not during holds of `not_during` (FR-FEE-05)."""

    amount_cents: int
    currency: str
    legal_basis: str
    not_during: tuple[HoldKind, ...] = ()


class InterestRule(RuleBase, frozen=True, tag="interest"):
    """How a late-payment line accrues.

    `line` is penalty or interest. The rate is the debt's contract rate where `contract_floor_multiple` times
    series `floor_series` allows it, else `series` plus `points` (percentage points), fixed per half-year
    when `half_yearly`. `fixed_at` is `period` (the rate follows the half-years) or `delay_start` (the rate of the day
    on which the delay began holds for all of it). `starts` is `due` (the day after) or `formal_notice`. Days inside a
    hold of `not_during`, or of a kind whose hold rule stops penalties, do not count.
    """

    line: str
    series: str
    points: str = "0"
    half_yearly: bool = True
    fixed_at: str = "period"
    starts: str = "due"
    floor_series: str = ""
    contract_floor_multiple: int = 0
    legal_basis: str = ""
    not_during: tuple[HoldKind, ...] = ()


class Tier(msgspec.Struct, frozen=True):
    """A bracket of a schedule: `fixed_cents`, plus `percent` of what exceeds the bracket below.

    `up_to_cents` is inclusive; None is the last bracket.
    """

    up_to_cents: int | None
    fixed_cents: int = 0
    percent: str = "0"


class ScheduleRule(RuleBase, frozen=True, tag="schedule"):
    """A sum fixed by brackets of the debt (UK-11, BE-02, NL-01), or the most that a ledger's own line may be.

    `per` is `debt` (its principal), `claim` (all principals demanded together) or `reminder` (`tiers[0]` for each
    one after `free_reminders`). The sum is at least `at_least_cents` and at most `at_most_cents`. A line of the ledger
    of kind `line` and basis `legal_basis_code` is cut down to it; where the ledger brings none the sum is computed, if
    `computes`. With `after` nothing of it is claimed before a document of these kinds has left and `after_days` full
    days are over: they begin `post_business_days` working days after a letter, or the day after an electronic message;
    until then such a document states the sum. `needs_clause`: only for debts whose contract has such a clause.
    """

    line: str
    legal_basis_code: LegalBasis
    legal_basis: str
    currency: str
    tiers: tuple[Tier, ...]
    per: str = "debt"
    at_least_cents: int = 0
    at_most_cents: int | None = None
    computes: bool = True
    free_reminders: int = 0
    after: tuple[DocumentKind, ...] = ()
    after_days: int = 0
    post_business_days: int = 3
    needs_clause: bool = False
    not_during: tuple[HoldKind, ...] = ()


PRINCIPAL = "principal"


class PaymentOrderRule(RuleBase, frozen=True, tag="payment_order"):
    """What a part payment settles first (C. civ. 1342-10 and 1343-1).

    `parts` are `principal` and kinds of line, in order, within one debt. The debts that the debtor named come first
    whatever `debts` says; between several named, `debts` are criteria in order: `due` (already due on the day of the
    payment), `costliest` (highest contract rate), `oldest` (due date). What is equal in all of them shares in
    proportion.
    """

    parts: tuple[str, ...]
    debts: tuple[str, ...]
