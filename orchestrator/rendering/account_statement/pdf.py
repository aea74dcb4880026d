"""Sets a statement of account as a tagged, archivable PDF on A4, by the fonts of the letters."""

from datetime import date
from pathlib import Path

import msgspec

from orchestrator.rendering import qr_code
from orchestrator.rendering.account_statement.sheet import Sheet
from orchestrator.rendering.typesetting import document_pdf

_LAYOUT = Path(__file__).parent / "statement.typ"


def statement_pdf(sheet: Sheet, *, fonts: Path, dated_on: date) -> bytes:
    """The PDF; the same sheet of the same day gives the same bytes.

    Raises TemplateError when the fonts are missing, InputError for a character that they cannot show.
    """
    files = {"sheet.json": msgspec.json.encode(sheet)}
    for number, account in enumerate(sheet.accounts):
        if account.pay_code:
            files[f"pay-{number}.svg"] = qr_code.svg(account.pay_code, level="M")  # EPC069-12 asks for level M
    hint = "ask for the spreadsheet, or correct the name in the ledger"
    return document_pdf(files, layout=_LAYOUT, fonts=fonts, dated_on=dated_on, without_shape=hint)
