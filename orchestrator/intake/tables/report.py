"""What is said of the rows of a file: remarks, refusals, totals, and the report file that goes back to the sender.

Owns their shape and the safety of the CSV. Remarks hold no personal data; the report repeats a row's reference.
"""

import csv
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol

import msgspec

from orchestrator.domain.errors import RowError
from orchestrator.intake.tables.rows import Reading


class Remark(msgspec.Struct, frozen=True, gc=False):
    """One thing to say of one cell: line of the file, its column there, a stable code, what happened, what to do."""

    line: int
    column: str
    code: str
    message: str
    hint: str = ""

    def error(self, file: str) -> RowError:
        """The same as an exception, with its place in `where`."""
        return RowError(self.message, hint=self.hint, where=f"{file}:{self.line}:{self.column}", code=self.code)


class RefusedRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row that was not taken, whole. Creditor, reference and amount are empty where they could not be read.

    So is an unknown creditor: what stands in its column may be anything, such as a name.
    """

    line: int
    remarks: tuple[Remark, ...]
    creditor: str = ""
    reference: str = ""
    currency: str = ""
    cents: int | None = None


class Total(msgspec.Struct, frozen=True, kw_only=True):
    """Sums in minor units by creditor and currency. `file` = accepted + refused; `unread` rows have no amount."""

    creditor: str
    currency: str
    accepted_rows: int = 0
    accepted_cents: int = 0
    refused_rows: int = 0
    refused_cents: int = 0
    unread_rows: int = 0

    @property
    def file_rows(self) -> int:
        """Rows of the file, without those that the mapping leaves out."""
        return self.accepted_rows + self.refused_rows

    @property
    def file_cents(self) -> int:
        """What the file adds up to, as far as its amounts can be read."""
        return self.accepted_cents + self.refused_cents


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """A file in figures, for a screen, a log or JSON. `codes` counts remarks by code, refusals and warnings apart."""

    file: str
    sha256: str
    mapping: str
    accepted_rows: int
    refused_rows: int
    skipped_rows: int
    totals: tuple[Total, ...]
    refusal_codes: dict[str, int]
    warning_codes: dict[str, int]
    notes: tuple[str, ...]


class Tally:
    """Adds up rows as they are judged."""

    def __init__(self) -> None:
        self._sums: dict[tuple[str, str], list[int]] = {}

    def accept(self, creditor: str, currency: str, cents: int) -> None:
        """Counts a row that was taken."""
        sums = self._sums.setdefault((creditor, currency), [0] * 5)
        sums[0] += 1
        sums[1] += cents

    def refuse(self, row: RefusedRow) -> None:
        """Counts a row that was not taken."""
        sums = self._sums.setdefault((row.creditor, row.currency), [0] * 5)
        sums[2] += 1
        if row.cents is None:
            sums[4] += 1
        else:
            sums[3] += row.cents

    def totals(self) -> tuple[Total, ...]:
        """By creditor and currency, in their order."""
        return tuple(
            Total(
                creditor=creditor,
                currency=currency,
                accepted_rows=sums[0],
                accepted_cents=sums[1],
                refused_rows=sums[2],
                refused_cents=sums[3],
                unread_rows=sums[4],
            )
            for (creditor, currency), sums in sorted(self._sums.items())
            if sums[0] or sums[2]
        )


class ReadFile(Protocol):
    """What files of debts, payments and holds have in common."""

    @property
    def reading(self) -> Reading: ...
    @property
    def mapping(self) -> str: ...
    @property
    def refused(self) -> tuple[RefusedRow, ...]: ...
    @property
    def warnings(self) -> tuple[Remark, ...]: ...
    @property
    def skipped_rows(self) -> int: ...
    @property
    def totals(self) -> tuple[Total, ...]: ...


def summary_of(file: ReadFile, *, accepted_rows: int) -> Summary:
    """The figures of a file that was read."""
    return Summary(
        file=file.reading.file,
        sha256=file.reading.sha256,
        mapping=file.mapping,
        accepted_rows=accepted_rows,
        refused_rows=len(file.refused),
        skipped_rows=file.skipped_rows,
        totals=file.totals,
        refusal_codes=_counted(remark for row in file.refused for remark in row.remarks),
        warning_codes=_counted(file.warnings),
        notes=tuple(file.reading.notes),
    )


def _counted(remarks: Iterable[Remark]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for remark in remarks:
        counts[remark.code] = counts.get(remark.code, 0) + 1
    return dict(sorted(counts.items()))


_HEADER = ("file", "line", "creditor", "reference", "column", "code", "what happened", "what to do")
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


def neutralised(text: str) -> str:
    """A text that no spreadsheet takes for a formula: `'` before a leading = + - @ tab or CR."""
    return f"'{text}" if text.startswith(_DANGEROUS) else text


def write_report(path: Path, file: ReadFile) -> int:
    """Writes the refused rows, one line a remark, as CSV for a spreadsheet (UTF-8 with BOM, `;`, all quoted).

    Warnings follow, without a reference. The report appears whole or not at all. Gives the number of its lines.
    """
    partial = path.with_name(path.name + ".part")
    count = 0
    with partial.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream, delimiter=";", quoting=csv.QUOTE_ALL)
        writer.writerow(_HEADER)
        for row in _report_rows(file):
            writer.writerow([neutralised(cell) for cell in row])
            count += 1
        stream.flush()
        os.fsync(stream.fileno())
    partial.replace(path)
    return count


def _report_rows(file: ReadFile) -> Iterator[tuple[str, ...]]:
    name = file.reading.file
    for row in file.refused:
        for each in row.remarks:
            place = (name, str(each.line), row.creditor, row.reference)
            yield (*place, each.column, each.code, each.message, each.hint)
    for each in file.warnings:
        yield (name, str(each.line), "", "", each.column, f"warning: {each.code}", each.message, each.hint)
