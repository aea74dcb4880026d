"""Applies what came in: receipts, replies and payments, each event once, its effect and its state in one commit.

An event that cannot be applied is found by halves and parked with a reason; the others go on. A receipt may come before
the answer to the call that it is about, so what matches nothing is tried again by itself for an hour, and what failed
for eleven minutes. A person is asked about payments and replies that are parked.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial

import msgspec

from channels.contract import Inbound, Receipt
from channels.email.inbound_mail import read_mail
from channels.email.stored_mail import opened_mail
from channels.provider import Parsed
from channels.registry import PROVIDERS, webhooks
from orchestrator.domain.errors import Conflict, kind_and_place
from orchestrator.flows import partner_payments
from orchestrator.flows.parked_tasks import ask_about, close_answered
from orchestrator.flows.record_receipts import record_receipts_in
from orchestrator.flows.record_replies import record_replies_in
from orchestrator.flows.set_aside import is_of_one_case
from orchestrator.flows.strategy import Strategy
from orchestrator.storage import inbox
from orchestrator.storage.database import Connection, Database
from orchestrator.storage.inbox import Event, Parking

log = logging.getLogger(__name__)

# SQLite has one writer: what takes longer keeps webhooks out, and sends them to the spool.
BATCH = 250
# Mails hold megabytes: fewer at once.
_BATCH_CHARACTERS = 40_000_000
MAILBOX = "mailbox/"  # then the name of a mailbox; bodies are `stored_mail`
UNMATCHED = "unmatched: no attempt of ours is known by this id yet"
# After these the next try; together an hour and ten minutes.
_TRY_AGAIN_AFTER = (
    timedelta(seconds=5),
    timedelta(seconds=25),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(minutes=25),
    timedelta(minutes=33),
)
# A fault of ours may pass: a row that was being written, a disk that was full.
_FAILED_AGAIN_AFTER = (timedelta(minutes=1), timedelta(minutes=10))
_LONGEST_REASON = 300
# Another transaction was at the same thing: the next round finds it done.
_PASSING = frozenset({"case_changed", "payment_raced"})

Read = Callable[[str], Parsed]


class Applied(msgspec.Struct):
    """How many events were applied, and how many parked."""

    applied: int = 0
    parked: int = 0

    @property
    def looked_at(self) -> int:
        """How many were taken up."""
        return self.applied + self.parked


class Moment(msgspec.Struct, frozen=True):
    """The instants of a round: `now` is that of flows, `real` the wall's, by which events are received and tried."""

    now: datetime
    real: datetime


def apply_inbox(
    database: Database, strategy: Strategy, *, now: datetime, real_now: datetime, limit: int = BATCH
) -> Applied:
    """Applies up to `limit` waiting events, then those whose time to be tried again has come.

    Nothing waiting costs two indexed queries. Raises StorageError when the database is away.
    """
    with database.read() as conn:
        if not inbox.is_due(conn, now=real_now):
            return Applied()
    moment = Moment(now, real_now)
    done = Applied()
    _take(database, strategy, lambda conn: inbox.waiting(conn, limit), moment, done)
    _take(database, strategy, lambda conn: inbox.to_retry(conn, limit, now=real_now), moment, done)
    return done


def _take(
    database: Database, strategy: Strategy, take: Callable[[Connection], list[Event]], moment: Moment, done: Applied
) -> None:
    """One batch in one transaction; when it fails, each half of it in one of its own."""
    events: list[Event] = []
    parked = 0
    try:
        with database.begin() as conn:
            events = _of_one_effect(_within_size(take(conn)))
            if events:
                parked = _apply(conn, strategy, events, moment)
    except Exception as error:
        if not _is_of_one_event(error):
            raise
        _after_failure(database, strategy, events, error, moment, done)
        return
    done.parked += parked
    done.applied += len(events) - parked


def _after_failure(
    database: Database,
    strategy: Strategy,
    events: Sequence[Event],
    error: Exception,
    moment: Moment,
    done: Applied,
) -> None:
    if len(events) == 1:
        # The kind and place of a fault, never its words, which may quote what was written to us.
        reason = f"failed: {kind_and_place(error)}"[:_LONGEST_REASON]
        log.error("an event of %s is parked: %s", events[0].source, kind_and_place(error, frames=8))
        with database.begin() as conn:
            for event in inbox.hold(conn, [events[0].id]):
                again = _again_at(event, _FAILED_AGAIN_AFTER, moment)
                inbox.park(conn, [Parking(id=event.id, reason=reason, retry_at=again)], now=moment.real)
                ask_about(conn, [(event, _effect(event), reason)], now=moment.now)
                done.parked += 1
        return
    log.error("a batch of events is applied in parts: %s", kind_and_place(error, frames=8))
    middle = len(events) // 2
    for half in (events[:middle], events[middle:]):
        _take(database, strategy, partial(_hold, ids=[event.id for event in half]), moment, done)


def _again_at(event: Event, after: Sequence[timedelta], moment: Moment) -> datetime | None:
    """When it is tried again by itself, None when it was often enough."""
    return moment.real + after[event.tries] if event.tries < len(after) else None


def _hold(conn: Connection, ids: Sequence[int]) -> list[Event]:
    return inbox.hold(conn, ids)


def _is_of_one_event(error: Exception) -> bool:
    """Whether it may be one event that is at fault, not the database, the disk or another process."""
    if isinstance(error, Conflict):
        return error.code not in _PASSING
    return is_of_one_case(error)


def _within_size(events: Sequence[Event]) -> list[Event]:
    """As many as may be in memory at once, the first in any case."""
    taken: list[Event] = []
    size = 0
    for event in events:
        size += len(event.body)
        if taken and size > _BATCH_CHARACTERS:
            break
        taken.append(event)
    return taken


def _of_one_effect(events: Sequence[Event]) -> list[Event]:
    """Those that do as the first one does; the next round takes the others.

    Each effect locks its cases, and counters last: two kinds in one transaction would lock a case after a counter, and
    could wait in a circle with whoever sends.
    """
    return [event for event in events if _effect(event) == _effect(events[0])]


def _effect(event: Event) -> str:
    """Receipts, replies or payments. A mail is either; what is attached to it, its receipts are few."""
    if event.source == partner_payments.SOURCE:
        return "payment"
    is_written = event.source.startswith(MAILBOX) or event.source.endswith("/inbound")
    return "reply" if is_written else "receipt"


# ---------------------------------------------------------------------------------------------- effects


class _Heard(msgspec.Struct):
    """An event, what it says, and why it is to be parked, empty when it is not."""

    event: Event
    parsed: Parsed
    reason: str = ""
    retry_at: datetime | None = None


def _apply(conn: Connection, strategy: Strategy, events: Sequence[Event], moment: Moment) -> int:
    """Writes the effects of these events and where they stand; returns how many are parked."""
    payments = [event for event in events if event.source == partner_payments.SOURCE]
    heard = [_heard(event) for event in events if event.source != partner_payments.SOURCE]
    _apply_receipts(conn, heard, moment)
    _apply_replies(conn, strategy, heard, moment)
    heard += _apply_payments(conn, strategy, payments, moment)
    parkings = [
        Parking(id=each.event.id, reason=each.reason[:_LONGEST_REASON], retry_at=each.retry_at)
        for each in heard
        if each.reason
    ]
    inbox.park(conn, parkings, now=moment.real)
    inbox.settle(conn, [each.event.id for each in heard if not each.reason], now=moment.real)
    ask_about(conn, _parked_of(heard), now=moment.now)
    close_answered(conn, [(each.event, _effect(each.event)) for each in heard if not each.reason], now=moment.now)
    for each in heard:
        if each.parsed.faults and not each.reason:
            inbox.note(conn, each.event.id, "; ".join(each.parsed.faults)[:_LONGEST_REASON])
    return len(parkings)


def _parked_of(heard: Iterable[_Heard]) -> list[tuple[Event, str, str]]:
    return [(each.event, _effect(each.event), each.reason[:_LONGEST_REASON]) for each in heard if each.reason]


def _heard(event: Event) -> _Heard:
    read = _reader(event.source)
    if read is None:
        return _Heard(event, Parsed(), "unknown_source: nothing reads what came in there")
    parsed = read(event.body)
    if parsed.unknown:
        words = ", ".join(parsed.unknown)
        return _Heard(event, parsed, f"unknown_word: {words}")
    if parsed.faults and not parsed.facts:
        return _Heard(event, parsed, f"unreadable: {'; '.join(parsed.faults)}")
    return _Heard(event, parsed)


def _reader(source: str) -> Read | None:
    """Who reads what came in there; None for a source that this version does not know."""
    if source.startswith(MAILBOX):
        return _read_mail
    name, _, kind = source.partition("/")
    webhook = webhooks(name).get(kind) if name in PROVIDERS else None
    return webhook.read if webhook else None


def _read_mail(body: str) -> Parsed:
    raw = opened_mail(body)
    return Parsed(faults=("a mail that was not kept as one",)) if raw is None else read_mail(raw)


def _apply_receipts(conn: Connection, heard: Iterable[_Heard], moment: Moment) -> None:
    """Records receipts; an event whose receipt is of no attempt of ours is tried again for a while, then only seen."""
    by_receipt: dict[int, _Heard] = {}
    receipts: list[Receipt] = []
    for each in heard:
        for fact in each.parsed.facts:
            if isinstance(fact, Receipt):
                receipts.append(fact)
                by_receipt[id(fact)] = each
    if not receipts:
        return
    done = record_receipts_in(conn, receipts, now=moment.now, real_now=moment.real)
    for receipt in done.unmatched:
        heard_in = by_receipt[id(receipt)]
        heard_in.reason = UNMATCHED
        heard_in.retry_at = _again_at(heard_in.event, _TRY_AGAIN_AFTER, moment)


def _apply_replies(conn: Connection, strategy: Strategy, heard: Iterable[_Heard], moment: Moment) -> None:
    inbounds = [
        _dated(fact, each.event, moment) for each in heard for fact in each.parsed.facts if isinstance(fact, Inbound)
    ]
    if inbounds:
        record_replies_in(conn, strategy, inbounds, now=moment.now)


def _dated(inbound: Inbound, event: Event, moment: Moment) -> Inbound:
    """What says no instant was written when it reached us; on a shifted clock, shifted as `now` is."""
    if inbound.occurred_at is not None:
        return inbound
    return msgspec.structs.replace(inbound, occurred_at=event.received_at + (moment.now - moment.real))


def _apply_payments(conn: Connection, strategy: Strategy, events: Sequence[Event], moment: Moment) -> list[_Heard]:
    if not events:
        return []
    reasons = partner_payments.record_partner_payments(
        conn,
        [event.body for event in events],
        creditors=strategy.creditors,
        today=moment.now.astimezone().date(),
        now=moment.now,
    )
    return [_Heard(event, Parsed(), reason) for event, reason in zip(events, reasons, strict=True)]
