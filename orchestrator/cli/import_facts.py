"""`relance import` of payments and holds: read, recorded with a bar for long files, and told with their totals."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import msgspec
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from orchestrator.bootstrap import Deployment
from orchestrator.cli.terminal import console, errors, print_json, print_table
from orchestrator.domain.money import Money
from orchestrator.flows.import_holds import HoldsImported, import_holds
from orchestrator.flows.import_payments import PaymentsImported, import_payments
from orchestrator.intake.ledger.holds import HoldsFile, read_holds
from orchestrator.intake.ledger.payments import PaymentsFile, read_payments
from orchestrator.intake.tables.mapping import ColumnMapping
from orchestrator.intake.tables.report import RefusedRow, write_report

# A shorter file is done before anybody looks at a bar.
_LONG_ROWS = 10_000


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """How a file is imported."""

    file: Path
    mapping: ColumnMapping
    report: Path | None
    dry_run: bool
    by: str
    as_json: bool


def today_of(place: Deployment) -> date:
    """The day of this machine, on the deployment's clock: by it ledgers are dated."""
    return place.now().astimezone().date()


def take_payments(place: Deployment, wanted: Wanted) -> None:
    """Money received and money that went back."""
    found = read_payments(wanted.file, wanted.mapping, today=today_of(place), creditors=place.rules.creditors)
    done = PaymentsImported(stored=0, reversed=0, known=0, refused=())
    if not wanted.dry_run:
        with _bar(len(found.rows), is_quiet=wanted.as_json) as on_rows:
            done = import_payments(place.database, found, now=place.now(), by=wanted.by, on_rows=on_rows)
    if wanted.as_json:
        print_json({"file": found.summary(), "dry_run": wanted.dry_run, "payments": done})
    else:
        _print_totals(found)
        counts = f"{done.stored} stored, {done.reversed} gone back, {done.known} known already"
        _print_outcome(wanted, counts, len(found.rows), done.refused)
    _report(wanted, found, done.refused)


def take_holds(place: Deployment, wanted: Wanted) -> None:
    """What stops demands already."""
    found = read_holds(wanted.file, wanted.mapping, today=today_of(place), creditors=place.rules.creditors)
    done = HoldsImported(placed=0, known=0, refused=())
    if not wanted.dry_run:
        with _bar(len(found.rows), is_quiet=wanted.as_json) as on_rows:
            done = import_holds(place.database, found, now=place.now(), by=wanted.by, on_rows=on_rows)
    if wanted.as_json:
        print_json({"file": found.summary(), "dry_run": wanted.dry_run, "holds": done})
    else:
        for note in found.reading.notes:
            console.print(f"note: {note}")
        _print_outcome(wanted, f"{done.placed} placed, {done.known} known already", len(found.rows), done.refused)
    _report(wanted, found, done.refused)


@contextmanager
def _bar(rows: int, *, is_quiet: bool) -> Iterator[Callable[[int], None]]:
    columns = (TextColumn("importing"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=errors, disable=is_quiet or rows < _LONG_ROWS, transient=True) as bar:
        task = bar.add_task("rows", total=rows)
        yield lambda done: bar.update(task, completed=done)


def _print_totals(found: PaymentsFile) -> None:
    for note in found.reading.notes:
        console.print(f"note: {note}")
    rows = [
        (t.creditor, t.file_rows, t.accepted_rows, Money(t.accepted_cents, t.currency), t.refused_rows,
         Money(t.refused_cents, t.currency), Money(t.file_cents, t.currency))
        for t in found.totals
        if t.currency
    ]  # fmt: skip
    columns = ("creditor", "rows", "readable", "sum readable", "refused", "sum refused", "sum of the file")
    print_table(f"{found.reading.file}", columns, rows, numbers=columns[1:])


def _print_outcome(wanted: Wanted, counts: str, readable: int, refused: tuple[RefusedRow, ...]) -> None:
    if wanted.dry_run:
        console.print(f"{readable} rows can be read; nothing was stored")
    else:
        fit = f", {len(refused)} fit no account" if refused else ""
        console.print(f"{counts}{fit}")


def _report(wanted: Wanted, found: PaymentsFile | HoldsFile, unplaced: tuple[RefusedRow, ...]) -> None:
    """One file with all that was refused: what could not be read, and what fits no account."""
    refused = tuple(sorted((*found.refused, *unplaced), key=lambda row: row.line))
    path = wanted.report or (wanted.file.with_suffix(".refused.csv") if refused and not wanted.as_json else None)
    if path is not None:
        write_report(path, msgspec.structs.replace(found, refused=refused))
        if not wanted.as_json:
            console.print(f"{len(refused)} refused rows, with the reason and the remedy of each: {path}")
