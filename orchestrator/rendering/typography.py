"""How amounts, dates, lists and spaces are written for a reader of a language, as CLDR has it. Owns no words.

Babel is asked once per pattern, day or symbol; the hot path only joins strings (Babel is its oracle in the tests).
"""

import re
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal, get_decimal_symbol, get_group_symbol

from orchestrator.domain.errors import TemplateError
from orchestrator.domain.money import DECIMALS

# A bare language is written as in its first market: English dates and amounts are European ones.
TERRITORIES = {"fr": "fr_FR", "en": "en_GB"}
NO_BREAK = "\u00a0"
ELLIPSIS = "…"

# U+202F is right in print and a hollow square in some mail programs: one no-break space is used throughout.
_NARROW = str.maketrans({"\u202f": NO_BREAK})
_FRENCH_SPACES = re.compile(r" (?=[:;!?»%€])|(?<=«) |(?<=\bn°) ")
_LOOSE_SPACES = re.compile(r" (?=[:;!?])")
_APOSTROPHE = re.compile(r"(?<=\w)'(?=\w|$)")
_VOWEL = re.compile(r"[aeiouyàâäæéèêëîïôöœùûü]", re.IGNORECASE)

Writer = Callable[[int], str]


class Typography:
    """The hand of one language. `plain` is for SMS: ordinary spaces, dates in figures, nothing curly."""

    def __init__(self, language: str, *, is_plain: bool = False) -> None:
        """Raises TemplateError for a language that CLDR does not know."""
        try:
            self.locale = Locale.parse(TERRITORIES.get(language, language))
        except (UnknownLocaleError, ValueError):
            raise TemplateError(
                f'no language is known as "{language[:20]}"', hint="use a code such as fr, en, de"
            ) from None
        self.language = language
        self.is_plain = is_plain
        self._writers: dict[str, Writer] = {}

    def amount(self, cents: int, currency: str) -> str:
        """`1 234,56 €`, `€1,234.56`: minor units of a currency, never breaking over two lines."""
        writer = self._writers.get(currency)
        if writer is None:
            writer = self._writers[currency] = _amount_writer(self.locale, currency, is_plain=self.is_plain)
        return writer(cents)

    def day(self, day: date) -> str:
        """`1er mars 2026`, `1 March 2026`; `01/03/2026` when plain."""
        return _plain_day(self.locale, day) if self.is_plain else _long_day(self.locale, day)

    def short_day(self, day: date) -> str:
        """`01/03/2026`, whatever the hand."""
        return _plain_day(self.locale, day)

    def percent(self, figure: str) -> str:
        """`12,15 %` from `12.15`; the figure keeps its decimals."""
        whole, _, decimals = figure.partition(".")
        text = f"{whole}{get_decimal_symbol(self.locale)}{decimals}" if decimals else whole
        return f"{text}{NO_BREAK}%" if self.language == "fr" else f"{text}%"

    def joined(self, text: str) -> str:
        """A value that never breaks over two lines, such as a telephone number."""
        return text if self.is_plain else text.replace(" ", NO_BREAK)

    def number(self, count: int) -> str:
        """`1 234`."""
        return str(count) if -1000 < count < 1000 else format_decimal(count, locale=self.locale).translate(_NARROW)

    def listing(self, items: Sequence[str]) -> str:
        """`A, B et C`."""
        return items[0] if len(items) == 1 else format_list(items, locale=self.locale)

    def of(self, name: str) -> str:
        """`d’Acme`, `de Syndic`: French elides before a vowel; an h is taken as sounded."""
        if self.language != "fr":
            return f"of {name}"
        apostrophe = "'" if self.is_plain else "’"
        return f"d{apostrophe}{name}" if _VOWEL.match(name) else f"de {name}"

    def spaced(self, text: str) -> str:
        """Words as typed on a keyboard, as a printer sets them: curly apostrophes, ellipsis, spaces before `: ; ! ?`.

        French makes those spaces no-break ones; other languages have none.
        """
        if self.is_plain:
            return text
        text = _APOSTROPHE.sub("’", text).replace("...", ELLIPSIS).replace(" - ", " – ")
        return _FRENCH_SPACES.sub(NO_BREAK, text) if self.language == "fr" else _LOOSE_SPACES.sub("", text)


@cache
def typography(language: str, *, is_plain: bool = False) -> Typography:
    """The one hand of a language. Raises TemplateError for a language that CLDR does not know."""
    return Typography(language, is_plain=is_plain)


def _amount_writer(locale: Locale, currency: str, *, is_plain: bool) -> Writer:
    decimals = DECIMALS.get(currency, 2)
    unit = 10**decimals
    grouped = _babel_amount(locale, currency, 1234567 * unit, decimals)
    group, sign = get_group_symbol(locale).translate(_NARROW), get_decimal_symbol(locale)
    figures = f"1{group}234{group}567" + (f"{sign}{'0' * decimals}" if decimals else "")
    parts, negative = grouped.split(figures), _babel_amount(locale, currency, -unit, decimals)
    one = "1" + (f"{sign}{'0' * decimals}" if decimals else "")
    minus = negative.split(one)
    if len(parts) != 2 or len(minus) != 2:  # another script or another grouping: Babel itself, slower
        return lambda cents: _flat(_babel_amount(locale, currency, cents, decimals), is_plain=is_plain)
    before, after = (_flat(part, is_plain=is_plain) for part in parts)
    minus_before, minus_after = (_flat(part, is_plain=is_plain) for part in minus)
    group = _flat(group, is_plain=is_plain)

    def write(cents: int) -> str:
        whole, rest = divmod(cents if cents >= 0 else -cents, unit)
        text = f"{whole:,}".replace(",", group) if whole > 999 else str(whole)
        if decimals:
            text = f"{text}{sign}{rest:0{decimals}d}"
        return f"{before}{text}{after}" if cents >= 0 else f"{minus_before}{text}{minus_after}"

    return write


def _babel_amount(locale: Locale, currency: str, cents: int, decimals: int) -> str:
    figure = Decimal(cents).scaleb(-decimals)
    return format_currency(figure, currency, locale=locale).translate(_NARROW)


def _flat(text: str, *, is_plain: bool) -> str:
    return text.replace(NO_BREAK, " ") if is_plain else text


@lru_cache(maxsize=8192)
def _long_day(locale: Locale, day: date) -> str:
    text = format_date(day, "long", locale=locale)
    if locale.language == "fr" and day.day == 1:
        text = f"1er{text[1:]}"
    return text.replace(" ", NO_BREAK, 1)


@lru_cache(maxsize=8192)
def _plain_day(locale: Locale, day: date) -> str:
    return format_date(day, "short" if locale.language == "fr" else "dd/MM/y", locale=locale)
