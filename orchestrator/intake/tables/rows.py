"""What a table is made of: its shape, its caps, its rows, and how it was read. Reads nothing."""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from enum import StrEnum
from math import inf
from typing import NamedTuple

import msgspec

from orchestrator.domain.errors import FileError

# A list holds the words of a JSON array; other formats give one text.
Cell = str | int | Decimal | date | tuple[str, ...] | None


class Format(StrEnum):
    """The kinds of files that are read. JSON is a list of objects, or one object a line."""

    CSV = "csv"
    XLSX = "xlsx"
    JSON = "json"


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Caps on what one file may hold. A cell beyond `max_cell_chars` refuses its row, the others the file.

    `max_list_bytes` bounds a JSON list, which is read whole; the others are streamed. What is made of a row of debts
    takes about 2 kB, so that `max_rows` of them take a gigabyte.
    """

    max_bytes: int = 512 * 1024 * 1024
    max_rows: int = 500_000
    max_columns: int = 200
    max_line_chars: int = 1024 * 1024
    max_cell_chars: int = 32 * 1024
    max_unpacked_bytes: int = 1024 * 1024 * 1024
    max_list_bytes: int = 64 * 1024 * 1024


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """What a mapping says of the file. Empty means: find out, and report what was found."""

    format: Format | None = None
    delimiter: str = ""
    encoding: str = ""
    sheet: str = ""
    header_line: int = 1


class Row(NamedTuple):
    """One row. `line` is the line of the file where it starts, or the number of the object in a JSON list."""

    line: int
    cells: list[Cell]


class BadRow(NamedTuple):
    """A row that cannot be read as cells; the others go on."""

    line: int
    code: str
    message: str
    hint: str


class Reading(msgspec.Struct, kw_only=True):
    """How a file was read, for the report: what was found out rather than declared is in `notes`."""

    file: str
    format: Format
    columns: tuple[str, ...] = ()
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    sha256: str = ""
    notes: list[str] = []


class Table(msgspec.Struct, frozen=True):
    """Column names as written, and rows whose cells stand in that order."""

    reading: Reading
    rows: Iterator[Row | BadRow]

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        return self.reading.columns


def checked_header(names: Iterable[object], *, file: str, line: int, limits: Limits) -> tuple[str, ...]:
    """Names of columns, stripped; nameless ones at the end are dropped, others are called `(column 5)`."""
    columns = [" ".join(str(name).split()) if name is not None else "" for name in names]
    while columns and not columns[-1]:
        columns.pop()
    where = f"{file}:{line}"
    if not columns:
        raise FileError(
            "the line of column names is empty", hint="see `header_line`", where=where, code="header_missing"
        )
    if len(columns) > limits.max_columns:
        message = f"the header has {len(columns)} columns; at most {limits.max_columns} are read"
        hint = "check the delimiter, or leave out columns that are not needed"
        raise FileError(message, hint=hint, where=where, code="too_many_columns")
    if any(len(name) > 200 for name in columns):
        hint = "the first line must hold the names of the columns; see `header_line`"
        raise FileError("a column name is over 200 characters long", hint=hint, where=where, code="header_missing")
    return tuple(name or f"(column {number})" for number, name in enumerate(columns, 1))


def fitted(line: int, cells: list[Cell], *, width: int, limits: Limits, longest: float = inf) -> Row | BadRow | None:
    """The row cut or refused to `width` cells; None when all of it is empty.

    `longest` is a length that no cell exceeds, where one is known: then none is measured.
    """
    if len(cells) != width:
        if not any(cells):
            return None
        if len(cells) < width or any(cells[width:]):
            return BadRow(
                line,
                "cell_count",
                f"the header has {width} columns and this row {len(cells)} cells",
                "look for the delimiter inside a text that is not in quotes, or for a row that is cut off",
            )
        del cells[width:]
    elif not any(cells):
        return None
    if longest > limits.max_cell_chars and _longest(cells) > limits.max_cell_chars:
        hint = "look for a quote that is not closed"
        return BadRow(line, "cell_too_long", f"a cell has over {limits.max_cell_chars} characters", hint)
    return Row(line, cells)


def _longest(cells: list[Cell]) -> int:
    return max((len(cell) for cell in cells if isinstance(cell, str)), default=0)


def check_count(count: int, *, file: str, limits: Limits) -> None:
    """Refuses the file that has more rows than the cap."""
    if count > limits.max_rows:
        message = f"the file has over {limits.max_rows} rows"
        raise FileError(message, hint="cut it into several files", where=file, code="too_many_rows")
