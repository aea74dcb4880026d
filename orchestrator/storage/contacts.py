"""When each person was contacted, in whatever case: what the caps of the packs count. Judges no cap."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import Connection, delete, select, true, update

from orchestrator.domain.campaign import Purpose
from orchestrator.domain.context import Contact
from orchestrator.domain.policy import ContactChannel
from orchestrator.storage.batch import among, insert_new
from orchestrator.storage.instants import from_micros, to_micros
from orchestrator.storage.tables import contacts


class Entry(msgspec.Struct, frozen=True):
    """A contact of a person, and the references of the debts it demanded."""

    person_id: str
    contact: Contact
    references: tuple[str, ...] = ()


def record(conn: Connection, entries: Sequence[Entry]) -> None:
    """Records contacts; one that is there already (same message and case) stays as it stands."""
    rows = [
        {
            "message_id": entry.contact.message_id,
            "case_id": entry.contact.case_id,
            "person_id": entry.person_id,
            "at": to_micros(entry.contact.at),
            "channel": entry.contact.channel.value,
            "purpose": entry.contact.purpose.value,
            "debts": msgspec.json.encode(entry.references).decode(),
            "is_undelivered": entry.contact.is_undelivered,
            "is_conversation": entry.contact.is_conversation,
        }
        for entry in entries
    ]
    insert_new(conn, contacts, rows, key=("message_id", "case_id"))


def mark_undelivered(conn: Connection, message_ids: Iterable[str]) -> None:
    """These messages are proved undelivered: they count in no cap any more (semantics B6)."""
    these = among(conn, contacts.c.message_id, message_ids)
    conn.execute(update(contacts).where(these).values(is_undelivered=true()))


def withdraw(conn: Connection, message_ids: Iterable[str]) -> None:
    """These messages did not leave after all: what the gate counted for them is taken back."""
    conn.execute(delete(contacts).where(among(conn, contacts.c.message_id, message_ids)))


def of_persons(conn: Connection, person_ids: Iterable[str], *, since: datetime) -> dict[str, list[Contact]]:
    """The contacts of each person from `since` on, oldest first; a person without any is absent."""
    statement = select(
        contacts.c.person_id,
        contacts.c.at,
        contacts.c.channel,
        contacts.c.purpose,
        contacts.c.case_id,
        contacts.c.message_id,
        contacts.c.is_undelivered,
        contacts.c.is_conversation,
    ).where(among(conn, contacts.c.person_id, person_ids), contacts.c.at >= to_micros(since))
    found: dict[str, list[Contact]] = {}
    for person_id, at, channel, purpose, case_id, message_id, is_undelivered, is_conversation in conn.execute(
        statement.order_by(contacts.c.at, contacts.c.message_id)
    ).all():
        contact = Contact(
            at=from_micros(at),
            channel=ContactChannel(channel),
            purpose=Purpose(purpose),
            case_id=case_id,
            message_id=message_id,
            is_undelivered=is_undelivered,
            is_conversation=is_conversation if is_conversation is not None else channel == ContactChannel.CALL,
        )
        found.setdefault(person_id, []).append(contact)
    return found
