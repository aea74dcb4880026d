"""People find messages: the last that left, those of one state, in doubt first; never those they may not see."""

from datetime import datetime, timedelta

import pytest

from channels.contract import Accepted, InDoubt, ReasonClass, Rejected
from orchestrator.domain.errors import NotFound
from orchestrator.flows import search_messages as flow
from orchestrator.flows.search_messages import case_messages, messages_in_doubt, search_messages
from orchestrator.storage import message_search, tasks
from orchestrator.storage.message_search import Wanted
from orchestrator.storage.messages import MessageState
from tests.flows.conftest import TUESDAY, World, row

LATER = TUESDAY + timedelta(hours=1)
OTHERS = frozenset({"another"})


def three(world: World) -> None:
    """One message of each of three debtors, called in their order: it left, it is in doubt, it was refused."""
    said = iter((Accepted("x"), InDoubt("timeout"), Rejected(reason_class=ReasonClass.CONTENT, code="spam")))
    world.verdict = lambda _: next(said)
    for number in range(3):
        world.load(one_more(number), now=at(number))
        world.advance(at(number))
        world.dispatch(at(number), real_now=at(number))


def one_more(number: int) -> str:
    """The row of another person, who shares nothing with the others."""
    said = row(f"F-{number}", debtor=f"C-{number}", phone=f"+3364463123{number}")
    return said.replace("Jeanne Dupont", f"Personne {'ABCD'[number]}")


def at(number: int) -> datetime:
    return TUESDAY + timedelta(minutes=number)


def states(world: World, **given: object) -> list[str]:
    wanted = Wanted(**given)  # type: ignore[arg-type]  # fields of Wanted
    return [message.state.value for message in search_messages(world.database, wanted).messages]


def test_what_was_called_last_comes_first(world: World) -> None:
    three(world)
    assert states(world) == ["rejected", "in_doubt", "accepted"]


@pytest.mark.parametrize("state", ["accepted", "in_doubt", "rejected"])
def test_each_state_is_found_by_itself(world: World, state: str) -> None:
    three(world)
    assert states(world, state=MessageState(state)) == [state]
    assert states(world, state=MessageState(state), creditors=OTHERS) == []


def test_what_waits_is_found_the_soonest_first_and_what_is_held_too(world: World) -> None:
    world.load(row())
    world.advance()
    assert states(world, state=MessageState.PLANNED) == ["planned"]
    assert states(world, state=MessageState.PLANNED, lane="sandbox-sms") == ["planned"]
    assert states(world, state=MessageState.PLANNED, lane="other") == []
    assert states(world, state=MessageState.HELD) == []


@pytest.mark.parametrize(
    "given, count",
    [
        ({"campaign": "b2c-small"}, 3),
        ({"campaign": "b2b"}, 0),
        ({"creditor": "acme-telecom"}, 3),
        ({"channel": "sms"}, 3),
        ({"channel": "email"}, 0),
        ({"lane": "sandbox-sms"}, 3),
        ({"lane": "sandbox-email"}, 0),
        ({"since": at(1)}, 2),
        ({"until": at(1)}, 1),
        ({"since": at(1), "until": at(2)}, 1),
        ({"creditors": frozenset({"acme-telecom"})}, 3),
        ({"creditors": OTHERS}, 0),
    ],
)
def test_each_filter_keeps_what_it_says(world: World, given: dict[str, object], count: int) -> None:
    three(world)
    assert len(states(world, **given)) == count


@pytest.mark.parametrize("state", [None, MessageState.IN_DOUBT])
def test_pages_follow_each_other(world: World, state: MessageState | None, monkeypatch: pytest.MonkeyPatch) -> None:
    world.verdict = lambda _: InDoubt("timeout")
    for number in range(4):
        world.load(one_more(number), now=at(number))
        world.advance(at(number))
        world.dispatch(at(number), real_now=at(number))
    monkeypatch.setattr(flow, "PAGE", 1)
    seen, after = [], None
    for _ in range(9):
        found = search_messages(world.database, Wanted(state=state), after=after)
        seen += [message.id for message in found.messages]
        after = found.after
        if after is None:
            break
    assert len(seen) == len(set(seen)) == 4
    monkeypatch.setattr(flow, "PAGE", 50)
    assert seen == [message.id for message in search_messages(world.database, Wanted(state=state)).messages]


def test_a_search_that_runs_out_of_time_says_back_to_when_it_looked(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    three(world)
    monkeypatch.setattr(message_search.called, "__kwdefaults__", {"before": None, "size": 1})
    found = search_messages(world.database, Wanted(campaign="another"), is_over=lambda: True)
    assert (found.messages, found.is_cut, found.looked_to) == ((), True, at(2))
    assert found.after is not None


def test_a_doubt_comes_with_its_task(world: World) -> None:
    three(world)
    (doubt,) = messages_in_doubt(world.database, creditors=None)
    assert (doubt.message.state, doubt.task) == (MessageState.IN_DOUBT, None)
    (attempt,) = [d.attempt_id for case in world.cases() for d in case.departures if d.is_in_doubt]
    asked = tasks.Task(
        id=f"{doubt.message.case_id}:in_doubt:{attempt}", case_id=doubt.message.case_id, kind="in_doubt",
        subject=attempt, role="manager", due_at=LATER, opened_at=LATER,
    )  # fmt: skip
    with world.database.begin() as conn:
        tasks.open_tasks(conn, [asked])
    assert messages_in_doubt(world.database, creditors=None)[0].task == asked
    assert messages_in_doubt(world.database, creditors=OTHERS) == ()


def test_the_messages_of_a_case_are_its_own(world: World) -> None:
    three(world)
    case = world.cases()[0]
    assert {m.case_id for m in case_messages(world.database, case.id, creditors=None)} == {case.id}
    with pytest.raises(NotFound):
        case_messages(world.database, case.id, creditors=OTHERS)
