"""Which texts may stand in a cell, and which are refused with a reason that does not repeat them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.intake.tables.cell_texts import CellFault, cleaned
from orchestrator.intake.tables.report import neutralised


def fault_of(text: object, *, longest: int = 100) -> str:
    with pytest.raises(CellFault) as caught:
        cleaned(text, longest=longest)  # type: ignore[arg-type]  # also what no table gives
    return caught.value.code


@pytest.mark.parametrize(
    "text, kept",
    [
        ("Jeanne Dupont", "Jeanne Dupont"),
        ("L’Œuvre d’Été", "L’Œuvre d’Été"),
        ("Hôtel\u00a0du\u202fParc", "Hôtel du Parc"),
        ("He\u0301le\u0300ne", "Hélène"),
        ("- Bâtiment B", "- Bâtiment B"),
        ("+ de confort SARL", "+ de confort SARL"),
        ("C# SARL", "C# SARL"),
        ("#12", "#12"),
        ("'s-Hertogenbosch", "'s-Hertogenbosch"),
        ("'+33644631234", "+33644631234"),
        ('="0001234"', "0001234"),
        ("", ""),
        (42, "42"),
        (Decimal("42.50"), "42.50"),
        ("0E+0", "0E+0"),
        ("ÂGÉE Ãrt ÂŽ JOÃO", "ÂGÉE Ãrt ÂŽ JOÃO"),
    ],
)
def test_texts_are_kept_with_spaces_and_accents_made_one(text: object, kept: str) -> None:
    assert cleaned(text, longest=100) == kept  # type: ignore[arg-type]  # numbers too


@pytest.mark.parametrize(
    "text",
    ["=1+1", "'=1+1", '=HYPERLINK("http://x")', "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3+cmd|x", "-SUM(A1)", "+A1=2"],
)
def test_what_a_spreadsheet_would_compute_is_refused(text: str) -> None:
    assert fault_of(text) == "formula"


@pytest.mark.parametrize("text", ["#N/A", "#REF!", "#VALEUR!", "#NOM?", "#div/0!"])
def test_the_errors_of_spreadsheets_are_refused(text: str) -> None:
    assert fault_of(text) == "spreadsheet_error"


@pytest.mark.parametrize(
    "text",
    ["a\nb", "a\tb", "a\rb", "a\x00b", "a\x1bb", "a\x85b", "a\u200bb", "a\u202eb", "a\u2066b", "a\ufeffb", "a\ud800b",
     "a\u2028b", "a\u00adb"],
)  # fmt: skip
def test_control_and_invisible_characters_are_refused(text: str) -> None:
    assert fault_of(text) == "control_character"


def test_joiners_that_belong_to_words_are_kept() -> None:
    assert cleaned("می\u200cخواهم", longest=100) == "می\u200cخواهم"


@pytest.mark.parametrize("text", ["RenÃ©", "HÃ©lÃ¨ne", "lâ€™Ã©tÃ©", "Fran\ufffdois", "NoÃ«l", "Â°"])
def test_accents_broken_on_the_way_are_refused(text: str) -> None:
    assert fault_of(text) == "broken_accents"


@pytest.mark.parametrize("text", ["1.23457E+11", "1,2E+15", "5E+12"])
def test_numbers_that_a_spreadsheet_shortened_are_refused(text: str) -> None:
    assert fault_of(text) == "digits_lost"


def test_what_a_mail_header_would_decode_is_refused() -> None:
    assert fault_of("=?UTF-8?Q?=0A?=Bcc: x") == "formula"
    assert fault_of("Jo =?UTF-8?Q?=0A?= x") == "unsafe_text"


def test_over_long_texts_are_refused() -> None:
    assert cleaned("a" * 100, longest=100) == "a" * 100
    assert fault_of("a" * 101) == "too_long"


def test_street_lines_may_hold_line_breaks_where_they_are_asked_for() -> None:
    assert cleaned("12 rue\u00a0X \r\n\n Bât. É\r", longest=100, lines=True) == "12 rue X\nBât. É"
    with pytest.raises(CellFault):
        cleaned("12 rue\tX\nB", longest=100, lines=True)


@given(st.text(max_size=60))
def test_no_text_does_more_than_pass_or_be_refused(text: str) -> None:
    try:
        kept = cleaned(text, longest=50)
    except CellFault as refusal:
        fault = refusal
    else:
        _check_kept(kept)
        return
    assert fault.message
    assert fault.hint
    if len(text) > 4 and not text.isascii():
        assert text not in fault.message + fault.hint


def _check_kept(kept: str) -> None:
    assert len(kept) <= 50
    assert not kept.startswith(("=", "@", "\t", "\r"))
    assert not set(kept) & set("\n\r\t\0\u202e\ufeff\u200b")
    assert kept == cleaned(kept, longest=50)


@given(st.text(st.characters(codec="utf-8", categories=("L", "N", "P")), min_size=1, max_size=30))
def test_what_our_exports_protect_is_read_as_it_was(text: str) -> None:
    try:
        kept = cleaned(text, longest=100)
    except CellFault:
        return
    assert cleaned(neutralised(kept), longest=101) == kept
