"""Words that the law forbids keep a message back, a person is told, and the reason does not repeat them."""

from collections.abc import Sequence

from msgspec.structs import replace

from channels.contract import SmsMessage
from orchestrator.flows.dispatch import dispatch_all
from orchestrator.rendering.brief import Brief
from orchestrator.rendering.compose import Composed
from orchestrator.storage import tasks
from orchestrator.storage.messages import MessageState
from tests.flows.conftest import TUESDAY, World, row


def dispatch_saying(world: World, words: str) -> int:
    """Sends what is planned with these words at the end of each SMS; how many left."""
    post = world.post(TUESDAY)

    def compose(brief: Brief, release: str, mentions: Sequence[str]) -> Composed:
        composed = post.compose(brief, release, mentions)
        assert isinstance(composed.message, SmsMessage)
        text = f"{composed.message.text} {words}"
        return replace(composed, message=replace(composed.message, text=text), text=text)

    return dispatch_all(world.database, world.strategy(), replace(post, compose=compose), now=TUESDAY).left


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
