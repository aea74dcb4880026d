"""One case at fault stops nobody else: it is set aside, looked at again later and later, and a manager is told."""

from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec
import pytest
from msgspec.structs import replace

from orchestrator.domain import progress
from orchestrator.domain.case import Case
from orchestrator.domain.condition import ALWAYS
from orchestrator.domain.decision import Decision, Wait
from orchestrator.domain.errors import StorageError
from orchestrator.domain.interruption import Pause
from orchestrator.flows import advance_cases, gate, prepare_sends, resume_sending
from orchestrator.flows.brief_message import brief_message
from orchestrator.flows.dispatch import dispatch_all
from orchestrator.flows.explain_case import explain_case
from orchestrator.flows.pause_sending import start_pause
from orchestrator.flows.resume_sending import resume_pause
from orchestrator.flows.strategy import Strategy
from orchestrator.storage import cases, tasks
from orchestrator.storage.messages import MessageState
from tests.flows.conftest import TUESDAY, World, row

HOUR = timedelta(hours=1)
STREETS = ("1 rue du Lac", "2 rue du Lac", "3 rue du Lac", "4 rue du Lac", "5 rue du Lac")


def five(world: World) -> str:
    """Five cases of five people; returns the id of one of them."""
    rows = [row(f"F-{n}", debtor=f"C-{n}", phone=f"+3364463123{n}") for n in range(5)]
    named = [line.replace("1 rue du Lac", street) for line, street in zip(rows, STREETS, strict=True)]
    world.load(*(line.replace("Jeanne Dupont", f"Jeanne Dupont{n}") for n, line in enumerate(named)))
    return next(case.id for case in world.cases() if case.debtor.ref == "C-3")


def failing_for(case_id: str) -> Callable[..., progress.Progress]:
    """`make_progress`, at fault for one case, with a message that quotes the debtor."""

    def fail(case: Case, *rest: object) -> progress.Progress:
        if case.id == case_id:
            raise KeyError(case.debtor.name)
        return progress.make_progress(case, *rest)  # type: ignore[arg-type]  # as it was called

    return fail


def open_tasks(world: World) -> list[tasks.Task]:
    with world.database.read() as conn:
        return [t for t in tasks.search(conn, tasks.Filter(), limit=99) if t.kind in ("failing", "creditor_missing")]


def due_at(world: World, case_id: str) -> datetime | None:
    with world.database.read() as conn:
        (found,) = cases.load(conn, [case_id])
    return found.due_at


def write_body(world: World, body: str, case_id: str) -> None:
    mark = "?" if world.database.name == "sqlite" else "%s"
    with world.database.begin() as conn:
        conn.exec_driver_sql(f"UPDATE cases SET body = {mark} WHERE id = {mark}", (body, case_id))  # noqa: S608 - marks


def states(world: World) -> dict[str, MessageState]:
    """Where the message of each case stands."""
    return {message.case_id: message.state for message in world.messages()}


# ------------------------------------------------------------------------------------------- advance


def test_a_case_that_fails_is_set_aside_and_the_others_go_on(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    bad = five(world)
    monkeypatch.setattr(advance_cases, "make_progress", failing_for(bad))
    done = world.advance()
    assert (done.judged, done.set_aside) == (4, 1)
    assert set(states(world)) == {case.id for case in world.cases()} - {bad}
    assert due_at(world, bad) == TUESDAY + HOUR
    (task,) = open_tasks(world)
    assert (task.case_id, task.role) == (bad, "manager")
    assert task.cause.startswith("KeyError at test_set_aside.py:")
    assert "Dupont" not in task.cause + caplog.text


def test_it_is_looked_at_again_later_and_later_with_one_task(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    bad = five(world)
    monkeypatch.setattr(advance_cases, "make_progress", failing_for(bad))
    waits, at = [], TUESDAY
    for _ in range(8):
        world.advance(at)
        again = due_at(world, bad)
        assert again is not None
        waits.append((again - at) // HOUR)
        at = again
    assert waits == [1, 1, 2, 4, 8, 16, 24, 24]
    assert len(open_tasks(world)) == 1


def test_once_mended_it_goes_on(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    bad = five(world)
    with monkeypatch.context() as broken:
        broken.setattr(advance_cases, "make_progress", failing_for(bad))
        world.advance()
    world.advance(TUESDAY + HOUR)
    assert states(world)[bad] is MessageState.PLANNED


def test_a_row_that_cannot_be_read_stops_nobody(world: World) -> None:
    bad = five(world)
    write_body(world, "{}", bad)
    done = advance_cases.advance_all(world.database, world.strategy(), now=TUESDAY)
    assert (done.judged, done.set_aside) == (4, 1)
    assert [task.case_id for task in open_tasks(world)] == [bad]


def test_a_fault_of_everybody_makes_one_task(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.load(*(row(f"F-{n}", debtor=f"C-{n}", phone=f"+336446312{n:02d}") for n in range(21)))

    def fail(*_: object) -> progress.Progress:
        raise ZeroDivisionError

    monkeypatch.setattr(advance_cases, "make_progress", fail)
    assert world.advance().set_aside == 21
    assert world.advance(TUESDAY + HOUR).set_aside == 21
    assert [task.case_id for task in open_tasks(world)] == [""]


@pytest.mark.parametrize("error", [StorageError("away", code="database_unreachable"), OSError(28, "no space")])
def test_what_concerns_everybody_sets_no_case_aside(
    world: World, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    bad = five(world)

    def fail(*_: object) -> progress.Progress:
        raise error

    monkeypatch.setattr(advance_cases, "make_progress", fail)
    with pytest.raises(type(error)):
        world.advance()
    assert due_at(world, bad) == TUESDAY
    assert open_tasks(world) == []


def test_a_message_that_was_refused_is_not_kept_in_hand_when_it_is_decided_again(world: World) -> None:
    """No way leads here that we know of; if one does, the case is set aside and a manager looks."""
    bad = five(world)
    world.advance()
    case = next(case for case in world.cases() if case.id == bad)
    with world.database.begin() as conn:
        conn.exec_driver_sql("UPDATE messages SET state = 'rejected'")
        (stored,) = cases.load(conn, [bad])
        cases.save(conn, [cases.Change(replace(case, in_hand=None), TUESDAY, stored.version)], now=TUESDAY)
    assert world.advance().set_aside == 1
    after = next(case for case in world.cases() if case.id == bad)
    assert (after.in_hand, due_at(world, bad)) == (None, TUESDAY + HOUR)
    (task,) = open_tasks(world)
    assert "message_settled" in task.cause


# ------------------------------------------------------------------------------------------- sending


def test_a_case_that_fails_at_the_gate_holds_only_its_message(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    bad = five(world)
    world.advance()
    monkeypatch.setattr(gate, "make_progress", failing_for(bad))
    done = world.dispatch()
    assert (done.left, done.held) == (4, 1)


def test_a_message_whose_words_fail_is_held_and_the_lane_goes_on(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    bad = five(world)
    world.advance()

    def fail(situation: object, *rest: object, **named: object) -> object:
        if situation.case.id == bad:  # type: ignore[attr-defined]  # a Situation
            raise KeyError("Jeanne")
        return brief_message(situation, *rest, **named)  # type: ignore[arg-type]  # as it was called

    monkeypatch.setattr(prepare_sends, "brief_message", fail)
    done = world.dispatch()
    assert (done.left, done.held) == (4, 1)
    (message,) = [m for m in world.messages() if m.case_id == bad and m.state is MessageState.HELD]
    assert message.reason.startswith("failed: KeyError at")
    assert "Jeanne" not in message.reason


def test_a_message_whose_case_cannot_be_read_waits_and_the_lane_goes_on(world: World) -> None:
    bad = five(world)
    world.advance()
    body = next(msgspec.json.encode(case).decode() for case in world.cases() if case.id == bad)
    write_body(world, "{}", bad)
    assert dispatch_all(world.database, world.strategy(), world.post(TUESDAY), now=TUESDAY).left == 4
    assert dispatch_all(world.database, world.strategy(), world.post(TUESDAY), now=TUESDAY).held == 0
    assert [task.case_id for task in open_tasks(world)] == [bad]
    write_body(world, body, bad)
    assert world.dispatch(TUESDAY + HOUR).left == 1


@pytest.mark.parametrize("error", [StorageError("away", code="database_unreachable"), OSError(28, "no space")])
def test_a_message_that_cannot_be_worded_by_no_fault_of_its_own_is_not_held(
    world: World, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    five(world)
    world.advance()

    def fail(*_: object, **__: object) -> None:
        raise error

    with monkeypatch.context() as broken:
        broken.setattr(prepare_sends, "brief_message", fail)
        with pytest.raises(type(error)):
            world.dispatch()
    assert set(states(world).values()) == {MessageState.PLANNED}
    assert world.dispatch().left == 5


def test_a_case_that_fails_does_not_keep_everything_paused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    bad = five(world)
    start_pause(world.database, Pause(id="p", scope=ALWAYS, since=TUESDAY, reason="a test", by="test"))
    monkeypatch.setattr(resume_sending, "make_progress", failing_for(bad))
    found = resume_pause(world.database, world.strategy(), "p", by="test", now=TUESDAY + HOUR)
    assert (found.now, found.never, found.why["failed"]) == (4, 1, 1)


# ---------------------------------------------------------------------------------- a creditor goes away


def without_creditor(world: World) -> Strategy:
    """What is in force once the file of the only creditor is away."""
    return replace(world.strategy(), creditors={})


def moved(world: World, case_id: str) -> None:
    """The case is of a creditor without a file."""
    case = next(case for case in world.cases() if case.id == case_id)
    body = msgspec.json.encode(replace(case, creditor="gone")).decode()
    with world.database.begin() as conn:
        conn.exec_driver_sql(*_update(world, body, case_id))
        cases.wake(conn, [case_id], at=TUESDAY)


def _update(world: World, body: str, case_id: str) -> tuple[str, tuple[str, ...]]:
    mark = "?" if world.database.name == "sqlite" else "%s"
    return f"UPDATE cases SET creditor = 'gone', body = {mark} WHERE id = {mark}", (body, case_id)  # noqa: S608 - marks


def test_a_case_whose_creditor_went_away_waits_says_so_and_is_looked_at_again(world: World) -> None:
    gone = five(world)
    moved(world, gone)
    assert (world.advance().judged, len(world.messages())) == (5, 4)
    assert due_at(world, gone) == TUESDAY + HOUR
    world.advance(TUESDAY + HOUR)
    (task,) = open_tasks(world)
    assert (task.kind, task.subject, task.case_id, task.role) == ("creditor_missing", "gone", "", "manager")
    story = explain_case(world.database, world.strategy(), gone, now=TUESDAY)
    said = [fact for _, fact in story.facts if isinstance(fact, Decision)]
    assert len(said) == 1
    assert isinstance(said[0].act, Wait)
    assert [reason.rule for reason in said[0].reasons] == ["CREDITOR"]


def test_what_was_planned_for_it_is_held_blames_no_channel_and_leaves_once_it_is_back(world: World) -> None:
    gone = five(world)
    world.advance()
    moved(world, gone)
    assert (world.dispatch().left, states(world)[gone]) == (4, MessageState.HELD)
    later = TUESDAY + HOUR
    strategy = world.strategy()
    back = replace(strategy.creditors["acme-telecom"], id="gone")
    restored = replace(strategy, creditors={**strategy.creditors, "gone": back})
    with world.database.begin() as conn:
        conn.exec_driver_sql("UPDATE imports SET creditor = 'gone'")
    advance_cases.advance_all(world.database, restored, now=later)
    assert states(world)[gone] is MessageState.PLANNED
    (message,) = [message for message in world.messages() if message.case_id == gone]
    assert message.send.channel.value == "sms"


def test_everything_resumes_while_a_creditor_is_away(world: World) -> None:
    five(world)
    start_pause(world.database, Pause(id="p", scope=ALWAYS, since=TUESDAY, reason="a test", by="test"))
    found = resume_pause(world.database, without_creditor(world), "p", by="test", now=TUESDAY + HOUR)
    assert (found.now, found.why["CREDITOR"]) == (0, 5)
