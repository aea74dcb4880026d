"""The lanes: each with its provider, its bounds, how it stands, its last faults, and what it did and cost today."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from orchestrator.flows.live_status import midnight
from orchestrator.storage import lane_days
from orchestrator.storage.lane_days import Fault
from orchestrator.web.console.access import allowed
from orchestrator.web.console.live_feed import LiveFeed
from orchestrator.web.console.page import page
from orchestrator.web.console.session import ByVisitor
from orchestrator.web.desk import AtDesk

router = APIRouter(prefix="/lanes", dependencies=[allowed("console.see")])
_MOST_FAULTS = 3


@router.get("")
def show_lanes(request: Request, desk: AtDesk, visitor: ByVisitor) -> Response:
    """Every lane. What counts all creditors is told to who sees them all."""
    feed: LiveFeed = request.app.state.live_feed
    live = feed.seen(visitor.creditors).live
    costs: dict[str, int] = {}
    faults: dict[str, list[Fault]] = {}
    if visitor.creditors is None:
        with desk.database.read() as conn:
            costs = lane_days.costs_since(conn, midnight(desk.now()))
            faults = {
                lane.id: lane_days.last_faults(conn, lane.id, most=_MOST_FAULTS) for lane in desk.deployment.lanes
            }
    today: dict[str, int] = {}
    for each in live.going if live is not None else ():
        today[each.lane] = today.get(each.lane, 0) + each.today
    facts: dict[str, Any] = {"live": live, "today": today, "costs": costs, "faults": faults}
    return page(request, "lanes/lanes.html", sees_all=visitor.creditors is None, **facts)
