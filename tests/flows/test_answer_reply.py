"""A person answers a reply in their own words: judged before, sent once by the same gate; what stays is told."""

from datetime import datetime, timedelta
from itertools import count
from typing import Any

import msgspec
import pytest

from channels.contract import Channel, DeliveryStatus
from orchestrator.domain import acts
from orchestrator.domain.agreement import HoldKind
from orchestrator.domain.campaign import Mode, Purpose
from orchestrator.domain.case import Departure
from orchestrator.domain.condition import ALWAYS
from orchestrator.domain.context import Context
from orchestrator.domain.errors import RelanceError
from orchestrator.domain.events import OptedOut
from orchestrator.domain.interruption import Pause
from orchestrator.domain.reply import Intent
from orchestrator.domain.voice import Voice
from orchestrator.flows.answer_reply import AtWork, answer_reply
from orchestrator.flows.check_answer import AnswerCheck, check_answer
from orchestrator.flows.explain_case import explain_case
from orchestrator.flows.foresee_case import foresee_case
from orchestrator.flows.pause_sending import start_pause
from orchestrator.flows.resume_sending import resume_pause
from orchestrator.flows.surroundings import contexts
from orchestrator.rendering.why import Storyteller, tell_all
from orchestrator.storage import cases, contents, replies, tasks
from orchestrator.storage.replies import ReplyState
from tests.domain import facts
from tests.flows.conftest import TUESDAY, World, row
from tests.flows.test_act_on_case import facts_of
from tests.flows.test_record_replies import a_mail, a_text, hear, reminded

WORDS = "Merci pour votre message. Votre règlement peut se faire en plusieurs fois : dites-nous ce qui est possible."
_names = count(1)
HOUR = timedelta(hours=1)


def asked(world: World, text: str = "c'est quoi ce truc bizarre ?", *, key: str = "SM1") -> str:
    """A reply that a machine does not understand; its id."""
    if not world.cases():
        reminded(world)
    (recorded,) = hear(world, a_text(text, key=key))
    return recorded.reply_id


def answer(
    world: World, reply_id: str, words: str = WORDS, *, by: str = "ann", role: str = "agent",
    now: datetime = TUESDAY, name: str = "", channel: Channel = Channel.SMS, creditors: frozenset[str] | None = None,
    not_so: tuple[Intent, ...] = (),
) -> AnswerCheck:  # fmt: skip
    who = at_work(by, role=role, now=now, name=name, creditors=creditors)
    return answer_reply(
        world.database, world.strategy(), world.post(now), reply_id, who, channel=channel, words=words, not_so=not_so
    )


def at_work(by: str, *, role: str = "agent", now: datetime = TUESDAY, name: str = "", **more: Any) -> AtWork:
    return AtWork(by=by, role=role, name=name or f"answer:{next(_names)}", now=now, real_now=now, **more)


def check(world: World, reply_id: str, words: str = WORDS, *, channel: Channel = Channel.SMS) -> AnswerCheck:
    return check_answer(
        world.database, world.strategy(), world.post(TUESDAY), reply_id, channel=channel, words=words, now=TUESDAY
    )


def refused(world: World, reply_id: str, words: str = WORDS, **given: object) -> str:
    """The code of the refusal; it has a remedy, and changes nothing."""
    before = world.case()
    with pytest.raises(RelanceError) as error:
        answer(world, reply_id, words, **given)  # type: ignore[arg-type]  # as `answer` takes them
    assert error.value.hint
    assert world.case() == before
    return error.value.code


def sends(world: World, now: datetime = TUESDAY) -> list[str]:
    """The texts of the answers that left by then."""
    world.advance(now=now)
    world.dispatch(now=now)
    left = [message for message in world.messages() if message.send.template == "written-answer" and message.left_at]
    with world.database.read() as conn:
        found = contents.load(conn, [message.content_hash for message in left if message.content_hash])
    return [found[message.content_hash].text for message in left if message.content_hash]


def departed(world: World) -> Departure:
    """The only answer of a person that left."""
    (left,) = [d for d in world.case().departures if d.template == "written-answer"]
    return left


def open_kinds(world: World) -> list[str]:
    with world.database.read() as conn:
        return sorted(task.kind for task in tasks.search(conn, tasks.Filter(), limit=50))


def state(world: World, reply_id: str) -> ReplyState:
    with world.database.read() as conn:
        return replies.load(conn, [reply_id])[0].state


# ------------------------------------------------------------------------------------------------ it leaves


def test_words_of_a_person_leave_in_their_frame_once_and_end_the_reading(world: World) -> None:
    """R10: somebody answers; the message says who writes, for what case, and how to be left alone."""
    reply_id = asked(world)
    world.advance()
    assert open_kinds(world) == ["read_reply"]
    assert answer(world, reply_id).leaves_at == TUESDAY
    (text,) = sends(world)
    assert "dites-nous ce qui est possible" in text
    assert text.startswith("Acme T")
    assert world.case().id in text
    assert "refuser les SMS" in text
    assert "/d/" in text
    assert open_kinds(world) == []
    assert state(world, reply_id) is ReplyState.DONE
    assert world.case().answers == ()
    assert sends(world, TUESDAY + HOUR) == [text]
    assert departed(world).purpose is Purpose.ANSWER


def test_the_reading_ends_also_when_nobody_was_asked_yet(world: World) -> None:
    reply_id = asked(world)
    answer(world, reply_id)
    assert len(sends(world)) == 1
    assert open_kinds(world) == []
    assert [hold.kind for hold in world.case().holds if hold.kind is HoldKind.UNREAD_REPLY] == [HoldKind.UNREAD_REPLY]
    assert {switch.key for switch in world.case().lifted} == {f"unread:reply:{reply_id}"}


def test_why_tells_the_answer_with_its_words_and_who_wrote_it(world: World) -> None:
    answer(world, asked(world))
    sends(world)
    told = explain_case(world.database, world.strategy(), world.case().id, now=TUESDAY)
    teller = Storyteller(language="fr", currency="EUR", zone="Europe/Paris", title_of=lambda _rule, _day: ("", ""))
    story = "\n".join(line.sentence for line in tell_all(teller, told.facts))
    assert "réponse écrite par une personne (SMS) : Merci pour votre message." in story
    assert "MESSAGE PARTI : réponse écrite par une personne" in story


def test_told_twice_under_one_name_it_is_written_once(world: World) -> None:
    reply_id = asked(world)
    answer(world, reply_id, name="answer:once")
    answer(world, reply_id, name="answer:once")
    assert len(sends(world)) == 1


def test_a_second_answer_to_the_same_reply_is_refused(world: World) -> None:
    """Semantics B6: an answer is free once per act of the debtor."""
    reply_id = asked(world)
    answer(world, reply_id)
    assert refused(world, reply_id, by="bob") == "reply_answered"
    sends(world)
    assert refused(world, reply_id, by="bob") == "reply_answered"
    answer(world, asked(world, "et alors, quoi encore ?", key="SM2"))
    assert len(sends(world)) == 2


def test_the_words_are_data_and_never_markup(world: World) -> None:
    world.load(row(email="jeanne@example.org", phone=""))
    world.advance()
    world.dispatch()
    (recorded,) = hear(world, a_mail("c'est quoi ce truc bizarre ?"))
    answer(world, recorded.reply_id, "Voici <b>{{ amount }}</b>\nVotre {% if x %}", channel=Channel.EMAIL)
    (text,) = sends(world)
    html = msgspec.json.decode(text)["html"]
    assert "&lt;b&gt;{{ amount }}&lt;/b&gt;</p>" in html
    assert "Votre {% if x %}</p>" in html
    assert "<b>" not in html


# ----------------------------------------------------------------------------------------- what keeps it back


def test_a_threat_is_shown_before_and_refused(world: World) -> None:
    reply_id = asked(world)
    threat = "Payez aujourd'hui ou un huissier viendra saisir vos meubles."
    found = check(world, reply_id, threat)
    assert not found.is_sayable
    assert any(finding.blocks and "huissier" in finding.words for finding in found.findings)
    assert refused(world, reply_id, threat) == "answer_forbidden"
    assert sends(world) == []


def test_the_gate_holds_a_threat_that_was_written_all_the_same_and_people_are_told(world: World) -> None:
    """Whoever writes the act alone meets the same lint at the gate."""
    reply_id = asked(world)
    words = "Payez aujourd'hui ou un huissier viendra saisir vos meubles."
    act = acts.WriteAnswer(reply_id=reply_id, channel=Channel.SMS, words=words)
    facts_of(world, act)
    assert sends(world) == []
    assert open_kinds(world) == ["answer_not_sent", "content"]


def test_a_closed_channel_refuses_with_its_reason(world: World) -> None:
    reply_id = asked(world)
    world.record(OptedOut(id="out", at=TUESDAY, channel=Channel.SMS), now=TUESDAY)
    found = check(world, reply_id)
    assert found.refusal == "no_channel"
    assert "opted_out" in str(found.blocks)
    assert refused(world, reply_id) == "answer_refused"


def test_a_stop_after_the_answer_was_written_keeps_it_back_and_somebody_is_told(world: World) -> None:
    answer(world, asked(world))
    hear(world, a_text("STOP", key="SM9"))
    assert sends(world) == []
    assert "answer_not_sent" in open_kinds(world)


def test_an_answer_passes_a_hold_that_only_stops_demands(world: World) -> None:
    reply_id = asked(world)
    world.record(facts.in_hardship(at="2026-03-10 08:00"), now=TUESDAY)
    assert check(world, reply_id).leaves_at == TUESDAY
    answer(world, reply_id)
    sends(world)
    assert len(sends(world)) == 1, "after the machine's own words about the hardship"
    assert departed(world).voice is Voice.LISTENING


def test_a_hold_that_blocks_everything_blocks_the_answer(world: World) -> None:
    reply_id = asked(world)
    hear(world, a_text("mon père est décédé", key="SM2"))
    assert check(world, reply_id).refusal == "held"
    assert refused(world, reply_id, role="manager") == "answer_refused"


def test_at_night_it_waits_for_the_morning_and_says_so(world: World) -> None:
    reply_id = asked(world)
    night = TUESDAY.replace(hour=22)
    waits = answer(world, reply_id, now=night)
    assert waits.leaves_at is not None
    assert waits.leaves_at > night
    assert sends(world, night) == []
    assert len(sends(world, waits.leaves_at)) == 1


def test_a_pause_keeps_it_and_after_three_days_a_person_is_told(world: World) -> None:
    reply_id = asked(world)
    paused(world)
    assert check(world, reply_id).leaves_at is None
    answer(world, reply_id)
    assert sends(world) == []
    assert open_kinds(world) == []
    resume_pause(world.database, world.strategy(), "p-1", by="test", now=TUESDAY + 4 * 24 * HOUR)
    assert sends(world, TUESDAY + 4 * 24 * HOUR) == []
    assert "answer_not_sent" in open_kinds(world)


def paused(world: World) -> None:
    start_pause(world.database, Pause(id="p-1", scope=ALWAYS, since=TUESDAY, reason="test", by="test"))


def test_a_case_that_is_only_observed_refuses(world: World) -> None:
    reply_id = asked(world)
    observed = world.strategy(Mode.OBSERVE)
    found = check_answer(
        world.database, observed, world.post(TUESDAY), reply_id, channel=Channel.SMS, words=WORDS, now=TUESDAY
    )
    assert found.refusal == "observed"


def test_an_answer_that_came_back_is_told(world: World) -> None:
    answer(world, asked(world))
    sends(world)
    message_id = departed(world).message_id
    world.record(
        facts.reported(message_id, DeliveryStatus.UNDELIVERED, at="2026-03-10 10:00", channel="sms"), now=TUESDAY + HOUR
    )
    sends(world, TUESDAY + HOUR)
    assert open_kinds(world) == ["answer_not_sent"]


@pytest.mark.parametrize("words, code", [("   ", "answer_empty"), ("mot " * 200, "answer_too_long")])
def test_words_that_are_no_answer_are_refused(world: World, words: str, code: str) -> None:
    assert refused(world, asked(world), words) in (code, "answer_forbidden")


# ----------------------------------------------------------------------------------------- the silence after it


def demands(world: World, now: datetime) -> int:
    """How many demands have left once everything due at an instant is done."""
    world.advance(now=now)
    world.dispatch(now=now)
    return len([d for d in world.case().departures if d.purpose is Purpose.DEMAND and not d.is_in_doubt])


def asked_on_the_eve(world: World) -> tuple[str, datetime]:
    """A reply that came in the evening before the next step, and the morning when somebody answers it."""
    reminded(world)
    upcoming = foresee_case(world.case(), world.strategy(), case_context(world, TUESDAY), TUESDAY)[0].at
    (recorded,) = hear(world, a_text("c'est quoi ce truc bizarre ?", key="EVE"), now=upcoming - 12 * HOUR)
    return recorded.reply_id, upcoming


def test_no_demand_follows_a_persons_answer_for_five_working_days(world: World) -> None:
    """Who was answered has time to react, also where the next step was only hours away when they wrote."""
    reply_id, morning = asked_on_the_eve(world)
    before = demands(world, morning)
    answer(world, reply_id, now=morning)
    sends(world, now=morning)
    days = [day for day in range(15) if demands(world, morning + timedelta(days=day)) > before]
    assert morning.date().isoformat() == "2026-03-20"  # a Friday; the fifth working day is the next one
    assert days[0] == 10  # what was left of the step's own wait ends on Saturday at noon: Monday morning


def test_why_and_what_comes_next_tell_the_silence_and_a_person_may_end_it(world: World) -> None:
    reply_id, later = asked_on_the_eve(world)
    answer(world, reply_id, now=later)
    sends(world, now=later)
    told = explain_case(world.database, world.strategy(), world.case().id, now=later)
    teller = Storyteller(language="fr", currency="EUR", zone="Europe/Paris", title_of=lambda _rule, _day: ("", ""))
    assert "le temps de réagir à notre réponse" in "\n".join(line.sentence for line in tell_all(teller, told.facts))
    context = case_context(world, later)
    first = foresee_case(world.case(), world.strategy(), context, later)[0]
    assert first.at.date() == (later + timedelta(days=8)).date()
    assert [reason.values[0] for reason in first.waited if reason.rule == "HOLD"] == [("hold", "answer_given")]
    (held,) = [hold for hold in world.case().holds if hold.kind is HoldKind.ANSWER_GIVEN]
    facts_of(world, acts.LiftHold(hold_id=held.id, why="called us"), now=later + HOUR)
    assert foresee_case(world.case(), world.strategy(), context, later + HOUR)[0].at < first.at


def case_context(world: World, now: datetime) -> Context:
    with world.database.read() as conn:
        stored = cases.load(conn, [world.case().id])
        return contexts(conn, world.strategy(), stored, now=now)[world.case().id]
