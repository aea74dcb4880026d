"""Excel workbooks (.xlsx) as streams of rows: the sheet, typed cells, and the caps on what they unpack to.

Formulas are not computed and their stored results not trusted: they stay texts that start with `=`, and the reader of
a cell refuses them. Hidden rows are read like the others.
"""

import warnings
import zipfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from orchestrator.domain.errors import FileError
from orchestrator.intake.tables.rows import (
    BadRow,
    Cell,
    Format,
    Limits,
    Reading,
    Row,
    Shape,
    Table,
    check_count,
    checked_header,
    fitted,
)

# What openpyxl raises on workbooks that are cut, forged or of another program.
_BROKEN = (zipfile.BadZipFile, InvalidFileException, ParseError, KeyError, ValueError, TypeError, AttributeError,
           IndexError, EOFError, NotImplementedError, RuntimeError, zipfile.LargeZipFile, OverflowError)  # fmt: skip
_BATCH = 500


@contextmanager
def opened(path: Path, shape: Shape, expected: Collection[str], limits: Limits) -> Iterator[Table]:
    """The table of one sheet: the one named, or the only visible one that is not empty."""
    del expected  # the header stands where `header_line` says
    _check_unpacked(path, limits)
    with path.open("rb") as stream:  # given the name, openpyxl judges its ending, and leaves a broken file open
        book = _guarded(path, lambda: load_workbook(stream, read_only=True, data_only=False, keep_links=False))
        reading = Reading(file=path.name, format=Format.XLSX)
        sheet = _guarded(path, lambda: _sheet(book, shape, reading))
        reading.sheet = sheet.title
        yield Table(reading, _rows(sheet, reading, shape.header_line, limits, path))


def _guarded(path: Path, act: Any) -> Any:
    """The result of an act of openpyxl; its warnings are about looks, its errors mean a broken workbook."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return act()
        except _BROKEN:
            hint = "open it in a spreadsheet and save it again as .xlsx"
            raise FileError(
                "the Excel workbook is broken, or not one", hint=hint, where=path.name, code="workbook_broken"
            ) from None


def _check_unpacked(path: Path, limits: Limits) -> None:
    with _guarded(path, lambda: zipfile.ZipFile(path)) as archive:
        size = sum(part.file_size for part in archive.infolist())
    if size > limits.max_unpacked_bytes:
        message = f"the workbook unpacks to {size / 1e6:.0f} MB; at most {limits.max_unpacked_bytes / 1e6:.0f} are read"
        raise FileError(message, hint="save the sheet as CSV", where=path.name, code="file_too_large")


def _sheet(book: Any, shape: Shape, reading: Reading) -> Any:
    names = [sheet.title for sheet in book.worksheets]
    if shape.sheet:
        if shape.sheet not in names:
            hint = "the sheets are: " + ", ".join(names[:20])
            raise FileError(
                "the workbook has no such sheet as the mapping names",
                hint=hint,
                where=reading.file,
                code="sheet_missing",
            )
        return book[shape.sheet]
    filled = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible" and _is_filled(sheet)]
    if len(filled) > 1:
        hint = "write `sheet:` in the mapping; they are: " + ", ".join(sheet.title for sheet in filled[:20])
        raise FileError("several sheets hold data", hint=hint, where=reading.file, code="sheet_unclear")
    if not filled:
        raise FileError("no visible sheet holds data", hint="check the export", where=reading.file, code="file_empty")
    if len(names) > 1:
        reading.notes.append(f"{len(names)} sheets, of which only one visible holds data: it was read")
    return filled[0]


def _is_filled(sheet: Any) -> bool:
    sheet.reset_dimensions()
    return any(any(cell is not None for cell in row) for row in islice(sheet.iter_rows(values_only=True), 50))


def _rows(sheet: Any, reading: Reading, header_line: int, limits: Limits, path: Path) -> Iterator[Row | BadRow]:
    """Reads the header at once, and sets `reading.columns`, before any row is seen."""
    sheet.reset_dimensions()  # what a sheet says of its own size is often wrong
    rows = enumerate(sheet.iter_rows(values_only=True), 1)
    found = _guarded(path, lambda: list(islice(rows, header_line)))
    names = found[-1][1] if len(found) == header_line else ()
    reading.columns = checked_header(names, file=reading.file, line=header_line, limits=limits)
    return _body(rows, reading, limits, path)


def _body(rows: Any, reading: Reading, limits: Limits, path: Path) -> Iterator[Row | BadRow]:
    width = len(reading.columns)
    while batch := _guarded(path, lambda: list(islice(rows, _BATCH))):
        for line, values in batch:
            check_count(line, file=reading.file, limits=limits)
            cells = [_cell(value) for value in values]
            if len(cells) < width:  # the file leaves out empty cells at the end of a row
                cells += [None] * (width - len(cells))
            row = fitted(line, cells, width=width, limits=limits)
            if row is not None:
                yield row


def _cell(value: Any) -> Cell:
    """Text, whole number, decimal or date. A float has the 15 digits that Excel shows: 0.30000000000000004 is 0.3."""
    kind = type(value)
    if value is None or kind is str or kind is int:
        return value  # type: ignore[no-any-return]  # openpyxl has no types
    if kind is float:
        number = Decimal(format(value, ".15g"))
        return int(number) if number == number.to_integral_value() and abs(number) < 10**15 else number
    if kind is bool:
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, time):
        return value.isoformat()
    return "=" + str(getattr(value, "text", "") or getattr(value, "ref", ""))  # array formulas and data tables
