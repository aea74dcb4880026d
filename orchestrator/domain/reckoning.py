"""How the figures of a message come about: debts, credits, interest, penalty and indemnity, and their total.

Lines that the ledger brings are demanded with the principal, where the pack allows it. Computed ones appear only where
the pack allows them and a rate is known for every day (semantics A6, B14); a missing rate removes its line and is named
in `Statement.missing`.
"""

from datetime import date

from orchestrator.domain.account import Position
from orchestrator.domain.accrual import accrued_line
from orchestrator.domain.amount_line import GROUNDS, LegalBasis, LineKind
from orchestrator.domain.campaign import Amounts, Purpose
from orchestrator.domain.debt import Debt
from orchestrator.domain.debt import DocumentKind as LedgerKind
from orchestrator.domain.decision import Send
from orchestrator.domain.demandable_lines import forbidding_rule, marks_of
from orchestrator.domain.errors import RateMissing
from orchestrator.domain.policy import IndemnityRule, InterestRule, Policy, ScheduleRule
from orchestrator.domain.schedules import is_open, scheduled_cents
from orchestrator.domain.situation import Situation
from orchestrator.domain.statement import AnnouncedCost, HeldLine, Statement, StatementLine, StatutoryLine


def reckon(situation: Situation, policy: Policy, send: Send) -> Statement:
    """The statement of one message: what it demands, shows apart and holds back."""
    account, today = situation.account, situation.today
    demanded = [p for p in account.positions if p.debt.reference in send.references]
    due = tuple(_line(p.debt, p.principal_due_cents, p.principal_open_cents, today) for p in demanded)
    deducted = tuple(_line(p.debt, p.open_cents, p.open_cents, today) for p in account.credit_notes)
    if account.unallocated_cents:
        deducted = (*deducted, _on_account(account.unallocated_cents, today))
    computed, missing = statutory_lines(situation, policy, send, demanded)
    statutory = (*_brought_lines(demanded), *computed)
    listed = tuple(
        _line(p.debt, p.principal_due_cents, p.principal_open_cents, today)
        for p in account.positions
        if p.debt.reference in send.listed
    )
    held = tuple(
        HeldLine(p.debt.reference, p.held_cents, p.holds[0] if p.holds else "held", p.held_until)
        for p in account.positions
        if p.held_cents
    )
    principal = sum(line.open_cents for line in (*due, *deducted))
    total = principal + sum(s.amount_cents for s in statutory if s.is_claimed)
    return Statement(
        currency=situation.case.currency,
        as_of=today,
        due=due,
        credits=deducted,
        statutory=statutory,
        listed=listed,
        held=held,
        missing=missing,
        announced=_announced(situation, policy, send, principal),
        total_cents=max(total, 0),
    )


def _line(debt: Debt, asked_cents: int, open_cents: int, today: date) -> StatementLine:
    return StatementLine(
        reference=debt.reference,
        kind=debt.kind,
        issued_on=debt.issued_on,
        due_on=debt.due_on,
        principal_cents=debt.principal_cents,
        paid_cents=debt.principal_cents - open_cents,
        open_cents=asked_cents,
        days_late=max((today - debt.due_on).days, 0),
        order_ref=debt.order_ref,
        contract_ref=debt.contract_ref,
        contracted_on=debt.contracted_on,
    )


def _on_account(cents: int, today: date) -> StatementLine:
    return StatementLine(
        reference="",
        kind=LedgerKind.PAYMENT_ON_ACCOUNT,
        due_on=today,
        principal_cents=-cents,
        paid_cents=0,
        open_cents=-cents,
    )


def _brought_lines(demanded: list[Position]) -> list[StatutoryLine]:
    """What the ledger itself says is owed beside the principals, one line for each kind and basis."""
    sums: dict[tuple[LineKind, LegalBasis], list[int]] = {}
    for position in demanded:
        for line in position.lines_due:
            sums.setdefault((line.kind, line.basis), []).append(line.amount_cents)
    return [
        StatutoryLine(
            kind=kind.value,
            amount_cents=sum(cents),
            legal_basis=GROUNDS[basis].cited,
            is_claimed=True,
            basis=basis.value,
            count=len(cents),
        )
        for (kind, basis), cents in sums.items()
    ]


def statutory_lines(
    situation: Situation, policy: Policy, send: Send, demanded: list[Position]
) -> tuple[tuple[StatutoryLine, ...], tuple[str, ...]]:
    """(computed lines, missing rates) for a message; none when it hides them, asks nothing, or the pack forbids them.

    A cost that a law lets be claimed only after a letter that states it stands in that letter, even when hidden.
    """
    if send.purpose is not Purpose.DEMAND or not demanded:
        return (), ()
    claimed = send.amounts is Amounts.CLAIM
    running = {hold.kind for hold in situation.holds}
    lines: list[StatutoryLine] = []
    missing: list[str] = []
    for rule in policy.of(InterestRule) if send.amounts is not Amounts.HIDE else ():
        if running & set(rule.not_during) or _is_forbidden(situation, policy, rule.line, None):
            continue
        try:
            line = accrued_line(situation, policy, rule, demanded, claimed=claimed)
        except RateMissing:
            missing.append(f"{rule.line}:{rule.series}")
            continue
        if line is not None:
            lines.append(line)
    late = [p for p in demanded if p.debt.due_on < situation.today and p.debt.kind is not LedgerKind.ADJUSTMENT]
    for indemnity in policy.of(IndemnityRule) if send.amounts is not Amounts.HIDE else ():
        lines += _indemnity(situation, policy, indemnity, late, claimed=claimed)
    for schedule in policy.of(ScheduleRule):
        if schedule.computes and not running & set(schedule.not_during):
            lines += _scheduled(situation, policy, schedule, late, send)
    return tuple(lines), tuple(missing)


def _announced(situation: Situation, policy: Policy, send: Send, principal_cents: int) -> tuple[AnnouncedCost, ...]:
    """What one of the pack's documents says of the cost to come: the most that the law gives for all that is asked."""
    currency = situation.case.currency
    rules = [r for r in policy.of(ScheduleRule) if r.computes and r.per == "claim" and r.currency == currency]
    return tuple(
        AnnouncedCost(rule.legal_basis_code.value, scheduled_cents(rule, principal_cents))
        for rule in rules
        if send.kind in rule.after
    )


def _is_forbidden(situation: Situation, policy: Policy, kind: str, basis: LegalBasis | None) -> bool:
    return bool(forbidding_rule(policy, kind, basis, marks_of(situation.case)))


def _indemnity(
    situation: Situation, policy: Policy, rule: IndemnityRule, late: list[Position], *, claimed: bool
) -> list[StatutoryLine]:
    """A fixed sum for each late debt for which the ledger brings none."""
    bearing = [p for p in late if not _brings(p, "indemnity")]
    is_out = {hold.kind for hold in situation.holds} & set(rule.not_during) or rule.currency != situation.case.currency
    if not bearing or is_out or _is_forbidden(situation, policy, "indemnity", None):
        return []
    return [
        StatutoryLine(
            kind="indemnity",
            amount_cents=rule.amount_cents * len(bearing),
            legal_basis=rule.legal_basis,
            is_claimed=claimed,
            count=len(bearing),
        )
    ]


def _scheduled(
    situation: Situation, policy: Policy, rule: ScheduleRule, late: list[Position], send: Send
) -> list[StatutoryLine]:
    """The sum that a schedule fixes for the late debts it concerns: claimed once it is open, stated by its letter."""
    if rule.currency != situation.case.currency or _is_forbidden(situation, policy, rule.line, rule.legal_basis_code):
        return []
    bearing = [p for p in late if not _brings(p, rule.line) and (p.debt.has_indemnity_clause or not rule.needs_clause)]
    is_stated = send.kind in rule.after
    if not is_stated:
        bearing = [p for p in bearing if is_open(rule, p.debt.reference, situation.reminded)]
    bases = [p.principal_due_cents for p in bearing]
    cents = scheduled_cents(rule, sum(bases)) if rule.per == "claim" else sum(scheduled_cents(rule, b) for b in bases)
    if not cents or (send.amounts is Amounts.HIDE and not is_stated):
        return []
    is_all_open = all(is_open(rule, p.debt.reference, situation.reminded) for p in bearing)
    return [
        StatutoryLine(
            kind=rule.line,
            amount_cents=cents,
            legal_basis=rule.legal_basis,
            is_claimed=send.amounts is Amounts.CLAIM and is_all_open,
            basis=rule.legal_basis_code.value,
            count=len(bearing),
        )
    ]


def _brings(position: Position, kind: str) -> bool:
    return any(line.kind == kind for line in position.debt.lines)
