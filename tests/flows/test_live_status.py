"""One look at the moment (R6, R25): what flies, left, waits and asks for somebody, and for whom it may be told."""

from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from channels.contract import Message, Outcome
from orchestrator.domain.condition import ALWAYS, Condition, Every, OneOf, StartsWith
from orchestrator.domain.interruption import Crisis, Pause
from orchestrator.domain.meter import Metric, Tally
from orchestrator.domain.reply import Finding, Intent, Reading
from orchestrator.flows.live_status import Live, live_status, share_of_limit
from orchestrator.flows.pause_scope import may_concern
from orchestrator.flows.pause_sending import start_pause
from orchestrator.storage import cases, crises, inbox, lane_states, meters, replies, tasks
from tests.flows.conftest import TUESDAY, World, row

MINE, OTHER = frozenset({"acme-telecom"}), frozenset({"another"})
MINUTE = timedelta(minutes=1)


def look(world: World, now: datetime = TUESDAY, creditors: frozenset[str] | None = None, **more: Live) -> Live:
    return live_status(world.database, world.strategy(), now=now, real_now=now, creditors=creditors, **more)


@pytest.fixture
def busy(world: World) -> World:
    """Three debtors with a message planned each: two SMS and an e-mail."""
    rows = [
        row("F-1", debtor="C-1", phone="+33644631201"),
        row("F-2", debtor="C-2", phone="+33644631202").replace("Jeanne", "Anne"),
        row("F-3", debtor="C-3", phone="", email="bela@example.org", amount="80,00").replace("Jeanne", "Bela"),
    ]
    world.load(*rows)
    world.advance()
    assert len(world.messages()) == 3
    return world


def test_it_tells_what_is_planned_and_then_what_left(busy: World) -> None:
    before = look(busy)
    assert {(each.lane, each.due, each.planned) for each in before.going} == {
        ("sandbox-sms", 2, 2),
        ("sandbox-email", 1, 1),
    }
    assert {each.campaign for each in before.going} == {"b2c-small"}
    assert (before.total("due"), before.total("today")) == (3, 0)
    busy.dispatch(now=TUESDAY)
    after = look(busy, TUESDAY + timedelta(seconds=20))
    assert [after.total(field) for field in ("due", "minute", "hour", "today")] == [0, 3, 3, 3]
    assert [after.total("today", channel=channel) for channel in ("sms", "email", "letter")] == [2, 1, 0]
    later = look(busy, TUESDAY + timedelta(minutes=61))
    assert [later.total(field) for field in ("minute", "hour", "today")] == [0, 0, 3]
    tomorrow = look(busy, TUESDAY + timedelta(days=1))
    assert tomorrow.total("today") == 0


def test_it_sees_a_call_while_it_flies(busy: World) -> None:
    seen: list[Live] = []

    def verdict(_message: Message) -> Outcome | None:
        seen.append(look(busy, TUESDAY))
        return None

    busy.verdict = verdict
    busy.dispatch(now=TUESDAY)
    assert max(each.total("calling") for each in seen) >= 1
    assert all(each.oldest_call_at for live in seen for each in live.going if each.calling)
    assert look(busy).total("calling") == 0


def test_what_is_planned_for_later_is_not_due_yet(busy: World) -> None:
    early = look(busy, TUESDAY - timedelta(minutes=30))
    assert [early.total(field) for field in ("due", "next_hour", "planned")] == [0, 3, 3]
    earlier = look(busy, TUESDAY - timedelta(hours=3))
    assert [earlier.total(field) for field in ("due", "next_hour", "planned")] == [0, 0, 3]


def test_cases_that_decide_within_the_hour_are_counted(busy: World) -> None:
    with busy.database.begin() as conn:
        cases.wake(conn, [case.id for case in busy.cases()[:2]], at=TUESDAY + timedelta(minutes=59))
    assert look(busy).deciding == 2
    assert look(busy, creditors=MINE).deciding == 2
    assert look(busy, creditors=OTHER).deciding == 0


def test_a_lane_at_rest_says_why_and_until_when(busy: World) -> None:
    until = TUESDAY + MINUTE
    with busy.database.begin() as conn:
        state = lane_states.LaneState(lane="sandbox-sms", failures=5, rests_until=until, why="breaker")
        lane_states.save(conn, state, now=TUESDAY)
    (sms,) = (each for each in look(busy).lanes if each.lane.id == "sandbox-sms")
    assert (sms.is_resting, sms.state.why, sms.state.rests_until) == (True, "breaker", until)
    (sms,) = (each for each in look(busy, until).lanes if each.lane.id == "sandbox-sms")
    assert not sms.is_resting


def test_pauses_and_crises_in_force_are_told_and_the_lanes_they_stop(busy: World) -> None:
    start_pause(busy.database, _pause("p-1", channels=("sms",)))
    over = replace(_pause("p-2"), ends_at=TUESDAY - MINUTE, since=TUESDAY - 2 * MINUTE)
    start_pause(busy.database, over)
    with busy.database.begin() as conn:
        crises.insert(conn, Crisis(id="flood", title="t", scope=ALWAYS, from_on=TUESDAY.date()))
    live = look(busy)
    assert [pause.id for pause in live.pauses] == ["p-1"]
    assert [crisis.id for crisis in live.crises] == ["flood"]
    assert {each.lane.id: each.paused_by for each in live.lanes if each.paused_by} == {"sandbox-sms": ("p-1",)}


def test_who_sees_one_creditor_is_told_of_the_stops_that_may_be_theirs(busy: World) -> None:
    start_pause(busy.database, replace(_pause("p-1"), scope=OneOf("creditor", MINE)))
    with busy.database.begin() as conn:
        found = Crisis(id="flood", title="t", scope=OneOf("creditor", MINE), from_on=TUESDAY.date())
        crises.insert(conn, found)
    for creditors, told in ((MINE, 1), (OTHER, 0), (None, 1)):
        live = look(busy, creditors=creditors)
        assert (len(live.pauses), len(live.crises)) == (told, told)


def test_guard_rails_near_their_limit_come_first_and_small_volumes_say_nothing(busy: World) -> None:
    with busy.database.begin() as conn:
        left, bounced = ("b2c-small", "mail", Metric.LEFT), ("b2c-small", "mail", Metric.BOUNCED)
        meters.add(conn, Tally({left: 200, bounced: 12}), at=TUESDAY)
    near = look(busy).near_guards()
    assert [each.rail.name for each in near] == ["guard-b2c-small-bounce_rate-1h"]
    assert share_of_limit(near[0]) == pytest.approx(0.75)  # 6 % of the 8 % allowed
    assert not near[0].is_tripped
    with busy.database.begin() as conn:
        meters.add(conn, Tally({bounced: 5}), at=TUESDAY)
    assert look(busy).near_guards()[0].is_tripped
    with busy.database.begin() as conn:
        conn.exec_driver_sql("UPDATE meters SET number = 99 WHERE metric = 'left'")
    assert look(busy).near_guards() == ()


def test_people_are_told_what_waits_for_them_and_the_gravest_reply(busy: World) -> None:
    first, second, _ = busy.cases()
    with busy.database.begin() as conn:
        for number, (case, intent) in enumerate([(first, Intent.PROMISE), (second, Intent.DISTRESS)]):
            replies.insert(conn, [_reply(f"r{number}", case.id, intent)])
        tasks.open_tasks(conn, [_task("t1", first.id, TUESDAY), _task("t2", "", TUESDAY + MINUTE)])
        inbox.put(conn, [inbox.Arrival("twilio/status", "k", "{}")], now=TUESDAY)
    live = look(busy)
    assert (live.replies, live.gravest, live.oldest_reply_at) == (2, Intent.DISTRESS, TUESDAY)
    assert (live.tasks_open, live.tasks_due) == (2, 1)
    assert (live.slow.parked, live.slow.oldest_inbox_at) == (0, TUESDAY)


def test_the_age_of_each_ledger_is_told(busy: World) -> None:
    ages = {each.creditor: each for each in look(busy).slow.ledgers}
    assert (ages["acme-telecom"].as_of, ages["acme-telecom"].is_stale) == (TUESDAY.date(), False)
    late = {each.creditor: each for each in look(busy, TUESDAY + timedelta(days=3)).slow.ledgers}
    assert (late["acme-telecom"].age_days, late["acme-telecom"].is_stale) == (3, True)
    assert all(each.is_stale for name, each in ages.items() if name != "acme-telecom")


def test_who_sees_one_creditor_is_told_of_no_other_and_nothing_of_the_deployment(busy: World) -> None:
    first = busy.cases()[0]
    with busy.database.begin() as conn:
        replies.insert(conn, [_reply("r1", first.id, Intent.DISTRESS)])
        tasks.open_tasks(conn, [_task("t1", first.id, TUESDAY), _task("t2", "", TUESDAY)])
    theirs = look(busy, creditors=OTHER)
    assert theirs.going == ()
    assert (theirs.replies, theirs.gravest, theirs.tasks_open, theirs.deciding) == (0, None, 0, 0)
    mine = look(busy, creditors=MINE)
    assert (mine.total("due"), mine.replies, mine.tasks_open) == (3, 1, 1)
    busy.dispatch(now=TUESDAY)
    soon = TUESDAY + timedelta(seconds=20)
    assert [look(busy, soon, MINE).total(field) for field in ("minute", "hour", "today")] == [3, 3, 3]
    assert look(busy, soon, OTHER).going == ()
    for seen in (mine, theirs):
        assert (seen.slow.guards, seen.slow.parked, {each.used_today for each in seen.lanes}) == ((), None, {None})
        assert {each.creditor for each in seen.slow.ledgers} <= MINE


@pytest.mark.parametrize(
    "scope, is_told",
    [
        (ALWAYS, True),
        (OneOf("creditor", MINE), True),
        (OneOf("creditor", OTHER), False),
        (StartsWith("postcode", ("75",)), True),
        (Every((OneOf("creditor", OTHER), StartsWith("postcode", ("75",)))), False),
        (OneOf("debtor_ref", frozenset({"C-1"})), False),
        (Every((OneOf("debtor_ref", frozenset({"C-1"})), OneOf("creditor", MINE))), True),
    ],
)
def test_a_pause_of_others_is_not_told(scope: Condition, *, is_told: bool) -> None:
    assert may_concern(scope, MINE) is is_told
    assert may_concern(scope, None)


def test_what_moves_slowly_is_taken_over_for_some_seconds(busy: World) -> None:
    first = look(busy)
    assert look(busy, TUESDAY + timedelta(seconds=14), before=first).slow is first.slow
    assert look(busy, TUESDAY + timedelta(seconds=15), before=first).slow is not first.slow


def _pause(pause_id: str, **parts: tuple[str, ...]) -> Pause:
    return Pause(id=pause_id, scope=ALWAYS, since=TUESDAY, reason="a crisis", by="test", **parts)  # type: ignore[arg-type]  # names of channels


def _reply(reply_id: str, case_id: str, intent: Intent) -> replies.Reply:
    return replies.Reply(
        id=reply_id, case_id=case_id, channel="sms", sender="", recipient="", text="",
        reading=Reading(findings=(Finding(intent=intent, confidence=90, evidence=""),)),
        received_at=TUESDAY, recorded_at=TUESDAY,
    )  # fmt: skip


def _task(task_id: str, case_id: str, due_at: datetime) -> tasks.Task:
    return tasks.Task(
        id=task_id, case_id=case_id, kind="reply", subject=task_id, role="agent", due_at=due_at, opened_at=TUESDAY
    )
