"""How fast cases are counted, and what each read of the page of results takes: `python -m tests.bench.figures [CASES]`.

Reads are wall time, beside a bare count(*) of the cases' figures by the same database.
"""

import sys
import time
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import func, select

from orchestrator.flows.cash_outlook import cash_outlook
from orchestrator.flows.follow_work import follow_work
from orchestrator.flows.project_figures import project_all, project_figures
from orchestrator.storage import aged_reads, care_reads, cases, result_reads
from orchestrator.storage.aged_reads import Age
from orchestrator.storage.database import Connection, Database
from orchestrator.storage.figures_tables import case_figures
from orchestrator.storage.result_reads import Where
from tests.bench.figures_portfolio import NOW, fill_year
from tests.bench.measure import spent
from tests.bench.portfolios import databases, shipped

CASES = 100_000
TODAY = NOW.date()
WHERE = Where(creditors=frozenset({"acme-telecom", "atelier-bois", "syndic-lilas"}))
PERIOD = Where(from_on=TODAY - timedelta(days=90), to_on=TODAY)
ROUNDS = 5

READS: dict[str, Callable[[Connection], object]] = {
    "reference: count(*)": lambda conn: conn.execute(select(func.count()).select_from(case_figures)).scalar(),
    "results of the period": lambda conn: result_reads.results(conn, PERIOD),
    "results by step": lambda conn: result_reads.results(conn, WHERE, by="step"),
    "results by bracket": lambda conn: result_reads.results(conn, WHERE, by="bracket"),
    "aged by creditor": lambda conn: aged_reads.aged_balance(conn, WHERE, today=TODAY, by="creditor"),
    "aged by sector": lambda conn: aged_reads.aged_balance(conn, WHERE, today=TODAY, by="sector"),
    "aged by debtor": lambda conn: aged_reads.aged_debtors(conn, WHERE, today=TODAY, limit=51),
    "documents of an age": lambda conn: aged_reads.aged_documents(conn, WHERE, today=TODAY, age=Age.D60, limit=51),
    "money by creditor": lambda conn: aged_reads.state_sums(conn, WHERE),
    "wrong reminders": lambda conn: care_reads.wrong_counts(conn, PERIOD),
    "wrong reminders, list": lambda conn: care_reads.wrong_list(conn, PERIOD, limit=51),
    "coverage": lambda conn: care_reads.coverage(conn, WHERE, late_before=NOW),
    "cash": lambda conn: cash_outlook(conn, WHERE, today=TODAY),
    "days late by sector": lambda conn: result_reads.payers(conn, WHERE, by="sector"),
    "first reminders": lambda conn: result_reads.first_reminders(conn, WHERE, by="channel", today=TODAY),
    "choices": lambda conn: result_reads.choices(conn, None),
}


def main(count: int = CASES) -> None:
    """Both databases: counting them all, a tick with nothing to do, whose work they are, then every read."""
    _, strategy = shipped()
    with databases() as found:
        for name, database in found.items():
            fill_year(database, count)
            with spent() as taken:
                project_all(database, strategy, now=NOW)
            print(f"  {name}: {count / taken.wall:,.0f} cases counted a second, {count / taken.cpu:,.0f} by CPU")
            with spent() as idle:
                project_figures(database, strategy, now=NOW)
            print(f"  {name}: a tick that finds nothing: {idle.wall * 1000:,.1f} ms, {idle.cpu * 1000:,.1f} of CPU")
            with spent() as followed:
                read = follow_work(database, strategy, now=NOW)
            print(f"  {name}: {read / followed.cpu:,.0f} cases read by CPU second for whose work they are")
            with spent() as idle:
                follow_work(database, strategy, now=NOW)
            print(f"  {name}: the same when nothing changed: {idle.wall * 1000:,.1f} ms, {idle.cpu * 1000:,.1f} of CPU")
            _change(database, 200)
            with spent() as changed:
                done = project_figures(database, strategy, now=NOW)
            print(f"  {name}: a tick that finds {done.stored} changed: {changed.wall * 1000:,.0f} ms")
            reads(database, name)


def _change(database: Database, count: int) -> None:
    with database.begin() as conn:
        cases.wake(conn, [f"K{number:08}" for number in range(count)], at=NOW)


def reads(database: Database, name: str) -> None:
    """What each read takes, the best of some rounds."""
    for what, read in READS.items():
        taken = []
        for _ in range(ROUNDS):
            with database.read() as conn:
                begun = time.perf_counter()
                read(conn)
                taken.append(time.perf_counter() - begun)
        print(f"  {name}: {what}: {min(taken) * 1000:,.1f} ms")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else CASES)
