"""Files of payments: money received and money taken back, as facts of the domain. Allocates nothing.

A payment that names no document is unallocated: it holds the claim until a person decides (semantics A3).
"""

from datetime import date
from pathlib import Path

import msgspec

from orchestrator.domain.debt import Payment, PaymentMethod
from orchestrator.domain.errors import InputError
from orchestrator.intake.ledger.amounts import past_day
from orchestrator.intake.ledger.debt_rows import Creditors
from orchestrator.intake.tables.cells import Record
from orchestrator.intake.tables.doubles import Doubles
from orchestrator.intake.tables.mapping import ColumnMapping, Subject
from orchestrator.intake.tables.records import records_of
from orchestrator.intake.tables.report import RefusedRow, Remark, Summary, Tally, Total, summary_of
from orchestrator.intake.tables.rows import Reading
from orchestrator.intake.tables.table import Limits, Table, open_table


class PaymentRow(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """An accepted row. `debtor_ref` is empty when the documents tell whose payment it is."""

    line: int
    creditor: str
    payment: Payment
    currency: str
    debtor_ref: str = ""
    method: PaymentMethod = PaymentMethod.UNKNOWN


class PaymentsFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of payments, read to its end. Totals are of what was received, reversals included."""

    reading: Reading
    mapping: str
    rows: tuple[PaymentRow, ...]
    refused: tuple[RefusedRow, ...]
    warnings: tuple[Remark, ...]
    skipped_rows: int
    totals: tuple[Total, ...]

    def summary(self) -> Summary:
        """The file in figures."""
        return summary_of(self, accepted_rows=len(self.rows))


def read_payments(
    path: Path, mapping: ColumnMapping, *, today: date, creditors: Creditors, limits: Limits | None = None
) -> PaymentsFile:
    """Every row of a file, accepted or refused; a payment id twice in one file refuses both rows.

    Raises FileError when the file as a whole is not what the mapping says: nothing of it may then be taken.
    """
    with open_table(path, mapping.shape, expected=mapping.column_names(), limits=limits) as table:
        return judge_payments(table, mapping, today=today, creditors=creditors)


def judge_payments(table: Table, mapping: ColumnMapping, *, today: date, creditors: Creditors) -> PaymentsFile:
    """As `read_payments`, of a table that is open already, such as the objects of a request."""
    if mapping.subject is not Subject.PAYMENTS:
        hint = f"it is for {mapping.subject}"
        raise InputError("this mapping is not for payments", hint=hint, where=mapping.name, code="mapping_wrong")
    records = records_of(table, mapping)
    taken, refused, warnings = list[PaymentRow](), list[RefusedRow](), list[Remark]()
    ids = Doubles[tuple[str, str]]()
    for record in records:
        row = _row(record, today=today, creditors=creditors)
        if row is None:
            refused.append(_refused(record, creditors))
            ids.note((refused[-1].creditor, refused[-1].reference), record.line)
        else:
            taken.append(row)
            warnings += record.warnings
            ids.note((row.creditor, row.payment.id), record.line)
    rows = []
    for row in taken:
        double = ids.remark((row.creditor, row.payment.id), line=row.line, column=records.column("id"), what="payment")
        if double is None:
            rows.append(row)
        else:
            refused.append(_taken_back(row, double))
    return _file(table, mapping, rows, [*refused, *records.unreadable], warnings, records.skipped)


def _file(
    table: Table,
    mapping: ColumnMapping,
    rows: list[PaymentRow],
    refused: list[RefusedRow],
    warnings: list[Remark],
    skipped: int,
) -> PaymentsFile:
    tally = Tally()
    for row in rows:
        tally.accept(row.creditor, row.currency, row.payment.amount_cents)
    for each in refused:
        tally.refuse(each)
    return PaymentsFile(
        reading=table.reading,
        mapping=mapping.name,
        rows=tuple(rows),
        refused=tuple(sorted(refused, key=lambda row: row.line)),
        warnings=tuple(warnings),
        skipped_rows=skipped,
        totals=tally.totals(),
    )


def _row(record: Record, *, today: date, creditors: Creditors) -> PaymentRow | None:
    creditor = record.creditor("creditor", creditors)
    currency = record.currency("currency")
    references = tuple(dict.fromkeys(record.words("references", longest=64)))
    debtor_ref = record.text("debtor_ref", longest=64)
    if not references and not debtor_ref:
        record.refuse("references", "missing", "neither a document nor a debtor is named", "name one of them")
    received = past_day(record, "received_on", today=today, needed=True)
    reversed_on, code = _reversal(record, received, today=today)
    cents = _cents(record, currency)
    method = record.choice("method", PaymentMethod, PaymentMethod.UNKNOWN)
    number = record.text("id", longest=64, needed=True)
    if record.faults or received is None or cents is None:
        return None
    payment = Payment(number, cents, received, references, reversed_on, code)
    return PaymentRow(
        line=record.line,
        creditor=creditor,
        payment=payment,
        currency=currency,
        debtor_ref=debtor_ref,
        method=method,
    )


def _cents(record: Record, currency: str) -> int | None:
    cents = record.cents("amount", currency, needed=True)
    if cents is not None and cents <= 0:
        hint = "money that went back is the payment it came by, with `reversed_on`"
        record.refuse("amount", "sign_wrong", "a payment is more than zero", hint)
    return cents


def _reversal(record: Record, received: date | None, *, today: date) -> tuple[date | None, str]:
    reversed_on = past_day(record, "reversed_on", today=today)
    code = record.reject_code("reversal_code")
    if code and reversed_on is None:
        record.refuse("reversed_on", "missing", "there is a code of a reject and no date", "give the date")
    if reversed_on is not None and received is not None and reversed_on < received:
        record.refuse("reversed_on", "reversed_before_received", "it went back before it came", "check both dates")
    return reversed_on, code


def _refused(record: Record, creditors: Creditors) -> RefusedRow:
    remarks = tuple(record.faults)
    currency = record.currency("currency")
    return RefusedRow(
        line=record.line,
        remarks=remarks,
        creditor=record.creditor("creditor", creditors),
        reference=record.text("id", longest=64),
        currency=currency,
        cents=record.cents("amount", currency),
    )


def _taken_back(row: PaymentRow, remark: Remark) -> RefusedRow:
    return RefusedRow(
        line=row.line,
        remarks=(remark,),
        creditor=row.creditor,
        reference=row.payment.id,
        currency=row.currency,
        cents=row.payment.amount_cents,
    )
