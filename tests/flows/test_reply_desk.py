"""One person works on a reply; which is taken up first; whose it is; what is proposed to say (R10, R29)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from orchestrator.domain import acts
from orchestrator.domain.agreement import HoldKind
from orchestrator.domain.errors import Conflict, InputError, NotFound
from orchestrator.domain.voice import Voice
from orchestrator.flows.answer_reply import decide_on_reply, finish_reply
from orchestrator.flows.claim_reply import LEASE, release_claim, take_claim
from orchestrator.flows.open_reply import open_reply
from orchestrator.flows.place_reply import place_reply
from orchestrator.flows.suggest_answer import Suggestion
from orchestrator.rendering.answer_words import answer_words
from orchestrator.storage import replies, waiting_replies
from orchestrator.storage.replies import ReplyState
from tests.flows.conftest import TUESDAY, World, row
from tests.flows.test_answer_reply import (
    HOUR,
    WORDS,
    answer,
    asked,
    at_work,
    check,
    open_kinds,
    refused,
    sends,
    state,
)
from tests.flows.test_record_replies import a_text, hear, reminded
from tests.rendering.wording import TEMPLATES

WORDS_OF = answer_words(TEMPLATES, TEMPLATES)


# ------------------------------------------------------------------------------------------------ two people


def test_who_has_not_taken_it_may_not_answer_while_another_has(world: World) -> None:
    reply_id = asked(world)
    taken = take_claim(world.database, reply_id, by="ann", real_now=TUESDAY)
    assert taken is not None
    assert taken.taken_at == TUESDAY
    assert refused(world, reply_id, by="bob") == "reply_taken"
    with pytest.raises(Conflict, match="ann"):
        take_claim(world.database, reply_id, by="bob", real_now=TUESDAY + LEASE / 2)
    with pytest.raises(Conflict):
        finish(world, reply_id, by="bob")
    with pytest.raises(Conflict):
        decide_on(world, reply_id, acts.DeclareHardship(), by="bob")
    assert release_claim(world.database, reply_id, by="bob") is False
    assert release_claim(world.database, reply_id, by="ann") is True
    answer(world, reply_id, by="bob")


def finish(world: World, reply_id: str, *, by: str, role: str = "agent") -> None:
    finish_reply(world.database, world.strategy(), reply_id, at_work(by, role=role))


def decide_on(world: World, reply_id: str, act: acts.Act, *, by: str) -> None:
    decide_on_reply(world.database, world.strategy(), reply_id, act, at_work(by))


def test_a_lease_ends_by_itself_and_is_renewed_by_its_holder(world: World) -> None:
    reply_id = asked(world)
    take_claim(world.database, reply_id, by="ann", real_now=TUESDAY)
    again = take_claim(world.database, reply_id, by="ann", real_now=TUESDAY + LEASE / 2)
    assert again is not None
    assert (again.taken_at, again.held_until) == (TUESDAY, TUESDAY + LEASE * 1.5)
    with pytest.raises(Conflict):
        take_claim(world.database, reply_id, by="bob", real_now=TUESDAY + LEASE)
    taken = take_claim(world.database, reply_id, by="bob", real_now=TUESDAY + LEASE * 1.5)
    assert taken is not None
    assert taken.taken_by == "bob"


def test_of_many_who_take_one_reply_at_once_exactly_one_has_it(world: World) -> None:
    reply_id = asked(world)

    def take(number: int) -> bool:
        try:
            return take_claim(world.database, reply_id, by=f"agent-{number}", real_now=TUESDAY) is not None
        except Conflict:
            return False

    with ThreadPoolExecutor(6) as pool:
        won = list(pool.map(take, range(6)))
    assert won.count(True) == 1


def test_of_many_who_answer_one_reply_at_once_exactly_one_does(world: World) -> None:
    reply_id = asked(world)

    def write(number: int) -> bool:
        try:
            answer(world, reply_id, f"{WORDS} {number}", by=f"agent-{number}")
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        won = list(pool.map(write, range(4)))
    assert won.count(True) == 1
    assert len(sends(world)) == 1


# -------------------------------------------------------------------------------------- reading, roles, creditors


def test_who_has_read_it_ends_it_without_a_word(world: World) -> None:
    reply_id = asked(world)
    world.advance()
    finish(world, reply_id, by="ann")
    assert sends(world) == []
    assert open_kinds(world) == []
    assert state(world, reply_id) is ReplyState.DONE


def test_what_a_manager_was_asked_an_agent_does_not_end(world: World) -> None:
    reply_id = asked(world, "je veux mourir")
    with pytest.raises(Conflict) as refusal:
        finish(world, reply_id, by="ann")
    assert refusal.value.code == "role_too_low"
    finish(world, reply_id, by="mia", role="manager")


def test_the_replies_of_another_creditor_do_not_exist(world: World) -> None:
    reply_id = asked(world)
    other = frozenset({"somebody-else"})
    with pytest.raises(NotFound):
        answer(world, reply_id, creditors=other)
    with pytest.raises(NotFound):
        take_claim(world.database, reply_id, by="ann", real_now=TUESDAY, creditors=other)
    answer(world, reply_id, creditors=frozenset({"acme-telecom"}))


def test_what_nobody_can_place_is_answered_by_nobody(world: World) -> None:
    reminded(world)
    (recorded,) = hear(world, a_text("bonjour", sender="+33644630000", key="SM8"))
    with pytest.raises(Conflict) as refusal:
        answer(world, recorded.reply_id)
    assert refusal.value.code == "reply_of_nobody"


# ---------------------------------------------------------------------------------------------------- the line


def in_line(world: World, creditors: frozenset[str] | None = None) -> list[str]:
    with world.database.read() as conn:
        found = waiting_replies.line_up(conn, creditors=creditors, limit=50)
        texts = {reply.id: reply.text for reply in replies.load(conn, [each.reply_id for each in found])}
        assert waiting_replies.count(conn, creditors=creditors) == len(found)
    return [texts[each.reply_id] for each in found]


def test_the_gravest_is_taken_up_first_then_the_oldest_then_the_largest(world: World) -> None:
    world.load(
        row(), row("F-2", debtor="C-2", phone="+33644631235", amount="900,00"),
        row("F-3", debtor="C-3", phone="+33644631236"),
    )  # fmt: skip
    hear(world, a_text("que voulez-vous ?", key="a"), now=TUESDAY)
    hear(world, a_text("que voulez-vous donc ?", key="b", sender="+33644631235"), now=TUESDAY + HOUR)
    hear(world, a_text("bonjour, qui ?", key="c", sender="+33644631236"), now=TUESDAY + HOUR)
    hear(world, a_text("je conteste peut-être, mon avocat", key="d", sender="+33644631235"), now=TUESDAY + HOUR)
    hear(world, a_text("qui est-ce ?", key="e", sender="+33644630000"), now=TUESDAY - timedelta(days=1))
    hear(world, a_text("je veux mourir", key="f", sender="+33644631236"), now=TUESDAY + 2 * HOUR)
    line = in_line(world)
    assert line[0] == "je veux mourir"
    assert line.index("bonjour, qui ?") == 1, "the same person, who turned out to be in danger"
    assert line[-3:] == ["qui est-ce ?", "que voulez-vous donc ?", "que voulez-vous ?"]
    assert in_line(world, frozenset({"acme-telecom"})) == [text for text in line if text != "qui est-ce ?"]
    assert in_line(world, frozenset({"other"})) == []


def test_what_is_dealt_with_leaves_the_line(world: World) -> None:
    reply_id = asked(world)
    assert len(in_line(world)) == 1
    answer(world, reply_id)
    assert in_line(world) == []
    with world.database.read() as conn:
        assert waiting_replies.find(conn, reply_id) is None


def test_words_without_letters_of_the_alphabet_are_refused_or_sent(world: World) -> None:
    with pytest.raises(InputError):
        answer(world, asked(world), "\n\n \t")


# ------------------------------------------------------------------------------------------------ nobody's


def test_a_person_says_whose_a_reply_is_and_it_is_obeyed(world: World) -> None:
    reminded(world)
    (recorded,) = hear(world, a_text("je conteste cette facture, rien reçu", sender="+33644630000", key="SM8"))
    who = at_work("ann")
    with pytest.raises(NotFound):
        place_reply(world.database, world.strategy(), recorded.reply_id, "nobody", who)
    placed = place_reply(world.database, world.strategy(), recorded.reply_id, world.case().id, who)
    assert placed.case_id == world.case().id
    assert HoldKind.DISPUTE in [hold.kind for hold in world.case().holds]
    assert "unknown_sender" not in open_kinds(world)
    with pytest.raises(Conflict) as again:
        place_reply(world.database, world.strategy(), recorded.reply_id, world.case().id, at_work("ann"))
    assert again.value.code == "reply_placed"


def test_the_proposed_answer_holds_the_cases_own_facts(world: World) -> None:
    reminded(world)
    (recorded,) = hear(world, a_text("je paierai 20 euros le 15", key="SM2"))
    proposed = proposal(world, recorded.reply_id)
    assert "15/03/2026" in proposed.text
    assert "20,00" not in proposed.text, "the number is not verified: no amount in an SMS"
    assert check(world, recorded.reply_id, proposed.text).is_sayable
    assert [right.key for right in proposed.rights][:2] == ["dispute", "more_time"]
    assert all(right.source for right in proposed.rights)


def test_whoever_is_in_difficulty_is_answered_in_the_voice_that_listens(world: World) -> None:
    reminded(world)
    (recorded,) = hear(world, a_text("je n'ai plus d'argent, je suis au chômage", key="SM2"))
    proposed = proposal(world, recorded.reply_id)
    assert proposed.voice is Voice.LISTENING
    assert proposed.rights[0].key == "over_indebtedness"


def proposal(world: World, reply_id: str) -> Suggestion:
    opened = open_reply(
        world.database, world.strategy(), reply_id, WORDS_OF, now=TUESDAY, shown_in="fr", creditors=None
    )
    assert opened.suggestion is not None
    return opened.suggestion
