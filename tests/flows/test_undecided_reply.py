"""What a reply may have told that nobody has decided: that comes before its answer, reading or task ends it."""

import pytest

from orchestrator.domain import acts
from orchestrator.domain.agreement import Hold, HoldKind, HoldScope
from orchestrator.domain.errors import RelanceError
from orchestrator.domain.events import HoldPlaced
from orchestrator.domain.reply import Intent
from orchestrator.domain.voice import Voice
from orchestrator.flows.answer_reply import decide_on_reply, finish_reply
from orchestrator.flows.answer_task import answer_task
from orchestrator.storage import tasks
from orchestrator.storage.replies import ReplyState
from tests.flows.conftest import TUESDAY, World
from tests.flows.test_answer_reply import answer, asked, at_work, departed, refused, sends, state

UNSURE = "fin de mois difficile"


def finish(world: World, reply_id: str, *not_so: Intent) -> None:
    finish_reply(world.database, world.strategy(), reply_id, at_work("ann"), not_so=not_so)


def test_an_answer_waits_until_somebody_has_decided_whether_it_is_hardship(world: World) -> None:
    """The answer ends the reply's hold: a hardship that nobody recorded would be chased again after a few days."""
    reply_id = asked(world, UNSURE)
    assert refused(world, reply_id) == "reply_undecided"
    with pytest.raises(RelanceError) as error:
        finish(world, reply_id)
    assert error.value.code == "reply_undecided"
    assert "cannot_pay" in error.value.message
    assert state(world, reply_id) is ReplyState.OPEN
    assert not world.case().lifted


def test_who_says_that_it_is_not_so_answers_or_ends_the_reading(world: World) -> None:
    first, second = asked(world, UNSURE), asked(world, UNSURE, key="SM2")
    answer(world, first, not_so=(Intent.CANNOT_PAY,))
    finish(world, second, Intent.CANNOT_PAY)
    assert len(sends(world)) == 1
    assert state(world, second) is ReplyState.DONE


@pytest.mark.parametrize("said", ["done", "refuse"])
def test_a_task_that_is_merely_done_decides_nothing(world: World, said: str) -> None:
    """My day, the API and the command end tasks too: none of them lifts the hold of what nobody has decided."""
    reply_id = asked(world, UNSURE)
    world.advance()
    with world.database.read() as conn:
        (task,) = tasks.search(conn, tasks.Filter(kind="read_reply"), limit=2)
    with pytest.raises(RelanceError) as error:
        answer_task(world.database, task.id, answer=said, by="ann", role="admin", now=TUESDAY)
    assert error.value.code == "reply_undecided"
    assert state(world, reply_id) is ReplyState.OPEN
    assert not world.case().lifted
    decide_on_reply(world.database, world.strategy(), reply_id, acts.DeclareHardship(), at_work("ann"))
    answer_task(world.database, task.id, answer=said, by="ann", role="admin", now=TUESDAY)
    assert state(world, reply_id) is ReplyState.DONE


def test_hardship_that_was_recorded_lets_the_answer_leave_in_the_voice_that_listens(world: World) -> None:
    reply_id = asked(world, UNSURE)
    decide_on_reply(world.database, world.strategy(), reply_id, acts.DeclareHardship(), at_work("ann"))
    answer(world, reply_id)
    sends(world)
    sends(world)
    assert departed(world).voice is Voice.LISTENING
    assert any(hold.kind is HoldKind.HARDSHIP for hold in world.case().holds)


def test_a_dispute_that_is_unsure_is_decided_before_its_answer_too(world: World) -> None:
    reply_id = asked(world, "c'est trop cher pour moi en ce moment")
    assert refused(world, reply_id) == "reply_undecided"
    decide_on_reply(world.database, world.strategy(), reply_id, acts.OpenDispute(words="trop cher"), at_work("ann"))
    answer(world, reply_id)
    assert state(world, reply_id) is ReplyState.DONE


def test_a_hold_of_the_person_is_listened_to_also_where_the_case_bears_no_mark(world: World) -> None:
    """Their hardship may have been told in another case: the answer leaves in the voice that the page shows."""
    reply_id = asked(world)
    hold = Hold(id="vulnerable:other", kind=HoldKind.VULNERABLE, since=TUESDAY, scope=HoldScope.PERSON)
    world.record(HoldPlaced(id="other:hold", at=TUESDAY, hold=hold), now=TUESDAY)
    answer(world, reply_id)
    sends(world)
    assert departed(world).voice is Voice.LISTENING
