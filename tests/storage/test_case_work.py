"""Whose work a case is, as stored: nobody's hand is overwritten, and what is told late is looked at again."""

from datetime import date

from orchestrator.domain.case_dates import CaseDate, Weight
from orchestrator.storage import case_work
from orchestrator.storage.case_work import Seen, Work
from orchestrator.storage.database import Database
from tests.storage.portfolio import NOW, put

WEIGHT = Weight(stake_cents=100, oldest_due_on=date(2026, 3, 1), broken=1, answered=2, care="")


def work(case_id: str = "c1", **changes: object) -> Work:
    fields = {"creditor": "acme", "campaign": "", "currency": "EUR", "owner": "anne", "since": NOW, "weight": WEIGHT}
    return Work(case_id=case_id, **{**fields, **changes})  # type: ignore[arg-type]  # fields of the test's choosing


def save(database: Database, *seen: Seen) -> set[str]:
    with database.begin() as conn:
        return case_work.save(conn, seen)


def load(database: Database) -> Work:
    with database.read() as conn:
        return case_work.load(conn, ["c1"])["c1"]


def test_it_comes_back_as_it_was(database: Database) -> None:
    assert save(database, Seen(work(), ())) == {"c1"}
    assert load(database) == work(version=1)


def test_what_was_given_meanwhile_is_not_overwritten(database: Database) -> None:
    save(database, Seen(work(), ()))
    read_before = load(database)
    with database.begin() as conn:
        case_work.give(conn, ["c1", "unknown"], owner="basile", by="marc", why="w", now=NOW)
    day = CaseDate(kind="promise", subject="p", on=date(2026, 3, 10))
    assert save(database, Seen(read_before, (day,))) == set()
    assert (load(database).owner, load(database).given_by) == ("basile", "marc")


def test_a_case_is_looked_at_again_once_it_changed(database: Database) -> None:
    put(database, "c1", "c2")
    with database.read() as conn:
        assert case_work.changed(conn, ["c1", "c2", "unknown"]) == ["c1", "c2"]
    save(database, Seen(work(seen_version=1), ()), Seen(work("c2", seen_version=0), ()))
    with database.read() as conn:
        assert case_work.changed(conn, ["c1", "c2"]) == ["c2"]
