"""Portfolios for measuring: debts files of any size, and databases with cases in the middle of their ladder."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path

from msgspec.structs import replace

from orchestrator.bootstrap import Deployment
from orchestrator.domain.campaign import Mode
from orchestrator.domain.case import Case
from orchestrator.domain.contact import Debtor
from orchestrator.flows.import_debts import confirm_ledger
from orchestrator.flows.strategy import Strategy
from orchestrator.settings import read_settings
from orchestrator.storage import cases, migrations, persons
from orchestrator.storage.database import Database
from tests.builders import a_case, a_debt, a_debtor, instant
from tests.services import PostgresServer, ServiceAway

# A Tuesday morning at ten in Paris: everything may leave.
NOW = instant("2026-03-10 09:00")
HEADER = (
    "creditor;reference;document;debtor_ref;status;name;siren;contact_role;email;phone;address_1;address_2;postcode;"
    "city;country;language;principal;open_amount;currency;issued_on;due_on;claim_kind;debt_kind;payment_method;"
    "next_collection_on;order_ref;sector;marks;last_step;last_contact_on"
)


def write_debts(path: Path, *, debtors: int, debts: int) -> None:
    """A debts file in our own columns: `debts` invoices over `debtors` people, each with phone, e-mail and address."""
    with path.open("w", encoding="utf-8") as stream:
        stream.write(HEADER + "\n")
        for number in range(debts):
            who = number % debtors
            due_on = date(2026, 2, 1) + timedelta(days=who % 30)
            stream.write(
                f"acme-telecom;F-{number:06d};invoice;C-{who:05d};consumer;Camille Exemple{who};;;"
                f"camille{who}@example.org;+336446{who % 100000:05d};{who % 300} rue des Essais;;75001;PARIS;FR;fr;"
                f"{20 + who % 80},50;{20 + who % 80},50;EUR;2026-01-10;{due_on};telecom;invoice;transfer;;;;;;\n"
            )


def shipped(mode: Mode = Mode.AUTOMATIC) -> tuple[Deployment, Strategy]:
    """The shipped campaigns and packs on an own empty SQLite file, every case automatic."""
    home = tempfile.mkdtemp(prefix="relance-bench-")
    deployment = Deployment(read_settings({"RELANCE_HOME": home}))
    for path in deployment.campaign_files():
        deployment.release(deployment.campaign(path), by="bench", now=NOW)
    return deployment, deployment.strategy(mode=mode, is_rehearsal=True)


def fill(
    database: Database,
    count: int,
    *,
    due_at: datetime | None = NOW,
    start: int = 0,
    debtor: Debtor | None = None,
) -> list[Case]:
    """`count` cases of three debts each, due at an instant or waiting for a fact."""
    debtor = debtor or a_debtor()
    base = a_case(a_debt("A", due="2026-03-02"), a_debt("B", due="2026-03-02"), a_debt("C", due="2026-03-01"))
    made = [
        replace(base, id=f"K{number:010d}", debtor=replace(debtor, ref=f"R{number}"))
        for number in range(start, start + count)
    ]
    for chunk in range(0, count, 20_000):
        part = made[chunk : chunk + 20_000]
        with database.begin() as conn:
            owners = persons.link(conn, {case.id: [f"{case.id:>032}"] for case in part})
            cases.insert(conn, [cases.Entry(case, due_at, owners[case.id]) for case in part], now=NOW)
    return made


def fresh_ledger(database: Database, creditor: str = "acme-telecom") -> None:
    """The creditor's ledger is of today."""
    confirm_ledger(database, creditor, as_of=NOW.date(), now=NOW, by="bench")


@contextmanager
def databases() -> Iterator[dict[str, Database]]:
    """An empty SQLite file, and an empty PostgreSQL database when a server answers."""
    found: dict[str, Database] = {}
    server: PostgresServer | None = None
    url = ""
    with tempfile.TemporaryDirectory(prefix="relance-bench-") as folder:
        found["SQLite"] = Database(f"sqlite:///{folder}/bench.db")
        try:
            server = PostgresServer()
            url = server.create_database()
            # Test databases relax commits; a figure must pay for them.
            found["PostgreSQL"] = Database(f"{url}?options=-csynchronous_commit%3Don")
        except ServiceAway as away:
            print(f"  PostgreSQL is not measured: {away}")
        for database in found.values():
            migrations.upgrade(database)
        try:
            yield found
        finally:
            for database in found.values():
                database.close()
            if server is not None and url:
                server.drop_database(url)
