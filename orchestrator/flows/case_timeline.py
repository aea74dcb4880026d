"""The journal of a case as a person reads it: newest first, repeated waits told once. Words nothing."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

import msgspec

from orchestrator.domain import events as ev
from orchestrator.domain.decision import Decision, Wait
from orchestrator.domain.events import Event
from orchestrator.storage.journal import Line


class LineKind(StrEnum):
    """What a line of the timeline is about."""

    MESSAGES = "messages"
    REPLIES = "replies"
    AGREEMENTS = "agreements"
    LEDGER = "ledger"
    CONTACTS = "contacts"
    TASKS = "tasks"
    NOTES = "notes"
    DECISIONS = "decisions"


_KINDS: dict[type, LineKind] = {
    ev.MessagePlanned: LineKind.MESSAGES,
    ev.MessageCancelled: LineKind.MESSAGES,
    ev.MessageLeft: LineKind.MESSAGES,
    ev.DoubtSettled: LineKind.MESSAGES,
    ev.DeliveryReported: LineKind.MESSAGES,
    ev.CallMade: LineKind.MESSAGES,
    ev.ReplyReceived: LineKind.REPLIES,
    ev.HoldPlaced: LineKind.AGREEMENTS,
    ev.HoldLifted: LineKind.AGREEMENTS,
    ev.PromiseMade: LineKind.AGREEMENTS,
    ev.PromiseKept: LineKind.AGREEMENTS,
    ev.PromiseBroken: LineKind.AGREEMENTS,
    ev.DisputeOpened: LineKind.AGREEMENTS,
    ev.DisputeResolved: LineKind.AGREEMENTS,
    ev.HardshipDeclared: LineKind.AGREEMENTS,
    ev.ApprovalGiven: LineKind.AGREEMENTS,
    ev.ApprovalRefused: LineKind.AGREEMENTS,
    ev.DebtRecorded: LineKind.LEDGER,
    ev.DebtPresumedSettled: LineKind.LEDGER,
    ev.DebtWithdrawn: LineKind.LEDGER,
    ev.PaymentReceived: LineKind.LEDGER,
    ev.PaymentReversed: LineKind.LEDGER,
    ev.ClaimInterrupted: LineKind.LEDGER,
    ev.DebtorRecorded: LineKind.CONTACTS,
    ev.PointMarked: LineKind.CONTACTS,
    ev.PointAdded: LineKind.CONTACTS,
    ev.OptedOut: LineKind.CONTACTS,
    ev.OptedIn: LineKind.CONTACTS,
    ev.TaskOpened: LineKind.TASKS,
    ev.TaskClosed: LineKind.TASKS,
    ev.NoteAdded: LineKind.NOTES,
    ev.Marked: LineKind.NOTES,
    ev.Unmarked: LineKind.NOTES,
}


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One line. `times` is how often the same wait was decided in a row, from `since` to `at`; `by` who did it."""

    seq: int
    at: datetime
    since: datetime
    fact: Event | Decision
    kind: LineKind
    by: str = ""
    times: int = 1
    message_id: str = ""
    reply_id: str = ""


def timeline(lines: Sequence[Line], *, kinds: frozenset[LineKind] = frozenset()) -> tuple[Told, ...]:
    """The lines of these kinds (none: all), newest first. Waits in a row are one, told by the last of them."""
    told: list[Told] = []
    for line in lines:
        if isinstance(line.fact, ev.ReactionDone):
            continue
        one = _told(line)
        if kinds and one.kind not in kinds:
            continue
        if told and _is_wait(one) and _is_wait(told[-1]):
            before = told.pop()
            one = msgspec.structs.replace(one, since=before.since, times=before.times + 1)
        told.append(one)
    return tuple(reversed(told))


def _is_wait(one: Told) -> bool:
    return isinstance(one.fact, Decision) and isinstance(one.fact.act, Wait)


def _told(line: Line) -> Told:
    fact = line.fact
    return Told(
        seq=line.seq,
        at=line.at,
        since=line.at,
        fact=fact,
        kind=_KINDS.get(type(fact), LineKind.DECISIONS),
        by="" if isinstance(fact, Decision) else fact.by,
        message_id=getattr(fact, "message_id", ""),
        reply_id=getattr(fact, "reply_id", ""),
    )
