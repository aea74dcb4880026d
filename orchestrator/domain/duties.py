"""What the law makes somebody do once a fact is known: a receipt, paying over, declaring a claim (rules `duty`).

A duty is a task of its own. It holds no message back, and outlives the case that it comes from.
"""

from collections.abc import Iterator
from datetime import datetime, time, timedelta

from orchestrator.domain.agreement import Hold, HoldKind
from orchestrator.domain.campaign import DocumentKind
from orchestrator.domain.case import DUTY
from orchestrator.domain.decision import Ask, Decision, Reason, Verdict
from orchestrator.domain.place import at_local, local_date, start_of
from orchestrator.domain.policy import DutyRule, Policy
from orchestrator.domain.situation import Situation

# A portfolio that is taken over brings old payments: nobody is asked to act on them now.
_LOOKS_BACK = timedelta(days=45)
_EVENING = time(18)
# Missed payments are told of from the second one on.
_MISSED = 2
_PROPOSALS = (HoldKind.PLAN, HoldKind.DEFERRAL)


def duty(situation: Situation, policy: Policy) -> Decision | None:
    """The first duty that nobody was asked yet."""
    for rule in policy.of(DutyRule):
        for name, since in _facts(situation, rule):
            if since + _LOOKS_BACK < situation.now or _is_asked(situation, rule, name):
                continue
            due_on = local_date(since, situation.place) + timedelta(days=rule.days)
            due_at = at_local(due_on, _EVENING, situation.place.zone)
            reason = Reason(rule.id, Verdict.ASK, (("task", rule.task),), due_at)
            act = Ask(task=rule.task, subject=name, role=rule.by, due_at=due_at, cause=f"{DUTY}{rule.id}")
            return Decision(act, (reason,))
    return None


def _is_asked(situation: Situation, rule: DutyRule, name: str) -> bool:
    case = situation.case
    return case.task(rule.task, name) is not None or case.closed_task(rule.task, name) is not None


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
