"""Documents of a ledger that are owed to another payee than they were: where they are asked for now, and no longer.

One document is asked for once (R46). The older account keeps its history; what it asked for is presumed settled there.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from msgspec.structs import replace

from orchestrator.domain.agreement import HoldScope
from orchestrator.domain.debt import Debt
from orchestrator.domain.events import Event, HoldPlaced
from orchestrator.domain.pay_to import is_same_payee
from orchestrator.flows.case_identity import case_id_of
from orchestrator.intake.ledger.debts import DebtRow
from orchestrator.storage.cases import Stored

Known = Mapping[str, Sequence[Stored]]
"""The cases of a creditor by debtor_ref."""


def to_known_accounts(rows: Iterable[DebtRow], known: Known) -> list[DebtRow]:
    """The rows, each for the account that it is about.

    A payee is the one that a case has, however it is spelt. A row that is older than what another account says of its
    document is about that account: an older ledger moves nothing.
    """
    return [_to_account(row, known.get(row.debtor.ref, ())) for row in rows]


def moved_from(rows: Iterable[DebtRow], known: Known) -> list[tuple[Stored, list[str]]]:
    """The cases that ask for documents which these rows say to be of another account, with their references."""
    told = {(row.debtor.ref, row.debt.reference): (row.currency, row.payee) for row in rows}
    found = []
    for debtor_ref in dict.fromkeys(debtor_ref for debtor_ref, _ in told):
        for stored in known.get(debtor_ref, ()):
            here = (stored.case.currency, stored.case.payee)
            gone = [d.reference for d in _asked(stored) if told.get((debtor_ref, d.reference), here) != here]
            if gone:
                found.append((stored, gone))
    return found


def holds_moved(rows: Sequence[DebtRow], known: Known, *, at: datetime, by: str) -> dict[str, list[Event]]:
    """What holds a document moves with it, by case: nobody is asked for what they dispute because another is owed now.

    A hold without an end is reviewed where it went, as it was where it came from.
    """
    told = {(row.debtor.ref, row.debt.reference): row for row in rows}
    found: dict[str, list[Event]] = {}
    for stored, references in moved_from(rows, known):
        case = stored.case
        lifted = {switch.key for switch in case.lifted}
        running = [h for h in case.holds if h.id not in lifted and (h.until is None or h.until >= at.date())]
        for reference in references:
            row = told[case.debtor.ref, reference]
            there = case_id_of(row.creditor, case.debtor.ref, row.currency, row.payee)
            for hold in running:
                if hold.scope is HoldScope.DEBTS and reference not in hold.references:
                    continue
                name = f"moved:{reference}:{hold.id}"
                moved = replace(hold, id=name, scope=HoldScope.DEBTS, references=(reference,))
                found.setdefault(there, []).append(HoldPlaced(id=f"{name}:{by}", at=at, by=by, hold=moved))
    return found


def _to_account(row: DebtRow, several: Iterable[Stored]) -> DebtRow:
    here = [stored for stored in several if stored.case.currency == row.currency]
    for stored in here:
        case = stored.case
        if any(d.reference == row.debt.reference and d.as_of > row.debt.as_of for d in _asked(stored)):
            return replace(row, payee=case.payee)
    for stored in here:
        if row.payee and stored.case.payee and is_same_payee(stored.case.payee, row.payee):
            return replace(row, payee=stored.case.payee)
    return row


def _asked(stored: Stored) -> list[Debt]:
    return [debt for debt in stored.case.debts if not debt.is_presumed_settled]
