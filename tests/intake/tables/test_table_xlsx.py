"""Excel workbooks: typed cells, sheets, formulas, and workbooks that are broken or built to explode."""

import zipfile
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from orchestrator.domain.errors import FileError
from orchestrator.intake.ledger.debts import read_debts
from orchestrator.intake.tables.table import BadRow, Limits, Row, Shape, open_table
from tests.intake.ledger.debts_fixtures import COLUMNS, CREDITORS, DEFAULT, TODAY, a_row

MIDNIGHT = datetime.fromisoformat("2026-01-31")  # as Excel stores a date: no zone


def a_book(path: Path, *rows: list[Any]) -> Path:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def rows_of(path: Path, shape: Shape | None = None, limits: Limits | None = None) -> list[Row | BadRow]:
    with open_table(path, shape, limits=limits) as table:
        return list(table.rows)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "debts.xlsx"


def test_cells_come_with_their_types_and_numbers_as_excel_shows_them(path: Path) -> None:
    a_book(path, ["a", "b", "c", "d", "e", "f"], ["x", 19.9, 0.1 + 0.2, MIDNIGHT, 12.0, True])
    cells = rows_of(path)[0][1]
    assert cells == ["x", Decimal("19.9"), Decimal("0.3"), date(2026, 1, 31), 12, "true"]
    assert not isinstance(cells[3], datetime)


def test_rows_carry_their_number_in_the_sheet_and_empty_ones_are_left_out(path: Path) -> None:
    a_book(path, ["a", "b"], ["x", 1], [None, None], ["y", 2])
    assert [row[0] for row in rows_of(path)] == [2, 4]


def test_cells_that_a_row_leaves_out_at_its_end_are_empty(path: Path) -> None:
    a_book(path, ["a", "b", "c"], ["x"])
    assert rows_of(path) == [Row(2, ["x", None, None])]


def test_the_only_visible_sheet_with_data_is_read_and_reported(path: Path) -> None:
    book = Workbook()
    book.active.title = "Empty"
    book.create_sheet("Debts").append(["a"])
    book["Debts"].append(["x"])
    hidden = book.create_sheet("Old")
    hidden.append(["z"])
    hidden.sheet_state = "hidden"
    book.save(path)
    with open_table(path) as table:
        assert list(table.rows) == [Row(2, ["x"])]
        assert table.reading.sheet == "Debts"
        assert "3 sheets" in table.reading.notes[0]


def test_several_sheets_with_data_are_refused_unless_one_is_named(path: Path) -> None:
    book = Workbook()
    book.active.append(["a"])
    book.create_sheet("March").append(["b"])
    book["March"].append(["x"])
    book.save(path)
    with pytest.raises(FileError) as caught:
        rows_of(path)
    assert caught.value.code == "sheet_unclear"
    assert "Sheet, March" in caught.value.hint
    assert rows_of(path, Shape(sheet="March")) == [Row(2, ["x"])]
    with pytest.raises(FileError) as caught:
        rows_of(path, Shape(sheet="April"))
    assert caught.value.code == "sheet_missing"


def test_the_header_may_stand_below_a_title(path: Path) -> None:
    a_book(path, ["Balance"], [], ["a", "b"], ["x", 1])
    assert rows_of(path, Shape(header_line=3)) == [Row(4, ["x", 1])]


def test_a_formula_refuses_its_row_and_is_never_computed(path: Path) -> None:
    row = a_row()
    book = Workbook()
    book.active.append(list(COLUMNS))
    for number in (1, 2):
        book.active.append(list({**row, "reference": f"F-{number}"}.values()))
    book.active.cell(row=3, column=COLUMNS.index("open_amount") + 1, value="=Q3-5")
    book.save(path)
    file = read_debts(path, DEFAULT, today=TODAY, creditors=CREDITORS)
    assert [row.debt.reference for row in file.rows] == ["F-1"]
    assert [(r.line, r.column, r.code) for r in file.refused[0].remarks] == [(3, "open_amount", "formula")]


def test_typed_dates_and_amounts_make_debts(path: Path) -> None:
    row: dict[str, Any] = a_row()
    row |= {
        "principal": 1234.5,
        "open_amount": 1000,
        "issued_on": date(2026, 1, 31),
        "due_on": MIDNIGHT + timedelta(days=15),
    }
    row |= {"postcode": 1000, "phone": 644631234, "reference": 20260001}
    a_book(path, list(row), list(row.values()))
    file = read_debts(path, DEFAULT, today=TODAY, creditors=CREDITORS)
    debt = file.rows[0].debt
    assert (debt.reference, debt.principal_cents, debt.open_cents) == ("20260001", 123450, 100000)
    assert (debt.issued_on, debt.due_on) == (date(2026, 1, 31), date(2026, 2, 15))
    person = file.rows[0].debtor.people[0]
    assert person.address is not None
    assert person.address.postcode == "01000"
    assert [point.value for point in person.points][1] == "+33644631234"
    assert [remark.code for remark in file.warnings] == ["postcode_padded"]


def test_a_reference_that_a_spreadsheet_turned_into_a_date_is_refused(path: Path) -> None:
    row: dict[str, Any] = a_row() | {"reference": date(2026, 3, 1)}
    a_book(path, list(row), list(row.values()))
    file = read_debts(path, DEFAULT, today=TODAY, creditors=CREDITORS)
    assert [remark.code for remark in file.refused[0].remarks] == ["date_in_text"]


def test_a_workbook_is_known_by_its_bytes_not_by_its_name(path: Path) -> None:
    a_book(path, ["a"], ["x"])
    other = path.rename(path.with_suffix(".csv"))
    assert rows_of(other) == [Row(2, ["x"])]


def test_a_text_file_with_the_name_of_a_workbook_is_refused(path: Path) -> None:
    path.write_text("a;b\n")
    with pytest.raises(FileError) as caught:
        rows_of(path)
    assert caught.value.code == "format_unknown"


def test_an_empty_workbook_is_refused(path: Path) -> None:
    a_book(path)
    with pytest.raises(FileError) as caught:
        rows_of(path)
    assert caught.value.code == "file_empty"


def test_a_cut_workbook_is_refused(path: Path) -> None:
    a_book(path, ["a"], ["x"])
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(FileError) as caught:
        rows_of(path)
    assert caught.value.code == "workbook_broken"


def test_an_archive_that_is_no_workbook_is_refused(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("hello.txt", "hello")
    with pytest.raises(FileError) as caught:
        rows_of(path)
    assert caught.value.code == "workbook_broken"


def test_a_workbook_that_unpacks_to_too_much_is_refused_unopened(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", "0" * 5_000_000)
    assert path.stat().st_size < 50_000
    with pytest.raises(FileError) as caught:
        rows_of(path, limits=Limits(max_unpacked_bytes=1_000_000))
    assert caught.value.code == "file_too_large"


def _with_sheet_xml(path: Path, xml: str) -> Path:
    """The workbook with its sheet's XML replaced: what no honest program writes."""
    a_book(path, ["a"], ["x"])
    parts = {}
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            parts[name] = archive.read(name)
    parts["xl/worksheets/sheet1.xml"] = xml.encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def test_a_row_numbered_in_the_billions_is_refused_not_counted_up_to(path: Path) -> None:
    xml = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        '<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c></row>'
        '<row r="9000000000"><c r="A9000000000"><v>1</v></c></row></sheetData></worksheet>'
    )
    with pytest.raises(FileError) as caught:
        rows_of(_with_sheet_xml(path, xml), limits=Limits(max_rows=2_000))
    assert caught.value.code == "too_many_rows"


def test_a_sheet_that_lies_about_its_width_is_read_by_its_cells(path: Path) -> None:
    xml = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        '<dimension ref="A1:XFD1048576"/><sheetData>'
        '<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c></row>'
        '<row r="2"><c r="A2"><v>1</v></c></row></sheetData></worksheet>'
    )
    _with_sheet_xml(path, xml)
    assert rows_of(path) == rows_of(path, Shape(sheet="Sheet")) == [Row(2, [1])]


def test_entities_that_multiply_are_refused(path: Path) -> None:
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    xml = (
        f'<!DOCTYPE x [<!ENTITY e0 "{"a" * 100}">{levels}]>'
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        '<row r="1"><c r="A1" t="inlineStr"><is><t>&e11;</t></is></c></row></sheetData></worksheet>'
    )
    with pytest.raises(FileError) as caught:
        rows_of(_with_sheet_xml(path, xml))
    assert caught.value.code == "workbook_broken"
