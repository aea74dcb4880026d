"""`/pauses`: an administrator's stop, its truth while it drains, and its end. The answer never says more than is so."""

import time
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from pydantic import AwareDatetime, Field

from orchestrator.domain.interruption import RAMP_MINUTES
from orchestrator.flows.pause_sending import PauseReport, wait_for_pause
from orchestrator.flows.resume_sending import Preview, preview_resume
from orchestrator.storage import pauses
from orchestrator.web.api.shapes import Given, Sent
from orchestrator.web.auth import ByCaller, needs
from orchestrator.web.desk import AtDesk
from orchestrator.web.pausing import place, report_of, resume, wanted_pause

router = APIRouter(prefix="/pauses", tags=["pauses"])

# Calls in flight take 12 s at most; a thread waits with the caller, so nobody waits for ever.
LONGEST_WAIT_SECONDS = 20

State = Literal["pausing", "paused", "resumed"]
_STATES: dict[str, State] = {"pausing": "pausing", "paused": "paused", "resumed": "resumed"}


class PauseIn(Sent):
    """What to stop, and why."""

    scope: dict[str, Any] = Field(
        min_length=1,
        description='{"all": true}, or campaign, creditor, debtor_ref, channel, lane, and what an audience may say',
    )
    reason: str = Field(min_length=1, max_length=500)
    until: AwareDatetime | None = Field(None, strict=False, description="ends by itself then")


class PauseOut(Given):
    """Where a pause stands. `paused` only once nothing of its scope is in flight; counts are by channel."""

    id: str
    state: State
    in_flight: int
    since: datetime
    until: datetime | None
    resumed_at: datetime | None
    reason: str
    by: str
    left_before: dict[str, int] = Field(description="what left in the day before")
    provider_may_hold: dict[str, int] = Field(description="what a provider may not have delivered yet")
    letters_cancelled: int
    letters_gone: int
    letters_waiting: int = Field(description="letters that the printer could not be asked for yet; ask again")


class PausesOut(Given):
    """The pauses in force."""

    pauses: tuple[PauseOut, ...]


class ResumeOut(Given):
    """What the resume does, or would: messages that go now, cases that act later, ask a person, or stay silent."""

    pause: str
    is_preview: bool
    now: int
    later: int
    within_day: int = Field(description="those of the cases that act later that do so in the day after")
    asked: int
    never: int
    why: dict[str, int] = Field(description="the rules that keep the others from going now")


@router.get("", dependencies=[needs("viewer", "pauses:read")])
def list_pauses(desk: AtDesk) -> PausesOut:
    """The pauses in force, oldest first."""
    with desk.database.read() as conn:
        found = pauses.active(conn, at=desk.now())
    return PausesOut(pauses=tuple(_out(report_of(desk, pause.id)) for pause in found))


@router.get("/{pause_id}", dependencies=[needs("viewer", "pauses:read")])
def one_pause(pause_id: str, desk: AtDesk) -> PauseOut:
    """Where a pause stands now."""
    return _out(report_of(desk, pause_id))


@router.post(
    "",
    status_code=202,
    dependencies=[needs("manager", "pauses:write")],
    responses={200: {"model": PauseOut, "description": "paused: nothing of the scope is in flight"}},
)
def begin_pause(
    sent: PauseIn,
    desk: AtDesk,
    caller: ByCaller,
    response: Response,
    wait: Annotated[float, Query(ge=0, le=LONGEST_WAIT_SECONDS, description="seconds to wait for the drain")] = 0.0,
) -> PauseOut:
    """Stops at once. 202 while calls are in flight, 200 once it is paused."""
    pause = wanted_pause(sent.scope, reason=sent.reason, until=sent.until, by=caller.name, now=desk.now())
    place(desk, pause)
    report = wait_for_pause(lambda: report_of(desk, pause.id), seconds=wait, clock=time.monotonic, sleep=time.sleep)
    response.status_code = 200 if report.state == "paused" else 202
    return _out(report)


@router.post("/{pause_id}/resume", dependencies=[needs("manager", "pauses:write")])
def finish_pause(
    pause_id: str,
    desk: AtDesk,
    caller: ByCaller,
    preview: Annotated[bool, Query(description="only say what would go")] = False,
    confirm: Annotated[bool, Query(description="let more than 500 messages go within a day; for an admin")] = False,
    ramp_minutes: Annotated[int, Query(ge=0, le=24 * 60, description="minutes to full speed")] = RAMP_MINUTES,
) -> ResumeOut:
    """Ends a pause, or says what that would do. 409 `confirm_resume` when it would let very many go within a day."""
    if preview:
        found = preview_resume(desk.database, desk.strategy(), pause_id, now=desk.now())
        return _resume_out(found, is_preview=True)
    found = resume(desk, pause_id, by=caller.name, role=caller.role, is_confirmed=confirm, ramp_minutes=ramp_minutes)
    return _resume_out(found, is_preview=False)


def _out(report: PauseReport) -> PauseOut:
    return PauseOut(
        id=report.id,
        state=_STATES[report.state],
        in_flight=report.in_flight,
        since=report.since,
        until=report.ends_at,
        resumed_at=report.resumed_at,
        reason=report.reason,
        by=report.by,
        left_before=report.left_before,
        provider_may_hold=report.provider_may_hold,
        letters_cancelled=report.letters_cancelled,
        letters_gone=report.letters_gone,
        letters_waiting=report.letters_waiting,
    )


def _resume_out(found: Preview, *, is_preview: bool) -> ResumeOut:
    return ResumeOut(
        pause=found.pause,
        is_preview=is_preview,
        now=found.now,
        later=found.later,
        within_day=found.within_day,
        asked=found.asked,
        never=found.never,
        why=dict(found.why.most_common(50)),
    )
