"""Which request a caller's idempotency key stands for, and what was answered. Knows nothing of HTTP but its status."""

from datetime import datetime

import msgspec
from sqlalchemy import ColumnElement, Connection, and_, delete, select, update

from orchestrator.storage.access_tables import idempotency_keys as table
from orchestrator.storage.batch import insert_new
from orchestrator.storage.instants import from_micros, to_micros


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """One key of one caller on one route. `request_hash` tells whether the same is asked again."""

    caller: str
    route: str
    key: str
    request_hash: str


class Standing(msgspec.Struct, frozen=True):
    """What is known of a claim: for what it was taken, when, and the answer; `status` None while at work."""

    request_hash: str
    taken_at: datetime
    status: int | None
    body: str | None


def claim(conn: Connection, wanted: Claim, *, now: datetime) -> bool:
    """Takes the key for this request; False when it stands for one already."""
    row = {**msgspec.structs.asdict(wanted), "taken_at": to_micros(now), "status": None, "body": None}
    return bool(insert_new(conn, table, [row], key=("caller", "route", "key")))


def load(conn: Connection, wanted: Claim) -> Standing | None:
    """What stands under the key, or None."""
    columns = (table.c.request_hash, table.c.taken_at, table.c.status, table.c.body)
    row = conn.execute(select(*columns).where(_is(wanted))).first()
    return None if row is None else Standing(row.request_hash, from_micros(row.taken_at), row.status, row.body)


def answer(conn: Connection, wanted: Claim, *, status: int, body: str) -> None:
    """Keeps the answer for who asks again."""
    conn.execute(update(table).where(_is(wanted)).values(status=status, body=body))


def release(conn: Connection, wanted: Claim) -> None:
    """Frees a key whose request did nothing."""
    conn.execute(delete(table).where(_is(wanted), table.c.status.is_(None)))


def take_over(conn: Connection, wanted: Claim, *, taken_at: datetime, now: datetime) -> bool:
    """Takes a key from a request that never answered; False when somebody else did so first."""
    put = update(table).where(_is(wanted), table.c.status.is_(None), table.c.taken_at == to_micros(taken_at))
    return conn.execute(put.values(taken_at=to_micros(now))).rowcount == 1


def forget(conn: Connection, *, before: datetime) -> int:
    """Deletes what was taken before an instant; returns how many."""
    return conn.execute(delete(table).where(table.c.taken_at < to_micros(before))).rowcount


def _is(wanted: Claim) -> ColumnElement[bool]:
    return and_(table.c.caller == wanted.caller, table.c.route == wanted.route, table.c.key == wanted.key)
