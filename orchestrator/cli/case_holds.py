"""Holds and the end of a case by hand: `relance case hold`, `lift`, `hardship`, `close`, `reopen`."""

from datetime import date

import click

from orchestrator.cli.case_acts import Day, act, documents, told, words
from orchestrator.domain import acts
from orchestrator.domain.act_holds import PLACEABLE
from orchestrator.domain.agreement import Blocks, HoldKind
from orchestrator.domain.events import Event, HoldPlaced


@click.command()
@click.argument("case_id", metavar="CASE")
@click.argument("kind", type=click.Choice(sorted(kind.value for kind in PLACEABLE)))
@click.option("--until", type=Day(), help="The last day.")
@click.option("--review-on", type=Day(), help="Without a last day: when somebody looks at it; else in 15 days.")
@click.option("--all-messages", "blocks_all", is_flag=True, help="Hold every message, not demands only.")
@click.option("--reason", default="", help="Why, in a few words.")
@click.option("--source", default="", help="The paper that says so.")
@documents
@act
def hold(
    case_id: str,
    kind: str,
    until: date | None,
    review_on: date | None,
    blocks_all: bool,
    reason: str,
    source: str,
    references: tuple[str, ...],
) -> None:
    """Demands stop: a procedure, a death, a veto, a plan."""
    told(
        case_id,
        lambda _: acts.PlaceHold(
            kind=HoldKind(kind),
            until=until,
            review_on=review_on,
            references=references,
            blocks_all=blocks_all,
            reason=reason,
            source=source,
        ),
        _after_hold,
    )


def _after_hold(facts: tuple[Event, ...]) -> str:
    placed = next(fact.hold for fact in facts if isinstance(fact, HoldPlaced))
    what = "no message" if placed.blocks is Blocks.ALL else "no demand"
    if placed.until is not None:
        return f"{what} until {placed.until}, end of the day"
    return f"{what} until somebody lifts it; a task asks about it by {placed.review_on}\nto lift: {placed.id}"


@click.command()
@click.argument("case_id", metavar="CASE")
@click.argument("hold_id", metavar="HOLD")
@click.option("--why", required=True, help="Recorded.")
@act
def lift(case_id: str, hold_id: str, why: str) -> None:
    """HOLD, or a promise, ends now; its tasks are closed."""
    told(
        case_id,
        lambda _: acts.LiftHold(hold_id=hold_id, why=why),
        lambda _: "lifted; the case decides again, with its usual gap",
    )


@click.command()
@click.argument("case_id", metavar="CASE")
@words
@act
def hardship(case_id: str, said: str) -> None:
    """They cannot pay: demands stop, the voice listens, somebody calls."""
    told(
        case_id,
        lambda _: acts.DeclareHardship(words=said),
        lambda _: "no demand until somebody lifts it; the voice listens, and a task asks to call them",
    )


@click.command()
@click.argument("case_id", metavar="CASE")
@click.argument("outcome", type=click.Choice([outcome.value for outcome in acts.CloseOutcome]))
@click.option("--words", "said", required=True, help="Why; recorded.")
@act
def close(case_id: str, outcome: str, said: str) -> None:
    """Nothing more is done about what CASE owes, until a new debt comes; needs --role manager."""
    told(
        case_id,
        lambda _: acts.CloseCase(outcome=acts.CloseOutcome(outcome), words=said),
        lambda _: "closed; a new debt opens it again",
    )


@click.command()
@click.argument("case_id", metavar="CASE")
@click.option("--words", "said", required=True, help="Why; recorded.")
@act
def reopen(case_id: str, said: str) -> None:
    """A closed CASE is followed again; needs --role manager."""
    told(case_id, lambda _: acts.ReopenCase(words=said), lambda _: "open again; the case decides again")


COMMANDS: tuple[click.Command, ...] = (hold, lift, hardship, close, reopen)
