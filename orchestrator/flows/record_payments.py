"""Payments become facts of the cases they pay: each row stored once by (creditor, reference), or refused by itself."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

import msgspec

from orchestrator.domain.case import Case
from orchestrator.domain.errors import Conflict
from orchestrator.domain.events import Event, PaymentReceived, PaymentReversed
from orchestrator.flows.record_facts import record_in
from orchestrator.flows.task_rows import tasks_of
from orchestrator.flows.tell_rejects import reject_facts
from orchestrator.intake.ledger.payments import PaymentRow
from orchestrator.storage import cases, documents, payments, tasks
from orchestrator.storage.database import Connection, Database

_encode = msgspec.json.Encoder().encode


class Outcome(StrEnum):
    """What became of a row."""

    STORED = "stored"
    REVERSED = "reversed"
    KNOWN = "known"
    REFUSED = "refused"


class RowResult(msgspec.Struct, frozen=True, kw_only=True):
    """One row: what became of it, its case, and why it was refused."""

    line: int
    outcome: Outcome
    case_id: str = ""
    code: str = ""
    message: str = ""
    hint: str = ""


def record_payments(database: Database, rows: Sequence[PaymentRow], *, now: datetime, by: str) -> tuple[RowResult, ...]:
    """Records the rows of one creditor after the other; results in the order of lines.

    The same payment again changes nothing; with `reversed_on` it goes back; with other figures it is refused.
    """
    results: list[RowResult] = []
    for creditor, theirs in _by_creditor(rows):
        with database.begin() as conn:
            results += _record(conn, creditor, theirs, now=now, by=by)
    return tuple(sorted(results, key=lambda result: result.line))


def record_payments_in(
    conn: Connection, rows: Sequence[PaymentRow], *, now: datetime, by: str
) -> tuple[RowResult, ...]:
    """The same inside a transaction of the caller's."""
    results = [
        result for creditor, theirs in _by_creditor(rows) for result in _record(conn, creditor, theirs, now=now, by=by)
    ]
    return tuple(sorted(results, key=lambda result: result.line))


def _by_creditor(rows: Sequence[PaymentRow]) -> list[tuple[str, list[PaymentRow]]]:
    by_creditor: dict[str, list[PaymentRow]] = {}
    for row in rows:
        by_creditor.setdefault(row.creditor, []).append(row)
    return sorted(by_creditor.items())


def _record(
    conn: Connection, creditor: str, rows: Sequence[PaymentRow], *, now: datetime, by: str
) -> Iterable[RowResult]:
    accounts = _accounts(conn, creditor, rows)
    known = payments.load(conn, creditor, {row.payment.id for row in rows})
    gone_back = _gone_back(conn, {taken.case_id for taken in known.values()})
    results: list[RowResult] = []
    facts: list[tuple[str, Event]] = []
    taken: list[payments.Taken] = []
    for row in rows:
        before = known.get(row.payment.id)
        found = _repeated(row, before, gone_back) if before else _place(row, accounts)
        results.append(found)
        if found.outcome is Outcome.REFUSED:
            continue
        facts += [(found.case_id, fact) for fact in _facts(row, now=now, by=by)]
        if before is None:
            taken.append(_taken(row, found.case_id))
    if payments.take(conn, taken, now=now):
        raise Conflict("another request is storing the same payments", hint="send them again", code="payment_raced")
    facts += _rejects(conn, rows, results, now=now, by=by)
    record_in(conn, facts, now=now)
    tasks.open_tasks(conn, [task for case_id, fact in facts for task in tasks_of(case_id, [fact])])
    return results


def _rejects(
    conn: Connection,
    rows: Sequence[PaymentRow],
    results: Sequence[RowResult],
    *,
    now: datetime,
    by: str,
) -> list[tuple[str, Event]]:
    """What the codes of those that went back say of the debtors; a code may be told after the reversal itself."""
    back = [
        (found.case_id, _reversal_id(row), row.payment)
        for row, found in zip(rows, results, strict=True)
        if found.outcome is not Outcome.REFUSED and row.payment.reversed_on is not None
    ]
    return reject_facts(conn, back, now=now, by=by)


def _reversal_id(row: PaymentRow) -> str:
    return f"payment_reversed:{row.payment.id}"


def _gone_back(conn: Connection, case_ids: set[str]) -> frozenset[tuple[str, str]]:
    """(case, payment) of the reversals that are known."""
    return frozenset((s.case.id, payment.id) for s in cases.load(conn, case_ids) for payment in s.case.reversals)


def _facts(row: PaymentRow, *, now: datetime, by: str) -> list[Event]:
    payment = msgspec.structs.replace(row.payment, reversed_on=None, reversal_code="")
    facts: list[Event] = [PaymentReceived(id=f"payment:{payment.id}", at=now, by=by, payment=payment)]
    if row.payment.reversed_on is not None:
        back = PaymentReversed(
            id=_reversal_id(row),
            at=now,
            by=by,
            payment_id=payment.id,
            on=row.payment.reversed_on,
            code=row.payment.reversal_code,
        )
        facts.append(back)
    return facts


def _taken(row: PaymentRow, case_id: str) -> payments.Taken:
    return payments.Taken(creditor=row.creditor, reference=row.payment.id, case_id=case_id, digest=_digest(row))


def _digest(row: PaymentRow) -> str:
    """Of what may never change under one reference; documents and a reversal may be told later."""
    said = (row.payment.amount_cents, row.payment.received_on, row.currency)
    return sha256(_encode(said)).hexdigest()[:32]


def _repeated(row: PaymentRow, before: payments.Taken, gone_back: frozenset[tuple[str, str]]) -> RowResult:
    if before.digest != _digest(row):
        return _refusal(
            row,
            "payment_differs",
            "this reference is of another payment: amount, currency or date differ",
            "give each payment its own reference; money that went back has `reversed_on`",
        )
    is_known = row.payment.reversed_on is None or (before.case_id, row.payment.id) in gone_back
    return RowResult(line=row.line, outcome=Outcome.KNOWN if is_known else Outcome.REVERSED, case_id=before.case_id)


# --------------------------------------------------------------------------------------- whose payment it is


class _Accounts(msgspec.Struct, frozen=True):
    """The cases of a creditor that the rows may be about: by debtor, and by document."""

    by_debtor: Mapping[str, Sequence[Case]]
    by_document: Mapping[str, Sequence[Case]]


def _accounts(conn: Connection, creditor: str, rows: Sequence[PaymentRow]) -> _Accounts:
    named = cases.find(conn, creditor, {row.debtor_ref for row in rows if row.debtor_ref})
    by_debtor = {ref: [stored.case for stored in several] for ref, several in named.items()}
    wanted = {ref for row in rows if not row.debtor_ref for ref in row.payment.references}
    return _Accounts(by_debtor, _by_document(conn, creditor, wanted))


def _by_document(conn: Connection, creditor: str, wanted: set[str]) -> dict[str, list[Case]]:
    """The cases that hold these documents."""
    found: dict[str, list[Case]] = {}
    for stored in cases.load(conn, documents.holders(conn, creditor, wanted)) if wanted else ():
        for debt in stored.case.debts:
            if debt.reference in wanted:
                found.setdefault(debt.reference, []).append(stored.case)
    return found


def _place(row: PaymentRow, accounts: _Accounts) -> RowResult:
    """The one case that a payment belongs to; none or several is a question for who sent it, never a guess."""
    if row.debtor_ref:
        among = accounts.by_debtor.get(row.debtor_ref, ())
        if not among:
            return _refusal(row, "debtor_unknown", "this creditor has no such debtor", "import their debts first")
    else:
        among = [case for ref in row.payment.references for case in accounts.by_document.get(ref, ())]
        if not among:
            return _refusal(row, "document_unknown", "no case holds these documents", "name the debtor as well")
    fitting = {case.id: case for case in among if case.currency == row.currency}
    if not fitting:
        return _refusal(row, "currency_other", f"nothing is owed in {row.currency} here", "check the currency")
    if len(fitting) > 1 and row.payment.references:
        named = set(row.payment.references)
        fitting = {k: case for k, case in fitting.items() if named & {debt.reference for debt in case.debts}}
    if len(fitting) != 1:
        hint = "name the documents of one payee only"
        return _refusal(row, "case_ambiguous", "this payment fits several accounts", hint)
    return RowResult(line=row.line, outcome=_outcome(row), case_id=next(iter(fitting)))


def _outcome(row: PaymentRow) -> Outcome:
    return Outcome.STORED if row.payment.reversed_on is None else Outcome.REVERSED


def _refusal(row: PaymentRow, code: str, message: str, hint: str) -> RowResult:
    return RowResult(line=row.line, outcome=Outcome.REFUSED, code=code, message=message, hint=hint)
