"""What endpoints cost the sending: `python -m tests.bench.outbox`.

A batch of departures is appended to the journal, with no endpoint and with some. The reference is the same batch with
no endpoint; what it costs to ask whether there is one is within it.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from channels.contract import Channel
from orchestrator.domain.campaign import DocumentKind, Purpose, Use
from orchestrator.domain.events import MessageLeft
from orchestrator.domain.voice import Voice
from orchestrator.storage import endpoints, journal
from orchestrator.storage.database import Database
from orchestrator.storage.endpoints import Endpoint
from orchestrator.storage.journal import Entry
from orchestrator.worker.collector import calm_collector
from tests.bench.measure import Spent, best, say
from tests.bench.portfolios import databases, fill

NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)
BATCH = 200
ROUNDS = 25
ENDPOINTS = (1, 2, 5)


def main() -> None:
    """Each number of endpoints beside none."""
    with databases() as found:
        calm_collector()  # as in every process that sends
        for name, database in found.items():
            ids = [case.id for case in fill(database, BATCH)]
            reference = _batches(database, ids, "none")
            added = 0
            for count in ENDPOINTS:
                with database.begin() as conn:
                    for number in range(added, count):
                        endpoints.insert(conn, _endpoint(number))
                added = count
                taken = _batches(database, ids, str(count))
                what = f"{name}: {BATCH} departures told to {count}"
                say(what, BATCH, taken, reference, "told to none", unit="departures")


def _endpoint(number: int) -> Endpoint:
    return Endpoint(id=f"ep-{number}", url="https://hooks.example/relance", created_at=NOW)


def _batches(database: Database, ids: Sequence[str], name: str) -> Spent:
    rounds = iter(range(ROUNDS))

    def one() -> None:
        number = next(rounds)
        entries = [Entry(case_id, NOW, _departure(f"{name}-{number}-{n}")) for n, case_id in enumerate(ids)]
        with database.begin() as conn:
            journal.append(conn, entries, now=NOW)

    return best(ROUNDS, one)


def _departure(name: str) -> MessageLeft:
    return MessageLeft(
        id=f"left:{name}",
        at=NOW,
        message_id=name,
        step="reminder-1",
        cycle=1,
        ordinal=1,
        channel=Channel.SMS,
        use=Use.SMS,
        voice=Voice.COURTEOUS,
        template="reminder",
        kind=DocumentKind.REMINDER,
        purpose=Purpose.DEMAND,
        references=("F-1",),
        amount_cents=4_200,
    )


if __name__ == "__main__":
    main()
