"""Messages as people look for them: those in doubt first, then those that left last, or all of one state.

A page ends with its hits, or with its time; it then says back to when it looked, and where the next one goes on.
"""

from collections.abc import Callable, Iterable
from datetime import datetime

import msgspec

from orchestrator.flows.seen_messages import SeenMessage
from orchestrator.flows.task_rows import row_id
from orchestrator.flows.visible_case import visible_case
from orchestrator.storage import attempts, cases, message_search, messages, tasks
from orchestrator.storage.database import Connection, Database
from orchestrator.storage.instants import from_micros
from orchestrator.storage.message_search import RARE_STATES, Place, Slice, Wanted
from orchestrator.storage.messages import Message, MessageState

PAGE = 50
_MOST_DOUBTS = 20


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A page. `after` leads to the next one, None at the end. `is_cut`: the time was over, back to `looked_to`."""

    messages: tuple[Message, ...]
    after: Place | None
    looked_to: datetime | None = None
    is_cut: bool = False


def search_messages(
    database: Database,
    wanted: Wanted,
    *,
    after: Place | None = None,
    is_over: Callable[[], bool] = lambda: False,
) -> Found:
    """A page of messages, those behind `after`."""
    with database.read() as conn:
        return _page(conn, wanted, after, is_over)


def _page(conn: Connection, wanted: Wanted, after: Place | None, is_over: Callable[[], bool]) -> Found:
    hits: dict[str, Message] = {}
    while True:
        part = _part(conn, wanted, after)
        for place, message in part.found:
            if message.id not in hits and len(hits) == PAGE:
                return Found(messages=tuple(hits.values()), after=after)
            hits[message.id], after = message, place
        if part.last is None:
            return Found(messages=tuple(hits.values()), after=None)
        after = part.last
        if is_over():
            looked_to = from_micros(after[0])
            return Found(messages=tuple(hits.values()), after=after, looked_to=looked_to, is_cut=len(hits) < PAGE)


def _part(conn: Connection, wanted: Wanted, after: Place | None) -> Slice:
    if wanted.state is MessageState.PLANNED:
        return message_search.planned(conn, wanted, after=after)
    if wanted.state in RARE_STATES:
        return message_search.rare(conn, wanted, before=after)
    return message_search.called(conn, wanted, before=after)


class About(msgspec.Struct, frozen=True):
    """Whom a message is to, and the currency of its amount."""

    name: str
    currency: str


def about_of(database: Database, found: Iterable[Message]) -> dict[str, About]:
    """{case: whom its messages are to}, of messages that the reader may see."""
    with database.read() as conn:
        stored = cases.load(conn, {message.case_id for message in found})
    return {each.case.id: About(each.case.debtor.name, each.case.currency) for each in stored}


def case_messages(database: Database, case_id: str, *, creditors: frozenset[str] | None) -> tuple[Message, ...]:
    """All messages of a case, the newest first. Raises NotFound."""
    with database.read() as conn:
        stored = visible_case(conn, case_id, creditors=creditors)
        return tuple(reversed(messages.of_case(conn, stored.case.id)))


class Doubt(msgspec.Struct, frozen=True):
    """A message of which nobody knows whether it left, since when, and the task that asks, once somebody is asked."""

    message: Message
    since: datetime
    task: tasks.Task | None


def messages_in_doubt(database: Database, *, creditors: frozenset[str] | None) -> tuple[Doubt, ...]:
    """The oldest doubts, each with its open task: done says that it left, refuse that it did not."""
    with database.read() as conn:
        doubted = attempts.in_doubt(conn, limit=_MOST_DOUBTS * 10)
        if creditors is not None:
            theirs = {s.case.id for s in cases.load(conn, {a.case_id for a in doubted}) if s.case.creditor in creditors}
            doubted = [attempt for attempt in doubted if attempt.case_id in theirs]
        doubted = doubted[:_MOST_DOUBTS]
        found = {message.id: message for message in messages.load(conn, [each.message_id for each in doubted])}
        asked = tasks.load(conn, [row_id(each.case_id, f"in_doubt:{each.id}") for each in doubted])
    open_tasks = {task.subject: task for task in asked if task.state is tasks.TaskState.OPEN}
    return tuple(
        Doubt(found[each.message_id], each.started_at, open_tasks.get(each.id))
        for each in doubted
        if each.message_id in found
    )


def doubt_about(database: Database, case_id: str, seen: SeenMessage) -> tasks.Task | None:
    """The open task that asks whether a message left; None while nobody is asked."""
    ids = [row_id(case_id, f"in_doubt:{attempt.id}") for attempt in seen.tries]
    with database.read() as conn:
        return next((task for task in tasks.load(conn, ids) if task.state is tasks.TaskState.OPEN), None)
