"""The rows of a workbook, written as XML into one whose headings, styles and settings another has made.

A library makes an object of each cell: 100,000 rows of nine columns took it eleven seconds of a core, this takes two.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import IO, Any
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

import msgspec
from openpyxl.utils.datetime import to_excel

WriteCell = Callable[[str, Any], str]
"""(place such as `B7`, value) → the cell as XML, empty for none."""

ROWS_A_STEP = 500
_LAST_ROW = 1_048_576  # of any sheet
_FIRST = 2  # below the headings
_SHEET, _BOOK = re.compile(r"xl/worksheets/sheet(\d+)\.xml"), "xl/workbook.xml"
_END = b"</sheetData>"
_SPACED = re.compile(r"^\s|\s$|[\n\t]|  ")


class SheetRows(msgspec.Struct):
    """The rows of one sheet: the letters of its columns, what writes each column's cells, the values, how many came."""

    letters: Sequence[str]
    writers: Sequence[WriteCell]
    rows: Iterator[Sequence[Any]]
    count: int = 0


def filter_end(number: int) -> int:
    """The row that stands in the frame for the last one of sheet `number` (from 0), whose rows are not counted yet."""
    return _LAST_ROW - number


def text_cell(place: str, style: int, text: str) -> str:
    """A text that is never a formula, whatever it begins with."""
    said = escape(text).replace("\r", "&#13;")
    space = ' xml:space="preserve"' if _SPACED.search(text) else ""
    return f'<c r="{place}" s="{style}" t="inlineStr"><is><t{space}>{said}</t></is></c>'


def figure_cell(place: str, style: int, figure: float | Decimal | date) -> str:
    """A number, a day or an instant without zone."""
    value = to_excel(figure) if isinstance(figure, date) else figure
    return f'<c r="{place}" s="{style}"><v>{value}</v></c>'


def write_rows(frame: IO[bytes], sheets: Sequence[SheetRows], file: IO[bytes]) -> Iterator[None]:
    """Copies the workbook `frame` to `file` with the rows of each of its sheets, pausing after every few hundred."""
    with ZipFile(frame) as made, ZipFile(file, "w", ZIP_DEFLATED) as book:
        for name in made.namelist():
            found = _SHEET.fullmatch(name)
            if found is not None:
                number = int(found[1]) - 1
                with book.open(name, "w") as part:
                    yield from _fill(part, made.read(name), sheets[number], number)
            elif name != _BOOK:
                book.writestr(name, made.read(name))
        said = made.read(_BOOK)
        for number, sheet in enumerate(sheets):
            said = said.replace(b"$%d</definedName>" % filter_end(number), b"$%d</definedName>" % (sheet.count + 1))
        book.writestr(_BOOK, said)


def _fill(part: IO[bytes], made: bytes, sheet: SheetRows, number: int) -> Iterator[None]:
    head, _, tail = made.rpartition(_END)
    part.write(head)
    lines: list[str] = []
    for at, row in enumerate(sheet.rows, _FIRST):
        cells = [
            write(f"{letter}{at}", value)
            for letter, write, value in zip(sheet.letters, sheet.writers, row, strict=True)
        ]
        lines.append(f'<row r="{at}">{"".join(cells)}</row>')
        sheet.count += 1
        if len(lines) == ROWS_A_STEP:
            part.write("".join(lines).encode())
            lines.clear()
            yield
    end = b'%d"/>' % (sheet.count + 1)
    part.write("".join(lines).encode() + _END + tail.replace(b'%d"/>' % filter_end(number), end))
