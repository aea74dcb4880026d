"""The morning batch: approvals with their words, ticked one by one or all; what changed is told, the rest goes."""

from datetime import timedelta

import pytest

from orchestrator.domain.campaign import Mode
from orchestrator.domain.errors import InputError
from orchestrator.domain.who import Who
from orchestrator.flows.answer_batch import answer_all, answer_batch
from orchestrator.flows.preview_approvals import Waiting, preview_approvals
from orchestrator.storage.worklist import Chosen
from tests.flows.conftest import TUESDAY, World, row
from tests.flows.workday.conftest import ANNE, day, follow

PHONES = ("+33644631234", "+33644631235", "+33644631236")


def a_row(number: int, amount: str = "42,00") -> str:
    """Each debtor is a person of their own."""
    told = row(f"F-{number}", debtor=f"C-{number}", phone=PHONES[number], amount=amount)
    return told.replace("1 rue du Lac", f"{number + 1} rue du Lac")


@pytest.fixture
def morning(staffed: World) -> World:
    """Three small debtors whose campaign asks before it sends."""
    staffed.load(*(a_row(n) for n in range(3)))
    staffed.advance(mode=Mode.CONFIRM)
    follow(staffed)
    return staffed


def chosen(world: World) -> Chosen:
    """The only batch there is."""
    (batch,) = [each for each in day(world, ANNE).lines if each.kind == "batch"]
    return Chosen(campaign=batch.campaign, step=batch.step)


def waiting(world: World, who: Who = ANNE) -> list[Waiting]:
    strategy, words = world.strategy(Mode.CONFIRM), world.deployment.words_of
    return preview_approvals(world.database, strategy, words, chosen(world), who=who, now=TUESDAY)


def test_the_words_are_those_that_leave_once_approved(morning: World) -> None:
    seen = waiting(morning)
    assert [each.task.amount_cents for each in seen] == [4200, 4200, 4200]
    assert {each.channel for each in seen} == {"sms"}
    assert not [each.problem for each in seen if each.problem]
    ids = [each.task.id for each in seen]
    done = answer_batch(morning.database, morning.strategy(Mode.CONFIRM), ids, answer="approve", who=ANNE, now=TUESDAY)
    assert (set(done.done), done.refused) == (set(ids), ())
    morning.advance(mode=Mode.CONFIRM)
    morning.dispatch()
    with morning.database.read() as conn:
        sent = [morning.contents(conn, message.content_hash) for message in morning.messages()]
    assert len(sent) == 3

    def without_link(text: str) -> str:
        return " ".join(word for word in text.split() if "/d/" not in word)

    assert sorted(map(without_link, sent)) == sorted(without_link(each.text) for each in seen)


def test_ticking_one_leaves_the_others(morning: World) -> None:
    first, *others = waiting(morning)
    answer_batch(morning.database, morning.strategy(), [first.task.id], answer="approve", who=ANNE, now=TUESDAY)
    assert [each.task.id for each in waiting(morning)] == [each.task.id for each in others]


def test_what_was_refused_does_not_leave(morning: World) -> None:
    ids = [each.task.id for each in waiting(morning)]
    answer_batch(morning.database, morning.strategy(), ids, answer="refuse", who=ANNE, now=TUESDAY)
    morning.advance(mode=Mode.CONFIRM)
    assert not morning.messages()


def test_one_that_changed_meanwhile_is_told_and_the_others_go(morning: World) -> None:
    seen = waiting(morning)
    number = int(seen[0].case.debtor.ref.removeprefix("C-"))
    morning.load(a_row(number, "32,00"), now=TUESDAY + timedelta(minutes=1))
    changed = next(each for each in waiting(morning) if each.case.id == seen[0].case.id)
    assert (changed.is_changed, changed.owed_cents) == (True, 3200)
    ids = [each.task.id for each in seen]
    strategy = morning.strategy(Mode.CONFIRM)
    done = answer_batch(morning.database, strategy, ids, answer="approve", who=ANNE, now=TUESDAY)
    assert [(each.task_id, each.code) for each in done.refused] == [(ids[0], "amount_changed")]
    assert set(done.done) == set(ids[1:])
    # It is asked anew at its new amount.
    morning.advance(mode=Mode.CONFIRM, now=TUESDAY + timedelta(minutes=1))
    assert [each.task.amount_cents for each in waiting(morning)] == [3200]


def test_a_second_press_does_nothing_and_says_so(morning: World) -> None:
    ids = [each.task.id for each in waiting(morning)]
    strategy = morning.strategy(Mode.CONFIRM)
    answer_batch(morning.database, strategy, ids, answer="approve", who=ANNE, now=TUESDAY)
    again = answer_batch(morning.database, strategy, [*ids, ids[0], "x"], answer="approve", who=ANNE, now=TUESDAY)
    assert not again.done
    assert [each.code for each in again.refused] == ["task_closed"] * 3 + ["not_found"]


@pytest.mark.parametrize(
    "who, code",
    [(Who("v", "viewer"), "role_too_low"), (Who("a", "agent", frozenset({"another"})), "not_found")],
    ids=["role", "creditor"],
)
def test_each_is_answered_only_by_who_may(morning: World, who: Who, code: str) -> None:
    ids = [each.task.id for each in waiting(morning)]
    done = answer_batch(morning.database, morning.strategy(), ids, answer="approve", who=who, now=TUESDAY)
    assert not done.done
    assert {each.code for each in done.refused} == {code}
    assert len(waiting(morning)) == 3


def test_all_of_a_step_are_answered_at_once(morning: World) -> None:
    strategy = morning.strategy(Mode.CONFIRM)
    none = answer_all(
        morning.database, strategy, Chosen(campaign="b2c-large", step="x"), answer="approve", who=ANNE, now=TUESDAY
    )
    done = answer_all(morning.database, strategy, chosen(morning), answer="approve", who=ANNE, now=TUESDAY)
    assert (len(none.done), len(done.done), done.refused) == (0, 3, ())


def test_a_page_begins_after_the_last_of_the_one_before(morning: World) -> None:
    every = [each.task.id for each in waiting(morning)]
    strategy, words = morning.strategy(Mode.CONFIRM), morning.deployment.words_of
    pages = [
        preview_approvals(
            morning.database, strategy, words, chosen(morning), who=ANNE, now=TUESDAY, limit=2, after=after
        )
        for after in ("", every[1])
    ]
    assert [each.task.id for page in pages for each in page] == every


def test_what_cannot_be_is_refused_whole(morning: World) -> None:
    with pytest.raises(InputError):
        answer_batch(morning.database, morning.strategy(), ["x"], answer="done", who=ANNE, now=TUESDAY)
    many = [str(n) for n in range(501)]
    with pytest.raises(InputError):
        answer_batch(morning.database, morning.strategy(), many, answer="approve", who=ANNE, now=TUESDAY)
