"""What the printer is given: letters merged into PDFs, and the bordereau de dépôt. Pure: bytes in, bytes out."""

import csv
import io
from collections.abc import Iterable

from msgspec import Struct
from pypdf import PdfWriter

from channels.letter.manifest import MOST_LINES, Manifest

COLUMNS = (
    "attempt_id",
    "service",
    "pages",
    "file",
    "first_page",
    *(f"recipient_{number}" for number in range(1, MOST_LINES + 1)),
    "sha256",
)


class Line(Struct, frozen=True):
    """A letter in the bordereau: in which merged file it stands, and where it begins there."""

    letter: Manifest
    file_name: str
    first_page: int


def merge(pdfs: Iterable[bytes], *, is_duplex: bool) -> tuple[bytes, list[int]]:
    """The letters one after the other, and the page on which each begins, counted from 1.

    For a printer of both sides an odd letter gets a blank page, or the next would begin on its back.
    """
    first_pages: list[int] = []
    with PdfWriter() as writer:
        for pdf in pdfs:
            first_pages.append(len(writer.pages) + 1)
            writer.append(io.BytesIO(pdf), import_outline=False)
            if is_duplex and len(writer.pages) % 2:
                writer.add_blank_page()
        merged = io.BytesIO()
        writer.write(merged)
    return merged.getvalue(), first_pages


def bordereau(lines: Iterable[Line]) -> bytes:
    """CSV with semicolons, and the mark that makes French spreadsheets read UTF-8."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows(map(_row, lines))
    return text.getvalue().encode("utf-8-sig")


def _row(line: Line) -> list[object]:
    letter = line.letter
    recipient = [_shown(text) for text in letter.address_lines]
    recipient += [""] * (MOST_LINES - len(recipient))
    place = (line.file_name, line.first_page)
    return [letter.attempt_id, letter.service.value, letter.pages, *place, *recipient, letter.sha256]


def _shown(text: str) -> str:
    """A name that a spreadsheet would take for a formula gets an apostrophe, which it does not show."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
