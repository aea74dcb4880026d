"""How Typst is asked to set a page: with our fonts alone, words given as files beside the layout. Writes none."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import typst

from orchestrator.domain.errors import InputError, TemplateError

_WITHOUT_SHAPE = re.compile(r'text `"(.+?)"` could not be displayed')  # how Typst quotes what the font lacks
_ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}")


def compiler(root: Path, *, fonts: Path, what: str) -> typst.Compiler:
    """What sets the layouts below `root`. Raises TemplateError when the fonts of `what` are missing."""
    if not any(fonts.glob("*.[ot]tf")):
        hint = "the folder needs *.otf or *.ttf"
        raise TemplateError(f"the fonts of {what} are missing", hint=hint, where=str(fonts))
    known = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[fonts])
    return typst.Compiler(root=root, font_paths=known, ignore_system_fonts=True)


def compiled(by: typst.Compiler, files: Mapping[str, bytes], **how: Any) -> bytes:
    """What Typst makes of these files. Raises TypstError, whose message may quote a debtor."""
    made: Any = by.compile(dict(files), **how)
    return bytes(made)


def start_of(day: date) -> datetime:
    """The instant that a document of a day bears, so that its bytes are the same whenever it is made."""
    return datetime.combine(day, time(), UTC)


def lacking_shape(fault: str) -> str:
    """The signs for which the font has no shape, by Typst's message; empty for another fault."""
    found = _WITHOUT_SHAPE.search(fault)
    return _ESCAPED.sub(lambda code: chr(int(code[1], 16)), found[1]) if found else ""


def document_pdf(files: Mapping[str, bytes], *, layout: Path, fonts: Path, dated_on: date, without_shape: str) -> bytes:
    """A document of several pages as tagged, archivable PDF (PDF/A-2a, PDF/UA-1); the same files give the same bytes.

    Raises TemplateError when the fonts are missing or the layout is at fault, InputError with the hint `without_shape`
    for a character that they cannot show.
    """
    by = compiler(layout.parent, fonts=fonts, what="the PDF")
    whole = {"main.typ": f'#include "/{layout.name}"'.encode(), **files}
    try:
        return compiled(by, whole, format="pdf", pdf_standards=["a-2a", "ua-1"], timestamp=start_of(dated_on))
    except typst.TypstError as error:
        # Typst quotes the text it stumbled on, which may be a debtor's: its words stay out of ours.
        if lacking := lacking_shape(error.message):
            raise InputError(
                f"the PDF's font has no shape for character U+{ord(lacking[0]):04X}",
                code="unprintable_character",
                hint=without_shape,
            ) from None
        raise TemplateError("the PDF could not be composed", where=layout.name) from None
