"""Amounts, dates and spaces, with Babel as the oracle of the fast path."""

from datetime import date
from decimal import Decimal

import pytest
from babel.dates import format_date
from babel.numbers import format_currency
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.errors import TemplateError
from orchestrator.domain.money import DECIMALS
from orchestrator.rendering.typography import NO_BREAK, typography

LOCALES = {"fr": "fr_FR", "en": "en_GB", "de": "de", "es": "es", "nl": "nl", "it": "it"}


@given(st.sampled_from(sorted(LOCALES)), st.sampled_from(sorted(DECIMALS)), st.integers(-(10**13), 10**13))
def test_an_amount_reads_as_babel_writes_it(language: str, currency: str, cents: int) -> None:
    figure = Decimal(cents).scaleb(-DECIMALS[currency])
    expected = format_currency(figure, currency, locale=LOCALES[language])
    assert typography(language).amount(cents, currency) == expected.replace("\u202f", NO_BREAK)


@given(st.sampled_from(["fr", "en"]), st.dates(date(1990, 1, 1), date(2100, 1, 1)))
def test_a_day_reads_as_babel_writes_it(language: str, day: date) -> None:
    expected = format_date(day, "long", locale=LOCALES[language])
    if language == "fr" and day.day == 1:
        expected = expected.replace("1 ", "1er ", 1)
    assert typography(language).day(day).replace(NO_BREAK, " ") == expected


@given(st.integers(-(10**12), 10**12))
def test_an_sms_amount_has_the_same_figures_and_plain_spaces(cents: int) -> None:
    plain = typography("fr", is_plain=True).amount(cents, "EUR")
    assert plain == typography("fr").amount(cents, "EUR").replace(NO_BREAK, " ")
    assert NO_BREAK not in plain


@pytest.mark.parametrize(
    "language,cents,currency,reads",
    [
        ("fr", 123_456, "EUR", "1 234,56 €"),
        ("fr", -5, "EUR", "-0,05 €"),
        ("fr", 100_000_000, "EUR", "1 000 000,00 €"),
        ("fr", 500_000, "XPF", "500 000 FCFP"),
        ("en", 123_456, "EUR", "€1,234.56"),
        ("en", -150_000, "GBP", "-£1,500.00"),
    ],
)
def test_amounts_read_aloud(language: str, cents: int, currency: str, reads: str) -> None:
    assert typography(language).amount(cents, currency).replace(NO_BREAK, " ") == reads


def test_the_first_of_a_month_is_an_ordinal_in_french() -> None:
    assert typography("fr").day(date(2026, 3, 1)) == f"1er{NO_BREAK}mars 2026"
    assert typography("fr").day(date(2026, 3, 11)) == f"11{NO_BREAK}mars 2026"
    assert typography("fr", is_plain=True).day(date(2026, 3, 1)) == "01/03/2026"


@pytest.mark.parametrize(
    "typed,printed",
    [
        ("Déjà payé ? Dites-le-nous : oui ; non !", "Déjà payé\u00a0? Dites-le-nous\u00a0: oui\u00a0; non\u00a0!"),
        ("l'avoir « oui »", "l’avoir «\u00a0oui\u00a0»"),
        ("lettre n° 12", "lettre n°\u00a012"),
        ("Facture - Acme...", "Facture – Acme…"),
        ("https://a.example/d/x?y", "https://a.example/d/x?y"),
    ],
)
def test_french_is_set_as_a_printer_would(typed: str, printed: str) -> None:
    assert typography("fr").spaced(typed) == printed
    assert typography("fr", is_plain=True).spaced(typed) == typed


def test_english_has_no_space_before_a_colon() -> None:
    assert typography("en").spaced("Total : it's due ?") == "Total: it’s due?"


@pytest.mark.parametrize(
    "name,of", [("Acme", "d’Acme"), ("Énergie", "d’Énergie"), ("Syndic", "de Syndic"), ("Hôtel", "de Hôtel")]
)
def test_french_elides_before_a_vowel(name: str, of: str) -> None:
    assert typography("fr").of(name) == of


def test_lists_percents_and_numbers() -> None:
    assert typography("fr").listing(["A", "B", "C"]) == "A, B et C"
    assert typography("en").listing(["A", "B"]) == "A and B"
    assert typography("fr").listing(["A"]) == "A"
    assert typography("fr").percent("12.15") == f"12,15{NO_BREAK}%"
    assert typography("en").percent("7") == "7%"
    assert typography("fr").number(12345) == f"12{NO_BREAK}345"


def test_a_language_that_nobody_speaks_is_refused() -> None:
    with pytest.raises(TemplateError, match="no language is known"):
        typography("zz-not-one")
