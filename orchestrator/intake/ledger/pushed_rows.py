"""Debts and payments pushed as objects with our own field names, read as a file of them would be.

Owns the mapping of names to fields, which is the identity; an object's place in the request is its line.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date

import msgspec

from orchestrator.intake.ledger.debt_rows import Creditors, DebtRow, DebtsFile
from orchestrator.intake.ledger.debts import judge_debts
from orchestrator.intake.ledger.payments import PaymentsFile, judge_payments
from orchestrator.intake.tables.json_rows import table_of
from orchestrator.intake.tables.mapping import FIELDS, ColumnMapping, DecimalSign, FieldUse, Source, Subject
from orchestrator.intake.tables.rows import Format, Limits, Reading, Table

# Shown as the name of the file in imports and reports.
NAME = "api"
# One column of amounts is enough for objects; a replay of the past is a file's business.
_LEFT_OUT = {"debit", "credit", "settled_on"}

Object = Mapping[str, object]
DEBT_FIELDS: Mapping[str, FieldUse] = {
    **{name: use for name, use in FIELDS[Subject.DEBTS].items() if name not in _LEFT_OUT},
    "as_of": FieldUse("day of which the amounts speak; today without it"),
}
PAYMENT_FIELDS: Mapping[str, FieldUse] = FIELDS[Subject.PAYMENTS]
# In what is pushed `reference` is the payment's own, as `reference` of a debt is the document's; what it pays is
# `documents`.
PAYMENT_NAMES: Mapping[str, str] = {"reference": "id", "documents": "references"}


def pushed_debts(objects: Mapping[int, Object], *, today: date, creditors: Creditors) -> DebtsFile:
    """The objects, by line, as debts: each taken whole or refused whole. What is left out says nothing."""
    mapping = _debts_mapping(today)
    file = judge_debts(_table(objects, mapping), mapping, today=today, creditors=creditors)
    rows = tuple(_without_what_was_not_said(row, objects[row.line]) for row in file.rows)
    return msgspec.structs.replace(file, rows=rows)


def pushed_payments(objects: Mapping[int, Object], *, today: date, creditors: Creditors) -> PaymentsFile:
    """The objects, by line, as payments: each taken whole or refused whole."""
    mapping = ColumnMapping(
        name=NAME, subject=Subject.PAYMENTS, decimal=DecimalSign.POINT, fields=_sources(PAYMENT_FIELDS)
    )
    return judge_payments(_table(objects, mapping), mapping, today=today, creditors=creditors)


def _debts_mapping(today: date) -> ColumnMapping:
    fields = _sources(DEBT_FIELDS)
    del fields["as_of"]
    # Unless it is said that they were found elsewhere, addresses were given by the debtor.
    fields["given_by_debtor"] = Source(columns=("given_by_debtor",), default="yes", optional=True)
    return ColumnMapping(
        name=NAME,
        as_of=Source(columns=("as_of",), default=today.isoformat(), optional=True),
        decimal=DecimalSign.POINT,
        fields=fields,
    )


def _sources(names: Mapping[str, FieldUse]) -> dict[str, Source]:
    return {name: Source(columns=(name,), optional=True) for name in names}


def _without_what_was_not_said(row: DebtRow, said: Object) -> DebtRow:
    """An empty cell of a file denies a dispute; a name that an object leaves out does not."""
    if row.disputed is False and said.get("disputed") is None:
        return msgspec.structs.replace(row, disputed=None)
    return row


def _table(objects: Mapping[int, Object], mapping: ColumnMapping) -> Table:
    rows: Sequence[tuple[int, object]] = sorted(objects.items(), key=lambda item: item[0])
    digest = hashlib.sha256(msgspec.json.encode(rows)).hexdigest()
    reading = Reading(file=NAME, format=Format.JSON, sha256=digest)
    return table_of(rows, reading, mapping.column_names(), Limits())
