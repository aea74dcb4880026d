"""A lane that is renamed or removed loses no message: what waited for it is decided again, by the lanes there are."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from orchestrator.domain.events import MessageCancelled
from orchestrator.flows import leave_lost_lanes as flow
from orchestrator.flows.advance_cases import advance_all
from orchestrator.flows.dispatch import dispatch_all
from orchestrator.flows.lanes_in_force import adopt_lanes
from orchestrator.flows.leave_lost_lanes import leave_lost_lanes
from orchestrator.rendering.why import read_words
from orchestrator.storage import due_messages, journal, messages
from orchestrator.storage.messages import MessageState, Move
from tests.flows.conftest import TUESDAY, World, row

SOON = TUESDAY + timedelta(minutes=1)
LANES = ("sandbox-sms", "sandbox-email", "sandbox-letter")


def planned(world: World, number: int = 1) -> None:
    """So many messages planned on the lane of SMS."""
    numbered = [row(f"F-{n}", debtor=f"C-{n}", phone=f"+336446312{n:02d}") for n in range(number)]
    named = [line.replace("Jeanne Dupont", f"Jeanne Dupont{n}") for n, line in enumerate(numbered)]
    world.load(*(line.replace("1 rue du Lac", f"{n} rue du Lac") for n, line in enumerate(named)))
    world.advance()
    assert {message.lane for message in world.messages()} == {"sandbox-sms"}
    adopt_lanes(world.database, "new", has_real=False, now=TUESDAY)


def leave(world: World, *lane_ids: str, digest: str = "new") -> int:
    return leave_lost_lanes(world.database, lane_ids, digest, now=SOON)


def test_a_renamed_lane_loses_no_message(world: World) -> None:
    planned(world)
    lanes = tuple(replace(lane, id=f"{lane.id}-new") for lane in world.strategy().lanes)
    post = world.post(SOON)
    post = replace(post, lanes=lanes, adapters={f"{name}-new": adapter for name, adapter in post.adapters.items()})
    strategy = replace(world.strategy(), lanes=lanes)
    assert dispatch_all(world.database, strategy, post, now=SOON).left == 0
    assert leave(world, *post.adapters) == 1
    assert leave(world, *post.adapters) == 0
    advance_all(world.database, strategy, now=SOON)
    assert dispatch_all(world.database, strategy, post, now=SOON).left == 1
    (message,) = world.messages()
    assert (message.state, message.lane) == (MessageState.ACCEPTED, "sandbox-sms-new")


def test_it_says_why_and_the_case_decides_at_once(world: World) -> None:
    planned(world)
    assert leave(world) == 1
    (message,) = world.messages()
    assert (message.state, message.reason) == (MessageState.HELD, "lane_gone")
    assert world.case().in_hand is None
    with world.database.read() as conn:
        lines = journal.read(conn, world.case().id)
    assert [line.fact.why for line in lines if isinstance(line.fact, MessageCancelled)] == ["lane_gone"]
    assert set(read_words()["terms"]["lane_gone"]) == {"fr", "en"}
    # No channel is blamed: the same message is planned again.
    world.advance(SOON)
    assert [message.state for message in world.messages()] == [MessageState.PLANNED]


def test_what_waits_for_a_lane_in_force_is_left_alone(world: World) -> None:
    planned(world)
    assert leave(world, *LANES) == 0
    assert [message.state for message in world.messages()] == [MessageState.PLANNED]


def test_a_process_whose_lanes_are_no_longer_in_force_takes_nothing(world: World) -> None:
    planned(world)
    assert leave(world, digest="old") == 0
    assert [message.state for message in world.messages()] == [MessageState.PLANNED]


def test_a_call_that_has_begun_keeps_its_lane(world: World) -> None:
    planned(world)
    (message,) = world.messages()
    with world.database.begin() as conn:
        calling = Move(message_id=message.id, expected=MessageState.PLANNED, to=MessageState.CALLING)
        messages.transition(conn, [calling], now=SOON)
    assert leave(world) == 0
    assert world.case().in_hand is not None


def test_one_look_takes_batches_up_to_a_bound_and_the_next_goes_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned(world, 7)
    monkeypatch.setattr(flow, "_BATCH", 2)
    monkeypatch.setattr(flow, "_MOST_BATCHES", 2)
    assert [leave(world) for _ in range(3)] == [4, 3, 0]


def test_lanes_with_something_planned_are_each_named_once(world: World) -> None:
    planned(world, 3)
    with world.database.begin() as conn:
        first = world.messages()[0]
        other = Move(message_id=first.id, expected=MessageState.PLANNED, to=MessageState.PLANNED, lane="another")
        messages.transition(conn, [other], now=SOON)
    with world.database.read() as conn:
        assert due_messages.lanes(conn) == ["another", "sandbox-sms"]
