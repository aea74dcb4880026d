"""Events that came in and could not be applied: why, and applying them again. What is in one is personal data.

Whoever sees some creditors knows of those that name one of theirs, and of no other.
"""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from orchestrator.flows.replay_events import replay_events, replay_parked
from orchestrator.flows.seen_events import list_events, seen_event
from orchestrator.storage import inbox
from orchestrator.storage.inbox import Event, State
from orchestrator.web.console.access import allowed
from orchestrator.web.console.page import go, page
from orchestrator.web.console.session import ByVisitor, Sent
from orchestrator.web.desk import AtDesk

router = APIRouter(prefix="/webhooks")
_HERE = "/console/webhooks"
_LINES = 50
_LONGEST_NUMBER = 10**18

EventId = Annotated[int, Path(ge=1, lt=_LONGEST_NUMBER)]
Before = Annotated[int | None, Query(ge=1, lt=_LONGEST_NUMBER)]


@router.get("", dependencies=[allowed("webhooks.see")])
def show_events(
    request: Request,
    desk: AtDesk,
    visitor: ByVisitor,
    state: Annotated[Literal["parked", "waiting", "applied"], Query()] = "parked",
    source: Annotated[str, Query(max_length=120)] = "",
    before: Before = None,
) -> Response:
    """Events by where they stand, the latest first, and how many wait and are parked by source, of all creditors."""
    counts = None
    if visitor.creditors is None:
        with desk.database.read() as conn:
            counts = inbox.count(conn)
    found = list_events(
        desk.database, visitor.creditors, state=State(state), source=source, limit=_LINES, before=before
    )
    return page(
        request,
        "webhooks/webhooks.html",
        counts=counts,
        sources=sorted({*counts.parked, *counts.waiting}) if counts else [],
        events=[(event, _reason(event)) for event in found.events],
        state=state,
        source=source,
        older=found.older,
    )


@router.get("/{event_id}", dependencies=[allowed("webhooks.see")])
def show_event(event_id: EventId, request: Request, desk: AtDesk, visitor: ByVisitor) -> Response:
    """One event, with what is in it."""
    with desk.database.read() as conn:
        event = seen_event(conn, event_id, visitor.creditors)
    return page(request, "webhooks/webhook.html", event=event, reason=_reason(event), body=event.body)


@router.post("/replay", dependencies=[allowed("webhooks.replay")])
def replay_all(desk: AtDesk, visitor: ByVisitor, sent: Sent) -> Response:
    """Every parked event, or those of one source, are applied again within a second or so."""
    replay_parked(desk.database, source=sent.text("source"), creditors=visitor.creditors)
    return go(_HERE, "webhooks.replayed_all")


@router.post("/{event_id}/replay", dependencies=[allowed("webhooks.replay")])
def replay_one(event_id: EventId, desk: AtDesk, visitor: ByVisitor) -> Response:
    """One event is applied again; what was done is not done twice."""
    replay_events(desk.database, [event_id], creditors=visitor.creditors)
    return go(f"{_HERE}/{event_id}", "webhooks.replayed")


def _reason(event: Event) -> tuple[str, str]:
    """(the code of why, what was found): `unknown_word: delivered_late` in two."""
    code, _, detail = event.reason.partition(":")
    return code.strip(), detail.strip()
