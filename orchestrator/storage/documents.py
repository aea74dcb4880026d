"""Which cases were ever told of a document. What it is worth, and whether it is still there, the case says."""

from collections.abc import Iterable

from sqlalchemy import Connection, select

from orchestrator.storage.access_tables import documents
from orchestrator.storage.batch import among, insert_new
from orchestrator.storage.tables import cases


def note(conn: Connection, told: Iterable[tuple[str, str]]) -> None:
    """Notes (case id, reference) pairs; what is known already stays."""
    rows = [{"reference": reference, "case_id": case_id} for case_id, reference in dict.fromkeys(told)]
    if rows:
        insert_new(conn, documents, rows, key=("reference", "case_id"))


def holders(conn: Connection, creditor: str, references: Iterable[str]) -> list[str]:
    """The ids of the creditor's cases that were told of any of these documents, sorted."""
    mine = documents.c.case_id == cases.c.id
    statement = select(cases.c.id).distinct().join(documents, mine).where(cases.c.creditor == creditor)
    wanted = statement.where(among(conn, documents.c.reference, references)).order_by(cases.c.id)
    return list(conn.execute(wanted).scalars())
