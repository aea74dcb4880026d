"""Strict YAML: what is read and how, what is refused and where exactly."""

from pathlib import Path

import pytest

from orchestrator.domain.errors import FileError
from orchestrator.intake.strict_yaml.source import LARGEST_BYTES, parse, read

# ------------------------------------------------------------------------------------ what is read


@pytest.mark.parametrize(
    "written",
    ["09:00", "1:30", "0612345678", "012", "0x1F", "0o17", "1_000", "1e3", "2.62", "+33", ".inf", "2026-01-01",
     "NO", "no", "yes", "off", "Y", "=", "12:30:45", "9999999999999999999"],
)  # fmt: skip
def test_what_only_looks_like_a_number_a_date_or_a_flag_stays_text(written: str) -> None:
    assert parse(f"a: {written}\n", name="f.yaml").data == {"a": written}


@pytest.mark.parametrize(
    "written, value",
    [("12", 12), ("0", 0), ("-3", -3), ("true", True), ("False", False), ("~", None), ("", None), ("null", None)],
)
def test_whole_numbers_booleans_and_empty_values_are_read(written: str, value: object) -> None:
    assert parse(f"a: {written}\n", name="f.yaml").data == {"a": value}


@pytest.mark.parametrize("written", ['"12"', "'12'", "|-\n  12", ">-\n  12"])
def test_a_quoted_number_is_text(written: str) -> None:
    assert parse(f"a: {written}\n", name="f.yaml").data == {"a": "12"}


def test_keys_are_text_whatever_they_look_like() -> None:
    assert parse("01: a\n2: b\nyes: c\n", name="f.yaml").data == {"01": "a", "2": "b", "yes": "c"}


def test_lists_and_groups_nest_in_both_notations() -> None:
    data = parse("a: [1, {b: c}]\nd:\n  - e\n  - {}\n  - []\n", name="f.yaml").data
    assert data == {"a": [1, {"b": "c"}], "d": ["e", {}, []]}


def test_a_byte_order_mark_and_windows_line_ends_are_read() -> None:
    source = parse("\ufeffa: 1\r\nb: é\r\n", name="f.yaml")
    assert source.data == {"a": 1, "b": "é"}
    assert source.where(("b",)) == "f.yaml:2:1"


def test_several_documents_are_read_where_they_are_allowed() -> None:
    first, second = parse("# one\na: 1\n---\nb: 2\n", name="f.yaml", allow_many=True)
    assert (first.data, second.data) == ({"a": 1}, {"b": 2})
    assert second.where(("b",)) == "f.yaml:4:1"


# --------------------------------------------------------------------------------------- places


def test_the_place_of_a_key_and_of_its_value() -> None:
    source = parse("a:\n  - b: c\n    d: [x, y]\n", name="f.yaml")
    assert source.where(("a",)) == "f.yaml:1:1"
    assert source.where(("a", 0)) == "f.yaml:2:5"
    assert source.where(("a", 0, "d")) == "f.yaml:3:5"
    assert source.where(("a", 0, "d"), at="value") == "f.yaml:3:8"
    assert source.where(("a", 0, "d", 1), at="value") == "f.yaml:3:12"


def test_the_place_of_what_is_not_there_is_that_of_what_should_hold_it() -> None:
    source = parse("a:\n  - b: c\n", name="f.yaml")
    assert source.where(("a", 0, "missing", "deeper")) == "f.yaml:2:5"
    assert source.where(("missing",)) == "f.yaml:1:1"


def test_a_fault_names_the_path_and_the_id_of_the_item_it_is_in() -> None:
    source = parse("rules:\n  - id: FR-1\n    from: x\n", name="f.yaml")
    error = source.fault(("rules", 0, "from"), "it is wrong", hint="mend it")
    assert str(error) == 'f.yaml:3:11: rules[0].from ("FR-1"): it is wrong (mend it)'


# ------------------------------------------------------------------------------- what is refused


REFUSED = [
    ("a: 1\na: 2\n", "2:1", "written twice"),
    ("a:\n  b: 1\n  b: 2\n", "3:3", "the first one is on line 2"),
    ("a: &x 1\n", "1:4", "anchors"),
    ("&x a: 1\n", "1:1", "anchors"),
    ("a: [&x 1]\n", "1:5", "anchors"),
    ("a: *x\n", "1:4", 'with "*"'),
    ("b: 1\n<<: {a: 1}\n", "2:1", "merge keys"),
    ("a: !!str 1\n", "1:4", "tags"),
    ("a: !mine {b: 1}\n", "1:4", "tags"),
    ("%YAML 1.1\n---\na: 1\n", "2:1", "version of YAML"),
    ("a: 1\n---\nb: 2\n", "3:1", "second document"),
    ("a:\n\tb: 1\n", "2:1", "a tab"),
    ('a: "x\ty"\n', "1:6", "a tab"),
    ("a: b: c\n", "1:5", 'a ":" too many'),
    ("a:\n  b: 1\n c: 2\n", "3:2", "does not line up"),
    (" a: 1\nb: 2\n", "2:1", "does not line up"),
    ("a: 'x\nb: 1\n", "1:4", "quote is never closed"),
    ('a: "x\n---\nb: 1\n', "1:4", "quote is never closed"),
    ("a: [1, 2\nb: 3\n", "1:4", "not closed"),
    ("a: {b: c\n", "1:4", "not closed"),
    ("a: [1,\n", "2:1", "the file ends inside"),
    ("a: @x\n", "1:4", "cannot start with this character"),
    ("a: %x\n", "1:4", "cannot start with this character"),
    ('a: "\\q"\n', "1:6", "backslash"),
    ("a: 1\nb\nc: 2\n", "2:1", 'the ":" after this key'),
    ("? [a]\n: b\n", "1:3", "a key must be a word"),
    (": b\n", "1:1", "the key before"),
    ("", "1:1", "empty"),
    ("# only a remark\n", "1:1", "empty"),
    ("a: x\x07y\n", "1:5", "control character"),
    ("a: \x00\n", "1:4", "control character"),
    ("[" * 50 + "]" * 50, "1:34", "nested more than 32"),
]


@pytest.mark.parametrize("text, place, words", REFUSED)
def test_what_is_not_plain_yaml_is_refused_with_its_place(text: str, place: str, words: str) -> None:
    with pytest.raises(FileError) as caught:
        parse(text, name="f.yaml")
    assert caught.value.where == f"f.yaml:{place}"
    assert words in caught.value.message


@pytest.mark.parametrize("text, place, words", REFUSED)
def test_every_refusal_says_what_to_do(text: str, place: str, words: str) -> None:
    with pytest.raises(FileError) as caught:
        parse(text, name="f.yaml")
    assert caught.value.hint


def test_a_quoted_arrow_is_an_ordinary_key() -> None:
    assert parse('"<<": 1\n', name="f.yaml").data == {"<<": 1}


def test_a_file_that_is_too_large_is_refused_before_it_is_read() -> None:
    with pytest.raises(FileError, match="larger than 256 KB"):
        parse("a: " + "é" * (LARGEST_BYTES // 2), name="f.yaml")


def test_a_bracket_bomb_is_refused_without_being_built() -> None:
    with pytest.raises(FileError, match="nested more than"):
        parse("[" * 20_000, name="f.yaml")


# --------------------------------------------------------------------------------------- files


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="there is no such file") as caught:
        read(tmp_path / "nowhere.yaml")
    assert caught.value.where == str(tmp_path / "nowhere.yaml")


def test_a_folder_is_not_a_file(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="a folder, not a file"):
        read(tmp_path)


def test_a_file_in_another_encoding_is_refused_at_its_first_foreign_character(tmp_path: Path) -> None:
    path = tmp_path / "latin.yaml"
    path.write_bytes("a: 1\nb: caf\xe9\n".encode("latin-1"))
    with pytest.raises(FileError, match="not UTF-8") as caught:
        read(path)
    assert caught.value.where == f"{path}:2:7"


def test_a_large_file_is_refused_by_its_size(tmp_path: Path) -> None:
    path = tmp_path / "large.yaml"
    path.write_bytes(b"#" * (LARGEST_BYTES + 1))
    with pytest.raises(FileError, match="larger than 256 KB"):
        read(path)


def test_a_file_of_several_documents_is_read_where_that_is_allowed(tmp_path: Path) -> None:
    path = tmp_path / "two.yaml"
    path.write_text("a: 1\n---\na: 2\n", encoding="utf-8")
    assert [source.data for source in read(path, allow_many=True)] == [{"a": 1}, {"a": 2}]
    with pytest.raises(FileError, match="second document"):
        read(path)
