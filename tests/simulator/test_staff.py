"""Invented staff: within office hours, what they were asked, and nothing twice."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from orchestrator.domain.agreement import HoldKind
from orchestrator.domain.case import Case
from orchestrator.domain.events import DebtRecorded, DisputeResolved, HoldPlaced
from orchestrator.flows.advance_cases import advance_all
from orchestrator.flows.import_debts import import_debts
from orchestrator.flows.record_facts import record_facts
from orchestrator.simulator.debtor_facts import facts_of
from orchestrator.simulator.debtors import SimulatedDebtors
from orchestrator.simulator.deeds import Deed, DeedKind
from orchestrator.simulator.rehearse import Stage
from orchestrator.simulator.report import reconcile
from orchestrator.simulator.staff import Staff, Worked
from orchestrator.simulator.virtual_clock import VirtualClock
from orchestrator.storage import cases, journal, tasks
from tests.simulator.runs import MORNING, own_stage, sample_file

CROWD = SimulatedDebtors(1)
LATER = MORNING + timedelta(days=10, hours=5)


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """Forty debtors, imported and decided upon once."""
    stage = own_stage(tmp_path, VirtualClock(MORNING))
    import_debts(
        stage.database, sample_file(stage.strategy, lambda ref: ref.startswith("C-10")), now=MORNING, by="test"
    )
    advance_all(stage.database, stage.strategy, now=MORNING)
    return stage


def deed_of_each(stage: Stage, kind: DeedKind) -> list[Case]:
    """Every debtor does the same thing; the cases decide again."""
    with stage.database.read() as conn:
        known = [stored.case for page in cases.each(conn) for stored in page]
    facts = [
        (case.id, fact)
        for case in known
        for fact in facts_of(case, Deed(at=MORNING, case_id=case.id, key="x", kind=kind))
    ]
    record_facts(stage.database, facts, now=MORNING)
    advance_all(stage.database, stage.strategy, now=MORNING)
    return known


def opened(stage: Stage, kind: str) -> list[tasks.Task]:
    with stage.database.read() as conn:
        return tasks.search(conn, tasks.Filter(kind=kind), limit=1000)


def work(stage: Stage, staff: Staff) -> Worked:
    return staff.work(stage.database, CROWD, now=LATER)


@pytest.mark.parametrize(
    "at, is_open",
    [
        (datetime(2026, 3, 10, 8, tzinfo=UTC), True),
        (datetime(2026, 3, 10, 7, 59, tzinfo=UTC), False),
        (datetime(2026, 3, 10, 17, tzinfo=UTC), False),
        (datetime(2026, 3, 14, 9, tzinfo=UTC), False),
        (datetime(2026, 4, 6, 9, tzinfo=UTC), False),
    ],
)
def test_they_work_from_nine_to_six_on_business_days(at: datetime, is_open: bool) -> None:
    assert Staff(1).is_at_work(at) is is_open


def test_they_look_at_their_tasks_twice_a_day_and_never_on_easter_monday() -> None:
    staff, at = Staff(1), datetime(2026, 4, 3, 9, tzinfo=UTC)
    shifts = []
    for _ in range(3):
        at = staff.next_shift(at)
        shifts.append((at.date(), at.hour))
    assert shifts == [(date(2026, 4, 3), 12), (date(2026, 4, 7), 7), (date(2026, 4, 7), 12)]


def test_disputes_are_answered_and_a_debtor_who_is_right_gets_a_credit_note(stage: Stage) -> None:
    deed_of_each(stage, DeedKind.DISPUTE)
    asked = opened(stage, "answer_dispute")
    assert len(asked) > 30
    work(stage, Staff(1))
    with stage.database.read() as conn:
        facts = [line.fact for task in asked for line in journal.read(conn, task.case_id)]
    outcomes = [fact.outcome for fact in facts if isinstance(fact, DisputeResolved)]
    credits = [fact for fact in facts if isinstance(fact, DebtRecorded) and fact.debt.reference.startswith("AV-")]
    assert set(outcomes) == {"upheld", "rejected"}
    assert len(credits) == outcomes.count("upheld")
    assert all(fact.debt.open_cents < 0 for fact in credits)
    (euros,) = reconcile(stage.database, now=LATER)
    assert euros.adjusted_cents == sum(fact.debt.open_cents for fact in credits)
    assert euros.is_balanced


def test_hardship_ends_in_a_delay_more_often_than_not(stage: Stage) -> None:
    deed_of_each(stage, DeedKind.HARDSHIP)
    asked = opened(stage, "call_back")
    work(stage, Staff(1))
    with stage.database.read() as conn:
        facts = [line.fact for task in asked for line in journal.read(conn, task.case_id)]
    delays = [fact for fact in facts if isinstance(fact, HoldPlaced) and fact.hold.kind is HoldKind.DEFERRAL]
    assert len(asked) / 3 < len(delays) < len(asked)


def test_they_answer_only_the_kinds_they_are_asked_to(stage: Stage) -> None:
    deed_of_each(stage, DeedKind.DISPUTE)
    before = len(opened(stage, "answer_dispute"))
    done = work(stage, Staff(1, only=frozenset({"approve"})))
    assert done.answered == 0
    assert len(opened(stage, "answer_dispute")) == before


def test_nothing_is_answered_at_once_nor_twice(stage: Stage) -> None:
    deed_of_each(stage, DeedKind.DISPUTE)
    staff = Staff(1)
    assert staff.work(stage.database, CROWD, now=MORNING + timedelta(hours=1)).answered == 0
    assert work(stage, staff).answered > 0
    assert work(stage, staff).answered == 0


def test_some_tasks_are_forgotten(stage: Stage) -> None:
    deed_of_each(stage, DeedKind.DISPUTE)
    before = len(opened(stage, "answer_dispute"))
    work(stage, Staff(1))
    assert 0 < len(opened(stage, "answer_dispute")) < before / 4
