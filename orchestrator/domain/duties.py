"""What somebody must do once a fact is known: a receipt, paying over, declaring a claim, saving one that expires.

A duty is a task of its own. It holds no message back, and outlives the case that it comes from; a warning about an
open claim or a hold ends with the case.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

import msgspec

from orchestrator.domain.agreement import Hold, HoldKind
from orchestrator.domain.campaign import DocumentKind
from orchestrator.domain.case import DUTY, WARNING, CaseState
from orchestrator.domain.case_clock import add_months
from orchestrator.domain.decision import Ask, Decision, Reason, Verdict
from orchestrator.domain.gates import prescribed_on
from orchestrator.domain.place import add_business_days, at_local, local_date, start_of
from orchestrator.domain.policy import DutyRule, FloorRule, HoldRule, Policy, PrescriptionRule
from orchestrator.domain.situation import Situation

# A portfolio that is taken over brings old payments: nobody is asked to act on them now.
_LOOKS_BACK = timedelta(days=45)
_MORNING, _EVENING = time(8), time(18)
_TO_ACT = timedelta(days=7)
_EXPIRES = "claim_expires"
# Missed payments are told of from the second one on.
_MISSED = 2
_PROPOSALS = (HoldKind.PLAN, HoldKind.DEFERRAL)


class _Owed(msgspec.Struct, frozen=True):
    """A task that a rule makes of a fact. `subject` names the fact: one task for each."""

    rule: str
    task: str
    subject: str
    by: str
    due_on: date
    cause: str = DUTY


def duty(situation: Situation, policy: Policy) -> Decision | None:
    """The first duty that nobody was asked yet."""
    case = situation.case
    for owed in (*_of_facts(situation, policy), *_of_long_holds(situation, policy), *_of_claims(situation, policy)):
        if case.task(owed.task, owed.subject) is not None or case.closed_task(owed.task, owed.subject) is not None:
            continue
        due_at = at_local(owed.due_on, _EVENING, situation.place.zone)
        reason = Reason(owed.rule, Verdict.ASK, (("task", owed.task),), due_at)
        act = Ask(task=owed.task, subject=owed.subject, role=owed.by, due_at=due_at, cause=f"{owed.cause}{owed.rule}")
        return Decision(act, (reason,))
    return None


def next_alarm_at(situation: Situation, policy: Policy) -> datetime | None:
    """The next morning on which an open claim comes near its limitation; no hold moves it (semantics A9)."""
    days = [on for _, _, _, on in _warnings(situation, policy) if on > situation.today]
    return at_local(min(days), _MORNING, situation.place.zone) if days else None


def _of_facts(situation: Situation, policy: Policy) -> Iterator[_Owed]:
    for rule in policy.of(DutyRule):
        for name, since in _facts(situation, rule):
            if situation.now <= since + _LOOKS_BACK:
                due_on = local_date(since, situation.place) + timedelta(days=rule.days)
                yield _Owed(rule.id, rule.task, name, rule.by, due_on)


def _of_long_holds(situation: Situation, policy: Policy) -> Iterator[_Owed]:
    """A hold that was written down for longer than the law allows: somebody looks at its paper."""
    for rule in policy.of(HoldRule) if situation.case.holds else ():
        for hold in situation.holds:
            if rule.at_most_months is None or hold.kind not in rule.holds or hold.until is None:
                continue
            if hold.until > add_months(local_date(hold.since, situation.place), rule.at_most_months):
                due_on = add_business_days(local_date(hold.since, situation.place), 5, situation.place)
                yield _Owed(rule.id, "hold_too_long", hold.id, "manager", due_on, WARNING)


def _of_claims(situation: Situation, policy: Policy) -> Iterator[_Owed]:
    """A claim that is near its limitation: a manager is told once at each of the rule's distances (FR-PRE-03).

    Of the claims of one case that come near it together the first to expire is told of: who looks sees them all.
    """
    for rule, last_day, days, on in sorted(_warnings(situation, policy), key=lambda warning: warning[1]):
        if on <= situation.today <= last_day and not _is_told(situation, days, on):
            # An old portfolio is told of late: whoever is asked has the same time, counted from the day they are asked.
            due_on = min(situation.today + _TO_ACT, last_day)
            yield _Owed(rule.id, _EXPIRES, f"{last_day}:{days}", "manager", due_on, WARNING)


def _is_told(situation: Situation, days: int, on: date) -> bool:
    """Whether a question at this distance or nearer is open, or was answered when this claim was as near already."""
    case = situation.case
    if any(task.kind == _EXPIRES and _distance(task.subject) <= days for task in case.tasks):
        return True
    seen = [t.closed_at for t in case.closed_tasks if t.kind == _EXPIRES and _distance(t.subject) <= days]
    return any(at is not None and local_date(at, situation.place) >= on for at in seen)


def _distance(subject: str) -> int:
    """The days before the limitation of which a warning tells, as its subject ends with them."""
    return int(subject.rpartition(":")[2])


def _warnings(situation: Situation, policy: Policy) -> Iterator[tuple[PrescriptionRule, date, int, date]]:
    """(rule, last day, days before it, day of the warning) of each open claim; only the nearest of those past."""
    if situation.case.state is not CaseState.OPEN or _is_below_floor(situation, policy):
        return
    for position in situation.account.positions:
        limit = prescribed_on(situation, policy, position.debt)
        if limit is None:
            continue
        last_day, rule = limit
        found = [(rule, last_day, days, last_day - timedelta(days=days)) for days in sorted(rule.warn_days)]
        past = [warning for warning in found if warning[3] <= situation.today]
        yield from past[:1]
        yield from (warning for warning in found if warning[3] > situation.today)


def _is_below_floor(situation: Situation, policy: Policy) -> bool:
    """So small a balance is let go: nobody is called to save it (HOUSE-06)."""
    floors = [rule for rule in policy.of(FloorRule) if rule.currency == situation.case.currency]
    return any(situation.account.balance_cents < rule.balance_cents for rule in floors)


def _facts(situation: Situation, rule: DutyRule) -> Iterator[tuple[str, datetime]]:
    """(name, since when) of each fact that the rule is about."""
    case = situation.case
    if "payment" in rule.on or "part_payment" in rule.on:
        yield from _payments(situation, is_any="payment" in rule.on)
    if "missed_payments" in rule.on:
        yield from _missed_payments(situation, rule)
    if "proposal" in rule.on:
        yield from ((promise.id, promise.made_at) for promise in case.promises)
    for hold in case.holds:
        if hold.kind in rule.on or ("proposal" in rule.on and _is_proposal(hold)):
            yield hold.id, hold.since
    for mark in case.marks:
        if mark.is_on and mark.key in rule.on:
            yield f"{mark.key}:{mark.at.isoformat()}", mark.at


def _is_proposal(hold: Hold) -> bool:
    return hold.kind in _PROPOSALS


def _payments(situation: Situation, *, is_any: bool) -> Iterator[tuple[str, datetime]]:
    """Payments that stand; only those that leave something to pay unless `is_any`."""
    if not is_any and situation.account.balance_cents <= 0:
        return
    gone = {reversal.id for reversal in situation.case.reversals}
    for payment in situation.case.payments:
        if payment.id not in gone:
            yield payment.id, at_local(payment.received_on, time(12), situation.place.zone)


def _missed_payments(situation: Situation, rule: DutyRule) -> Iterator[tuple[str, datetime]]:
    """The second of the debts that are overdue and unpaid, unless the rule's document has told of it.

    An instalment is a debt of its own in a ledger.
    """
    overdue = [p for p in situation.account.positions if p.demandable_cents > 0 and p.debt.due_on < situation.today]
    missed = sorted((position.debt.due_on, position.debt.reference) for position in overdue)
    if len(missed) >= _MISSED:
        due_on, reference = missed[_MISSED - 1]
        since = start_of(due_on + timedelta(days=1), situation.place.zone)
        if rule.done_by is None or not _has_left(situation, rule.done_by, since):
            yield f"missed:{reference}", since


def _has_left(situation: Situation, kind: DocumentKind, since: datetime) -> bool:
    return any(
        departure.kind is kind and departure.at >= since and departure.message_id not in situation.failed_ids
        for departure in situation.life
    )
