"""What a pause would touch is what it stops (R6): the figures shown before, against the gate after."""

from itertools import count

import pytest

from orchestrator.domain.condition import ALWAYS, Condition, Either, Every, Not, OneOf, StartsWith
from orchestrator.domain.interruption import Pause
from orchestrator.flows.dispatch import dispatch_all
from orchestrator.flows.pause_reach import Reach, pause_reach
from orchestrator.flows.pause_sending import start_pause
from orchestrator.storage import cases
from orchestrator.storage.messages import MessageState
from tests.flows.conftest import TUESDAY, World, row


def debtor(number: int, **changes: str) -> str:
    """A row about a debtor at an address of their own."""
    made = row(f"F-{number}", debtor=f"C-{number}", **{"phone": f"+3364463120{number}", **changes})
    return made.replace("Jeanne Dupont", f"Anne Exemple{number}").replace("1 rue du Lac", f"{number} rue du Lac")


# Five people of one creditor: C-4 and C-5 share a phone.
ROWS = (
    debtor(1),
    debtor(2, email="anne@example.org", amount="80,00"),
    debtor(3, phone="", email="bela@example.org").replace("75001", "62100"),
    debtor(4),
    debtor(5, phone="+33644631204", email="cora@example.org", amount="80,00"),
    debtor(6, amount="900,00"),
)


def planned(world: World, *more: str) -> None:
    world.load(*ROWS, *more)
    world.advance()
    assert len(world.messages()) >= 5


def of_pause(scope: Condition = ALWAYS, **parts: tuple[str, ...]) -> Pause:
    return Pause(id="p-1", scope=scope, since=TUESDAY, reason="a crisis", by="test", **parts)  # type: ignore[arg-type]  # names of channels


def reach(world: World, pause: Pause, **bounds: object) -> Reach:
    return pause_reach(world.database, world.strategy, pause, now=TUESDAY, **bounds)  # type: ignore[arg-type]  # bounds of a test


def stopped(world: World, pause: Pause) -> int:
    """Places the pause and lets everything try to leave; how many messages it kept back, at the gate or its lane."""
    start_pause(world.database, pause)
    dispatch_all(world.database, world.strategy(), world.post(TUESDAY), now=TUESDAY)
    return sum(
        message.state is MessageState.PLANNED or message.reason.startswith("PAUSE") for message in world.messages()
    )


def test_a_pause_of_nobody_stops_nothing(world: World) -> None:
    planned(world)
    assert stopped(world, of_pause(OneOf("creditor", frozenset({"another"})))) == 0


@pytest.mark.parametrize(
    "pause",
    [
        of_pause(),
        of_pause(channels=("sms",)),
        of_pause(lanes=("sandbox-email",)),
        of_pause(OneOf("creditor", frozenset({"acme-telecom"}))),
        of_pause(OneOf("campaign", frozenset({"b2c-small"}))),
        of_pause(OneOf("campaign", frozenset({"b2c-small"})), channels=("email",)),
        of_pause(Not(OneOf("campaign", frozenset({"b2c-small"})))),
        of_pause(OneOf("debtor_ref", frozenset({"C-4"}))),
        of_pause(Every((OneOf("debtor_ref", frozenset({"C-1"})), StartsWith("postcode", ("75",))))),
        of_pause(Either((OneOf("debtor_ref", frozenset({"C-1"})), StartsWith("postcode", ("62",))))),
        of_pause(StartsWith("postcode", ("62",))),
        of_pause(Not(StartsWith("postcode", ("62",)))),
    ],
    ids=[
        "all", "channel", "lane", "creditor", "campaign", "campaign-channel", "not-campaign", "debtor",
        "debtor-and-place", "debtor-or-place", "segment", "not-segment",
    ],
)  # fmt: skip
def test_what_it_says_is_what_the_gate_keeps_back(world: World, pause: Pause) -> None:
    planned(world)
    said = reach(world, pause)
    assert said.is_complete
    assert said.messages == stopped(world, pause)


def test_a_pause_of_another_creditor_touches_nobody(world: World) -> None:
    planned(world)
    said = reach(world, of_pause(OneOf("creditor", frozenset({"another"}))))
    assert (said.cases, said.people, said.messages, said.deciding) == (0, 0, 0, 0)


def test_who_shares_a_phone_is_one_person_and_is_paused_as_one(world: World) -> None:
    planned(world)
    everybody = reach(world, of_pause())
    assert (everybody.cases, everybody.people) == (6, 5)
    named = reach(world, of_pause(OneOf("debtor_ref", frozenset({"C-4"}))))
    assert (named.cases, named.people) == (2, 1)


def test_messages_are_told_by_channel_and_by_the_day(world: World) -> None:
    planned(world)
    by_channel: dict[str, int] = {}
    for message in world.messages():
        by_channel[message.send.channel.value] = by_channel.get(message.send.channel.value, 0) + 1
    said = reach(world, of_pause())
    assert said.planned == by_channel
    assert said.within_day == by_channel
    assert reach(world, of_pause(channels=("sms",))).planned == {"sms": by_channel["sms"]}


def test_a_segment_that_takes_too_long_is_told_as_a_least(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orchestrator.flows.pause_reach._PAGE", 2)
    planned(world)
    ticking = count()
    pause = of_pause(StartsWith("postcode", ("75", "62")))
    cut = reach(world, pause, seconds=1.5, clock=lambda: float(next(ticking)))
    assert not cut.is_complete
    assert (cut.judged, cut.cases, cut.candidates) == (4, 4, 6)
    whole = reach(world, pause)
    assert (whole.is_complete, whole.judged, whole.cases) == (True, 6, 6)


def test_those_with_something_planned_are_judged_first(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    planned(world, *(debtor(number, due="2026-05-30") for number in (7, 8, 9)))
    with_messages = {message.case_id for message in world.messages()}
    monkeypatch.setattr("orchestrator.flows.pause_reach._PAGE", len(with_messages))
    cut = reach(world, of_pause(StartsWith("postcode", ("75", "62"))), seconds=0.0)
    assert cut.judged < cut.candidates
    assert cut.messages == len(world.messages())


def test_closed_cases_are_not_touched(world: World) -> None:
    planned(world)
    with world.database.begin() as conn:
        conn.exec_driver_sql("UPDATE cases SET state = 'closed' WHERE debtor_ref = 'C-1'")
    assert reach(world, of_pause()).cases == 5
    assert reach(world, of_pause(StartsWith("postcode", ("75", "62")))).cases == 5


def test_who_sees_one_creditor_counts_what_is_theirs(world: World) -> None:
    planned(world)
    assert reach(world, of_pause(), creditors=frozenset({"acme-telecom"})).cases == 6
    for scope in (ALWAYS, OneOf("debtor_ref", frozenset({"C-4"})), StartsWith("postcode", ("75",))):
        theirs = reach(world, of_pause(scope), creditors=frozenset({"another"}))
        assert (theirs.cases, theirs.people, theirs.messages) == (0, 0, 0)


def test_nothing_is_stored(world: World) -> None:
    planned(world)
    with world.database.read() as conn:
        before = cases.versions(conn, [case.id for case in world.cases()])
    reach(world, of_pause(StartsWith("postcode", ("75",))))
    with world.database.read() as conn:
        assert cases.versions(conn, before) == before
