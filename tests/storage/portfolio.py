"""Short ways to fill a database in a storage test."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec.structs import replace

from channels.contract import Channel
from orchestrator.domain.campaign import DocumentKind, Purpose, Use
from orchestrator.domain.case import Case
from orchestrator.domain.contact import Debtor
from orchestrator.domain.decision import Send
from orchestrator.domain.voice import Voice
from orchestrator.storage import cases, messages, persons
from orchestrator.storage.cases import Entry, Stored
from orchestrator.storage.database import Connection, Database
from orchestrator.storage.messages import Message

NOW = datetime(2026, 3, 7, 9, 0, 0, 123_456, tzinfo=UTC)
HOUR = timedelta(hours=1)


def a_case(case_id: str = "c1", **changes: Any) -> Case:
    fields: dict[str, Any] = {"creditor": "acme", "debtor": Debtor(ref=f"ref-{case_id}", name="Jeanne Dupont")}
    return Case(id=case_id, **{**fields, **changes})


def insert(conn: Connection, *items: Case, due_at: datetime | None = NOW, points: Iterable[str] = ()) -> None:
    """Links and inserts cases, all due at one instant."""
    linked = persons.link(conn, {item.id: list(points) for item in items})
    cases.insert(conn, [Entry(item, due_at, linked[item.id]) for item in items], now=NOW)


def put(database: Database, *case_ids: str, due_at: datetime | None = NOW) -> None:
    """Stores plain cases of these ids."""
    with database.begin() as conn:
        insert(conn, *(a_case(case_id) for case_id in case_ids), due_at=due_at)


def stored(database: Database, case_id: str = "c1") -> Stored:
    """The case as it stands."""
    with database.read() as conn:
        (found,) = cases.load(conn, [case_id])
    return found


def with_outcome(item: Stored, outcome: str) -> cases.Change:
    """A change to save over what was read, due an hour later."""
    return cases.Change(replace(item.case, outcome=outcome), NOW + HOUR, item.version)


def a_send(**changes: Any) -> Send:
    fields: dict[str, Any] = {
        "step": "reminder-1",
        "cycle": 1,
        "ordinal": 1,
        "channel": Channel.EMAIL,
        "use": Use.EMAIL,
        "voice": Voice.COURTEOUS,
        "template": "reminder",
        "kind": DocumentKind.REMINDER,
        "purpose": Purpose.DEMAND,
        "not_before": NOW,
    }
    return Send(**{**fields, **changes})


def a_message(message_id: str = "m1", *, case_id: str = "c1", **changes: Any) -> Message:
    """A planned message; what is a word of Send goes there."""
    words = {name: changes.pop(name) for name in list(changes) if name in Send.__struct_fields__}
    send = a_send(**words)
    fields: dict[str, Any] = {
        "campaign": "b2c-small",
        "creditor": "acme",
        "send": send,
        "lane": "mail",
        "planned_at": NOW,
        "not_before": send.not_before,
        "expires_at": send.expires,
    }
    return Message(id=message_id, case_id=case_id, **{**fields, **changes})


def plan(database: Database, *items: Message) -> list[str]:
    with database.begin() as conn:
        return messages.plan(conn, items, now=NOW)
