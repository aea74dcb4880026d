"""Tables as CSV and XLSX files that a spreadsheet opens right, and in which no cell is ever a formula (R25, R48).

CSV: UTF-8 with its mark, every cell quoted; `;` and a decimal comma for French, `,` and a point otherwise, as Excel
expects of each. Files are written row by row: memory does not grow with the rows.
"""

import csv
import io
import re
from collections.abc import Callable, Iterator
from datetime import date
from itertools import chain, islice
from tempfile import SpooledTemporaryFile
from typing import IO, Any, cast

from babel.numbers import get_currency_symbol
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter

from orchestrator.domain.money import DECIMALS, Money
from orchestrator.rendering.table import Cell, Column, ColumnKind, Table, fraction_of, local_time, money_of
from orchestrator.rendering.typography import TERRITORIES
from orchestrator.rendering.workbook_rows import SheetRows, WriteCell, figure_cell, filter_end, text_cell, write_rows

CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

# What a spreadsheet may take for a formula at the head of a cell, full-width signs too. Apostrophes before one of them
# are part of the pattern, so that a text that has its own comes back as it was.
_FORMULA = re.compile("'*[=+\\-@\t\r\n|%\uff1d\uff0b\uff0d\uff20]")
# What XML cannot hold, and what has no place in a line of text.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_SHEET_SIGNS = re.compile(r"[\[\]:*?/\\]")
_LONGEST_CELL = 32767  # in units of UTF-16: signs beyond the first 65,536 are two
_EXCEL_BEGINS = date(1900, 3, 1)  # it believes in a 29 February 1900; days before stay text
_CHUNK_ROWS = 500
_PEEKED_ROWS = 200
_FORMATS = {
    ColumnKind.DATE: "dd/mm/yyyy", ColumnKind.INSTANT: "dd/mm/yyyy hh:mm", ColumnKind.COUNT: "#,##0",
    ColumnKind.RATE: "0.0%",
}  # fmt: skip
_CURRENCY_WORD = {"fr": "Devise"}
_WIDTHS = {
    ColumnKind.AMOUNT: 15, ColumnKind.DATE: 12, ColumnKind.INSTANT: 18, ColumnKind.COUNT: 10, ColumnKind.RATE: 10,
}  # fmt: skip


# -------------------------------------------------------------------------------------------------- CSV


def csv_chunks(table: Table) -> Iterator[bytes]:
    """The file in pieces, for an answer that streams. Raises ValueError for a row that does not fit the columns."""
    is_french = table.language == "fr"
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";" if is_french else ",", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow([harmless(name) for name in _headings(table, with_currency=True)])
    writers = [_csv_writer(column, table, comma=is_french) for column in table.columns]
    yield b"\xef\xbb\xbf"
    for number, row in enumerate(_with_currencies(table), 1):
        writer.writerow([write(cell) for write, cell in zip(_spread(table, writers), row, strict=True)])
        if number % _CHUNK_ROWS == 0:
            yield _taken(buffer)
    yield _taken(buffer)


def csv_bytes(table: Table) -> bytes:
    """The whole file."""
    return b"".join(csv_chunks(table))


def harmless(text: str) -> str:
    """A text that no spreadsheet reads as a formula: `'` before what begins like one. `unguarded` takes it away."""
    text = _UNWRITABLE.sub("\ufffd", text)
    return f"'{text}" if _FORMULA.match(text) else text


def unguarded(text: str) -> str:
    """A text cell of our CSV as it was."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text


def _taken(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode()


def _csv_writer(column: Column, table: Table, *, comma: bool) -> Callable[[Cell], str]:
    def decimal(figure: str) -> str:
        return figure.replace(".", ",") if comma else figure

    def amount(cell: Cell) -> str:
        money = money_of(column, cell)
        return decimal(str(money).partition(" ")[0]) if money is not None else ""

    def rate(cell: Cell) -> str:
        return decimal(f"{(fraction_of(cell) * 100).normalize():f}") + "%"

    writers: dict[ColumnKind, Callable[[Cell], str]] = {
        ColumnKind.TEXT: lambda cell: harmless(str(cell)),
        ColumnKind.AMOUNT: amount,
        ColumnKind.DATE: lambda cell: cell.isoformat() if isinstance(cell, date) else harmless(str(cell)),
        ColumnKind.INSTANT: lambda cell: local_time(cell, table.zone).isoformat(sep=" "),
        ColumnKind.COUNT: lambda cell: str(_whole(cell)),
        ColumnKind.RATE: rate,
    }
    write = writers[column.kind]
    return lambda cell: "" if cell is None else write(cell)


def _whole(cell: Cell) -> int:
    if not isinstance(cell, int):
        raise TypeError("a count is a whole number")
    return cell


# --------------------------------------------------------------------------------- currencies by row


def _is_mixed(column: Column) -> bool:
    return column.kind is ColumnKind.AMOUNT and not column.currency


def _headings(table: Table, *, with_currency: bool) -> list[str]:
    names = []
    for column in table.columns:
        is_named = with_currency and column.kind is ColumnKind.AMOUNT and column.currency
        names.append(f"{column.name} ({column.currency})" if is_named else column.name)
        if _is_mixed(column):
            names.append(_CURRENCY_WORD.get(table.language, "Currency"))
    return names


def _spread(table: Table, writers: list[Any]) -> list[Any]:
    """The writers, with one of texts after each amount whose currency is told by row."""
    spread = []
    for column, write in zip(table.columns, writers, strict=True):
        spread.append(write)
        if _is_mixed(column):
            spread.append(lambda cell: "" if cell is None else str(cell))
    return spread


def _with_currencies(table: Table) -> Iterator[list[Cell]]:
    for row in table.rows:
        cells: list[Cell] = []
        for column, cell in zip(table.columns, row, strict=True):
            cells.append(cell)
            if _is_mixed(column):
                cells.append(cell.currency if isinstance(cell, Money) else None)
        yield cells


# ------------------------------------------------------------------------------------------------- XLSX


def write_xlsx(tables: tuple[Table, ...], file: IO[bytes]) -> None:
    """Writes a workbook of one sheet per table. Texts are texts, never formulas, dates and amounts are real ones."""
    for _ in xlsx_steps(tables, file):
        pass


def xlsx_steps(tables: tuple[Table, ...], file: IO[bytes]) -> Iterator[None]:
    """The same, pausing after every few hundred rows: what was written until then may be taken out of `file`."""
    book, frame = Workbook(write_only=True), io.BytesIO()
    taken: set[str] = set()
    try:
        sheets = [
            _frame(book.create_sheet(_sheet_name(table.title, taken)), table, number)
            for number, table in enumerate(tables)
        ]
    except BaseException:
        book.save(io.BytesIO())  # nobody reads it: the library's temporary files end so
        raise
    book.save(frame)
    return write_rows(frame, sheets, file)


def xlsx_chunks(*tables: Table) -> Iterator[bytes]:
    """The workbook in pieces, for an answer that streams: neither it nor its rows are ever whole in memory."""
    sink = _Sink()
    for _ in xlsx_steps(tables, cast(IO[bytes], sink)):
        if piece := sink.taken():
            yield piece
    yield sink.taken()


class _Sink(io.RawIOBase):
    """What was written and not yet taken out."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, piece: Any) -> int:
        self._pieces.append(bytes(piece))
        return len(piece)

    def taken(self) -> bytes:
        """All that was written since it was last asked for."""
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)


def xlsx_file(*tables: Table) -> IO[bytes]:
    """The workbook, to be read from its start; beyond 4 MB it is a temporary file, gone once it is closed."""
    file = SpooledTemporaryFile(max_size=4_000_000)  # noqa: SIM115  # the caller reads and closes it
    try:
        write_xlsx(tables, file)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


def xlsx_bytes(*tables: Table) -> bytes:
    """The workbook."""
    with xlsx_file(*tables) as file:
        return file.read()


def _sheet_name(title: str, taken: set[str]) -> str:
    """A name that Excel takes: 31 characters, none of its signs, and no other sheet's."""
    clean = _UNWRITABLE.sub("", _SHEET_SIGNS.sub(" ", title)).strip("' \t\r\n")[:31].rstrip("' ") or "1"
    name, number = clean, 1
    while name.casefold() in taken:
        number += 1
        ending = f" {number}"
        name = clean[: 31 - len(ending)] + ending
    taken.add(name.casefold())
    return name


def _frame(sheet: Any, table: Table, number: int) -> SheetRows:
    """The sheet without its rows: its headings, its widths, how it is seen and printed; then what writes the rows."""
    rows = _with_currencies(table)
    peeked = list(islice(rows, _PEEKED_ROWS))
    headings = _headings(table, with_currency=False)
    columns = _columns_on_sheet(table)
    letters = [get_column_letter(index + 1) for index in range(len(columns))]
    for index, (name, column) in enumerate(zip(headings, columns, strict=True)):
        texts = [str(row[index]) for row in peeked if row[index] is not None] if column.kind is ColumnKind.TEXT else []
        widest = max([len(name) + 2, _WIDTHS.get(column.kind, 8), *(len(text) + 2 for text in texts)])
        sheet.column_dimensions[letters[index]].width = min(widest, 60)
    sheet.freeze_panes = "A2"
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4 if hasattr(sheet, "PAPERSIZE_A4") else "9"
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.page_setup.fitToHeight = 0
    sheet.append([_heading(sheet, name, column) for name, column in zip(headings, columns, strict=True)])
    sheet.auto_filter.ref = f"A1:{letters[-1]}{filter_end(number)}"
    return SheetRows(letters, [_cell_writer(sheet, column, table) for column in columns], chain(peeked, rows))


def _columns_on_sheet(table: Table) -> list[Column]:
    columns = []
    for column in table.columns:
        columns += [column, Column("", ColumnKind.TEXT)] if _is_mixed(column) else [column]
    return columns


def _heading(sheet: Any, name: str, column: Column) -> Any:
    cell = WriteOnlyCell(sheet)
    cell.value = _writable(name)
    cell.data_type = "s"  # left to itself the library makes a formula of `=1` and an error of `#N/A`
    cell.font = Font(bold=True)
    cell.border = Border(bottom=Side(style="thin"))
    side = "left" if column.kind in (ColumnKind.TEXT, ColumnKind.DATE, ColumnKind.INSTANT) else "right"
    cell.alignment = Alignment(horizontal=side, vertical="top", wrap_text=True)
    return cell


def _writable(text: str) -> str:
    said = _UNWRITABLE.sub("\ufffd", text)[:_LONGEST_CELL]
    if len(said) * 2 <= _LONGEST_CELL or said.isascii():
        return said
    return said.encode("utf-16-le")[: _LONGEST_CELL * 2].decode("utf-16-le", "ignore")


def _style(sheet: Any, number_format: str, **more: Any) -> int:
    """The number under which the workbook keeps a look."""
    cell = WriteOnlyCell(sheet)
    cell.number_format = number_format
    for name, value in more.items():
        setattr(cell, name, value)
    return int(cell.style_id)


def _cell_writer(sheet: Any, column: Column, table: Table) -> WriteCell:
    """What writes the cells of a column. Styles are known before the first row: the workbook lists them at its head."""
    texts = _style(sheet, "@", alignment=Alignment(horizontal="left", vertical="top"))
    own = _style(sheet, _FORMATS.get(column.kind, "General"))
    currencies = () if column.kind is not ColumnKind.AMOUNT else (column.currency,) if column.currency else DECIMALS
    money_styles = {currency: _style(sheet, _amount_format(currency, table.language)) for currency in currencies}

    def text(place: str, value: Cell) -> str:
        return text_cell(place, texts, _writable(str(value)))

    def amount(place: str, value: Cell) -> str:
        money = money_of(column, value)
        return figure_cell(place, money_styles[money.currency], _figure(money)) if money is not None else ""

    def day(place: str, value: Cell) -> str:
        is_late = isinstance(value, date) and value >= _EXCEL_BEGINS
        return figure_cell(place, own, value) if is_late else text(place, value)  # type: ignore[arg-type]  # a date

    def instant(place: str, value: Cell) -> str:
        at = local_time(value, table.zone)
        return figure_cell(place, own, at) if at.date() >= _EXCEL_BEGINS else text(place, at)

    writers: dict[ColumnKind, WriteCell] = {
        ColumnKind.TEXT: text,
        ColumnKind.AMOUNT: amount,
        ColumnKind.DATE: day,
        ColumnKind.INSTANT: instant,
        ColumnKind.COUNT: lambda place, value: figure_cell(place, own, _whole(value)),
        ColumnKind.RATE: lambda place, value: figure_cell(place, own, fraction_of(value)),
    }
    write = writers[column.kind]
    return lambda place, value: "" if value is None else write(place, value)


def _figure(money: Money) -> int | float:
    places = DECIMALS[money.currency]
    return money.cents / 10**places if places else money.cents


def _amount_format(currency: str, language: str) -> str:
    """As Excel writes an accountant's format: the signs of thousands and decimals are those of whoever opens it."""
    symbol = get_currency_symbol(currency, locale=TERRITORIES.get(language, "en_GB"))
    figure = "#,##0" + ("." + "0" * DECIMALS[currency] if DECIMALS[currency] else "")
    return f"{figure}\\ [${symbol}]" if language == "fr" else f"[${symbol}]{figure}"
