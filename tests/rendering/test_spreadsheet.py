"""Exports: what a person opens in a spreadsheet is what was written, and never a formula (R25, R48)."""

import csv
import io
import time
import tracemalloc
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from orchestrator.domain.money import Money
from orchestrator.rendering.spreadsheet import (
    csv_bytes,
    csv_chunks,
    harmless,
    unguarded,
    write_xlsx,
    xlsx_bytes,
    xlsx_chunks,
)
from orchestrator.rendering.table import Cell, Column, ColumnKind, Table, cell_text

HOSTILE = (
    "=1+1",
    '=HYPERLINK("http://collector.example";"cliquez")',
    "=cmd|' /C calc'!A0",
    "+33612345678",
    "+1-1",
    "-12,50",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(A1:A9)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "|calc",
    "%0A=1",
    "\uff1d1+1",
    "'=1+1",
    "''=1+1",
    "'ordinary",
    "=",
    "-",
    "#N/A",
    "#REF!",
    "TRUE",
    "0612345678",
    "01000",
    "1E5",
    "12/05",
    "2026-01-02",
    'He said "yes"; and, then\tleft\nfor good',
    "Société Générale d’Été, œuvre 100 %",
    " leading and trailing ",
    "_x0041_",
    "漢字 🙂",
    "",
)
NOON = datetime(2026, 3, 1, 13, 5, 9, tzinfo=UTC)


def a_table(rows: Any, *columns: Column, language: str = "fr", title: str = "Dossiers") -> Table:
    return Table(title=title, columns=columns, rows=rows, language=language)


def read_csv(data: bytes, delimiter: str = ";") -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=delimiter))


def read_sheet(data: bytes) -> Any:
    return load_workbook(io.BytesIO(data))


EVERY_KIND = (
    Column("Dossier"),
    Column("Solde", ColumnKind.AMOUNT, "EUR"),
    Column("Échéance", ColumnKind.DATE),
    Column("Vu", ColumnKind.INSTANT),
    Column("Relances", ColumnKind.COUNT),
    Column("Taux", ColumnKind.RATE),
    Column("Autre solde", ColumnKind.AMOUNT),
)
ROWS: tuple[tuple[Cell, ...], ...] = (
    ("R-1", 123_456, date(2026, 1, 31), NOON, 1234, Decimal("0.125"), Money(1_000, "GBP")),
    ("R-2", -5, date(2025, 12, 1), NOON, 0, 0.07, Money(1_000, "JPY")),
    (None, None, None, None, None, None, None),
)


def test_a_french_csv_opens_as_figures_in_a_french_spreadsheet() -> None:
    data = csv_bytes(a_table(ROWS, *EVERY_KIND))
    assert data.startswith(b"\xef\xbb\xbf")
    assert data.decode("utf-8-sig") == (
        '"Dossier";"Solde (EUR)";"Échéance";"Vu";"Relances";"Taux";"Autre solde";"Devise"\r\n'
        '"R-1";"1234,56";"2026-01-31";"2026-03-01 14:05:09";"1234";"12,5%";"10,00";"GBP"\r\n'
        '"R-2";"-0,05";"2025-12-01";"2026-03-01 14:05:09";"0";"7%";"1000";"JPY"\r\n'
        '"";"";"";"";"";"";"";""\r\n'
    )


def test_an_english_csv_opens_as_figures_in_an_english_spreadsheet() -> None:
    data = csv_bytes(a_table(ROWS, *EVERY_KIND, language="en"))
    assert data.decode("utf-8-sig").splitlines()[:2] == [
        '"Dossier","Solde (EUR)","Échéance","Vu","Relances","Taux","Autre solde","Currency"',
        '"R-1","1234.56","2026-01-31","2026-03-01 14:05:09","1234","12.5%","10.00","GBP"',
    ]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_of_a_csv_is_no_formula_and_reads_back(text: str) -> None:
    rows = read_csv(csv_bytes(a_table([(text, 1)], Column("Nom"), Column("n", ColumnKind.COUNT))))
    assert len(rows) == 2
    assert not rows[1][0].startswith(("=", "+", "-", "@", "\t", "\r", "\n", "|", "%", "\uff1d"))
    assert unguarded(rows[1][0]) == text
    assert rows[1][1] == "1"


@given(st.text(alphabet=st.one_of(st.sampled_from("'=+-@\t\r\n|%a"), st.characters(exclude_categories=["Cs", "Cc"]))))
def test_a_guarded_text_comes_back_as_it_was(text: str) -> None:
    assert harmless(text)[:1] not in {"=", "+", "-", "@", "\t", "\r"}
    if "\ufffe" not in text and "\uffff" not in text:
        assert unguarded(harmless(text)) == text


def test_a_heading_is_no_formula_either() -> None:
    table = a_table([("x",)], Column("=1+1"))
    assert read_csv(csv_bytes(table))[0] == ["'=1+1"]
    assert read_sheet(xlsx_bytes(table)).active["A1"].data_type == "s"


def test_a_negative_amount_stays_a_number() -> None:
    table = a_table([(-1250,)], Column("Solde", ColumnKind.AMOUNT, "EUR"))
    assert read_csv(csv_bytes(table))[1] == ["-12,50"]
    cell = read_sheet(xlsx_bytes(table)).active["A2"]
    assert (cell.data_type, cell.value) == ("n", -12.5)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_of_a_workbook_is_that_text(text: str) -> None:
    book = read_sheet(xlsx_bytes(a_table([(text,)], Column("Nom"))))
    cell = book.active["A2"]
    if text:
        assert cell.value == text.replace("\r", "\n") or cell.value == text
        assert cell.data_type == "s"
        assert cell.number_format == "@"


def test_a_workbook_holds_no_formula_whatever_the_data() -> None:
    table = a_table([(text, text) for text in HOSTILE], Column("=Nom"), Column("@Autre"), title="=cmd|'!A0")
    with zipfile.ZipFile(io.BytesIO(xlsx_bytes(table))) as parts:
        for name in parts.namelist():
            assert b"<f>" not in parts.read(name)
            assert b"<f " not in parts.read(name)
        assert not [name for name in parts.namelist() if "external" in name.lower() or "vba" in name.lower()]


def test_signs_that_a_file_cannot_hold_are_shown_as_lost() -> None:
    table = a_table([("a\x00b\x07c\ud800d\ufffee",)], Column("Nom"))
    assert read_csv(csv_bytes(table))[1] == ["a\ufffdb\ufffdc\ufffdd\ufffde"]
    assert read_sheet(xlsx_bytes(table)).active["A2"].value == "a\ufffdb\ufffdc\ufffdd\ufffde"


def test_a_workbook_holds_real_dates_amounts_and_rates() -> None:
    sheet = read_sheet(xlsx_bytes(a_table(ROWS, *EVERY_KIND))).active
    first = [cell.value for cell in sheet[2]]
    assert first == [
        "R-1", 1234.56, datetime(2026, 1, 31), datetime(2026, 3, 1, 14, 5, 9), 1234, 0.125, 10, "GBP",  # noqa: DTZ001  # as Excel has it
    ]  # fmt: skip
    assert [cell.number_format for cell in sheet[2]] == [
        "@", "#,##0.00\\ [$€]", "dd/mm/yyyy", "dd/mm/yyyy hh:mm", "#,##0", "0.0%", "#,##0.00\\ [$£GB]", "@",
    ]  # fmt: skip
    assert sheet["G3"].number_format == "#,##0\\ [$JPY]"
    assert [cell.value for cell in sheet[4]] == [None] * 8


def test_the_heading_stays_in_sight_and_columns_are_wide_enough() -> None:
    table = a_table([("Boulangerie du Marché aux Fleurs", 5)], Column("Débiteur"), Column("Jours", ColumnKind.COUNT))
    sheet = read_sheet(xlsx_bytes(table)).active
    assert sheet.freeze_panes == "A2"
    assert sheet["A1"].font.bold
    assert sheet.auto_filter.ref == "A1:B2"
    assert sheet.column_dimensions["A"].width >= len("Boulangerie du Marché aux Fleurs")


def test_a_sheet_has_a_name_that_excel_takes() -> None:
    long = "Balance âgée [tous les créanciers] : au 22/11/2026"
    book = read_sheet(xlsx_bytes(*(a_table([], Column("x"), title=title) for title in (long, long, "", "'a'", "A"))))
    assert book.sheetnames == [
        "Balance âgée  tous les créancie", "Balance âgée  tous les créanc 2", "1", "a", "A 2",
    ]  # fmt: skip


def test_a_day_before_excel_s_calendar_is_a_text() -> None:
    row = (date(1850, 1, 2), datetime(1850, 1, 2, 12, tzinfo=UTC))
    table = a_table([row], Column("Jour", ColumnKind.DATE), Column("Vu", ColumnKind.INSTANT))
    sheet = read_sheet(xlsx_bytes(table)).active
    assert sheet["A2"].value == "1850-01-02"
    assert str(sheet["B2"].value).startswith("1850-01-02 12:")
    assert sheet["B2"].data_type == "s"


@pytest.mark.parametrize("write", [csv_bytes, xlsx_bytes])
def test_a_row_that_does_not_fit_its_columns_is_refused(write: Any) -> None:
    for row in (("a",), ("a", 1, "b")):
        with pytest.raises(ValueError, match="zip"):
            write(a_table([row], Column("Nom"), Column("n", ColumnKind.COUNT)))


@pytest.mark.parametrize("write", [csv_bytes, xlsx_bytes])
@pytest.mark.parametrize(
    "kind, cell",
    [
        (ColumnKind.AMOUNT, "12"),
        (ColumnKind.AMOUNT, 1.5),
        (ColumnKind.COUNT, "1"),
        (ColumnKind.INSTANT, date(2026, 1, 1)),
    ],
)
def test_a_cell_of_another_kind_is_refused(write: Any, kind: ColumnKind, cell: Cell) -> None:
    with pytest.raises(TypeError):
        write(a_table([(cell,)], Column("x", kind, "EUR")))


@given(
    st.lists(st.integers(min_value=-(10**13), max_value=10**13), min_size=1, max_size=20),
    st.sampled_from(["EUR", "TND", "JPY"]),
)
def test_amounts_add_up_to_the_cent_in_both_files(cents: list[int], currency: str) -> None:
    table = a_table([(value,) for value in cents], Column("Solde", ColumnKind.AMOUNT, currency))
    places = {"EUR": 2, "TND": 3, "JPY": 0}[currency]
    told = [Decimal(row[0].replace(",", ".")) for row in read_csv(csv_bytes(table))[1:]]
    assert [int(figure.scaleb(places)) for figure in told] == cents
    column = read_sheet(xlsx_bytes(table)).active["A"][1:]
    assert [round(cell.value * 10**places) for cell in column] == cents


def test_a_csv_is_written_while_its_rows_are_read() -> None:
    seen = []

    def rows() -> Iterator[tuple[Cell, ...]]:
        for number in range(2_000):
            seen.append(number)
            yield (f"R-{number}",)

    chunks = csv_chunks(a_table(rows(), Column("Dossier")))
    next(chunks)
    next(chunks)
    assert len(seen) < 1_000


def test_a_workbook_is_written_while_its_rows_are_read_and_its_pieces_are_the_file() -> None:
    seen = []

    def rows() -> Iterator[tuple[Cell, ...]]:
        for number in range(20_000):
            seen.append(number)
            yield (f"R-{number}", number)

    chunks = xlsx_chunks(a_table(rows(), Column("Dossier"), Column("n", ColumnKind.COUNT)))
    pieces = [next(chunks), next(chunks)]
    assert len(seen) < 5_000
    pieces += chunks
    assert max(len(piece) for piece in pieces) < 100_000
    sheet = read_sheet(b"".join(pieces)).active
    assert sheet.auto_filter.ref == "A1:B20001"
    assert [cell.value for cell in sheet[20_001]] == ["R-19999", 19_999]


def _many(count: int) -> Iterator[tuple[Cell, ...]]:
    for number in range(count):
        yield (f"R-{number}", "=Société", number * 37, date(2026, 1, 1), number % 90)


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_memory_does_not_grow_with_the_rows(suffix: str) -> None:
    columns = (Column("a"), Column("b"), Column("c", ColumnKind.AMOUNT, "EUR"), Column("d", ColumnKind.DATE),
               Column("e", ColumnKind.COUNT))  # fmt: skip

    def peak(count: int) -> int:
        tracemalloc.start()
        table = a_table(_many(count), *columns)
        if suffix == "csv":
            for chunk in csv_chunks(table):
                assert len(chunk) < 100_000
        else:
            write_xlsx((table,), _Nowhere())
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(10)
    few, many = peak(1_000), peak(6_000)
    assert many < few + 1_000_000


class _Nowhere(io.BytesIO):
    """A file that keeps nothing but its place."""

    def write(self, data: Any, /) -> int:
        self.seek(len(data), io.SEEK_CUR)
        return len(data)


def test_ten_thousand_rows_are_written_in_seconds() -> None:
    began = time.process_time()
    csv_bytes(a_table(_many(10_000), *(Column("a"), Column("b"), Column("c", ColumnKind.AMOUNT, "EUR"),
                                       Column("d", ColumnKind.DATE), Column("e", ColumnKind.COUNT))))  # fmt: skip
    assert time.process_time() - began < 3


@pytest.mark.parametrize(
    "column, cell, french, english",
    [
        (Column("x"), "=1", "=1", "=1"),
        (Column("x", ColumnKind.AMOUNT, "EUR"), 123_456, "1 234,56 €", "€1,234.56"),
        (Column("x", ColumnKind.AMOUNT, "EUR"), 0, "0,00 €", "€0.00"),
        (Column("x", ColumnKind.AMOUNT), Money(100, "GBP"), "1,00 £GB", "£1.00"),
        (Column("x", ColumnKind.DATE), date(2026, 3, 1), "01/03/2026", "01/03/2026"),
        (Column("x", ColumnKind.INSTANT), NOON, "01/03/2026 14:05", "01/03/2026 14:05"),
        (Column("x", ColumnKind.COUNT), 12_345, "12 345", "12,345"),
        (Column("x", ColumnKind.RATE), Decimal("0.125"), "12,5 %", "12.5%"),
        (Column("x", ColumnKind.RATE), None, "", ""),
    ],
)
def test_a_cell_reads_on_a_page(column: Column, cell: Cell, french: str, english: str) -> None:
    assert cell_text(column, cell, language="fr").replace("\u00a0", " ") == french
    assert cell_text(column, cell, language="en").replace("\u00a0", " ") == english


@pytest.mark.parametrize("text", ["🙂" * 32_767, "a" + "🙂" * 32_767, "é" * 40_000])
def test_a_cell_is_no_longer_than_excel_counts(text: str) -> None:
    """Excel counts in units of UTF-16, two for each sign beyond the first 65,536, and repairs a book that has more."""
    data = xlsx_bytes(a_table([(text,)], Column("Nom")))
    value = read_sheet(data).active["A2"].value
    assert text.startswith(value)
    assert 32_766 <= len(value.encode("utf-16-le")) // 2 <= 32_767
