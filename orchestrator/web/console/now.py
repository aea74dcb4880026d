"""What is being sent at this moment, and its live part: `/console/now`."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from orchestrator.web.console.access import allowed
from orchestrator.web.console.live_feed import LiveFeed
from orchestrator.web.console.page import page
from orchestrator.web.console.scope_words import named_scope
from orchestrator.web.console.session import ByVisitor
from orchestrator.web.console.streams import live

router = APIRouter(prefix="/now", dependencies=[allowed("console.see")])


@router.get("")
def show_now(request: Request, visitor: ByVisitor) -> Response:
    """The moment, as of now."""
    feed: LiveFeed = request.app.state.live_feed
    seen = feed.seen(visitor.creditors)
    return page(request, "now/now.html", live=seen.live, health=seen.health, named_scope=named_scope)


@router.get("/events")
async def follow_now(request: Request, visitor: ByVisitor) -> Response:
    """The same, again whenever it changes."""
    feed: LiveFeed = request.app.state.live_feed
    return live(request, visitor, lambda: feed.part(visitor))
