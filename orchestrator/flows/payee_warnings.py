"""Which rows of a file are owed to somebody whom debtors cannot be told how to pay, said when it is imported (R46).

An account comes from the creditor's file alone: what a ledger's file names is compared with it, never printed.
"""

from collections.abc import Mapping

from msgspec.structs import replace

from orchestrator.domain.creditor import Creditor
from orchestrator.domain.pay_to import pay_to
from orchestrator.intake.ledger.debt_rows import DebtRow, DebtsFile
from orchestrator.intake.tables.report import Remark


def with_payee_warnings(file: DebtsFile, creditors: Mapping[str, Creditor]) -> DebtsFile:
    """The file, with a warning for each row whose payee has no account on file, or another than the row says."""
    owed = [row for row in file.rows if row.payee and row.creditor in creditors]
    found = [remark for row in owed if (remark := _remark(row, creditors[row.creditor])) is not None]
    return replace(file, warnings=(*file.warnings, *found)) if found else file


def _remark(row: DebtRow, creditor: Creditor) -> Remark | None:
    known = pay_to(creditor, row.payee).iban
    if not known:
        said = f'the file of {creditor.id} has no account of the payee "{row.payee}": debtors are told to ask for it'
        return Remark(row.line, "payee", "payee_unknown", said, "add it to `payees:` of the creditor's file")
    if row.payee_iban and row.payee_iban != known:
        said = f"this account of {row.payee} is not the one in the file of {creditor.id}, which debtors are told"
        hint = "ask the payee by a way you know; if it is right, have it changed in the creditor's file"
        return Remark(row.line, "payee_iban", "payee_account_differs", said, hint)
    return None
