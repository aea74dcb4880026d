"""The inbox: each event that came in, once for ever under its key, until it was applied or parked.

Owns the events as they came and where each stands. Knows nothing of what they say.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Connection,
    Row,
    Select,
    any_,
    bindparam,
    func,
    literal_column,
    select,
    update,
)

from orchestrator.storage.batch import insert_new, is_postgresql
from orchestrator.storage.instants import from_micros, maybe_instant, maybe_micros, to_micros
from orchestrator.storage.listening_tables import inbox


class State(StrEnum):
    """Where an event stands."""

    WAITING = "waiting"
    APPLIED = "applied"
    PARKED = "parked"  # could not be applied: a person looks, or `retry_at` comes


class Arrival(msgspec.Struct, frozen=True):
    """An event to be kept. `source` is where it came in (`twilio/status`), `key` is the same however often it comes,
    `body` is the event as it came. `received_at` is the wall's instant, that of `put` when None.
    """

    source: str
    key: str
    body: str
    received_at: datetime | None = None

    def __repr__(self) -> str:
        return f"Arrival({self.source})"  # the body holds personal data


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """An event that is kept. `reason` says why it is parked, without personal data; `tries` counts in vain."""

    id: int
    source: str
    key: str
    state: State
    received_at: datetime
    processed_at: datetime | None
    retry_at: datetime | None
    tries: int
    reason: str
    body: str

    def __repr__(self) -> str:
        return f"Event({self.id} of {self.source}, {self.state})"  # the body holds personal data


class Parking(msgspec.Struct, frozen=True, kw_only=True):
    """An event to be parked, and when it is tried again by itself, if ever."""

    id: int
    reason: str
    retry_at: datetime | None = None


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """How many events wait and are parked, by source; since when the oldest waits."""

    waiting: dict[str, int]
    parked: dict[str, int]
    oldest_waiting_at: datetime | None


def put(conn: Connection, arrivals: Sequence[Arrival], *, now: datetime) -> int:
    """Keeps the events that are not kept yet; returns how many those were. `now` is the wall's instant."""
    at = to_micros(now)
    rows = [
        {
            "source": each.source,
            "key": each.key,
            "state": State.WAITING.value,
            "received_at": at if each.received_at is None else to_micros(each.received_at),
            "tries": 0,
            "reason": "",
            "body": each.body,
        }
        for each in arrivals  # in the order they came: a STOP and a START of one second are read in it
    ]
    return len(insert_new(conn, inbox, rows, key=("id",)))


# ------------------------------------------------------------------------------------------ to be applied


def is_due(conn: Connection, *, now: datetime) -> bool:
    """Whether anything is to be applied. Cheap, and takes no lock."""
    first = select(inbox.c.id).where(_is(State.WAITING)).limit(1)
    again = select(inbox.c.id).where(inbox.c.retry_at <= to_micros(now)).limit(1)
    return any(conn.execute(each).scalar() is not None for each in (first, again))


def waiting(conn: Connection, limit: int) -> list[Event]:
    """The oldest events to be applied, locked until the transaction ends; those that others hold are left to them."""
    return _read(conn, _locked(select(inbox).where(_is(State.WAITING)).order_by(inbox.c.id).limit(limit)))


def to_retry(conn: Connection, limit: int, *, now: datetime) -> list[Event]:
    """Parked events whose time to be tried again has come, locked as by `waiting`."""
    due = inbox.c.retry_at <= to_micros(now)
    return _read(conn, _locked(select(inbox).where(due).order_by(inbox.c.retry_at, inbox.c.id).limit(limit)))


def hold(conn: Connection, ids: Collection[int]) -> list[Event]:
    """These events, locked as by `waiting`; without those that were applied meanwhile."""
    open_ones = select(inbox).where(_among(conn, ids), ~_is(State.APPLIED)).order_by(inbox.c.id)
    return _read(conn, _locked(open_ones))


def settle(conn: Connection, ids: Collection[int], *, now: datetime) -> None:
    """These events are applied, in the transaction that wrote their effect."""
    if ids:
        values = {"state": State.APPLIED.value, "processed_at": to_micros(now), "retry_at": None, "reason": ""}
        conn.execute(update(inbox).where(_among(conn, ids)).values(values))


def park(conn: Connection, parkings: Iterable[Parking], *, now: datetime) -> None:
    """These events are laid aside, each with its reason; one more try of each was in vain."""
    for each in parkings:
        values = {
            "state": State.PARKED.value,
            "processed_at": to_micros(now),
            "retry_at": maybe_micros(each.retry_at),
            "tries": inbox.c.tries + 1,
            "reason": each.reason,
        }
        conn.execute(update(inbox).where(inbox.c.id == each.id).values(values))


def note(conn: Connection, event_id: int, words: str) -> None:
    """What is to be said of an event that was applied, without personal data."""
    conn.execute(update(inbox).where(inbox.c.id == event_id).values(reason=words))


# ------------------------------------------------------------------------------------------- for people


def search(
    conn: Connection, *, state: State | None = None, source: str = "", limit: int, before: int | None = None
) -> list[Event]:
    """Events, the latest first; `before` is the id of the last one of the page before."""
    statement = select(inbox).order_by(inbox.c.id.desc()).limit(limit)
    if state is not None:
        statement = statement.where(_is(state))
    if source:
        statement = statement.where(inbox.c.source == source)
    if before is not None:
        statement = statement.where(inbox.c.id < before)
    return _read(conn, statement)


def parked(conn: Connection, *, source: str = "", limit: int, before: int | None = None) -> list[Event]:
    """`search` for those that a person looks at."""
    return search(conn, state=State.PARKED, source=source, limit=limit, before=before)


def get(conn: Connection, event_id: int) -> Event | None:
    """The event of that id, or None."""
    return next(iter(_read(conn, select(inbox).where(inbox.c.id == event_id))), None)


def known(conn: Connection, ids: Collection[int]) -> set[int]:
    """Those of these ids that are an event's."""
    return set(conn.execute(select(inbox.c.id).where(_among(conn, ids))).scalars())


def replay(conn: Connection, ids: Collection[int]) -> int:
    """Lets parked and applied events be applied again; returns how many there are. What was done is done once."""
    changed = update(inbox).where(_among(conn, ids), ~_is(State.WAITING))
    return conn.execute(changed.values(state=State.WAITING.value, retry_at=None, tries=0)).rowcount


def replay_parked(conn: Connection, *, source: str = "") -> int:
    """Lets every parked event, or those of one source, be applied again; returns how many there are."""
    changed = update(inbox).where(_is(State.PARKED))
    if source:
        changed = changed.where(inbox.c.source == source)
    return conn.execute(changed.values(state=State.WAITING.value, retry_at=None, tries=0)).rowcount


def count(conn: Connection) -> Counts:
    """What waits and what is parked; walks those two only."""
    found: dict[State, dict[str, int]] = {State.WAITING: {}, State.PARKED: {}}
    for state in found:
        counted = select(inbox.c.source, func.count()).where(_is(state)).group_by(inbox.c.source)
        found[state] = {source: number for source, number in conn.execute(counted)}  # noqa: C416 - rows are no pairs to mypy
    oldest = conn.execute(select(func.min(inbox.c.received_at)).where(_is(State.WAITING))).scalar()
    return Counts(waiting=found[State.WAITING], parked=found[State.PARKED], oldest_waiting_at=maybe_instant(oldest))


# ------------------------------------------------------------------------------------------------- rows


def _is(state: State) -> ColumnElement[bool]:
    # Written out, so that the planner knows that a partial index fits.
    return inbox.c.state == literal_column(f"'{state.value}'")


def _among(conn: Connection, ids: Collection[int]) -> ColumnElement[bool]:
    """The ids as one parameter: one prepared statement serves every number of them."""
    if is_postgresql(conn):
        return inbox.c.id == any_(bindparam(None, sorted(ids), type_=ARRAY(BigInteger)))
    return inbox.c.id.in_(sorted(ids))


def _locked(statement: Select[Any]) -> Select[Any]:
    """SQLite takes no notice: it has one writer."""
    return statement.with_for_update(skip_locked=True)


def _read(conn: Connection, statement: Select[Any]) -> list[Event]:
    return [_event(row) for row in conn.execute(statement)]


def _event(row: Row[Any]) -> Event:
    return Event(
        id=row.id,
        source=row.source,
        key=row.key,
        state=State(row.state),
        received_at=from_micros(row.received_at),
        processed_at=maybe_instant(row.processed_at),
        retry_at=maybe_instant(row.retry_at),
        tries=row.tries,
        reason=row.reason,
        body=row.body,
    )
