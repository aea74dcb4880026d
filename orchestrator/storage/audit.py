"""Who did what: a line for each act of a person or program, and for each that was refused. Append-only.

Ids and names of users and things, and from where somebody signed in or tried to: what an act said of a debtor is in the
journal of the case.
"""

from datetime import datetime

import msgspec
from sqlalchemy import Connection, insert, select

from orchestrator.storage.instants import from_micros, to_micros
from orchestrator.storage.sign_in_tables import audit


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line. `outcome` is empty for what went on to be done, else the code of the refusal."""

    at: datetime
    who: str
    act: str
    role: str = ""
    subject: str = ""
    outcome: str = ""
    seq: int = 0


def append(conn: Connection, line: Line) -> None:
    """Adds a line; its `seq` is given by the database."""
    row = {**msgspec.structs.asdict(line), "at": to_micros(line.at)}
    del row["seq"]
    conn.execute(insert(audit).values(**row))


def latest(conn: Connection, *, limit: int, before: int | None = None, who: str = "", act: str = "") -> list[Line]:
    """At most `limit` lines, the latest first, from before a `seq`; of one person or act where named."""
    statement = select(audit).order_by(audit.c.seq.desc()).limit(limit)
    if before is not None:
        statement = statement.where(audit.c.seq < before)
    if who:
        statement = statement.where(audit.c.who == who)
    if act:
        statement = statement.where(audit.c.act == act)
    return [
        Line(
            at=from_micros(row.at),
            who=row.who,
            act=row.act,
            role=row.role,
            subject=row.subject,
            outcome=row.outcome,
            seq=row.seq,
        )
        for row in conn.execute(statement)
    ]
