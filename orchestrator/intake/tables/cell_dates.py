"""Dates as people and programs write them, by the one order that a mapping declares. Never guesses day and month."""

import re
from datetime import date, timedelta
from decimal import Decimal

from orchestrator.intake.tables.rows import Cell

ORDERS = ("day_first", "month_first", "iso", "excel")
_TIME = r"(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?: ?[AP]M)?(?:Z|[+-]\d{2}:?\d{2})?)?"
_ISO = re.compile(rf"(?P<Y>\d{{4}})[-/.](?P<M>\d{{1,2}})[-/.](?P<D>\d{{1,2}}){_TIME}")
_ISO_DIGITS = re.compile(r"(?P<Y>\d{4})(?P<M>\d{2})(?P<D>\d{2})")
_DAY_FIRST = re.compile(rf"(?P<D>\d{{1,2}})[-/. ](?P<M>\d{{1,2}})[-/. ](?P<Y>\d{{4}}){_TIME}")
_MONTH_FIRST = re.compile(rf"(?P<M>\d{{1,2}})[-/. ](?P<D>\d{{1,2}})[-/. ](?P<Y>\d{{4}}){_TIME}")
_FORMS = {
    "day_first": (_DAY_FIRST, _ISO),  # four digits first are never a day
    "month_first": (_MONTH_FIRST, _ISO),
    "iso": (_ISO, _ISO_DIGITS),
    "excel": (),
}
_WRITTEN = {"day_first": "31/12/2026", "month_first": "12/31/2026", "iso": "2026-12-31", "excel": "46387"}
_SERIAL = re.compile(r"\d{5}(?:[.,]0+)?")
# Day 0 of Excel's calendar, which counts a 29 February 1900 that never was; right from March 1900 on.
_EXCEL_DAY_0 = date(1899, 12, 30)
_TOKENS = re.compile(r"YYYY|YY|MM|DD|[A-Za-z]+|[^A-Za-z]+")
_PARTS = {"YYYY": r"(?P<Y>\d{4})", "YY": r"(?P<y>\d{2})", "MM": r"(?P<M>\d{1,2})", "DD": r"(?P<D>\d{1,2})"}
_CACHED = 20_000


class DateFault(Exception):
    """Why a date is refused. The message never holds the cell."""

    def __init__(self, code: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.code, self.message, self.hint = code, message, hint


def pattern_of(date_format: str) -> re.Pattern[str] | None:
    """The pattern of an explicit format such as `DD.MM.YYYY` or `YYYYMMDD`; None when it is not one.

    It must have day, month and year once each. Two digits of a year are of this century.
    """
    tokens = _TOKENS.findall(date_format)
    known = sorted(token[0] for token in tokens if token in _PARTS)
    if known != ["D", "M", "Y"] or any(token not in _PARTS and token[0].isalpha() for token in tokens):
        return None
    is_packed = len(tokens) == 3
    parts = (_PARTS[token] if token in _PARTS else re.escape(token) for token in tokens)
    text = "".join(parts)
    return re.compile(text.replace("{1,2}", "{2}") if is_packed else text + _TIME)


class DateReader:
    """Reads the dates of one file, remembering those read before."""

    def __init__(self, date_format: str) -> None:
        explicit = pattern_of(date_format) if date_format not in ORDERS else None
        self._format = date_format
        self._forms = (explicit,) if explicit else _FORMS[date_format]
        self._read: dict[Cell, date] = {}

    def read(self, cell: Cell) -> date:
        """A date of a text, of a typed cell, or of a serial number under the format `excel`. Raises DateFault."""
        known = self._read.get(cell)
        if known is None:
            known = self._fresh(cell)
            if len(self._read) >= _CACHED:
                self._read.clear()
            self._read[cell] = known
        return known

    def _fresh(self, cell: Cell) -> date:
        if isinstance(cell, date):
            return cell
        text = cell.strip() if isinstance(cell, str) else str(cell) if isinstance(cell, int | Decimal) else ""
        if len(text) <= 40 and text.isascii():
            for form in self._forms:
                match = form.fullmatch(text)
                if match:
                    return self._dated(match)
            if _SERIAL.fullmatch(text):
                return self._of_serial(text)
        raise DateFault("date_unreadable", "this is not a date as the mapping says they are written", self._advice())

    def _advice(self) -> str:
        return f"write it like {_WRITTEN.get(self._format, self._format)}, or correct `dates:` in the mapping"

    def _dated(self, match: re.Match[str]) -> date:
        found = match.groupdict()
        year = int(found["Y"]) if found.get("Y") else 2000 + int(found["y"])
        month, day = int(found["M"]), int(found["D"])
        try:
            return date(year, month, day)
        except ValueError:
            is_swapped = month > 12 and day <= 12 and self._format in ("day_first", "month_first")
            other = "month_first" if self._format == "day_first" else "day_first"
            hint = (
                f"is the file {other}? correct `dates:` in the mapping"
                if is_swapped
                else "correct the day or the month"
            )
            raise DateFault("date_impossible", "there is no such day", hint) from None

    def _of_serial(self, text: str) -> date:
        if self._format != "excel":
            hint = "format the column as a date, or write `dates: excel` in the mapping"
            raise DateFault("date_serial", "this looks like the serial number of a date in Excel", hint)
        return _EXCEL_DAY_0 + timedelta(days=int(text[:5]))
