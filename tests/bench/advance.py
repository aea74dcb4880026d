"""Advance: load → decide → store, on both databases: `python -m tests.bench.advance`.

The reference does the database's share of the same work with nothing decided: load the due cases, decode, encode and
save each, append two journal lines. What is above it is deciding.
"""

from datetime import timedelta

import msgspec

from orchestrator.domain.decision import Decision, Reason, Verdict, Wait
from orchestrator.flows.advance_cases import advance_all
from orchestrator.storage import cases, journal
from orchestrator.storage.database import Database
from tests.bench.measure import say, spent
from tests.bench.portfolios import NOW, databases, fill, fresh_ledger, shipped

COUNT = 6_000


def main() -> None:
    """Three states of a case: entering and sending, then waiting for its next step, then sending the second."""
    _, strategy = shipped()
    with databases() as found:
        for name, database in found.items():
            with spent() as bare:
                _bare(database)
            fill(database, COUNT)
            fresh_ledger(database)
            with spent() as first:
                done = advance_all(database, strategy, now=NOW)
            say(f"{name}: enter a campaign, decide to send, store ({done.planned} planned)", COUNT, first, bare, "bare")
            _wake(database)
            with spent() as second:
                looked = advance_all(database, strategy, now=NOW + timedelta(minutes=1))
            what = f"{name}: look at a case that has nothing to do"
            say(what, looked.judged, second, bare, "bare", reference_count=COUNT)


def _wake(database: Database) -> None:
    with database.begin() as conn:
        for page in cases.each(conn):
            cases.wake(conn, [stored.case.id for stored in page], at=NOW)


def _bare(database: Database) -> None:
    made = fill(database, COUNT, start=1_000_000)
    decision = Decision(Wait(None), (Reason("BARE", Verdict.ALLOW),))
    done = 0
    while done < len(made):
        with database.begin() as conn:
            due = cases.load_due(conn, now=NOW, limit=500)
            if not due:
                break
            lines = [journal.Entry(item.case.id, NOW, decision) for item in due for _ in range(2)]
            journal.append(conn, lines, now=NOW)
            changed = [msgspec.structs.replace(item.case, last_decision="0") for item in due]
            saved = [cases.Change(case, None, item.version) for case, item in zip(changed, due, strict=True)]
            cases.save(conn, saved, now=NOW)
            done += len(due)


if __name__ == "__main__":
    main()
