"""Replies that wait for a person, in their order, and who has taken which: a lease by the real clock.

A row stands here for as long as its reply is open; `replies.py` keeps the words.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import Connection, delete, func, literal, or_, select, update

from orchestrator.storage.batch import among, insert_new
from orchestrator.storage.instants import maybe_instant, to_micros
from orchestrator.storage.listening_tables import replies, waiting_replies

_ROW = waiting_replies.c


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """One reply in the line. `creditor` is empty while nobody knows whom it is from; `place` is where it stands.

    `taken_by` has it since `taken_at` and until `held_until`, all empty when nobody ever took it.
    """

    reply_id: str
    creditor: str
    place: str
    taken_by: str = ""
    taken_at: datetime | None = None
    held_until: datetime | None = None

    def holder(self, now: datetime) -> str:
        """Who has it at this instant, empty for nobody: a lease that is over holds nothing."""
        return self.taken_by if self.held_until is not None and self.held_until > now else ""


def add(conn: Connection, items: Sequence[Waiting]) -> None:
    """Puts replies in the line; one that stands there stays where it is."""
    rows = [{"reply_id": i.reply_id, "creditor": i.creditor, "place": i.place, "taken_by": ""} for i in items]
    insert_new(conn, waiting_replies, rows, key=("reply_id",))


def remove(conn: Connection, ids: Iterable[str]) -> None:
    """They wait no more; whoever had them has them no more."""
    conn.execute(delete(waiting_replies).where(among(conn, _ROW.reply_id, ids)))


def move_up(conn: Connection, case_id: str, *, risk: int) -> None:
    """The replies of a case stand at least as high as this risk: its person turned out to be fragile."""
    mine = select(replies.c.id).where(replies.c.case_id == case_id, replies.c.state == "open")
    moved = literal(str(risk)) + func.substr(_ROW.place, 2)
    conn.execute(
        update(waiting_replies).where(_ROW.reply_id.in_(mine), _ROW.place >= f"{risk + 1}").values(place=moved)
    )


def settle(conn: Connection, reply_id: str, *, creditor: str) -> None:
    """It is known whom a reply is from."""
    conn.execute(update(waiting_replies).where(_ROW.reply_id == reply_id).values(creditor=creditor))


def line_up(
    conn: Connection,
    *,
    creditors: frozenset[str] | None,
    limit: int,
    after: str = "",
    only_free_at: datetime | None = None,
) -> list[Waiting]:
    """At most `limit` replies, the gravest first, after that place. `creditors` None are all, and nobody's too.

    With `only_free_at`, those that nobody has at that instant.
    """
    statement = select(waiting_replies).order_by(_ROW.place).limit(limit)
    if creditors is not None:
        statement = statement.where(among(conn, _ROW.creditor, creditors))
    if after:
        statement = statement.where(_ROW.place > after)
    if only_free_at is not None:
        statement = statement.where(or_(_ROW.held_until.is_(None), _ROW.held_until <= to_micros(only_free_at)))
    return [_waiting(row) for row in conn.execute(statement)]


class Grave(msgspec.Struct, frozen=True):
    """A reply of a case that waits with a risk: the number that its place begins with."""

    reply_id: str
    case_id: str
    risk: int


def gravest(conn: Connection, *, creditors: frozenset[str] | None, below: int, limit: int) -> list[Grave]:
    """The replies of known cases whose risk is below that number, the gravest first."""
    statement = (
        select(_ROW.reply_id, replies.c.case_id, _ROW.place)
        .select_from(waiting_replies.join(replies, replies.c.id == _ROW.reply_id))
        .where(_ROW.place < str(below), replies.c.case_id != "")
        .order_by(_ROW.place)
        .limit(limit)
    )
    if creditors is not None:
        statement = statement.where(among(conn, _ROW.creditor, creditors))
    return [Grave(row.reply_id, row.case_id, int(row.place[0])) for row in conn.execute(statement)]


def count(conn: Connection, *, creditors: frozenset[str] | None) -> int:
    """How many wait."""
    statement = select(func.count()).select_from(waiting_replies)
    if creditors is not None:
        statement = statement.where(among(conn, _ROW.creditor, creditors))
    return int(conn.execute(statement).scalar_one())


def find(conn: Connection, reply_id: str) -> Waiting | None:
    """Where a reply stands; None when it waits no more."""
    row = conn.execute(select(waiting_replies).where(_ROW.reply_id == reply_id)).one_or_none()
    return None if row is None else _waiting(row)


def take(conn: Connection, reply_id: str, *, by: str, now: datetime, until: datetime) -> Waiting | None:
    """Takes a reply, or renews what `by` has of it; returns who has it then. None when it waits no more."""
    at, end = to_micros(now), to_micros(until)
    is_free = or_(_ROW.held_until.is_(None), _ROW.held_until <= at)
    mine = _ROW.reply_id == reply_id
    renewed = conn.execute(
        update(waiting_replies).where(mine, _ROW.taken_by == by, _ROW.held_until > at).values(held_until=end)
    )
    if not renewed.rowcount:
        values = {"taken_by": by, "taken_at": at, "held_until": end}
        conn.execute(update(waiting_replies).where(mine, is_free).values(**values))
    return find(conn, reply_id)


def release(conn: Connection, reply_id: str, *, by: str) -> bool:
    """Gives it back; False when it was not theirs."""
    mine = (_ROW.reply_id == reply_id) & (_ROW.taken_by == by) & _ROW.held_until.is_not(None)
    nobody = {"taken_by": "", "taken_at": None, "held_until": None}
    return bool(conn.execute(update(waiting_replies).where(mine).values(**nobody)).rowcount)


def _waiting(row: object) -> Waiting:
    values = dict(row._mapping)  # type: ignore[attr-defined]  # a row of SQLAlchemy, whatever it is of
    instants = {name: maybe_instant(values[name]) for name in ("taken_at", "held_until")}
    return Waiting(**{**values, **instants})
