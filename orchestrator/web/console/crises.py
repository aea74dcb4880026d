"""Crises: overlays that slow, soften and offer help. What each would change, its start and its end."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
from fastapi import APIRouter, Request
from msgspec.structs import replace
from starlette.responses import Response

from orchestrator.domain.errors import Conflict, InputError, NotFound, RelanceError
from orchestrator.domain.interruption import Crisis
from orchestrator.flows.crisis_preview import preview_crisis
from orchestrator.flows.overlay_crisis import end_crisis, start_crisis
from orchestrator.flows.pause_scope import may_concern
from orchestrator.intake.crisis_yaml import OFFERS, CrisisFile, load_crisis
from orchestrator.storage import crises
from orchestrator.web.api.written import as_written
from orchestrator.web.console.access import allowed
from orchestrator.web.console.page import go, page
from orchestrator.web.console.scope_words import named_scope, scope_of_query
from orchestrator.web.console.session import ByVisitor, Form, Sent, Visitor
from orchestrator.web.desk import AtDesk, Desk
from orchestrator.web.errors import Refused
from orchestrator.web.pausing import confined, is_confined

router = APIRouter(prefix="/crises")
_HERE = "/console/crises"
_YEAR = timedelta(days=366)
# What a form offers to let wait; a file may name any kind of document, and single steps.
_SKIPPED = ("upcoming", "reminder", "last_reminder", "formal_notice", "hand_over")


class OnDisk(msgspec.Struct, frozen=True):
    """A file of crises: what it describes, or why it cannot be read."""

    name: str
    crisis: Crisis | None
    fault: str = ""


@router.get("", dependencies=[allowed("console.see")])
def list_crises(request: Request, desk: AtDesk, visitor: ByVisitor) -> Response:
    """In force, past and to come, and the files that are ready."""
    now = desk.now()
    with desk.database.read() as conn:
        found = crises.overlapping(conn, since=now - _YEAR, until=now + _YEAR)
        active = {crisis.id for crisis in crises.active(conn, at=now)}
    mine = [crisis for crisis in found if may_concern(crisis.scope, visitor.creditors)]
    return page(
        request,
        "crises/crises.html",
        in_force=[crisis for crisis in mine if crisis.id in active],
        others=[crisis for crisis in reversed(mine) if crisis.id not in active],
        files=_files(desk, visitor),
        known={crisis.id for crisis in found},
        named_scope=named_scope,
    )


@router.get("/new", dependencies=[allowed("crises.run")])
def new_crisis(request: Request, desk: AtDesk, visitor: ByVisitor) -> Response:
    """A crisis of a file, with what it would change; or an empty form."""
    name = request.query_params.get("file", "")
    if not name:
        return _form(request, desk, visitor, {}, fault=None)
    found = next((each for each in _files(desk, visitor) if each.name == name), None)
    if found is None or found.crisis is None:
        raise NotFound("no file of crises has this name")
    return _preview(request, desk, visitor, found.crisis, {"file": name})


@router.post("/new", dependencies=[allowed("crises.run")])
def look_at_crisis(request: Request, desk: AtDesk, visitor: ByVisitor, sent: Sent) -> Response:
    """What the crisis of a form would change. Starts nothing."""
    try:
        crisis = _of_form(sent)
    except InputError as error:
        return _form(request, desk, visitor, sent.values, fault=error)
    return _preview(request, desk, visitor, crisis, _fields(sent))


@router.post("", dependencies=[allowed("crises.run")])
def begin_crisis(desk: AtDesk, visitor: ByVisitor, sent: Sent) -> Response:
    """Starts the crisis of a file or a form. Every open case decides again."""
    if name := sent.text("file"):
        found = next((each for each in _files(desk, visitor) if each.name == name), None)
        if found is None or found.crisis is None:
            raise NotFound("no file of crises has this name")
        crisis = found.crisis
    else:
        crisis = _of_form(sent)
    start_crisis(desk.database, _own(visitor, crisis), now=desk.now())
    return go(_HERE, "crises.started")


@router.get("/{crisis_id}/end", dependencies=[allowed("crises.run")])
def look_at_end(crisis_id: str, request: Request, desk: AtDesk, visitor: ByVisitor) -> Response:
    """What ends with a crisis, and who may be contacted again sooner, from when. Ends nothing."""
    crisis = _own_crisis(desk, visitor, crisis_id)
    if crisis.ended_at is not None:
        raise Conflict("this crisis has ended already", code="crisis_ended")
    found = preview_crisis(desk.database, desk.strategy(), crisis, now=desk.now(), creditors=visitor.creditors)
    return page(request, "crises/end.html", crisis=crisis, found=found, named_scope=named_scope)


@router.post("/{crisis_id}/end", dependencies=[allowed("crises.run")])
def finish_crisis(crisis_id: str, desk: AtDesk, visitor: ByVisitor) -> Response:
    """Ends a crisis now."""
    _own_crisis(desk, visitor, crisis_id)
    end_crisis(desk.database, crisis_id, now=desk.now())
    return go(_HERE, "crises.ended_now")


def _own_crisis(desk: Desk, visitor: Visitor, crisis_id: str) -> Crisis:
    """A crisis that the visitor may end. Raises NotFound, or Refused where it is about others' creditors too."""
    with desk.database.read() as conn:
        found = crises.load(conn, crisis_id)
    if found is None or not may_concern(found.scope, visitor.creditors):
        raise NotFound("no crisis has this name")
    if not is_confined(found.scope, visitor.creditors):
        raise Refused(403, "not_allowed", "this crisis is about more than your creditors")
    return found


def _preview(
    request: Request, desk: Desk, visitor: Visitor, crisis: Crisis, fields: Mapping[str, str | tuple[str, ...]]
) -> Response:
    crisis = _own(visitor, crisis)
    found = preview_crisis(desk.database, desk.strategy(), crisis, now=desk.now(), creditors=visitor.creditors)
    facts: dict[str, Any] = {"crisis": crisis, "found": found, "fields": fields, "named_scope": named_scope}
    return page(request, "crises/preview.html", **facts)


def _form(
    request: Request, desk: Desk, visitor: Visitor, typed: Mapping[str, str], *, fault: InputError | None
) -> Response:
    status = 200 if fault is None else 422
    said = f"{fault.message} {fault.hint}".strip() if fault is not None else ""
    creditors = [each for each in desk.strategy().creditors if visitor.creditors is None or each in visitor.creditors]
    return page(
        request, "crises/form.html", status=status, typed=typed, fault=said, offers=OFFERS, skippable=_SKIPPED,
        creditors=creditors,
    )  # fmt: skip


def _of_form(sent: Form) -> Crisis:
    """By the same model as a file. Raises InputError."""
    body: dict[str, Any] = {
        "crisis": sent.text("crisis"),
        "title": sent.text("title"),
        "scope": scope_of_query(sent.values) or {"all": True},
        "from": sent.text("from"),
        "stretch": _whole(sent.text("stretch", most=3)),
        "soften": _whole(sent.text("soften", most=3)),
        "offer": list(sent.all("offer")),
        "skip": list(sent.all("skip")),
        "reason": sent.text("reason"),
    }
    if to := sent.text("to"):
        body["to"] = to
    return as_written(CrisisFile, body).as_crisis()


def _whole(text: str) -> int | str:
    return int(text) if text.isdigit() else text


def _fields(sent: Form) -> dict[str, str | tuple[str, ...]]:
    """What the form said, to be sent again by who starts it."""
    several = ("offer", "skip")
    single = {name: value for name, value in sent.values.items() if name not in several and value}
    return {**single, **{name: sent.all(name) for name in several if sent.all(name)}}


def _own(visitor: Visitor, crisis: Crisis) -> Crisis:
    return replace(crisis, scope=confined(crisis.scope, visitor.creditors))


def _files(desk: Desk, visitor: Visitor) -> list[OnDisk]:
    """Those that may be about creditors whom the visitor sees; what cannot be read is told to who sees them all."""
    folder: Path = desk.deployment.settings.campaigns / "crises"
    found = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            crisis = load_crisis(path)
            if may_concern(crisis.scope, visitor.creditors):
                found.append(OnDisk(path.name, crisis))
        except RelanceError as error:
            if visitor.creditors is None:
                found.append(OnDisk(path.name, None, error.message))
    return found
