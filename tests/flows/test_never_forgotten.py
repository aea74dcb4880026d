"""What holds a case without an end is asked about for as long as it runs (semantics C1), whatever people answer."""

from datetime import timedelta

import pytest

from orchestrator.domain import acts
from orchestrator.domain.agreement import HoldKind
from orchestrator.domain.errors import Conflict
from orchestrator.domain.voice import Voice
from orchestrator.flows.act_on_case import act_on_case
from orchestrator.flows.answer_task import answer_task
from orchestrator.storage.tasks import Task
from tests.flows.conftest import World, row
from tests.flows.test_record_replies import MAIL, a_mail, a_text, days, hear, reminded
from tests.flows.test_stops_and_persons import open_tasks


def answer_all(world: World, day: int, answer: str) -> None:
    for task in open_tasks(world):
        try:
            answer_task(world.database, task.id, answer=answer, by="lea", role="admin", now=days(day, 2))
        except Conflict as refused:
            assert refused.code == "dispute_unanswered"  # noqa: PT017  # most answers are taken


def asked_after_a_week(world: World, text: str, answer: str) -> list[Task]:
    """The tasks that wait on the days of three months, when every task is answered on its day and nothing is done."""
    reminded(world, row(email=MAIL))
    hear(world, a_text(text))
    asked: list[Task] = []
    for day in range(90):
        world.advance(now=days(day, 1))
        world.dispatch(now=days(day, 1))
        asked += open_tasks(world) if day > 7 else []
        answer_all(world, day, answer)
    return asked


@pytest.mark.parametrize(
    "text, answer",
    [
        ("je ne peux pas payer, chômage", "done"),
        ("mon père est décédé", "refuse"),
        ("mon père est décédé", "done"),
        ("je vais me suicider à cause de vous", "done"),
    ],
)
def test_who_is_held_without_an_end_is_looked_at_again_and_again(world: World, text: str, answer: str) -> None:
    """Every fifteen days, each time a task of its own; nothing is released by itself."""
    asked = asked_after_a_week(world, text, answer)
    assert {task.kind for task in asked} == {"review_hold"}
    assert len({task.id for task in asked}) == len(asked)
    assert len(asked) == 5
    assert [d for d in world.case().departures if d.at > days(7)] == []


def test_a_dispute_is_not_done_before_it_is_answered(world: World) -> None:
    reminded(world, row(email=MAIL))
    hear(world, a_text("je conteste cette facture"))
    world.advance(now=days(0, 1))
    (task,) = [task for task in open_tasks(world) if task.kind == "answer_dispute"]
    for answer in ("done", "refuse"):
        with pytest.raises(Conflict) as refused:
            answer_task(world.database, task.id, answer=answer, by="lea", role="admin", now=days(0, 2))
        assert refused.value.code == "dispute_unanswered"
        assert "answer-dispute" in refused.value.hint
        assert "lift" in refused.value.hint
    assert task.id in {each.id for each in open_tasks(world)}
    do(world, acts.AnswerDispute(hold_id=task.subject, outcome=acts.DisputeOutcome.REJECTED), day=1)
    assert task.id not in {each.id for each in open_tasks(world)}


def do(world: World, act: acts.Act, *, day: int) -> None:
    act_on_case(
        world.database, world.strategy(), world.case().id, act, by="x", role="manager", now=days(day), name=f"act:{day}"
    )


def test_a_dispute_waits_in_its_task_for_ever(world: World) -> None:
    assert {task.kind for task in asked_after_a_week(world, "je conteste cette facture", "done")} == {"answer_dispute"}


def test_a_credit_that_was_refused_is_asked_about_again_while_its_document_is_held(world: World) -> None:
    reminded(world, row(email=MAIL))
    hear(world, a_text("je conteste cette facture"))
    world.advance(now=days(0, 1))
    (task,) = [task for task in open_tasks(world) if task.kind == "answer_dispute"]
    do(world, acts.AnswerDispute(hold_id=task.subject, outcome=acts.DisputeOutcome.UPHELD), day=1)
    (credit,) = [task for task in open_tasks(world) if task.kind == "credit_note"]
    world.dispatch(now=days(1, 1))
    answer_task(world.database, credit.id, answer="refuse", by="lea", role="admin", now=days(2))
    world.advance(now=days(17) - timedelta(minutes=1))
    assert open_tasks(world) == []
    world.advance(now=days(17))
    (review,) = open_tasks(world)
    assert (review.kind, review.subject) == ("review_hold", credit.subject)
    answer_task(world.database, review.id, answer="done", by="lea", role="admin", now=days(18))
    world.advance(now=days(33))
    (again,) = open_tasks(world)
    assert (again.kind, again.subject) == ("review_hold", f"{credit.subject}:review-2")
    do(world, acts.LiftHold(hold_id=credit.subject, why="no credit"), day=34)
    assert open_tasks(world) == []


def test_hardship_holds_every_account_of_the_debtor_and_is_answered_once(world: World) -> None:
    world.load(row("F-1", email=MAIL, phone=""), row("F-2", email=MAIL, phone="").replace(";EUR;", ";USD;"))
    hear(world, a_mail("je ne peux pas payer, je suis au chômage"))
    kinds = [[hold.kind for hold in case.holds] for case in world.cases()]
    assert kinds == [[HoldKind.HARDSHIP]] * 2
    assert all(case.has_mark("hardship") for case in world.cases())
    for day in range(5):
        world.advance(now=days(day, 1))
        world.dispatch(now=days(day, 1))
    left = [departure.voice for case in world.cases() for departure in case.departures]
    assert left == [Voice.LISTENING]
    assert [task.kind for task in open_tasks(world)].count("call_back") == 1
    (declared,) = [case for case in world.cases() if case.departures]
    lift = acts.LiftHold(hold_id=declared.holds[0].id, why="agreed")
    act_on_case(world.database, world.strategy(), declared.id, lift, by="x", role="manager", now=days(6), name="lift")
    assert [case.has_mark("hardship") for case in world.cases()] == [False, False]
    assert [len(case.lifted) for case in world.cases()] == [1, 1]
