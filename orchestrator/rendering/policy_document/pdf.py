"""The document as a tagged, archivable PDF on A4, by the fonts of the letters."""

import re
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import msgspec
import typst

from orchestrator.domain.errors import InputError, TemplateError
from orchestrator.rendering.policy_document.document import Document
from orchestrator.rendering.policy_document.html_page import as_data
from orchestrator.rendering.policy_document.words import FOLDER

_WITHOUT_SHAPE = re.compile(r'text `"(.+?)"` could not be displayed')  # how Typst quotes what the font lacks


def pdf(document: Document, *, fonts: Path, dated_on: date) -> bytes:
    """The PDF; the same document of the same day gives the same bytes.

    Raises TemplateError when the fonts are missing, InputError for a character that they cannot show.
    """
    if not any(fonts.glob("*.[ot]tf")):
        raise TemplateError(
            "the fonts of the PDF are missing", hint="the folder needs *.otf or *.ttf", where=str(fonts)
        )
    known = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[fonts])
    compiler = typst.Compiler(root=FOLDER, font_paths=known, ignore_system_fonts=True)
    files = {"main.typ": b'#include "/page.typ"', "document.json": msgspec.json.encode(as_data(document))}
    try:
        made: Any = compiler.compile(
            files,  # type: ignore[type-var]  # a dict of files is documented, and missing from the stubs
            format="pdf",
            pdf_standards=["a-2a", "ua-1"],
            timestamp=datetime.combine(dated_on, time(), UTC),
        )
    except typst.TypstError as error:
        if lacking := _WITHOUT_SHAPE.search(error.message):
            raise InputError(
                f"the PDF's font has no shape for {lacking[1]}",
                code="unprintable_character",
                hint="write it in Latin letters in the campaign or the rules, or ask for --format html",
            ) from None
        raise TemplateError("the PDF could not be composed", hint=error.message.splitlines()[0]) from None
    return bytes(made)
