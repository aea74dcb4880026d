"""Contacts: counted for the person over all cases, once each."""

from typing import Any

from sqlalchemy import update

from orchestrator.domain.campaign import Purpose
from orchestrator.domain.context import Contact
from orchestrator.domain.policy import ContactChannel
from orchestrator.storage import contacts
from orchestrator.storage.contacts import Entry
from orchestrator.storage.database import Connection, Database
from orchestrator.storage.tables import contacts as contacts_table
from tests.storage.portfolio import HOUR, NOW, a_case, insert


def a_contact(message_id: str = "m1", **changes: Any) -> Contact:
    fields = {"at": NOW, "channel": ContactChannel.SMS, "purpose": Purpose.DEMAND, "case_id": "c1"}
    return Contact(message_id=message_id, **{**fields, **changes})


def people(conn: Connection) -> None:
    insert(conn, a_case("c1"), a_case("c2"), points=["p"])
    insert(conn, a_case("c3"), points=["q"])


def test_the_contacts_of_a_person_come_from_all_cases_oldest_first(database: Database) -> None:
    first, second = a_contact("m1", at=NOW - HOUR, case_id="c2"), a_contact("m2", channel=ContactChannel.CALL)
    other = a_contact("m3", case_id="c3")
    with database.begin() as conn:
        people(conn)
        contacts.record(conn, [Entry("p", second), Entry("p", first, ("F-1",)), Entry("q", other)])
        assert contacts.of_persons(conn, ["p"], since=NOW - HOUR) == {"p": [first, second]}
        assert contacts.of_persons(conn, ["p", "q", "r"], since=NOW) == {"p": [second], "q": [other]}


def test_a_contact_recorded_twice_counts_once(database: Database) -> None:
    with database.begin() as conn:
        people(conn)
        contacts.record(conn, [Entry("p", a_contact())])
        contacts.record(conn, [Entry("p", a_contact(at=NOW + HOUR)), Entry("p", a_contact("m2"))])
        assert contacts.of_persons(conn, ["p"], since=NOW) == {"p": [a_contact(), a_contact("m2")]}


def test_two_cases_may_have_calls_of_one_name(database: Database) -> None:
    with database.begin() as conn:
        people(conn)
        contacts.record(conn, [Entry("p", a_contact("call-1")), Entry("p", a_contact("call-1", case_id="c2"))])
        assert len(contacts.of_persons(conn, ["p"], since=NOW)["p"]) == 2


def test_a_contact_proved_undelivered_says_so(database: Database) -> None:
    with database.begin() as conn:
        people(conn)
        contacts.record(conn, [Entry("p", a_contact("m1")), Entry("p", a_contact("m2"))])
        contacts.mark_undelivered(conn, ["m1", "unknown"])
        found = contacts.of_persons(conn, ["p"], since=NOW)["p"]
    assert [contact.is_undelivered for contact in found] == [True, False]


def test_a_call_of_which_nobody_knows_is_a_conversation(database: Database) -> None:
    """US-02: rows of a program that does not know the column yet have null there."""
    answered = a_contact("m1", channel=ContactChannel.CALL, is_conversation=True)
    unanswered = a_contact("m2", channel=ContactChannel.CALL, at=NOW + HOUR)
    with database.begin() as conn:
        people(conn)
        contacts.record(conn, [Entry("p", answered), Entry("p", unanswered)])
        assert contacts.of_persons(conn, ["p"], since=NOW) == {"p": [answered, unanswered]}
        conn.execute(update(contacts_table).values(is_conversation=None))
        contacts.record(conn, [Entry("p", a_contact("m3", at=NOW + 2 * HOUR))])
        conn.execute(update(contacts_table).values(is_conversation=None))
        found = contacts.of_persons(conn, ["p"], since=NOW)["p"]
    assert [contact.is_conversation for contact in found] == [True, True, False]
