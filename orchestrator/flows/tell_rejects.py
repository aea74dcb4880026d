"""Payments that came back, told to their cases with what the bank's code says of the debtor."""

from collections.abc import Iterable
from datetime import datetime

from orchestrator.domain.debt import Payment
from orchestrator.domain.events import Event
from orchestrator.domain.rejected_debits import effects_of_reject
from orchestrator.flows.protect_person import others_of_debtor, told_elsewhere
from orchestrator.storage import cases
from orchestrator.storage.database import Connection


def reject_facts(
    conn: Connection, rejects: Iterable[tuple[str, str, Payment]], *, now: datetime, by: str
) -> list[tuple[str, Event]]:
    """(case id, fact) of the rejects, each (case id, id of the reversal, payment). A death goes to every case of the
    debtor with this creditor."""
    coded = [(case_id, cause, payment) for case_id, cause, payment in rejects if payment.reversal_code]
    known = {stored.case.id: stored.case for stored in cases.load(conn, {case_id for case_id, _, _ in coded})}
    told: list[tuple[str, Event]] = []
    for case_id, cause, payment in coded:
        case = known[case_id]
        facts = effects_of_reject(case, payment, cause=cause, at=now, by=by)
        if facts:
            elsewhere = told_elsewhere(case, others_of_debtor(conn, case), facts)
            told += [*((case_id, fact) for fact in facts), *elsewhere]
    return told
