"""`relance letters`: the day's batch for the printer, and what the post did with each letter."""

from datetime import UTC, datetime
from pathlib import Path

import click

from orchestrator.cli.terminal import console, deployment, errors
from orchestrator.flows.follow_letters import close_batches, record_letter_file


@click.group()
def letters() -> None:
    """Letters of a print folder: the day's batch, and what became of them."""


@letters.command()
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="The day of the batch; today by default.")
def batch(day: datetime | None) -> None:
    """Close the batch of a day: merged PDFs and the list for the printer. Once closed, no letter is taken back."""
    place = deployment()
    of = day.date() if day is not None else place.now().date()
    found = close_batches(place.adapters, of)
    for lane, closed in found.items():
        console.print(f"{lane}: {len(closed.attempt_ids)} letters, {closed.pages} pages", soft_wrap=True)
        for path in (*closed.pdfs, closed.bordereau):
            console.print(f"  {path}", soft_wrap=True, markup=False)
        for attempt_id in closed.damaged:
            errors.print(f"  left out, its files are not what was written: {attempt_id}", soft_wrap=True)
    if not found:
        console.print(f"no letter waits for {of}")


@letters.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def status(file: Path) -> None:
    """Record FILE (attempt_id;status;date;registered_number): printed, posted, presented, delivered, returned, …"""
    place = deployment()
    told = record_letter_file(place.database, file.read_bytes(), now=place.now(), real_now=datetime.now(UTC))
    console.print(f"{told.new} facts recorded; {told.unknown} lines name no letter of this database")
    for fault in told.faults:
        errors.print(f"{file}:{fault.line}: {fault.message}", soft_wrap=True, markup=False)
    if told.faults:
        raise click.exceptions.Exit(1)
