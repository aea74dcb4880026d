"""Lists of messages: for programs in the order of ids, for people those that left last, or by where they stand.

A list for people is made of slices: so many rows of an index at a time, of which those that match are kept. Whoever
asks decides after each slice whether there is time for another one.
"""

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, literal_column, select, text, tuple_

from orchestrator.storage.batch import among
from orchestrator.storage.index_steps import values_of
from orchestrator.storage.instants import to_micros
from orchestrator.storage.messages import COLUMNS, Message, MessageState, read
from orchestrator.storage.sending_tables import attempts
from orchestrator.storage.tables import RARE, messages


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


# ------------------------------------------------------------------------------------------------ for people

SLICE = 300
Place = tuple[int, str]
"""Where a list stands: an instant in microseconds and an id."""
_MOST_LANES = 200
# Those that are found by the index of rare states.
RARE_STATES = frozenset(MessageState) - {MessageState.PLANNED, MessageState.CALLING, MessageState.ACCEPTED}


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which messages people look for; every field that is given must match.

    `creditors` are those that may be seen, None all. `since` and `until` bound when they were called (or, for those
    that were not, when they changed last); `until` is not included.
    """

    creditors: frozenset[str] | None = None
    state: MessageState | None = None
    campaign: str = ""
    creditor: str = ""
    channel: str = ""
    lane: str = ""
    since: datetime | None = None
    until: datetime | None = None


class Slice(msgspec.Struct, frozen=True, kw_only=True):
    """What one slice gave, in its order, each with its place. `last` is where the next one begins, None at the end."""

    found: tuple[tuple[Place, Message], ...]
    last: Place | None


def lanes(conn: Connection) -> list[str]:
    """Every lane by which anything was ever tried."""
    return values_of(conn, attempts.c.lane, most=_MOST_LANES)


def called(conn: Connection, wanted: Wanted, *, before: Place | None = None, size: int = SLICE) -> Slice:
    """Of the attempts called last by the lanes wanted, their messages that match; the newest first."""
    rows: list[tuple[int, str, str]] = []
    for lane in [wanted.lane] if wanted.lane else _lanes_of(conn, wanted.channel):
        rows += _called_by(conn, lane, wanted, before, size)
    rows.sort(reverse=True)
    rows = rows[:size]
    last = (rows[-1][0], rows[-1][1]) if len(rows) == size else None
    places: dict[str, Place] = {}
    for at, attempt_id, message_id in rows:
        places.setdefault(message_id, (at, attempt_id))  # a message that was called again stands where it was last
    return Slice(found=_matching(conn, wanted, places), last=last)


def _lanes_of(conn: Connection, channel: str) -> list[str]:
    """The lanes of a channel, or all: a lane has carried one channel alone."""
    return [lane for lane in lanes(conn) if not channel or _channel_of(conn, lane) == channel]


def _channel_of(conn: Connection, lane: str) -> str:
    first = select(attempts.c.channel).where(attempts.c.lane == lane).order_by(attempts.c.started_at).limit(1)
    return conn.execute(first).scalar() or ""


def _called_by(
    conn: Connection, lane: str, wanted: Wanted, before: Place | None, size: int
) -> list[tuple[int, str, str]]:
    key = (attempts.c.started_at, attempts.c.id)
    statement = select(*key, attempts.c.message_id).where(attempts.c.lane == lane)
    if before is not None:
        statement = statement.where(attempts.c.started_at <= before[0], tuple_(*key) < tuple_(*before))
    if wanted.since is not None:
        statement = statement.where(attempts.c.started_at >= to_micros(wanted.since))
    if wanted.until is not None:
        statement = statement.where(attempts.c.started_at < to_micros(wanted.until))
    statement = statement.order_by(*(each.desc() for each in key)).limit(size)
    return [(at, attempt_id, message_id) for at, attempt_id, message_id in conn.execute(statement)]


def rare(conn: Connection, wanted: Wanted, *, before: Place | None = None, size: int = SLICE) -> Slice:
    """Of the messages of one rare state, those that match, the last changed first."""
    state = wanted.state or MessageState.IN_DOUBT
    key = (messages.c.updated_at, messages.c.id)
    # Both written out: a partial index serves only a query that says its condition word by word.
    statement = select(*key).where(messages.c.state == literal_column(f"'{state.value}'"), text(RARE))
    if before is not None:
        statement = statement.where(tuple_(*key) < tuple_(*before))
    if wanted.since is not None:
        statement = statement.where(messages.c.updated_at >= to_micros(wanted.since))
    if wanted.until is not None:
        statement = statement.where(messages.c.updated_at < to_micros(wanted.until))
    rows = conn.execute(statement.order_by(*(each.desc() for each in key)).limit(size)).all()
    return _slice(conn, wanted, [(row[0], row[1]) for row in rows], size)


def planned(conn: Connection, wanted: Wanted, *, after: Place | None = None, size: int = SLICE) -> Slice:
    """Of the messages that wait to leave, those that match, the soonest first."""
    key = (messages.c.not_before, messages.c.id)
    statement = select(*key).where(messages.c.state == literal_column("'planned'"))
    for name in ("lane", "campaign"):
        if getattr(wanted, name):
            statement = statement.where(messages.c[name] == getattr(wanted, name))
    if after is not None:
        statement = statement.where(tuple_(*key) > tuple_(*after))
    rows = conn.execute(statement.order_by(*key).limit(size)).all()
    return _slice(conn, wanted, [(row[0], row[1]) for row in rows], size)


def _slice(conn: Connection, wanted: Wanted, rows: list[Place], size: int) -> Slice:
    places = {message_id: (at, message_id) for at, message_id in rows}
    return Slice(found=_matching(conn, wanted, places), last=rows[-1] if len(rows) == size else None)


def _matching(conn: Connection, wanted: Wanted, places: dict[str, Place]) -> tuple[tuple[Place, Message], ...]:
    """Of the messages at these places, those that are wanted, in the same order."""
    these: list[ColumnElement[Any]] = [among(conn, messages.c.id, places)]
    if wanted.creditors is not None:
        these.append(among(conn, messages.c.creditor, wanted.creditors))
    given = [name for name in ("campaign", "creditor", "channel") if getattr(wanted, name)]
    these += [messages.c[name] == getattr(wanted, name) for name in given]
    if wanted.state is not None:
        these.append(messages.c.state == wanted.state.value)
    found = {message.id: message for message in read(conn, select(*COLUMNS).where(*these))}
    return tuple((place, found[message_id]) for message_id, place in places.items() if message_id in found)
