"""From a deed to facts: what somebody does, as the case stands when its hour comes. Draws nothing."""

from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256

from channels.contract import Channel, DeliveryStatus
from orchestrator.domain.account import Position, account_of
from orchestrator.domain.agreement import Hold, HoldKind, HoldScope, Promise
from orchestrator.domain.case import FAILED_STATUSES, Case
from orchestrator.domain.contact import POINT_OF_CHANNEL, Fault
from orchestrator.domain.debt import Payment
from orchestrator.domain.events import (
    DeliveryReported,
    DisputeOpened,
    Event,
    HardshipDeclared,
    HoldPlaced,
    OptedOut,
    PaymentReceived,
    PointMarked,
    PromiseMade,
)
from orchestrator.simulator.deeds import Deed, DeedKind

BY = "debtor"
# How the key of a direct debit begins.
COLLECTED = "collection:"
GRACE_DAYS = 3
# What an invented debtor may promise without a person, whatever the campaign: a third promise is not believed.
MOST_PROMISES = 2
REVIEW_DAYS = 15
ALREADY_PAID_DAYS = 7
# Part payments leave no crumbs.
_LEAST_PART_CENTS = 500
# A disputed sum above this may be a part of the debt.
_LARGE_CENTS = 100_000

_FAULTS = {
    DeliveryStatus.BOUNCED: Fault.BOUNCED,
    DeliveryStatus.UNDELIVERED: Fault.DEAD,
    DeliveryStatus.RETURNED: Fault.RETURNED,
    DeliveryStatus.UNKNOWN_ADDRESS: Fault.RETURNED,
}


def facts_of(case: Case, deed: Deed) -> list[Event]:
    """The facts that the deed is, none when it has no object any more (nothing is owed, it was said already)."""
    return _FACTS[deed.kind](case, deed)


def _receipt(_case: Case, deed: Deed) -> list[Event]:
    if deed.channel is None or deed.status is None:
        return []
    said = DeliveryReported(
        id=f"receipt:{deed.key}",
        at=deed.at,
        by="provider",
        message_id=deed.message_id,
        channel=deed.channel,
        status=deed.status,
    )
    if deed.status not in FAILED_STATUSES:
        return [said]
    kind, fault = POINT_OF_CHANNEL[deed.channel], _FAULTS.get(deed.status, Fault.DEAD)
    marked = PointMarked(id=f"fault:{deed.key}", at=deed.at, by="provider", kind=kind, value=deed.point, fault=fault)
    return [said, marked]


def _pay(case: Case, deed: Deed) -> list[Event]:
    positions, owed_cents = _owed(case, deed)
    cents = owed_cents * deed.percent // 100
    if cents < _LEAST_PART_CENTS or owed_cents - cents < _LEAST_PART_CENTS:
        cents = owed_cents
    if cents <= 0:
        return []
    payment = Payment(
        id=_bank_reference(case, deed),
        amount_cents=cents,
        received_on=deed.at.date(),
        references=tuple(position.debt.reference for position in positions),
    )
    return [PaymentReceived(id=f"payment:{deed.key}", at=deed.at, by="bank", payment=payment)]


def _bank_reference(case: Case, deed: Deed) -> str:
    """As a bank's statement has it, and a debtor reads it: a transfer, or the collection of a direct debit."""
    kind = "PRLV" if deed.key.startswith(COLLECTED) else "VIR"
    digits = int.from_bytes(sha256(f"{case.id}|{deed.key}".encode()).digest()[:8]) % 10**10
    return f"{kind}-{digits:010}"


def _owed(case: Case, deed: Deed) -> tuple[list[Position], int]:
    """The debts that the deed means and that are still open, those due when it names none; their sum less credits."""
    account = account_of(case, (), deed.at.date())
    if deed.references:
        positions = [position for position in account.positions if position.debt.reference in deed.references]
    else:
        positions = list(account.due()) or list(account.positions)
    open_cents = sum(position.open_cents for position in positions)
    return positions, min(open_cents, account.balance_cents)


def _promise(case: Case, deed: Deed) -> list[Event]:
    positions, owed_cents = _owed(case, deed)
    ended = {switch.key for switch in case.promise_ends}
    is_running = any(promise.id not in ended for promise in case.promises)
    if owed_cents <= 0 or is_running or len(case.promises) >= MOST_PROMISES:
        return []
    promise = Promise(
        id=f"promise:{deed.key}",
        amount_cents=max(owed_cents * deed.percent // 100, min(owed_cents, _LEAST_PART_CENTS)),
        due_on=deed.at.date() + timedelta(days=deed.days),
        grace_days=GRACE_DAYS,
        made_at=deed.at,
        references=tuple(position.debt.reference for position in positions),
    )
    return [PromiseMade(id=promise.id, at=deed.at, by=BY, promise=promise)]


def _dispute(case: Case, deed: Deed) -> list[Event]:
    positions, owed_cents = _owed(case, deed)
    disputed = {reference for hold in case.holds if hold.kind is HoldKind.DISPUTE for reference in hold.references}
    fresh = [position for position in positions if position.debt.reference not in disputed]
    if owed_cents <= 0 or not fresh:
        return []
    position = max(fresh, key=lambda each: (each.open_cents, each.debt.reference))
    is_part = position.open_cents > _LARGE_CENTS
    hold = Hold(
        id=f"dispute:{position.debt.reference}",
        kind=HoldKind.DISPUTE,
        since=deed.at,
        scope=HoldScope.DEBTS,
        references=(position.debt.reference,),
        amount_cents=position.open_cents // 3 if is_part else None,
        source=BY,
        review_on=deed.at.date() + timedelta(days=REVIEW_DAYS),
    )
    return [DisputeOpened(id=f"opened:{hold.id}", at=deed.at, by=BY, hold=hold, reason="said by the debtor")]


def _hardship(case: Case, deed: Deed) -> list[Event]:
    if case.has_mark("hardship") or _owed(case, deed)[1] <= 0:
        return []
    review_on = deed.at.date() + timedelta(days=REVIEW_DAYS)
    hold = Hold(id=f"hardship:{deed.key}", kind=HoldKind.HARDSHIP, since=deed.at, source=BY, review_on=review_on)
    return [HardshipDeclared(id=f"declared:{hold.id}", at=deed.at, by=BY, hold=hold)]


def _claim_paid(case: Case, deed: Deed) -> list[Event]:
    positions, owed_cents = _owed(case, deed)
    if owed_cents <= 0:
        return []
    hold = Hold(
        id=f"already_paid:{deed.key}",
        kind=HoldKind.ALREADY_PAID,
        since=deed.at,
        scope=HoldScope.DEBTS,
        references=tuple(position.debt.reference for position in positions),
        until=deed.at.date() + timedelta(days=ALREADY_PAID_DAYS),
        source=BY,
    )
    return [HoldPlaced(id=f"placed:{hold.id}", at=deed.at, by=BY, hold=hold)]


def _stop(case: Case, deed: Deed) -> list[Event]:
    """A person closes the channel; a firm's contact closes its own address only (semantics A7)."""
    if deed.channel not in (Channel.SMS, Channel.EMAIL):
        return []
    point = "" if case.debtor.status.is_individual else deed.point
    return [OptedOut(id=f"stop:{deed.key}", at=deed.at, by=BY, channel=deed.channel, point=point)]


_FACTS: dict[DeedKind, Callable[[Case, Deed], list[Event]]] = {
    DeedKind.RECEIPT: _receipt,
    DeedKind.PAY: _pay,
    DeedKind.PROMISE: _promise,
    DeedKind.DISPUTE: _dispute,
    DeedKind.HARDSHIP: _hardship,
    DeedKind.CLAIM_PAID: _claim_paid,
    DeedKind.STOP: _stop,
}
