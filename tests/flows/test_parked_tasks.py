"""What came in, was answered for and is parked: somebody is asked, once, until it is applied."""

from datetime import timedelta

import pytest

from orchestrator.flows.replay_events import replay_parked
from orchestrator.storage import inbox, tasks
from orchestrator.storage.inbox import Arrival, State
from orchestrator.storage.tasks import Task, TaskState
from tests.flows.conftest import TUESDAY, World, row
from tests.flows.test_apply_inbox import _each, _run, apply, events, heard, payment, receipt, reminded, sms
from tests.flows.test_stops_and_persons import open_tasks


def the_task(world: World) -> Task:
    (task,) = open_tasks(world)
    return task


def test_somebody_is_asked_about_a_payment_that_fits_two_cases(world: World) -> None:
    world.load(row("F-1"), row("F-2", debtor="C-2", phone="+33644635678").replace("rue du Lac", "rue Z"))
    heard(world, payment(debtor_ref=None, documents=["F-1", "F-2"], amount="84.00"))
    (event,) = events(world, State.PARKED)
    task = the_task(world)
    assert (task.kind, task.case_id, task.role, task.subject) == ("payment_unplaced", "", "manager", str(event.id))
    assert task.cause == event.reason
    assert TUESDAY + timedelta(hours=24) < task.due_at < TUESDAY + timedelta(hours=48)


@pytest.mark.parametrize("told", [payment(debtor_ref="nobody"), payment(amount="ten"), payment(nonsense="1")])
def test_somebody_is_asked_about_every_refused_payment(world: World, told: Arrival) -> None:
    world.load(row())
    heard(world, told)
    assert the_task(world).kind == "payment_unplaced"


def test_it_is_asked_once_and_closes_once_the_payment_is_applied(world: World) -> None:
    heard(world, payment())
    assert the_task(world).cause.startswith("debtor_unknown")
    replay_parked(world.database)
    apply(world)
    asked = the_task(world)
    world.load(row())
    replay_parked(world.database)
    assert apply(world).applied == 1
    assert open_tasks(world) == []
    with world.database.read() as conn:
        (closed,) = tasks.load(conn, [asked.id])
    assert (closed.state, closed.outcome) == (TaskState.CLOSED, "applied")


def test_somebody_is_asked_within_the_hour_about_a_reply_that_cannot_be_read(world: World) -> None:
    heard(world, Arrival("twilio/inbound", "k", "\nBody=STOP"), Arrival("mailbox/main", "k", "x"))
    for task in open_tasks(world):
        assert (task.kind, task.role, task.due_at) == ("reply_unread", "manager", TUESDAY + timedelta(hours=1))
    assert {task.subject for task in open_tasks(world)} == {str(event.id) for event in events(world)}


def test_nobody_is_asked_about_receipts(world: World) -> None:
    heard(world, receipt("nobody", "delivered"), Arrival("twilio/status", "k", "\nNothing=known"))
    assert len(events(world, State.PARKED)) == 2
    assert open_tasks(world) == []


def broken(world: World) -> str:
    """The body of the only case, which from now on cannot be read."""
    reminded(world)
    (body,) = _each(world, "SELECT body FROM cases")
    _run(world, "UPDATE cases SET body = '{'")
    return str(body)


def test_a_stop_that_failed_is_tried_again_by_itself_after_a_minute(world: World) -> None:
    body = broken(world)
    assert heard(world, sms("SM1", "STOP")).parked == 1
    assert the_task(world).kind == "reply_unread"
    _run(world, "UPDATE cases SET body = :body", body=body)
    assert apply(world, TUESDAY + timedelta(seconds=59)).looked_at == 0
    assert apply(world, TUESDAY + timedelta(seconds=60)).applied == 1
    assert [switch.is_on for switch in world.case().opt_outs] == [True]
    assert open_tasks(world) == []


def test_what_fails_is_tried_twice_more_and_asked_about_once(world: World) -> None:
    _ = broken(world)
    heard(world, sms("SM1", "STOP"))
    tried = [minute for minute in range(60) if apply(world, TUESDAY + timedelta(minutes=minute)).parked]
    assert tried == [1, 11]
    with world.database.read() as conn:
        assert [each.retry_at for each in inbox.parked(conn, limit=5)] == [None]
    assert the_task(world).kind == "reply_unread"
