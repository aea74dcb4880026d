"""Between the gate and its call a message may be dropped: after STOP, after a pause, behind a lane that fails."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from msgspec.structs import replace

from channels import boot_clock
from channels.contract import Channel, InDoubt, Message, Outcome, ReasonClass, Throttled
from orchestrator.domain import events as ev
from orchestrator.domain.agreement import Hold, HoldKind, HoldScope
from orchestrator.domain.condition import ALWAYS
from orchestrator.domain.interruption import Pause
from orchestrator.domain.lane import SANDBOX_LANES, Breaker, Lane
from orchestrator.flows import recall
from orchestrator.flows.dispatch import Dispatched, dispatch_lane
from orchestrator.flows.outgoing import Outgoing
from orchestrator.flows.pause_sending import start_pause
from orchestrator.flows.recall import Recall
from orchestrator.flows.record_facts import record_facts
from orchestrator.storage import lane_states
from orchestrator.storage.messages import MessageState
from tests.flows.conftest import TUESDAY, World, row
from tests.flows.test_outcomes import answer_with, refused

SMS = next(lane for lane in SANDBOX_LANES if lane.channel is Channel.SMS)


def _debtors(world: World, count: int) -> None:
    rows = [
        row(f"F-{n}", debtor=f"C-{n}", phone=f"+336446312{n:02d}").replace("1 rue", f"{n} rue") for n in range(count)
    ]
    world.load(*rows)
    world.advance()
    assert len(world.messages()) == count


def _call_in_threads(world: World, lane: Lane = SMS, minutes: int = 0) -> Dispatched:
    """One round with calls in threads, as a worker makes them: one at a time here, so that the order is known."""
    at = TUESDAY + timedelta(minutes=minutes)
    with ThreadPoolExecutor(1) as calls:
        return dispatch_lane(
            world.database, world.strategy(), world.post(at), lane, now=at, real_now=at, executor=calls
        )


def _during_the_first_call(world: World, act: Callable[[], None]) -> list[str]:
    """Acts while the first message is being called; the destinations that were called."""
    called: list[str] = []

    def verdict(message: Message) -> Outcome | None:
        called.append(message.attempt_id)
        if len(called) == 1:
            act()
        return None

    world.verdict = verdict
    return called


@pytest.fixture(autouse=True)
def asks_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """News are asked for before each call."""
    monkeypatch.setattr(recall, "_ASK_EVERY_SECONDS", -1.0)
    monkeypatch.setattr(recall, "_ASKS_A_LOOK", 1)


def _states(world: World) -> list[MessageState]:
    return sorted(message.state for message in world.messages())


def test_a_stop_during_the_batch_is_heard(world: World) -> None:
    """semantics A7: who wrote STOP is not written to, not even by a batch whose gate was open already."""
    _debtors(world, 3)
    stop = ev.OptedOut(id="stop", at=TUESDAY, by="debtor", channel=Channel.SMS)

    def all_stop() -> None:
        record_facts(world.database, [(case.id, stop) for case in world.cases()], now=TUESDAY)

    called = _during_the_first_call(world, all_stop)
    done = _call_in_threads(world)
    assert (len(called), done.left, done.put_back) == (1, 1, 2)
    _call_in_threads(world, minutes=1)
    assert len(called) == 1
    assert _states(world) == [MessageState.ACCEPTED, MessageState.HELD, MessageState.HELD]


def test_a_dispute_during_the_batch_is_heard(world: World) -> None:
    """No channel is closed: the case itself changed, and is judged again before anything more leaves."""
    _debtors(world, 3)
    hold = Hold(id="h", kind=HoldKind.DISPUTE, since=TUESDAY, scope=HoldScope.CASE, source="debtor")
    dispute = ev.DisputeOpened(id="d", at=TUESDAY, by="debtor", hold=hold, reason="not mine")

    def all_dispute() -> None:
        record_facts(world.database, [(case.id, dispute) for case in world.cases()], now=TUESDAY)

    called = _during_the_first_call(world, all_dispute)
    done = _call_in_threads(world)
    assert (len(called), done.left, done.put_back) == (1, 1, 2)
    _call_in_threads(world, minutes=1)
    assert len(called) == 1


def test_a_stop_said_to_another_creditor_of_the_same_person_is_heard(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same person has two cases: what it said in one counts in the other, during the batch too (semantics A8)."""
    _debtors(world, 2)
    first, second = world.cases()
    with world.database.begin() as conn:
        conn.exec_driver_sql("UPDATE cases SET person_id = (SELECT min(person_id) FROM cases)")
    why, said = Recall.why, list[str]()

    def watching(self: Recall, item: Outgoing) -> str:
        """Before anything is called, STOP is said in the case whose message is not this one."""
        if not said:
            said.append("stop")
            other = second if item.case.id == first.id else first
            stop = ev.OptedOut(id="stop", at=TUESDAY, by="debtor", channel=Channel.SMS)
            record_facts(world.database, [(other.id, stop)], now=TUESDAY)
        return why(self, item)

    monkeypatch.setattr(Recall, "why", watching)
    assert _call_in_threads(world).left == 0
    assert said == ["stop"]


def test_a_pause_during_the_batch_drops_the_rest(world: World) -> None:
    _debtors(world, 3)
    pause = Pause(id="p", scope=ALWAYS, since=TUESDAY, reason="a crisis", by="test")

    def all_pause() -> None:
        start_pause(world.database, pause)

    called = _during_the_first_call(world, all_pause)
    done = _call_in_threads(world)
    assert (len(called), done.left, done.put_back) == (1, 1, 2)


def test_a_batch_stops_where_the_breaker_opens_and_the_next_is_one_message(world: World) -> None:
    _debtors(world, 6)
    lane = replace(SMS, breaker=Breaker(failures=2, rest_seconds=60))
    answer_with(world, InDoubt("no answer"), InDoubt("no answer"))
    done = _call_in_threads(world, lane)
    assert (done.in_doubt, done.left, done.put_back) == (2, 0, 4)
    answer_with(world, refused(ReasonClass.NOT_WRITTEN, "connect"))
    done = _call_in_threads(world, lane, minutes=2)
    assert (done.in_doubt, done.left, done.put_back) == (0, 0, 1)
    with world.database.read() as conn:
        assert lane_states.load(conn, lane.id).why == "breaker"
    assert _call_in_threads(world, lane, minutes=4).left == 1
    assert _call_in_threads(world, lane, minutes=5).left == 3


def test_a_provider_that_asks_for_time_is_not_asked_again_in_the_batch(world: World) -> None:
    _debtors(world, 3)
    called = _during_the_first_call(world, lambda: None)
    answered = world.verdict
    assert answered is not None

    def asks_for_time(message: Message) -> Outcome:
        answered(message)
        return Throttled(90)

    world.verdict = asks_for_time
    assert _call_in_threads(world).put_back == 3
    assert len(called) == 1


def test_a_round_by_hand_hears_a_stop_too(world: World) -> None:
    _debtors(world, 3)
    stop = ev.OptedOut(id="stop", at=TUESDAY, by="debtor", channel=Channel.SMS)

    def all_stop() -> None:
        record_facts(world.database, [(case.id, stop) for case in world.cases()], now=TUESDAY)

    called = _during_the_first_call(world, all_stop)
    dispatch_lane(world.database, world.strategy(), world.post(TUESDAY), SMS, now=TUESDAY, real_now=TUESDAY)
    assert len(called) == 1


def test_calls_that_were_never_begun_count_for_no_failure(world: World) -> None:
    _debtors(world, 1)
    for minutes, code in enumerate(("pause", "changed", "breaker", "throttled", boot_clock.TOO_LATE.code)):
        answer_with(world, refused(ReasonClass.NOT_WRITTEN, code))
        _call_in_threads(world, minutes=minutes)
    with world.database.read() as conn:
        assert lane_states.load(conn, SMS.id).failures == 0
