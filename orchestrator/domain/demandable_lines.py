"""Which lines of the ledger a case may be asked for: what the pack forbids is left out and named (FR-FEE-01 to 04).

Owns that judgement for lines that a ledger brings and for lines that are computed alike.
"""

from collections.abc import Iterable

import msgspec

from orchestrator.domain.amount_line import AmountLine, LegalBasis
from orchestrator.domain.amount_rules import AmountsRule, InterestRule, PaymentOrderRule, ScheduleRule
from orchestrator.domain.case import Case
from orchestrator.domain.debt import Debt
from orchestrator.domain.policy import Policy
from orchestrator.domain.schedules import Reminded, most_of, noticed_on
from orchestrator.domain.settlement import Lines


class LineLeftOut(msgspec.Struct, frozen=True):
    """A line, or the part of one, that is not demanded, and the rule that says so."""

    rule: str
    reference: str
    kind: str
    amount_cents: int


class Claims(msgspec.Struct, frozen=True):
    """What a pack lets be demanded beside the principal, and in which order payments settle it."""

    lines: Lines = {}
    left_out: tuple[LineLeftOut, ...] = ()
    order: PaymentOrderRule | None = None


NO_CLAIMS = Claims()


def claims_of(case: Case, policy: Policy, reminded: Reminded) -> Claims:
    """The lines of every debt that may be demanded, and those that may not."""
    orders = policy.of(PaymentOrderRule)
    lines: Lines = {}
    left_out: list[LineLeftOut] = []
    for debt in case.debts:
        kept = []
        for line in debt.lines if not debt.is_credit else ():
            allowed, rule = _allowed(case, policy, reminded, debt, line)
            if allowed:
                kept.append(msgspec.structs.replace(line, amount_cents=allowed))
            if allowed < line.amount_cents:
                left_out.append(LineLeftOut(rule, debt.reference, line.kind.value, line.amount_cents - allowed))
        if kept:
            lines[debt.reference] = tuple(kept)
    return Claims(lines, tuple(left_out), orders[-1] if orders else None)


def _allowed(case: Case, policy: Policy, reminded: Reminded, debt: Debt, line: AmountLine) -> tuple[int, str]:
    rule_id = forbidding_rule(policy, line.kind.value, line.basis, marks_of(case))
    if rule_id:
        return 0, rule_id
    if line.basis is LegalBasis.LEGAL_INTEREST and noticed_on(debt, reminded) is None:
        # Where the law makes interest run from a formal notice, a ledger's own is none without it (FR-INT-02).
        waiting = [r.id for r in policy.of(InterestRule) if r.line == line.kind and r.starts == "formal_notice"]
        if waiting:
            return 0, waiting[0]
    for rule in policy.of(ScheduleRule):
        if rule.line == line.kind and rule.legal_basis_code is line.basis:
            most = most_of(rule, case, debt.reference, reminded)
            if most < line.amount_cents:
                return most, rule.id
    return line.amount_cents, ""


def forbidding_rule(policy: Policy, kind: str, basis: LegalBasis | None, marks: Iterable[str]) -> str:
    """The id of the rule that keeps a kind of line from being demanded; empty when none does."""
    known = frozenset(marks)
    for rule in policy.of(AmountsRule):
        if kind not in rule.forbid_lines or basis in rule.except_bases:
            continue
        # A pack says has_title, the mark on the case is title.
        if not any(word in known for fact in rule.unless for word in (fact, fact.removeprefix("has_"))):
            return rule.id
    return ""


def marks_of(case: Case) -> Iterable[str]:
    """The marks that are on."""
    return (switch.key for switch in case.marks if switch.is_on)
