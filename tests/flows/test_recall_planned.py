"""A message that waits to leave deafens nobody: its case hears what happens, and decides at once."""

from datetime import timedelta

from orchestrator.domain import events as ev
from orchestrator.domain.agreement import Hold, HoldKind, HoldScope
from orchestrator.domain.contact import Fault, PointKind
from orchestrator.storage.messages import MessageState
from tests.flows.conftest import TUESDAY, World, row
from tests.flows.test_outcomes import task_kinds

LATER = TUESDAY + timedelta(hours=1)


def _planned(world: World) -> None:
    """An SMS is planned, and its lane carries nothing for now."""
    world.load(row())
    world.advance()
    assert [message.state for message in world.messages()] == [MessageState.PLANNED]


def _dispute() -> ev.DisputeOpened:
    hold = Hold(id="h", kind=HoldKind.DISPUTE, since=LATER, scope=HoldScope.CASE, source="debtor")
    return ev.DisputeOpened(id="d", at=LATER, by="debtor", hold=hold, reason="not mine")


def test_a_dispute_calls_a_person_while_a_message_waits(world: World) -> None:
    _planned(world)
    world.record(_dispute(), now=LATER)
    world.advance(now=LATER)
    assert "answer_dispute" in task_kinds(world)
    reminder = world.messages()[0]
    assert (reminder.state, reminder.reason) == (MessageState.HELD, "decided_otherwise")
    world.dispatch(now=LATER + timedelta(hours=1))
    assert world.messages()[0].state is MessageState.HELD


def test_a_fact_that_changes_nothing_leaves_the_message_where_it_is(world: World) -> None:
    _planned(world)
    other = ev.PointMarked(
        id="m", at=LATER, by="ann", kind=PointKind.EMAIL, value="old@lac.example", fault=Fault.BOUNCED
    )
    world.record(other, now=LATER)
    world.advance(now=LATER)
    assert [message.state for message in world.messages()] == [MessageState.PLANNED]
    assert world.dispatch(now=LATER).left == 1


def test_a_message_that_is_being_called_is_never_recalled(world: World) -> None:
    _planned(world)
    with world.database.begin() as conn:
        conn.exec_driver_sql("UPDATE messages SET state = 'calling'")
    world.record(_dispute(), now=LATER)
    world.advance(now=LATER)
    assert [message.state for message in world.messages()] == [MessageState.CALLING]
    assert world.case().in_hand is not None
