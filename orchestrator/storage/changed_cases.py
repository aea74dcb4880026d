"""Which cases changed since somebody last looked: what the journal tells of, and the cases in turn. Owns no table."""

from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import Column, Connection, select

from orchestrator.storage.batch import among
from orchestrator.storage.tables import cases, journal


class Told(msgspec.Struct, frozen=True):
    """The cases that some lines of the journal tell of, each once; the last of these lines, and how many they are."""

    ids: list[str]
    seq: int
    lines: int


def told_after(conn: Connection, seq: int, *, limit: int) -> Told:
    """What at most `limit` lines of the journal after one tell of."""
    lines = select(journal.c.seq, journal.c.case_id).where(journal.c.seq > seq).order_by(journal.c.seq).limit(limit)
    told = conn.execute(lines).all()
    return Told(list(dict.fromkeys(line.case_id for line in told)), told[-1].seq if told else seq, len(told))


def ids_after(conn: Connection, case_id: str, *, limit: int) -> list[str]:
    """The next cases in the order of ids."""
    statement = select(cases.c.id).where(cases.c.id > case_id).order_by(cases.c.id).limit(limit)
    return list(conn.execute(statement).scalars())


def behind(conn: Connection, case_ids: Iterable[str], *, key: Column[Any], version: Column[Any]) -> list[str]:
    """Those of these cases of which a table, by `key`, has no row, or that of another `version`."""
    wanted = list(case_ids)
    if not wanted:
        return []
    statement = (
        select(cases.c.id)
        .select_from(cases.outerjoin(key.table, key == cases.c.id))
        .where(among(conn, cases.c.id, wanted))
        .where(version.is_(None) | (version != cases.c.version))
    )
    return sorted(conn.execute(statement).scalars())
