"""Money: what people write as an amount, what is refused, and sums that lose no cent."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.errors import MoneyError
from orchestrator.domain.money import DECIMALS, Money, minor_units, round_half_up

currencies = st.sampled_from(sorted(DECIMALS))
moneys = st.builds(Money, st.integers(-(10**11), 10**11), st.just("EUR"))


@pytest.mark.parametrize(
    "text, cents",
    [
        ("1234,56", 123456),
        ("1234.56", 123456),
        ("1 234,56", 123456),
        ("1\u202f234,56", 123456),
        ("1\u00a0234,56", 123456),
        ("1'234.50", 123450),
        ("1.234,56", 123456),
        ("1,234.56", 123456),
        ("1.234.567,89", 123456789),
        ("1,234,567", 123456700),
        ("1.234.567", 123456700),
        ("12,5", 1250),
        (",5", 50),
        ("0", 0),
        ("+12", 1200),
        ("-20", -2000),
        ("\u221220", -2000),
        ("20-", -2000),
        ("(20)", -2000),
        ("(1 234,56)", -123456),
    ],
)
def test_an_amount_is_read_as_people_write_it(text: str, cents: int) -> None:
    assert minor_units(text, "EUR") == cents


@pytest.mark.parametrize("text", ["1,234", "1.234", "-1,234", "12.345", "123,456"])
def test_one_separator_before_three_digits_is_refused_as_ambiguous(text: str) -> None:
    with pytest.raises(MoneyError, match="ambiguous"):
        minor_units(text, "EUR")


def test_three_decimals_are_no_ambiguity_in_a_currency_that_has_three() -> None:
    assert minor_units("1,234", "TND") == 1234


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "-",
        "abc",
        "12 EUR",
        "1,2,3",
        "1,23,456",
        "12.34,567.8",
        "1..2",
        "--5",
        "(-5)",
        "-5-",
        "12.",
        "12,",
        "1e5",
    ],
)
def test_what_is_not_an_amount_is_refused(text: str) -> None:
    with pytest.raises(MoneyError):
        minor_units(text, "EUR")


def test_thousands_must_be_grouped_by_three() -> None:
    with pytest.raises(MoneyError, match="grouped by three"):
        minor_units("12,34.56", "EUR")


@pytest.mark.parametrize("text, currency", [("0,123", "EUR"), ("1,2345", "EUR"), ("12,5", "JPY"), ("1,23", "XPF")])
def test_decimals_that_the_currency_has_not_are_never_rounded_away(text: str, currency: str) -> None:
    with pytest.raises(MoneyError, match="decimals"):
        minor_units(text, currency)


def test_an_absurdly_large_amount_is_a_typing_error() -> None:
    assert minor_units("1000000000", "EUR") == 100_000_000_000
    with pytest.raises(MoneyError, match="absurdly large"):
        minor_units("1000000000,01", "EUR")


def test_an_unknown_currency_is_refused_with_the_nearest_known_one() -> None:
    with pytest.raises(MoneyError) as refusal:
        minor_units("12", "ERU")
    assert "EUR" in refusal.value.hint


@pytest.mark.parametrize("text", ["15 EUR", "EUR 15", "15€", "€15", "15,00 eur", " 15.00 EUR "])
def test_a_sum_is_read_with_its_currency_on_either_side(text: str) -> None:
    assert Money.parse(text) == Money(1500, "EUR")


@pytest.mark.parametrize("text", ["15", "EUR", "EUR 15 USD", "€15€", ""])
def test_a_sum_without_exactly_one_currency_is_refused(text: str) -> None:
    with pytest.raises(MoneyError):
        Money.parse(text)


def test_two_currencies_are_neither_added_nor_compared() -> None:
    euro, pound = Money(100, "EUR"), Money(100, "GBP")
    for act in (lambda: euro + pound, lambda: euro - pound, lambda: euro < pound, lambda: euro <= pound):
        with pytest.raises(MoneyError):
            act()


@pytest.mark.parametrize(
    "money, text",
    [
        (Money(123456), "1234.56 EUR"),
        (Money(-5), "-0.05 EUR"),
        (Money(7, "JPY"), "7 JPY"),
        (Money(1234, "TND"), "1.234 TND"),
    ],
)
def test_a_sum_is_shown_with_the_decimals_of_its_currency(money: Money, text: str) -> None:
    assert str(money) == text


def test_a_sum_is_truthy_unless_it_is_nothing() -> None:
    assert Money(1)
    assert Money(-1)
    assert not Money(0)


@pytest.mark.parametrize("value, rounded", [("0.5", 1), ("-0.5", -1), ("1.49", 1), ("2.5", 3), ("-2.5", -3)])
def test_halves_round_away_from_zero(value: str, rounded: int) -> None:
    assert round_half_up(Decimal(value)) == rounded


def test_a_share_is_rounded_half_up_to_the_cent() -> None:
    assert Money(1005).share(Decimal("0.1")) == Money(101)
    assert Money(1000).share(Decimal("0.0333")) == Money(33)


def test_a_sum_is_not_split_in_no_part() -> None:
    with pytest.raises(MoneyError):
        Money(100).split(0)


@given(moneys, st.integers(1, 60))
def test_a_split_sum_adds_up_and_its_parts_differ_by_a_cent_at_most(money: Money, parts: int) -> None:
    split = [part.cents for part in money.split(parts)]
    assert sum(split) == money.cents
    assert len(split) == parts
    assert max(split) - min(split) <= 1
    assert sorted(split, key=abs, reverse=True) == split


@given(moneys, moneys)
def test_what_is_added_can_be_taken_away(one: Money, other: Money) -> None:
    assert (one + other) - other == one
    assert one + -one == Money(0)
    assert (one < other) is (one.cents < other.cents)
    assert (one <= other) is not (other < one)


@given(st.integers(-(10**11), 10**11), currencies)
def test_what_is_shown_is_read_back(cents: int, currency: str) -> None:
    money = Money(cents // 1000, currency)
    assert Money.parse(str(money)) == money


@given(st.integers(0, 99_999_999))
def test_the_same_sum_is_read_from_french_and_english_figures(cents: int) -> None:
    french = f"{cents // 100:,}".replace(",", "\u202f") + f",{cents % 100:02}"
    english = f"{cents // 100:,}.{cents % 100:02}"
    assert minor_units(french, "EUR") == minor_units(english, "EUR") == cents
