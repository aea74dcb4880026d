"""`relance crisis`: overlays that slow, soften and offer help, without touching a campaign."""

from datetime import timedelta
from pathlib import Path

import click

from orchestrator.cli.terminal import console, deployment, print_json, print_table
from orchestrator.flows.overlay_crisis import end_crisis, start_crisis
from orchestrator.intake.crisis_yaml import load_crisis
from orchestrator.storage import crises

_YEAR = timedelta(days=366)


@click.group()
def crisis() -> None:
    """Crisis overlays."""


@crisis.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def start(file: Path) -> None:
    """Start the crisis described in FILE; see campaigns/crises/ for an example."""
    described = load_crisis(file)
    place = deployment()
    woken = start_crisis(place.database, described, now=place.now())
    console.print(f'crisis "{described.id}" started; {woken} open cases decide again')


@crisis.command()
@click.argument("crisis_id")
def end(crisis_id: str) -> None:
    """End a crisis now."""
    place = deployment()
    ended = end_crisis(place.database, crisis_id, now=place.now())
    console.print(f'crisis "{ended.id}" ended')


@crisis.command("list")
@click.option("--json", "as_json", is_flag=True)
def list_crises(as_json: bool) -> None:
    """Crises of the last and the coming year."""
    place = deployment()
    now = place.now()
    with place.database.read() as conn:
        found = crises.overlapping(conn, since=now - _YEAR, until=now + _YEAR)
    if as_json:
        print_json(found)
        return
    if not found:
        console.print("no crisis")
        return
    rows = [
        (c.id, c.title, c.from_on, c.to_on or "open", "ended" if c.ended_at else "", c.stretch, c.soften, c.reason)
        for c in found
    ]
    print_table("Crises", ("id", "title", "from", "to", "state", "stretch", "soften", "reason"), rows)
