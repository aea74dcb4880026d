"""Events that came in and could not be applied: why, and applying them again. What is in one is personal data."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from orchestrator.domain.errors import NotFound
from orchestrator.flows.replay_events import replay_events, replay_parked
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
    state: Annotated[Literal["parked", "waiting", "applied"], Query()] = "parked",
    source: Annotated[str, Query(max_length=120)] = "",
    before: Before = None,
) -> Response:
    """Events by where they stand, the latest first, and how many wait and are parked by source."""
    with desk.database.read() as conn:
        counts = inbox.count(conn)
        events = inbox.search(conn, state=State(state), source=source, limit=_LINES, before=before)
    return page(
        request,
        "webhooks/webhooks.html",
        counts=counts,
        sources=sorted({*counts.parked, *counts.waiting}),
        events=[(event, _reason(event)) for event in events],
        state=state,
        source=source,
        older=events[-1].id if len(events) == _LINES else None,
    )


@router.get("/{event_id}", dependencies=[allowed("webhooks.see")])
def show_event(event_id: EventId, request: Request, desk: AtDesk, visitor: ByVisitor) -> Response:
    """One event. What is in it is of any creditor: only who sees them all reads it."""
    with desk.database.read() as conn:
        event = inbox.get(conn, event_id)
    if event is None:
        raise NotFound("no event has this number")
    body = event.body if visitor.creditors is None else None
    return page(request, "webhooks/webhook.html", event=event, reason=_reason(event), body=body)


@router.post("/replay", dependencies=[allowed("webhooks.replay")])
def replay_all(desk: AtDesk, sent: Sent) -> Response:
    """Every parked event, or those of one source, are applied again within a second or so."""
    replay_parked(desk.database, source=sent.text("source"))
    return go(_HERE, "webhooks.replayed_all")


@router.post("/{event_id}/replay", dependencies=[allowed("webhooks.replay")])
def replay_one(event_id: EventId, desk: AtDesk) -> Response:
    """One event is applied again; what was done is not done twice."""
    replay_events(desk.database, [event_id])
    return go(f"{_HERE}/{event_id}", "webhooks.replayed")


def _reason(event: Event) -> tuple[str, str]:
    """(the code of why, what was found): `unknown_word: delivered_late` in two."""
    code, _, detail = event.reason.partition(":")
    return code.strip(), detail.strip()
