"""The demonstration that lives on: its clock keeps office hours, its debtors buy, answer and pay."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from orchestrator.cli.demo import play_demo
from orchestrator.cli.rehearsal_home import own_deployment
from orchestrator.domain.campaign import Mode
from orchestrator.flows.advance_cases import advance_all
from orchestrator.flows.dispatch import dispatch_all
from orchestrator.settings import read_settings
from orchestrator.simulator.debtors import SimulatedDebtors
from orchestrator.simulator.living import FIRST_BILLS, FIRST_LETTERS, LivingDebtors
from orchestrator.simulator.office_clock import OfficeClock
from orchestrator.storage import cases, journal

PARIS = ZoneInfo("Europe/Paris")


@pytest.mark.parametrize(
    "start, elapsed, shown",
    [
        (datetime(2026, 4, 17, 9, tzinfo=PARIS), 0, datetime(2026, 4, 17, 9, tzinfo=PARIS)),
        (datetime(2026, 4, 17, 9, tzinfo=PARIS), 60, datetime(2026, 4, 17, 9, 20, tzinfo=PARIS)),
        (datetime(2026, 4, 17, 3, tzinfo=PARIS), 0, datetime(2026, 4, 17, 7, 55, tzinfo=PARIS)),
        # A Friday evening is followed by Monday, the Thursday before the First of May by the Monday after it.
        (datetime(2026, 4, 17, 20, 29, tzinfo=PARIS), 6, datetime(2026, 4, 20, 7, 56, tzinfo=PARIS)),
        (datetime(2026, 4, 30, 20, 29, tzinfo=PARIS), 6, datetime(2026, 5, 4, 7, 56, tzinfo=PARIS)),
        (datetime(2026, 4, 19, 12, tzinfo=PARIS), 0, datetime(2026, 4, 20, 7, 55, tzinfo=PARIS)),
    ],
)
def test_the_clock_runs_fast_through_office_hours_and_skips_the_rest(
    start: datetime, elapsed: float, shown: datetime
) -> None:
    seconds = [100.0]
    clock = OfficeClock(start.astimezone(UTC), speed=20, seconds=lambda: seconds[0])
    seconds[0] += elapsed
    assert clock.now() == shown
    assert clock.today() == shown.date()


def test_the_clock_never_goes_back() -> None:
    seconds = [0.0]
    clock = OfficeClock(datetime(2026, 4, 15, 12, tzinfo=UTC), speed=500, seconds=lambda: seconds[0])
    before = clock.now()
    for _ in range(2_000):
        seconds[0] += 1
        assert clock.now() > before
        before = clock.now()


def test_bills_come_in_what_leaves_is_delivered_and_somebody_answers(tmp_path: Path) -> None:
    place = own_deployment(read_settings({}), tmp_path / "home")
    play_demo(place, days=30, seed=1, is_quiet=True)
    strategy, post = place.strategy(mode=Mode.AUTOMATIC, is_rehearsal=True), place.sandbox_post()
    debtors = LivingDebtors(place.database, SimulatedDebtors(1), seed=1)
    with place.database.read() as conn:
        began = journal.last_seq(conn)
        billed = sum(len(s.case.debts) for page in cases.each(conn) for s in page)
    now = datetime(2026, 3, 19, 8, tzinfo=UTC)
    for _ in range(60):
        debtors.step(strategy, now=now, today=now.date())
        advance_all(place.database, strategy, now=now)
        dispatch_all(place.database, strategy, post, now=now)
        now += timedelta(minutes=10)
    with place.database.read() as conn:
        after = sum(len(s.case.debts) for page in cases.each(conn) for s in page)
        told = {
            name: len(journal.after(conn, began, type_name=name))
            for name in ("message.left", "delivery.reported", "payment.received", "reply.received")
        }
    assert after - billed > FIRST_BILLS / 2
    assert told["reply.received"] >= FIRST_LETTERS
    assert told["message.left"] > 20
    assert told["delivery.reported"] > told["message.left"] / 2
    assert told["payment.received"] > 0
    place.database.close()
