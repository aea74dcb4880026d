"""The end of a pause: what would go now, later or never, then the resume itself, at a speed that grows."""

from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from orchestrator.domain.errors import RelanceError
from orchestrator.domain.interruption import RAMP_MINUTES
from orchestrator.flows.resume_sending import CONFIRM_ABOVE, Preview, preview_resume
from orchestrator.rendering.why import read_words
from orchestrator.web.console.access import allowed
from orchestrator.web.console.jobs import Job, Jobs
from orchestrator.web.console.page import go, page
from orchestrator.web.console.pauses import pause_of, require_own
from orchestrator.web.console.scope_words import named_scope
from orchestrator.web.console.session import ByVisitor, Sent, Visitor
from orchestrator.web.console.words import Words
from orchestrator.web.desk import AtDesk, Desk
from orchestrator.web.errors import Refused
from orchestrator.web.pausing import resume

router = APIRouter(prefix="/pauses/{pause_id}/resume", dependencies=[allowed("sending.resume")])
RAMPS = (0, 15, RAMP_MINUTES, 60, 120)
# A small portfolio is answered at once; a large one is decided while its person waits on a page that says so.
_WAIT_SECONDS = 0.15
_MOST_REASONS = 12


@router.get("")
def preview(pause_id: str, request: Request, desk: AtDesk, visitor: ByVisitor) -> Response:
    """What a resume would do. Every case of the scope is decided for it, and nothing is stored."""
    pause = pause_of(desk, visitor, pause_id)
    require_own(visitor, pause)
    jobs: Jobs = request.app.state.jobs
    running = jobs.find(f"resume {pause_id}")
    if running is not None and (not running.is_done or running.error is None):
        return go(f"/console/pauses/{pause_id}/resume/done")
    work = partial(preview_resume, desk.database, desk.strategy(), pause_id, now=desk.now())
    known = jobs.find(f"preview {pause_id}")
    job = known if known is not None else jobs.begin(f"preview {pause_id}", work, wait_seconds=_WAIT_SECONDS)
    error = running.error if running is not None else None
    if job.error is not None:
        jobs.forget(f"preview {pause_id}")
        raise job.error
    found: Preview | None = job.result if job.is_done else None
    facts = _facts(desk, visitor, found)
    return page(
        request,
        "pauses/resume.html",
        pause=pause,
        refused=_code(error),
        ramps=RAMPS,
        usual=RAMP_MINUTES,
        named_scope=named_scope,
        **facts,
    )


@router.post("")
def begin_resume(pause_id: str, request: Request, desk: AtDesk, visitor: ByVisitor, sent: Sent) -> Response:
    """Ends the pause; the rules are those of the API."""
    pause = pause_of(desk, visitor, pause_id)
    require_own(visitor, pause)
    is_confirmed = sent.has("confirm")
    if is_confirmed and visitor.role != "admin":
        raise Refused(403, "not_allowed", "letting very many messages go is confirmed by an admin")
    minutes = sent.text("ramp", most=4)
    work = partial(
        resume,
        desk,
        pause_id,
        by=visitor.name,
        role=visitor.role,
        is_confirmed=is_confirmed,
        ramp_minutes=int(minutes) if minutes.isdigit() and int(minutes) <= 24 * 60 else RAMP_MINUTES,
    )
    jobs: Jobs = request.app.state.jobs
    jobs.begin(f"resume {pause_id}", work, wait_seconds=_WAIT_SECONDS)
    jobs.forget(f"preview {pause_id}")
    return go(f"/console/pauses/{pause_id}/resume/done")


@router.get("/done")
def follow_resume(pause_id: str, request: Request, desk: AtDesk, visitor: ByVisitor) -> Response:
    """What the resume did, or that it is under way."""
    pause = pause_of(desk, visitor, pause_id)
    require_own(visitor, pause)
    jobs: Jobs = request.app.state.jobs
    job: Job | None = jobs.find(f"resume {pause_id}")
    if job is None:
        return go(f"/console/pauses/{pause_id}")
    if _code(job.error) == "confirm_resume":
        return go(f"/console/pauses/{pause_id}/resume")
    if job.error is not None:
        jobs.forget(f"resume {pause_id}")
        raise job.error
    facts = _facts(desk, visitor, job.result if job.is_done else None)
    return page(request, "pauses/resumed.html", pause=pause, named_scope=named_scope, **facts)


def _code(error: RelanceError | Refused | None) -> str:
    if error is None:
        return ""
    return error.fault.error if isinstance(error, Refused) else error.code


def _facts(desk: Desk, visitor: Visitor, found: Preview | None) -> dict[str, Any]:
    reasons = found.why.most_common(_MOST_REASONS) if found is not None else []
    titles, ours = desk.strategy().book.titles(visitor.language), read_words()["rules"]
    many = found is not None and found.now + found.within_day > CONFIRM_ABOVE
    return {
        "found": found,
        "is_many": many,
        "above": CONFIRM_ABOVE,
        "reasons": [
            (code if code in titles else "", _worded(code, titles, ours, visitor.language), count)
            for code, count in reasons
        ],
    }


def _worded(code: str, titles: dict[str, str], ours: dict[str, dict[str, str]], language: str) -> str:
    """A rule in words, its values left out: many cases stand behind it."""
    if code == "STEP":
        return Words(language).say("pauses.why_step")
    text = titles.get(code) or ours.get(code, {}).get(language, "")
    before, mark, _ = text.partition(" ({")
    return before if mark else " ".join(word for word in text.split() if "{" not in word)
