"""What a debtor says by a link is obeyed by what is planned already, on both databases (R21, semantics D8)."""

import pytest

from channels.contract import Channel
from orchestrator.domain.agreement import HoldKind
from orchestrator.flows.record_wish import Heard, Kind, WayOut, Wish, find_way_out, record_wish
from orchestrator.storage import attempts
from orchestrator.storage.messages import MessageState
from tests.flows.conftest import TUESDAY, World, row

LATER = TUESDAY.replace(day=24)


def _way(world: World) -> WayOut:
    """The link of the one message that left."""
    with world.database.read() as conn:
        (attempt,) = attempts.of_messages(conn, [message.id for message in world.messages()])
    way = find_way_out(world.database, attempt.token, real_now=TUESDAY)
    assert way is not None
    assert (way.case.id, way.attempt_id) == (world.case().id, attempt.id)
    return way


def _reminded(world: World) -> WayOut:
    world.load(row())
    world.advance()
    assert world.dispatch().left == 1
    return _way(world)


@pytest.mark.parametrize("kind", [Kind.STOP, Kind.PAID, Kind.DISAGREE])
def test_a_message_already_planned_does_not_leave(world: World, kind: Kind) -> None:
    way = _reminded(world)
    assert world.advance(now=LATER).planned == 1
    assert record_wish(world.database, way, Wish(kind=kind), now=LATER) is Heard.RECORDED
    before = len(world.sent())
    assert world.dispatch(now=LATER).left == 0
    assert len(world.sent()) == before
    reminders = [message for message in world.messages() if message.send.step == "reminder-2"]
    assert not [m for m in reminders if m.send.channel is Channel.SMS and m.state is not MessageState.HELD]


def test_without_a_wish_it_would_have_left(world: World) -> None:
    _reminded(world)
    world.advance(now=LATER)
    assert world.dispatch(now=LATER).left == 1


def test_who_says_that_it_is_paid_is_answered_and_a_person_looks(world: World) -> None:
    way = _reminded(world)
    record_wish(world.database, way, Wish(kind=Kind.PAID), now=LATER)
    world.advance(now=LATER)
    assert [task.kind for task in world.case().tasks] == ["verify_payment"]
    assert world.messages()[-1].send.template == "already-paid-ack"


def test_every_wish_is_stored_once(world: World) -> None:
    way = _reminded(world)
    for kind in Kind:
        wish = Wish(kind=kind, words="après 18 h" if kind in (Kind.CALL, Kind.DISAGREE) else "")
        assert record_wish(world.database, way, wish, now=LATER) is Heard.RECORDED
        after = world.case()
        assert record_wish(world.database, way, wish, now=LATER) is Heard.KNOWN
        assert world.case() == after


def test_grave_words_beside_a_wish_are_heard_at_once(world: World) -> None:
    """R32: whoever reads the dispute reads it tomorrow; no machine writes until then."""
    way = _reminded(world)
    words = "Je conteste. Je n'en peux plus, je vais me suicider."
    record_wish(world.database, way, Wish(kind=Kind.DISAGREE, words=words), now=LATER)
    assert HoldKind.SELF_HARM in [hold.kind for hold in world.case().holds]
    assert "distress" in [task.kind for task in world.case().tasks]
    world.advance(now=LATER)
    assert world.dispatch(now=LATER).left == 0


def test_other_words_beside_a_wish_stay_what_they_are(world: World) -> None:
    way = _reminded(world)
    record_wish(world.database, way, Wish(kind=Kind.DISAGREE, words="je paierai 20 euros le 30"), now=LATER)
    assert [hold.kind for hold in world.case().holds] == [HoldKind.DISPUTE]
    assert world.case().promises == ()


def test_an_unknown_link_is_nothing(world: World) -> None:
    assert find_way_out(world.database, "0" * 22, real_now=TUESDAY) is None
