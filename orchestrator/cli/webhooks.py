"""`relance webhooks`: what came in, what could not be applied and why, and applying it again."""

import click
import msgspec
from rich.markup import escape

from orchestrator.cli.terminal import console, counted, deployment, print_json
from orchestrator.domain.errors import NotFound
from orchestrator.flows.replay_events import replay_events, replay_parked
from orchestrator.storage import inbox
from orchestrator.storage.inbox import Event, State

_source = click.option("--source", default="", help="Only of this source, such as twilio/status.")


@click.group()
def webhooks() -> None:
    """Events that came in: by webhook, from a mailbox, from a partner."""


@webhooks.command("list")
@click.option("--state", type=click.Choice([state.value for state in State]), default="parked", show_default=True)
@_source
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 1000))
@click.option("--before", type=int, help="Only those with a smaller number: the page that follows.")
@click.option("--json", "as_json", is_flag=True)
def list_events(state: str, source: str, limit: int, before: int | None, as_json: bool) -> None:
    """Events without their contents, the latest first."""
    with deployment().database.read() as conn:
        found = inbox.search(conn, state=State(state), source=source, limit=limit, before=before)
    if as_json:
        print_json([_without_body(event) for event in found])
        return
    if not found:
        console.print(f"no event is {state}")
        return
    for event in found:
        _print(event)
    if state == State.PARKED:
        words = "to look at one: relance webhooks show NUMBER; to apply it again: relance webhooks replay NUMBER"
        console.print(f"\n{words}", soft_wrap=True)
    if len(found) == limit:
        console.print(f"more: --before {found[-1].id}")


def _print(event: Event) -> None:
    """One line, and another for the reason: a table would fold it."""
    again = f", again at {event.retry_at:%H:%M:%S}" if event.retry_at else ""
    tried = f", {counted(event.tries, 'time')} in vain{again}" if event.tries else ""
    about = f"{event.received_at:%Y-%m-%d %H:%M:%S} UTC, {event.source}{tried}"
    console.print(f"[bold]{event.id}[/bold]  {escape(about)}", soft_wrap=True)
    if event.reason:
        console.print(f"    {event.reason}", soft_wrap=True, markup=False)


def _without_body(event: Event) -> dict[str, object]:
    told = msgspec.structs.asdict(event)
    del told["body"]
    return told


@webhooks.command()
@click.argument("number", type=int)
def show(number: int) -> None:
    """Event NUMBER as it came, as JSON. It holds personal data."""
    with deployment().database.read() as conn:
        event = inbox.get(conn, number)
    if event is None:
        raise NotFound(f"no event is numbered {number}", hint="relance webhooks list")
    print_json(event)


@webhooks.command()
@click.argument("numbers", nargs=-1, type=int)
@click.option("--all", "every", is_flag=True, help="Every parked event.")
@_source
def replay(numbers: tuple[int, ...], every: bool, source: str) -> None:
    """Apply events NUMBERS again, or all that are parked. What was done is not done twice."""
    if every == bool(numbers) or (source and not every):
        raise click.UsageError("name the numbers of events, or --all, which --source may limit")
    database = deployment().database
    count = replay_parked(database, source=source) if every else replay_events(database, numbers)
    console.print(f"{count} to be applied again, as soon as relance up or a worker runs")
