"""What tests of tables share: a day, creditors, rows as a creditor would send them, and files made of them."""

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

from orchestrator.domain.creditor import Creditor
from orchestrator.intake.ledger.debts import DebtRow, DebtsFile, read_debts
from orchestrator.intake.tables.mapping import ColumnMapping
from orchestrator.intake.tables.mapping_yaml import load_mapping
from orchestrator.intake.tables.report import RefusedRow

TODAY = date(2026, 4, 1)
MAPPINGS = Path(__file__).parents[3] / "campaigns" / "mappings"
DEFAULT = load_mapping(MAPPINGS / "default.yaml")
CREDITORS = {
    "acme-telecom": Creditor(id="acme-telecom", name="Acme Télécom SAS"),
    "syndic-lilas": Creditor(id="syndic-lilas", name="Syndic des Lilas SARL", party="third_party"),
    "beta-belgique": Creditor(id="beta-belgique", name="Beta SA", jurisdiction="BE"),
}
COLUMNS = (
    "creditor", "reference", "document", "debtor_ref", "status", "name", "siren", "contact_role", "email", "phone",
    "address_1", "address_2", "postcode", "city", "country", "language", "principal", "open_amount", "currency",
    "issued_on", "due_on", "claim_kind", "debt_kind", "payment_method", "next_collection_on", "order_ref", "sector",
    "marks", "last_step", "last_contact_on",
)  # fmt: skip
_ROW = {
    "creditor": "acme-telecom", "reference": "F-1", "document": "invoice", "debtor_ref": "C-1", "status": "consumer",
    "name": "Jeanne Dupont", "email": "jeanne.dupont@example.org", "phone": "+33644631234",
    "address_1": "12 rue de la République", "postcode": "69001", "city": "LYON", "country": "FR", "language": "fr",
    "principal": "20,00", "open_amount": "20,00", "currency": "EUR", "issued_on": "2026-01-31",
    "due_on": "2026-02-15", "claim_kind": "telecom", "debt_kind": "subscription", "payment_method": "card",
}  # fmt: skip


def a_row(**changes: str) -> dict[str, str]:
    """A row that is right, but for what a test changes. New names become new columns."""
    return dict.fromkeys(COLUMNS, "") | _ROW | changes


def csv_text(rows: Iterable[Mapping[str, str]], *, delimiter: str = ";", columns: Iterable[str] = ()) -> str:
    """The rows as CSV; the columns are those of the rows, in their order, unless they are named."""
    rows = list(rows)
    names = list(columns) or list(dict.fromkeys(name for row in rows for name in row))
    stream = io.StringIO()
    writer = csv.DictWriter(stream, names, delimiter=delimiter, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()


def debts_of(
    folder: Path, *rows: Mapping[str, str], mapping: ColumnMapping = DEFAULT, today: date = TODAY
) -> DebtsFile:
    """What reading a file of these rows gives."""
    path = folder / "debts.csv"
    path.write_text(csv_text(rows), encoding="utf-8")
    return read_debts(path, mapping, today=TODAY, creditors=CREDITORS)


def accepted(folder: Path, mapping: ColumnMapping = DEFAULT, /, **changes: str) -> DebtRow:
    """The one row of a file, which must be accepted."""
    file = debts_of(folder, a_row(**changes), mapping=mapping)
    assert not file.refused, file.refused
    return file.rows[0]


def refused(folder: Path, mapping: ColumnMapping = DEFAULT, /, **changes: str) -> RefusedRow:
    """The one row of a file, which must be refused."""
    file = debts_of(folder, a_row(**changes), mapping=mapping)
    assert not file.rows, file.rows
    return file.refused[0]


def codes(folder: Path, mapping: ColumnMapping = DEFAULT, /, **changes: str) -> list[str]:
    """`column: code` of what refuses the one row of a file."""
    row = refused(folder, mapping, **changes)
    return [f"{remark.column}: {remark.code}" for remark in row.remarks]


def warned(folder: Path, mapping: ColumnMapping = DEFAULT, /, **changes: str) -> list[str]:
    """`column: code` of the warnings of the one row of a file, which must be accepted."""
    file = debts_of(folder, a_row(**changes), mapping=mapping)
    assert not file.refused, file.refused
    return [f"{remark.column}: {remark.code}" for remark in file.warnings]
