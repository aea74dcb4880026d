"""The document as a tagged, archivable PDF on A4, by the fonts of the letters."""

from datetime import date
from pathlib import Path

import msgspec

from orchestrator.rendering.policy_document.document import Document
from orchestrator.rendering.policy_document.html_page import as_data
from orchestrator.rendering.policy_document.words import FOLDER
from orchestrator.rendering.typesetting import document_pdf


def pdf(document: Document, *, fonts: Path, dated_on: date) -> bytes:
    """The PDF; the same document of the same day gives the same bytes.

    Raises TemplateError when the fonts are missing, InputError for a character that they cannot show.
    """
    files = {"document.json": msgspec.json.encode(as_data(document))}
    hint = "write it in Latin letters in the campaign or the rules, or ask for --format html"
    return document_pdf(files, layout=FOLDER / "page.typ", fonts=fonts, dated_on=dated_on, without_shape=hint)
