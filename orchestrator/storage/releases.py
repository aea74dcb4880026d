"""Released campaigns, content-addressed, and which one is current (semantics B13). Reads no file."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, select
from sqlalchemy.dialects import postgresql, sqlite

from orchestrator.storage.batch import among, insert_new, is_postgresql
from orchestrator.storage.instants import from_micros, maybe_instant, to_micros
from orchestrator.storage.tables import campaigns, cases, releases

_decode = msgspec.json.Decoder(dict[str, str]).decode


class Release(msgspec.Struct, frozen=True, kw_only=True):
    """A campaign with all its words: `files` by path. `id` is the hash of them, made by whoever releases."""

    id: str
    campaign: str
    files: dict[str, str]
    released_at: datetime
    released_by: str = ""


def release(conn: Connection, item: Release) -> bool:
    """Stores the release and makes it current. False when its content was released before: it keeps that date."""
    row = {
        "id": item.id,
        "campaign": item.campaign,
        "files": msgspec.json.encode(item.files, order="deterministic").decode(),
        "released_at": to_micros(item.released_at),
        "released_by": item.released_by,
    }
    is_new = bool(insert_new(conn, releases, [row], key=("id",)))
    current = {"release_id": item.id, "current_since": row["released_at"], "set_by": item.released_by}
    dialect: Any = postgresql if is_postgresql(conn) else sqlite
    put = dialect.insert(campaigns).values(id=item.campaign, **current)
    conn.execute(put.on_conflict_do_update(index_elements=["id"], set_=current))
    return is_new


def current(conn: Connection) -> dict[str, Release]:
    """The current release of each campaign, by campaign."""
    rows = conn.execute(select(releases).join(campaigns, campaigns.c.release_id == releases.c.id))
    return {row.campaign: _release(row) for row in rows}


def load(conn: Connection, ids: Iterable[str]) -> dict[str, Release]:
    """The releases of these ids, by id; an unknown one is absent."""
    rows = conn.execute(select(releases).where(among(conn, releases.c.id, ids)))
    return {row.id: _release(row) for row in rows}


def history(conn: Connection, campaign: str) -> list[Release]:
    """Everything released of a campaign, oldest first."""
    statement = select(releases).where(releases.c.campaign == campaign)
    return [_release(row) for row in conn.execute(statement.order_by(releases.c.released_at, releases.c.id))]


class Heading(msgspec.Struct, frozen=True, kw_only=True):
    """A release without its files.

    `current_since` and `set_by` are those of the one in force, None and "" of the others.
    """

    id: str
    campaign: str
    released_at: datetime
    released_by: str
    current_since: datetime | None = None
    set_by: str = ""


def headings(conn: Connection, campaign: str | None = None) -> list[Heading]:
    """Every release of a campaign, or of all, the latest first. Reads no file of theirs."""
    held = (releases.c.id, releases.c.campaign, releases.c.released_at, releases.c.released_by)
    statement = select(*held, campaigns.c.current_since, campaigns.c.set_by).outerjoin(
        campaigns, campaigns.c.release_id == releases.c.id
    )
    if campaign is not None:
        statement = statement.where(releases.c.campaign == campaign)
    return [
        Heading(
            id=row.id,
            campaign=row.campaign,
            released_at=from_micros(row.released_at),
            released_by=row.released_by,
            current_since=maybe_instant(row.current_since),
            set_by=row.set_by or "",
        )
        for row in conn.execute(statement.order_by(releases.c.released_at.desc(), releases.c.id))
    ]


def _release(row: Row[Any]) -> Release:
    return Release(
        id=row.id,
        campaign=row.campaign,
        files=_decode(row.files),
        released_at=from_micros(row.released_at),
        released_by=row.released_by,
    )


def followed(conn: Connection) -> list[Release]:
    """The releases that some case is pinned to, oldest first: those a strategy must still know."""
    pinned = select(cases.c.release).where(cases.c.release != "").distinct()
    statement = select(releases).where(releases.c.id.in_(pinned))
    return [_release(row) for row in conn.execute(statement.order_by(releases.c.released_at, releases.c.id))]
