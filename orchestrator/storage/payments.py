"""References of payments taken, one per creditor, whichever case each went to. The payments are facts of cases."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import Connection, select

from orchestrator.storage.access_tables import payments
from orchestrator.storage.batch import among, insert_new
from orchestrator.storage.instants import to_micros


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """A payment's reference, the case it went to, and a digest of what was said of it."""

    creditor: str
    reference: str
    case_id: str
    digest: str


def load(conn: Connection, creditor: str, references: Iterable[str]) -> dict[str, Taken]:
    """What is known of these payments of a creditor, by reference."""
    statement = select(payments).where(payments.c.creditor == creditor, among(conn, payments.c.reference, references))
    return {
        row.reference: Taken(creditor=row.creditor, reference=row.reference, case_id=row.case_id, digest=row.digest)
        for row in conn.execute(statement)
    }


def take(conn: Connection, items: Sequence[Taken], *, now: datetime) -> list[Taken]:
    """Stores new references; returns those left out, because another payment took them meanwhile."""
    rows = [{**msgspec.structs.asdict(item), "taken_at": to_micros(now)} for item in items]
    stored = insert_new(conn, payments, rows, key=("creditor", "reference"))
    return [item for item in items if (item.creditor, item.reference) not in stored]
