"""JSON files: lists of objects and objects by line, with decimals kept and nothing silently dropped."""

from decimal import Decimal
from pathlib import Path

import pytest

from orchestrator.domain.errors import FileError
from orchestrator.intake.ledger.debts import read_debts
from orchestrator.intake.tables.table import BadRow, Limits, Row, open_table
from tests.intake.ledger.debts_fixtures import CREDITORS, DEFAULT, TODAY, a_row

EXPECTED = ("a", "b")


def rows_of(path: Path, text: str, limits: Limits | None = None) -> list[Row | BadRow]:
    path.write_text(text)
    with open_table(path, expected=EXPECTED, limits=limits) as table:
        return list(table.rows)


def refusal(path: Path, text: str, limits: Limits | None = None) -> FileError:
    with pytest.raises(FileError) as caught:
        rows_of(path, text, limits)
    return caught.value


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "debts.json"


def test_a_list_of_objects_is_numbered_and_cells_stand_in_the_expected_order(path: Path) -> None:
    assert rows_of(path, '[{"b": 2, "a": "x"}, {"a": "y"}]') == [Row(1, ["x", 2]), Row(2, ["y", ""])]


def test_objects_by_line_carry_their_line(path: Path) -> None:
    assert rows_of(path, '{"a": 1}\n\n{"b": 2}\n') == [Row(1, [1, ""]), Row(3, ["", 2])]


def test_null_is_an_empty_cell_but_says_nothing_of_an_unknown_name(path: Path) -> None:
    rows = rows_of(path, '[{"a": null, "b": 1}, {"c": null, "b": 1}]')
    assert rows == [Row(1, ["", 1]), Row(2, ["", 1])]


def test_numbers_keep_every_digit(path: Path) -> None:
    cells = rows_of(path, '[{"a": 19.90, "b": 123456789012345678}]')[0][1]
    assert cells == [Decimal("19.90"), 123456789012345678]
    assert str(cells[0]) == "19.90"


def test_nested_names_are_joined_by_dots_and_lists_of_texts_are_kept(path: Path) -> None:
    path.write_text('[{"debtor": {"name": "x"}, "marks": ["m", "n"], "paid": false}]')
    with open_table(path, expected=("debtor.name", "marks", "paid")) as table:
        assert list(table.rows) == [Row(1, ["x", ("m", "n"), "false"])]


def test_names_beyond_those_expected_are_columns_when_the_first_object_has_them(path: Path) -> None:
    path.write_text('[{"a": 1, "other": 2}]')
    with open_table(path, expected=EXPECTED) as table:
        assert table.columns == ("a", "b", "other")


@pytest.mark.parametrize(
    "item", ['{"c": 1}', "3", '"text"', '{"a": [1, 2]}', '{"a": {"b": {"c": {"d": {"e": {"f": 1}}}}}}']
)
def test_an_object_that_is_no_row_is_refused_alone(path: Path, item: str) -> None:
    rows = rows_of(path, f'[{{"a": "x"}}, {item}]')
    assert rows[0] == Row(1, ["x", ""])
    assert isinstance(rows[1], BadRow)
    assert rows[1].code == "object_unreadable"


@pytest.mark.parametrize(
    "text, where",
    [
        ('[{"a": 1},]', "debts.json:1:"),
        ('[{"a": 1}', "debts.json:1:"),
        ('[{"a": NaN}]', "debts.json:1"),
        ('[{"a": Infinity}]', "debts.json:1"),
        ('[{"a": 1, "a": 2}]', "debts.json:1"),
        ('{"a": 1}\nnot json\n', "debts.json:2:1"),
        ('[{"a": 1e999999999999999999999}]', "debts.json:1"),
        ('[{"a": ' + "9" * 5000 + "}]", "debts.json:1"),
        ("[" * 100_000, "debts.json"),
    ],
)
def test_broken_json_is_refused_whole_with_its_place(path: Path, text: str, where: str) -> None:
    error = refusal(path, text)
    assert error.code == "json_broken"
    assert error.where.startswith(where)


def test_a_list_over_the_cap_is_refused_and_lines_are_not(path: Path) -> None:
    limits = Limits(max_list_bytes=20)
    assert refusal(path, '[{"a": 1}, {"a": 2}, {"a": 3}]', limits).code == "file_too_large"
    assert len(rows_of(path, '{"a": 1}\n' * 10, limits)) == 10


def test_a_line_over_the_cap_is_refused(path: Path) -> None:
    text = '{"a": "' + "x" * 2_000 + '"}'
    assert refusal(path, text, Limits(max_line_chars=1_000)).code == "line_too_long"


def test_a_json_file_of_debts_reads_like_its_csv(path: Path) -> None:
    rows: list[dict[str, object]] = [{key: value for key, value in a_row().items() if value}]
    rows[0] |= {"open_amount": Decimal("12.50"), "principal": 20, "marks": ["good_payer", "vulnerable"]}
    text = str(rows).replace("'", '"').replace('Decimal("12.50")', "12.50")
    path.write_text(text)
    file = read_debts(path, DEFAULT, today=TODAY, creditors=CREDITORS)
    assert not file.refused, file.refused
    assert (file.rows[0].debt.open_cents, file.rows[0].debt.principal_cents) == (1250, 2000)
    assert file.rows[0].marks == ("good_payer", "vulnerable")
