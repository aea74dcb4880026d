"""What people wrote to us, with what was understood and what they attached. Personal data: erased with the case."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, func, literal_column, select, tuple_, update

from channels.contract import Attachment
from orchestrator.domain.reply import Reading
from orchestrator.storage import waiting_replies
from orchestrator.storage.batch import among, insert_new
from orchestrator.storage.instants import from_micros, to_micros
from orchestrator.storage.listening_tables import attachments, replies
from orchestrator.storage.tables import cases

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Reading).decode


class ReplyState(StrEnum):
    """Whether a person still has to read it."""

    OPEN = "open"
    DONE = "done"


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """One reply. `case_id` is empty while nobody knows whom it is from; `text` is as it came, quotation and all.

    `attempt_id` is the message answered, `thread` the Message-ID of the conversation, each empty where unknown.
    """

    id: str
    case_id: str
    channel: str
    sender: str
    recipient: str
    text: str
    reading: Reading
    received_at: datetime
    recorded_at: datetime
    sender_name: str = ""
    subject: str = ""
    attempt_id: str = ""
    thread: str = ""
    state: ReplyState = ReplyState.OPEN


class AttachedFile(msgspec.Struct, frozen=True):
    """A file of a reply, without its bytes. `size` is in bytes."""

    reply_id: str
    number: int
    file_name: str
    media_type: str
    size: int


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """Which replies to list; every field that is given must match."""

    case_id: str | None = None
    channel: str | None = None
    state: ReplyState | None = None


def insert(conn: Connection, items: Sequence[Reply]) -> set[str]:
    """Stores replies; returns the ids of those that were new. One that is known stays as it stands."""
    return {row[0] for row in insert_new(conn, replies, [_row(item) for item in items], key=("id",))}


def attach(conn: Connection, reply_id: str, files: Sequence[Attachment]) -> None:
    """Stores the files of a new reply, in their order."""
    rows = [
        {
            "reply_id": reply_id,
            "number": number,
            "file_name": file.file_name,
            "media_type": file.media_type,
            "size": len(file.content),
            "content": file.content,
        }
        for number, file in enumerate(files, start=1)
    ]
    if rows:
        conn.execute(attachments.insert(), rows)


def place(conn: Connection, reply_id: str, *, case_id: str) -> bool:
    """It is known whose a reply is; False when it was placed before."""
    nobodys = (replies.c.id == reply_id) & (replies.c.case_id == "")
    return bool(conn.execute(update(replies).where(nobodys).values(case_id=case_id)).rowcount)


def close(conn: Connection, ids: Iterable[str]) -> None:
    """Somebody has read them."""
    ids = list(ids)
    waiting_replies.remove(conn, ids)
    conn.execute(update(replies).where(among(conn, replies.c.id, ids)).values(state=ReplyState.DONE.value))


def load(conn: Connection, ids: Iterable[str]) -> list[Reply]:
    """The replies of these ids, in the order of ids; an unknown id is absent."""
    statement = select(replies).where(among(conn, replies.c.id, ids)).order_by(replies.c.id)
    return [_reply(row) for row in conn.execute(statement)]


def search(conn: Connection, wanted: Filter, *, limit: int, after: Reply | None = None) -> list[Reply]:
    """At most `limit` replies, the oldest first; the next page starts after the last one of this."""
    statement = select(replies).order_by(replies.c.received_at, replies.c.id).limit(limit)
    if wanted.state is not None:
        # Written out: a partial index serves only a query that says its condition word by word.
        statement = statement.where(replies.c.state == literal_column(f"'{wanted.state.value}'"))
    for name in ("case_id", "channel"):
        value = getattr(wanted, name)
        if value is not None:
            statement = statement.where(replies.c[name] == value)
    if after is not None:
        last = tuple_(to_micros(after.received_at), after.id)
        statement = statement.where(tuple_(replies.c.received_at, replies.c.id) > last)
    return [_reply(row) for row in conn.execute(statement)]


def count_open(conn: Connection, *, creditors: frozenset[str] | None, most: int) -> int:
    """How many replies wait for a person, counted up to `most`; those of nobody's case only where all are seen."""
    waiting = select(replies.c.id).where(replies.c.state == literal_column("'open'"))
    if creditors is not None:
        theirs = select(cases.c.id).where(cases.c.id == replies.c.case_id, cases.c.creditor.in_(sorted(creditors)))
        waiting = waiting.where(theirs.exists())
    return conn.execute(select(func.count()).select_from(waiting.limit(most).subquery())).scalar() or 0


def files_of(conn: Connection, reply_ids: Iterable[str]) -> list[AttachedFile]:
    """What is attached to these replies, in order."""
    columns = [attachments.c[name] for name in AttachedFile.__struct_fields__]
    statement = select(*columns).where(among(conn, attachments.c.reply_id, reply_ids))
    return [
        AttachedFile(*row) for row in conn.execute(statement.order_by(attachments.c.reply_id, attachments.c.number))
    ]


def file_content(conn: Connection, reply_id: str, number: int) -> bytes | None:
    """The bytes of an attached file; None when there is none."""
    mine = (attachments.c.reply_id == reply_id) & (attachments.c.number == number)
    found = conn.execute(select(attachments.c.content).where(mine)).scalar()
    return None if found is None else bytes(found)


# -------------------------------------------------------------------------------------------- the columns


def _row(item: Reply) -> dict[str, Any]:
    return {
        **msgspec.structs.asdict(item),
        "state": item.state.value,
        "reading": _encode(item.reading).decode(),
        "received_at": to_micros(item.received_at),
        "recorded_at": to_micros(item.recorded_at),
    }


def _reply(row: Row[Any]) -> Reply:
    values = dict(row._mapping)
    instants = {name: from_micros(values[name]) for name in ("received_at", "recorded_at")}
    return Reply(**{**values, **instants, "state": ReplyState(row.state), "reading": _decode(row.reading)})
