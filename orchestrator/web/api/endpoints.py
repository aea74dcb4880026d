"""`/endpoints`: whom Relance tells of what happens. Secrets are shown by the command line only: answers are kept."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, Field

from orchestrator.domain.errors import InputError
from orchestrator.flows import manage_endpoints as manage
from orchestrator.storage import deliveries, endpoints
from orchestrator.storage.deliveries import Delivery, DeliveryState
from orchestrator.storage.endpoints import Endpoint
from orchestrator.web.api.shapes import After, Given, Limit, Page, Sent
from orchestrator.web.auth import ByCaller, needs
from orchestrator.web.desk import AtDesk, Desk

router = APIRouter(prefix="/endpoints", tags=["endpoints"])

_LONGEST_SEQ = 18  # digits of a number that fits the column


class EndpointIn(Sent):
    """Whom to tell, and of what."""

    url: str = Field(min_length=1, max_length=2000, description="https, of a public address")
    creditor: str = Field("", max_length=120, description="only of this creditor's cases; empty for all")
    events: list[str] = Field(default=[], max_length=50, description="only of these kinds; none for all")


class ReplayIn(Sent):
    """What to tell again: since when it happened, or only what failed, or both."""

    since: AwareDatetime | None = Field(None, strict=False)
    failed: bool = False


class EndpointOut(Given):
    """An endpoint and how it fares."""

    id: str
    url: str
    creditor: str
    events: tuple[str, ...]
    state: str = Field(description="on, retrying, failing, disabled")
    created_at: datetime
    created_by: str
    failing_since: datetime | None
    disabled_at: datetime | None
    disabled_why: str


class EndpointsOut(Given):
    """All endpoints, the oldest first."""

    endpoints: tuple[EndpointOut, ...]


class DeliveryOut(Given):
    """One event for one endpoint; `id` is its webhook-id. `next_at` is None unless it waits."""

    id: str
    event: str
    state: str = Field(description="waiting, done, failed")
    happened_at: datetime
    next_at: datetime | None
    done_at: datetime | None
    tries: int
    reason: str = Field(description="what the last try came to")


class DeliveriesOut(Page):
    """A page of deliveries, the latest first."""

    deliveries: tuple[DeliveryOut, ...]


class ReplayOut(Given):
    """How many are told again."""

    replayed: int


@router.get("", dependencies=[needs("admin", "endpoints:read")])
def list_endpoints(desk: AtDesk) -> EndpointsOut:
    """All endpoints, disabled ones too."""
    with desk.database.read() as conn:
        found = endpoints.every(conn)
    return EndpointsOut(endpoints=tuple(_endpoint(desk, each) for each in found))


@router.post("", status_code=201, dependencies=[needs("admin", "endpoints:write")])
def add_endpoint(sent: EndpointIn, desk: AtDesk, caller: ByCaller) -> EndpointOut:
    """A new endpoint; it is told from now on. Its secret: `relance endpoint secret ID`."""
    place = desk.deployment
    made = manage.add_endpoint(
        desk.database,
        manage.EndpointTerms(url=sent.url, creditor=sent.creditor, events=tuple(sent.events)),
        creditors=place.rules.creditors,
        allows_private=place.settings.private_endpoints,
        by=caller.name,
        now=desk.now(),
    )
    return _endpoint(desk, made)


@router.post("/{endpoint_id}/disable", dependencies=[needs("admin", "endpoints:write")])
def disable_endpoint(endpoint_id: str, desk: AtDesk, caller: ByCaller) -> EndpointOut:
    """Nothing more is kept for it or told to it."""
    return _endpoint(desk, manage.disable_endpoint(desk.database, endpoint_id, by=caller.name, now=desk.now()))


@router.post("/{endpoint_id}/enable", dependencies=[needs("admin", "endpoints:write")])
def enable_endpoint(endpoint_id: str, desk: AtDesk) -> EndpointOut:
    """It is told what waited, and what happens from now on."""
    return _endpoint(desk, manage.enable_endpoint(desk.database, endpoint_id))


@router.get("/{endpoint_id}/deliveries", dependencies=[needs("admin", "endpoints:read")])
def list_deliveries(
    endpoint_id: str,
    desk: AtDesk,
    state: Annotated[Literal["waiting", "done", "failed"] | None, Query()] = None,
    limit: Limit = 50,
    after: After = "",
) -> DeliveriesOut:
    """What an endpoint was told in the last thirty days, the latest first."""
    manage.find_endpoint(desk.database, endpoint_id)
    wanted = DeliveryState(state) if state is not None else None
    before = _seq(after) if after else None
    with desk.database.read() as conn:
        found = deliveries.latest(conn, endpoint_id, state=wanted, before=before, limit=limit)
    following = str(found[-1].seq) if len(found) == limit else None
    return DeliveriesOut(deliveries=tuple(map(_delivery, found)), next=following)


@router.post("/{endpoint_id}/replay", dependencies=[needs("admin", "endpoints:write")])
def replay_deliveries(endpoint_id: str, sent: ReplayIn, desk: AtDesk) -> ReplayOut:
    """Tells it again, each event under the webhook-id it had."""
    count = manage.replay_deliveries(
        desk.database, endpoint_id, since=sent.since, only_failed=sent.failed, now=desk.now()
    )
    return ReplayOut(replayed=count)


def _seq(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= _LONGEST_SEQ):
        raise InputError("there is no such page", hint="send `next` of the page before", where="query.after")
    return int(text)


def _endpoint(desk: Desk, each: Endpoint) -> EndpointOut:
    return EndpointOut(
        id=each.id,
        url=each.url,
        creditor=each.creditor,
        events=each.events,
        state=manage.state_of(each, real_now=desk.real_now()),
        created_at=each.created_at,
        created_by=each.created_by,
        failing_since=each.failing_since,
        disabled_at=each.disabled_at,
        disabled_why=each.disabled_why,
    )


def _delivery(each: Delivery) -> DeliveryOut:
    return DeliveryOut(
        id=each.id,
        event=each.event_type,
        state=each.state.value,
        happened_at=each.happened_at,
        next_at=each.next_at if each.state is DeliveryState.WAITING else None,
        done_at=each.done_at,
        tries=each.tries,
        reason=each.reason,
    )
