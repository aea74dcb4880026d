"""A deployment of the shipped campaigns on an empty database, and a portfolio of a few invented debtors."""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from channels.provider import Verdict
from orchestrator.bootstrap import CampaignOnDisk, Deployment
from orchestrator.domain.campaign import Mode
from orchestrator.domain.case import Case
from orchestrator.domain.decision import Decision
from orchestrator.domain.events import Event
from orchestrator.flows.advance_cases import Advanced, advance_all
from orchestrator.flows.dispatch import Dispatched, dispatch_all
from orchestrator.flows.import_debts import ImportResult, confirm_ledger, import_debts
from orchestrator.flows.outgoing import Post
from orchestrator.flows.record_facts import record_facts
from orchestrator.flows.strategy import Strategy
from orchestrator.intake.ledger.debts import read_debts
from orchestrator.intake.tables.mapping import ColumnMapping
from orchestrator.intake.tables.mapping_yaml import parse_mapping
from orchestrator.settings import read_settings
from orchestrator.storage import cases, contents, journal, messages
from orchestrator.storage.database import Connection

HEADER = (
    "creditor;reference;document;debtor_ref;status;name;siren;contact_role;email;phone;address_1;address_2;postcode;"
    "city;country;language;principal;open_amount;currency;issued_on;due_on;claim_kind;debt_kind;payment_method;"
    "next_collection_on;order_ref;sector;marks;last_step;last_contact_on"
)
# A Tuesday, ten in the morning in Paris: everything may leave.
TUESDAY = datetime(2026, 3, 10, 9, tzinfo=UTC)


def row(
    reference: str = "F-1",
    *,
    debtor: str = "C-1",
    amount: str = "42,00",
    due: str = "2026-03-02",
    email: str = "",
    phone: str = "+33644631234",
    document: str = "invoice",
) -> str:
    """One row of a debts file: a Paris consumer of a telecom operator."""
    return (
        f"acme-telecom;{reference};{document};{debtor};consumer;Jeanne Dupont;;;{email};{phone};1 rue du Lac;;75001;"
        f"PARIS;FR;fr;{amount};{amount};EUR;2026-01-15;{due};telecom;invoice;transfer;;;;;;"
    )


class World:
    """A deployment with short ways to do what its users do, at instants that the test chooses."""

    def __init__(self, deployment: Deployment, folder: Path) -> None:
        self.deployment = deployment
        self.database = deployment.database
        self.folder = folder
        self.outbox = folder / "outbox"
        self.verdict: Verdict | None = None
        self._drawn = count(1)

    def strategy(self, mode: Mode = Mode.AUTOMATIC) -> Strategy:
        """The releases in force, every case in one mode."""
        return self.deployment.strategy(mode=mode, is_rehearsal=True)

    def load(
        self, *rows: str, now: datetime = TUESDAY, mode: str = "movements", approved: bool = False
    ) -> ImportResult:
        """Imports rows as a file of the day."""
        path = self.folder / "debts.csv"
        path.write_text("\n".join((HEADER, *rows)) + "\n", encoding="utf-8")
        file = read_debts(
            path,
            mapping_of(self.deployment.settings.campaigns, mode),
            today=now.date(),
            creditors=self.deployment.rules.creditors,
        )
        assert not file.refused, file.refused
        return import_debts(self.database, file, now=now, by="test", approved=approved)[0]

    def advance(self, now: datetime = TUESDAY, mode: Mode = Mode.AUTOMATIC) -> Advanced:
        """Decides everything that is due, on a ledger of the day."""
        confirm_ledger(self.database, "acme-telecom", as_of=now.date(), now=now, by="test")
        return advance_all(self.database, self.strategy(mode), now=now)

    def advance_without_ledger(self, strategy: Strategy, now: datetime) -> Advanced:
        """Decides what is due on whatever ledger was last imported."""
        with self.database.begin() as conn:
            cases.wake(conn, [case.id for case in self.cases()], at=now)
        return advance_all(self.database, strategy, now=now)

    def contents(self, conn: Connection, content_hash: str) -> str:
        """The stored words of that hash."""
        return contents.load(conn, [content_hash])[content_hash].text

    def dispatch(self, now: datetime = TUESDAY, real_now: datetime | None = None) -> Dispatched:
        """Sends what is planned, then lets the cases decide again. `real_now` is the clock of leases."""
        done = dispatch_all(self.database, self.strategy(), self.post(now), now=now, real_now=real_now)
        advance_all(self.database, self.strategy(), now=now)
        return done

    def post(self, now: datetime) -> Post:
        """The sandbox, with numbered attempts."""

        def draw() -> tuple[str, str]:
            number = next(self._drawn)
            return f"{number:032x}", f"{number:022d}"

        return self.deployment.sandbox_post(outbox=self.outbox, clock=lambda: now, draw=draw, verdict=self.verdict)

    def record(self, *facts: Event, now: datetime) -> int:
        """Facts about the only case."""
        return record_facts(self.database, [(self.case().id, fact) for fact in facts], now=now)

    def cases(self) -> list[Case]:
        """Every case."""
        with self.database.read() as conn:
            return [stored.case for page in cases.each(conn) for stored in page]

    def case(self) -> Case:
        """The only case."""
        (only,) = self.cases()
        return only

    def messages(self) -> list[messages.Message]:
        """Every message, in the order they were planned."""
        with self.database.read() as conn:
            return messages.of_cases(conn, [case.id for case in self.cases()])

    def decisions(self) -> list[Decision]:
        """The journalled decisions of the only case."""
        with self.database.read() as conn:
            lines = journal.read(conn, self.case().id)
        return [line.fact for line in lines if isinstance(line.fact, Decision)]

    def sent(self) -> list[Path]:
        """Every file that the sandbox wrote."""
        return sorted(path for path in self.outbox.rglob("*") if path.is_file())


@cache
def mapping_of(campaigns: Path, mode: str) -> ColumnMapping:
    """The default mapping, in a mode."""
    text = (campaigns / "mappings" / "default.yaml").read_text(encoding="utf-8")
    return parse_mapping(text.replace("mode: movements ", f"mode: {mode} "), name="test")


@cache
def shipped_content() -> dict[str, Any]:
    """What every world reads of the shipped folders, read once: rules, words, releases by their content."""
    place = Deployment(read_settings({}))
    names = ("rules", "texts", "letters", "_released")
    return {name: getattr(place, name) for name in names}


@cache
def shipped_campaign(name: str) -> CampaignOnDisk:
    """A shipped campaign, read once."""
    return Deployment(read_settings({})).find_campaign(name)


@pytest.fixture
def world(ready_url: str, tmp_path: Path) -> Iterator[World]:
    """The shipped campaigns released on an empty database."""
    deployment = Deployment(read_settings({"RELANCE_HOME": str(tmp_path), "RELANCE_DATABASE_URL": ready_url}))
    deployment.__dict__.update(shipped_content())
    for name in ("b2c-small", "b2c-large"):
        deployment.release(shipped_campaign(name), by="test", now=TUESDAY)
    yield World(deployment, tmp_path)
    deployment.database.close()
