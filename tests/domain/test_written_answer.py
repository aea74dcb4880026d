"""An agent's own words on their way: once, by their own channel, after a doubt is settled, past the end of a case."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from channels.contract import Channel, DeliveryStatus
from orchestrator.domain import events as ev
from orchestrator.domain.act_effects import effects_of
from orchestrator.domain.acting import Acting
from orchestrator.domain.acts import AskCall, ReadReply, WriteAnswer
from orchestrator.domain.campaign import AgreementTerms, Mode, Purpose, Use
from orchestrator.domain.case import Case
from orchestrator.domain.condition import ALWAYS
from orchestrator.domain.decision import Ask, Send, Wait
from orchestrator.domain.duration import Duration
from orchestrator.domain.errors import Conflict, InputError
from orchestrator.domain.interruption import Pause
from orchestrator.domain.voice import Voice
from tests.builders import a_campaign, a_case, a_context, instant
from tests.domain import facts
from tests.domain.stories import asked, at, ends, live, said, sends

MONDAY = "2026-03-09 09:00"
BEGUN = facts.entered(at="2026-03-05 08:00")


def begun(*known: ev.Event) -> Case:
    """A case that was reminded on Saturday the 7th."""
    return a_case(facts=(BEGUN, facts.gone("reminder-1", at="2026-03-07 08:00"), *known))


def wrote(reply_id: str = "r1", *, when: str = MONDAY, channel: Channel = Channel.EMAIL) -> ev.AnswerWritten:
    return ev.AnswerWritten(
        id=f"act:{reply_id}", at=instant(when), by="ann", channel=channel, words="Bonjour", reply_id=reply_id
    )


def left(fact: ev.AnswerWritten, *, when: str = MONDAY, is_in_doubt: bool = False) -> ev.MessageLeft:
    step = f"answer.written:{fact.reply_id}:{fact.id}"
    return facts.gone(
        step, at=when, purpose=Purpose.ANSWER, template="written-answer", cause=fact.id, attempt_id="a1",
        is_in_doubt=is_in_doubt,
    )  # fmt: skip


def test_it_leaves_once_by_its_channel_and_is_no_demand() -> None:
    moments = live(begun(), facts=(wrote(),), start=MONDAY, days=3)
    assert said(moments) == ["2026-03-09 answer.written:r1:act:r1 email courteous"]
    ((_, act),) = sends(moments)
    assert (act.purpose, act.template) == (Purpose.ANSWER, "written-answer")


def test_another_channel_is_never_taken_in_its_place() -> None:
    closed = begun(facts.opted_out("email", at="2026-03-08 09:00"))
    moments = live(closed, facts=(wrote(),), start=MONDAY, days=3)
    assert said(moments) == []
    assert asked(moments) == ["answer_not_sent act:r1 agent"]


def test_each_of_two_answers_leaves() -> None:
    moments = live(begun(), facts=(wrote("r1"), wrote("r2", when="2026-03-09 09:01")), start=MONDAY, days=3)
    assert [line.split()[1] for line in said(moments)] == ["answer.written:r1:act:r1", "answer.written:r2:act:r2"]


def test_who_is_fragile_is_answered_in_the_voice_that_listens() -> None:
    moments = live(begun(facts.marked("vulnerable", at="2026-03-08 09:00")), facts=(wrote(),), start=MONDAY, days=1)
    assert [act.voice for _, act in sends(moments)] == [Voice.LISTENING]


def test_in_doubt_it_waits_and_absent_it_is_sent_again() -> None:
    fact = wrote()
    doubted = begun(fact, left(fact, is_in_doubt=True))
    assert isinstance(at("2026-03-09 10:00", doubted).act, Wait)
    assert at("2026-03-17 10:00", doubted).act == Wait(None), "nor is anything demanded meanwhile"
    settled = ev.DoubtSettled(
        id="s", at=instant("2026-03-09 11:00"), message_id=left(fact).message_id, attempt_id="a1", was_sent=False
    )
    again = at("2026-03-09 11:00", begun(fact, left(fact, is_in_doubt=True), settled)).act
    assert isinstance(again, Send)
    assert (again.cause, again.ordinal) == (fact.id, 1)
    sent = settled_as(settled, was_sent=True)
    after = at("2026-03-09 11:00", begun(fact, left(fact, is_in_doubt=True), sent)).act
    assert not isinstance(after, Send) or after.cause != fact.id


def settled_as(fact: ev.DoubtSettled, *, was_sent: bool) -> ev.DoubtSettled:
    return ev.DoubtSettled(
        id=fact.id, at=fact.at, message_id=fact.message_id, attempt_id=fact.attempt_id, was_sent=was_sent
    )


def test_a_case_that_ends_meanwhile_sends_it_all_the_same() -> None:
    pause = Pause(
        id="p", scope=ALWAYS, since=instant(MONDAY), ends_at=instant("2026-03-10 12:00"), channels=("sms",),
        reason="test", by="test",
    )  # fmt: skip
    paid = facts.paid(2000, "F-1", on="2026-03-09", at="2026-03-09 09:30")
    told = (wrote(channel=Channel.SMS), paid)
    moments = live(begun(), facts=told, start=MONDAY, days=4, context=a_context(pauses=(pause,)))
    assert ends(moments) == ["paid"]
    assert said(moments)[-1] == "2026-03-10 answer.written:r1:act:r1 sms courteous"


def test_a_case_that_is_only_observed_says_so_and_sends_nothing() -> None:
    act = at(MONDAY, begun(wrote()), a_campaign(mode=Mode.OBSERVE)).act
    assert isinstance(act, Ask)
    assert act.task == "answer_not_sent"


def test_one_that_came_back_is_told_once() -> None:
    fact = wrote()
    lost = facts.reported(left(fact).message_id, DeliveryStatus.BOUNCED, at="2026-03-09 10:00")
    moments = live(begun(fact, left(fact), lost), start="2026-03-09 10:00", days=5)
    told = [line for line in asked(moments) if line.startswith("answer_not_sent")]
    assert told == ["answer_not_sent act:r1 agent"]
    read = facts.closed("answer_not_sent:act:r1", at="2026-03-09 11:00")
    after = live(begun(fact, left(fact), lost), facts=(read,), start="2026-03-09 10:00", days=12)
    assert any("reminder-2" in line for line in said(after)), "the ladder goes on"
    assert [line for line in asked(after) if line.startswith("answer_not_sent")] == told


# ------------------------------------------------------------------------------------------------ the act


def acting(case: Case, name: str = "act:1") -> Acting:
    return Acting(case=case, name=name, at=instant(MONDAY), by="ann", channel="person", role="agent")


@pytest.mark.parametrize("words", ["", "  \n", "\u200b\u200e"])
def test_an_answer_says_something(words: str) -> None:
    with pytest.raises(InputError) as error:
        effects_of(acting(begun()), WriteAnswer(reply_id="r1", channel=Channel.SMS, words=words))
    assert error.value.code == "answer_empty"


def test_an_answer_that_left_is_not_written_again_and_one_that_did_not_may_be() -> None:
    fact, act = wrote(), WriteAnswer(reply_id="r1", channel=Channel.EMAIL, words="Bonjour")
    for case in (begun(fact), begun(fact, left(fact), facts.reacted(fact.id, at="2026-03-09 10:00"))):
        with pytest.raises(Conflict) as error:
            effects_of(acting(case), act)
        assert error.value.code == "reply_answered"
    assert effects_of(acting(begun(fact, facts.reacted(fact.id, at="2026-03-09 10:00"))), act)
    other = WriteAnswer(reply_id="r", channel=Channel.EMAIL, words="Bonjour")
    assert effects_of(acting(begun(fact, left(fact), facts.reacted(fact.id, at="2026-03-09 10:00"))), other)


def test_reading_ends_only_what_is_about_that_reply() -> None:
    task = ev.TaskOpened(
        id="t", at=instant(MONDAY), task_id="read_reply:reply:r1", kind="read_reply", subject="reply:r1", role="agent",
        due_at=instant(MONDAY),
    )  # fmt: skip
    assert [type(f) for f in effects_of(acting(begun(task)), ReadReply(reply_id="r1"))] == [ev.TaskClosed]
    other = ev.ReplyReceived(id="reply:r3", at=instant(MONDAY), channel="sms", reply_id="r3")
    assert effects_of(acting(begun(task, other)), ReadReply(reply_id="r2")) == ()


def test_a_call_is_asked_for_once() -> None:
    (asked_for,) = effects_of(acting(begun()), AskCall(reply_id="r1"))
    with pytest.raises(Conflict):
        effects_of(acting(begun(asked_for), "act:2"), AskCall(reply_id="r1"))


def test_the_use_of_an_answer_is_its_channel() -> None:
    moments = live(begun(), facts=(wrote(channel=Channel.SMS),), start=MONDAY, days=2)
    assert [act.use for _, act in sends(moments)] == [Use.SMS]


@pytest.mark.parametrize("length, until", [("5 business days", 7), ("3d", 3), ("0d", None)])
def test_the_campaign_says_how_long_no_demand_follows_an_answer(length: str, until: int | None) -> None:
    given = replace(acting(begun()), terms=AgreementTerms(after_answer=Duration.parse(length)))
    done = effects_of(given, WriteAnswer(reply_id="r1", channel=Channel.EMAIL, words="Bonjour"))
    ends = [fact.hold.until for fact in done if isinstance(fact, ev.HoldPlaced)]
    assert ends == ([] if until is None else [given.today + timedelta(days=until)])
