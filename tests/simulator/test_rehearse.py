"""A rehearsal: the same seed plays the same run, time goes by full hours, and every kind of step is reached."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from orchestrator.domain.condition import Every
from orchestrator.domain.events import MessageLeft
from orchestrator.domain.interruption import Crisis
from orchestrator.flows.report_results import report_results
from orchestrator.simulator.report import reconcile
from orchestrator.simulator.virtual_clock import VirtualClock, next_hour
from orchestrator.storage import journal, tasks
from tests.simulator.runs import MORNING, Played, play


def few(ref: str) -> bool:
    """A dozen debtors of all three creditors."""
    return ref.endswith(("04", "41"))


def history(played: Played) -> list[tuple[str, datetime, object]]:
    """Everything that happened, in the order of the journal of each case."""
    return [(line.case_id, line.recorded_at, line.fact) for case in played.cases() for line in played.lines(case)]


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """Twenty days of a few debtors with seed 5."""
    return play(tmp_path_factory.mktemp("first"), seed=5, days=20, wanted=few)


def test_the_same_seed_plays_the_same_run_to_the_last_line(first: Played, tmp_path: Path) -> None:
    again = play(tmp_path, seed=5, days=20, wanted=few)
    assert first.run == again.run
    assert history(first) == history(again)
    assert report_results(first.database, now=first.until) == report_results(again.database, now=again.until)


def test_another_seed_plays_another_run(first: Played, tmp_path: Path) -> None:
    assert history(first) != history(play(tmp_path, seed=6, days=20, wanted=few))


def test_what_one_debtor_does_hangs_on_no_other(tmp_path: Path, sixty_days: Played) -> None:
    """Played alone, a debtor receives and does the same as among three hundred."""
    alone = play(tmp_path, wanted=lambda ref: ref == "C-1030")
    (case,) = alone.cases()
    among = next(each for each in sixty_days.cases() if each.id == case.id)

    def acts(played: Played) -> list[object]:
        found = [line.fact for line in played.lines(case) if line.type in ("payment.received", "message.left")]
        # Attempts are numbered over the whole run.
        return [replace(f, id="", attempt_id="") if isinstance(f, MessageLeft) else f for f in found]

    assert acts(alone) == acts(sixty_days)
    assert acts(alone)
    assert (case.state, case.outcome) == (among.state, among.outcome)


def test_nothing_goes_in_circles(sixty_days: Played) -> None:
    assert sixty_days.run.counts.unsettled == 0
    with sixty_days.database.read() as conn:
        assert tasks.search(conn, tasks.Filter(kind="stuck", state=None), limit=1) == []


def test_time_goes_by_full_hours(sixty_days: Played) -> None:
    left = [d.at for case in sixty_days.cases() for d in case.departures]
    assert left
    assert all(next_hour(at) == at for at in left)
    assert sixty_days.run.counts.hours < 60 * 24 / 2


def test_progress_is_told_once_a_day_and_only_grows(sixty_days: Played) -> None:
    days = [day for day, _ in sixty_days.told]
    assert len(days) == len(set(days)) == 61
    assert days == sorted(days)
    counts = [left for _, left in sixty_days.told]
    assert counts == sorted(counts)
    assert counts[-1] == sixty_days.run.counts.left


def test_every_campaign_reaches_its_steps_and_every_channel_is_used(sixty_days: Played) -> None:
    departures = [d for case in sixty_days.cases() for d in case.departures]
    assert {d.use.value for d in departures} == {"sms", "email", "letter", "registered"}
    for campaign in sixty_days.strategy.campaigns:
        if campaign.id == "energy":  # no creditor of the sample supplies any; the campaign's own tests play it
            continue
        steps = {step.id for step in campaign.steps if step.send is not None}
        left = {d.step for case in sixty_days.cases() if case.campaign == campaign.id for d in case.departures}
        assert len(steps & left) >= min(len(steps), 3) - 1, campaign.id
    kinds = {d.kind.value for d in departures}
    assert {"upcoming", "reminder", "last_reminder", "formal_notice", "r124_4_letter", "promise_broken"} <= kinds


def test_debtors_do_all_that_debtors_do(sixty_days: Played) -> None:
    results = report_results(sixty_days.database, now=sixty_days.until).totals
    for name in ("promises_kept", "promises_broken", "disputes", "opt_outs", "received_cents", "cost_cents"):
        assert getattr(results, name) > 0, name
    assert {"paid", "uneconomic"} <= set(results.outcomes)


def test_money_is_conserved(sixty_days: Played) -> None:
    (euros,) = reconcile(sixty_days.database, now=sixty_days.until)
    assert euros.is_balanced, euros
    assert euros.received_cents == sixty_days.run.counts.received_cents


def test_a_crisis_that_skips_formal_notices_lets_none_leave(tmp_path: Path) -> None:
    def firms(ref: str) -> bool:
        return ref in ("CL301", "CL305", "CL310", "CL311", "CL321", "CL325", "CL331", "CL335")

    flood = Crisis(id="flood", title="Crue", scope=Every(), from_on=date(2026, 2, 20), skip=("formal_notice",))
    calm, struck = (
        play(tmp_path / name, wanted=firms, days=40, crises=crises)
        for name, crises in (("calm", ()), ("struck", (flood,)))
    )

    def notices(played: Played) -> int:
        return sum(d.kind.value == "formal_notice" for case in played.cases() for d in case.departures)

    assert notices(calm) > 0
    assert notices(struck) == 0


@pytest.mark.parametrize(
    "at, hour",
    [
        (datetime(2026, 3, 1, 9, tzinfo=UTC), datetime(2026, 3, 1, 9, tzinfo=UTC)),
        (datetime(2026, 3, 1, 9, 0, 1, tzinfo=UTC), datetime(2026, 3, 1, 10, tzinfo=UTC)),
        (datetime(2026, 3, 1, 23, 59, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC)),
    ],
)
def test_the_next_hour_is_at_or_after_an_instant(at: datetime, hour: datetime) -> None:
    assert next_hour(at) == hour


def test_the_clock_dates_in_its_own_zone() -> None:
    clock = VirtualClock(datetime(2026, 3, 31, 22, 30, tzinfo=UTC))
    assert clock.today == date(2026, 4, 1)
    assert clock().utcoffset() == timedelta(hours=2)


def test_every_line_of_the_journal_was_recorded_within_the_run(sixty_days: Played) -> None:
    for case in sixty_days.cases()[::10]:
        for line in sixty_days.lines(case):
            assert MORNING <= line.recorded_at <= sixty_days.until
            assert line.at <= line.recorded_at
    assert isinstance(msgspec.to_builtins(sixty_days.run), dict)
    with sixty_days.database.read() as conn:
        assert journal.last_decisions(conn, [sixty_days.cases()[0].id])
