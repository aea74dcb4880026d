"""Short ways to rehearse: the sample portfolio or a part of it, on SQLite, with messages that need no rendering."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

import msgspec
from msgspec.structs import replace

from channels.contract import (
    Accepted,
    Capabilities,
    Channel,
    Evidence,
    Found,
    Inquiry,
    LetterService,
    Message,
    Outcome,
    SmsMessage,
)
from orchestrator.bootstrap import Deployment
from orchestrator.domain.campaign import Mode
from orchestrator.domain.case import Case
from orchestrator.domain.interruption import Crisis
from orchestrator.domain.policy import PolicyBook
from orchestrator.flows.import_debts import import_debts
from orchestrator.flows.outgoing import Post, sandbox_adapters
from orchestrator.flows.strategy import Strategy
from orchestrator.intake.ledger.debts import DebtsFile, read_debts
from orchestrator.intake.tables.mapping_yaml import load_mapping
from orchestrator.rendering.brief import Brief
from orchestrator.rendering.compose import Composed
from orchestrator.rendering.typography import typography
from orchestrator.settings import read_settings
from orchestrator.simulator.debtors import SimulatedDebtors
from orchestrator.simulator.portfolio import START
from orchestrator.simulator.rehearse import Rehearsal, Run, Stage, crisis_chore, ledger_chore, seeded_draw
from orchestrator.simulator.staff import Staff
from orchestrator.simulator.virtual_clock import VirtualClock
from orchestrator.storage import cases, journal
from orchestrator.storage.database import Database
from orchestrator.storage.migrations import upgrade
from tests.architecture.repository import ROOT

MORNING = datetime(START.year, START.month, START.day, 4, tzinfo=UTC)
SAMPLE = ROOT / "campaigns" / "sample" / "debts.csv"


class Played(msgspec.Struct, frozen=True, kw_only=True):
    """A rehearsal that is over, with what it played on. `told` is what the progress callback heard."""

    database: Database
    strategy: Strategy
    run: Run
    until: datetime
    told: list[tuple[date, int]]

    def cases(self) -> list[Case]:
        """Every case, by id."""
        with self.database.read() as conn:
            return [stored.case for page in cases.each(conn) for stored in page]

    def persons(self) -> dict[str, str]:
        """The person of each case."""
        with self.database.read() as conn:
            return {stored.case.id: stored.person_id for page in cases.each(conn) for stored in page}

    def lines(self, case: Case) -> list[journal.Line]:
        """What happened to a case, in the order of the journal."""
        with self.database.read() as conn:
            return journal.read(conn, case.id)


class Silent:
    """An adapter that accepts everything and keeps nothing."""

    name = "silent"

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.capabilities = Capabilities(
            channel=channel,
            confirms_delivery=True,
            echoes_attempt_id=True,
            leaves_machine=False,
            letter_services=frozenset(LetterService),
        )

    def send(self, message: Message, *, start_by: float | None = None) -> Outcome:
        """Accepted, however late it is."""
        _ = start_by
        return Accepted(f"silent-{message.attempt_id}")

    def look_up(self, inquiry: Inquiry) -> Evidence:
        """Everything was accepted."""
        return Found(f"silent-{inquiry.attempt_id}")


def plain_compose(brief: Brief, _release: str, _mentions: Sequence[str]) -> Composed:
    """A message of one line, whatever its channel: what a rehearsal decides does not hang on words."""
    hand = typography(brief.language, is_plain=brief.send.channel is Channel.SMS)
    # The content lint reads these words too: a collector recalls its first letter.
    recalled = f"{brief.letter_reference} {hand.day(brief.letter_on)}" if brief.letter_on else ""
    text = f"{brief.case_id} {brief.send.step} {brief.statement.total_cents} {recalled}"
    message = SmsMessage(attempt_id=brief.attempt_id, to="+33644631234", sender="TEST", text=text)
    return Composed(message=message, hash=f"{brief.attempt_id}", text=text)


@cache
def shipped_strategy() -> Strategy:
    """The campaigns, packs, creditors and rates that come with the software, every case automatic."""
    place = Deployment(read_settings({}))
    rules = place.rules
    return Strategy(
        campaigns=tuple(place.campaign(path).campaign for path in place.campaign_files()),
        book=PolicyBook(rules.packs),
        creditors=rules.creditors,
        rates=rules.rates,
        mode=Mode.AUTOMATIC,
        is_rehearsal=True,
    )


def own_stage(folder: Path, clock: VirtualClock, *, seed: int = 1) -> Stage:
    """An empty database of its own, the shipped strategy, and adapters that keep nothing."""
    folder.mkdir(parents=True, exist_ok=True)
    database = Database(f"sqlite:///{folder / 'relance.db'}", is_disposable=True)
    upgrade(database)
    post = Post(
        compose=plain_compose,
        adapters=sandbox_adapters(Silent),
        draw=seeded_draw(seed),
        public_url="https://relance.example",
    )
    return Stage(database=database, strategy=shipped_strategy(), post=post, clock=clock)


def sample_file(strategy: Strategy, wanted: Callable[[str], bool] = lambda _: True) -> DebtsFile:
    """The sample portfolio, or the debtors of it whose reference is wanted."""
    mapping = load_mapping(ROOT / "campaigns" / "mappings" / "default.yaml")
    file = read_debts(SAMPLE, mapping, today=START, creditors=strategy.creditors)
    return replace(file, rows=tuple(row for row in file.rows if wanted(row.debtor.ref)))


def play(
    folder: Path,
    *,
    seed: int = 1,
    days: int = 60,
    wanted: Callable[[str], bool] = lambda _: True,
    crises: Sequence[Crisis] = (),
) -> Played:
    """Rehearses the sample, or a part of it."""
    stage = own_stage(folder, VirtualClock(MORNING), seed=seed)
    import_debts(stage.database, sample_file(stage.strategy, wanted), now=MORNING, by="test")
    crowd = SimulatedDebtors(seed)
    chores = [ledger_chore(stage, sorted(stage.strategy.creditors)), crisis_chore(stage, crises)]
    rehearsal = Rehearsal(stage, crowd, staff=Staff(seed), chores=chores)
    with stage.database.read() as conn:
        for page in cases.each(conn):
            for stored in page:
                rehearsal.expect(crowd.begin(stored.case, now=MORNING))
    until = MORNING + timedelta(days=days)
    told: list[tuple[date, int]] = []
    run = rehearsal.run(until, lambda day, counts: told.append((day, counts.left)))
    return Played(database=stage.database, strategy=stage.strategy, run=run, until=until, told=told)
