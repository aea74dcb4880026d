"""The fields of one row as texts, dates, amounts and words; each fault is noted with its column, none holds the cell.

Owns what may stand in a cell at all. What the values mean together is the business of each reader.
"""

import re
from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from orchestrator.domain.errors import MoneyError, did_you_mean
from orchestrator.domain.money import DECIMALS, SYMBOLS
from orchestrator.intake.tables.cell_amounts import minor_units_of, minor_units_of_number
from orchestrator.intake.tables.cell_dates import DateFault, DateReader
from orchestrator.intake.tables.cell_texts import CellFault, cleaned
from orchestrator.intake.tables.mapping import Binding, ColumnMapping, folded
from orchestrator.intake.tables.report import Remark
from orchestrator.intake.tables.rows import Cell

Word = TypeVar("Word", bound=StrEnum)

_YES = frozenset({"yes", "oui", "true", "vrai", "1", "x", "o", "y"})
_NO = frozenset({"no", "non", "false", "faux", "0", "n", ""})
_REJECT_CODE = re.compile(r"[A-Z]{2}\d{2}|[A-Z]{4}", re.ASCII)
_SEPARATOR = re.compile("[|;,]")
_CACHED = 100_000
_ANY_LENGTH = 250


class Readers:
    """What all rows of a file share: how dates and amounts are written, and those read before."""

    def __init__(self, mapping: ColumnMapping) -> None:
        self.dates = DateReader(mapping.date_format)
        self.decimal = mapping.decimal
        self.free_words: dict[Cell, str] = {}
        self._amounts: dict[tuple[str, str], int] = {}

    def minor_units(self, text: str, currency: str) -> int:
        """As `cell_amounts.minor_units_of`, remembering what was read."""
        key = (text, currency)
        cents = self._amounts.get(key)
        if cents is None:
            if len(self._amounts) >= _CACHED:
                self._amounts.clear()
            cents = self._amounts[key] = minor_units_of(text, currency, self.decimal)
        return cents


class Record:
    """One row while it is read. Faults refuse the row, warnings do not; both name the file's own column."""

    __slots__ = ("_binding", "_readers", "faults", "fields", "line", "warnings")

    def __init__(self, line: int, cells: list[Cell], binding: Binding, readers: Readers) -> None:
        self.line = line
        self.fields = binding.fields(cells)
        self.faults: list[Remark] = []
        self.warnings: list[Remark] = []
        self._binding = binding
        self._readers = readers

    def refuse(self, field: str, code: str, message: str, hint: str = "") -> None:
        """Notes a fault that refuses the row."""
        self.faults.append(Remark(self.line, self._binding.column(field), code, message, hint))

    def warn(self, field: str, code: str, message: str, hint: str = "") -> None:
        """Notes something to look at; the row goes on."""
        self.warnings.append(Remark(self.line, self._binding.column(field), code, message, hint))

    def text(self, field: str, *, longest: int = 100, needed: bool = False, lines: bool = False) -> str:
        """A checked text, empty when there is none or it is refused. `lines` lets it hold line breaks."""
        cell = self.fields.get(field, "")
        if cell is None or cell == "":
            if needed:
                self.refuse(field, "missing", "this is empty", "every row needs it")
            return ""
        try:
            return cleaned(cell, longest=longest, lines=lines)
        except CellFault as fault:
            self.refuse(field, fault.code, fault.message, fault.hint)
            return ""

    def words(self, field: str, *, longest: int = 100) -> tuple[str, ...]:
        """Several texts: of several columns, of a JSON list, or between `|`, `,` or `;` in one cell."""
        cell = self.fields.get(field, "")
        if cell is None or cell == "":
            return ()
        try:
            if isinstance(cell, tuple):
                return tuple(text for text in (cleaned(each, longest=longest) for each in cell) if text)
            text = cleaned(cell, longest=longest * 20)
        except CellFault as fault:
            self.refuse(field, fault.code, fault.message, fault.hint)
            return ()
        if not _SEPARATOR.search(text):
            return (text,) if text else ()
        return tuple(word for word in (each.strip() for each in _split(text)) if word)

    def day(self, field: str, *, needed: bool = False) -> date | None:
        """A date, by the mapping's format."""
        cell = self.fields.get(field)
        if cell is None or cell == "":
            if needed:
                self.refuse(field, "missing", "this date is missing", "every row needs it")
            return None
        try:
            return self._readers.dates.read(cell)
        except DateFault as fault:
            self.refuse(field, fault.code, fault.message, fault.hint)
            return None

    def cents(self, field: str, currency: str, *, needed: bool = False) -> int | None:
        """An amount in minor units. Without a known currency nothing can be read, and that is said elsewhere."""
        cell = self.fields.get(field)
        if cell is None or cell == "":
            if needed:
                self.refuse(field, "missing", "this amount is missing", "every row needs it")
            return None
        if not currency:
            return None
        try:
            if isinstance(cell, str):
                return self._readers.minor_units(cell, currency)
            if isinstance(cell, int | Decimal):
                return minor_units_of_number(cell, currency)
            raise MoneyError("this is not an amount", hint="check the format of the cell")
        except MoneyError as error:
            self.refuse(field, error.code, error.message, error.hint)
            return None

    def currency(self, field: str) -> str:
        """ISO 4217 of a currency we know, empty when it is refused."""
        cell = self.fields.get(field)
        if cell in DECIMALS:
            return str(cell)
        text = self.text(field, longest=_ANY_LENGTH, needed=True).upper()
        code = SYMBOLS.get(text, text)
        if code in DECIMALS:
            return code
        if text:
            hint = did_you_mean(code, DECIMALS) or "use ISO 4217, such as EUR"
            self.refuse(field, "currency_unknown", "this currency is not known", hint)
        return ""

    def creditor(self, field: str, known: Collection[str]) -> str:
        """The id of a known creditor, empty when it is refused."""
        cell = self.fields.get(field)
        if cell in known:
            return str(cell)
        text = self.text(field, longest=64, needed=True)
        if text and text not in known:
            hint = did_you_mean(text, known) or "write its file first, or map the word under `values:`"
            self.refuse(field, "creditor_unknown", "this creditor is not known", hint)
            return ""
        return text

    def reject_code(self, field: str) -> str:
        """The SEPA code of a reject, as ISO 20022 writes it: AM04, MD06, DNOR."""
        code = self.text(field, longest=20).upper()
        if code and not _REJECT_CODE.fullmatch(code):
            hint = "use the SEPA code of the bank, such as AM04 or MD06"
            self.refuse(field, "reject_code_invalid", "this is not the code of a reject", hint)
            return ""
        return code

    def free_word(self, field: str, *, longest: int = 60) -> str:
        """A word of an open list, folded so that conditions can name it."""
        cell = self.fields.get(field)
        if cell is None or cell == "":
            return ""
        known = self._readers.free_words.get(cell)
        if known is None:
            known = folded(self.text(field, longest=longest))
            if known and len(self._readers.free_words) < _CACHED:
                self._readers.free_words[cell] = known
        return known

    def choice(self, field: str, known: type[Word], default: Word) -> Word:
        """A word of a closed list, in any case."""
        cell = self.fields.get(field, "")
        if cell is None or cell == "":
            return default
        word = _words_of(known).get(cell if isinstance(cell, str) else "")
        if word is None:
            word = _words_of(known).get(_plain(self.text(field, longest=_ANY_LENGTH)))
        if word is None:
            if not self.faults or self.faults[-1].column != self._binding.column(field):
                self._unknown_word(field, list(_words_of(known)))
            return default
        return word

    def flag(self, field: str) -> bool | None:
        """Yes or no, in French or English; None when the mapping has no such field."""
        if field not in self.fields:
            return None
        if self.fields[field] == "yes":
            return True
        text = folded(self.text(field, longest=_ANY_LENGTH))
        if text in _YES:
            return True
        if text not in _NO:
            self.refuse(
                field,
                "word_unknown",
                "this is neither yes nor no",
                "use yes or no, or map the words in `values:`",
            )
        return False

    def _unknown_word(self, field: str, known: list[str]) -> None:
        theirs = list(self._binding.mapping.fields[field].values)
        word = str(self.fields[field])
        near = did_you_mean(folded(word), theirs) or did_you_mean(_plain(word), known)
        hint = (near + " " if near else "") + "known: " + ", ".join(theirs + known) + "; map other words in `values:`"
        self.refuse(field, "word_unknown", "this word is not one we know here", hint)


_WORDS: dict[type[StrEnum], Mapping[str, StrEnum]] = {}


def _words_of(known: type[Word]) -> Mapping[str, Word]:
    if known not in _WORDS:
        _WORDS[known] = {str(word): word for word in known}
    return _WORDS[known]  # type: ignore[return-value]  # filled from `known` on the line above


def _plain(text: str) -> str:
    return folded(text).replace(" ", "_").replace("-", "_")


def _split(text: str) -> list[str]:
    sign = next(sign for sign in "|;," if sign in text)
    return text.split(sign)
