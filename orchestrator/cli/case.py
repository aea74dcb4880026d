"""`relance case`: look at cases, and do to them by hand what debtors ask for. What an act does: docs/agreements.md."""

from datetime import date, datetime, timedelta

import click
from rich.markup import escape

from orchestrator.cli import case_holds, case_people, case_statement
from orchestrator.cli.case_acts import Day, act, documents, found_case, told, words
from orchestrator.cli.terminal import console, deployment, print_json, print_table
from orchestrator.domain import acts
from orchestrator.domain.case import Case, CaseState
from orchestrator.domain.events import DisputeOpened, Event, HoldPlaced, PromiseMade
from orchestrator.domain.money import Money
from orchestrator.flows.show_account import show_account
from orchestrator.flows.strategy import Strategy
from orchestrator.storage import cases


@click.group()
def case() -> None:
    """Cases: what they owe, what was agreed, and acts by hand."""


for each in (*case_holds.COMMANDS, *case_people.COMMANDS, case_statement.statement):
    case.add_command(each)


@case.command("list")
@click.option("--creditor", help="Only of this creditor.")
@click.option("--debtor", "debtor_ref", help="Only of this debtor, by the creditor's reference.")
@click.option("--campaign", help="Only those that follow this campaign.")
@click.option("--state", type=click.Choice([state.value for state in CaseState]))
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 1000))
@click.option("--after", default="", help="Only those after this id: the page that follows.")
@click.option("--json", "as_json", is_flag=True)
def list_cases(
    creditor: str | None,
    debtor_ref: str | None,
    campaign: str | None,
    state: str | None,
    limit: int,
    after: str,
    as_json: bool,
) -> None:
    """Cases in the order of their ids; every filter that is given must match."""
    place = deployment()
    wanted = cases.Filter(creditor=creditor, debtor_ref=debtor_ref, campaign=campaign, state=state)
    with place.database.read() as conn:
        found = cases.search(conn, wanted, limit=limit, after=after)
    if as_json:
        print_json([stored.case for stored in found])
        return
    if not found:
        console.print("no case")
        return
    strategy, now = place.strategy(), place.now()
    rows = [(*_line(stored.case, strategy, now), _when(stored)) for stored in found]
    columns = ("case", "creditor", "debtor", "state", "campaign", "open", "looked at")
    print_table("Cases", columns, [[escape(str(cell)) for cell in line] for line in rows], numbers=("open",))
    if len(found) == limit:
        console.print(f"more: --after {found[-1].case.id}")


def _line(item: Case, strategy: Strategy, now: datetime) -> tuple[object, ...]:
    balance = Money(show_account(item, strategy, now=now).balance_cents, item.currency)
    return (item.id, item.creditor, item.debtor.ref, item.outcome or item.state.value, item.campaign, balance)


def _when(stored: cases.Stored) -> str:
    return f"{stored.due_at:%Y-%m-%d}" if stored.due_at else "next news"


@case.command()
@click.argument("case_id", metavar="CASE")
@click.option("--json", "as_json", is_flag=True)
def show(case_id: str, as_json: bool) -> None:
    """What CASE owes, its agreements, holds, marks and tasks. Its story: relance why CASE."""
    place = deployment()
    item = found_case(place, case_id)
    if as_json:
        print_json(item)
        return
    console.print(
        f"[bold]{item.id}[/bold]  {escape(item.creditor)} / {escape(item.debtor.ref)}  {escape(item.debtor.name)}"
    )
    account = show_account(item, place.strategy(), now=place.now())
    console.print(f"{item.outcome or item.state.value}; owes {Money(account.balance_cents, item.currency)}")
    for position in account.positions:
        due = f"{position.debt.due_on:%Y-%m-%d}"
        console.print(
            f"  {position.debt.reference}  {Money(position.open_cents, item.currency)}, due {due}", markup=False
        )
    _show_holds(item)
    marks = [switch.key for switch in item.marks if switch.is_on]
    stops = sorted({switch.key.rstrip(":") for switch in item.opt_outs if switch.is_on})
    for name, values in (("marks", marks), ("stopped", stops), ("tasks", [f"{item.id}:{t.id}" for t in item.tasks])):
        if values:
            console.print(f"{name}: {', '.join(values)}", markup=False, soft_wrap=True)


def _show_holds(item: Case) -> None:
    """Those that are not over, each with the id that answers or lifts it."""
    lifted = {switch.key for switch in (*item.lifted, *item.promise_ends)}
    for promise in item.promises:
        if promise.id not in lifted:
            about = f" for {', '.join(promise.references)}" if promise.references else ""
            amount = Money(promise.amount_cents, item.currency)
            text = f"promise of {amount} by {promise.due_on} plus {promise.grace_days} days{about}: {promise.id}"
            console.print(text, markup=False, soft_wrap=True)
    for hold in item.holds:
        if hold.id not in lifted:
            parts = [f"until {hold.until}" if hold.until else f"to be looked at on {hold.review_on}"]
            parts += [f"on {', '.join(hold.references)}"] if hold.references else []
            parts += [str(Money(hold.amount_cents, item.currency))] if hold.amount_cents is not None else []
            parts += [part for part in (hold.reason, hold.owner and f"owner {hold.owner}") if part]
            console.print(f"{hold.kind} {', '.join(parts)}: {hold.id}", markup=False, soft_wrap=True)


# ------------------------------------------------------------------------------------------- agreements


@case.command()
@click.argument("case_id", metavar="CASE")
@click.argument("on", type=Day())
@click.option("--amount", help='Such as "20 EUR" or 20,00; without it all that is owed.')
@click.option("--grace", "grace_days", type=int, help="Days after the day; without it the campaign's.")
@documents
@act
def promise(case_id: str, on: date, amount: str | None, grace_days: int | None, references: tuple[str, ...]) -> None:
    """They promise to pay by the day ON, such as 2026-03-20."""
    told(
        case_id,
        lambda cents: acts.MakePromise(on=on, amount_cents=cents(amount), grace_days=grace_days, references=references),
        _after_promise,
    )


def _after_promise(facts: tuple[Event, ...]) -> str:
    made = next(fact.promise for fact in facts if isinstance(fact, PromiseMade))
    follow_up = made.due_on + timedelta(days=made.grace_days + 1)
    grace = f" plus {made.grace_days} days of grace" if made.grace_days else ""
    return f"held until {_spoken(made.due_on)}{grace}; follow-up from {_spoken(follow_up)}"


@case.command()
@click.argument("case_id", metavar="CASE")
@click.argument("until", type=Day())
@documents
@act
def defer(case_id: str, until: date, references: tuple[str, ...]) -> None:
    """They get time until the end of the day UNTIL."""
    told(
        case_id,
        lambda _: acts.Defer(until=until, references=references),
        lambda _: f"no demand until {_spoken(until)}, end of the day; they are told so",
    )


@case.command()
@click.argument("case_id", metavar="CASE")
@click.option("--amount", help="What the remittance advice says, such as 20,00.")
@click.option("--cheque", "by_cheque", is_flag=True, help="By cheque: ten business days instead of five.")
@documents
@words
@act
def paid(case_id: str, amount: str | None, by_cheque: bool, references: tuple[str, ...], said: str) -> None:
    """They say that it is paid, or sent a remittance advice."""
    told(
        case_id,
        lambda cents: acts.ClaimPaid(
            references=references, amount_cents=cents(amount), by_cheque=by_cheque, words=said
        ),
        _after_paid,
    )


def _after_paid(facts: tuple[Event, ...]) -> str:
    hold = next(fact.hold for fact in facts if isinstance(fact, HoldPlaced))
    until = _spoken(hold.until) if hold.until else "somebody has looked"
    return f"{', '.join(hold.references)} held until {until}; a task asks somebody to find the money"


# --------------------------------------------------------------------------------------------- disputes


@case.command()
@click.argument("case_id", metavar="CASE")
@click.option("--amount", help="The part of one document that is in dispute; the rest is chased on.")
@click.option("--reason", type=click.Choice([reason.value for reason in acts.DisputeReason]))
@click.option("--owner", default="", help="Who must answer it.")
@documents
@words
@act
def dispute(
    case_id: str, amount: str | None, reason: str | None, owner: str, references: tuple[str, ...], said: str
) -> None:
    """They disagree with the documents, or a part of one."""
    told(
        case_id,
        lambda cents: acts.OpenDispute(
            references=references,
            amount_cents=cents(amount),
            reason=acts.DisputeReason(reason) if reason else None,
            owner=owner,
            words=said,
        ),
        _after_dispute,
    )


def _after_dispute(facts: tuple[Event, ...]) -> str:
    hold = next(fact.hold for fact in facts if isinstance(fact, DisputeOpened))
    part = "a part of " if hold.amount_cents is not None else ""
    return (
        f"{part}{', '.join(hold.references) or 'the case'} held until the dispute is answered; the rest is chased on\n"
        f"to answer: relance case answer-dispute CASE {hold.id} upheld | rejected"
    )


@case.command("answer-dispute")
@click.argument("case_id", metavar="CASE")
@click.argument("hold_id", metavar="DISPUTE")
@click.argument("outcome", type=click.Choice([outcome.value for outcome in acts.DisputeOutcome]))
@words
@act
def answer_dispute(case_id: str, hold_id: str, outcome: str, said: str) -> None:
    """DISPUTE is upheld (they are right) or rejected."""
    decided = acts.DisputeOutcome(outcome)
    is_upheld = decided is acts.DisputeOutcome.UPHELD
    told(
        case_id,
        lambda _: acts.AnswerDispute(hold_id=hold_id, outcome=decided, words=said),
        lambda facts: _after_upheld(facts) if is_upheld else "no longer held; the ladder goes on, with its usual gap",
    )


def _after_upheld(facts: tuple[Event, ...]) -> str:
    hold = next(fact.hold for fact in facts if isinstance(fact, HoldPlaced))
    due = _spoken(hold.review_on) if hold.review_on else "soon"
    return f"held until the credit is in the ledger; a task asks for the credit note by {due}, and ends the hold"


def _spoken(day: date) -> str:
    """`Friday 20 March 2026`."""
    return f"{day:%A} {day.day} {day:%B} {day.year}"
