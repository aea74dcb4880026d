"""What settles a doubt, and what never does: a clock that lies, a ledger asked too often, a proof that comes late."""

from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from channels.contract import Absent, Accepted, Adapter, Capabilities, Channel, Evidence, InDoubt, Inquiry, Receipt
from channels.contract import DeliveryStatus as Status
from orchestrator.domain.lane import DoubtPolicy, Lane
from orchestrator.flows import reconcile as reconciling
from orchestrator.flows.doubt_watch import DoubtWatch
from orchestrator.flows.reconcile import HORIZON, Reconciled, reconcile
from orchestrator.flows.record_receipts import record_receipts
from orchestrator.storage.attempts import AttemptState
from tests.flows.conftest import TUESDAY, World, row
from tests.flows.test_outcomes import all_attempts, answer_with, send, task_kinds

LANE = Lane(
    id="sandbox-sms", channel=Channel.SMS, provider="sandbox", in_doubt=DoubtPolicy.AFTER_TWO_LOOKUPS, is_sandbox=True
)


class Ledger:
    """A provider that holds nothing of us, and remembers what it was asked."""

    name, channel = "ledger", Channel.SMS
    capabilities = Capabilities(
        channel=Channel.SMS, confirms_delivery=True, echoes_attempt_id=True, leaves_machine=True, has_ledger=True
    )

    def __init__(self) -> None:
        self.asked: list[str] = []

    def send(self, message: object, *, start_by: float | None = None) -> Accepted:
        raise AssertionError(f"{message} {start_by}")

    def look_up(self, inquiry: Inquiry) -> Evidence:
        self.asked.append(inquiry.attempt_id)
        return Absent()


class Office:
    """One process that reconciles: its wall clock may be ahead of the true one."""

    def __init__(self, world: World) -> None:
        self.world, self.ledger, self.true = world, Ledger(), TUESDAY
        self.ahead = timedelta()
        self.watch = DoubtWatch(self._clock)

    def _clock(self) -> float:
        return self.true.timestamp()

    def reconcile(self, after: timedelta) -> Reconciled:
        self.true = TUESDAY + after
        told: datetime = self.true + self.ahead
        adapters: dict[str, Adapter] = {LANE.id: self.ledger}
        return reconcile(self.world.database, (LANE,), adapters, now=self.true, real_now=told, watch=self.watch)


@pytest.fixture
def office(world: World) -> Office:
    """One SMS in doubt since TUESDAY."""
    send(world, InDoubt("no answer"))
    assert [attempt.state for attempt in all_attempts(world)] == [AttemptState.IN_DOUBT]
    return Office(world)


def test_two_look_ups_far_apart_make_it_absent(office: Office) -> None:
    assert office.reconcile(timedelta(minutes=1)).absent == 0
    assert office.reconcile(timedelta(minutes=2)).absent == 0
    assert office.reconcile(timedelta(minutes=16)).absent == 1
    assert [attempt.state for attempt in all_attempts(office.world)] == [AttemptState.ABSENT]


def test_a_clock_that_is_ahead_makes_nothing_absent_sooner(office: Office) -> None:
    office.ahead = timedelta(hours=5)
    for seconds in (2, 7, 60, 300, 890):
        assert office.reconcile(timedelta(seconds=seconds)).absent == 0
    assert len(office.ledger.asked) > 1
    assert [attempt.state for attempt in all_attempts(office.world)] == [AttemptState.IN_DOUBT]
    office.reconcile(2 * HORIZON)
    assert [attempt.state for attempt in all_attempts(office.world)] == [AttemptState.ABSENT]


def test_a_clock_that_steps_between_two_rounds_makes_nothing_absent_sooner(office: Office) -> None:
    office.reconcile(timedelta(minutes=1))
    office.ahead = timedelta(minutes=30)
    office.reconcile(timedelta(minutes=2))
    assert [attempt.state for attempt in all_attempts(office.world)] == [AttemptState.IN_DOUBT]


def test_a_provider_is_not_asked_at_every_round(office: Office) -> None:
    for seconds in range(60, 900, 5):
        office.reconcile(timedelta(seconds=seconds))
    assert 3 <= len(office.ledger.asked) <= 6


def test_doubts_that_wait_for_a_person_hide_no_newer_one(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    world = office.world
    for number in (2, 3):
        at = TUESDAY + timedelta(seconds=number)
        neighbour = row(f"F-{number}", debtor=f"C-{number}", phone=f"+3364463123{number}")
        world.load(neighbour.replace("1 rue", f"{number} rue"), now=at)
        world.advance(now=at)
        answer_with(world, InDoubt("no answer"))
        world.dispatch(now=at)
    monkeypatch.setattr(reconciling, "_BATCH", 1)
    for minutes in range(1, 5):
        office.reconcile(timedelta(minutes=minutes))
    assert set(office.ledger.asked) == {attempt.id for attempt in all_attempts(world)}
    assert len(set(office.ledger.asked)) == 3


def test_a_proof_that_comes_after_an_absence_is_told_to_a_person(office: Office) -> None:
    office.reconcile(timedelta(minutes=1))
    office.reconcile(timedelta(minutes=17))
    (attempt,) = all_attempts(office.world)
    assert attempt.state is AttemptState.ABSENT
    receipt = Receipt(dedup_key="r1", status=Status.DELIVERED, attempt_id=attempt.id)
    for each in (receipt, replace(receipt, dedup_key="r2")):
        record_receipts(office.world.database, [each], now=office.true, real_now=office.true)
    assert task_kinds(office.world) == ["late_proof"]
