"""What each answer of a provider leads to (design 6): one attempt on disk, one departure at most, a reason else."""

from datetime import timedelta

import pytest

from channels.contract import Channel, InDoubt, Message, Outcome, ReasonClass, Receipt, Rejected, Throttled
from channels.contract import DeliveryStatus as Status
from orchestrator.domain import events as ev
from orchestrator.flows.answer_task import answer_task
from orchestrator.flows.doubt_watch import DoubtWatch
from orchestrator.flows.reconcile import HORIZON, reconcile
from orchestrator.flows.record_receipts import record_receipts
from orchestrator.storage import attempts, contacts, journal, lane_states, messages, tasks
from orchestrator.storage.attempts import Attempt, AttemptState
from orchestrator.storage.messages import MessageState
from tests.flows.conftest import TUESDAY, World, row

SMS_LANE = "sandbox-sms"


def answer_with(world: World, *outcomes: Outcome) -> None:
    """The outcomes of the next calls; then everything is accepted."""
    queue = list(outcomes)

    def verdict(_message: Message) -> Outcome | None:
        return queue.pop(0) if queue else None

    world.verdict = verdict


def refused(reason: ReasonClass, code: str = "x1") -> Rejected:
    return Rejected(reason_class=reason, code=code)


def all_attempts(world: World) -> list[Attempt]:
    with world.database.read() as conn:
        return attempts.of_messages(conn, [message.id for message in world.messages()])


def contacts_of(world: World) -> int:
    with world.database.read() as conn:
        persons = set(conn.exec_driver_sql("SELECT id FROM persons").scalars())
        found = contacts.of_persons(conn, persons, since=TUESDAY - timedelta(days=40))
    return sum(len(each) for each in found.values())


def task_kinds(world: World) -> list[str]:
    with world.database.read() as conn:
        return sorted(task.kind for task in tasks.search(conn, tasks.Filter(state=tasks.TaskState.OPEN), limit=99))


def story(world: World) -> list[str]:
    with world.database.read() as conn:
        return [line.type for line in journal.read(conn, world.case().id)]


def send(world: World, *outcomes: Outcome, **fields: str) -> None:
    world.load(row(**fields))
    world.advance()
    answer_with(world, *outcomes)
    world.dispatch()


def test_an_accepted_message_has_one_attempt_that_proves_it(world: World) -> None:
    send(world)
    (attempt,) = all_attempts(world)
    assert attempt.state is AttemptState.ACCEPTED
    assert attempt.provider_id
    assert attempt.marker.endswith(attempt.token)
    assert attempt.destination == "+33644631234"
    assert contacts_of(world) == 1


def test_what_was_not_written_is_tried_again_and_counts_for_nothing(world: World) -> None:
    send(world, refused(ReasonClass.NOT_WRITTEN, "connect"))
    (message,) = world.messages()
    assert message.state is MessageState.PLANNED
    assert message.reason == "not_written: connect"
    assert contacts_of(world) == 0
    assert world.case().departures == ()
    world.dispatch(now=TUESDAY + timedelta(minutes=1))
    assert [attempt.state for attempt in all_attempts(world)] == [AttemptState.ABSENT, AttemptState.ACCEPTED]
    assert contacts_of(world) == 1


def test_a_provider_that_asks_for_time_gets_it(world: World) -> None:
    send(world, Throttled(90))
    (message,) = world.messages()
    assert (message.state, message.reason) == (MessageState.PLANNED, "throttled")
    assert message.not_before == TUESDAY + timedelta(seconds=90)
    with world.database.read() as conn:
        assert lane_states.load(conn, SMS_LANE).rests_until == TUESDAY + timedelta(seconds=90)
    assert world.dispatch(now=TUESDAY + timedelta(seconds=80)).left == 0
    assert world.dispatch(now=TUESDAY + timedelta(seconds=91)).left == 1


def test_a_dead_number_is_marked_and_another_channel_is_taken(world: World) -> None:
    send(world, refused(ReasonClass.ADDRESS), email="jeanne@example.org", phone="+33644631234")
    world.dispatch()
    sent = {message.send.channel: message.state for message in world.messages()}
    assert MessageState.ACCEPTED in sent.values()
    marked = [switch.key for switch in world.case().points]
    assert marked in (["phone:+33644631234"], ["email:jeanne@example.org"])
    assert contacts_of(world) == 1


def test_a_stop_that_the_provider_knows_is_a_stop(world: World) -> None:
    send(world, refused(ReasonClass.OPTED_OUT))
    assert any(switch.key.startswith("sms") and switch.is_on for switch in world.case().opt_outs)
    assert "channel.opted_out" in story(world)


@pytest.mark.parametrize("reason", [ReasonClass.BLOCKED, ReasonClass.CONTENT, ReasonClass.UNKNOWN])
def test_what_nobody_understands_goes_to_a_person_and_is_not_resent(world: World, reason: ReasonClass) -> None:
    send(world, refused(reason))
    assert "message_refused" in task_kinds(world)
    assert all_attempts(world)[0].state is AttemptState.REJECTED
    assert world.dispatch(now=TUESDAY + timedelta(hours=1)).left <= 1  # by another channel, never this one again
    assert [a.state for a in all_attempts(world) if a.channel == "sms"] == [AttemptState.REJECTED]


def test_a_handset_that_is_off_is_tried_once_more_on_another_day(world: World) -> None:
    send(world, refused(ReasonClass.UNREACHABLE), refused(ReasonClass.UNREACHABLE))
    (message,) = world.messages()
    assert message.not_before == TUESDAY + timedelta(days=1)
    world.advance(now=TUESDAY + timedelta(days=1))
    world.dispatch(now=TUESDAY + timedelta(days=1))
    assert world.messages()[0].state is MessageState.REJECTED


def test_a_fault_of_the_account_pauses_the_lane_once_and_loses_nothing(world: World) -> None:
    send(world, refused(ReasonClass.CONFIG, "20003"))
    assert {message.state for message in world.messages()} == {MessageState.PLANNED}
    assert task_kinds(world) == ["lane_refused"]
    assert world.dispatch(now=TUESDAY + timedelta(minutes=1)).left == 0
    assert len(all_attempts(world)) == 1


def test_failures_in_a_row_open_the_breaker(world: World) -> None:
    away = refused(ReasonClass.NOT_WRITTEN, "connect")
    send(world, *[away] * 5)
    for minutes in range(1, 5):
        world.dispatch(now=TUESDAY + timedelta(minutes=minutes))
    with world.database.read() as conn:
        state = lane_states.load(conn, SMS_LANE)
    assert (state.failures, state.why) == (5, "breaker")
    assert world.dispatch(now=TUESDAY + timedelta(minutes=4, seconds=30)).left == 0
    assert world.dispatch(now=TUESDAY + timedelta(minutes=6)).left == 1
    with world.database.read() as conn:
        assert lane_states.load(conn, SMS_LANE).failures == 0


# ------------------------------------------------------------------------------------------------- doubt


def doubtful(world: World) -> Attempt:
    send(world, InDoubt("no answer"))
    (attempt,) = all_attempts(world)
    assert attempt.state is AttemptState.IN_DOUBT
    return attempt


def round_of(world: World, after: timedelta) -> object:
    at = TUESDAY + after
    post = world.post(TUESDAY)
    return reconcile(world.database, post.lanes, post.adapters, now=at, real_now=at, watch=DoubtWatch())


def test_a_doubt_counts_as_left_and_is_never_resent_blindly(world: World) -> None:
    doubtful(world)
    (departure,) = world.case().departures
    assert departure.is_in_doubt
    assert contacts_of(world) == 1
    for hours in (1, 30, 90):
        world.advance(now=TUESDAY + timedelta(hours=hours))
        world.dispatch(now=TUESDAY + timedelta(hours=hours))
    assert len([a for a in all_attempts(world) if a.number == 1 and a.channel == "sms"]) == 1


def test_a_receipt_settles_a_doubt(world: World) -> None:
    attempt = doubtful(world)
    receipt = Receipt(dedup_key="r1", status=Status.DELIVERED, attempt_id=attempt.id, provider_id="SM1")
    told = record_receipts(world.database, [receipt, receipt], now=TUESDAY, real_now=TUESDAY)
    assert (told.settled, told.new) == (1, 1)
    again = record_receipts(world.database, [receipt], now=TUESDAY, real_now=TUESDAY)
    assert (again.settled, again.new) == (0, 0)
    (departure,) = world.case().departures
    assert not departure.is_in_doubt
    assert world.messages()[0].state is MessageState.ACCEPTED
    assert all_attempts(world)[0].provider_id == "SM1"


def test_a_receipt_of_nobody_is_given_back(world: World) -> None:
    doubtful(world)
    stray = Receipt(dedup_key="r1", status=Status.DELIVERED, attempt_id="f" * 32)
    assert record_receipts(world.database, [stray], now=TUESDAY, real_now=TUESDAY).unmatched == [stray]


def test_a_person_is_asked_where_the_lane_leaves_doubts_to_people(world: World) -> None:
    doubtful(world)
    round_of(world, timedelta(minutes=2))
    assert task_kinds(world) == []
    round_of(world, HORIZON + timedelta(seconds=1))
    round_of(world, HORIZON + timedelta(minutes=5))
    assert task_kinds(world) == ["in_doubt"]


@pytest.mark.parametrize("answer, was_sent", [("done", True), ("refuse", False)])
def test_what_a_person_saw_settles_a_doubt(world: World, answer: str, was_sent: bool) -> None:
    doubtful(world)
    round_of(world, HORIZON + timedelta(seconds=1))
    with world.database.read() as conn:
        (task,) = tasks.search(conn, tasks.Filter(kind="in_doubt"), limit=9)
    at = TUESDAY + timedelta(hours=1)
    answer_task(world.database, task.id, answer=answer, by="Inès", role="manager", now=at)
    assert bool(world.case().departures) is was_sent
    world.advance(now=at)
    world.dispatch(now=at)
    # Proved absent, it is decided again and leaves once.
    states = [attempt.state for attempt in all_attempts(world)]
    assert states == ([AttemptState.ACCEPTED] if was_sent else [AttemptState.ABSENT, AttemptState.ACCEPTED])


def test_an_attempt_whose_sender_is_gone_is_in_doubt_not_sent_again(world: World) -> None:
    world.load(row())
    world.advance()

    def dies(_message: Message) -> Outcome | None:
        raise KeyboardInterrupt

    world.verdict = dies
    with pytest.raises(KeyboardInterrupt):
        world.dispatch()
    world.verdict = None
    assert all_attempts(world)[0].state is AttemptState.CALLING
    world.dispatch(now=TUESDAY + timedelta(minutes=1))
    assert len(all_attempts(world)) == 1
    round_of(world, timedelta(seconds=16))
    assert all_attempts(world)[0].state is AttemptState.IN_DOUBT
    assert world.case().departures[0].is_in_doubt


def test_an_absence_proved_frees_the_case_to_decide_again(world: World) -> None:
    attempt = doubtful(world)
    settled = ev.DoubtSettled(
        id="s", at=TUESDAY, message_id=attempt.message_id, attempt_id=attempt.id, was_sent=False, evidence="ledger"
    )
    world.record(settled, now=TUESDAY)
    assert world.case().departures == ()
    late = ev.MessageLeft(
        **{f: getattr(_left(world), f) for f in ev.MessageLeft.__struct_fields__ if f != "id"}, id="l2"
    )
    world.record(late, now=TUESDAY)
    assert world.case().departures == ()


def _left(world: World) -> ev.MessageLeft:
    with world.database.read() as conn:
        facts = [line.fact for line in journal.read(conn, world.case().id)]
    return next(fact for fact in facts if isinstance(fact, ev.MessageLeft))


def test_a_complaint_closes_the_channel_and_a_bounce_the_address(world: World) -> None:
    send(world, email="jeanne@example.org")
    (attempt,) = all_attempts(world)
    receipts = [
        Receipt(dedup_key="b", status=Status.BOUNCED, attempt_id=attempt.id),
        Receipt(dedup_key="c", status=Status.COMPLAINED, attempt_id=attempt.id),
    ]
    record_receipts(world.database, receipts, now=TUESDAY, real_now=TUESDAY)
    case = world.case()
    assert case.points
    assert case.opt_outs
    assert attempt.channel in {Channel.EMAIL.value, Channel.SMS.value}


def test_the_reason_of_each_message_is_on_record(world: World) -> None:
    send(world, refused(ReasonClass.BLOCKED, "30007"))
    assert messages.Message is type(world.messages()[0])
    assert world.messages()[0].reason == "blocked: 30007"
