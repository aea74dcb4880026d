"""Interest and penalties by dated rates: from which day, on what remained, without the days that a hold stops.

Owns the arithmetic of one interest rule. A day's rate that is not known is an error, never a guess.
"""

from datetime import date, timedelta
from decimal import Decimal

from orchestrator.domain.account import Position
from orchestrator.domain.agreement import HoldKind, HoldScope
from orchestrator.domain.amount_rules import InterestRule
from orchestrator.domain.debt import Debt
from orchestrator.domain.money import round_half_up
from orchestrator.domain.place import local_date
from orchestrator.domain.policy import HoldRule, Policy
from orchestrator.domain.rates import Rates, rate_on
from orchestrator.domain.schedules import noticed_on
from orchestrator.domain.situation import Situation
from orchestrator.domain.statement import StatutoryLine

_YEAR_DAYS = 365

Days = tuple[date, date]
"""From a day to another, the second not included."""


def accrued_line(
    situation: Situation, policy: Policy, rule: InterestRule, demanded: list[Position], *, claimed: bool
) -> StatutoryLine | None:
    """The line of one rule over all debts demanded, rounded half up once; None when nothing accrued.

    Raises RateMissing.
    """
    total = Decimal(0)
    first: date | None = None
    percents: set[Decimal] = set()
    stopping = _stopping_kinds(policy, rule)
    for position in demanded:
        delay_from = delay_start(situation, rule.starts, position.debt)
        if delay_from is None or position.debt.is_credit:
            continue
        # What the ledger brings of this kind is counted up to its own day.
        is_brought = any(line.kind == rule.line for line in position.debt.lines)
        start = max(delay_from, position.debt.as_of + timedelta(days=1)) if is_brought else delay_from
        if start > situation.today:
            continue
        stopped = _stopped_days(situation, stopping, position.debt.reference)
        amount, used = _accrued(situation, rule, position, start, delay_from, stopped)
        total += amount
        percents |= used
        first = start if first is None else min(first, start)
    cents = round_half_up(total)
    if first is None or cents <= 0:
        return None
    return StatutoryLine(
        kind=rule.line,
        amount_cents=cents,
        legal_basis=rule.legal_basis,
        is_claimed=claimed,
        percent=f"{min(percents).normalize():f}" if len(percents) == 1 else "",
        from_on=first,
        to_on=situation.today,
    )


def delay_start(situation: Situation, starts: str, debt: Debt) -> date | None:
    """The first day that counts: the day after the due date, or after the formal notice that named the debt."""
    if starts != "formal_notice":
        return debt.due_on + timedelta(days=1)
    noticed = noticed_on(debt, situation.reminded)
    return noticed + timedelta(days=1) if noticed else None


def _accrued(
    situation: Situation, rule: InterestRule, position: Position, start: date, delay_from: date, stopped: list[Days]
) -> tuple[Decimal, set[Decimal]]:
    """Interest in minor units over segments of constant rate and constant remaining sum, and the rates used."""
    rates, steps = situation.context.rates, position.repaid
    owed = position.principal_due_cents + sum(cents for day, cents in steps if day >= start)
    total, used, at = Decimal(0), set[Decimal](), start
    end = situation.today + timedelta(days=1)
    changes = {day for day, _ in steps}
    if rule.fixed_at == "period":
        changes |= _rate_changes(rates, rule, start, end)
    for cut in [*sorted(day for day in changes if start < day < end), end]:
        owed -= sum(cents for day, cents in steps if day == at)
        days = (cut - at).days - _days_inside(stopped, at, cut)
        if days:
            percent = _percent(rates, rule, position.debt, at if rule.fixed_at == "period" else delay_from)
            used.add(percent)
            total += Decimal(max(owed, 0)) * percent / 100 * days / _YEAR_DAYS
        at = cut
    return total, used


def _stopping_kinds(policy: Policy, rule: InterestRule) -> frozenset[HoldKind]:
    """Holds during which the rule's line does not run: its own, and those that stop every penalty."""
    return frozenset(rule.not_during).union(*(each.holds for each in policy.of(HoldRule) if each.stops_penalties))


def _stopped_days(situation: Situation, kinds: frozenset[HoldKind], reference: str) -> list[Days]:
    """The days of such holds, running or over, joined; the day of their beginning and that of their end are inside."""
    lifted = {switch.key: local_date(switch.at, situation.place) for switch in situation.case.lifted}
    found: list[Days] = []
    for hold in situation.case.holds:
        if hold.kind not in kinds or (hold.scope is HoldScope.DEBTS and reference not in hold.references):
            continue
        ends = [situation.today]
        if hold.until is not None:
            ends.append(hold.until + timedelta(days=hold.grace_days))
        if hold.id in lifted:
            ends.append(lifted[hold.id])
        found.append((local_date(hold.since, situation.place), min(ends) + timedelta(days=1)))
    joined: list[Days] = []
    for begin, end in sorted(found):
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((begin, end))
    return joined


def _days_inside(stopped: list[Days], start: date, end: date) -> int:
    return sum(max((min(end, last) - max(start, first)).days, 0) for first, last in stopped)


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
