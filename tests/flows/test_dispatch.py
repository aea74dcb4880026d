"""Dispatch and its gate: what leaves was judged at the last instant, once; the rest says why it did not (R18, R21)."""

from datetime import date, timedelta

from channels.contract import Channel, ReasonClass, Rejected
from orchestrator.domain.agreement import Hold, HoldKind, Promise
from orchestrator.domain.contact import PointKind
from orchestrator.domain.debt import Payment
from orchestrator.domain.events import HoldPlaced, OptedOut, PaymentReceived, PromiseMade
from orchestrator.storage.messages import MessageState
from tests.flows.conftest import TUESDAY, World, row

SOON = TUESDAY + timedelta(minutes=5)


def test_a_small_debt_on_a_phone_is_asked_by_one_sms(world: World) -> None:
    world.load(row())
    assert world.advance().planned == 1
    assert world.dispatch().left == 1
    (path,) = world.sent()
    text = path.read_text(encoding="utf-8")
    assert path.parts[-3] == "sms"
    assert "ACME" in text
    assert world.case().id in text


def test_sending_again_sends_nothing(world: World) -> None:
    world.load(row())
    world.advance()
    world.dispatch()
    assert world.dispatch().left == 0
    assert world.advance(now=SOON).planned == 0
    assert len(world.sent()) == 1


def test_a_payment_between_plan_and_gate_stops_the_message(world: World) -> None:
    world.load(row())
    world.advance()
    paid = Payment("P-1", 4200, TUESDAY.date() + timedelta(days=1), ("F-1",))
    world.record(PaymentReceived(id="paid", at=SOON, payment=paid), now=SOON)
    assert world.dispatch(now=SOON).left == 0
    assert not any("reminder" in path.name for path in world.sent())
    (message,) = world.messages()[:1]
    assert message.state is MessageState.HELD
    assert message.reason


def test_a_stop_between_plan_and_gate_stops_the_message(world: World) -> None:
    world.load(row())
    world.advance()
    world.record(OptedOut(id="stop", at=SOON, channel=Channel.SMS), now=SOON)
    world.dispatch(now=SOON)
    assert not [path for path in world.sent() if path.parts[-3] == "sms"]


def test_a_promise_between_plan_and_gate_stops_the_message(world: World) -> None:
    world.load(row())
    world.advance()
    promise = Promise(id="p", amount_cents=4200, due_on=date(2026, 3, 20), grace_days=3, made_at=SOON)
    world.record(PromiseMade(id="promised", at=SOON, promise=promise), now=SOON)
    assert world.dispatch(now=SOON).left == 0


def test_a_hold_lets_the_message_leave_once_it_is_over(world: World) -> None:
    world.load(row())
    world.advance()
    hold = Hold(id="h", kind=HoldKind.VETO, since=SOON, until=date(2026, 3, 12))
    world.record(HoldPlaced(id="held", at=SOON, hold=hold), now=SOON)
    assert world.dispatch(now=SOON).held == 1
    later = TUESDAY + timedelta(days=3)
    world.advance(now=later)
    assert world.dispatch(now=later).left == 1
    assert [m.state for m in world.messages()] == [MessageState.ACCEPTED]


def test_nothing_leaves_outside_the_hours_that_were_open_when_it_was_planned(world: World) -> None:
    world.load(row())
    world.advance()
    night = TUESDAY.replace(hour=20)
    assert world.dispatch(now=night).left == 0
    morning = TUESDAY + timedelta(days=1)
    world.advance(now=morning)
    assert world.dispatch(now=morning).left == 1


def test_two_cases_of_one_person_share_the_caps(world: World) -> None:
    world.load(row("F-1", debtor="C-1"), row("F-2", debtor="C-2"))
    assert world.advance().planned == 2
    done = world.dispatch()
    assert (done.left, done.held) == (1, 1)
    assert {m.state for m in world.messages()} == {MessageState.ACCEPTED, MessageState.HELD}


def test_a_channel_that_refuses_a_number_gives_way_to_the_next(world: World) -> None:
    world.load(row(email="jeanne.dupont@example.org"))
    world.verdict = lambda message: (
        Rejected(reason_class=ReasonClass.ADDRESS, code="21211") if type(message).__name__ == "SmsMessage" else None
    )
    world.advance()
    assert world.dispatch().refused == 1
    assert world.dispatch().left + len(world.sent()) >= 1
    assert [path.parts[-3] for path in world.sent()] == ["email"]


def test_what_left_is_kept_word_for_word_with_its_hash(world: World) -> None:
    world.load(row())
    world.advance()
    world.dispatch()
    (message,) = world.messages()
    with world.database.read() as conn:
        from_store = world.contents(conn, message.content_hash)
    assert world.case().id in from_store
    assert message.amount_cents == 4200
    assert message.left_at == TUESDAY


def test_an_unusable_number_is_kept_but_never_written_to(world: World) -> None:
    world.load(row(phone="01 99 00 12 34"))
    world.advance()
    world.dispatch()
    assert not [path for path in world.sent() if path.parts[-3] == "sms"]
    person = world.case().debtor.people[0]
    point = person.point(PointKind.PHONE)
    assert point is not None
    assert point.fault is not None
