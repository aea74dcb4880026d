"""Portfolios and absences as stored. Owns no judgement of whose a case is."""

from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, func, select, update

from orchestrator.domain.condition import Condition
from orchestrator.domain.errors import Conflict
from orchestrator.domain.portfolio import Absence, Portfolio, Staff
from orchestrator.storage import access
from orchestrator.storage.batch import insert_new
from orchestrator.storage.instants import to_micros
from orchestrator.storage.work_tables import absences, portfolios

_encode = msgspec.json.Encoder().encode
_decode: msgspec.json.Decoder[Any] = msgspec.json.Decoder(Condition)


def insert(conn: Connection, item: Portfolio, *, by: str, now: datetime) -> None:
    """Stores a portfolio after those there are, whatever its own place. Raises Conflict when its id was ever used."""
    last = conn.execute(select(func.max(portfolios.c.place))).scalar() or 0
    row = {
        "id": item.id,
        "place": last + 1,
        "owner": item.owner,
        "creditors": " ".join(item.creditors),
        "scope": _encode(item.scope).decode(),
        "created_at": to_micros(now),
        "created_by": by,
        "ended_at": None,
    }
    if not insert_new(conn, portfolios, [row], key=("id",)):
        raise Conflict("a portfolio of this name exists, or did", hint="take another name", code="portfolio_exists")


def end(conn: Connection, portfolio_id: str, *, now: datetime) -> bool:
    """Ends a portfolio; False when there is none in force."""
    put = update(portfolios).where(portfolios.c.id == portfolio_id, portfolios.c.ended_at.is_(None))
    return conn.execute(put.values(ended_at=to_micros(now))).rowcount == 1


def in_force(conn: Connection) -> list[Portfolio]:
    """The portfolios in the order in which they are asked."""
    statement = select(portfolios).where(portfolios.c.ended_at.is_(None)).order_by(portfolios.c.place, portfolios.c.id)
    return [_portfolio(row) for row in conn.execute(statement)]


def insert_absence(conn: Connection, item: Absence, *, by: str, now: datetime) -> None:
    """Stores an absence. Raises Conflict when its id is taken."""
    row = {
        "id": item.id,
        "absent": item.absent,
        "substitute": item.substitute or None,
        "from_on": item.from_on.isoformat(),
        "to_on": item.to_on.isoformat(),
        "reason": item.reason,
        "created_at": to_micros(now),
        "created_by": by,
        "ended_at": None,
    }
    if not insert_new(conn, absences, [row], key=("id",)):
        raise Conflict("this absence exists already", code="absence_exists")


def end_absence(conn: Connection, absence_id: str, *, now: datetime) -> bool:
    """Ends an absence before its time; False when there is none."""
    put = update(absences).where(absences.c.id == absence_id, absences.c.ended_at.is_(None))
    return conn.execute(put.values(ended_at=to_micros(now))).rowcount == 1


def absences_from(conn: Connection, day: date) -> list[Absence]:
    """The absences that are not over on a day, the latest told last."""
    current = absences.c.ended_at.is_(None) & (absences.c.to_on >= day.isoformat())
    statement = select(absences).where(current).order_by(absences.c.created_at, absences.c.id)
    return [_absence(row) for row in conn.execute(statement)]


def staff(conn: Connection, today: date) -> Staff:
    """Who works on a day."""
    people = access.all_users(conn)
    return Staff(
        active=frozenset(user.name for user in people if user.disabled_at is None),
        absences=tuple(each for each in absences_from(conn, today) if each.runs_on(today)),
        limited=tuple((user.name, user.creditors) for user in people if user.creditors is not None),
    )


def _portfolio(row: Row[Any]) -> Portfolio:
    return Portfolio(
        id=row.id,
        owner=row.owner,
        place=row.place,
        creditors=tuple(row.creditors.split()),
        scope=_decode.decode(row.scope),
    )


def _absence(row: Row[Any]) -> Absence:
    return Absence(
        id=row.id,
        absent=row.absent,
        substitute=row.substitute or "",
        from_on=date.fromisoformat(row.from_on),
        to_on=date.fromisoformat(row.to_on),
        reason=row.reason,
    )
