"""`/crises`: overlays that slow, soften and offer help; started and ended without a restart."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Body

from orchestrator.domain.interruption import Crisis
from orchestrator.flows.overlay_crisis import end_crisis, start_crisis
from orchestrator.intake.crisis_yaml import CrisisFile
from orchestrator.storage import crises
from orchestrator.web.api.shapes import Given, body_of
from orchestrator.web.api.written import as_written
from orchestrator.web.auth import needs
from orchestrator.web.desk import AtDesk

router = APIRouter(prefix="/crises", tags=["crises"])

_YEAR = timedelta(days=366)


class CrisisOut(Given):
    """A crisis. `to` is its last day, included, where each debtor lives; None has no end yet."""

    id: str
    title: str
    starts_on: date
    ends_on: date | None
    ended_at: datetime | None
    stretch: int
    soften: int
    offer: tuple[str, ...]
    skip: tuple[str, ...]
    reason: str


class StartedOut(CrisisOut):
    """A crisis just started; `woken` open cases decide again."""

    woken: int


class CrisesOut(Given):
    """Crises of the last and the coming year."""

    crises: tuple[CrisisOut, ...]


@router.get("", dependencies=[needs("viewer", "crises:read")])
def list_crises(desk: AtDesk) -> CrisesOut:
    """Crises of the last and the coming year, by their first day."""
    now = desk.now()
    with desk.database.read() as conn:
        found = crises.overlapping(conn, since=now - _YEAR, until=now + _YEAR)
    return CrisesOut(crises=tuple(CrisisOut(**_crisis(crisis)) for crisis in found))


@router.post("", status_code=201, dependencies=[needs("admin", "crises:write")], openapi_extra=body_of(CrisisFile))
def begin_crisis(body: Annotated[dict[str, Any], Body()], desk: AtDesk) -> StartedOut:
    """Starts a crisis, described as in a file of campaigns/crises/."""
    crisis = as_written(CrisisFile, body).as_crisis()
    woken = start_crisis(desk.database, crisis, now=desk.now())
    return StartedOut(**_crisis(crisis), woken=woken)


@router.post("/{crisis_id}/end", dependencies=[needs("admin", "crises:write")])
def finish_crisis(crisis_id: str, desk: AtDesk) -> CrisisOut:
    """Ends a crisis now."""
    return CrisisOut(**_crisis(end_crisis(desk.database, crisis_id, now=desk.now())))


def _crisis(crisis: Crisis) -> dict[str, Any]:
    return {
        "id": crisis.id,
        "title": crisis.title,
        "starts_on": crisis.from_on,
        "ends_on": crisis.to_on,
        "ended_at": crisis.ended_at,
        "stretch": crisis.stretch,
        "soften": crisis.soften,
        "offer": crisis.offer,
        "skip": crisis.skip,
        "reason": crisis.reason,
    }
