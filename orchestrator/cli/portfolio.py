"""`relance portfolio`: whose work the cases are: portfolios, cases given by hand, absences."""

import getpass
from datetime import date, datetime

import click

from orchestrator.cli.terminal import console, deployment, print_json, print_table
from orchestrator.domain.condition import fields_of
from orchestrator.domain.money import Money
from orchestrator.domain.place import local_date
from orchestrator.domain.portfolio import Absence
from orchestrator.domain.who import Who
from orchestrator.flows.answer_task import RANK
from orchestrator.flows.follow_work import follow_work
from orchestrator.flows.keep_portfolios import add_portfolio, cover_absence, end_absence, end_portfolio, give_cases
from orchestrator.flows.my_day import DESK
from orchestrator.intake.strict_yaml.scope import read_scope
from orchestrator.storage import case_work, portfolios

_by = click.option("--by", default=getpass.getuser, help="Who does it; recorded.")
_role = click.option("--role", type=click.Choice(list(RANK)), default="manager", show_default=True)


@click.group()
def portfolio() -> None:
    """Portfolios: whose work each case is."""


@portfolio.command()
@click.argument("name")
@click.option("--owner", required=True, help="The user whose work its cases are.")
@click.option("--creditor", multiple=True, help="Only cases of this creditor; may be repeated.")
@click.option("--where", help="Only cases for which this holds, as in an audience: '{postcode: [62, 59]}'.")
@_by
@_role
def add(name: str, owner: str, creditor: tuple[str, ...], where: str | None, by: str, role: str) -> None:
    """Add the portfolio NAME, asked after those there are: a case goes to the first that takes it."""
    place = deployment()
    scope = read_scope({}, where)
    made = add_portfolio(
        place.database, name, owner=owner, creditors=creditor, scope=scope, who=Who(by, role), now=place.now()
    )
    console.print(f"{made.id} belongs to {made.owner}; `relance portfolio list` shows its cases", markup=False)


@portfolio.command("list")
@click.option("--json", "as_json", is_flag=True)
def list_portfolios(as_json: bool) -> None:
    """Portfolios in the order in which they are asked, who has how many cases, and who is away."""
    place = deployment()
    follow_work(place.database, place.strategy(), now=place.now())
    with place.database.read() as conn:
        held = portfolios.in_force(conn)
        loads = case_work.loads(conn)
        away = portfolios.absences_from(conn, local_date(place.now(), DESK))
    if as_json:
        print_json({"portfolios": held, "cases": loads, "absences": away})
        return
    rows = [(p.id, p.owner, " ".join(p.creditors) or "any", " ".join(sorted(fields_of(p.scope))) or "-") for p in held]
    print_table("Portfolios", ("name", "owner", "creditors", "conditions on"), rows)
    shares = [
        (load.owner or "(nobody)", str(load.cases), str(Money(load.stake_cents, load.currency))) for load in loads
    ]
    print_table("Open cases", ("owner", "cases", "at stake"), shares)
    gone = [(a.id, a.absent, a.substitute or "(nobody)", f"{a.from_on}", f"{a.to_on}") for a in away]
    print_table("Absences", ("id", "who", "instead", "from", "to"), gone)


@portfolio.command()
@click.argument("name")
@_by
@_role
def end(name: str, by: str, role: str) -> None:
    """End NAME: its cases go to the next portfolio that takes them, or to everybody."""
    place = deployment()
    end_portfolio(place.database, name, who=Who(by, role), now=place.now())
    console.print(f"{name} is over", markup=False)


@portfolio.command()
@click.argument("case_ids", nargs=-1, required=True)
@click.option("--to", help="The user who works on them from now on, whatever the portfolios say.")
@click.option("--back", is_flag=True, help="Give them back to their portfolios.")
@click.option("--why", required=True, help="Kept with each case.")
@_by
@_role
def assign(case_ids: tuple[str, ...], to: str | None, back: bool, why: str, by: str, role: str) -> None:
    """Give CASE_IDS to somebody else."""
    if bool(to) == back:
        raise click.UsageError("say to whom with --to, or --back")
    place = deployment()
    given = give_cases(
        place.database, place.strategy(), case_ids, to=to or "", why=why, who=Who(by, role), now=place.now()
    )
    console.print(f"{given.count} cases: {to or 'back to their portfolios'}", markup=False)
    if given.unknown:
        console.print("no case has this id: " + ", ".join(given.unknown), markup=False)
        raise click.exceptions.Exit(1)


@portfolio.command()
@click.argument("absent")
@click.option(
    "--by-user", "substitute", default="", help="Who works on their list meanwhile; nobody: everybody sees it."
)
@click.option("--from", "from_on", type=click.DateTime(["%Y-%m-%d"]), help="The first day; today without it.")
@click.option("--to", "to_on", type=click.DateTime(["%Y-%m-%d"]), help="The last day.")
@click.option("--why", default="", help="Kept with it.")
@click.option("--end", "ended", help="They are back: the id of the absence that ends.")
@_by
@_role
def cover(
    absent: str,
    substitute: str,
    from_on: datetime | None,
    to_on: datetime | None,
    why: str,
    ended: str | None,
    by: str,
    role: str,
) -> None:
    """ABSENT is away from a day to a day, both inclusive; somebody else works on their list."""
    place = deployment()
    who = Who(by, role)
    if ended:
        end_absence(place.database, ended, who=who, now=place.now())
        console.print(f"{absent} is back", markup=False)
        return
    if to_on is None:
        raise click.UsageError("say until when with --to")
    first: date = from_on.date() if from_on is not None else local_date(place.now(), DESK)
    told = Absence(id="", absent=absent, substitute=substitute, from_on=first, to_on=to_on.date(), reason=why)
    made = cover_absence(place.database, told, who=who, now=place.now())
    instead = made.substitute or "nobody: everybody sees their cases"
    console.print(f"{made.id}: {absent} is away from {made.from_on} to {made.to_on}; instead: {instead}", markup=False)
