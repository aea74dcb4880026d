"""Which case is meant: by its reference, or by the creditor's own reference of the debtor. Lists none."""

from orchestrator.domain.errors import NotFound
from orchestrator.storage import cases
from orchestrator.storage.database import Connection


def find_case(conn: Connection, said: str) -> cases.Stored:
    """The only case that somebody can mean. Raises NotFound for none, and for several."""
    found = cases.load(conn, [said.strip().upper()]) or cases.search(
        conn, cases.Filter(debtor_ref=said.strip()), limit=2
    )
    if not found:
        hint = "use the case reference, or the creditor's debtor_ref; `relance case list` shows them"
        raise NotFound("no case has this reference", hint=hint)
    if len(found) > 1:
        ids = ", ".join(stored.case.id for stored in found)
        raise NotFound("several cases have this debtor reference", hint=f"choose one of {ids}")
    return found[0]
