"""Calls: the sheet says whom, where, whether now and what to say; each outcome counts once, as the act that it is."""

from datetime import date, datetime, timedelta

import pytest

from channels.contract import Channel
from orchestrator.domain.acts import DisputeReason
from orchestrator.domain.agreement import HoldKind
from orchestrator.domain.errors import Conflict, InputError, NotFound
from orchestrator.domain.events import CallMade, Marked, OptedOut
from orchestrator.domain.voice import Voice
from orchestrator.domain.who import Who
from orchestrator.flows.answer_call import CallAnswered, CallTold, Told, answer_call
from orchestrator.flows.call_sheet import Call, call_of, call_sheet
from orchestrator.flows.record_facts import record_facts
from orchestrator.storage import cases, contacts, tasks
from tests.flows.conftest import TUESDAY, World, row
from tests.flows.workday.conftest import ANNE, ask, follow

DUE = TUESDAY + timedelta(days=2)
NIGHT = TUESDAY + timedelta(hours=11)


@pytest.fixture
def called(staffed: World) -> World:
    """A debtor whom the campaign wants called."""
    staffed.load(row())
    staffed.advance()
    ask(staffed, staffed.case().id, "call", due_at=DUE)
    follow(staffed)
    return staffed


def sheet(world: World, who: Who = ANNE, now: datetime = TUESDAY) -> list[Call]:
    place = world.deployment
    return call_sheet(world.database, world.strategy(), place.call_words, who, now=now)


def tell(
    world: World, told: CallTold, *, name: str = "call:a", kind: str = "call", now: datetime = TUESDAY
) -> CallAnswered:
    case_id = world.case().id
    with world.database.read() as conn:
        found = tasks.search(conn, tasks.Filter(case_id=case_id, kind=kind, state=None), limit=9)
    return answer_call(
        world.database, world.strategy(), case_id, told, task_id=found[-1].id, who=ANNE, now=now, name=name
    )


def dialled(world: World) -> list[bool]:
    """Whether somebody spoke, of each call that counts."""
    with world.database.read() as conn:
        (stored,) = cases.load(conn, [world.case().id])
        met = contacts.of_persons(conn, [stored.person_id], since=TUESDAY - timedelta(days=9))
    return [each.is_conversation for each in met.get(stored.person_id, []) if each.channel == "call"]


def open_kinds(world: World) -> list[str]:
    with world.database.read() as conn:
        return sorted(task.kind for task in tasks.search(conn, tasks.Filter(case_id=world.case().id), limit=20))


# --------------------------------------------------------------------------------------------- the sheet


def test_the_sheet_says_whom_to_call_and_what_is_owed(called: World) -> None:
    (call,) = sheet(called)
    assert (call.number, call.debtor, call.overdue_cents, call.currency) == (
        "+33644631234",
        "Jeanne Dupont",
        4200,
        "EUR",
    )
    assert call.local_time is not None
    assert call.local_time.hour == 10
    assert call.moment.is_allowed
    assert [position.debt.reference for position in call.documents] == ["F-1"]


def test_the_script_asks_who_it_is_before_it_names_the_debt(called: World) -> None:
    (call,) = sheet(called)
    parts = dict(call.script)
    assert list(parts)[:2] == ["opening", "identity"]
    for early in ("opening", "identity", "not_them", "voicemail"):
        assert not [word for word in ("42", "Acme", "F-1", "facture") if word in parts[early]], early
    assert "42,00" in parts["reason"]
    assert "F-1" in parts["reason"]
    assert call.voice is Voice.COURTEOUS


@pytest.mark.parametrize(
    "status, asks_birth", [("company", False), ("public_body", False), ("sole_trader", True), ("consumer", True)]
)
def test_who_answers_for_a_firm_is_asked_for_their_role(staffed: World, status: str, asks_birth: bool) -> None:
    staffed.load(row().replace(";consumer;", f";{status};"))
    ask(staffed, staffed.case().id, "call", due_at=DUE)
    follow(staffed)
    (call,) = sheet(staffed)
    identity = dict(call.script)["identity"]
    assert ("date de naissance" in identity, "fonction" in identity) == (asks_birth, not asks_birth)


def test_at_night_it_says_from_when(called: World) -> None:
    (call,) = sheet(called, now=NIGHT)
    assert not call.moment.is_allowed
    assert call.moment.allowed_at is not None
    assert call.moment.allowed_at > NIGHT
    assert any(reason.until == call.moment.allowed_at for reason in call.moment.reasons)


def test_caps_that_are_full_defer_it(called: World) -> None:
    for number in range(4):
        made = CallMade(id=f"c{number}", at=TUESDAY - timedelta(hours=30 * number + 1), outcome="reached")
        record_facts(called.database, [(called.case().id, made)], now=TUESDAY)
    (call,) = sheet(called)
    assert not call.moment.is_allowed


def test_a_hold_keeps_us_from_calling_unless_they_asked(called: World) -> None:
    tell(called, CallTold(told=Told.PAID))
    case_id = called.case().id
    ask(called, case_id, "call", due_at=DUE, subject="again")
    ask(called, case_id, "call_back", due_at=DUE)
    moments = {call.kind: call.moment.is_allowed for call in sheet(called)}
    assert moments["call_back"]


def test_who_closed_the_telephone_is_not_called(called: World) -> None:
    record_facts(called.database, [(called.case().id, Marked(id="m", at=TUESDAY, mark="no_call"))], now=TUESDAY)
    (call,) = sheet(called)
    assert (call.moment.is_allowed, call.moment.allowed_at) == (False, None)


def test_a_stop_of_sms_closes_no_telephone(called: World) -> None:
    stop = OptedOut(id="s", at=TUESDAY, channel=Channel.SMS)
    record_facts(called.database, [(called.case().id, stop)], now=TUESDAY)
    assert sheet(called)[0].number == "+33644631234"


def test_who_is_vulnerable_is_listened_to(called: World) -> None:
    record_facts(called.database, [(called.case().id, Marked(id="m", at=TUESDAY, mark="vulnerable"))], now=TUESDAY)
    (call,) = sheet(called)
    assert call.voice is Voice.LISTENING
    assert "42,00" not in dict(call.script)["reason"]


def test_nothing_of_another_creditor_is_on_the_sheet(called: World) -> None:
    other = Who("anne", "agent", frozenset({"another"}))
    assert sheet(called, other) == []
    with pytest.raises(NotFound):
        call_of(
            called.database, called.strategy(), called.deployment.call_words, other, case_id=called.case().id,
            now=TUESDAY,
        )  # fmt: skip
    with pytest.raises(NotFound):
        answer_call(
            called.database, called.strategy(), called.case().id, CallTold(told=Told.TALKED), who=other, now=TUESDAY,
            name="call:a",
        )  # fmt: skip
    assert dialled(called) == []


def test_any_case_has_a_sheet(called: World) -> None:
    found = call_of(
        called.database, called.strategy(), called.deployment.call_words, ANNE, case_id=called.case().id, now=TUESDAY
    )
    assert (found.task_id, found.number) == ("", "+33644631234")


# ------------------------------------------------------------------------------------------ what came of it


def test_a_promise_is_made_and_the_call_counts_once(called: World) -> None:
    told = CallTold(told=Told.PROMISE, on=date(2026, 3, 13), amount_cents=4200)
    assert tell(called, told) == CallAnswered(is_over=True)
    assert dialled(called) == [True]
    (promise,) = called.case().promises
    assert (promise.due_on, promise.amount_cents) == (date(2026, 3, 13), 4200)
    assert "call" not in open_kinds(called)


def test_a_double_press_counts_once(called: World) -> None:
    told = CallTold(told=Told.PROMISE, on=date(2026, 3, 13))
    tell(called, told)
    assert tell(called, told).is_repeated
    assert dialled(called) == [True]
    assert len(called.case().promises) == 1


def test_a_call_that_is_over_is_not_told_again(called: World) -> None:
    tell(called, CallTold(told=Told.TALKED))
    with pytest.raises(Conflict) as refused:
        tell(called, CallTold(told=Told.TALKED), name="call:b")
    assert refused.value.code == "task_closed"
    assert dialled(called) == [True]


@pytest.mark.parametrize("told", [Told.VOICEMAIL, Told.NO_ANSWER])
def test_nobody_there_leaves_the_call_for_another_try_three_in_all(called: World, told: Told) -> None:
    ask(called, called.case().id, "call", due_at=TUESDAY + timedelta(days=30), subject="tx")
    overs = []
    for number in range(3):
        at = TUESDAY + timedelta(days=4 * number)
        overs.append(tell(called, CallTold(told=told), name=f"call:{number}", now=at).is_over)
    assert overs == [False, False, True]
    assert dialled(called) == [False] * 3
    assert open_kinds(called).count("call") == 1


def test_the_call_is_over_when_no_other_try_fits_before_it_is_due(called: World) -> None:
    # The pack keeps contacts three days apart, and the call is due in two.
    assert tell(called, CallTold(told=Told.NO_ANSWER)).is_over
    assert dialled(called) == [False]
    assert "call" not in open_kinds(called)


def test_a_wrong_number_is_never_dialled_again(called: World) -> None:
    tell(called, CallTold(told=Told.WRONG_NUMBER, number="+33644631234"))
    found = call_of(
        called.database, called.strategy(), called.deployment.call_words, ANNE, case_id=called.case().id, now=TUESDAY
    )
    assert found.number == ""
    assert dialled(called) == [False]


def test_a_dispute_holds_with_its_reason(called: World) -> None:
    tell(called, CallTold(told=Told.DISPUTE, reason=DisputeReason.QUALITY, words="the box was broken"))
    (hold,) = [hold for hold in called.case().holds if hold.kind is HoldKind.DISPUTE]
    assert hold.reason == "quality"


def test_hardship_and_payment_hold_too(called: World) -> None:
    tell(called, CallTold(told=Told.HARDSHIP))
    assert HoldKind.HARDSHIP in {hold.kind for hold in called.case().holds}


def test_a_call_back_is_asked_for_then_and_demands_wait(called: World) -> None:
    at = TUESDAY + timedelta(hours=5)
    tell(called, CallTold(told=Told.CALL_BACK, at=at))
    assert open_kinds(called) == ["call_back"]
    (call,) = sheet(called, now=at)
    assert (call.kind, call.due_at, call.moment.is_allowed) == ("call_back", at, True)
    called.advance()
    assert not [message for message in called.messages() if message.state == "planned" and message.planned_at > TUESDAY]
    tell(called, CallTold(told=Told.TALKED), name="call:b", kind="call_back", now=at)
    assert open_kinds(called) == []
    lifted = {switch.key for switch in called.case().lifted}
    assert [hold.id in lifted for hold in called.case().holds if hold.kind is HoldKind.UNREAD_REPLY] == [True]


def test_no_more_calls_is_obeyed(called: World) -> None:
    tell(called, CallTold(told=Told.NO_MORE_CALLS))
    assert called.case().has_mark("no_call")


@pytest.mark.parametrize(
    "told",
    [
        CallTold(told=Told.PROMISE),
        CallTold(told=Told.PROMISE, on=date(2026, 3, 1)),
        CallTold(told=Told.PROMISE, on=date(2027, 3, 1)),
        CallTold(told=Told.CALL_BACK),
        CallTold(told=Told.CALL_BACK, at=TUESDAY - timedelta(hours=1)),
        CallTold(told=Told.CALL_BACK, at=TUESDAY + timedelta(days=40)),
    ],
    ids=["no day", "over", "beyond the ceiling", "no hour", "past", "too far"],
)
def test_what_cannot_be_told_is_refused_whole(called: World, told: CallTold) -> None:
    with pytest.raises((InputError, Conflict)):
        tell(called, told)
    assert dialled(called) == []
    assert open_kinds(called) == ["call"]


def test_a_viewer_tells_nothing(called: World) -> None:
    with pytest.raises(Conflict):
        answer_call(
            called.database, called.strategy(), called.case().id, CallTold(told=Told.TALKED),
            who=Who("v", "viewer"), now=TUESDAY, name="call:a",
        )  # fmt: skip
