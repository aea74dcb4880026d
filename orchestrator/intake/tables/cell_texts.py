"""Which texts may stand in a cell: no formulas, no control or invisible characters, no broken accents, no endless text.

A spreadsheet's own protections are undone (`'=1` and `="0601"`), and no-break spaces and accents are normalised.
"""

import re
import unicodedata
from datetime import date
from decimal import Decimal

from orchestrator.intake.tables.rows import Cell


class CellFault(Exception):
    """Why a text is refused. The message never holds the text."""

    def __init__(self, code: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.code, self.message, self.hint = code, message, hint


# C0 and C1 controls, line and paragraph separators, marks that are not seen or that turn the direction of reading,
# lone surrogates. Joiners (U+200C, U+200D) belong to words of some languages and stay.
_INVISIBLE = re.compile("[\x00-\x1f\x7f-\x9f\u00ad\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
_SPACES = re.compile("[ \u00a0\u2007\u2009\u202f]+")
_LINE_END = re.compile(r"\r\n?|\n")
_FORCED_TEXT = re.compile(r'="([^"]*)"')  # what spreadsheet exports write to keep leading zeros
_SCIENTIFIC = re.compile(r"[+-]?\d(?:[.,]\d+)?E[+-]?\d{2,}")
# UTF-8 that somebody read as cp1252: é became Ã©, ’ became â€™.
_TWICE_DECODED = re.compile("Ã[\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|Â[\u00a1-\u00bf]|â€")
_FORMULA_AFTER_SIGN = re.compile(r"[(!|=]")
_ERRORS = frozenset(
    "#N/A #REF! #NAME? #VALUE! #DIV/0! #NULL! #NUM! #NOM? #VALEUR! #NUL! #NOMBRE! #GETTING_DATA".split()
)


def cleaned(cell: Cell, *, longest: int, lines: bool = False) -> str:
    """The text of a cell, ready to keep. Raises CellFault; `lines` lets it hold line breaks, as LF."""
    text = cell if type(cell) is str else _shown(cell)
    if not (text.isascii() and text.isprintable()):
        text = _normalised(text, lines=lines)
    first = text[:1]
    if first in "=+-@'#":  # also true of an empty text
        text = _unprotected(text)
    if len(text) > longest:
        raise CellFault("too_long", f"this text is over {longest} characters long", "shorten it, or check the column")
    if "=?" in text:
        raise CellFault("unsafe_text", "this text holds =?, which e-mail headers give another meaning", "remove it")
    if "E+" in text and _SCIENTIFIC.fullmatch(text):
        hint = "format the column as text and export again: digits are lost"
        raise CellFault("digits_lost", "a spreadsheet shortened this number", hint)
    return text


def _shown(cell: Cell) -> str:
    if isinstance(cell, Decimal):
        return format(cell, "f")
    if isinstance(cell, date):
        hint = "format the column as text in the spreadsheet, then correct the cell"
        raise CellFault("date_in_text", "a spreadsheet turned this into a date", hint)
    if isinstance(cell, tuple):
        raise CellFault("list_unexpected", "a list stands where one value is expected", "give one value")
    return "" if cell is None else str(cell)


def _normalised(text: str, *, lines: bool) -> str:
    if lines and not text.isprintable():
        parts = [_normalised(part, lines=False).strip() for part in _LINE_END.split(text)]
        return "\n".join(part for part in parts if part)
    text = unicodedata.normalize("NFC", text)
    if not text.isprintable():  # also false for every space but the usual one
        text = _SPACES.sub(" ", text).strip()
        if _INVISIBLE.search(text):
            hint = "delete line breaks, tabs and invisible characters, or type the text again"
            raise CellFault("control_character", "this text holds a control or invisible character", hint)
    if "\ufffd" in text:
        raise CellFault("broken_accents", "a character of this text was lost before it came here", "export it again")
    if ("Ã" in text or "Â" in text or "â" in text) and _TWICE_DECODED.search(text):
        raise CellFault("broken_accents", "the accents of this text are broken", "export the file again, as UTF-8")
    return text


def _unprotected(text: str) -> str:
    if text.startswith("'") and text[1:2] and text[1] in "=+-@":
        text = text[1:]
    forced = _FORCED_TEXT.fullmatch(text)
    if forced:
        text = forced[1].strip()
    if text.startswith(("=", "@")) or (text.startswith(("+", "-")) and _FORMULA_AFTER_SIGN.search(text)):
        hint = "replace the formula by its value (copy, then paste values)"
        raise CellFault("formula", "this is a formula, or begins like one", hint)
    if text.upper() in _ERRORS:
        raise CellFault("spreadsheet_error", "this is an error of a spreadsheet", "correct the formula it came from")
    return text
