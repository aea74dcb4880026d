"""Writes a statement of account as a file: a PDF to hand over, or a workbook to work with."""

from datetime import date
from pathlib import Path
from typing import Literal

import msgspec

from orchestrator.domain.errors import InputError
from orchestrator.flows.account_statement import StatedAccounts
from orchestrator.rendering.account_statement.pdf import statement_pdf
from orchestrator.rendering.account_statement.sheet import statement_sheet
from orchestrator.rendering.account_statement.sheets import statement_tables
from orchestrator.rendering.spreadsheet import XLSX_TYPE, xlsx_bytes

Form = Literal["pdf", "xlsx"]
_NAMES = {"fr": "releve-de-compte"}


class StatementFile(msgspec.Struct, frozen=True):
    """A file with its name and its media type. The name holds the case and the day, nothing of a person."""

    name: str
    media_type: str
    content: bytes


def write_statement(stated: StatedAccounts, *, form: Form, fonts: Path, language: str = "") -> StatementFile:
    """The file, in the debtor's language unless another is asked for; any but French is written in English.

    Raises InputError for a PDF before the letter that must come first, and for a name that its font cannot show;
    TemplateError when the fonts are missing.
    """
    spoken = language or stated.language
    as_of = stated.accounts[0].as_of
    name = f"{_NAMES.get(spoken, 'statement')}-{stated.accounts[0].case_id}-{as_of:%Y-%m-%d}.{form}"
    if form == "xlsx":
        return StatementFile(name, XLSX_TYPE, xlsx_bytes(*statement_tables(stated.accounts, language=spoken)))
    return StatementFile(name, "application/pdf", _pdf(stated, spoken, fonts, as_of))


def _pdf(stated: StatedAccounts, language: str, fonts: Path, dated_on: date) -> bytes:
    if stated.missing:
        raise InputError(
            "the law wants another document posted before a statement is handed over",
            code="first_letter_missing",
            hint="post the first letter, or ask for the workbook, which stays in the house",
            where=", ".join(stated.missing),
        )
    sheet = statement_sheet(
        stated.accounts, creditor=stated.creditor, debtor=stated.debtor, language=language, letter=stated.letter
    )
    return statement_pdf(sheet, fonts=fonts, dated_on=dated_on)
