"""The journal: in order, for ever, and never the same event twice."""

from typing import Any

import pytest

from orchestrator.domain.decision import Ask, Decision, Passed, Reason, Verdict, Wait
from orchestrator.domain.errors import StorageError
from orchestrator.domain.events import DebtorRecorded, Event, Marked, MessageLeft
from orchestrator.storage import journal
from orchestrator.storage.database import Database
from orchestrator.storage.journal import Entry
from tests.storage.portfolio import HOUR, NOW, a_case, a_send

A_DECISION = Decision(
    a_send(references=("F-1",), expires=NOW + HOUR),
    (Reason("FR-HAR-01", Verdict.DEFER, (("contacts", 2), ("channel", "sms")), NOW + HOUR),),
    (Passed("notice", "expired"),),
)


def marked(event_id: str = "e1", mark: str = "good_payer") -> Event:
    return Marked(id=event_id, at=NOW - HOUR, by="camille", mark=mark)


def append(database: Database, *entries: Entry) -> list[Entry]:
    with database.begin() as conn:
        return journal.append(conn, entries, now=NOW)


def facts(database: Database, case_id: str = "c1") -> list[Event | Decision]:
    with database.read() as conn:
        return [line.fact for line in journal.read(conn, case_id)]


def test_events_and_decisions_come_back_in_order_as_they_were(database: Database) -> None:
    left = MessageLeft(id="left", at=NOW, message_id="m1", **_said())
    entries = [
        Entry("c1", NOW, DebtorRecorded(id="d", at=NOW, debtor=a_case().debtor), import_id="import-1"),
        Entry("c1", NOW, A_DECISION),
        Entry("c1", NOW, left),
        Entry("c1", NOW, Decision(Ask(task="approve", subject="formal", due_at=NOW))),
    ]
    assert append(database, *entries) == []
    with database.read() as conn:
        lines = journal.read(conn, "c1")
    assert [line.fact for line in lines] == [entry.fact for entry in entries]
    assert [line.type for line in lines] == ["debtor.recorded", "send", "message.left", "ask"]
    assert [line.import_id for line in lines] == ["import-1", "", "", ""]
    assert [line.seq for line in lines] == sorted({line.seq for line in lines})


def _said() -> dict[str, Any]:
    words = ("step", "cycle", "ordinal", "channel", "use", "voice", "template", "kind", "purpose")
    return {word: getattr(a_send(), word) for word in words}


def test_a_line_knows_when_it_happened_and_when_it_was_stored(database: Database) -> None:
    append(database, Entry("c1", NOW - HOUR, marked()))
    with database.read() as conn:
        (line,) = journal.read(conn, "c1")
    assert (line.at, line.recorded_at) == (NOW - HOUR, NOW)


def test_the_same_event_twice_is_stored_once_and_said(database: Database) -> None:
    once, again = Entry("c1", NOW, marked()), Entry("c1", NOW, marked(mark="other"))
    assert append(database, once) == []
    assert append(database, again, Entry("c1", NOW, marked("e2"))) == [again]
    assert facts(database) == [marked(), marked("e2")]


def test_the_same_event_twice_in_one_batch_is_stored_once(database: Database) -> None:
    one = Entry("c1", NOW, marked())
    assert append(database, one, one, Entry("c1", NOW, marked("e2"))) == [one]
    assert facts(database) == [marked(), marked("e2")]


def test_the_id_of_an_event_is_unique_within_its_case_only(database: Database) -> None:
    assert append(database, Entry("c1", NOW, marked()), Entry("c2", NOW, marked())) == []


def test_a_decision_is_never_a_repetition(database: Database) -> None:
    assert append(database, Entry("c1", NOW, A_DECISION), Entry("c1", NOW, A_DECISION)) == []
    assert facts(database) == [A_DECISION, A_DECISION]


def test_the_last_decision_of_each_case(database: Database) -> None:
    append(
        database,
        Entry("c1", NOW, Decision(Wait())),
        Entry("c1", NOW, A_DECISION),
        Entry("c1", NOW, marked()),
        Entry("c2", NOW, marked()),
        Entry("c3", NOW, Decision(Wait(NOW))),
        Entry("c4", NOW, A_DECISION),
    )
    with database.read() as conn:
        found = journal.last_decisions(conn, ["c1", "c2", "c3"])
    assert {case_id: line.fact for case_id, line in found.items()} == {"c1": A_DECISION, "c3": Decision(Wait(NOW))}


def test_what_an_import_brought_is_listed_in_order_and_in_parts(database: Database) -> None:
    append(database, *(Entry(f"c{n}", NOW, marked(), import_id="one" if n % 2 else "other") for n in range(10)))
    with database.read() as conn:
        parts = [[line.case_id for line in part] for part in journal.events_of_import(conn, "one", chunk=2)]
    assert parts == [["c1", "c3"], ["c5", "c7"], ["c9"]]


_FORBIDDEN = ("UPDATE journal SET body = '{}'", "DELETE FROM journal", "DELETE FROM journal WHERE case_id = 'none'")
_BACK_DOORS = {
    "sqlite": (_FORBIDDEN[0], _FORBIDDEN[1], "INSERT OR REPLACE INTO journal SELECT * FROM journal"),
    "postgresql": (*_FORBIDDEN, "TRUNCATE journal"),
}


def test_no_line_is_ever_changed_or_removed(database: Database) -> None:
    """R33: what was said and decided is kept as evidence."""
    append(database, Entry("c1", NOW, marked()))
    for statement in _BACK_DOORS[database.name]:
        with pytest.raises(StorageError) as refused, database.begin() as conn:
            conn.exec_driver_sql(statement)
        assert refused.value.code == "append_only", statement
    assert facts(database) == [marked()]


def test_a_large_batch_keeps_its_order_and_its_repetitions(database: Database) -> None:
    append(database, Entry("c1", NOW, marked("e700")))
    entries = [Entry("c1", NOW, marked(f"e{n}")) for n in range(2_100)]
    assert append(database, *entries) == [entries[700]]
    found = [fact.id for fact in facts(database) if isinstance(fact, Marked)]
    assert found == ["e700", *(f"e{n}" for n in range(2_100) if n != 700)]
