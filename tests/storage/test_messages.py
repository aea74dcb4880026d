"""Messages: planned once, moved only from where they were read, and along the ways that are drawn."""

from pathlib import Path

import pytest
from sqlalchemy import insert

from orchestrator import storage
from orchestrator.domain.errors import Conflict
from orchestrator.storage import messages, plans
from orchestrator.storage.database import Database
from orchestrator.storage.messages import MOVES, Count, Message, MessageState, Move
from orchestrator.storage.sending_tables import attempts
from tests.storage.portfolio import HOUR, NOW, a_message, plan, put

PLANNED, CALLING, ACCEPTED = MessageState.PLANNED, MessageState.CALLING, MessageState.ACCEPTED


def move(database: Database, *moves: Move) -> set[str]:
    with database.begin() as conn:
        return messages.transition(conn, moves, now=NOW)


def of_case(database: Database, case_id: str = "c1") -> list[Message]:
    with database.read() as conn:
        return messages.of_case(conn, case_id)


# ------------------------------------------------------------------------------------------------- plan


def test_a_planned_message_comes_back_as_it_was(database: Database) -> None:
    put(database, "c1")
    item = a_message(expires=NOW + HOUR, references=("F-1", "F-2"), amount_cents=2_000, cost_cents=7)
    assert plan(database, item) == []
    assert of_case(database) == [item]
    with database.read() as conn:
        assert messages.load(conn, ["m1", "unknown"]) == [item]


def test_a_message_is_planned_once_whatever_its_id(database: Database) -> None:
    """R18, semantics A5: (case, cycle, step, ordinal) is its identity."""
    put(database, "c1", "c2")
    plan(database, a_message("m1"))
    others = [
        a_message("m3", ordinal=2),
        a_message("m4", cycle=2),
        a_message("m5", step="x"),
        a_message("m6", case_id="c2"),
    ]
    assert plan(database, a_message("m2"), *others) == ["m2"]
    assert {item.id for case_id in ("c1", "c2") for item in of_case(database, case_id)} == {
        "m1",
        "m3",
        "m4",
        "m5",
        "m6",
    }


def test_a_message_needs_its_case(database: Database) -> None:
    with pytest.raises(Conflict):
        plan(database, a_message(case_id="nobody"))


def test_a_held_message_may_be_planned_anew_and_one_that_left_may_not(database: Database) -> None:
    put(database, "c1")
    plan(database, a_message("m1"), a_message("m2", ordinal=2))
    move(database, Move(message_id="m1", expected=PLANNED, to=MessageState.HELD, reason="cap"))
    again = [a_message("m1", template="other", not_before=NOW + HOUR), a_message("m2", ordinal=2, template="other")]
    with database.begin() as conn:
        assert plans.plan_or_renew(conn, again, now=NOW) == ["m2"]
    first, second = of_case(database)
    assert (first, second.send.template) == (again[0], "reminder")


@pytest.mark.parametrize("never_left", [MessageState.HELD, MessageState.EXPIRED])
def test_what_never_left_is_planned_anew_whole(database: Database, never_left: MessageState) -> None:
    put(database, "c1")
    plan(database, a_message("m1", expires=NOW - HOUR))
    move(database, Move(message_id="m1", expected=PLANNED, to=never_left, reason="why"))
    anew = a_message("m1", template="other", not_before=NOW + HOUR, expires=NOW + 2 * HOUR)
    with database.begin() as conn:
        assert plans.plan_or_renew(conn, [anew], now=NOW) == []
    assert of_case(database) == [anew]


@pytest.mark.parametrize("settled", [ACCEPTED, MessageState.REJECTED, MessageState.IN_DOUBT])
def test_what_left_or_was_refused_is_never_planned_again_in_silence(database: Database, settled: MessageState) -> None:
    put(database, "c1")
    plan(database, a_message("m1"))
    move(database, Move(message_id="m1", expected=PLANNED, to=CALLING))
    move(database, Move(message_id="m1", expected=CALLING, to=settled))
    with pytest.raises(Conflict, match="m1") as refused, database.begin() as conn:
        plans.plan_or_renew(conn, [a_message("m1"), a_message("m2", ordinal=2)], now=NOW)
    assert refused.value.code == "message_settled"
    assert [item.id for item in of_case(database)] == ["m1"]


# ------------------------------------------------------------------------------------------------- move


def test_a_move_happens_from_the_expected_state_only(database: Database) -> None:
    put(database, "c1")
    plan(database, a_message("m1"), a_message("m2", ordinal=2))
    assert move(database, Move(message_id="m1", expected=PLANNED, to=CALLING)) == {"m1"}
    both = [Move(message_id=m, expected=PLANNED, to=CALLING) for m in ("m1", "m2", "unknown")]
    assert move(database, *both) == {"m2"}


def test_a_move_changes_what_it_says_and_leaves_the_rest(database: Database) -> None:
    put(database, "c1")
    plan(database, a_message(cost_cents=7, expires=NOW + HOUR))
    move(
        database, Move(message_id="m1", expected=PLANNED, to=CALLING, content_hash="abc", reason="why", amount_cents=5)
    )
    move(database, Move(message_id="m1", expected=CALLING, to=ACCEPTED, left_at=NOW, cost_cents=9))
    (item,) = of_case(database)
    assert (item.state, item.content_hash, item.reason, item.amount_cents) == (ACCEPTED, "abc", "why", 5)
    assert (item.left_at, item.cost_cents, item.expires_at, item.not_before) == (NOW, 9, NOW + HOUR, NOW)


def test_a_message_not_written_is_planned_again_for_later(database: Database) -> None:
    put(database, "c1")
    plan(database, a_message())
    move(database, Move(message_id="m1", expected=PLANNED, to=CALLING))
    move(database, Move(message_id="m1", expected=CALLING, to=PLANNED, not_before=NOW + HOUR, reason=""))
    (item,) = of_case(database)
    assert (item.state, item.not_before, item.send.not_before) == (PLANNED, NOW + HOUR, NOW)


@pytest.mark.parametrize("before, after", [(a, b) for a in MessageState for b in MessageState if b not in MOVES[a]])
def test_a_move_that_is_not_drawn_is_refused(sqlite: Database, before: MessageState, after: MessageState) -> None:
    with pytest.raises(Conflict) as refused:
        move(sqlite, Move(message_id="m1", expected=before, to=after))
    assert refused.value.code == "impossible_move"


def test_nothing_that_left_or_may_have_left_is_ever_planned_again() -> None:
    assert all(PLANNED not in MOVES[state] for state in (ACCEPTED, MessageState.IN_DOUBT, MessageState.REJECTED))
    assert MOVES.keys() == set(MessageState)


def test_the_drawing_in_the_readme_is_the_code() -> None:
    text = (Path(storage.__file__).parent / "README.md").read_text("utf-8")
    drawn = {}
    for line in text.partition("```states\n")[2].partition("```")[0].splitlines():
        before, _, after = line.partition("->")
        drawn[MessageState(before.strip())] = frozenset(map(MessageState, after.replace("(end)", "").split()))
    assert drawn == dict(MOVES)


# ------------------------------------------------------------------------------------------------ count


def test_messages_are_counted_by_campaign_step_channel_and_state(database: Database) -> None:
    put(database, "c1", "c2")
    plan(
        database, a_message("m1", cost_cents=7), a_message("m2", case_id="c2", cost_cents=8), a_message("m3", step="x")
    )
    plan(database, a_message("m4", step="y", planned_at=NOW + HOUR))
    move(database, Move(message_id="m3", expected=PLANNED, to=CALLING))
    with database.read() as conn:
        assert messages.count(conn, planned_until=NOW + HOUR) == [
            Count("b2c-small", "reminder-1", "email", "planned", 2, 15),
            Count("b2c-small", "x", "email", "calling", 1, 0),
        ]
        assert [count.step for count in messages.count(conn, planned_from=NOW + HOUR)] == ["y"]


# --------------------------------------------------------------------------------------------- attempts


def an_attempt(attempt_id: str, state: str, *, number: int = 1, message_id: str = "m1") -> dict[str, object]:
    at = {"epoch": 0, "started_at": 0, "lease_until": 0}
    names = {"content_hash": "h", "lane": "l", "channel": "sms", "case_id": "c1", "destination": "", "marker": ""}
    names |= {"reason": "", "token": f"token of {attempt_id}"}
    proof = {"provider_id": "SM1" if state == "accepted" else None}
    return {
        "id": attempt_id,
        "message_id": message_id,
        "number": number,
        "state": state,
        "units": 1,
        **at,
        **names,
        **proof,
    }


@pytest.mark.parametrize("first", ["calling", "in_doubt", "accepted"])
@pytest.mark.parametrize("second", ["calling", "in_doubt", "accepted"])
def test_a_message_has_at_most_one_live_attempt(database: Database, first: str, second: str) -> None:
    """R18: the database itself refuses what would be a second sending."""
    put(database, "c1")
    plan(database, a_message())
    with database.begin() as conn:
        conn.execute(insert(attempts), [an_attempt("a0", "rejected"), an_attempt("a1", first, number=2)])
    with pytest.raises(Conflict), database.begin() as conn:
        conn.execute(insert(attempts), an_attempt("a2", second, number=3))


@pytest.mark.parametrize(
    "changes",
    [{"token": "token of a1"}, {"number": 1}, {"id": "a1"}, {"state": "accepted", "provider_id": None}],
)
def test_an_attempt_is_itself_alone_and_proves_what_it_says(database: Database, changes: dict[str, object]) -> None:
    put(database, "c1")
    plan(database, a_message())
    with database.begin() as conn:
        conn.execute(insert(attempts), an_attempt("a1", "absent"))
        conn.execute(insert(attempts), {**an_attempt("a3", "rejected", number=3)})
    with pytest.raises(Conflict), database.begin() as conn:
        conn.execute(insert(attempts), {**an_attempt("a2", "rejected", number=2), **changes})
