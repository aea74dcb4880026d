"""What is known of one letter of the print folder, and how a PDF is judged before it is taken."""

import hashlib
import io
from datetime import datetime

from msgspec import Struct
from pypdf import PdfWriter
from pypdf.errors import PyPdfError

from channels.contract import LetterService

# pypdf raises its own errors for what it recognises as broken, and these where it stumbles over the rest.
_UNREADABLE = (PyPdfError, ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError)
MOST_LINES = 6  # columns of the bordereau; AFNOR NF Z10-011 allows no more


class Manifest(Struct, frozen=True, kw_only=True):
    """The JSON file beside a letter's PDF."""

    attempt_id: str
    sha256: str
    pages: int
    service: LetterService
    address_lines: tuple[str, ...]
    created_at: datetime


def sha256_of(pdf: bytes) -> str:
    """The digest that stands in manifest and bordereau."""
    return hashlib.sha256(pdf).hexdigest()


def count_pages(pdf: bytes) -> int:
    """Pages of a PDF that can be printed without a password, and written again as in a batch; 0 for any other."""
    try:
        with PdfWriter() as writer:
            writer.append(io.BytesIO(pdf), import_outline=False)
            writer.write(io.BytesIO())
            return len(writer.pages)
    except _UNREADABLE:
        return 0


def printing_order(manifest: Manifest) -> tuple[str, datetime, str]:
    """Registered letters together, then the simple ones; in the order in which they were made."""
    return (manifest.service, manifest.created_at, manifest.attempt_id)
