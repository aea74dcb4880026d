"""`relance report`: what each campaign did, or the aged balance, on the terminal, as CSV or as JSON."""

import sys

import click

from orchestrator.bootstrap import Deployment
from orchestrator.cli.results_tables import print_results
from orchestrator.cli.terminal import console, deployment, print_json, print_table
from orchestrator.domain.policy import PolicyBook
from orchestrator.flows.cash_outlook import total
from orchestrator.flows.project_figures import project_all
from orchestrator.flows.report_results import report_results
from orchestrator.rendering.spreadsheet import csv_bytes
from orchestrator.rendering.table import Cell, Column, ColumnKind, Table, cell_text
from orchestrator.simulator.report import write_results
from orchestrator.storage import aged_reads
from orchestrator.storage.aged_reads import Age, AgedRow
from orchestrator.storage.result_reads import Where

_WORDS = {
    "fr": {
        "title": "Balance âgée", "creditor": "créancier", "campaign": "scénario", "status": "type", "sector": "secteur",
        "documents": "pièces", "not_due": "non échu", "d30": "0-30 j", "d60": "31-60 j", "d90": "61-90 j",
        "older": "> 90 j", "credit": "avoirs et non affectés", "balance": "solde dû", "held": "dont suspendu",
        "sum": "Total",
    },
    "en": {
        "title": "Aged balance", "creditor": "creditor", "campaign": "campaign", "status": "kind", "sector": "sector",
        "documents": "documents", "not_due": "not due", "d30": "0-30 d", "d60": "31-60 d", "d90": "61-90 d",
        "older": "> 90 d", "credit": "credits, unallocated", "balance": "balance", "held": "of which held",
        "sum": "Total",
    },
}  # fmt: skip


@click.command()
@click.option("--aged", is_flag=True, help="The aged balance instead of results.")
@click.option("--by", type=click.Choice(aged_reads.AGED_BY), default="creditor", show_default=True, help="With --aged.")
@click.option("--currency", default="EUR", show_default=True, help="With --aged.")
@click.option("--csv", "as_csv", is_flag=True, help="For a spreadsheet.")
@click.option("--json", "as_json", is_flag=True)
@click.option("--language", type=click.Choice(["fr", "en"]))
def report(*, aged: bool, by: str, currency: str, as_csv: bool, as_json: bool, language: str | None) -> None:
    """Results by campaign, step and channel of this database; with --aged what is open by how long it is overdue."""
    place = deployment()
    spoken = language or place.settings.language
    if aged:
        _aged(place, by, currency, spoken, as_csv=as_csv, as_json=as_json)
        return
    strategy = place.strategy()
    results = report_results(place.database, now=place.now(), campaigns=strategy.all_campaigns)
    if as_json:
        print_json(results)
    elif as_csv:
        write_results(results, sys.stdout)
    else:
        print_results(results, language=spoken, titles=PolicyBook(place.rules.packs).titles(spoken))


def _aged(place: Deployment, by: str, currency: str, language: str, *, as_csv: bool, as_json: bool) -> None:
    """Counts first what changed since the last tick: a report is of now."""
    project_all(place.database, place.strategy(), now=place.now())
    with place.database.read() as conn:
        today = place.now().astimezone().date()
        rows = aged_reads.aged_balance(conn, Where(currency=currency), today=today, by=by)
    if as_json:
        named = [{"ages": row.ages, "balance_cents": row.balance_cents, by: row.by} for row in rows]
        print_json({"as_of": today, "currency": currency, "rows": named})
        return
    table = _table(rows, by, currency, language)
    if as_csv:
        sys.stdout.write(csv_bytes(table).decode("utf-8-sig").replace("\r\n", "\n"))
        return
    shown = [
        [cell_text(column, cell, language=language) for column, cell in zip(table.columns, row, strict=True)]
        for row in table.rows
    ]
    names = [column.name for column in table.columns]
    print_table(f"{table.title} ({today}, {currency})", names, shown, numbers=names[1:])
    if not rows:
        console.print("–")


def _table(rows: list[AgedRow], by: str, currency: str, language: str) -> Table:
    words = _WORDS[language]

    def amount(name: str) -> Column:
        return Column(words[name], ColumnKind.AMOUNT, currency)

    columns = (
        Column(words[by]), Column(words["documents"], ColumnKind.COUNT), *(amount(age.value) for age in Age),
        amount("balance"), amount("held"),
    )  # fmt: skip
    named = [(row.by or "-", row) for row in rows] + ([(words["sum"], total(rows))] if len(rows) > 1 else [])
    cells: list[tuple[Cell, ...]] = [
        (name, row.documents, *(row.ages.get(age, 0) for age in Age), row.balance_cents, row.held_cents)
        for name, row in named
    ]
    return Table(title=words["title"], columns=columns, rows=cells, language=language)
