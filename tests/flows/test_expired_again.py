"""A message that expired before it left is planned again when its case still wants it; no case keeps it for ever."""

from datetime import timedelta

from orchestrator.domain.agreement import Hold, HoldKind
from orchestrator.domain.condition import ALWAYS
from orchestrator.domain.events import HoldPlaced
from orchestrator.domain.interruption import Pause
from orchestrator.flows.pause_sending import start_pause
from orchestrator.flows.resume_sending import resume_pause
from orchestrator.storage.messages import MessageState
from tests.flows.conftest import TUESDAY, World, row

DAY = timedelta(days=1)


def test_what_expired_in_a_paused_lane_is_planned_again_and_leaves(world: World) -> None:
    """The lane is paused and a hold stops the clock of the case: the row is too late, the step is not."""
    world.load(row(due="2026-03-05"), now=TUESDAY - 4 * DAY)
    world.advance(TUESDAY - 4 * DAY)
    world.advance()
    (message,) = world.messages()
    start_pause(
        world.database,
        Pause(id="lane", scope=ALWAYS, lanes=(message.lane,), since=TUESDAY, reason="away", by="test"),
    )
    hold = Hold(id="h", kind=HoldKind.VETO, since=TUESDAY + DAY, until=(TUESDAY + 9 * DAY).date())
    world.record(HoldPlaced(id="held", at=TUESDAY + DAY, hold=hold), now=TUESDAY + DAY)
    world.advance(TUESDAY + DAY)
    assert message.expires_at is not None
    late = message.expires_at + timedelta(hours=1)
    while late.weekday() > 3:
        late += DAY
    late = late.replace(hour=9)
    resume_pause(world.database, world.strategy(), "lane", by="test", now=late)
    assert world.dispatch(late).expired == 1
    for days in range(5):
        world.advance(late + days * DAY)
        world.dispatch(late + days * DAY)
    (again,) = [found for found in world.messages() if found.id == message.id]
    assert again.state is MessageState.ACCEPTED
    assert len(world.case().departures) == 1
