"""How the figures of a message come about: debts, credits, interest, penalty and indemnity, and their total.

Statutory lines appear only where the pack allows them and a rate is known for every day (semantics A6, B14);
a missing rate removes its line and is named in `Statement.missing`.
"""

from datetime import date, timedelta
from decimal import Decimal

from orchestrator.domain.account import Position
from orchestrator.domain.campaign import Amounts, DocumentKind, Purpose
from orchestrator.domain.debt import Debt
from orchestrator.domain.debt import DocumentKind as LedgerKind
from orchestrator.domain.decision import Send
from orchestrator.domain.errors import RateMissing
from orchestrator.domain.money import round_half_up
from orchestrator.domain.place import local_date
from orchestrator.domain.policy import AmountsRule, IndemnityRule, InterestRule, Policy
from orchestrator.domain.rates import Rates, rate_on
from orchestrator.domain.situation import Situation
from orchestrator.domain.statement import HeldLine, Statement, StatementLine, StatutoryLine

_YEAR_DAYS = 365


def reckon(situation: Situation, policy: Policy, send: Send) -> Statement:
    """The statement of one message: what it demands, shows apart and holds back."""
    account, today = situation.account, situation.today
    demanded = [p for p in account.positions if p.debt.reference in send.references]
    due = tuple(_line(p.debt, p.demandable_cents, p.open_cents, today) for p in demanded)
    deducted = tuple(_line(p.debt, p.open_cents, p.open_cents, today) for p in account.credit_notes)
    if account.unallocated_cents:
        deducted = (*deducted, _on_account(account.unallocated_cents, today))
    statutory, missing = statutory_lines(situation, policy, send, demanded)
    listed = tuple(
        _line(p.debt, p.demandable_cents, p.open_cents, today)
        for p in account.positions
        if p.debt.reference in send.listed
    )
    held = tuple(
        HeldLine(p.debt.reference, p.held_cents, p.holds[0] if p.holds else "held", p.held_until)
        for p in account.positions
        if p.held_cents
    )
    total = sum(line.open_cents for line in (*due, *deducted)) + sum(s.amount_cents for s in statutory if s.is_claimed)
    return Statement(
        currency=situation.case.currency,
        as_of=today,
        due=due,
        credits=deducted,
        statutory=statutory,
        listed=listed,
        held=held,
        missing=missing,
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


def statutory_lines(
    situation: Situation, policy: Policy, send: Send, demanded: list[Position]
) -> tuple[tuple[StatutoryLine, ...], tuple[str, ...]]:
    """(lines, missing rates) for a message; none when it hides them, asks nothing, or the pack forbids them."""
    if send.amounts is Amounts.HIDE or send.purpose is not Purpose.DEMAND or not demanded:
        return (), ()
    claimed = send.amounts is Amounts.CLAIM
    forbidden = _forbidden_lines(situation, policy)
    held = {hold.kind for hold in situation.holds}
    lines: list[StatutoryLine] = []
    missing: list[str] = []
    for rule in policy.of(InterestRule):
        if rule.line in forbidden or held & set(rule.not_during):
            continue
        try:
            line = _interest(situation, rule, demanded, claimed=claimed)
        except RateMissing:
            missing.append(f"{rule.line}:{rule.series}")
            continue
        if line is not None:
            lines.append(line)
    late = [p for p in demanded if p.debt.due_on < situation.today and p.debt.kind is not LedgerKind.ADJUSTMENT]
    for indemnity in policy.of(IndemnityRule):
        if "indemnity" in forbidden or held & set(indemnity.not_during) or not late:
            continue
        if indemnity.currency == situation.case.currency:
            lines.append(
                StatutoryLine(
                    kind="indemnity",
                    amount_cents=indemnity.amount_cents * len(late),
                    legal_basis=indemnity.legal_basis,
                    is_claimed=claimed,
                    count=len(late),
                )
            )
    return tuple(lines), tuple(missing)


def _forbidden_lines(situation: Situation, policy: Policy) -> set[str]:
    forbidden: set[str] = set()
    for rule in policy.of(AmountsRule):
        # A pack says has_title, the mark on the case is title.
        facts = {word for fact in rule.unless for word in (fact, fact.removeprefix("has_"))}
        if not any(situation.case.has_mark(fact) for fact in facts):
            forbidden |= set(rule.forbid_lines)
    return forbidden


def _interest(
    situation: Situation, rule: InterestRule, demanded: list[Position], *, claimed: bool
) -> StatutoryLine | None:
    total = Decimal(0)
    first: date | None = None
    percents: list[Decimal] = []
    for position in demanded:
        start = _accrues_from(situation, rule, position.debt)
        if start is None or start > situation.today or position.debt.is_credit:
            continue
        amount, used = _accrued(situation, rule, position, start)
        total += amount
        percents += used
        first = start if first is None else min(first, start)
    cents = round_half_up(total)
    if first is None or cents <= 0:
        return None
    return StatutoryLine(
        kind=rule.line,
        amount_cents=cents,
        legal_basis=rule.legal_basis,
        is_claimed=claimed,
        percent=f"{percents[-1].normalize():f}" if len(set(percents)) == 1 else "",
        from_on=first,
        to_on=situation.today,
    )


def _accrues_from(situation: Situation, rule: InterestRule, debt: Debt) -> date | None:
    """The first day that counts: the day after the due date, or after the formal notice that named the debt."""
    if rule.starts != "formal_notice":
        return debt.due_on + timedelta(days=1)
    notices = [
        local_date(departure.at, situation.place)
        for departure in situation.life
        if departure.kind is DocumentKind.FORMAL_NOTICE
        and debt.reference in departure.references
        and departure.message_id not in situation.failed_ids
    ]
    if debt.history and debt.history.formal_notice_on:
        notices.append(debt.history.formal_notice_on)
    return min(notices) + timedelta(days=1) if notices else None


def _accrued(
    situation: Situation, rule: InterestRule, position: Position, start: date
) -> tuple[Decimal, list[Decimal]]:
    """Interest in minor units over segments of constant rate and constant remaining sum, and the rates used."""
    steps = _repayments(situation, position)
    owed = position.demandable_cents + sum(cents for day, cents in steps if day >= start)
    total, used, at = Decimal(0), [], start
    end = situation.today + timedelta(days=1)
    changes = {day for day, _ in steps} | _rate_changes(situation.context.rates, rule, start, end)
    cuts = [*sorted(day for day in changes if start < day < end), end]
    for cut in cuts:
        owed -= sum(cents for day, cents in steps if day == at)
        percent = _percent(situation.context.rates, rule, position.debt, at)
        used.append(percent)
        total += Decimal(max(owed, 0)) * percent / 100 * (cut - at).days / _YEAR_DAYS
        at = cut
    return total, used


def _repayments(situation: Situation, position: Position) -> list[tuple[date, int]]:
    """Dated payments known on this debt: interest follows what remained (a payment in one sum stays in one)."""
    reversed_ids = {payment.id for payment in situation.case.reversals}
    return [
        (payment.received_on, payment.amount_cents)
        for payment in situation.case.payments
        if payment.references == (position.debt.reference,)
        and payment.id not in reversed_ids
        and payment.received_on > position.debt.as_of
    ]


def _rate_changes(rates: Rates, rule: InterestRule, start: date, end: date) -> set[date]:
    """Days on which the rate may change: half-years, and for a rate that is not fixed by them every new period."""
    days = {date(year, month, 1) for year in range(start.year, end.year + 1) for month in (1, 7)}
    if not rule.half_yearly:
        used = [rates[name] for name in (rule.series, rule.floor_series) if name in rates]
        days |= {period.from_on for series in used for period in series.periods}
    return days


def _percent(rates: Rates, rule: InterestRule, debt: Debt, day: date) -> Decimal:
    """The yearly rate in per cent on a day: the contract's where the floor allows it, else series plus points."""
    fixed_on = date(day.year, 1 if day.month < 7 else 7, 1) if rule.half_yearly else day
    if debt.contract_rate and rule.contract_floor_multiple:
        floor = rate_on(rates, rule.floor_series, fixed_on) * rule.contract_floor_multiple
        return max(Decimal(debt.contract_rate), floor)
    return rate_on(rates, rule.series, fixed_on) + Decimal(rule.points)
