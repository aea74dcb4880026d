"""Sets a statement of account as a tagged, archivable PDF on A4, by the fonts of the letters."""

import re
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import msgspec
import typst

from orchestrator.domain.errors import InputError, TemplateError
from orchestrator.rendering import qr_code
from orchestrator.rendering.account_statement.sheet import Sheet

_FOLDER = Path(__file__).parent
_WITHOUT_SHAPE = re.compile(r'text `"(.+?)"` could not be displayed')  # how Typst quotes what the font lacks


def statement_pdf(sheet: Sheet, *, fonts: Path, dated_on: date) -> bytes:
    """The PDF (PDF/A-2a, PDF/UA-1); the same sheet of the same day gives the same bytes.

    Raises TemplateError when the fonts are missing, InputError for a character that they cannot show.
    """
    if not any(fonts.glob("*.[ot]tf")):
        raise TemplateError(
            "the fonts of the PDF are missing", hint="the folder needs *.otf or *.ttf", where=str(fonts)
        )
    known = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[fonts])
    compiler = typst.Compiler(root=_FOLDER, font_paths=known, ignore_system_fonts=True)
    files = {"main.typ": b'#include "/statement.typ"', "sheet.json": msgspec.json.encode(sheet)}
    for number, account in enumerate(sheet.accounts):
        if account.pay_code:
            files[f"pay-{number}.svg"] = qr_code.svg(account.pay_code, level="M")  # EPC069-12 asks for level M
    try:
        made: Any = compiler.compile(
            files,  # type: ignore[type-var]  # a dict of files is documented, and missing from the stubs
            format="pdf",
            pdf_standards=["a-2a", "ua-1"],
            timestamp=datetime.combine(dated_on, time(), UTC),
        )
    except typst.TypstError as error:
        # Typst quotes the text it stumbled on: a debtor's data, so its words stay out of ours.
        if lacking := _WITHOUT_SHAPE.search(error.message):
            raise InputError(
                f"the PDF's font has no shape for {lacking[1][:12]}",
                code="unprintable_character",
                hint="ask for the spreadsheet, or correct the name in the ledger",
            ) from None
        raise TemplateError("the statement could not be composed", where="statement.typ") from None
    return bytes(made)
