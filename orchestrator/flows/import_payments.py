"""A file of payments becomes facts of the cases they pay, some thousand rows at a time; safe to run again."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

import msgspec

from orchestrator.flows.record_payments import Outcome, RowResult, record_payments
from orchestrator.intake.ledger.payments import PaymentRow, PaymentsFile
from orchestrator.intake.tables.report import RefusedRow, Remark
from orchestrator.storage.database import Database

CHUNK = 5_000


class PaymentsImported(msgspec.Struct, frozen=True, kw_only=True):
    """What a file did, in rows; `refused` are those that fit no account, beside those that could not be read."""

    stored: int
    reversed: int
    known: int
    refused: tuple[RefusedRow, ...]


def import_payments(
    database: Database,
    file: PaymentsFile,
    *,
    now: datetime,
    by: str,
    on_rows: Callable[[int], None] = lambda _: None,
) -> PaymentsImported:
    """Records the accepted rows; `on_rows` is told how many are done."""
    counts = Counter[Outcome]()
    refused: list[RefusedRow] = []
    done = 0
    for rows in _chunks(file.rows):
        by_line = {row.line: row for row in rows}
        for result in record_payments(database, rows, now=now, by=by):
            counts[result.outcome] += 1
            if result.outcome is Outcome.REFUSED:
                refused.append(_refused(by_line[result.line], result))
        done += len(rows)
        on_rows(done)
    return PaymentsImported(
        stored=counts[Outcome.STORED],
        reversed=counts[Outcome.REVERSED],
        known=counts[Outcome.KNOWN],
        refused=tuple(refused),
    )


def _chunks(rows: Sequence[PaymentRow]) -> Iterator[Sequence[PaymentRow]]:
    """By creditor, so that a chunk looks for the documents of one only."""
    ordered = sorted(rows, key=lambda row: (row.creditor, row.line))
    for start in range(0, len(ordered), CHUNK):
        yield ordered[start : start + CHUNK]


def _refused(row: PaymentRow, result: RowResult) -> RefusedRow:
    remark = Remark(line=row.line, column="", code=result.code, message=result.message, hint=result.hint)
    return RefusedRow(
        line=row.line,
        remarks=(remark,),
        creditor=row.creditor,
        reference=row.payment.id,
        currency=row.currency,
        cents=row.payment.amount_cents,
    )
