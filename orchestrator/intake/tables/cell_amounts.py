"""Amounts under the decimal sign that a mapping declares. Reads them by `domain.money`, without its doubts."""

import re
from decimal import Decimal

from orchestrator.domain.errors import MoneyError
from orchestrator.domain.money import DECIMALS, SYMBOLS, minor_units
from orchestrator.intake.tables.mapping import DecimalSign

_CURRENCY = re.compile(r"([A-Za-z]{3}|[€£$])?\s*(.*?)\s*([A-Za-z]{3}|[€£$])?", re.DOTALL)
_PLAIN = re.compile(r"(-?\d{1,9})([.,])(\d\d)", re.ASCII)  # most amounts, and never doubtful
_SIGNS = {DecimalSign.COMMA: ",", DecimalSign.POINT: ".", DecimalSign.EITHER: ",."}
_GROUPS = {DecimalSign.COMMA: ".", DecimalSign.POINT: ","}
_NAMES = {",": "a comma", ".": "a point"}
_GROUPED = re.compile(r"\d{1,3}(?:[.,]\d{3})+")
_THREE_DIGITS = re.compile(r"^(\d{3})(?!\d)")
_FORCED_TEXT = re.compile(r"""'?="([^"]*)"|'([+-].*)""", re.DOTALL)
_LONGEST = 40


def minor_units_of(text: str, currency: str, decimal: DecimalSign) -> int:
    """Minor units of a text such as `1 234,56 €`, under the declared decimal sign.

    Raises MoneyError also when it is a formula, has another currency, or has the other sign for its decimals.
    """
    plain = _PLAIN.fullmatch(text)
    if plain and plain[2] in _SIGNS[decimal] and DECIMALS.get(currency) == 2:
        return int(plain[1] + plain[3])
    if len(text) > _LONGEST:
        raise MoneyError("this is not an amount", hint="check the column")
    if text[:1] in ("=", "@", "'"):
        text = _unprotected(text)
    if not (text[-1:].isdigit() and text.isascii() and not text[:1].isalpha()):
        text = _without_currency(text, currency)
    if decimal is DecimalSign.EITHER:
        return minor_units(text, currency)
    return minor_units(_pointed(text, _SIGNS[decimal], _GROUPS[decimal]), currency)


def minor_units_of_number(number: int | Decimal, currency: str) -> int:
    """Minor units of a number of a typed file. Raises MoneyError on more decimals than the currency has."""
    text = format(number, "f")
    if len(text) > _LONGEST:
        raise MoneyError("this is not an amount", hint="check the column")
    return minor_units(_pointed(text, ".", ","), currency)


def _unprotected(text: str) -> str:
    match = _FORCED_TEXT.fullmatch(text)
    if match is None:
        hint = "replace the formula by its value (copy, then paste values)"
        raise MoneyError("this is a formula, or begins like one", hint=hint, code="formula")
    return match[1] or match[2] or ""


def _without_currency(text: str, currency: str) -> str:
    match = _CURRENCY.fullmatch(text.strip())
    if match is None:
        return text
    before, figure, after = match.groups()
    for mark in (before, after):
        code = SYMBOLS.get(mark, mark.upper()) if mark else currency
        if code not in DECIMALS:
            return text
        if code != currency:
            raise MoneyError(f"this amount names another currency than {currency}", hint="correct one of the two")
    return str(figure)


def _pointed(text: str, sign: str, group: str) -> str:
    """With a point for its decimals and no groups. Three decimals become four, lest they be taken for thousands."""
    whole, found, fraction = text.partition(sign)
    hint = "correct the amount, or `decimal:` in the mapping"
    if group in fraction:
        raise MoneyError(f"the mapping says that the decimal sign is {_NAMES[sign]}", hint=hint)
    if group in whole:
        if not _GROUPED.fullmatch(whole.strip(" +-(\u2212")):
            message = f"the thousands are not grouped by three, and the decimal sign is {_NAMES[sign]}"
            raise MoneyError(message, hint=hint)
        whole = whole.replace(group, "")
    fraction = _THREE_DIGITS.sub(r"\g<1>0", fraction)
    return f"{whole}.{fraction}" if found else whole
