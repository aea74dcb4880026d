"""What the `when:` lines of a campaign test make true, as facts of its one case with its one debt."""

from collections.abc import Callable
from datetime import datetime, time, timedelta

from orchestrator.domain.agreement import Hold, HoldKind, HoldScope, Promise
from orchestrator.domain.debt import Payment
from orchestrator.domain.events import (
    ApprovalGiven,
    ApprovalRefused,
    CallMade,
    DisputeOpened,
    DisputeResolved,
    Event,
    HardshipDeclared,
    HoldPlaced,
    Marked,
    OptedOut,
    PaymentReceived,
    PaymentReversed,
    PromiseMade,
    ReplyReceived,
    TaskClosed,
)
from orchestrator.domain.place import at_local
from orchestrator.intake.campaigns.campaign_tests import Given, Happening

REFERENCE = "F-1"
_NOON = time(12)
# A test has one dispute at most; its answer closes it.
_DISPUTE = "dispute"


def facts_of(happening: Happening, given: Given, zone: str, *, grace_days: int) -> list[Event]:
    """The facts of one `when:` line, at noon of its day where the debtor lives; none for an event that follows.

    `grace_days` is what the campaign gives after a promised day.
    """
    at = at_local(happening.on, _NOON, zone)
    if happening.event == "promise.made":
        return _promise(happening, f"{happening.event}:{happening.on}", at, given, grace_days)
    cents = happening.amount.cents if happening.amount else given.balance.cents
    make = _MAKERS.get(happening.event)
    return make(happening, f"{happening.event}:{happening.on}", at, cents) if make else []


def _hold(h: Happening, key: str, at: datetime, kind: HoldKind, cents: int | None = None) -> Hold:
    is_of_debt = kind in (HoldKind.DISPUTE, HoldKind.ALREADY_PAID)
    return Hold(
        id=key,
        kind=kind,
        since=at,
        until=h.until_on,
        amount_cents=cents if h.amount else None,
        scope=HoldScope.DEBTS if is_of_debt else HoldScope.CASE,
        references=(REFERENCE,) if is_of_debt else (),
        review_on=None if h.until_on else (at + timedelta(days=15)).date(),
    )


def _promise(h: Happening, key: str, at: datetime, given: Given, grace_days: int) -> list[Event]:
    cents = h.amount.cents if h.amount else given.balance.cents
    promise = Promise(id=key, amount_cents=cents, due_on=h.for_on or h.on, grace_days=grace_days, made_at=at)
    return [PromiseMade(id=key, at=at, promise=promise)]


def _payment(h: Happening, key: str, at: datetime, cents: int) -> list[Event]:
    return [PaymentReceived(id=key, at=at, payment=Payment(key, cents, h.on, (REFERENCE,)))]


def _rejected(h: Happening, key: str, at: datetime, cents: int) -> list[Event]:
    paid = Payment(f"{key}:paid", cents, h.on, (REFERENCE,))
    return [
        PaymentReceived(id=f"{key}:in", at=at - timedelta(seconds=1), payment=paid),
        PaymentReversed(id=key, at=at, payment_id=paid.id, on=h.on, code=h.code),
    ]


def _answered(h: Happening, key: str, at: datetime, cents: int) -> list[Event]:
    done = TaskClosed(id=f"{key}:task", at=at, task_id=f"approve:{h.step}:1:{cents}", outcome=h.event)
    if h.event == "approval.given":
        return [done, ApprovalGiven(id=key, at=at, step=h.step, cycle=1, amount_cents=cents)]
    return [done, ApprovalRefused(id=key, at=at, step=h.step, cycle=1)]


def _disputed(h: Happening, key: str, at: datetime, cents: int) -> list[Event]:
    if h.event == "dispute.opened":
        return [DisputeOpened(id=key, at=at, hold=_hold(h, _DISPUTE, at, HoldKind.DISPUTE, cents))]
    return [DisputeResolved(id=key, at=at, hold_id=_DISPUTE, outcome=h.outcome)]


_HOLDS = {
    "deferral.granted": HoldKind.DEFERRAL,
    "already_paid.claimed": HoldKind.ALREADY_PAID,
    "plan.agreed": HoldKind.PLAN,
}


def _held(h: Happening, key: str, at: datetime, _cents: int) -> list[Event]:
    kind = _HOLDS.get(h.event) or h.hold or HoldKind.VETO
    return [HoldPlaced(id=key, at=at, hold=_hold(h, key, at, kind))]


def _hardship(h: Happening, key: str, at: datetime, _cents: int) -> list[Event]:
    return [HardshipDeclared(id=key, at=at, hold=_hold(h, key, at, HoldKind.HARDSHIP))]


def _replied(_happening: Happening, key: str, at: datetime, _cents: int) -> list[Event]:
    return [ReplyReceived(id=key, at=at, channel="email")]


def _opted_out(h: Happening, key: str, at: datetime, _cents: int) -> list[Event]:
    return [OptedOut(id=key, at=at, channel=h.channel.channel)] if h.channel is not None else []


def _marked(h: Happening, key: str, at: datetime, _cents: int) -> list[Event]:
    return [Marked(id=key, at=at, mark=h.mark)]


def _called(h: Happening, key: str, at: datetime, _cents: int) -> list[Event]:
    return [
        TaskClosed(id=f"{key}:task", at=at, task_id=f"call:{h.step}:1", outcome="done"),
        CallMade(id=key, at=at, step=h.step, cycle=1, outcome=h.outcome),
    ]


_MAKERS: dict[str, Callable[[Happening, str, datetime, int], list[Event]]] = {
    "payment.full": _payment,
    "payment.partial": _payment,
    "payment.rejected": _rejected,
    "approval.given": _answered,
    "approval.refused": _answered,
    "dispute.opened": _disputed,
    "dispute.resolved": _disputed,
    "hardship.declared": _hardship,
    "deferral.granted": _held,
    "already_paid.claimed": _held,
    "plan.agreed": _held,
    "hold.placed": _held,
    "reply.received": _replied,
    "opted_out": _opted_out,
    "mark.added": _marked,
    "call.made": _called,
}
