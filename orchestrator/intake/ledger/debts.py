"""Files of debts: every row taken whole or refused whole, totals to the cent, nothing guessed (semantics A1 to A12).

Owns the reading of one file. Comparing it with what is stored, approving and storing it, are flows.
"""

from datetime import date
from pathlib import Path

from orchestrator.domain.errors import FileError, InputError
from orchestrator.intake.ledger.build_debt import DebtBuilder
from orchestrator.intake.ledger.debt_rows import Creditors, DebtRow, DebtsFile, OpeningHold, OptOut, Party
from orchestrator.intake.ledger.merge import Rows
from orchestrator.intake.tables.mapping import ColumnMapping, Mode, Subject
from orchestrator.intake.tables.records import records_of
from orchestrator.intake.tables.report import Remark, Tally
from orchestrator.intake.tables.table import Limits, Table, open_table

__all__ = ["DebtRow", "DebtsFile", "OpeningHold", "OptOut", "Party", "judge_debts", "read_debts"]

# A file that is wrong on every row is another file; its first remarks say so as well as its last ones.
_WARNINGS_KEPT = 100_000


def read_debts(
    path: Path, mapping: ColumnMapping, *, today: date, creditors: Creditors, limits: Limits | None = None
) -> DebtsFile:
    """Every row of a file, accepted or refused. `today` bounds its dates and stands for a missing `as_of`.

    Raises FileError when the file as a whole is not what the mapping says: nothing of it may then be taken.
    """
    with open_table(path, mapping.shape, expected=mapping.column_names(), limits=limits) as table:
        return judge_debts(table, mapping, today=today, creditors=creditors)


def judge_debts(table: Table, mapping: ColumnMapping, *, today: date, creditors: Creditors) -> DebtsFile:
    """As `read_debts`, of a table that is open already, such as the objects of a request."""
    _check_mapping(mapping, today)
    records = records_of(table, mapping)
    builder = DebtBuilder(records.binding, today=today, creditors=creditors)
    rows, warnings = Rows(), list[Remark]()
    for record in records:
        row = builder.build(record)
        if row is None:
            rows.refuse(builder.refused(record))
            continue
        rows.take(row)
        if record.warnings and len(warnings) < _WARNINGS_KEPT:
            warnings += record.warnings
    rows.refused += records.unreadable
    rows.settle({field: records.column(field) for field in ("reference", "name", "status", "siren")})
    return _file(table, mapping, rows, warnings, records.skipped)


def _check_mapping(mapping: ColumnMapping, today: date) -> None:
    if mapping.subject is not Subject.DEBTS:
        hint = f"it is for {mapping.subject}"
        raise InputError("this mapping is not for debts", hint=hint, where=mapping.name, code="mapping_wrong")
    if isinstance(mapping.as_of, date) and mapping.as_of > today:
        hint = "correct `as_of:` in the mapping"
        raise InputError("the ledger is dated after today", hint=hint, where=mapping.name, code="as_of_future")


def _file(table: Table, mapping: ColumnMapping, rows: Rows, warnings: list[Remark], skipped: int) -> DebtsFile:
    reading = table.reading
    if not rows.taken and not rows.refused:
        if mapping.mode is Mode.SNAPSHOT:
            hint = "if it is true, close the debts by hand; if not, check the export"
            message = "the file has no rows: as a snapshot it would say that everything is settled"
            raise FileError(message, hint=hint, where=reading.file, code="file_empty")
        reading.notes.append("the file has no rows")
    tally = Tally()
    for row in rows.taken:
        tally.accept(row.creditor, row.currency, row.debt.open_cents)
    for refused in rows.refused:
        tally.refuse(refused)
    return DebtsFile(
        reading=reading,
        mapping=mapping.name,
        mode=mapping.mode,
        balance_forward=mapping.balance_forward,
        rows=tuple(rows.taken),
        refused=tuple(rows.refused),
        warnings=tuple(warnings),
        skipped_rows=skipped,
        totals=tally.totals(),
    )
