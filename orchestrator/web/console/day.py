"""My day: the ranked list of what one person does first, and their own absence. `flows/my_day.py` thinks."""

from datetime import date

from fastapi import APIRouter, Request
from starlette.responses import Response

from orchestrator.domain.errors import InputError
from orchestrator.domain.portfolio import Absence
from orchestrator.domain.who import Who
from orchestrator.flows.answer_batch import answer_one
from orchestrator.flows.keep_portfolios import cover_absence
from orchestrator.flows.my_day import LINES, my_day
from orchestrator.storage import access
from orchestrator.web.console.access import allowed
from orchestrator.web.console.page import go, page
from orchestrator.web.console.session import ByVisitor, Sent, Visitor
from orchestrator.web.desk import AtDesk

router = APIRouter()

_MOST_LINES = 400
# What has a page of its own: a button "done" would pass by what is to be told.
WITH_A_PAGE = frozenset(
    {"call", "call_back", "answer_dispute", "approve", "confirm", "in_doubt", "read_reply", "reply_unread"}
)


def who_is(visitor: Visitor) -> Who:
    """The visitor, for flows."""
    return Who(visitor.name, visitor.role, visitor.creditors, visitor.shown_name)


def day_of(text: str, where: str) -> date:
    """A day as a browser sends it. Raises InputError."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError("this is no day", hint="write it as 2026-03-31", where=where, code="invalid_date") from None


@router.get("/", dependencies=[allowed("console.see")])
def show_day(
    request: Request, desk: AtDesk, visitor: ByVisitor, whose: str | None = None, lines: int = LINES
) -> Response:
    """The list; a manager may ask for that of another, and with `whose` empty for everybody's."""
    limit = min(max(lines, 1), _MOST_LINES)
    found = my_day(desk.database, who_is(visitor), now=desk.now(), whose=whose, limit=limit)
    with desk.database.read() as conn:
        people = [user for user in access.all_users(conn) if user.disabled_at is None and user.role != "viewer"]
    total = sum(found.counts.values())
    return page(
        request, "day/day.html", found=found, whose=whose, people=people, total=total, limit=limit,
        with_a_page=WITH_A_PAGE,
    )  # fmt: skip


@router.post("/day/done", dependencies=[allowed("tasks.answer")])
def end_task(desk: AtDesk, visitor: ByVisitor, sent: Sent) -> Response:
    """A task is done, or is refused."""
    answer = "refuse" if sent.has("refuse") else "done"
    answer_one(desk.database, sent.text("task"), answer=answer, who=who_is(visitor), now=desk.now())
    return go("/console/", "day.done")


@router.post("/day/away", dependencies=[allowed("tasks.answer")])
def be_away(desk: AtDesk, visitor: ByVisitor, sent: Sent) -> Response:
    """Somebody says that they will be away, and who stands in for them."""
    told = Absence(
        id="", absent=visitor.name, substitute=sent.text("substitute"), from_on=day_of(sent.text("from_on"), "from_on"),
        to_on=day_of(sent.text("to_on"), "to_on"), reason=sent.text("reason", most=200),
    )  # fmt: skip
    cover_absence(desk.database, told, who=who_is(visitor), now=desk.now())
    return go("/console/", "day.away_kept")
