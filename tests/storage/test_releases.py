"""Releases: stored by content, one of them current for each campaign (semantics B13)."""

from typing import Any

from msgspec.structs import replace

from orchestrator.domain.case import Cycle
from orchestrator.storage import releases
from orchestrator.storage.database import Database
from orchestrator.storage.releases import Release
from tests.storage.portfolio import HOUR, NOW, a_case, insert


def a_release(release_id: str = "r1", **changes: Any) -> Release:
    fields = {"campaign": "b2c-small", "files": {"campaign.yaml": "campaign: b2c-small\n"}, "released_at": NOW}
    return Release(id=release_id, **{**fields, **changes})


def test_the_last_released_is_current(database: Database) -> None:
    first, second = a_release(), a_release("r2", released_at=NOW + HOUR, released_by="camille")
    other = a_release("r3", campaign="b2b")
    with database.begin() as conn:
        assert releases.current(conn) == {}
        assert all(releases.release(conn, item) for item in (first, second, other))
        assert releases.current(conn) == {"b2c-small": second, "b2b": other}
        assert releases.history(conn, "b2c-small") == [first, second]


def test_an_old_release_stays_for_the_cases_pinned_to_it(database: Database) -> None:
    cycle = Cycle(
        number=1,
        campaign="b2c-small",
        release="r1",
        policy="p",
        entered_at=NOW,
        step_index=0,
        anchors=(),
        anchor_due_on=NOW.date(),
    )
    with database.begin() as conn:
        releases.release(conn, a_release())
        releases.release(conn, a_release("r2"))
        insert(conn, a_case("c1", cycle=cycle), a_case("c2"))
        assert releases.load(conn, ["r1", "unknown"]) == {"r1": a_release()}
        assert releases.followed(conn) == [a_release()]


def test_the_same_content_again_keeps_its_date_and_becomes_current(database: Database) -> None:
    with database.begin() as conn:
        releases.release(conn, a_release())
        releases.release(conn, a_release("r2"))
        assert not releases.release(conn, replace(a_release(), released_at=NOW + HOUR))
        assert releases.current(conn) == {"b2c-small": a_release()}
