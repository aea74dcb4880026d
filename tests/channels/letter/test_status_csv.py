"""The file that says what became of letters: good lines are receipts, each other one is a fault with its number."""

import unicodedata
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.contract import LADDERS, Channel, DeliveryStatus, ReasonClass
from channels.letter.status_csv import REASONS, WORDS, StatusFile, read_status_csv

HEADER = "attempt_id;status;date;registered_number\n"


def read(*lines: str, header: str = HEADER) -> StatusFile:
    return read_status_csv((header + "".join(f"{line}\n" for line in lines)).encode())


@pytest.mark.parametrize("word, status", WORDS.items())
def test_a_word_of_the_table_gives_its_status(word: str, status: DeliveryStatus) -> None:
    (receipt,) = read(f"a-1; {word.upper()} ;2026-07-18;").receipts
    assert (receipt.status, receipt.attempt_id, receipt.provider_id, receipt.word) == (status, "a-1", "print-a-1", word)
    assert receipt.reason_class is REASONS.get(status)
    assert receipt.occurred_at == datetime(2026, 7, 18, 12, tzinfo=UTC)


def test_a_word_as_a_mac_writes_it_is_the_same_word() -> None:
    (receipt,) = read(f"a-1;{unicodedata.normalize('NFD', 'présenté')};2026-07-18").receipts
    assert (receipt.word, receipt.status) == ("présenté", DeliveryStatus.PRESENTED)


def test_every_word_is_one_a_letter_can_have_and_none_is_missing() -> None:
    on_the_way = {"printed", "posted", "presented", "delivered", "returned", "refused", "unclaimed"}
    assert set(WORDS.values()) == on_the_way | {"unknown_address", "lost"}
    assert set(WORDS.values()) <= set(LADDERS[Channel.LETTER])


@pytest.mark.parametrize(
    "status, reason_class",
    [
        (DeliveryStatus.UNKNOWN_ADDRESS, ReasonClass.ADDRESS),
        (DeliveryStatus.UNCLAIMED, ReasonClass.UNREACHABLE),
        (DeliveryStatus.LOST, ReasonClass.UNREACHABLE),
    ],
)
def test_a_status_says_what_can_be_done(status: DeliveryStatus, reason_class: ReasonClass) -> None:
    assert REASONS[status] is reason_class


def test_the_same_fact_has_the_same_key_however_it_is_written_and_another_has_another() -> None:
    told = read(
        "a-1;posted;2026-07-18;", "a-1;Posté;18/07/2026;", "a-1;presented;2026-07-18;", "a-2;posted;2026-07-18;"
    )
    keys = [receipt.dedup_key for receipt in told.receipts]
    assert keys[0] == keys[1]
    assert len(set(keys)) == 3


def test_a_registered_number_is_kept_without_its_spaces() -> None:
    told = read("a-1;posted;2026-07-18;1a 234 567 8901 2", "a-2;posted;2026-07-18")
    assert told.registered_numbers == {"a-1": "1A23456789012"}
    assert len(told.receipts) == 2


@pytest.mark.parametrize(
    "line, code",
    [
        (";posted;2026-07-18;", "attempt_id_invalid"),
        ("../a;posted;2026-07-18;", "attempt_id_invalid"),
        ("a-1;teleported;2026-07-18;", "status_unknown"),
        ("a-1;;2026-07-18;", "status_unknown"),
        ("a-1;posted;;", "date_invalid"),
        ("a-1;posted;07/18/2026;", "date_invalid"),
        ("a-1;posted;2026-02-30;", "date_invalid"),
        ("a-1", "status_unknown"),
        ("a-1;posted;2026-07-18;no number!", "registered_number_invalid"),
    ],
)
def test_a_line_that_cannot_be_used_is_named_and_the_others_are_kept(line: str, code: str) -> None:
    told = read("a-0;posted;2026-07-18;", line, "", "a-2;posted;2026-07-18;")
    assert [(fault.line, fault.code) for fault in told.faults] == [(3, code)]
    assert [receipt.attempt_id for receipt in told.receipts] == ["a-0", "a-2"]
    assert told.registered_numbers == {}


def test_a_misspelt_word_is_told_what_it_may_have_meant() -> None:
    (fault,) = read("a-1;delivred;2026-07-18;").faults
    assert fault.message == "did you mean 'delivered'?"


def test_a_file_without_its_columns_is_one_fault() -> None:
    told = read("a-1;posted", header="attempt_id;status\n")
    assert [(fault.line, fault.code, fault.message) for fault in told.faults] == [
        (1, "columns_missing", "no column date")
    ]
    assert read_status_csv(b"").faults[0].code == "columns_missing"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_file_is_read_as_any_spreadsheet_writes_it(delimiter: str, encoding: str, line_end: str) -> None:
    lines = [["Date", "Status", "attempt_id"], ["18/07/2026", "présenté", "a-1"]]
    text = line_end.join(delimiter.join(line) for line in lines)
    (receipt,) = read_status_csv(text.encode(encoding)).receipts
    assert (receipt.attempt_id, receipt.status) == ("a-1", DeliveryStatus.PRESENTED)


@given(st.binary(max_size=200))
def test_no_bytes_make_it_raise(content: bytes) -> None:
    read_status_csv(HEADER.encode() + content)
    read_status_csv(content)
