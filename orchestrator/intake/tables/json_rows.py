"""JSON as rows: a list of objects, or one object a line. Numbers become decimals, nested names are joined by dots."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from decimal import Decimal, InvalidOperation
from itertools import chain, islice
from pathlib import Path
from typing import Any, NoReturn

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
    fitted,
)

_DEEPEST = 4


class _Unreadable(Exception):
    """Why an object cannot be a row, in words without its data."""


@contextmanager
def opened(path: Path, shape: Shape, expected: Collection[str], limits: Limits) -> Iterator[Table]:
    """The table of a JSON file; its columns are the expected ones and what else the first object holds."""
    encoding = encoding_of(path, shape.encoding)
    reading = Reading(file=path.name, format=Format.JSON, encoding=encoding.name, notes=encoding.notes)
    with path.open(encoding=encoding.name) as stream:
        head = stream.read(4096).lstrip()
        stream.seek(0)
        objects = _listed(stream.read(), path, limits) if head.startswith("[") else _lined(stream, path.name, limits)
        yield table_of(objects, reading, expected, limits)


def table_of(
    objects: Iterable[tuple[int, object]], reading: Reading, expected: Collection[str], limits: Limits
) -> Table:
    """The table of objects that were numbered already, such as those of a request."""
    numbered = iter(objects)
    first = list(islice(numbered, 1))
    names = dict.fromkeys(expected)
    for _, item in first:
        names |= dict.fromkeys(_flat_or_empty(item))
    reading.columns = tuple(names)
    if len(names) > limits.max_columns:
        message = f"the first object has {len(names)} names; at most {limits.max_columns} are read"
        raise FileError(message, hint="leave out what is not needed", where=reading.file, code="too_many_columns")
    return Table(reading, _rows(chain(first, numbered), reading, limits))


def _flat_or_empty(item: object) -> dict[str, Cell]:
    try:
        return dict(_flat(item, "", 0)) if isinstance(item, Mapping) else {}
    except _Unreadable:
        return {}


def _rows(objects: Iterable[tuple[int, object]], reading: Reading, limits: Limits) -> Iterator[Row | BadRow]:
    columns = {name: place for place, name in enumerate(reading.columns)}
    for count, (line, item) in enumerate(objects, 1):
        check_count(count, file=reading.file, limits=limits)
        try:
            cells = _cells(item, columns)
        except _Unreadable as error:
            yield BadRow(line, "object_unreadable", str(error), "write one flat object a row, as in the example file")
            continue
        row = fitted(line, cells, width=len(columns), limits=limits)
        if row is not None:
            yield row


def _cells(item: object, columns: Mapping[str, int]) -> list[Cell]:
    """The cells of an object; what it leaves out and what is null are empty."""
    if not isinstance(item, Mapping):
        raise _Unreadable("this is not an object")
    cells: list[Cell] = [""] * len(columns)
    try:
        for name, value in item.items():
            if type(value) is str:  # most are, and need no more
                cells[columns[name]] = value
            elif value is not None:
                for path, cell in _flat({name: value}, "", 0):
                    cells[columns[path]] = cell
    except KeyError:
        raise _Unreadable("this object has a name that the first one has not") from None
    return cells


def _flat(item: Mapping[Any, object], prefix: str, depth: int) -> Iterator[tuple[str, Cell]]:
    if depth > _DEEPEST:
        raise _Unreadable("this object is nested too deep")
    for name, value in item.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.", depth + 1)
        else:
            yield f"{prefix}{name}", _cell(value)


def _cell(value: object) -> Cell:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        value = Decimal(repr(value))
    if isinstance(value, Decimal) and not value.is_finite():
        raise _Unreadable("a number is out of range")
    if isinstance(value, str | int | Decimal | date):
        return value
    if isinstance(value, list | tuple) and all(isinstance(each, str) for each in value):
        return tuple(value)
    raise _Unreadable("a value is neither a text nor a number nor a list of texts")


def _listed(text: str, path: Path, limits: Limits) -> Iterator[tuple[int, object]]:
    if len(text) > limits.max_list_bytes:
        message = f"a JSON list is read whole, up to {limits.max_list_bytes / 1e6:.0f} MB"
        raise FileError(message, hint="write one object a line (.jsonl)", where=path.name, code="file_too_large")
    found = _parsed(text, path.name, 0)
    if not isinstance(found, list):
        raise FileError(
            "this is not a list of objects", hint="see the example file", where=path.name, code="json_broken"
        )
    return iter(enumerate(found, 1))


def _lined(lines: Any, file: str, limits: Limits) -> Iterator[tuple[int, object]]:
    number = 0
    while line := lines.readline(limits.max_line_chars + 1):
        number += 1
        if len(line) > limits.max_line_chars:
            hint = "write a list of objects, or one object a line"
            message = f"the line is over {limits.max_line_chars} characters long"
            raise FileError(message, hint=hint, where=f"{file}:{number}", code="line_too_long")
        if line.strip():
            yield number, _parsed(line, file, number - 1)


def _parsed(text: str, file: str, lines_before: int) -> object:
    try:
        return json.loads(
            text, parse_float=_decimal, parse_int=_whole, parse_constant=_no_number, object_pairs_hook=_unique
        )
    except json.JSONDecodeError as error:
        where = f"{file}:{lines_before + error.lineno}:{error.colno}"
        raise FileError(
            f"this is not JSON: {error.msg}", hint="check the export", where=where, code="json_broken"
        ) from None
    except _Unreadable as error:
        where = f"{file}:{lines_before + 1}"
        raise FileError(str(error), hint="check the export", where=where, code="json_broken") from None
    except RecursionError:
        message = "the lists and objects are nested too deep"
        raise FileError(message, hint="write flat objects", where=file, code="json_broken") from None


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise _Unreadable("a number is out of range") from None


def _whole(text: str) -> int:
    if len(text) > 30:
        raise _Unreadable("a number has over 30 digits")
    return int(text)


def _no_number(text: str) -> NoReturn:
    raise _Unreadable(f"{text} is not a number")


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Unreadable("an object has the same name twice")
    return found
