"""Counts for who watches the sending at this moment: what flies, waits, is in doubt, and asks for a person.

Each reads a partial index or a short range, never the bodies of cases. With `creditors`, only what is theirs counts,
which costs the rows themselves; None counts all.
"""

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import BigInteger, Connection, Select, case, cast, func, literal_column, select

from orchestrator.domain.reply import Reading
from orchestrator.storage.batch import among
from orchestrator.storage.instants import from_micros, maybe_instant, to_micros
from orchestrator.storage.left_attempts import lanes_tried
from orchestrator.storage.listening_tables import replies
from orchestrator.storage.sending_tables import attempts
from orchestrator.storage.tables import cases, messages, tasks

Creditors = frozenset[str] | None

_reading = msgspec.json.Decoder(Reading).decode
_LEFT = ("accepted", "in_doubt")


class Flying(msgspec.Struct, frozen=True):
    """Attempts of a lane and campaign, and since when the oldest of them."""

    lane: str
    campaign: str
    count: int
    oldest_at: datetime


class Planned(msgspec.Struct, frozen=True):
    """Messages planned for a lane by a campaign: those that may go now, those that may by `soon`, and all."""

    lane: str
    campaign: str
    due: int
    soon: int
    all: int


class Asked(msgspec.Struct, frozen=True):
    """Open tasks of a kind for a role: how many, and how many of them should be done by now."""

    kind: str
    role: str
    count: int
    due: int


class Written(msgspec.Struct, frozen=True):
    """Replies that a person has to read: how many, since when, and what the first of them say, by when they came."""

    count: int
    oldest_at: datetime | None
    readings: tuple[Reading, ...]


def calling(conn: Connection, creditors: Creditors) -> list[Flying]:
    """What is being handed to a provider now."""
    return _flying(conn, "calling", creditors)


def in_doubt(conn: Connection, creditors: Creditors) -> list[Flying]:
    """What nobody answered for."""
    return _flying(conn, "in_doubt", creditors)


def left_since(conn: Connection, since: datetime, creditors: Creditors) -> dict[tuple[str, str], int]:
    """By (lane, campaign), what left since an instant of the wall; for a minute or the counts of a few creditors."""
    names = (attempts.c.lane, messages.c.campaign)
    found: dict[tuple[str, str], int] = {}
    for lane in lanes_tried(conn):
        counted = _with_messages(select(*names, func.count())).where(
            attempts.c.lane == lane, attempts.c.started_at > to_micros(since), attempts.c.state.in_(_LEFT)
        )
        rows = conn.execute(_of(conn, counted, messages.c.creditor, creditors).group_by(*names))
        found.update({(lane, campaign): number for lane, campaign, number in rows})
    return found


def planned(conn: Connection, *, now: datetime, soon: datetime, creditors: Creditors) -> list[Planned]:
    """What is planned, by lane and campaign."""
    names = (messages.c.lane, messages.c.campaign)
    counted = select(*names, _until(messages.c.not_before, now), _until(messages.c.not_before, soon), func.count())
    counted = counted.where(messages.c.state == literal_column("'planned'"))
    rows = conn.execute(_of(conn, counted, messages.c.creditor, creditors).group_by(*names).order_by(*names))
    return [Planned(*row) for row in rows]


def deciding(conn: Connection, *, until: datetime, creditors: Creditors, most: int) -> int:
    """Cases that decide by an instant, counted no further than `most` (of a few creditors: among the first `most`)."""
    near = cases.c.due_at <= to_micros(until)
    if creditors is None:
        first = select(cases.c.id).where(near).limit(most).subquery("near")
        return int(conn.execute(select(func.count()).select_from(first)).scalar_one())
    whose = select(cases.c.creditor).where(near).order_by(cases.c.due_at).limit(most)
    return sum(creditor in creditors for creditor in conn.execute(whose).scalars())


def asked(conn: Connection, *, now: datetime, creditors: Creditors) -> list[Asked]:
    """Open tasks by kind and role; with `creditors` those about their cases alone."""
    names = (tasks.c.kind, tasks.c.role)
    counted = select(*names, func.count(), _until(tasks.c.due_at, now))
    counted = counted.where(tasks.c.state == literal_column("'open'"))
    if creditors is not None:
        counted = _of(conn, counted.join(cases, cases.c.id == tasks.c.case_id), cases.c.creditor, creditors)
    return [Asked(*row) for row in conn.execute(counted.group_by(*names).order_by(*names))]


def written(conn: Connection, *, creditors: Creditors, most: int) -> Written:
    """Replies nobody has read, with what the oldest `most` of them say; with `creditors` those of their cases."""
    is_open = replies.c.state == literal_column("'open'")
    counted = select(func.count(), func.min(replies.c.received_at)).select_from(replies).where(is_open)
    first = select(replies.c.reading).where(is_open).order_by(replies.c.received_at, replies.c.id).limit(most)
    if creditors is not None:
        is_theirs = cases.c.id == replies.c.case_id
        counted = _of(conn, counted.join(cases, is_theirs), cases.c.creditor, creditors)
        first = _of(conn, first.join(cases, is_theirs), cases.c.creditor, creditors)
    count, oldest = conn.execute(counted).one()
    readings = tuple(_reading(body) for body in conn.execute(first).scalars()) if count else ()
    return Written(count, maybe_instant(oldest), readings)


def _flying(conn: Connection, state: str, creditors: Creditors) -> list[Flying]:
    names = (attempts.c.lane, messages.c.campaign)
    counted = _with_messages(select(*names, func.count(), func.min(attempts.c.started_at)))
    # Written out: a partial index serves only a query that says its condition word by word.
    counted = counted.where(attempts.c.state == literal_column(f"'{state}'"))
    rows = conn.execute(_of(conn, counted, messages.c.creditor, creditors).group_by(*names).order_by(*names))
    return [Flying(lane, campaign, number, from_micros(oldest)) for lane, campaign, number, oldest in rows]


def _with_messages(statement: Select[Any]) -> Select[Any]:
    return statement.join_from(attempts, messages, messages.c.id == attempts.c.message_id)


def _of(conn: Connection, statement: Any, creditor: Any, creditors: Creditors) -> Any:
    return statement if creditors is None else statement.where(among(conn, creditor, creditors))


def _until(column: Any, instant: datetime) -> Any:
    return cast(func.coalesce(func.sum(case((column <= to_micros(instant), 1), else_=0)), 0), BigInteger)
