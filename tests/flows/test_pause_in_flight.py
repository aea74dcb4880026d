"""What a pause calls in flight (design 7): each call until it is answered or doubted, whoever asks."""

from datetime import UTC, datetime, timedelta

import pytest

from channels.contract import Message, Outcome
from orchestrator.domain.condition import ALWAYS
from orchestrator.domain.interruption import Pause
from orchestrator.flows.doubt_gone import doubt_gone
from orchestrator.flows.pause_sending import PauseReport, pause_report, start_pause
from orchestrator.flows.reconcile import HORIZON
from orchestrator.storage.messages import MessageState
from tests.flows.conftest import TUESDAY, World, row

MINUTE = timedelta(minutes=1)


class KilledError(BaseException):
    """Stands for a process that ends at once."""


def report(world: World, real_now: datetime) -> PauseReport:
    return pause_report(
        world.database, world.strategy, "p-1", adapters=world.post(TUESDAY).adapters, now=TUESDAY, real_now=real_now
    )


def stop_everything(world: World) -> None:
    start_pause(world.database, Pause(id="p-1", scope=ALWAYS, since=TUESDAY, reason="a crisis", by="test"))


def killed_while_calling(world: World, real_now: datetime) -> None:
    """A sender wrote its attempt, and was killed before it had an answer."""

    def verdict(_message: Message) -> Outcome | None:
        raise KilledError

    world.load(row())
    world.advance()
    world.verdict = verdict
    with pytest.raises(KilledError):
        world.dispatch(now=TUESDAY, real_now=real_now)
    stop_everything(world)


@pytest.mark.parametrize("ahead", [timedelta(seconds=16), timedelta(hours=2)])
def test_a_clock_that_is_ahead_does_not_say_paused_before_the_first_byte(world: World, ahead: timedelta) -> None:
    real_now = datetime.now(UTC)
    world.load(row())
    world.advance()
    seen: list[PauseReport] = []

    def verdict(_message: Message) -> Outcome | None:
        stop_everything(world)
        seen.append(report(world, real_now + ahead))
        return None

    world.verdict = verdict
    assert world.dispatch(now=TUESDAY, real_now=real_now).left == 1
    assert [(each.state, each.in_flight) for each in seen] == [("pausing", 1)]
    assert report(world, real_now).state == "paused"


def test_where_every_sender_is_gone_the_clock_of_the_database_ends_the_pause(world: World) -> None:
    killed_while_calling(world, datetime.now(UTC) - MINUTE)
    if world.database.name == "sqlite":
        # It has no clock of its own: only who holds the lock of the sole sender knows that the sender is gone.
        assert report(world, datetime.now(UTC)).state == "pausing"
        assert doubt_gone(world.database, now=TUESDAY, real_now=datetime.now(UTC), is_alone=True) == 1
    assert report(world, datetime.now(UTC)).state == "paused"
    assert world.messages()[0].state is MessageState.IN_DOUBT
    assert world.case().departures[0].is_in_doubt


def test_a_lease_that_runs_is_never_doubted_by_who_asks(world: World) -> None:
    killed_while_calling(world, datetime.now(UTC))
    for real_now in (datetime.now(UTC), datetime.now(UTC) - HORIZON):
        assert doubt_gone(world.database, now=TUESDAY, real_now=real_now, is_alone=True) == 0
    assert report(world, datetime.now(UTC)).in_flight == 1
