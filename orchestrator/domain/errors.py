"""The one tree of errors. Owns their shape and the way they read; not how HTTP or a terminal shows them.

RelanceError
├── InputError            something a person wrote or sent cannot be used (a file, a row, an argument)
│   ├── FileError         … with file:line:column and the path inside the file
│   └── RowError          … one row of a table; the other rows go on
├── MoneyError            an amount or a currency that cannot be
├── RateMissing           no legal rate is known for the day; the line is removed, never guessed
├── TemplateError         a template that cannot be loaded or rendered
├── StorageError          the database refuses or is not the one expected
├── NotFound              nothing has that name
└── Conflict              the thing has changed, or exists already
"""

from collections.abc import Iterable
from difflib import get_close_matches
from traceback import walk_tb


class RelanceError(Exception):
    """Root of all errors that a user may see.

    `code` is stable and documented, `message` one sentence on what happened, `hint` what to do,
    `where` the place (file:line:column, a row, a setting). None of them ever holds a debtor's data or a secret.
    """

    code = "relance_error"

    def __init__(self, message: str, *, hint: str = "", where: str = "", code: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.where = where
        if code:
            self.code = code

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        advice = f" ({self.hint})" if self.hint else ""
        return f"{place}{self.message}{advice}"


class InputError(RelanceError):
    """What a person wrote or sent cannot be used."""

    code = "invalid_input"


class FileError(InputError):
    """A file that cannot be used; `where` is file:line:column."""

    code = "invalid_file"


class RowError(InputError):
    """One row of a table that cannot be used; the other rows go on."""

    code = "invalid_row"


class MoneyError(InputError):
    """An amount or a currency that cannot be."""

    code = "invalid_amount"


class RateMissing(RelanceError):
    """No rate of the series is known for the day."""

    code = "rate_missing"


class TemplateError(RelanceError):
    """A template that cannot be loaded or rendered."""

    code = "invalid_template"


class StorageError(RelanceError):
    """The database refuses, or is not the one expected."""

    code = "storage_error"


class NotFound(RelanceError):
    """Nothing has that name."""

    code = "not_found"


class Conflict(RelanceError):
    """The thing has changed meanwhile, or exists already."""

    code = "conflict"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`did you mean "x"?` for the nearest known word, or an empty string."""
    near = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f'did you mean "{near[0]}"?' if near else ""


def kind_and_place(error: BaseException, *, frames: int = 1) -> str:
    """`KeyError at decide.py:12 judge`, the innermost frame first. Never the message, which may quote a debtor."""
    code = f" {error.code}" if isinstance(error, RelanceError) else ""
    named = [
        f"{frame.f_code.co_filename.rpartition('/')[2]}:{line} {frame.f_code.co_name}"
        for frame, line in walk_tb(error.__traceback__)
    ]
    return f"{type(error).__name__}{code} at {' < '.join(reversed(named[-frames:]))}"
