"""Replay: an invented ledger day by day; its guarantees hold, and a planted breach of each is found."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from channels.contract import Channel
from orchestrator.domain.campaign import DocumentKind, Purpose, Use
from orchestrator.domain.errors import InputError
from orchestrator.domain.events import Event, MessageLeft, PaymentReceived
from orchestrator.domain.voice import Voice
from orchestrator.flows.record_facts import record_facts
from orchestrator.intake.ledger.debts import DebtsFile, read_debts
from orchestrator.intake.tables.mapping_yaml import load_mapping
from orchestrator.simulator.guarantees import WORDS, Guarantee, check_guarantees
from orchestrator.simulator.rehearse import MORNING, Stage
from orchestrator.simulator.replay import Replayed, clock_of, replay
from orchestrator.simulator.replay_ledger import ReplayLedger, ReplayTerms, ready_ledger
from orchestrator.simulator.report import reconcile
from orchestrator.storage import cases, journal
from tests.architecture.repository import ROOT
from tests.simulator.runs import own_stage, shipped_strategy

HEADER = (
    "countryCode,customerID,PaperlessDate,invoiceNumber,InvoiceDate,DueDate,InvoiceAmount,Disputed,SettledDate,"
    "PaperlessBill,DaysToSettle,DaysLate"
)
# (customer, invoice, issued, due, amount, disputed, settled): months and days as that ledger writes them.
INVOICES = (
    ("ANNA", "1", "1/2/2019", "2/1/2019", "60.00", "No", "1/20/2019"),  # in time
    ("ANNA", "2", "1/20/2019", "2/19/2019", "40.00", "No", "3/20/2019"),  # a month late
    ("BRUNO", "3", "1/5/2019", "2/4/2019", "80.00", "No", "3/25/2019"),  # very late
    ("CLEA", "4", "1/6/2019", "2/5/2019", "75.00", "Yes", "3/28/2019"),  # late, because disputed
    ("DORA", "5", "1/7/2019", "2/6/2019", "55.00", "No", "1/7/2019"),  # on the very day
    ("DORA", "6", "2/10/2019", "3/12/2019", "65.00", "Yes", "2/20/2019"),  # disputed, and paid early
    ("EMIL", "7", "10/1/2018", "10/31/2018", "90.00", "No", "12/1/2018"),  # before the replay
    ("EMIL", "8", "12/10/2018", "1/9/2019", "35.00", "No", "2/28/2019"),  # open when it begins
    ("FANY", "9", "5/1/2019", "5/31/2019", "45.00", "No", "6/2/2019"),  # after it
    ("BRUNO", "10", "3/1/2019", "3/31/2019", "20.00", "No", "5/15/2019"),  # open when it ends
)
TERMS = ReplayTerms(
    as_of=date(2019, 1, 1),
    to=date(2019, 4, 10),
    shift_to=date(2026, 1, 6),
    assume_country="FR",
    has_synthetic_contacts=True,
)
SHIFT = date(2026, 1, 6) - date(2019, 1, 1)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> DebtsFile:
    """The ledger, read with the mapping that ships for it."""
    path = tmp_path_factory.mktemp("ledger") / "ledger.csv"
    rows = [
        f"391,{who},1/1/2019,{no},{at},{due},{sum_},{bad},{paid},Paper,0,0"
        for who, no, at, due, sum_, bad, paid in INVOICES
    ]
    path.write_text("\n".join((HEADER, *rows)) + "\n", encoding="utf-8")
    mapping = load_mapping(ROOT / "campaigns" / "mappings" / "example-ledger.yaml")
    read = read_debts(path, mapping, today=date(2026, 11, 22), creditors=shipped_strategy().creditors)
    assert not read.refused
    return read


@pytest.fixture(scope="module")
def ledger(file: DebtsFile) -> ReplayLedger:
    return ready_ledger(file, TERMS)


@pytest.fixture(scope="module")
def stage(ledger: ReplayLedger, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    return own_stage(tmp_path_factory.mktemp("replay"), clock_of(ledger))


@pytest.fixture(scope="module")
def done(stage: Stage, ledger: ReplayLedger) -> Replayed:
    return replay(stage, ledger, seed=1)


def events(stage: Stage) -> list[tuple[str, Event]]:
    with stage.database.read() as conn:
        lines = [line for page in cases.each(conn) for s in page for line in journal.read(conn, s.case.id)]
    return [(line.case_id, line.fact) for line in lines if not hasattr(line.fact, "act")]


def demands(stage: Stage) -> list[MessageLeft]:
    return [f for _, f in events(stage) if isinstance(f, MessageLeft) and f.purpose is Purpose.DEMAND]


# ------------------------------------------------------------------------------------------ the ledger


def test_all_dates_move_by_the_same_number_of_days(file: DebtsFile, ledger: ReplayLedger) -> None:
    before = {row.debt.reference: row for row in file.rows}
    for row in ledger.rows:
        old = before[row.debt.reference]
        assert row.debt.issued_on is not None
        assert old.debt.issued_on is not None
        assert row.settled_on is not None
        assert old.settled_on is not None
        moved = {
            row.debt.issued_on - old.debt.issued_on,
            row.debt.due_on - old.debt.due_on,
            row.settled_on - old.settled_on,
        }
        assert moved == {SHIFT}
    assert (ledger.start, ledger.end) == (date(2026, 1, 6), date(2026, 1, 6) + (TERMS.to - TERMS.as_of))


def test_what_was_taken_for_granted_is_named(ledger: ReplayLedger) -> None:
    said = ledger.assumptions
    assert said.shift_days == SHIFT.days
    assert said.keeps_weekdays is (SHIFT.days % 7 == 0)
    assert (said.settled_before, said.issued_after, said.open_at_end) == (1, 1, 1)
    assert (said.played, said.disputed, said.country) == (8, 2, "FR")
    assert [invented.debtor_ref for invented in said.invented] == ["ANNA", "BRUNO", "CLEA", "DORA", "EMIL"]
    assert len({invented.phone for invented in said.invented}) == 5
    assert all(i.email.endswith("@example.org") and i.address for i in said.invented)


def test_without_terms_nothing_is_moved_nor_invented(file: DebtsFile) -> None:
    plain = ready_ledger(file, ReplayTerms(as_of=date(2019, 1, 1), to=date(2019, 4, 10)))
    assert plain.start == date(2019, 1, 1)
    assert plain.assumptions.invented == ()
    assert all(not person.points for row in plain.rows for person in row.debtor.people)


def test_invented_contacts_are_the_same_each_time(file: DebtsFile, ledger: ReplayLedger) -> None:
    assert ready_ledger(file, TERMS).assumptions == ledger.assumptions


@pytest.mark.parametrize("changes", [{"to": date(2018, 1, 1)}, {"as_of": date(2022, 1, 1), "to": date(2022, 2, 1)}])
def test_days_without_a_ledger_are_refused(file: DebtsFile, changes: dict[str, date]) -> None:
    with pytest.raises(InputError):
        ready_ledger(file, replace(TERMS, **changes))


# ------------------------------------------------------------------------------------------ the replay


def test_payments_arrive_on_their_settled_dates(stage: Stage, ledger: ReplayLedger, done: Replayed) -> None:
    paid = {f.payment.references[0]: f for _, f in events(stage) if isinstance(f, PaymentReceived)}
    settled = {row.debt.reference: row for row in ledger.rows if row.settled_on and row.settled_on <= ledger.end}
    assert paid.keys() == settled.keys()
    for reference, fact in paid.items():
        assert fact.payment.received_on == settled[reference].settled_on == fact.at.date()
        assert fact.payment.amount_cents == settled[reference].debt.open_cents
    assert done.run.counts.payments == len(paid)


def test_money_is_conserved(stage: Stage, ledger: ReplayLedger, done: Replayed) -> None:
    (euros,) = reconcile(stage.database, now=done.run.ended_at)
    assert euros.is_balanced
    assert euros.imported_cents == sum(row.debt.open_cents for row in ledger.rows)
    assert euros.open_cents == 2000


def test_late_payers_are_written_to_and_the_others_are_not(stage: Stage, done: Replayed) -> None:
    named = {reference for demand in demands(stage) for reference in demand.references}
    assert done.is_kept
    assert {"2", "3"} <= named
    assert named.isdisjoint({"4", "6", "5"})


def test_every_guarantee_looked_at_every_demand(stage: Stage, done: Replayed) -> None:
    assert {guarantee.name for guarantee in done.guarantees} == set(WORDS)
    assert {guarantee.looked_at for guarantee in done.guarantees} == {len(demands(stage))}
    assert len(demands(stage)) >= 5


# ------------------------------------------------------------------------------------------ planted breaches


def broken(guarantees: tuple[Guarantee, ...]) -> dict[str, list[str]]:
    return {g.name: [breach.reference for breach in g.broken] for g in guarantees if g.broken}


def look(stage: Stage, ledger: ReplayLedger) -> dict[str, list[str]]:
    return broken(check_guarantees(stage.database, ledger, stage.strategy, morning=MORNING, zone="Europe/Paris"))


def changed(ledger: ReplayLedger, reference: str, **changes: object) -> ReplayLedger:
    """The ledger as if one row said something else than what was played."""
    rows = tuple(replace(row, **changes) if row.debt.reference == reference else row for row in ledger.rows)
    return replace(ledger, rows=rows)


def test_a_demand_after_settlement_is_found(stage: Stage, ledger: ReplayLedger, done: Replayed) -> None:
    early = changed(ledger, "3", settled_on=ledger.start)
    assert set(look(stage, early)["after_settlement"]) == {"3"}


def test_a_demand_of_a_disputed_invoice_is_found(stage: Stage, ledger: ReplayLedger, done: Replayed) -> None:
    found = look(stage, changed(ledger, "3", disputed=True))
    assert set(found) == {"while_disputed"}
    assert set(found["while_disputed"]) == {"3"}


def test_a_demand_before_the_due_date_is_found(stage: Stage, ledger: ReplayLedger, done: Replayed) -> None:
    row = next(row for row in ledger.rows if row.debt.reference == "3")
    later = changed(ledger, "3", debt=replace(row.debt, due_on=ledger.end))
    assert set(look(stage, later)["before_its_time"]) == {"3"}


def test_a_message_planted_after_settlement_is_found(file: DebtsFile, ledger: ReplayLedger, tmp_path: Path) -> None:
    stage = own_stage(tmp_path, clock_of(ledger))
    short = ready_ledger(file, replace(TERMS, to=TERMS.as_of + timedelta(days=30)))
    assert replay(stage, short, seed=1).is_kept
    at = datetime(2026, 1, 27, 10, tzinfo=UTC)
    with stage.database.read() as conn:
        (anna,) = (s.case for page in cases.each(conn) for s in page if s.case.debtor.ref == "ANNA")
    planted = MessageLeft(
        id="left:planted", at=at, message_id="planted", step="reminder-1", cycle=1, ordinal=1, channel=Channel.SMS,
        use=Use.SMS, voice=Voice.FIRM, template="reminder", kind=DocumentKind.REMINDER, purpose=Purpose.DEMAND,
        references=("1",),
    )  # fmt: skip
    record_facts(stage.database, [(anna.id, planted)], now=at)
    found = look(stage, short)
    assert found["after_settlement"] == ["1"]
    assert "before_its_time" in found
