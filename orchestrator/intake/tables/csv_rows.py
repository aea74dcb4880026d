"""CSV as streams of rows: delimiter, quotes, line ends. Never holds more than a line and a record in memory."""

import csv
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import TextIO

from orchestrator.domain.errors import FileError
from orchestrator.intake.tables.encoding import encoding_of
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

DELIMITERS = {";": "semicolon", ",": "comma", "\t": "tab", "|": "bar"}
Record = tuple[int, list[Cell], int]  # line, cells, and a length that none of them exceeds
_HEADER_LINES = 20  # a quoted column name may run over several lines, not over more


class _Seen:
    """The longest line so far: while all are short, no cell need be measured."""

    __slots__ = ("longest",)

    def __init__(self) -> None:
        self.longest = 0


@contextmanager
def opened(path: Path, shape: Shape, expected: Collection[str], limits: Limits) -> Iterator[Table]:
    """The table of a CSV file; `expected` names decide between delimiters."""
    encoding = encoding_of(path, shape.encoding)
    reading = Reading(file=path.name, format=Format.CSV, encoding=encoding.name, notes=encoding.notes)
    with path.open(encoding=encoding.name, newline="") as stream:
        seen = _Seen()
        lines = _lines(stream, path.name, limits, seen)
        skipped = list(islice(lines, shape.header_line - 1))
        head = list(islice(lines, 1))
        declared = shape.delimiter
        if head and head[0].lower().startswith("sep=") and len(head[0].strip()) <= 5:  # as Excel marks it
            declared = declared or head[0].rstrip("\r\n")[4:5]
            skipped, head = skipped + head, []
        head += islice(lines, _HEADER_LINES - len(head))
        reading.delimiter = declared or _delimiter(head, expected, reading)
        yield Table(reading, _rows(chain(head, lines), reading, len(skipped), limits, seen))


def _lines(stream: TextIO, file: str, limits: Limits, seen: _Seen) -> Iterator[str]:
    number = 0
    while line := stream.readline(limits.max_line_chars + 1):
        number += 1
        seen.longest = max(seen.longest, len(line))
        if len(line) > limits.max_line_chars:
            raise FileError(
                f"the line is over {limits.max_line_chars} characters long",
                hint="this is not a table, or its line ends are lost",
                where=f"{file}:{number}",
                code="line_too_long",
            )
        if "\0" in line:
            hint = "export the file again; if it is UTF-16, write `encoding: utf-16-le` in the mapping"
            raise FileError("the line holds a NUL byte", hint=hint, where=f"{file}:{number}", code="nul_byte")
        yield line


def _delimiter(head: list[str], expected: Collection[str], reading: Reading) -> str:
    wanted = {_folded(name) for name in expected}

    def score(delimiter: str) -> tuple[int, int]:
        try:
            names = next(csv.reader(iter(head), delimiter=delimiter, strict=True), [])
        except csv.Error:
            return (-1, 0)
        return (len(wanted.intersection(map(_folded, names))), len(names))

    best = max(DELIMITERS, key=score)
    if score(best)[1] > 1:
        reading.notes.append(f"the columns are separated by a {DELIMITERS[best]}, as found in the header")
    return best


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()


def _rows(lines: Iterator[str], reading: Reading, skipped: int, limits: Limits, seen: _Seen) -> Iterator[Row | BadRow]:
    """The first `next` is the header: it sets `reading.columns` before any row is seen."""
    records = _records(lines, reading, skipped, seen)
    line, names, _ = next(records, (skipped + 1, [], 0))
    reading.columns = checked_header(names, file=reading.file, line=line, limits=limits)
    return _body(records, reading, limits)


def _body(records: Iterator[Record], reading: Reading, limits: Limits) -> Iterator[Row | BadRow]:
    width = len(reading.columns)
    for count, (line, cells, longest) in enumerate(records, 1):
        check_count(count, file=reading.file, limits=limits)
        row = fitted(line, cells, width=width, limits=limits, longest=longest)
        if row is not None:
            yield row


def _records(lines: Iterator[str], reading: Reading, skipped: int, seen: _Seen) -> Iterator[Record]:
    reader = csv.reader(lines, delimiter=reading.delimiter, strict=True)
    start = 1
    try:
        for cells in reader:
            end = reader.line_num
            longest = seen.longest * (end - start + 1)
            yield skipped + start, cells, longest  # type: ignore[misc]  # texts are cells, and the list is ours alone
            start = end + 1
    except csv.Error as error:
        raise _quote_error(error, f"{reading.file}:{skipped + start}") from None


def _quote_error(error: csv.Error, where: str) -> FileError:
    if "expected after" in str(error):
        message, hint = "a text goes on after its closing quote", "double the quotes that stand inside a text"
        return FileError(message, hint=hint, where=where, code="quote_misplaced")
    message = "a quote opened here is not closed"
    if "field larger" in str(error):
        message = "a cell that starts here is far too long: perhaps a quote is not closed"
    hint = "close it, or double the quotes that stand inside a text"
    return FileError(message, hint=hint, where=where, code="quote_unclosed")
