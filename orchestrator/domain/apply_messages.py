"""What facts about messages do to a case: planned, cancelled, left, in doubt, reported. Called by `apply` alone."""

from msgspec.structs import replace

from orchestrator.domain import events as ev
from orchestrator.domain.case import FAILED_STATUSES, Case, Departure, InHand, Pending, Receipt, Switch
from orchestrator.domain.folding import done, pend, put, switch


def message_planned(case: Case, event: ev.MessagePlanned) -> Case:
    """A message is in hand until it leaves or is cancelled."""
    if any(known.message_id == event.message_id for known in case.departures):
        return case
    in_hand = InHand(
        message_id=event.message_id, step=event.step, cycle=event.cycle, ordinal=event.ordinal,
        channel=event.channel, planned_at=event.at, cause=event.cause,
    )  # fmt: skip
    return replace(case, in_hand=in_hand)


def _out_of_hand(case: Case, message_id: str) -> InHand | None:
    return None if case.in_hand is not None and case.in_hand.message_id == message_id else case.in_hand


def message_cancelled(case: Case, event: ev.MessageCancelled) -> Case:
    """The case decides again, without the channel that could not carry it."""
    blocked = case.blocked
    if event.blocks_channel and case.in_hand is not None and case.in_hand.message_id == event.message_id:
        key = f"{case.in_hand.cycle}:{case.in_hand.step}:{case.in_hand.channel}"
        blocked = switch(blocked, Switch(key=key, is_on=True, at=event.at, value=event.why))
    return replace(case, in_hand=_out_of_hand(case, event.message_id), blocked=blocked)


def message_left(case: Case, event: ev.MessageLeft) -> Case:
    """The departure counts from its first telling; one proved absent never does."""
    settled = {doubt.key: doubt.is_on for doubt in case.doubts}
    if settled.get(event.attempt_id) is False:
        return case
    departure = Departure(
        message_id=event.message_id, step=event.step, cycle=event.cycle, ordinal=event.ordinal,
        channel=event.channel, use=event.use, voice=event.voice, template=event.template, kind=event.kind,
        purpose=event.purpose, at=event.at, references=event.references, cause=event.cause, point=event.point,
        amount_cents=event.amount_cents, cost_cents=event.cost_cents, is_observed=event.is_observed,
        attempt_id=event.attempt_id, is_in_doubt=event.is_in_doubt and event.attempt_id not in settled,
    )  # fmt: skip
    known = [d for d in case.departures if d.message_id == event.message_id]
    others = (d for d in case.departures if d.message_id != event.message_id)
    # A message leaves once: told twice, it left the first time.
    first = min((*known, departure), key=lambda d: d.at)
    departures = tuple(sorted((*others, first), key=lambda d: (d.at, d.message_id)))
    case = replace(case, departures=departures, in_hand=_out_of_hand(case, event.message_id))
    return done(case, event.cause, "send") if event.cause else case


def doubt_settled(case: Case, event: ev.DoubtSettled) -> Case:
    """The departure is certain, or never was."""
    doubts = switch(case.doubts, Switch(key=event.attempt_id, is_on=event.was_sent, at=event.at))
    departures = tuple(
        replace(d, is_in_doubt=False) if d.attempt_id == event.attempt_id else d
        for d in case.departures
        if event.was_sent or d.attempt_id != event.attempt_id
    )
    return replace(case, doubts=doubts, departures=departures)


def delivery_reported(case: Case, event: ev.DeliveryReported) -> Case:
    """Receipts only ever grow (semantics D5)."""
    new = Receipt(message_id=event.message_id, channel=event.channel, status=event.status)
    case = replace(case, receipts=put(case.receipts, new, lambda r: (r.message_id, r.status)))
    if event.status not in FAILED_STATUSES:
        return case
    failure = Pending(
        cause=f"delivery.failed:{event.message_id}", event="delivery.failed", at=event.at, subject=event.message_id
    )
    return pend(case, failure)
