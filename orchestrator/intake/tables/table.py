"""Rows out of CSV, Excel and JSON files, each with its line. Owns the caps, the format and the header.

What a cell means is `table_cells.py`; which column is what is `mapping.py`.
"""

import hashlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from orchestrator.domain.errors import FileError
from orchestrator.intake.tables import csv_rows as table_csv
from orchestrator.intake.tables import json_rows as table_json
from orchestrator.intake.tables import xlsx_rows as table_xlsx
from orchestrator.intake.tables.rows import BadRow, Format, Limits, Reading, Row, Shape, Table

__all__ = ["BadRow", "Format", "Limits", "Reading", "Row", "Shape", "Table", "open_table"]

_OPENERS = {Format.CSV: table_csv.opened, Format.XLSX: table_xlsx.opened, Format.JSON: table_json.opened}
_BY_SUFFIX = {
    ".csv": Format.CSV, ".txt": Format.CSV, ".tsv": Format.CSV, ".tab": Format.CSV,
    ".xlsx": Format.XLSX, ".xlsm": Format.XLSX,
    ".json": Format.JSON, ".jsonl": Format.JSON, ".ndjson": Format.JSON,
}  # fmt: skip
_ZIP = b"PK\x03\x04"
# What people send under a wrong name, by the first bytes.
_FOREIGN = (
    (
        b"\xd0\xcf\x11\xe0",
        "an old Excel file (.xls), or one with a password",
        "save it as .xlsx without a password",
    ),
    (b"%PDF", "a PDF", "ask for the data as CSV or .xlsx"),
    (b"\x1f\x8b", "a compressed file", "unpack it first"),
    (b"7z\xbc\xaf", "a compressed file", "unpack it first"),
    (b"Rar!", "a compressed file", "unpack it first"),
    (b"{\\rtf", "a text document", "save the table as CSV"),
    (b"<html", "a web page", "open it in a spreadsheet and save it as .xlsx"),
    (b"<!DOC", "a web page", "open it in a spreadsheet and save it as .xlsx"),
    (b"<?xml", "an XML file", "ask for the data as CSV or .xlsx"),
)


@contextmanager
def open_table(
    path: Path, shape: Shape | None = None, *, expected: Collection[str] = (), limits: Limits | None = None
) -> Iterator[Table]:
    """The table of a file; its rows stream, and may raise FileError while they do.

    `expected` are the column names that the reader hopes for: they help to find the delimiter and the header, and
    order the cells of JSON objects. Raises FileError when the file as a whole cannot be read.
    """
    shape, limits = shape or Shape(), limits or Limits()
    digest = _check_size(path, limits)
    chosen = _format(path, shape)
    with _OPENERS[chosen](path, shape, expected, limits) as table:
        table.reading.sha256 = digest
        yield table


def _check_size(path: Path, limits: Limits) -> str:
    try:
        size = path.stat().st_size
        if size > limits.max_bytes:
            raise FileError(
                f"the file has {size / 1e6:.0f} MB; at most {limits.max_bytes / 1e6:.0f} are read",
                hint="cut it into several files",
                where=path.name,
                code="file_too_large",
            )
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise FileError(
            "the file cannot be opened",
            hint=error.strerror or "check its name",
            where=path.name,
            code="file_missing",
        ) from None


def _format(path: Path, shape: Shape) -> Format:
    with path.open("rb") as stream:
        head = stream.read(512).removeprefix(b"\xef\xbb\xbf").lstrip()
    if not head:
        raise FileError("the file is empty", hint="check the export", where=path.name, code="file_empty")
    for sign, what, hint in _FOREIGN:
        if head[: len(sign)].lower() == sign.lower():
            raise FileError(f"this is {what}, not a table", hint=hint, where=path.name, code="format_unknown")
    if head.startswith(_ZIP):  # whatever its name says
        return Format.XLSX
    chosen = shape.format or _BY_SUFFIX.get(path.suffix.lower())
    if chosen is None:
        hint = "name it .csv, .xlsx or .json, or write `format:` in the mapping"
        raise FileError("the format of this file is not known", hint=hint, where=path.name, code="format_unknown")
    if chosen is Format.XLSX:
        raise FileError(
            "this is not an Excel workbook", hint="save it as .xlsx", where=path.name, code="format_unknown"
        )
    return chosen
