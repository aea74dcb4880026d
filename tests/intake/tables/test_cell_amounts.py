"""Amounts are read under the declared decimal sign, to the cent, and doubtful ones are refused."""

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.errors import MoneyError
from orchestrator.domain.money import minor_units
from orchestrator.intake.tables.cell_amounts import minor_units_of, minor_units_of_number
from orchestrator.intake.tables.mapping import DecimalSign

COMMA, POINT, EITHER = DecimalSign.COMMA, DecimalSign.POINT, DecimalSign.EITHER


@pytest.mark.parametrize(
    "text, decimal, cents",
    [
        ("20,00", COMMA, 2000),
        ("1 234,56", COMMA, 123456),
        ("1.234,56", COMMA, 123456),
        ("1.234", COMMA, 123400),
        ("12.345.678", COMMA, 1234567800),
        ("1\u202f234,56 €", COMMA, 123456),
        ("EUR 20", COMMA, 2000),
        ("20,5", COMMA, 2050),
        ("20,500", COMMA, 2050),
        ("(1.500,00)", COMMA, -150000),
        ("1500,00-", COMMA, -150000),
        ("-1 500,00", COMMA, -150000),
        ("\u2212 1 500,00", COMMA, -150000),
        ("1234.56", POINT, 123456),
        ("1,234.56", POINT, 123456),
        ("1,234", POINT, 123400),
        ("20.500", POINT, 2050),
        (".5", POINT, 50),
        ("1234,56", EITHER, 123456),
        ("1,234.56", EITHER, 123456),
        ('="12,50"', COMMA, 1250),
        ("'-12,50", COMMA, -1250),
        ("0", COMMA, 0),
    ],
)
def test_amounts_as_people_and_programs_write_them(text: str, decimal: DecimalSign, cents: int) -> None:
    assert minor_units_of(text, "EUR", decimal) == cents


@pytest.mark.parametrize(
    "text, decimal",
    [
        ("1234.56", COMMA),
        ("1,234.56", COMMA),
        ("1234,56", POINT),
        ("1.234,56", POINT),
        ("12.34", COMMA),
        ("1.234", EITHER),
        ("1,234", EITHER),
        ("20,005", COMMA),
        ("12,34,56", COMMA),
        ("1.23.456", COMMA),
        ("1000000000000", COMMA),
        ("1e12", POINT),
        ("1E+05", POINT),
        ("20 USD", COMMA),
        ("$20", COMMA),
        ("abc", COMMA),
        ("n/a", COMMA),
        ("", COMMA),
        ("-", COMMA),
        ("--5", COMMA),
        ("12 34 €€", COMMA),
        ("9" * 500, COMMA),
        ("Infinity", POINT),
        ("NaN", POINT),
        ("0x10", POINT),
    ],
)
def test_what_is_doubtful_absurd_or_no_amount_is_refused(text: str, decimal: DecimalSign) -> None:
    with pytest.raises(MoneyError):
        minor_units_of(text, "EUR", decimal)


@pytest.mark.parametrize("text, decimal, sign", [("1,234.56", COMMA, "comma"), ("1.234,56", POINT, "point")])
def test_the_other_decimal_sign_is_named_and_the_mapping_doubted(text: str, decimal: DecimalSign, sign: str) -> None:
    with pytest.raises(MoneyError) as caught:
        minor_units_of(text, "EUR", decimal)
    assert f"the decimal sign is a {sign}" in caught.value.message
    assert "mapping" in caught.value.hint


@pytest.mark.parametrize("text", ["=A1*2", "=SUM(A1)", "@x", "'=A1"])
def test_a_formula_is_named_as_one(text: str) -> None:
    with pytest.raises(MoneyError) as caught:
        minor_units_of(text, "EUR", COMMA)
    assert caught.value.code == "formula"


def test_the_decimals_are_those_of_the_currency() -> None:
    assert minor_units_of("1,234", "TND", COMMA) == 1234
    assert minor_units_of("1 234", "XOF", COMMA) == 1234
    with pytest.raises(MoneyError):
        minor_units_of("12,50", "XOF", COMMA)


def test_numbers_of_typed_files_are_exact() -> None:
    assert minor_units_of_number(Decimal("19.90"), "EUR") == 1990
    assert minor_units_of_number(Decimal("10.500"), "EUR") == 1050
    assert minor_units_of_number(-1500, "EUR") == -150000
    for number in (Decimal("0.005"), Decimal("1e12"), Decimal("NaN"), 10**40):
        with pytest.raises(MoneyError):
            minor_units_of_number(number, "EUR")


@given(st.integers(-(10**9), 10**9), st.sampled_from(["EUR", "TND", "XOF"]))
def test_an_amount_written_under_a_declared_sign_is_read_back(cents: int, currency: str) -> None:
    places = {"EUR": 2, "TND": 3, "XOF": 0}[currency]
    number = Decimal(cents).scaleb(-places)
    english = f"{number:,.{places}f}"
    french = english.translate(str.maketrans(",.", ".,"))
    assert minor_units_of(english, currency, POINT) == cents
    assert minor_units_of(french, currency, COMMA) == cents
    assert minor_units_of(french.replace(".", "\u202f"), currency, COMMA) == cents
    assert minor_units_of_number(number, currency) == cents


@given(st.from_regex(r"-?[0-9]{1,9}[.,][0-9]{2}", fullmatch=True))
def test_the_short_cut_for_plain_amounts_agrees_with_the_domain(text: str) -> None:
    assert minor_units_of(text, "EUR", EITHER) == minor_units(text, "EUR")


@given(st.text(max_size=45), st.sampled_from(DecimalSign))
def test_no_text_does_more_than_be_an_amount_or_be_refused(text: str, decimal: DecimalSign) -> None:
    with suppress(MoneyError):
        assert isinstance(minor_units_of(text, "EUR", decimal), int)
