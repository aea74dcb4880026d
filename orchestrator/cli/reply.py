"""`relance reply`: its commands together, and `read`, which stores nothing and acts on nothing."""

import sys
from datetime import UTC, date, datetime

import click

from channels.contract import Channel
from orchestrator.cli.replies import reply
from orchestrator.cli.reply_answer import answer, done, place
from orchestrator.cli.terminal import console, print_json, print_table
from orchestrator.domain.reply import Finding
from orchestrator.intake.replies.reader import read_reply

_CHANNELS = click.Choice([Channel.SMS.value, Channel.EMAIL.value])


@click.command()
@click.argument("text")
@click.option("--channel", type=_CHANNELS, default=Channel.SMS.value, show_default=True)
@click.option("--today", type=click.DateTime(["%Y-%m-%d"]), help="The debtor's day, from which dates count; today's.")
@click.option("--subject", default="", help="The subject of an e-mail.")
@click.option("--automatic", is_flag=True, help="The mail's headers say that a machine wrote it.")
@click.option("--json", "as_json", is_flag=True)
def read(text: str, channel: str, today: datetime | None, subject: str, automatic: bool, as_json: bool) -> None:
    """Read TEXT (`-` for standard input) as if a debtor had sent it, and show each intent with its evidence."""
    if text == "-":
        text = sys.stdin.buffer.read().decode("utf-8", "replace")
    day = today.date() if today else datetime.now(UTC).date()
    reading = read_reply(text, channel=Channel(channel), today=day, subject=subject, is_automatic=automatic)
    if as_json:
        print_json(reading)
        return
    columns = ["intent", "sure", "effect", "date", "amount", "words"]
    print_table("", columns, [_row(found) for found in reading.findings], numbers=["sure", "amount"])
    if channel == Channel.EMAIL:
        console.print("their own words:", style="bold")
        console.print(_printable(reading.words), markup=False, soft_wrap=True)


for command in (read, answer, done, place):
    reply.add_command(command)


def _row(found: Finding) -> tuple[object, ...]:
    """One finding; a stop acts however unsure it is."""
    name = found.intent.value
    marks = [(found.is_danger, "danger"), (found.is_resume, "taken back"), (found.is_partial, "in part")]
    said = ", ".join([name, *(mark for is_so, mark in marks if is_so)])
    acts = found.is_certain or name == "stop"
    amount = f"{found.amount_cents / 100:,.2f}" if found.amount_cents is not None else ""
    return said, found.confidence, "acts" if acts else "hold, task", _day(found.on), amount, _evidence(found)


def _day(on: date | None) -> str:
    return on.isoformat() if on else ""


def _evidence(found: Finding) -> str:
    named = ", ".join(filter(None, [*found.references, found.address]))
    words = _printable(found.evidence).replace("\n", " ").replace("[", r"\[")
    return f"{words} ({named})" if named else words


def _printable(text: str) -> str:
    """Words from outside, without what could move the cursor."""
    return "".join(c if c.isprintable() or c == "\n" else " " for c in text)
