"""`relance import`: debts, payments and holds from files, with a report of what was refused; imports undone."""

import getpass
from pathlib import Path

import click

from orchestrator.bootstrap import Deployment
from orchestrator.cli.import_facts import Wanted, take_holds, take_payments, today_of
from orchestrator.cli.terminal import console, deployment, print_json, print_table
from orchestrator.domain.money import Money
from orchestrator.domain.policy import PolicyBook
from orchestrator.flows.import_debts import ImportResult, import_debts
from orchestrator.flows.line_warnings import with_line_warnings
from orchestrator.flows.payee_warnings import with_payee_warnings
from orchestrator.flows.reverse_import import reverse_import
from orchestrator.intake.ledger.debts import DebtsFile, read_debts
from orchestrator.intake.tables.mapping import ColumnMapping, Subject
from orchestrator.intake.tables.mapping_yaml import load_mapping
from orchestrator.intake.tables.report import write_report
from orchestrator.storage import imports

_WARNINGS_SHOWN = 20


@click.command("import")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--mapping", help="A mapping by name (campaigns/mappings/) or by path; default: our own column names.")
@click.option("--report", type=click.Path(path_type=Path), help="Where to write the refused rows (CSV).")
@click.option("--dry-run", is_flag=True, help="Read and check only; store nothing.")
@click.option("--approve", is_flag=True, help="Let a snapshot pass that lost or moved too much.")
@click.option("--list", "list_creditor", metavar="CREDITOR", help="The last imports of a creditor.")
@click.option("--undo", metavar="IMPORT", help="Reverse a whole import and list the messages it caused.")
@click.option("--by", default=getpass.getuser, help="Who imports; recorded.")
@click.option("--json", "as_json", is_flag=True)
def import_files(  # noqa: PLR0913, PLR0917  # one argument per option of the command
    file: Path | None,
    mapping: str | None,
    report: Path | None,
    dry_run: bool,
    approve: bool,
    list_creditor: str | None,
    undo: str | None,
    by: str,
    as_json: bool,
) -> None:
    """Import debts, payments or holds from FILE (CSV, XLSX or JSON): the mapping says which.

    Good rows are stored, bad ones explained; safe to run again.
    """
    place = deployment()
    if undo:
        _undo(place, undo, by)
    elif list_creditor:
        _list(place, list_creditor, as_json=as_json)
    elif file is None:
        raise click.UsageError("name a FILE, or use --list or --undo")
    else:
        wanted = Wanted(
            file=file, mapping=find_mapping(place, mapping), report=report, dry_run=dry_run, by=by, as_json=as_json
        )
        if wanted.mapping.subject is Subject.PAYMENTS:
            take_payments(place, wanted)
        elif wanted.mapping.subject is Subject.HOLDS:
            take_holds(place, wanted)
        else:
            _import(place, wanted, approve=approve)


def find_mapping(place: Deployment, name: str | None) -> ColumnMapping:
    """A mapping by path, or by its name in campaigns/mappings/."""
    path = Path(name or "default")
    return load_mapping(path if path.suffix else place.settings.campaigns / "mappings" / f"{path.name}.yaml")


def _import(place: Deployment, wanted: Wanted, *, approve: bool) -> None:
    rules = place.rules
    found = read_debts(wanted.file, wanted.mapping, today=today_of(place), creditors=rules.creditors)
    found = with_line_warnings(found, PolicyBook(rules.packs), rules.creditors, now=place.now())
    found = with_payee_warnings(found, rules.creditors)
    results: tuple[ImportResult, ...] = ()
    if not wanted.dry_run:
        results = import_debts(place.database, found, now=place.now(), by=wanted.by, approved=approve)
    if wanted.as_json:
        print_json({"file": found.summary(), "imports": results})
    else:
        _print(found, results)
    default = wanted.file.with_suffix(".refused.csv") if found.refused and not wanted.as_json else None
    refused = wanted.report or default
    if refused is not None:
        write_report(refused, found)
        console.print(f"{len(found.refused)} refused rows, with the reason and the remedy of each: {refused}")


def _print(found: DebtsFile, results: tuple[ImportResult, ...]) -> None:
    for note in found.reading.notes:
        console.print(f"note: {note}")
    rows = [
        (t.creditor, t.file_rows, t.accepted_rows, Money(t.accepted_cents, t.currency), t.refused_rows,
         Money(t.refused_cents, t.currency), Money(t.accepted_cents + t.refused_cents, t.currency))
        for t in found.totals
    ]  # fmt: skip
    columns = ("creditor", "rows", "accepted", "sum accepted", "refused", "sum refused", "sum of the file")
    print_table(f"{found.reading.file}", columns, rows, numbers=columns[1:])
    for remark in found.warnings[:_WARNINGS_SHOWN]:
        console.print(f"line {remark.line}, {remark.column}: {remark.message}", markup=False)
    if len(found.warnings) > _WARNINGS_SHOWN:
        console.print(f"and {len(found.warnings) - _WARNINGS_SHOWN} more warnings")
    for result in results:
        if result.waiting:
            console.print(f"{result.creditor}: waits for an approval, {result.waiting}. Run again with --approve.")
            continue
        console.print(
            f"{result.creditor}: {result.new_cases} new cases, {result.changed_cases} changed, "
            f"{result.unchanged_cases} unchanged, {result.presumed_settled} documents presumed settled "
            f"(import {result.import_id})"
        )


def _list(place: Deployment, creditor: str, *, as_json: bool) -> None:
    with place.database.read() as conn:
        found = imports.of_creditor(conn, creditor)
    if as_json:
        print_json(found)
        return
    rows = [
        (i.id, f"{i.imported_at:%Y-%m-%d %H:%M}", i.imported_by, i.state.value, i.counts.get("rows", 0), i.file_name)
        for i in found
    ]
    print_table("Imports", ("id", "when", "by", "state", "rows", "file"), rows, numbers=("rows",))


def _undo(place: Deployment, import_id: str, by: str) -> None:
    done = reverse_import(place.database, import_id, by=by, now=place.now())
    console.print(f"import {done.import_id} undone: {done.facts} facts of {done.cases} cases")
    if done.left:
        console.print(f"{len(done.left)} messages had left because of it, and cannot be taken back:")
        for message in done.left:
            console.print(
                f"  {message.left_at:%Y-%m-%d %H:%M} {message.send.use.value} {message.send.step} {message.case_id}"
            )
