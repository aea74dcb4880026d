"""The audit: who did what in the console, by API and by command, and what they were refused. For administrators."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from orchestrator.storage import audit
from orchestrator.web.console.access import allowed
from orchestrator.web.console.page import page
from orchestrator.web.desk import AtDesk

router = APIRouter(prefix="/audit", dependencies=[allowed("audit.see")])
_LINES = 100


@router.get("")
def show_audit(
    request: Request,
    desk: AtDesk,
    who: str = "",
    act: str = "",
    before: Annotated[int | None, Query(ge=1, lt=10**18)] = None,
) -> Response:
    """The latest lines."""
    with desk.database.read() as conn:
        lines = audit.latest(conn, limit=_LINES, before=before, who=who.strip(), act=act.strip())
    older = lines[-1].seq if len(lines) == _LINES else None
    return page(request, "audit/audit.html", lines=lines, who=who.strip(), act=act.strip(), older=older)
