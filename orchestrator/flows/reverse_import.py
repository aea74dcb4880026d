"""Undo a whole import: its debts go back to what they were, and the messages it caused are listed (R37)."""

from datetime import datetime

import msgspec

from orchestrator.domain.debt import Debt
from orchestrator.domain.errors import Conflict, NotFound
from orchestrator.domain.events import (
    DebtPresumedSettled,
    DebtRecorded,
    DebtWithdrawn,
    DisputeOpened,
    Event,
    HoldLifted,
    HoldPlaced,
    Marked,
    PaymentReceived,
    PaymentReversed,
    Unmarked,
)
from orchestrator.domain.past_account import IMPORT_REVERSED
from orchestrator.flows.record_facts import record_in
from orchestrator.storage import imports, journal, messages
from orchestrator.storage.database import Connection, Database


class Reversal(msgspec.Struct, frozen=True):
    """What was undone, and the messages that left meanwhile because of it: those nobody can take back."""

    import_id: str
    facts: int
    cases: int
    left: tuple[messages.Message, ...]


def reverse_import(database: Database, import_id: str, *, by: str, now: datetime) -> Reversal:
    """Raises NotFound for an unknown import, Conflict when it is not applied. Opt-outs stay: a stop is a stop."""
    with database.begin() as conn:
        found = imports.load(conn, [import_id])
        if not found:
            raise NotFound("no import has this id", hint="see `relance import --list`")
        if found[0].state is not imports.ImportState.APPLIED:
            raise Conflict(f"this import is {found[0].state.value}", code="import_not_applied")
        undone: list[tuple[str, Event]] = []
        for page in journal.events_of_import(conn, import_id):
            for line in page:
                undone += [(line.case_id, fact) for fact in _undo(conn, line, by=by, now=now)]
        record_in(conn, undone, now=now)
        imports.set_state(
            conn, import_id, expected=imports.ImportState.APPLIED, to=imports.ImportState.REVERSED, reason=by
        )
        touched = {case_id for case_id, _ in undone}
        since = found[0].imported_at
        left = [m for m in messages.of_cases(conn, touched) if m.left_at is not None and m.planned_at >= since]
    return Reversal(import_id, len(undone), len(touched), tuple(left))


def _undo(conn: Connection, line: journal.Line, *, by: str, now: datetime) -> list[Event]:
    fact, key = line.fact, f"undo:{line.seq}"
    match fact:
        case DebtRecorded():
            before = _before(conn, line, fact.debt.reference)
            return [DebtWithdrawn(id=key, at=now, by=by, reference=fact.debt.reference, back_to=before)]
        case DebtPresumedSettled():
            before = _before(conn, line, fact.reference)
            return [DebtWithdrawn(id=key, at=now, by=by, reference=fact.reference, back_to=before)] if before else []
        case PaymentReceived():
            return [
                PaymentReversed(id=key, at=now, by=by, payment_id=fact.payment.id, on=now.date(), code=IMPORT_REVERSED)
            ]
        case Marked():
            return [Unmarked(id=key, at=now, by=by, mark=fact.mark)]
        case HoldPlaced() | DisputeOpened():
            return [HoldLifted(id=key, at=now, by=by, hold_id=fact.hold.id, why="import_reversed")]
    return []


def _before(conn: Connection, line: journal.Line, reference: str) -> Debt | None:
    """The document as it stood just before this import said something of it."""
    found: Debt | None = None
    for entry in journal.read(conn, line.case_id):
        if entry.seq >= line.seq or entry.import_id == line.import_id:
            continue
        match entry.fact:
            case DebtRecorded(debt=debt) if debt.reference == reference:
                found = debt
            case DebtPresumedSettled() if found is not None and entry.fact.reference == reference:
                found = msgspec.structs.replace(found, is_presumed_settled=True)
            case DebtWithdrawn() if entry.fact.reference == reference:
                found = entry.fact.back_to
    return found
