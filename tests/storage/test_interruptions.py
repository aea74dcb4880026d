"""Pauses and crises: which are in force at an instant, and which were."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from orchestrator.domain.condition import ALWAYS
from orchestrator.domain.errors import Conflict
from orchestrator.domain.interruption import Crisis, Pause
from orchestrator.storage import crises, pauses
from orchestrator.storage.database import Database
from tests.storage.portfolio import HOUR, NOW


def a_pause(pause_id: str = "p1", **changes: Any) -> Pause:
    fields = {"scope": ALWAYS, "since": NOW, "reason": "storm", "by": "camille"}
    return Pause(id=pause_id, **{**fields, **changes})


def a_crisis(crisis_id: str = "x1", **changes: Any) -> Crisis:
    fields = {"title": "Floods", "scope": ALWAYS, "from_on": date(2026, 3, 7)}
    return Crisis(id=crisis_id, **{**fields, **changes})


def test_a_pause_comes_back_as_it_was_and_changes_as_a_whole(database: Database) -> None:
    item = a_pause(channels=("sms",), ends_at=NOW + HOUR)
    with database.begin() as conn:
        pauses.insert(conn, item)
        assert pauses.load(conn, "p1") == item
        assert pauses.load(conn, "unknown") is None
        resumed = replace(item, resumed_at=NOW + HOUR)
        assert pauses.save(conn, resumed)
        assert not pauses.save(conn, a_pause("unknown"))
        assert pauses.load(conn, "p1") == resumed


@pytest.mark.parametrize("kind", ["pause", "crisis"])
def test_an_interruption_is_stored_once(database: Database, kind: str) -> None:
    def store() -> None:
        with database.begin() as conn:
            pauses.insert(conn, a_pause()) if kind == "pause" else crises.insert(conn, a_crisis())

    store()
    with pytest.raises(Conflict):
        store()


@pytest.mark.parametrize(
    "changes, is_active",
    [
        ({}, True),
        ({"since": NOW + HOUR}, False),
        ({"ends_at": NOW + HOUR}, True),
        ({"ends_at": NOW}, False),
        ({"resumed_at": NOW + HOUR}, True),
        ({"resumed_at": NOW}, False),
        ({"since": NOW - 2 * HOUR, "resumed_at": NOW - HOUR}, False),
    ],
)
def test_a_pause_is_in_force_from_its_start_until_its_end_or_resume(
    database: Database, changes: dict[str, Any], is_active: bool
) -> None:
    with database.begin() as conn:
        pauses.insert(conn, a_pause(**changes))
        assert bool(pauses.active(conn, at=NOW)) is is_active


def test_the_pauses_of_the_past_are_known_to_the_case_clock(database: Database) -> None:
    with database.begin() as conn:
        pauses.insert(conn, a_pause("over", since=NOW - 9 * HOUR, resumed_at=NOW - 8 * HOUR))
        pauses.insert(conn, a_pause("past", since=NOW - 3 * HOUR, resumed_at=NOW - HOUR))
        pauses.insert(conn, a_pause("coming", since=NOW + HOUR))
        found = pauses.overlapping(conn, since=NOW - 2 * HOUR, until=NOW)
    assert [pause.id for pause in found] == ["past"]


def test_a_crisis_comes_back_as_it_was_and_changes_as_a_whole(database: Database) -> None:
    item = a_crisis(to_on=date(2026, 4, 1), stretch=2, soften=1, offer=("plan",), skip=("formal_notice",))
    with database.begin() as conn:
        crises.insert(conn, item)
        assert crises.load(conn, "x1") == item
        assert crises.load(conn, "unknown") is None
        ended = replace(item, ended_at=NOW)
        assert crises.save(conn, ended)
        assert not crises.save(conn, a_crisis("unknown"))
        assert crises.load(conn, "x1") == ended


@pytest.mark.parametrize(
    "at, is_active",
    [
        ("2026-03-05T23:00", False),
        ("2026-03-06T10:00", True),  # already the 7th in Kiritimati, UTC+14
        ("2026-03-08T11:59", True),  # still the 7th on Baker Island, UTC-12
        ("2026-03-09T12:00", False),
    ],
)
def test_a_crisis_is_given_as_long_as_its_days_last_somewhere(database: Database, at: str, is_active: bool) -> None:
    """Its days are those of the debtor's zone (semantics C3): the domain judges each case."""
    with database.begin() as conn:
        crises.insert(conn, a_crisis(to_on=date(2026, 3, 7)))
        instant = datetime.fromisoformat(at).replace(tzinfo=UTC)
        assert bool(crises.active(conn, at=instant)) is is_active


def test_a_crisis_ended_by_a_person_is_over_and_remembered(database: Database) -> None:
    with database.begin() as conn:
        crises.insert(conn, a_crisis(ended_at=NOW))
        assert crises.active(conn, at=NOW) == []
        assert len(crises.active(conn, at=NOW - HOUR)) == 1
        assert len(crises.overlapping(conn, since=NOW - HOUR, until=NOW + HOUR)) == 1
        assert crises.overlapping(conn, since=NOW + HOUR, until=NOW + 2 * HOUR) == []
