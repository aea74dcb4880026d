"""What a message costs: that of its units, however often it was put back, and one unit's while it waits."""

from datetime import datetime, timedelta

from msgspec.structs import replace

from channels.contract import ReasonClass
from orchestrator.flows.dispatch import dispatch_all
from orchestrator.storage.messages import Message, MessageState
from tests.flows.conftest import TUESDAY, World, row
from tests.flows.test_outcomes import answer_with, refused

# A link so long that an SMS takes two segments.
LONG = f"https://{'espace-client.' * 8}example"


def _sent(world: World, now: datetime) -> Message:
    dispatch_all(world.database, world.strategy(), replace(world.post(now), public_url=LONG), now=now)
    (message,) = world.messages()
    return message


def test_a_message_put_back_many_times_costs_what_it_costs(world: World) -> None:
    world.load(row())
    world.advance()
    unit = world.messages()[0].cost_cents
    assert unit > 0
    answer_with(world, *[refused(ReasonClass.NOT_WRITTEN, "connect")] * 3)
    for number in range(3):
        waiting = _sent(world, TUESDAY + timedelta(minutes=number))
        assert (waiting.state, waiting.cost_cents) == (MessageState.PLANNED, unit)
    left = _sent(world, TUESDAY + timedelta(minutes=9))
    assert (left.state, left.cost_cents) == (MessageState.ACCEPTED, 2 * unit)
