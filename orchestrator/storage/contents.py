"""The words of each message as they were rendered, once per content hash: the evidence. Hashes nothing itself."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import Connection, select

from orchestrator.storage.batch import among, insert_new
from orchestrator.storage.instants import to_micros
from orchestrator.storage.tables import contents


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """What a message said. `media_type` says what `text` is: text/plain, text/html, application/json for parts."""

    hash: str
    text: str
    subject: str = ""
    media_type: str = "text/plain"


def put(conn: Connection, items: Sequence[Content], *, now: datetime) -> None:
    """Stores what is not there yet; the same hash is the same content."""
    at = to_micros(now)
    rows = [{**msgspec.structs.asdict(item), "stored_at": at} for item in items]
    insert_new(conn, contents, rows, key=("hash",))


def load(conn: Connection, hashes: Iterable[str]) -> dict[str, Content]:
    """The contents by hash; what is unknown, or was erased, is absent."""
    columns = (contents.c.hash, contents.c.text, contents.c.subject, contents.c.media_type)
    found = conn.execute(select(*columns).where(among(conn, contents.c.hash, hashes)))
    return {row[0]: Content(hash=row[0], text=row[1], subject=row[2], media_type=row[3]) for row in found}
