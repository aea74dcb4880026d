"""`/portfolios`: whose work the cases are, cases given by hand, and who is away."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field

from orchestrator.domain.condition import told_plainly
from orchestrator.domain.place import local_date
from orchestrator.domain.portfolio import Absence, Portfolio
from orchestrator.domain.who import Who
from orchestrator.flows import keep_portfolios as keep
from orchestrator.flows.check_key import Caller
from orchestrator.flows.my_day import DESK
from orchestrator.intake.strict_yaml.scope import read_scope
from orchestrator.storage import case_work, portfolios
from orchestrator.web.api.shapes import Amount, Given, Sent, amount_of
from orchestrator.web.api.written import check_depth
from orchestrator.web.auth import ByCaller, needs
from orchestrator.web.desk import AtDesk

router = APIRouter(prefix="/portfolios", tags=["portfolios"])

Name = Annotated[str, Field(min_length=1, max_length=120)]
Day = Annotated[date, Field(strict=False, description="such as 2026-12-21")]
# No space: they are stored one after the other.
Creditor = Annotated[str, Field(min_length=1, max_length=120, pattern=r"^\S+$")]


class PortfolioIn(Sent):
    """A portfolio, asked after those there are: a case goes to the first that takes it."""

    name: Name
    owner: Name = Field(description="the user whose work its cases are")
    creditors: list[Creditor] = Field(default=[], max_length=1000, description="only of these; none: of any")
    where: dict[str, Any] = Field(default={}, description="only cases for which it holds, as in an audience")


class GiveIn(Sent):
    """Cases for one user, whatever the portfolios say; `to` empty gives them back to their portfolios."""

    cases: list[Name] = Field(min_length=1)
    to: str = Field("", max_length=120)
    why: str = Field(min_length=1, max_length=500, description="kept with each case")


class AbsenceIn(Sent):
    """Somebody is away, both days included; without `substitute` their cases show to everybody."""

    absent: Name
    substitute: str = Field("", max_length=120)
    from_on: Day | None = Field(None, description="today when it is left out")
    to_on: Day
    reason: str = Field("", max_length=200)


class PortfolioOut(Given):
    """A portfolio. `where` is its condition in plain signs, empty when it takes any case."""

    name: str
    owner: str
    creditors: tuple[str, ...]
    where: str


class LoadOut(Given):
    """What somebody has to do, by currency; `owner` is empty for what is everybody's."""

    owner: str
    cases: int = Field(description="open ones")
    at_stake: Amount


class AbsenceOut(Given):
    """An absence that runs or is to come."""

    id: str
    absent: str
    substitute: str
    from_on: date
    to_on: date
    reason: str


class PortfoliosOut(Given):
    """Portfolios in the order in which they are asked, who has how much, and who is away."""

    portfolios: tuple[PortfolioOut, ...]
    loads: tuple[LoadOut, ...]
    absences: tuple[AbsenceOut, ...]


class GivenOut(Given):
    """How many cases were given, and those that were not: not known, or of a creditor that `to` does not see."""

    given: int
    not_given: tuple[str, ...]


class EndedOut(Given):
    """What is over."""

    ended: str


@router.get("", dependencies=[needs("manager", "portfolios:read")])
def list_portfolios(desk: AtDesk) -> PortfoliosOut:
    """Portfolios, loads and absences. What changed in the last seconds may not be counted yet."""
    with desk.database.read() as conn:
        held = portfolios.in_force(conn)
        loads = case_work.loads(conn)
        away = portfolios.absences_from(conn, local_date(desk.now(), DESK))
    return PortfoliosOut(
        portfolios=tuple(map(_portfolio, held)),
        loads=tuple(
            LoadOut(owner=each.owner, cases=each.cases, at_stake=amount_of(each.stake_cents, each.currency))
            for each in loads
        ),
        absences=tuple(map(_absence, away)),
    )


@router.post("", status_code=201, dependencies=[needs("manager", "portfolios:write")])
def create_portfolio(sent: PortfolioIn, desk: AtDesk, caller: ByCaller) -> PortfolioOut:
    """A new portfolio. Its cases change hands within minutes."""
    check_depth(sent.where)
    made = keep.add_portfolio(
        desk.database,
        sent.name,
        owner=sent.owner,
        creditors=sent.creditors,
        scope=read_scope(sent.where),
        who=_who(caller),
        now=desk.now(),
    )
    return _portfolio(made)


@router.post("/give", dependencies=[needs("manager", "portfolios:write")])
def give_cases(sent: GiveIn, desk: AtDesk, caller: ByCaller) -> GivenOut:
    """Gives cases to somebody, or back; at most 1,000 at once."""
    given = keep.give_cases(
        desk.database, desk.strategy(), sent.cases, to=sent.to, why=sent.why, who=_who(caller), now=desk.now()
    )
    return GivenOut(given=given.count, not_given=given.unknown)


@router.post("/absences", status_code=201, dependencies=[needs("agent", "portfolios:write")])
def cover_absence(sent: AbsenceIn, desk: AtDesk, caller: ByCaller) -> AbsenceOut:
    """Somebody is away: anybody says it of themselves, a manager of others."""
    told = Absence(
        id="",
        absent=sent.absent,
        substitute=sent.substitute,
        from_on=sent.from_on or local_date(desk.now(), DESK),
        to_on=sent.to_on,
        reason=sent.reason,
    )
    return _absence(keep.cover_absence(desk.database, told, who=_who(caller), now=desk.now()))


@router.post("/absences/{absence_id}/end", dependencies=[needs("agent", "portfolios:write")])
def end_absence(absence_id: str, desk: AtDesk, caller: ByCaller) -> EndedOut:
    """They are back before the day."""
    keep.end_absence(desk.database, absence_id, who=_who(caller), now=desk.now())
    return EndedOut(ended=absence_id)


@router.post("/{name}/end", dependencies=[needs("manager", "portfolios:write")])
def end_portfolio(name: str, desk: AtDesk, caller: ByCaller) -> EndedOut:
    """Ends a portfolio: its cases go to the next that takes them, or to everybody."""
    keep.end_portfolio(desk.database, name, who=_who(caller), now=desk.now())
    return EndedOut(ended=name)


def _who(caller: Caller) -> Who:
    """Keys of users who see some creditors only were refused at the door."""
    return Who(caller.name, caller.role)


def _portfolio(each: Portfolio) -> PortfolioOut:
    return PortfolioOut(name=each.id, owner=each.owner, creditors=each.creditors, where=told_plainly(each.scope))


def _absence(each: Absence) -> AbsenceOut:
    return AbsenceOut(
        id=each.id,
        absent=each.absent,
        substitute=each.substitute,
        from_on=each.from_on,
        to_on=each.to_on,
        reason=each.reason,
    )
