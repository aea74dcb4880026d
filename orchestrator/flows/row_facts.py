"""What an imported row says about its case, as facts. A row that says nothing new yields the same fact ids."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from zlib import crc32

import msgspec

from orchestrator.domain.agreement import Hold, HoldKind, HoldScope
from orchestrator.domain.case import Case
from orchestrator.domain.debt import Debt
from orchestrator.domain.events import (
    DebtorRecorded,
    DebtRecorded,
    DisputeOpened,
    DisputeResolved,
    Event,
    HoldPlaced,
    Marked,
    OptedOut,
)
from orchestrator.intake.ledger.debts import DebtRow, Party

# A hold that came without an end is looked at by a person within so many days (semantics C1).
REVIEW_DAYS = 15

_encode = msgspec.json.Encoder().encode


def debtor_fact(rows: list[DebtRow], known: Case | None, *, at: datetime, by: str) -> list[Event]:
    """The debtor as the file says, when that is new; points that people added are no part of what it says."""
    debtor = rows[0].debtor
    if known is not None and debtor == (known.file_debtor or known.debtor):
        return []
    return [DebtorRecorded(id=f"debtor:{_digest(debtor)}:{at.date()}", at=at, by=by, debtor=debtor)]


def debt_facts(row: DebtRow, case: Case, *, at: datetime, by: str) -> list[Event]:
    """The document, when it differs from what is known; an older ledger never replaces a newer one.

    The same figure on a later day says something new only when a payment came between.
    """
    debt = row.debt
    known = next((d for d in case.debts if d.reference == debt.reference), None)
    if known is not None and _same(known, debt) and not _paid_between(case, known, debt):
        return []
    return [DebtRecorded(id=f"debt:{debt.reference}:{debt.as_of}:{_digest(debt)}", at=at, by=by, debt=debt)]


def _same(known: Debt, new: Debt) -> bool:
    return msgspec.structs.replace(known, recorded_at=None, recorded_by="", as_of=new.as_of) == new


def _paid_between(case: Case, known: Debt, new: Debt) -> bool:
    return any(
        known.reference in payment.references and known.as_of < payment.received_on <= new.as_of
        for payment in case.payments
    )


def account_facts(row: DebtRow, known: Case | None, *, at: datetime, by: str) -> list[Event]:
    """Marks, opt-outs, holds and disputes that came with the row."""
    facts: list[Event] = [
        Marked(id=f"mark:{mark}:{by}", at=at, by=by, mark=mark)
        for mark in (*row.marks, *_party_marks(row.party))
        if known is None or not known.has_mark(mark)
    ]
    facts += [
        OptedOut(id=f"opt_out:{o.channel}:{o.point}:{by}", at=at, by=by, channel=o.channel, point=o.point)
        for o in row.opt_outs
    ]
    facts += _hold_facts(row, at=at, by=by)
    facts += _dispute_facts(row, known, at=at, by=by)
    return facts


def _party_marks(party: Party) -> Iterable[str]:
    """Anyone but the debtor is reached only after a person decides (semantics A6)."""
    if party is Party.DEBTOR:
        return ()
    return {Party.MINOR: ("minor",), Party.PROTECTED_ADULT: ("guardianship",), Party.ESTATE: ("deceased",)}.get(
        party, (f"party_{party.value}",)
    )


def _hold_facts(row: DebtRow, *, at: datetime, by: str) -> list[Event]:
    facts: list[Event] = []
    for opening in row.holds:
        is_personal = opening.kind not in (HoldKind.DISPUTE, HoldKind.PROMISE, HoldKind.PLAN, HoldKind.ALREADY_PAID)
        hold = Hold(
            id=f"{opening.kind}:{row.debt.reference}",
            kind=opening.kind,
            since=at,
            scope=HoldScope.CASE if is_personal else HoldScope.DEBTS,
            references=() if is_personal else (row.debt.reference,),
            amount_cents=opening.cents,
            until=opening.until,
            source=by,
            review_on=None if opening.until else (at + timedelta(days=REVIEW_DAYS)).date(),
        )
        facts.append(HoldPlaced(id=f"hold:{hold.id}", at=at, by=by, hold=hold))
    return facts


def _dispute_facts(row: DebtRow, known: Case | None, *, at: datetime, by: str) -> list[Event]:
    """A ledger's own dispute flag opens a dispute on that document, and closes it when the flag goes."""
    hold_id = f"ledger_dispute:{row.debt.reference}"
    is_open = known is not None and is_disputed(known, row.debt.reference)
    if row.disputed and not is_open:
        hold = Hold(
            id=hold_id,
            kind=HoldKind.DISPUTE,
            since=at,
            scope=HoldScope.DEBTS,
            references=(row.debt.reference,),
            amount_cents=row.disputed_cents,
            source=by,
            review_on=(at + timedelta(days=REVIEW_DAYS)).date(),
        )
        return [DisputeOpened(id=f"dispute:{hold_id}", at=at, by=by, hold=hold, reason="ledger")]
    if row.disputed is False and is_open:
        return [DisputeResolved(id=f"resolved:{hold_id}:{at.date()}", at=at, by=by, hold_id=hold_id, outcome="ledger")]
    return []


def is_disputed(case: Case, reference: str) -> bool:
    """Whether the ledger's dispute on a document is open."""
    hold_id = f"ledger_dispute:{reference}"
    lifted = {switch.key for switch in case.lifted}
    return any(hold.id == hold_id and hold.id not in lifted for hold in case.holds)


def _digest(item: object) -> str:
    return f"{crc32(_encode(item)):08x}"
