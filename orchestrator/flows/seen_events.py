"""Events that came in, for who sees some creditors: those that name one of theirs. Of any other there is none to them.

A payment of a partner names its creditor. A receipt or a reply names nobody before it is applied, so it is for who sees
every creditor.
"""

from collections.abc import Iterator

import msgspec

from orchestrator.domain.errors import NotFound
from orchestrator.flows.partner_payments import creditor_named
from orchestrator.storage import inbox
from orchestrator.storage.database import Connection, Database
from orchestrator.storage.inbox import Event, State

Whose = frozenset[str] | None
_AT_ONCE = 200
# Bodies are read one by one: a page looks at so many and leads on.
_MOST_READ = 2_000


class Events(msgspec.Struct, frozen=True):
    """A page of events, the latest first; `older` is where the next begins, None after the last."""

    events: tuple[Event, ...]
    older: int | None


def is_seen(event: Event, creditors: Whose) -> bool:
    """Whether somebody who sees these creditors, None all, may know of an event."""
    return creditors is None or creditor_named(event) in creditors


def seen_event(conn: Connection, event_id: int, creditors: Whose) -> Event:
    """The event of that number. Raises NotFound, also for one that is another's."""
    event = inbox.get(conn, event_id)
    if event is None or not is_seen(event, creditors):
        raise NotFound("no event has this number")
    return event


def list_events(
    database: Database, creditors: Whose, *, state: State, source: str, limit: int, before: int | None
) -> Events:
    """Events where they stand, of one source where it is named."""
    with database.read() as conn:
        if creditors is None:
            plain = inbox.search(conn, state=state, source=source, limit=limit, before=before)
            return Events(tuple(plain), plain[-1].id if len(plain) == limit else None)
        found, last, looked = [], before, 0
        for event in walk(conn, state=state, source=source, before=before):
            last, looked = event.id, looked + 1
            if is_seen(event, creditors):
                found.append(event)
            if len(found) == limit or looked == _MOST_READ:
                return Events(tuple(found), last)
    return Events(tuple(found), None)


def walk(conn: Connection, *, state: State, source: str, before: int | None = None) -> Iterator[Event]:
    """Every event in a state, the latest first, some at a time."""
    while True:
        some = inbox.search(conn, state=state, source=source, limit=_AT_ONCE, before=before)
        yield from some
        if len(some) < _AT_ONCE:
            return
        before = some[-1].id
