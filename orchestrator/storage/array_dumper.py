"""How a list travels to PostgreSQL as one parameter: an array literal, written at the speed of string methods.

psycopg writes arrays element by element in Python, which costs a sender 50 us a message. Owns the notation alone:
https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO
"""

from collections.abc import Callable, Sequence
from typing import Any

from psycopg import DataError
from psycopg.adapt import Dumper

_NUL = "\0"  # the only character that no text in PostgreSQL holds, so it can stand between them


class ArrayDumper(Dumper):
    """Lists of texts, or of numbers, with None among them; the statement says which type they are."""

    def dump(self, obj: Sequence[Any]) -> bytes:
        """The literal. Raises DataError for a text with a NUL, TypeError for what is neither text nor number."""
        return f"{{{_elements(obj)}}}".encode()


def _elements(values: Sequence[Any]) -> str:
    kinds = set(map(type, values))
    has_none = type(None) in kinds
    kinds.discard(type(None))
    if all(issubclass(kind, str) for kind in kinds):
        return _each(values, lambda value: _texts((value,))) if has_none else _texts(values)
    if kinds <= {int, bool}:
        return _each(values, str)
    raise TypeError(f"an array of {', '.join(sorted(kind.__name__ for kind in kinds))} cannot be written")


def _each(values: Sequence[Any], written: Callable[[Any], str]) -> str:
    return ",".join(["NULL" if value is None else written(value) for value in values])


def _texts(values: Sequence[str]) -> str:
    if not values:
        return ""
    whole = _NUL.join(values)
    if whole.count(_NUL) != len(values) - 1:
        raise DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes")
    escaped = whole.replace("\\", "\\\\").replace('"', '\\"').replace(_NUL, '","')
    return f'"{escaped}"'
