"""A tick over many cases of which few are due: `python -m tests.bench.tick`.

The reference is the same tick over a database that holds the due cases only. Memory must stay flat. The number of
sleeping cases is RELANCE_BENCH_CASES, a million by default on PostgreSQL and SQLite.
"""

import os
import resource
import time

from orchestrator.flows.advance_cases import advance_all
from orchestrator.flows.strategy import Strategy
from orchestrator.storage.database import Database
from tests.bench.measure import Spent, say, spent
from tests.bench.portfolios import NOW, databases, fill, fresh_ledger, shipped

DUE = 1_000
SLEEPING = int(os.environ.get("RELANCE_BENCH_CASES", "1000000"))
_STEP = 100_000


def main() -> None:
    """1,000 due of 1,001,000, beside 1,000 of 1,000."""
    _, strategy = shipped()
    with databases() as alone, databases() as crowded:
        for name, database in crowded.items():
            reference = _tick(alone[name], strategy)
            started = time.perf_counter()
            for start in range(0, SLEEPING, _STEP):
                fill(database, min(_STEP, SLEEPING - start), due_at=None, start=10_000_000 + start)
            print(f"  {name}: {SLEEPING:,} sleeping cases stored in {time.perf_counter() - started:,.0f} s")
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            taken = _tick(database, strategy)
            grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
            say(f"{name}: {DUE:,} due of {SLEEPING + DUE:,}", DUE, taken, reference, f"{DUE:,} of {DUE:,}")
            print(f"  {name}: memory grew by {grown:,.0f} MB during the tick")


def _tick(database: Database, strategy: Strategy) -> Spent:
    fill(database, DUE)
    fresh_ledger(database)
    with spent() as taken:
        advance_all(database, strategy, now=NOW)
    return taken


if __name__ == "__main__":
    main()
