"""Whom Relance tells of what happens: how each fares, what it did not take, telling it again. For administrators."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from orchestrator.domain.errors import InputError, NotFound
from orchestrator.flows import manage_endpoints as manage
from orchestrator.flows.endpoint_secret import secret_of
from orchestrator.storage import deliveries, endpoints
from orchestrator.storage.deliveries import DeliveryState
from orchestrator.storage.endpoints import Endpoint
from orchestrator.storage.outbox_bodies import TYPES
from orchestrator.web.console.access import allowed
from orchestrator.web.console.page import go, page
from orchestrator.web.console.session import ByVisitor, Sent, Visitor
from orchestrator.web.desk import AtDesk, Desk

router = APIRouter(prefix="/endpoints", dependencies=[allowed("endpoints.manage")])
_HERE = "/console/endpoints"
_LINES = 50
_LONGEST_URL = 2_000


@router.get("")
def show_endpoints(request: Request, desk: AtDesk, visitor: ByVisitor) -> Response:
    """All endpoints, with what waits for each and what it never took."""
    with desk.database.read() as conn:
        found = [each for each in endpoints.every(conn) if _is_seen(visitor, each.creditor)]
        figures = {each.endpoint_id: each for each in deliveries.figures(conn)}
    listed = [(each, manage.state_of(each, real_now=desk.real_now()), figures.get(each.id)) for each in found]
    return page(request, "endpoints/endpoints.html", listed=listed)


@router.get("/new")
def new_endpoint(request: Request, desk: AtDesk, visitor: ByVisitor) -> Response:
    """The form of a new one."""
    return _form(request, desk, visitor, {}, None)


@router.post("/new")
def create_endpoint(request: Request, desk: AtDesk, visitor: ByVisitor, sent: Sent) -> Response:
    """Adds one, and shows its secret once."""
    terms = manage.EndpointTerms(
        url=sent.text("url", most=_LONGEST_URL), creditor=sent.text("creditor"), events=sent.all("event")
    )
    try:
        if not _is_seen(visitor, terms.creditor):
            raise InputError("you do not see every creditor", hint="choose one of yours", where="creditor")
        made = manage.add_endpoint(
            desk.database,
            terms,
            creditors=desk.strategy().creditors,
            allows_private=desk.deployment.settings.private_endpoints,
            by=visitor.name,
            now=desk.now(),
        )
    except InputError as error:
        return _form(request, desk, visitor, sent.values, error)
    return _with_secret(request, desk, made)


@router.get("/{endpoint_id}")
def show_endpoint(
    endpoint_id: str,
    request: Request,
    desk: AtDesk,
    visitor: ByVisitor,
    state: Annotated[Literal["", "waiting", "done", "failed"], Query()] = "",
    before: Annotated[int | None, Query(ge=1, lt=10**18)] = None,
) -> Response:
    """One endpoint, and what it was told in the last thirty days."""
    found = _find(desk, visitor, endpoint_id)
    wanted = DeliveryState(state) if state else None
    with desk.database.read() as conn:
        told = deliveries.latest(conn, endpoint_id, state=wanted, before=before, limit=_LINES)
    return page(
        request,
        "endpoints/endpoint.html",
        endpoint=found,
        health=manage.state_of(found, real_now=desk.real_now()),
        told=told,
        state=state,
        older=told[-1].seq if len(told) == _LINES else None,
    )


@router.post("/{endpoint_id}/secret")
def renew_secret(endpoint_id: str, request: Request, desk: AtDesk, visitor: ByVisitor) -> Response:
    """A new secret, shown once; the one before signs too for a day."""
    _find(desk, visitor, endpoint_id)
    return _with_secret(request, desk, manage.rotate_endpoint(desk.database, endpoint_id, real_now=desk.real_now()))


@router.post("/{endpoint_id}/disable")
def stop_endpoint(endpoint_id: str, desk: AtDesk, visitor: ByVisitor) -> Response:
    """Nothing more is kept for it or told to it."""
    _find(desk, visitor, endpoint_id)
    manage.disable_endpoint(desk.database, endpoint_id, by=visitor.name, now=desk.now())
    return go(f"{_HERE}/{endpoint_id}", "endpoints.disabled_now")


@router.post("/{endpoint_id}/enable")
def restore_endpoint(endpoint_id: str, desk: AtDesk, visitor: ByVisitor) -> Response:
    """It is told what waited, and what happens from now on."""
    _find(desk, visitor, endpoint_id)
    manage.enable_endpoint(desk.database, endpoint_id)
    return go(f"{_HERE}/{endpoint_id}", "endpoints.enabled_now")


@router.post("/{endpoint_id}/retry")
def retry_deliveries(endpoint_id: str, desk: AtDesk, visitor: ByVisitor) -> Response:
    """What it never took is told again, each under the id it had."""
    _find(desk, visitor, endpoint_id)
    manage.replay_deliveries(desk.database, endpoint_id, since=None, only_failed=True, now=desk.now())
    return go(f"{_HERE}/{endpoint_id}", "endpoints.retried")


def _is_seen(visitor: Visitor, creditor: str) -> bool:
    """One that hears of every creditor is for who sees every creditor."""
    return visitor.creditors is None or creditor in visitor.creditors


def _find(desk: Desk, visitor: Visitor, endpoint_id: str) -> Endpoint:
    found = manage.find_endpoint(desk.database, endpoint_id)
    if not _is_seen(visitor, found.creditor):
        raise NotFound("no endpoint has this id")
    return found


def _form(request: Request, desk: Desk, visitor: Visitor, typed: object, fault: InputError | None) -> Response:
    creditors = tuple(sorted(each for each in desk.strategy().creditors if _is_seen(visitor, each)))
    status = 200 if fault is None else 422
    facts = {"typed": typed, "fault": fault, "creditors": creditors, "kinds": TYPES}
    return page(request, "endpoints/new.html", status=status, **facts)


def _with_secret(request: Request, desk: Desk, made: Endpoint) -> Response:
    secret = secret_of(desk.deployment.secret_key, made.id, made.generation)
    return page(request, "endpoints/secret.html", endpoint=made, secret=secret)
