"""Lists of messages for people and programs, a page at a time, in the order of ids."""

import msgspec
from sqlalchemy import Connection, select

from orchestrator.storage.messages import COLUMNS, Message, read
from orchestrator.storage.tables import messages


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """Which messages to list; every field that is given must match."""

    case_id: str | None = None
    state: str | None = None
    campaign: str | None = None
    channel: str | None = None


def search(conn: Connection, wanted: Filter, *, limit: int, after: str = "") -> list[Message]:
    """At most `limit` messages from the one after the id `after`; ids begin with their case's."""
    statement = select(*COLUMNS).where(messages.c.id > after).order_by(messages.c.id).limit(limit)
    for name in Filter.__struct_fields__:
        value = getattr(wanted, name)
        if value is not None:
            statement = statement.where(messages.c[name] == value)
    return read(conn, statement)
