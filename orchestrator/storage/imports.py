"""Each file or push of a creditor's ledger, what it said and whether it stands. Reads no file, judges no total.

How fresh a ledger is, and what the last snapshot held, follow from the imports that stand: reversing one is enough.
"""

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, func, select

from orchestrator.domain.errors import Conflict
from orchestrator.storage.batch import among, compare_and_set, insert_new
from orchestrator.storage.instants import from_micros, to_micros
from orchestrator.storage.tables import imports

_encode = msgspec.json.Encoder(order="deterministic").encode
_decode = msgspec.json.Decoder(dict[str, int]).decode


class ImportMode(StrEnum):
    """What absence from the file means (semantics A2): nothing, or presumed settled."""

    MOVEMENTS = "movements"
    SNAPSHOT = "snapshot"


class ImportState(StrEnum):
    """Whether it stands: applied, waiting for an approval, refused instead of it, or reversed."""

    APPLIED = "applied"
    WAITING = "waiting"
    REFUSED = "refused"
    REVERSED = "reversed"


class Import(msgspec.Struct, frozen=True, kw_only=True):
    """One batch. `totals` are minor units by currency, `counts` numbers of rows by what became of them."""

    id: str
    creditor: str
    file_hash: str
    mode: ImportMode
    as_of: date
    imported_at: datetime
    imported_by: str = ""
    file_name: str = ""
    state: ImportState = ImportState.APPLIED
    totals: dict[str, int] = {}
    counts: dict[str, int] = {}
    reason: str = ""


def insert(conn: Connection, item: Import) -> None:
    """Stores a new import. Raises Conflict when its id is taken."""
    row = {
        **msgspec.structs.asdict(item),
        "mode": item.mode.value,
        "state": item.state.value,
        "as_of": item.as_of.isoformat(),
        "imported_at": to_micros(item.imported_at),
        "totals": _encode(item.totals).decode(),
        "counts": _encode(item.counts).decode(),
    }
    if not insert_new(conn, imports, [row], key=("id",)):
        raise Conflict("this import exists already", code="import_exists")


def set_state(conn: Connection, import_id: str, *, expected: ImportState, to: ImportState, reason: str = "") -> bool:
    """Changes the state if it is still the expected one; whether it was."""
    row = {"id": import_id, "expected": expected.value, "state": to.value, "reason": reason}
    return bool(compare_and_set(conn, imports, [row], guard="state"))


def load(conn: Connection, ids: Iterable[str]) -> list[Import]:
    """The imports of these ids, in the order of ids; an unknown one is absent."""
    statement = select(imports).where(among(conn, imports.c.id, ids)).order_by(imports.c.id)
    return [_import(row) for row in conn.execute(statement)]


def of_creditor(conn: Connection, creditor: str, *, limit: int = 50) -> list[Import]:
    """The latest imports of a creditor, newest first."""
    statement = select(imports).where(imports.c.creditor == creditor)
    latest = statement.order_by(imports.c.imported_at.desc(), imports.c.id.desc()).limit(limit)
    return [_import(row) for row in conn.execute(latest)]


def of_file(conn: Connection, creditor: str, file_hash: str) -> list[Import]:
    """The imports of the very same file, oldest first: whether it was read before."""
    statement = select(imports).where(imports.c.creditor == creditor, imports.c.file_hash == file_hash)
    return [_import(row) for row in conn.execute(statement.order_by(imports.c.imported_at, imports.c.id))]


def last_snapshot(conn: Connection, creditor: str) -> Import | None:
    """The latest full snapshot that stands, to compare the next one with (semantics A2)."""
    statement = select(imports).where(
        imports.c.creditor == creditor,
        imports.c.state == ImportState.APPLIED.value,
        imports.c.mode == ImportMode.SNAPSHOT.value,
    )
    latest = statement.order_by(imports.c.as_of.desc(), imports.c.imported_at.desc(), imports.c.id.desc()).limit(1)
    row = conn.execute(latest).first()
    return None if row is None else _import(row)


def ledgers_as_of(conn: Connection, creditors: Iterable[str]) -> dict[str, date]:
    """The day of the latest ledger of each creditor (semantics A3); one without any ledger that stands is absent."""
    statement = (
        select(imports.c.creditor, func.max(imports.c.as_of))
        .where(
            among(conn, imports.c.creditor, creditors),
            imports.c.state == ImportState.APPLIED.value,
        )
        .group_by(imports.c.creditor)
    )
    return {creditor: date.fromisoformat(day) for creditor, day in conn.execute(statement)}


def _import(row: Row[Any]) -> Import:
    return Import(
        id=row.id,
        creditor=row.creditor,
        file_hash=row.file_hash,
        mode=ImportMode(row.mode),
        as_of=date.fromisoformat(row.as_of),
        imported_at=from_micros(row.imported_at),
        imported_by=row.imported_by,
        file_name=row.file_name,
        state=ImportState(row.state),
        totals=_decode(row.totals),
        counts=_decode(row.counts),
        reason=row.reason,
    )
