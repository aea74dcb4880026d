"""A case as somebody may see it: one of a creditor that is not theirs does not exist for them."""

from orchestrator.domain.errors import NotFound
from orchestrator.storage import cases
from orchestrator.storage.database import Connection


def visible_case(conn: Connection, case_id: str, *, creditors: frozenset[str] | None) -> cases.Stored:
    """The case of this id. `creditors` are those that may be seen, None all. Raises NotFound."""
    for stored in cases.load(conn, [case_id]):
        if creditors is None or stored.case.creditor in creditors:
            return stored
    raise NotFound("no case has this id", hint="`relance case list` and GET /cases list them")
