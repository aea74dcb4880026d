"""Facts about this database itself, by name: above all whether it is staging, and how far its clock is shifted."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update

from orchestrator.storage.batch import insert_new
from orchestrator.storage.instants import to_micros
from orchestrator.storage.tables import facts

_CLOCK_OFFSET = "clock_offset_us"
_MICROSECOND = timedelta(microseconds=1)


def get(conn: Connection, name: str) -> str | None:
    """The value of a fact, or None."""
    return conn.execute(select(facts.c.value).where(facts.c.name == name)).scalar()


def put(conn: Connection, name: str, value: str, *, now: datetime) -> None:
    """Stores a fact, over what it was."""
    if put_once(conn, name, value, now=now) != value:
        conn.execute(update(facts).where(facts.c.name == name).values(value=value, at=to_micros(now)))


def put_once(conn: Connection, name: str, value: str, *, now: datetime) -> str:
    """Stores a fact unless it is there; returns what stands, the first value for ever."""
    row = {"name": name, "value": value, "at": to_micros(now)}
    if insert_new(conn, facts, [row], key=("name",)):
        return value
    return get(conn, name) or value


def start_staging(conn: Connection, offset: timedelta, *, now: datetime) -> timedelta:
    """Marks the database as staging for ever, its clock shifted by `offset`; returns the offset of whoever was first.

    (semantics D6) `now` is the real time.
    """
    return int(put_once(conn, _CLOCK_OFFSET, str(offset // _MICROSECOND), now=now)) * _MICROSECOND


def clock_offset(conn: Connection) -> timedelta | None:
    """How far `now` is shifted; None when this is no staging database, and real lanes are allowed."""
    value = get(conn, _CLOCK_OFFSET)
    return None if value is None else int(value) * _MICROSECOND
