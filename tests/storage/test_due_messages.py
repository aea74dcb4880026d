"""Which planned messages go next: the urgent first, in turn between campaigns, at a cost that ignores the crowd."""

from datetime import datetime

from orchestrator.domain.campaign import Purpose
from orchestrator.storage import due_messages, messages
from orchestrator.storage.database import Database
from orchestrator.storage.messages import Message, MessageState, Move
from tests.storage.portfolio import HOUR, NOW, a_message, plan, put
from tests.storage.query_plan import rows_read, whole_scans


def due(database: Database, *, limit: int = 99, lane: str = "mail", now: datetime = NOW) -> list[str]:
    with database.read() as conn:
        return [item.id for item in due_messages.due(conn, now=now, limit=limit, lane=lane)]


def test_nothing_planned_is_nothing_due(database: Database) -> None:
    assert due(database) == []


def test_only_planned_messages_of_the_lane_whose_time_has_come(database: Database) -> None:
    put(database, "c1")
    plan(
        database,
        a_message("now"),
        a_message("later", step="a", not_before=NOW + HOUR),
        a_message("sms", step="b", lane="texts"),
        a_message("gone", step="c"),
        a_message("over", step="d", expires=NOW - HOUR),
    )
    with database.begin() as conn:
        messages.transition(
            conn, [Move(message_id="gone", expected=MessageState.PLANNED, to=MessageState.HELD)], now=NOW
        )
    assert due(database) == ["now", "over"]
    assert due(database, lane="texts") == ["sms"]
    assert due(database, lane="post") == []
    assert due(database, now=NOW + HOUR) == ["now", "over", "later"]


def test_a_due_message_comes_whole(database: Database) -> None:
    put(database, "c1")
    item = a_message(references=("F-1",), expires=NOW + HOUR, cost_cents=7)
    plan(database, item)
    with database.read() as conn:
        assert due_messages.due(conn, now=NOW, limit=1, lane="mail") == [item]


def test_answers_go_before_notices_and_notices_before_demands(database: Database) -> None:
    put(database, "c1")
    plan(
        database,
        a_message("demand", not_before=NOW - HOUR),
        a_message("notice", step="a", purpose=Purpose.NOTICE),
        a_message("answer", step="b", purpose=Purpose.ANSWER),
    )
    assert due(database) == ["answer", "notice", "demand"]
    assert due(database, limit=1) == ["answer"]


def test_campaigns_take_turns_however_many_messages_one_has(database: Database) -> None:
    put(database, "c1")
    crowd = [a_message(f"a{n:03}", campaign="crowd", step=f"a{n}", not_before=NOW - HOUR) for n in range(50)]
    few = [a_message(f"b{n}", campaign="few", step=f"b{n}") for n in range(2)]
    plan(database, *crowd, *few, a_message("none", campaign="", step="answer"))
    assert due(database, limit=7) == ["a000", "b0", "none", "a001", "b1", "a002", "a003"]


def test_within_a_campaign_the_longest_waiting_goes_first(database: Database) -> None:
    put(database, "c1")
    plan(database, *(a_message(f"m{n}", step=f"s{n}", not_before=NOW - n * HOUR) for n in range(5)))
    assert due(database, limit=3) == ["m4", "m3", "m2"]


def test_a_crowd_is_not_read_to_take_a_few(database: Database) -> None:
    """20,000 planned, half of them due, and three campaigns: what is read follows the limit."""
    put(database, "c1")
    for campaign, count in (("crowd", 20_000), ("few", 20), ("", 20)):
        names = [f"{campaign}{n}" for n in range(count)]
        plan(database, *(_one(name, campaign, n) for n, name in enumerate(names)))
    with database.begin() as conn:
        conn.exec_driver_sql("ANALYZE messages")

        def ask() -> object:
            return due_messages.due(conn, now=NOW, limit=10, lane="mail")

        assert whole_scans(conn, ask) == []
        if database.name == "postgresql":
            assert rows_read(conn, ask) < 200


def _one(name: str, campaign: str, number: int) -> Message:
    return a_message(name, campaign=campaign, step=name, not_before=NOW + (number % 2) * HOUR)
