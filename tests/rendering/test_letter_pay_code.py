"""The pay-by code: what EPC069-12 allows, what it does not, and what a phone reads back."""

from typing import Any

import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.errors import InputError
from orchestrator.rendering import qr_code
from orchestrator.rendering.pay_qr import epc_payload

IBAN = "FR7630006000011234567890189"
GERMAN, BRITISH, BRAZILIAN = "DE89370400440532013000", "GB29NWBK60161331926819", "BR1800360305000010009795493C1"


def payload(**changes: Any) -> str:
    parts: dict[str, Any] = {"name": "Acme", "iban": IBAN, "amount_cents": 2000, "remittance": "C-2026-004512"}
    return epc_payload(**(parts | changes))


def test_the_lines_are_those_of_version_002() -> None:
    assert payload(name="Acme Télécom & Cie", amount_cents=4_800_005, bic="AGRIFRPP").split("\n") == [
        "BCD", "002", "1", "SCT", "AGRIFRPP", "Acme Telecom + Cie", IBAN, "EUR48000.05", "", "", "C-2026-004512",
    ]  # fmt: skip


def test_an_iban_may_be_written_in_groups() -> None:
    assert payload(iban="FR76 3000 6000 0112 3456 7890 189") == payload()


def test_a_creditor_reference_is_carried_as_structured() -> None:
    assert payload(remittance="RF18 5390 0754 7034").split("\n")[9:] == ["RF18539007547034"]
    assert payload(remittance="RF19 5390 0754 7034").split("\n")[9:] == ["", "RF19 5390 0754 7034"]


def test_a_long_name_is_cut_and_a_long_reference_is_refused() -> None:
    assert len(payload(name="Société " * 20).split("\n")[5]) <= 70
    with pytest.raises(InputError) as refused:
        payload(remittance="F" * 141)
    assert refused.value.where == "remittance"


@pytest.mark.parametrize(
    "where, changes",
    [
        ("iban", {"iban": "FR7630006000011234567890188"}),
        ("iban", {"iban": ""}),
        ("iban", {"iban": BRAZILIAN}),
        ("bic", {"iban": BRITISH}),
        ("bic", {"bic": "AGRI"}),
        ("amount_cents", {"amount_cents": 0}),
        ("amount_cents", {"amount_cents": -1}),
        ("amount_cents", {"amount_cents": 100_000_000_000}),
        ("name", {"name": "王小明"}),
        ("remittance", {"remittance": " "}),
    ],
)
def test_what_a_transfer_cannot_carry_is_refused_by_part(where: str, changes: dict[str, Any]) -> None:
    with pytest.raises(InputError) as refused:
        payload(**changes)
    assert refused.value.where == where


def test_outside_the_eea_a_bic_makes_it_right() -> None:
    assert payload(iban=BRITISH, bic="NWBKGB2L").split("\n")[4] == "NWBKGB2L"
    assert payload(iban=GERMAN).split("\n")[4] == ""


@given(name=st.text(max_size=90), remittance=st.text(max_size=200), amount_cents=st.integers(-5, 10**12))
def test_a_payload_is_eleven_clean_lines_within_the_limits_or_is_refused(
    name: str, remittance: str, amount_cents: int
) -> None:
    try:
        text = payload(name=name, remittance=remittance, amount_cents=amount_cents)
    except InputError:
        return
    lines = text.split("\n")
    assert 10 <= len(lines) <= 11
    assert text.isascii()
    assert len(text.encode()) <= 331  # the limit of EPC069-12
    assert 1 <= len(lines[5]) <= 70
    assert int(lines[7].removeprefix("EUR").replace(".", "")) == amount_cents


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=300))
def test_a_code_reads_back_as_it_was_written(text: str) -> None:
    assert read_back(qr_code.svg(text, level="M")) == text


def test_a_payment_code_is_at_level_m_and_version_13_at_most() -> None:
    longest = payload(name="N" * 70, remittance="R" * 140, amount_cents=99_999_999_999, bic="AGRIFRPPXXX")
    drawn = qr_code.svg(longest, level="M")
    side = int(drawn.split(b'viewBox="0 -.5 ')[1].split(b" ")[0]) - 8
    assert (side - 17) / 4 <= 13
    assert [code.ec_level for code in zxingcpp.read_barcodes(picture(drawn))] == ["M"]


@pytest.mark.parametrize("text", ["", "x" * 5000])
def test_a_text_that_no_code_holds_is_refused(text: str) -> None:
    with pytest.raises(InputError) as refused:
        qr_code.svg(text, level="M")
    assert refused.value.code == "invalid_qr"


def picture(svg: bytes) -> memoryview:
    """The strokes of the code as pixels, four to a module."""
    side = int(svg.split(b'viewBox="0 -.5 ')[1].split(b" ")[0])
    rows = [bytearray(b"\xff" * side * 4) for _ in range(side * 4)]
    for stroke in svg.split(b' d="M')[1].split(b'"')[0].split(b"M"):
        place, width = stroke.split(b"h")
        x, y = map(int, place.split(b" "))
        for row in rows[y * 4 : y * 4 + 4]:
            row[x * 4 : (x + int(width)) * 4] = bytes(int(width) * 4)
    return memoryview(b"".join(rows)).cast("B", (side * 4, side * 4))


def read_back(svg: bytes) -> str:
    return zxingcpp.read_barcodes(picture(svg))[0].text
