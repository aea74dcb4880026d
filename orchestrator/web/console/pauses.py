"""Pauses: what to stop, whom it touches, the truth while it drains, and those in force and past."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request
from msgspec.structs import replace
from starlette.responses import Response

from orchestrator.domain.errors import Conflict, InputError, NotFound
from orchestrator.domain.interruption import Pause
from orchestrator.flows.campaign_view import is_for
from orchestrator.flows.pause_reach import pause_reach
from orchestrator.flows.pause_scope import may_concern, require_lanes
from orchestrator.flows.pause_sending import PauseReport, load_pause
from orchestrator.storage import cases, pauses
from orchestrator.web.console.access import allowed
from orchestrator.web.console.page import go, page, part_of
from orchestrator.web.console.scope_words import named_scope, query_of, scope_of_query
from orchestrator.web.console.session import ByVisitor, Form, Sent, Visitor
from orchestrator.web.console.streams import Part, live
from orchestrator.web.desk import AtDesk, Desk
from orchestrator.web.errors import Refused
from orchestrator.web.pausing import CHANNELS, is_confined, place, report_of, wanted_pause

router = APIRouter(prefix="/pauses")
_HERE = "/console/pauses"
# What is offered to a hurried hand; other words can be typed.
REASONS = ("crisis", "error", "wrong_data", "complaints", "request")
_MOST_PAST = 50
_PAST = timedelta(days=366)
# So often a form that is gone back to begins a pause under an id of its own; then each time is a new one.
_MOST_REPEATED = 20


@router.get("", dependencies=[allowed("console.see")])
def list_pauses(request: Request, desk: AtDesk, visitor: ByVisitor) -> Response:
    """Those in force, and those of the last year."""
    now = desk.now()
    with desk.database.read() as conn:
        found = pauses.overlapping(conn, since=now - _PAST, until=now)
    mine = [pause for pause in found if may_concern(pause.scope, visitor.creditors)]
    past = [pause for pause in reversed(mine) if not pause.is_running(now)][:_MOST_PAST]
    in_force = [pause for pause in mine if pause.is_running(now)]
    return page(
        request, "pauses/pauses.html", in_force=in_force, past=past, named_scope=named_scope,
        is_own=lambda pause: is_confined(pause.scope, visitor.creditors),
    )  # fmt: skip


@router.get("/new", dependencies=[allowed("sending.pause")])
def new_pause(request: Request, desk: AtDesk, visitor: ByVisitor) -> Response:
    """What may be stopped; once that is chosen, whom it touches and why it is done."""
    scope = _of_case(desk, visitor, request.query_params.get("case", "")) or scope_of_query(request.query_params)
    if not scope:
        return page(request, "pauses/choose.html", **_choices(desk, visitor))
    return _confirm(request, desk, visitor, scope, {})


@router.post("", dependencies=[allowed("sending.pause")])
def begin_pause(request: Request, desk: AtDesk, visitor: ByVisitor, sent: Sent) -> Response:
    """Stops at once, and shows how it drains. Sent again, it leads to the same pause while that is in force."""
    scope = scope_of_query(sent.values)
    if not scope:
        raise InputError("nothing was chosen to pause", hint="choose everything, or a part", code="invalid_input")
    reason = sent.text("words") or sent.text("reason")
    try:
        until = _instant(sent.text("until"), visitor.zone)
        if not reason:
            raise InputError("a pause has a reason", where="body.reason", code="reason_missing")
        pause = _wanted(desk, visitor, scope, reason=reason, until=until)
    except InputError as error:
        return _confirm(request, desk, visitor, scope, sent.values, fault=error)
    return go(f"{_HERE}/{_place_once(desk, pause, visitor.name, sent)}")


@router.get("/{pause_id}", dependencies=[allowed("console.see")])
def show_pause(pause_id: str, request: Request, desk: AtDesk, visitor: ByVisitor) -> Response:
    """Where a pause stands; never `paused` before it is."""
    return page(request, "pauses/pause.html", **_facts(desk, visitor, pause_id))


@router.get("/{pause_id}/events", dependencies=[allowed("console.see")])
async def follow_pause(pause_id: str, request: Request, desk: AtDesk, visitor: ByVisitor) -> Response:
    """The same, until nothing of it is in flight."""

    def look() -> Part:
        facts = _facts(desk, visitor, pause_id)
        report: PauseReport = facts["report"]
        text = part_of(desk, visitor, "pauses/part.html", **facts)
        return Part(text, is_last=report.state != "pausing" and not report.letters_waiting)

    async def next_part() -> Part:
        return await run_sync(look)

    await run_sync(pause_of, desk, visitor, pause_id)  # an unknown one is a page, not a stream
    return live(request, visitor, next_part)


def pause_of(desk: Desk, visitor: Visitor, pause_id: str) -> Pause:
    """The pause, for who may know of it. Raises NotFound."""
    with desk.database.read() as conn:
        found = load_pause(conn, pause_id)
    if not may_concern(found.scope, visitor.creditors):
        raise NotFound("there is no such pause")
    return found


def require_own(visitor: Visitor, pause: Pause) -> None:
    """Raises Refused for a pause that stops cases of creditors whom the visitor does not see."""
    if not is_confined(pause.scope, visitor.creditors):
        raise Refused(403, "not_allowed", "this pause stops more than your creditors", hint="ask who sees them all")


def _facts(desk: Desk, visitor: Visitor, pause_id: str) -> dict[str, Any]:
    """What its page shows. Counts are told to who sees all that they count."""
    pause = pause_of(desk, visitor, pause_id)
    return {
        "pause": pause,
        "report": report_of(desk, pause_id),
        "is_whole": is_confined(pause.scope, visitor.creditors),
        "is_over": pause.over_at(desk.now()) is not None,
        "named_scope": named_scope,
    }


def _confirm(
    request: Request,
    desk: Desk,
    visitor: Visitor,
    scope: dict[str, Any],
    typed: Mapping[str, str],
    *,
    fault: InputError | None = None,
) -> Response:
    pause = _wanted(desk, visitor, scope, reason="", until=None)
    reach = pause_reach(desk.database, desk.strategy, pause, now=desk.now(), creditors=visitor.creditors)
    return page(
        request,
        "pauses/confirm.html",
        status=200 if fault is None else 422,
        pause=pause,
        reach=reach,
        fields=query_of(scope),
        reasons=REASONS,
        typed=typed,
        fault=fault.code if fault is not None else "",
        named_scope=named_scope,
    )


def _place_once(desk: Desk, pause: Pause, who: str, sent: Form) -> str:
    """Places the pause under an id that its form makes, and returns it: two clicks are one pause.

    An id whose pause is over is not led to: who asks for a pause gets one that is in force.
    """
    said = repr((who, sorted(sent.values.items())))
    for number in range(_MOST_REPEATED if sent.has("once") else 0):
        wanted = replace(pause, id=f"p-{sha256(f'{number} {said}'.encode()).hexdigest()[:12]}")
        with desk.database.read() as conn:
            known = pauses.load(conn, wanted.id)
        if known is not None and not known.is_running(desk.now()):
            continue
        if known is None:
            try:
                place(desk, wanted)
            except Conflict as error:  # the other click was quicker
                if error.code != "pause_exists":
                    raise
        return wanted.id
    place(desk, pause)
    return pause.id


def _wanted(desk: Desk, visitor: Visitor, scope: dict[str, Any], *, reason: str, until: datetime | None) -> Pause:
    pause = wanted_pause(
        scope, reason=reason, until=until, by=visitor.name, now=desk.now(), creditors=visitor.creditors
    )
    with desk.database.read() as conn:
        require_lanes(conn, desk.deployment.lanes, pause.lanes, where="lane")
    return pause


def _choices(desk: Desk, visitor: Visitor) -> dict[str, Any]:
    strategy = desk.strategy()
    theirs = visitor.creditors
    creditors = [each for each in strategy.creditors.values() if theirs is None or each.id in theirs]
    return {
        "campaigns": sorted((each for each in strategy.campaigns if is_for(each, theirs)), key=lambda each: each.id),
        "creditors": sorted(creditors, key=lambda each: each.name),
        "channels": CHANNELS,
        "lanes": strategy.lanes,
    }


def _of_case(desk: Desk, visitor: Visitor, case_id: str) -> dict[str, Any]:
    """The scope of one case's debtor; empty without an id. Raises NotFound."""
    if not case_id:
        return {}
    with desk.database.read() as conn:
        found = cases.load(conn, [case_id])
    if not found or (visitor.creditors is not None and found[0].case.creditor not in visitor.creditors):
        raise NotFound("no case has this id")
    return {"creditor": found[0].case.creditor, "debtor_ref": found[0].case.debtor.ref}


def _instant(text: str, zone: str) -> datetime | None:
    """What a field for a day and an hour holds, in the visitor's zone. Raises InputError."""
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))
    except ValueError:
        raise InputError("this is no day and hour", where="body.until", code="until_invalid") from None
