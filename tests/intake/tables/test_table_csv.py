"""CSV files as they come: delimiters, quotes, line ends, encodings, and the caps that keep memory small."""

import tracemalloc
from pathlib import Path

import pytest

from orchestrator.domain.errors import FileError
from orchestrator.intake.tables.table import BadRow, Limits, Row, Shape, open_table

EXPECTED = ("reference", "name", "amount")
HEADER = "reference;name;amount\n"


def rows_of(
    path: Path, content: bytes | str, shape: Shape | None = None, limits: Limits | None = None
) -> list[Row | BadRow]:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with open_table(path, shape, expected=EXPECTED, limits=limits) as table:
        return list(table.rows)


def cells_of(path: Path, content: bytes | str, shape: Shape | None = None) -> list[list[object]]:
    rows = rows_of(path, content, shape)
    assert all(isinstance(row, Row) for row in rows), rows
    return [list(row.cells) for row in rows if isinstance(row, Row)]


def refusal(path: Path, content: bytes | str, shape: Shape | None = None, limits: Limits | None = None) -> FileError:
    with pytest.raises(FileError) as caught:
        rows_of(path, content, shape, limits)
    return caught.value


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "debts.csv"


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_the_delimiter_is_found_by_the_columns_we_expect_and_reported(path: Path, delimiter: str) -> None:
    path.write_text(f"reference{delimiter}name{delimiter}amount\nF-1{delimiter}Jeanne{delimiter}20\n")
    with open_table(path, expected=EXPECTED) as table:
        assert [list(row.cells) for row in table.rows if isinstance(row, Row)] == [["F-1", "Jeanne", "20"]]
        assert table.reading.delimiter == delimiter
        assert "as found in the header" in table.reading.notes[0]


def test_expected_columns_outweigh_a_delimiter_that_cuts_more(path: Path) -> None:
    content = "reference;name, first, last, more;amount\nF-1;x;20\n"
    assert cells_of(path, content) == [["F-1", "x", "20"]]


def test_a_declared_delimiter_is_not_questioned(path: Path) -> None:
    assert cells_of(path, "reference;name|amount\nF;1|20\n", Shape(delimiter="|")) == [["F;1", "20"]]


def test_a_line_that_names_the_separator_is_obeyed_and_left_out(path: Path) -> None:
    path.write_text("sep=|\nreference|name|amount\nF-1|Jeanne|20\n")
    with open_table(path, expected=EXPECTED) as table:
        rows = list(table.rows)
    assert rows == [Row(3, ["F-1", "Jeanne", "20"])]


def test_quoted_cells_hold_delimiters_quotes_and_line_ends(path: Path) -> None:
    content = HEADER + 'F-1;"Dupont; dit ""Jo""\nPetit";20\nF-2;b;1\n'
    rows = rows_of(path, content)
    assert rows == [Row(2, ["F-1", 'Dupont; dit "Jo"\nPetit', "20"]), Row(4, ["F-2", "b", "1"])]


def test_mixed_line_ends_are_one_kind_of_line_end(path: Path) -> None:
    content = b"reference;name;amount\r\nF-1;a;1\nF-2;b;2\rF-3;c;3\r\n"
    assert [row[0] for row in rows_of(path, content)] == [2, 3, 4]


def test_empty_lines_and_rows_of_empty_cells_are_no_rows(path: Path) -> None:
    assert cells_of(path, HEADER + "\n;;\nF-1;a;1\n\n") == [["F-1", "a", "1"]]


def test_delimiters_too_many_at_the_end_of_lines_are_dropped(path: Path) -> None:
    assert cells_of(path, "reference;name;amount;;\nF-1;a;1;;;\n") == [["F-1", "a", "1"]]


@pytest.mark.parametrize("line", ["F-1;a\n", "F-1;a;b;1\n"])
def test_a_row_with_another_number_of_cells_is_refused_alone(path: Path, line: str) -> None:
    rows = rows_of(path, HEADER + line + "F-2;b;2\n")
    assert isinstance(rows[0], BadRow)
    assert (rows[0].line, rows[0].code) == (2, "cell_count")
    assert rows[1] == Row(3, ["F-2", "b", "2"])


def test_the_header_may_stand_below_a_title(path: Path) -> None:
    content = "Balance au 31/03;;\n;;\nreference;name;amount\nF-1;a;1\n"
    assert rows_of(path, content, Shape(header_line=3)) == [Row(4, ["F-1", "a", "1"])]


def test_a_nameless_column_gets_its_number_as_name(path: Path) -> None:
    path.write_text("reference;;amount\nF-1;a;1\n")
    with open_table(path, expected=EXPECTED) as table:
        assert table.columns == ("reference", "(column 2)", "amount")


@pytest.mark.parametrize(
    "content, code, where",
    [
        (b"", "file_empty", "debts.csv"),
        (b"\xef\xbb\xbf", "file_empty", "debts.csv"),
        (b" \n \n", "file_empty", "debts.csv"),
        (b";;;\nF-1;a;1\n", "header_missing", "debts.csv:1"),
        (HEADER.encode() + b'F-1;"a;1\nF-2;b;2\n', "quote_unclosed", "debts.csv:2"),
        (HEADER.encode() + b'F-1;a;1\nF-2;"b"c";2\n', "quote_misplaced", "debts.csv:3"),
        (HEADER.encode() + b"F-1;a;1\nF-2;b\0;2\n", "nul_byte", "debts.csv:3"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1old", "format_unknown", "debts.csv"),
        (b"%PDF-1.7", "format_unknown", "debts.csv"),
        (b"<html><table>", "format_unknown", "debts.csv"),
        (b"\x1f\x8b\x08\x00packed", "format_unknown", "debts.csv"),
    ],
)
def test_a_file_that_is_no_table_is_refused_whole(path: Path, content: bytes, code: str, where: str) -> None:
    error = refusal(path, content)
    assert (error.code, error.where) == (code, where)
    assert error.hint


def test_ten_thousand_columns_are_refused(path: Path) -> None:
    error = refusal(path, ";".join(f"c{n}" for n in range(10_000)) + "\n")
    assert error.code == "too_many_columns"
    assert "10000 columns; at most 200" in error.message


def test_more_rows_than_the_cap_are_refused(path: Path) -> None:
    assert refusal(path, HEADER + "F;a;1\n" * 4, limits=Limits(max_rows=3)).code == "too_many_rows"
    assert len(rows_of(path, HEADER + "F;a;1\n" * 3, limits=Limits(max_rows=3))) == 3


def test_a_file_over_the_cap_is_refused_unread(path: Path) -> None:
    assert refusal(path, HEADER, limits=Limits(max_bytes=10)).code == "file_too_large"


def test_a_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(FileError) as caught, open_table(tmp_path / "none.csv"):
        pass
    assert (caught.value.code, caught.value.where) == ("file_missing", "none.csv")


def test_a_cell_over_32_kb_refuses_its_row_alone(path: Path) -> None:
    rows = rows_of(path, HEADER + f"F-1;{'a' * 32_769};1\nF-2;{'b' * 32_768};2\n")
    assert [type(row) for row in rows] == [BadRow, Row]
    assert rows[0][1] == "cell_too_long"


def test_a_line_of_a_hundred_megabytes_is_refused_without_being_held(path: Path) -> None:
    with path.open("wb") as stream:
        stream.write(HEADER.encode())
        for _ in range(100):
            stream.write(b"x" * 1_000_000)
    tracemalloc.start()
    try:
        with pytest.raises(FileError) as caught, open_table(path, expected=EXPECTED) as table:
            list(table.rows)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert caught.value.code == "line_too_long"
    assert caught.value.where == "debts.csv:2"
    assert peak < 30_000_000


def test_a_quoted_cell_that_swallows_the_file_is_refused_without_being_held(path: Path) -> None:
    content = HEADER + 'F-1;"a;1\n' + "F-2;b;2\n" * 100_000
    error = refusal(path, content)
    assert (error.code, error.where) == ("quote_unclosed", "debts.csv:2")


def test_a_reading_carries_the_fingerprint_of_the_bytes(path: Path) -> None:
    path.write_text(HEADER)
    with open_table(path, expected=EXPECTED) as first:
        pass
    path.write_text(HEADER + "F-1;a;1\n")
    with open_table(path, expected=EXPECTED) as second:
        pass
    assert len(first.reading.sha256) == 64
    assert first.reading.sha256 != second.reading.sha256
