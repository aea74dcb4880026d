"""Facts that the passing of time makes true: promises kept or broken, a closed case that owes again. Pure."""

from datetime import datetime, timedelta

from orchestrator.domain.agreement import Promise
from orchestrator.domain.case import CaseState
from orchestrator.domain.case_clock import end_of
from orchestrator.domain.events import CaseReopened, Event, PromiseBroken, PromiseKept
from orchestrator.domain.place import local_date
from orchestrator.domain.situation import Situation


def elapse(situation: Situation) -> tuple[Event, ...]:
    """The facts that hold at `now` and are not recorded yet. Their ids make recording them twice harmless."""
    facts: list[Event] = []
    # A promise whose hold a person lifted is neither kept nor broken: it was set aside.
    ended = {switch.key for switch in (*situation.case.promise_ends, *situation.case.lifted)}
    for promise in situation.case.promises:
        if promise.id in ended:
            continue
        # Money told as a payment and the same money seen in the ledger is one sum: the larger, never both.
        came_in = max(received_for(situation, promise), fallen_since(situation, promise))
        if came_in >= promise.amount_cents:
            facts.append(PromiseKept(id=f"kept:{promise.id}", at=situation.now, by="relance", promise_id=promise.id))
        elif situation.now >= end_of(promise.due_on, promise.grace_days, situation.place):
            facts.append(
                PromiseBroken(id=f"broken:{promise.id}", at=situation.now, by="relance", promise_id=promise.id)
            )
    why = _reopens(situation)
    if why:
        facts.append(CaseReopened(id=f"reopened:{situation.now.isoformat()}", at=situation.now, why=why))
    return tuple(facts)


def elapses_at(situation: Situation) -> datetime | None:
    """When time alone will next make something true: the end of the first promise that still runs."""
    if not situation.case.promises:
        return None
    ended = {switch.key for switch in (*situation.case.promise_ends, *situation.case.lifted)}
    ends = [
        end_of(promise.due_on, promise.grace_days, situation.place)
        for promise in situation.case.promises
        if promise.id not in ended
    ]
    return min(ends, default=None)


def received_for(situation: Situation, promise: Promise) -> int:
    """What came in from the promise to its end, grace included, on its debts (any, when it names none).

    What came later came too late; what went back counts for nothing.
    """
    last_on = promise.due_on + timedelta(days=promise.grace_days)
    made_on = local_date(promise.made_at, situation.place)
    reversed_ids = {payment.id for payment in situation.case.reversals}
    return sum(
        payment.amount_cents
        for payment in situation.case.payments
        if made_on <= payment.received_on <= last_on
        and payment.id not in reversed_ids
        and payment.id not in promise.paid_before
        and (not promise.references or not payment.references or set(payment.references) & set(promise.references))
    )


def fallen_since(situation: Situation, promise: Promise) -> int:
    """By how much less the creditor's ledger says is open of a promise's debts, by its figures of the promise's time.

    Many creditors tell no payments, only what is still open. A debt that left the ledger in time owes nothing.
    """
    last_on = promise.due_on + timedelta(days=promise.grace_days)
    made_on = local_date(promise.made_at, situation.place)
    fallen = 0
    for reference, owed_cents in promise.owed:
        debt = situation.debt(reference)
        if debt is None:
            continue
        if debt.is_presumed_settled and situation.today <= last_on:
            fallen += owed_cents
        elif made_on <= debt.as_of <= last_on:
            fallen += owed_cents - max(debt.open_cents, 0)
    return fallen


def _reopens(situation: Situation) -> str:
    """Why a closed case is followed again: it was paid and owes, or a debt came that it was not closed for."""
    case = situation.case
    if case.state is not CaseState.CLOSED or situation.account.balance_cents <= 0:
        return ""
    if case.outcome == "paid":
        return "balance"
    return "new_debt" if new_references(situation) else ""


def new_references(situation: Situation) -> tuple[str, ...]:
    """The open debts that a closed or handed-over case did not end for, sorted."""
    ended_for = set(situation.case.ended_for)
    return tuple(sorted(p.debt.reference for p in situation.account.positions if p.debt.reference not in ended_for))
