"""What storage costs per case, on SQLite and PostgreSQL: `python -m tests.bench.storage [--million]`.

Wall time per case, commits included, beside the bare driver running the same rows one by one. The CPU of PostgreSQL
is not in `our CPU`; on a busy machine the best of the rounds says more than their median.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median

import msgspec
from sqlalchemy import text

from channels.contract import Channel
from orchestrator.domain.campaign import DocumentKind, Purpose, Use
from orchestrator.domain.case import Case, Cycle, Departure
from orchestrator.domain.contact import ContactPerson, ContactPoint, Debtor, DebtorStatus, PointKind, PostalAddress
from orchestrator.domain.debt import Debt
from orchestrator.domain.decision import Decision, Reason, Verdict, Wait
from orchestrator.domain.events import StepPassed
from orchestrator.domain.voice import Voice
from orchestrator.storage import cases, journal, migrations, persons
from orchestrator.storage.database import Connection, Database
from tests.services import PostgresServer, ServiceAway
from tests.storage.query_plan import plan_lines

NOW = datetime(2026, 5, 4, 9, tzinfo=UTC)
INSERTED = 20_000
BATCH = 500
ROUNDS = 20


def a_case(number: int) -> Case:
    """A case in the middle of its life: three debts, three contact points, two departures; about 2 kB of JSON."""
    person = ContactPerson(
        name=f"Camille Exemple {number}",
        points=(
            ContactPoint(PointKind.EMAIL, f"camille.{number}@example.org"),
            ContactPoint(PointKind.PHONE, "+33644631234"),
            ContactPoint(PointKind.POST, ""),
        ),
        address=PostalAddress((f"{number} rue des Essais",), "75001", "Paris", "FR"),
    )
    debts = tuple(
        Debt(
            reference=f"F-{number}-{n}",
            principal_cents=12_000 + n,
            open_cents=12_000 + n,
            as_of=date(2026, 5, 1),
            due_on=date(2026, 3, 1),
        )
        for n in range(3)
    )
    departures = tuple(
        Departure(
            message_id=f"case-{number:08}-1-reminder-{n}-1",
            step=f"reminder-{n}",
            cycle=1,
            ordinal=1,
            channel=Channel.EMAIL,
            use=Use.EMAIL,
            voice=Voice.COURTEOUS,
            template="reminder",
            kind=DocumentKind.REMINDER,
            purpose=Purpose.DEMAND,
            at=NOW - timedelta(days=20 - 10 * n),
            references=tuple(debt.reference for debt in debts),
            amount_cents=36_003,
        )
        for n in range(2)
    )
    cycle = Cycle(
        number=1,
        campaign="b2c-small",
        release="c0ffee" * 8,
        policy="fr-own-b2c",
        entered_at=NOW - timedelta(days=30),
        step_index=2,
        anchors=(debts[0].reference,),
        anchor_due_on=debts[0].due_on,
    )
    return Case(
        id=f"case-{number:08}",
        creditor="acme",
        debtor=Debtor(ref=f"D{number:08}", name=person.name, status=DebtorStatus.CONSUMER, people=(person,)),
        debts=debts,
        departures=departures,
        cycle=cycle,
    )


def measured(what: str, count: int, work: Callable[[], object], *, rounds: int = 1) -> None:
    """Runs the work and prints the best and the median time per item, and the CPU time of this process for it."""
    taken, used = [], []
    for _ in range(rounds):
        started, cpu = time.perf_counter(), time.process_time()
        work()
        taken.append((time.perf_counter() - started) / count * 1e6)
        used.append((time.process_time() - cpu) / count * 1e6)
    figures = f"best {min(taken):9.1f}  median {median(taken):9.1f}  our CPU {median(used):7.1f} us"
    print(f"  {what:<58} {figures}")


def insert_cases(database: Database) -> None:
    items = [a_case(n) for n in range(INSERTED)]
    points = {item.id: [f"{n:032x}", f"{n + INSERTED:032x}"] for n, item in enumerate(items)}

    def link() -> None:
        with database.begin() as conn:
            persons.link(conn, points)

    def insert() -> None:
        entries = [cases.Entry(c, NOW - timedelta(seconds=n), f"{n:032x}") for n, c in enumerate(items)]
        with database.begin() as conn:
            cases.insert(conn, entries, now=NOW)

    measured(f"link {INSERTED:,} cases to persons, two points each", INSERTED, link)
    measured(f"insert {INSERTED:,} cases", INSERTED, insert)


def advance(database: Database) -> None:
    """The storage share of `advance`: what remains is deciding."""
    later = NOW + timedelta(days=1)
    reasons = tuple(Reason(f"FR-RULE-{n}", Verdict.ALLOW, (("value", n),)) for n in range(12))
    decision = Decision(Wait(later), reasons)

    def batch() -> None:
        with database.begin() as conn:
            due = cases.load_due(conn, now=NOW, limit=BATCH)
            lines = []
            for one in due:
                passed = StepPassed(id=f"passed {one.version}", at=NOW, step="notice", cycle=1, why="expired")
                lines += [journal.Entry(one.case.id, NOW, passed), journal.Entry(one.case.id, NOW, decision)]
            cases.save(conn, [cases.Change(one.case, later, one.version) for one in due], now=NOW)
            journal.append(conn, lines, now=NOW)

    measured(f"load_due + save + 2 journal lines, batches of {BATCH}", BATCH, batch, rounds=ROUNDS)


def bare(database: Database) -> None:
    """The same rows as `advance` through the driver alone, row by row, nothing encoded or decoded."""
    mark = "?" if database.name == "sqlite" else "%s"
    select = f"SELECT id, body, version FROM cases WHERE due_at <= {_micros(NOW)} ORDER BY due_at, id LIMIT {BATCH}"
    update = f"UPDATE cases SET body = {mark}, due_at = {mark}, version = {mark} WHERE id = {mark} AND version = {mark}"
    columns = "(case_id, at, recorded_at, kind, type, body)"
    insert = f"INSERT INTO journal {columns} VALUES ({mark}, 0, 0, 'decision', 'wait', {mark})"

    def batch() -> None:
        with database.begin() as conn:
            cursor = conn.connection.cursor()
            rows = cursor.execute(select).fetchall()
            cursor.executemany(update, [(body, 2**60, version + 1, key, version) for key, body, version in rows])
            cursor.executemany(insert, [(key, body[:1000]) for key, body, _ in rows for _twice in range(2)])

    measured("bare driver: select, update, 2 inserts, row by row", BATCH, batch, rounds=ROUNDS)


def million(database: Database) -> None:
    """A due query over a million cases of which a thousand are due costs what a thousand cost."""
    with database.begin() as conn:
        conn.execute(text("DELETE FROM cases WHERE id <> 'case-00000000'"))
    for total in (1_000, 1_000_000):
        _fill(database, total)
        with database.begin() as conn:

            def ask(conn: Connection = conn) -> object:
                return cases.load_due(conn, now=NOW, limit=2_000)

            assert len(cases.load_due(conn, now=NOW, limit=2_000)) == 1_000
            measured(f"load_due of 1,000 among {total:,} cases", 1_000, ask, rounds=ROUNDS)
            print("\n".join(f"      {line}" for line in plan_lines(conn, ask)))
    with database.begin() as conn:
        past = NOW - timedelta(days=999)
        measured("nothing due among 1,000,000 cases", 1, lambda: cases.load_due(conn, now=past, limit=BATCH), rounds=9)
        measured("count_by_state over 1,000,000 cases", 1, lambda: cases.count_by_state(conn))


def _fill(database: Database, total: int) -> None:
    """Small cases made by the database itself from one until there are `total`; a thousand of them due."""
    series = (
        "WITH RECURSIVE series(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < {})"
        if database.name == "sqlite"
        else "WITH series(n) AS (SELECT generate_series(1, {}))"
    ).format(total)
    columns = "creditor, currency, payee, person_id, campaign, release, state, opted_out, version, updated_at, body"
    due = f"CASE WHEN n <= 1000 THEN {_micros(NOW)} ELSE {_micros(NOW)} + 86400000000 * (1 + n % 90) END"
    model = "(SELECT * FROM cases WHERE id = 'case-00000000') AS model WHERE true"
    made = f"SELECT 'm' || n, 'm' || n, {due}, {columns} FROM series, {model}"
    body = msgspec.json.encode(Case(id="m", creditor="acme", debtor=Debtor(ref="m", name="Camille Exemple"))).decode()
    with database.begin() as conn:
        conn.execute(text("UPDATE cases SET due_at = NULL, body = :body WHERE id = 'case-00000000'"), {"body": body})
        conn.execute(
            text(f"{series} INSERT INTO cases (id, debtor_ref, due_at, {columns}) {made} ON CONFLICT DO NOTHING")
        )
        conn.execute(text("ANALYZE cases"))


def _micros(instant: datetime) -> int:
    return int(instant.timestamp() * 1_000_000)


def run(url: str, works: list[Callable[[Database], None]]) -> None:
    database = Database(url)
    print(f"{database.name}, microseconds for each:")
    migrations.upgrade(database)
    for work in works:
        work(database)
    database.close()


def main(arguments: list[str]) -> int:
    works: list[Callable[[Database], None]] = [
        insert_cases,
        advance,
        bare,
        *([million] if "--million" in arguments else []),
    ]
    size = len(msgspec.json.encode(a_case(1)))
    print(f"one case is {size:,} bytes of JSON")
    with tempfile.TemporaryDirectory() as folder:
        run(f"sqlite:///{Path(folder) / 'bench.db'}", works)
    try:
        server = PostgresServer()
    except ServiceAway as away:
        print(f"PostgreSQL not measured: {away}")
        return 0
    url = server.create_database()
    try:
        run(url, works)
    finally:
        server.drop_database(url)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
