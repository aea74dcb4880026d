"""`/webhooks`: events that came in, where they stand and why, without their contents; and applying one again."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query

from orchestrator.domain.errors import InputError
from orchestrator.flows.replay_events import replay_events
from orchestrator.storage import inbox
from orchestrator.storage.inbox import Event, State
from orchestrator.web.api.shapes import After, Given, Limit, Page, Word, nothing_named
from orchestrator.web.auth import needs
from orchestrator.web.desk import AtDesk

router = APIRouter(prefix="/webhooks", tags=["webhooks"])

_LONGEST_NUMBER = 18  # digits of a number that fits the column
EventId = Annotated[int, Path(ge=1, lt=10**_LONGEST_NUMBER)]


class EventOut(Given):
    """One event. `reason` says why it is parked; `retry_at`, when it is tried again by itself."""

    id: int
    source: str
    state: str
    received_at: datetime
    processed_at: datetime | None
    retry_at: datetime | None
    tries: int
    reason: str


class EventsOut(Page):
    """A page of events."""

    events: tuple[EventOut, ...]


@router.get("", dependencies=[needs("manager", "webhooks:read")])
def list_events(
    desk: AtDesk,
    state: Annotated[Literal["waiting", "applied", "parked"], Query()] = "parked",
    source: Word = "",
    limit: Limit = 50,
    after: After = "",
) -> EventsOut:
    """Events, the latest first; `source` is such as `twilio/status`."""
    with desk.database.read() as conn:
        found = inbox.search(conn, state=State(state), source=source, limit=limit, before=_before(after))
    return EventsOut(events=tuple(map(_event, found)), next=str(found[-1].id) if len(found) == limit else None)


@router.post("/{event_id}/replay", dependencies=[needs("manager", "webhooks:write")])
def replay(event_id: EventId, desk: AtDesk) -> EventOut:
    """Lets an event be applied again, within a second or so; what was done is not done twice."""
    replay_events(desk.database, [event_id])
    with desk.database.read() as conn:
        event = inbox.get(conn, event_id)
    if event is None:
        raise nothing_named("event")
    return _event(event)


def _before(after: str) -> int | None:
    if not after:
        return None
    if not (after.isascii() and after.isdigit() and len(after) <= _LONGEST_NUMBER):
        raise InputError("there is no such page", hint="send `next` of the page before", where="query.after")
    return int(after)


def _event(event: Event) -> EventOut:
    return EventOut(
        id=event.id,
        source=event.source,
        state=event.state.value,
        received_at=event.received_at,
        processed_at=event.processed_at,
        retry_at=event.retry_at,
        tries=event.tries,
        reason=event.reason,
    )
