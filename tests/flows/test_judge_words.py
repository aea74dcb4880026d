"""Words that the law forbids keep a message back, a person is told, and the reason does not repeat them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from channels.contract import Channel, SmsMessage
from orchestrator.domain.campaign import DocumentKind, Purpose, Use
from orchestrator.domain.events import MessageLeft
from orchestrator.domain.voice import Voice
from orchestrator.flows.dispatch import dispatch_all
from orchestrator.rendering.brief import Brief
from orchestrator.rendering.compose import Composed
from orchestrator.storage import tasks
from orchestrator.storage.messages import MessageState
from tests.flows.conftest import TUESDAY, World, row


def dispatch_saying(world: World, words: str, now: datetime = TUESDAY) -> int:
    """Sends what is planned with these words at the end of each SMS; how many left."""
    post = world.post(now)

    def compose(brief: Brief, release: str, mentions: Sequence[str]) -> Composed:
        composed = post.compose(brief, release, mentions)
        assert isinstance(composed.message, SmsMessage)
        text = f"{composed.message.text} {words}"
        return replace(composed, message=replace(composed.message, text=text), text=text)

    return dispatch_all(world.database, world.strategy(), replace(post, compose=compose), now=now).left


def test_a_forbidden_word_keeps_the_message_back_and_a_person_is_told(world: World) -> None:
    world.load(row())
    world.advance()
    assert dispatch_saying(world, "Notre huissier passera chez Jeanne Dupont.") == 0
    (message,) = world.messages()
    assert message.state is MessageState.HELD
    assert message.reason.startswith("content: L01 FR-IMP-01")
    assert "huissier" not in message.reason
    assert "Dupont" not in message.reason
    with world.database.read() as conn:
        (told,) = tasks.load(conn, [f"{world.case().id}:content:{message.id}"])
    assert told.role == "manager"
    assert not world.sent()


def test_a_word_that_only_warns_keeps_nothing_back(world: World) -> None:
    world.load(row())
    world.advance()
    assert dispatch_saying(world, "C'est urgent.") == 1


def test_a_certain_lawsuit_is_lawful_words_only_while_the_debt_may_be_sued_for(world: World) -> None:
    """L22 asks the limitation of the debts themselves: what is not time-barred is only too certain, a warning."""
    world.load(row())
    world.advance()
    assert dispatch_saying(world, "Des poursuites seront engagées.") == 1


def energy_letter(kind: DocumentKind, at: datetime, *, about: str = "F-1") -> MessageLeft:
    return MessageLeft(
        id=kind.value, at=at, message_id=kind.value, step=kind.value, cycle=1, ordinal=1, channel=Channel.LETTER,
        use=Use.LETTER, voice=Voice.FACTUAL, template=kind.value, kind=kind, purpose=Purpose.NOTICE,
        references=(about,),
    )  # fmt: skip


@pytest.mark.parametrize(
    "days_ago,about,left", [(20, "F-1", 1), (19, "F-1", 0), (20, "F-2", 0)], ids=["in-time", "too-late", "other-debt"]
)
def test_a_cut_may_be_named_once_both_letters_about_the_debt_left(
    world: World, days_ago: int, about: str, left: int
) -> None:
    april = TUESDAY + timedelta(days=42)
    world.load(row(due="2026-04-13"), now=april)
    world.advance(april)
    world.record(
        energy_letter(DocumentKind.ENERGY_FIRST_LETTER, april - timedelta(days=60)),
        energy_letter(DocumentKind.ENERGY_SECOND_LETTER, april - timedelta(days=days_ago), about=about),
        now=april,
    )
    assert dispatch_saying(world, "Une coupure de votre électricité est possible.", april) == left
