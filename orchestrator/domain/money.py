"""Money: integer minor units with a currency. Owns arithmetic and reading of amounts, not how they are shown."""

import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Self

import msgspec

from orchestrator.domain.errors import MoneyError, did_you_mean

# ISO 4217 currencies of the markets we serve, with their number of decimals.
DECIMALS = {
    "EUR": 2, "GBP": 2, "USD": 2, "CHF": 2, "CAD": 2, "SEK": 2, "DKK": 2, "NOK": 2, "PLN": 2, "CZK": 2,
    "HUF": 2, "RON": 2, "BGN": 2, "MAD": 2, "TND": 3, "XPF": 0, "JPY": 0, "XOF": 0, "XAF": 0,
}  # fmt: skip
SYMBOLS = {"€": "EUR", "£": "GBP", "$": "USD"}
# One billion of the main unit: above it a figure is a typing error, not a debt.
ABSURD_UNITS = 1_000_000_000

_SPACES = str.maketrans("", "", " \u00a0\u202f'’")
_AMOUNT = re.compile(r"[+-]?\d{1,15}(?:\.\d+)?")
_CURRENCY = re.compile(r"^([A-Za-z]{3}|[€£$])?(.*?)([A-Za-z]{3}|[€£$])?$", re.DOTALL)


def minor_units(text: str, currency: str) -> int:
    """Minor units of an amount written by a person: `1 234,56`, `1.234,56`, `1,234.56`, `-20`, `(20)`.

    The last of `,` and `.` is the decimal sign when one to three digits follow it and it stands once;
    a single separator followed by exactly three digits is refused as ambiguous unless the currency has three
    decimals. Raises MoneyError; never rounds silently.
    """
    raw = text.strip().translate(_SPACES).replace("\u2212", "-")
    if raw.startswith("(") and raw.endswith(")"):
        raw = f"-{raw[1:-1]}"
    if raw.endswith("-"):
        raw = f"-{raw[:-1]}"
    plain = _with_decimal_point(raw, decimals=_decimals(currency))
    if not _AMOUNT.fullmatch(plain):
        raise MoneyError("this is not an amount", hint="write it like 1234,56 or 1234.56")
    try:
        scaled = Decimal(plain).scaleb(_decimals(currency))
    except InvalidOperation as error:
        raise MoneyError("this is not an amount", hint="write it like 1234,56") from error
    if scaled != scaled.to_integral_value():
        raise MoneyError(f"too many decimals for {currency}", hint=f"{currency} has {_decimals(currency)}")
    if abs(scaled) > ABSURD_UNITS * 10 ** _decimals(currency):
        raise MoneyError("this amount is absurdly large", hint="check the decimal sign and the column")
    return int(scaled)


def _with_decimal_point(raw: str, *, decimals: int) -> str:
    comma, point = raw.rfind(","), raw.rfind(".")
    if comma < 0 and point < 0:
        return raw
    sign, other = (",", ".") if comma > point else (".", ",")
    whole, _, fraction = raw.rpartition(sign)
    if raw.count(sign) > 1:
        if other in raw or not _is_grouped(raw, sign):
            raise MoneyError("this amount has several decimal signs", hint="write it like 1234,56")
        return raw.replace(sign, "")
    if other in whole:
        if not _is_grouped(whole, other):
            raise MoneyError("the thousands of this amount are not grouped by three", hint="write it like 1234,56")
        return f"{whole.replace(other, '')}.{fraction}"
    if len(fraction) == 3 and decimals != 3 and whole.lstrip("+-") not in ("", "0"):
        raise MoneyError("this amount is ambiguous: thousands or decimals?", hint="write it like 1234,56")
    return f"{whole or '0'}.{fraction}"


def _is_grouped(raw: str, sign: str) -> bool:
    head, *groups = raw.lstrip("+-").split(sign)
    return 1 <= len(head) <= 3 and all(len(group) == 3 for group in groups)


def _decimals(currency: str) -> int:
    try:
        return DECIMALS[currency]
    except KeyError:
        raise MoneyError(
            f'the currency "{currency}" is not known',
            hint=did_you_mean(currency.upper(), DECIMALS) or "use ISO 4217",
        ) from None


class Money(msgspec.Struct, frozen=True, order=False):
    """A sum: `cents` minor units of `currency` (ISO 4217). Adding two currencies raises MoneyError."""

    cents: int
    currency: str = "EUR"

    @classmethod
    def parse(cls, text: str) -> Self:
        """From `15 EUR`, `1 234,56 €`, `EUR 15`. The currency is required."""
        match = _CURRENCY.match(text.strip())
        before, figure, after = match.groups() if match else (None, text, None)
        mark = after or before
        if mark is None or (before and after) or not figure.strip():
            raise MoneyError("an amount needs one currency", hint='write it like "15 EUR"')
        currency = SYMBOLS.get(mark, mark.upper())
        return cls(minor_units(figure, currency), currency)

    def __add__(self, other: "Money") -> "Money":
        return Money(self.cents + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.cents - self._same(other), self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.cents, self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.cents < self._same(other)

    def __le__(self, other: "Money") -> bool:
        return self.cents <= self._same(other)

    def __bool__(self) -> bool:
        return self.cents != 0

    def __str__(self) -> str:
        places = _decimals(self.currency)
        return f"{Decimal(self.cents).scaleb(-places):.{places}f} {self.currency}"

    def _same(self, other: "Money") -> int:
        if other.currency != self.currency:
            raise MoneyError(f"{self.currency} and {other.currency} cannot be added or compared")
        return other.cents

    def share(self, rate: Decimal) -> "Money":
        """`rate` of this sum (0.1 is 10 %), rounded half up to the minor unit."""
        return Money(round_half_up(self.cents * rate), self.currency)

    def split(self, parts: int) -> tuple["Money", ...]:
        """`parts` sums that add up to this one; the first ones carry the remainder."""
        if parts < 1:
            raise MoneyError("a sum is split in at least one part")
        sign = -1 if self.cents < 0 else 1
        each, left = divmod(abs(self.cents), parts)
        return tuple(Money(sign * (each + (1 if i < left else 0)), self.currency) for i in range(parts))


def round_half_up(value: Decimal) -> int:
    """To the nearest integer, halves away from zero, as invoices round."""
    return int(value.to_integral_value(ROUND_HALF_UP))
