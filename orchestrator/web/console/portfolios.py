"""Portfolios: whose work the cases are, who is away, and cases given by hand with a reason. For managers."""

from fastapi import APIRouter, Request
from msgspec.structs import replace
from starlette.responses import Response

from orchestrator.domain.place import local_date
from orchestrator.domain.portfolio import Absence, Portfolio
from orchestrator.domain.who import Who
from orchestrator.flows.keep_portfolios import (
    add_portfolio,
    cover_absence,
    end_absence,
    end_portfolio,
    give_cases,
    may_know,
)
from orchestrator.flows.my_day import DESK
from orchestrator.intake.strict_yaml.scope import read_scope
from orchestrator.storage import access, case_work, portfolios
from orchestrator.web.console.access import allowed
from orchestrator.web.console.day import day_of, who_is
from orchestrator.web.console.page import go, page
from orchestrator.web.console.session import ByVisitor, Sent
from orchestrator.web.desk import AtDesk

router = APIRouter(prefix="/portfolios", dependencies=[allowed("portfolios.manage")])
_HERE = "/console/portfolios"


@router.get("")
def show_portfolios(request: Request, desk: AtDesk, visitor: ByVisitor) -> Response:
    """Portfolios in the order in which they are asked, who has how many cases, and who is away."""
    today = local_date(desk.now(), DESK)
    with desk.database.read() as conn:
        held = [_told(each, who_is(visitor)) for each in portfolios.in_force(conn) if may_know(who_is(visitor), each)]
        loads = case_work.loads(conn, creditors=visitor.creditors)
        staff = portfolios.staff(conn, today)
        away = portfolios.absences_from(conn, today)
        people = [user for user in access.all_users(conn) if user.disabled_at is None and user.role != "viewer"]
    return page(
        request, "portfolios/portfolios.html", held=held, loads=loads, away=away, people=people, today=today,
        forsaken=staff.forsaken(load.owner for load in loads),
        creditors=sorted(each for each in desk.strategy().creditors if who_is(visitor).sees(each)),
    )  # fmt: skip


def _told(portfolio: Portfolio, who: Who) -> Portfolio:
    """With the creditors alone whom they see."""
    return replace(portfolio, creditors=tuple(each for each in portfolio.creditors if who.sees(each)))


@router.post("/new")
def create(desk: AtDesk, visitor: ByVisitor, sent: Sent) -> Response:
    """A new portfolio, asked after the others."""
    add_portfolio(
        desk.database, sent.text("name").lower(), owner=sent.text("owner"), creditors=sent.all("creditor"),
        scope=read_scope({}, sent.text("where", most=2_000)), who=who_is(visitor), now=desk.now(),
    )  # fmt: skip
    return go(_HERE, "portfolios.made")


@router.post("/end")
def end(desk: AtDesk, visitor: ByVisitor, sent: Sent) -> Response:
    """Its cases go to the next that takes them."""
    end_portfolio(desk.database, sent.text("name"), who=who_is(visitor), now=desk.now())
    return go(_HERE, "portfolios.ended")


@router.post("/give")
def give(desk: AtDesk, visitor: ByVisitor, sent: Sent) -> Response:
    """Gives cases to somebody else, or back."""
    ids = sent.text("cases", most=40_000).replace(",", " ").upper().split()
    given = give_cases(
        desk.database, desk.strategy(), ids, to=sent.text("to"), why=sent.text("why"), who=who_is(visitor),
        now=desk.now(),
    )  # fmt: skip
    return go(_HERE, "portfolios.given_some" if given.unknown else "portfolios.given")


@router.post("/away")
def cover(desk: AtDesk, visitor: ByVisitor, sent: Sent) -> Response:
    """Somebody is away; another works on their list."""
    told = Absence(
        id="", absent=sent.text("absent"), substitute=sent.text("substitute"),
        from_on=day_of(sent.text("from_on"), "from_on"), to_on=day_of(sent.text("to_on"), "to_on"),
        reason=sent.text("reason", most=200),
    )  # fmt: skip
    cover_absence(desk.database, told, who=who_is(visitor), now=desk.now())
    return go(_HERE, "portfolios.covered")


@router.post("/back")
def be_back(desk: AtDesk, visitor: ByVisitor, sent: Sent) -> Response:
    """They are back before the day."""
    end_absence(desk.database, sent.text("absence"), who=who_is(visitor), now=desk.now())
    return go(_HERE, "portfolios.back")
