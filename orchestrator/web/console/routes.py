"""Every page of the console under /console, in the order of the menu, and its style and script."""

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from orchestrator.web.auth import open_to_anyone
from orchestrator.web.console import (
    account,
    audit,
    batch,
    calls,
    campaign_messages,
    campaign_release,
    campaigns,
    case_acts,
    cases,
    crises,
    day,
    endpoints,
    inbox,
    lanes,
    messages,
    now,
    pauses,
    portfolios,
    results,
    resumes,
    signing_in,
    statements,
    users,
    webhooks,
)
from orchestrator.web.console.page import asset, bundles
from orchestrator.web.errors import Refused

router = APIRouter(prefix="/console", include_in_schema=False)

_DAY = (day, calls, batch)
_CAMPAIGNS = (campaign_release, campaign_messages, campaigns)
_CASES = (cases, case_acts, messages)
_STOPS = (resumes, pauses, crises, lanes)
for pages in (
    signing_in,
    account,
    now,
    inbox,
    *_DAY,
    *_CASES,
    *_CAMPAIGNS,
    results,
    *_STOPS,
    statements,
    webhooks,
    endpoints,
    portfolios,
    users,
    audit,
):
    router.include_router(pages.router)


@router.get("", dependencies=[open_to_anyone()])
def enter() -> Response:
    """Without its last sign."""
    return RedirectResponse("/console/", 303)


@router.get("/static/{digest}/{name}", dependencies=[open_to_anyone()])
def give_static(digest: str, name: str) -> Response:
    """A style or a script, kept by browsers for a year: its address changes with it."""
    if name not in bundles() or str(asset(name)).split("/")[-2] != digest:
        raise Refused(404, "not_found", "there is no such file")
    content, kind = bundles()[name]
    return Response(content, media_type=kind, headers={"Cache-Control": "public, max-age=31536000, immutable"})
