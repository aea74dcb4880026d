"""What came in, was answered for and could not be applied: a person is asked about each payment and each reply.

Who sent it believes that we know. The task closes by itself once the event is applied, by hand or by another try.
"""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from orchestrator.domain.case_clock import deadline
from orchestrator.domain.duration import Duration, Unit
from orchestrator.domain.place import place_of
from orchestrator.storage import tasks
from orchestrator.storage.database import Connection
from orchestrator.storage.inbox import Event

BY = "inbox"
# A receipt among mails that matches nothing is no reply, and is tried again by itself.
_NOT_READ = ("failed:", "unreadable:", "unknown_source:")


class _Question(msgspec.Struct, frozen=True):
    kind: str
    within: Duration


# A stop may be in what was not read.
_QUESTIONS = {
    "payment": _Question("payment_unplaced", Duration(1, Unit.BUSINESS_DAY)),
    "reply": _Question("reply_unread", Duration(1, Unit.HOUR)),
}


def ask_about(conn: Connection, parked: Iterable[tuple[Event, str, str]], *, now: datetime) -> None:
    """Opens the tasks of parked events, each with its effect (`payment`, `reply`, `receipt`) and its reason.

    An event is asked about once, however often it is tried.
    """
    asked = [
        _task(event, _QUESTIONS[effect], reason, now)
        for event, effect, reason in parked
        if effect == "payment" or (effect == "reply" and reason.startswith(_NOT_READ))
    ]
    if asked:
        tasks.open_tasks(conn, asked)


def close_answered(conn: Connection, applied: Iterable[tuple[Event, str]], *, now: datetime) -> None:
    """Closes the tasks of events that are applied now, each with its effect; most were never asked about."""
    closings = [
        tasks.Closing(_id(event, _QUESTIONS[effect]), "applied", BY)
        for event, effect in applied
        if effect in _QUESTIONS and event.processed_at is not None  # looked at before
    ]
    if closings:
        tasks.close_tasks(conn, closings, now=now)


def _id(event: Event, question: _Question) -> str:
    return f":{question.kind}:{event.id}"


def _task(event: Event, question: _Question, reason: str, now: datetime) -> tasks.Task:
    return tasks.Task(
        id=_id(event, question),
        case_id="",
        kind=question.kind,
        subject=str(event.id),
        role="manager",
        due_at=deadline(now, question.within, place_of("FR", "")),
        opened_at=now,
        cause=reason,
    )
