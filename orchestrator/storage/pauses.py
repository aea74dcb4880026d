"""Pauses, running and past. Owns no epoch, no drain and no judgement of a scope."""

from datetime import datetime

import msgspec
from sqlalchemy import Connection, or_, select, update

from orchestrator.domain.errors import Conflict
from orchestrator.domain.interruption import Pause
from orchestrator.storage import outbox
from orchestrator.storage.batch import insert_new
from orchestrator.storage.instants import maybe_micros, to_micros
from orchestrator.storage.tables import pauses

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Pause).decode


def insert(conn: Connection, pause: Pause) -> None:
    """Stores a new pause, and keeps it for the endpoints that are told. Raises Conflict when its id is taken."""
    if not insert_new(conn, pauses, [{"id": pause.id, **_columns(pause)}], key=("id",)):
        raise Conflict("this pause exists already", code="pause_exists")
    outbox.tell_pause_started(conn, pause)


def save(conn: Connection, pause: Pause) -> bool:
    """Replaces what was stored: a new end, a resume. False when there is no such pause."""
    is_known = conn.execute(update(pauses).where(pauses.c.id == pause.id).values(_columns(pause))).rowcount == 1
    outbox.tell_pause_ended(conn, pause)
    return is_known


def load(conn: Connection, pause_id: str, *, for_update: bool = False) -> Pause | None:
    """The pause of that id, or None. Who saves what it has read locks it first, and takes no barrier after."""
    statement = select(pauses.c.body).where(pauses.c.id == pause_id)
    body = conn.execute(statement.with_for_update() if for_update else statement).scalar()
    return None if body is None else _decode(body)


def active(conn: Connection, *, at: datetime) -> list[Pause]:
    """The pauses in force at an instant, oldest first: begun, not resumed, their end not reached."""
    return [pause for pause in overlapping(conn, since=at, until=at) if _is_in_force(pause, at)]


def over(conn: Connection, *, at: datetime) -> list[Pause]:
    """The pauses whose end has come and that nobody has resumed."""
    ended = (pauses.c.ends_at <= to_micros(at)) & pauses.c.resumed_at.is_(None)
    statement = select(pauses.c.body).where(ended).order_by(pauses.c.since, pauses.c.id)
    return [_decode(body) for body in conn.execute(statement).scalars()]


def unwoken(conn: Connection, *, resumed_until: datetime) -> list[Pause]:
    """The pauses that were resumed and whose cases nobody has made to decide again, oldest first."""
    forgotten = (pauses.c.resumed_at <= to_micros(resumed_until)) & pauses.c.woken_at.is_(None)
    statement = select(pauses.c.body).where(forgotten).order_by(pauses.c.since, pauses.c.id)
    return [_decode(body) for body in conn.execute(statement).scalars()]


def by_guard(conn: Connection) -> dict[str, list[Pause]]:
    """The pauses that guard-rails ever placed, oldest first, by guard-rail. Their ids begin with `guard-`."""
    placed = (pauses.c.id > "guard-") & (pauses.c.id < "guard.")
    found: dict[str, list[Pause]] = {}
    statement = select(pauses.c.body).where(placed).order_by(pauses.c.since, pauses.c.id)
    for pause in map(_decode, conn.execute(statement).scalars()):
        found.setdefault(pause.guard, []).append(pause)
    return found


def overlapping(conn: Connection, *, since: datetime, until: datetime) -> list[Pause]:
    """The pauses in force at any time between two instants, oldest first: the case clock needs the past ones too."""
    first, last = to_micros(since), to_micros(until)
    statement = select(pauses.c.body).where(
        pauses.c.since <= last,
        or_(pauses.c.ends_at.is_(None), pauses.c.ends_at >= first),
        or_(pauses.c.resumed_at.is_(None), pauses.c.resumed_at >= first),
    )
    return [_decode(body) for body in conn.execute(statement.order_by(pauses.c.since, pauses.c.id)).scalars()]


def _is_in_force(pause: Pause, at: datetime) -> bool:
    return all(end is None or at < end for end in (pause.ends_at, pause.resumed_at))


def _columns(pause: Pause) -> dict[str, object]:
    return {
        "since": to_micros(pause.since),
        "ends_at": maybe_micros(pause.ends_at),
        "resumed_at": maybe_micros(pause.resumed_at),
        "woken_at": maybe_micros(pause.woken_at),
        "body": _encode(pause).decode(),
    }
