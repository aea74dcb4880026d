"""What is known of the people of a case, by hand: marks, points, stops, notes, calls."""

from typing import Any

import click

from channels.contract import Channel
from orchestrator.cli.case_acts import act, told, words
from orchestrator.domain import acts
from orchestrator.domain.contact import Fault, PointKind, PostalAddress, Role

_NO_FAULT = "none"


@click.command()
@click.argument("case_id", metavar="CASE")
@click.argument("name", metavar="MARK")
@act
def mark(case_id: str, name: str) -> None:
    """Add MARK, such as vulnerable or good_payer, to the debtor's cases with this creditor."""
    told(case_id, lambda _: acts.AddMark(mark=name), lambda _: f"marked {name}; the case decides again")


@click.command()
@click.argument("case_id", metavar="CASE")
@click.argument("name", metavar="MARK")
@act
def unmark(case_id: str, name: str) -> None:
    """Remove MARK; one that protects the person needs --role manager."""
    told(case_id, lambda _: acts.RemoveMark(mark=name), lambda _: f"no longer {name}; the case decides again")


@click.command()
@click.argument("case_id", metavar="CASE")
@click.argument("kind", type=click.Choice([kind.value for kind in PointKind]))
@click.argument("value", default="")
@click.option(
    "--fault", type=click.Choice([*(fault.value for fault in Fault), _NO_FAULT]), required=True,
    help="What is wrong with it; none makes it good again.",
)  # fmt: skip
@act
def point(case_id: str, kind: str, value: str, fault: str) -> None:
    """A number or address VALUE is faulty, or good again; post has no value."""
    is_good = fault == _NO_FAULT
    told(
        case_id,
        lambda _: acts.MarkPoint(kind=PointKind(kind), value=value, fault=None if is_good else Fault(fault)),
        lambda _: "used again" if is_good else "not used any more, in all cases of the person",
    )


@click.command("contact")
@click.argument("case_id", metavar="CASE")
@click.argument("kind", type=click.Choice([kind.value for kind in PointKind]))
@click.argument("value", default="")
@click.option("--line", "lines", multiple=True, help="A street line of a postal address; repeat it.")
@click.option("--postcode", default="")
@click.option("--city", default="")
@click.option("--country", default="", help="ISO 3166; without: the debtor's.")
@click.option("--contact-role", type=click.Choice([role.value for role in Role]), help="Whose it is at the debtor's.")
@click.option("--name", default="", help="The contact person's name.")
@click.option("--corrects", default="", help="The number or address that was wrong.")
@click.option("--verified", is_flag=True, help="The debtor confirmed it.")
@act
def contact(case_id: str, kind: str, value: str, lines: tuple[str, ...], **given: Any) -> None:
    """Add a number or address VALUE that the ledger has not; post has --line, --postcode and --city."""
    place = {name: given.pop(name) for name in ("postcode", "city", "country")}
    role = given.pop("contact_role")
    told(
        case_id,
        lambda _: acts.AddPoint(
            kind=PointKind(kind),
            value=value,
            address=PostalAddress(lines, **place) if lines else None,
            role=Role(role) if role else None,
            **given,
        ),
        lambda _: "added; imports keep it, the case decides again",
    )


@click.command()
@click.argument("case_id", metavar="CASE")
@click.argument("channel", type=click.Choice([channel.value for channel in Channel]))
@click.option("--point", "value", default="", help="One address of a firm; a person closes the channel.")
@act
def stop(case_id: str, channel: str, value: str) -> None:
    """They want nothing more by CHANNEL."""
    told(
        case_id,
        lambda _: acts.CloseChannel(channel=Channel(channel), point=value),
        lambda _: f"nothing more by {channel}, in all cases of the person",
    )


@click.command()
@click.argument("case_id", metavar="CASE")
@click.argument("channel", type=click.Choice([channel.value for channel in Channel]))
@click.option("--point", "value", default="", help="One address of a firm.")
@act
def start(case_id: str, channel: str, value: str) -> None:
    """They take CHANNEL again."""
    told(
        case_id,
        lambda _: acts.OpenChannel(channel=Channel(channel), point=value),
        lambda _: f"{channel} is open again; the case decides again",
    )


@click.command()
@click.argument("case_id", metavar="CASE")
@click.argument("text")
@act
def note(case_id: str, text: str) -> None:
    """Keep TEXT in mind; changes nothing."""
    told(case_id, lambda _: acts.AddNote(text=text), lambda _: "noted; nothing changes")


@click.command()
@click.argument("case_id", metavar="CASE")
@click.argument("outcome", type=click.Choice([outcome.value for outcome in acts.CallOutcome]))
@words
@act
def call(case_id: str, outcome: str, said: str) -> None:
    """Somebody dialled; it counts in the caps, whatever came of it."""
    told(
        case_id,
        lambda _: acts.NoteCall(outcome=acts.CallOutcome(outcome), words=said),
        lambda _: "noted; the call counts in the caps",
    )


COMMANDS: tuple[click.Command, ...] = (mark, unmark, point, contact, stop, start, note, call)
