"""The release of a campaign from the console: what would change, what lint says, then the flow of the command line.

Only what stands on the server's disk is released; nothing is edited here.
"""

from fastapi import APIRouter, Request
from starlette.responses import Response

from orchestrator.domain.errors import Conflict, NotFound
from orchestrator.flows.campaign_view import compare_files, is_for
from orchestrator.storage import releases
from orchestrator.web.console.access import allowed
from orchestrator.web.console.campaign_room import Room, disk_of, room_of
from orchestrator.web.console.page import go, page
from orchestrator.web.console.session import ByVisitor, Sent
from orchestrator.web.desk import AtDesk

router = APIRouter(prefix="/campaigns", dependencies=[allowed("campaigns.release")])


@router.get("/{campaign}/release")
def show_release(campaign: str, request: Request, visitor: ByVisitor) -> Response:
    """What a release of the file on the server would change, and what its lint says."""
    room = room_of(request)
    made = room.on_disk()
    disk = disk_of(made)
    on_disk = disk.campaigns.get(campaign) if disk else None
    if disk is None or on_disk is None or not is_for(on_disk.campaign, visitor.creditors):
        if disk is not None:
            raise NotFound("the server has no file of this campaign", hint="the list says why one cannot be read")
        return page(request, "campaigns/waiting.html", name=campaign, has_failed=made is not None)
    current = _current_files(room, campaign)
    return page(
        request,
        "campaigns/release.html",
        name=campaign,
        campaign=on_disk.campaign,
        is_first=current is None,
        change=compare_files(current or {}, disk.files(campaign)),
        lint=room.lint_of_file(disk, campaign),
        sees_every=visitor.creditors is None,
    )


@router.post("/{campaign}/release")
def make_release(campaign: str, request: Request, desk: AtDesk, visitor: ByVisitor, sent: Sent) -> Response:
    """Releases what was looked at, by the flow of the command line; what has changed since is looked at anew."""
    room = room_of(request)
    disk = disk_of(room.on_disk())
    on_disk = disk.campaigns.get(campaign) if disk else None
    if visitor.creditors is not None:
        raise Conflict("a campaign is released by somebody who sees every creditor", code="not_every_creditor")
    if disk is None or on_disk is None or on_disk.campaign.release != sent.text("release"):
        raise Conflict("the file has changed since this page was shown", hint="look at it again", code="file_changed")
    lint = room.lint_of_file(disk, campaign)
    if lint is None or lint.has_failed:
        raise Conflict("the lint of this file is not done yet", hint="wait, then press again", code="lint_pending")
    if any(finding.severity == "error" for finding in lint.value):
        raise Conflict("this file has faults", hint="mend them first", code="lint_refused")
    disk.place.release(on_disk, by=visitor.name, now=desk.now())
    return go(f"/console/campaigns/{campaign}", "campaigns.released_now")


def _current_files(room: Room, campaign: str) -> dict[str, str] | None:
    with room.desk.database.read() as conn:
        found = [each.id for each in releases.headings(conn, campaign) if each.current_since is not None]
    return room.release(campaign, found[0]).files if found else None
