"""The encoding of a file is declared, marked, proved, or found and reported; what is doubtful is refused."""

import codecs
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.errors import FileError
from orchestrator.intake.tables.encoding import declared_encoding, encoding_of

TEXT = "name;city\nHélène Dupré;Saint-Étienne\nFrançois Noël;Besançon\nŒuvre à l’être;Évry\n"
PLAIN = "name;city\nHélène Dupré;Saint-Étienne\nFrançois Noël;Besançon\nGérard Lefèvre;Orléans\n"


def found(path: Path, content: bytes, declared: str = "") -> str:
    path.write_bytes(content)
    return encoding_of(path, declared).name


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "debts.csv"


def test_ascii_and_utf_8_are_proved_and_need_no_note(path: Path) -> None:
    for text in ("name\nJeanne\n", TEXT):
        path.write_bytes(text.encode())
        assert encoding_of(path, "") == ("utf-8", [])


@pytest.mark.parametrize(
    "mark, encoding, name",
    [
        (codecs.BOM_UTF8, "utf-8", "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16-le", "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16-be", "utf-16"),
        (codecs.BOM_UTF32_LE, "utf-32-le", "utf-32"),
    ],
)
def test_a_byte_order_mark_is_believed(path: Path, mark: bytes, encoding: str, name: str) -> None:
    assert found(path, mark + TEXT.encode(encoding)) == name
    assert path.read_text(encoding=name) == TEXT


@pytest.mark.parametrize("encoding", ["cp1252", "mac_roman", "cp850"])
def test_the_encodings_of_spreadsheets_and_old_ledgers_are_found_and_reported(path: Path, encoding: str) -> None:
    path.write_bytes(PLAIN.encode(encoding))
    result = encoding_of(path, "")
    assert path.read_text(encoding=result.name) == PLAIN
    assert result.name == encoding
    assert f"read as {encoding}" in result.notes[0]


def test_an_encoding_is_told_by_the_lines_with_accents_however_deep(path: Path) -> None:
    content = b"name;city\n" + b"Jeanne Martin;LYON\n" * 100_000 + PLAIN.encode("cp1252")
    assert found(path, content) == "cp1252"


def test_two_likely_readings_are_refused(path: Path) -> None:
    path.write_bytes("name\nHélène\n".encode("cp850"))
    with pytest.raises(FileError) as caught:
        encoding_of(path, "")
    assert caught.value.code == "encoding_unknown"
    assert "encoding:" in caught.value.hint


def test_utf_16_without_a_mark_is_read_when_declared(path: Path) -> None:
    content = TEXT.encode("utf-16-le")
    assert found(path, content, declared="utf-16-le") == "utf-16-le"
    with pytest.raises(FileError) as caught:
        encoding_of(path, "")
    assert "utf-16-le" in caught.value.hint


def test_a_declared_encoding_that_is_wrong_names_the_line(path: Path) -> None:
    path.write_bytes("name\nJeanne\nHélène\n".encode("cp1252"))
    with pytest.raises(FileError) as caught:
        encoding_of(path, "utf-8")
    assert (caught.value.code, caught.value.where) == ("encoding_wrong", "debts.csv:3")


def test_the_line_of_a_fault_is_right_beyond_the_first_megabyte(path: Path) -> None:
    path.write_bytes(b"Jeanne Martin;LYON\n" * 100_000 + b"H\xe9l\n")
    with pytest.raises(FileError) as caught:
        encoding_of(path, "utf-8")
    assert caught.value.where == "debts.csv:100001"


def test_a_declared_encoding_that_contradicts_the_mark_is_refused(path: Path) -> None:
    path.write_bytes(codecs.BOM_UTF8 + TEXT.encode())
    with pytest.raises(FileError) as caught:
        encoding_of(path, "cp1252")
    assert caught.value.code == "encoding_wrong"
    assert encoding_of(path, "utf-8").name == "utf-8-sig"


def test_a_character_cut_at_the_end_of_the_file_is_found(path: Path) -> None:
    path.write_bytes(TEXT.encode()[:-1] + b"\xc3")
    with pytest.raises(FileError):
        encoding_of(path, "utf-8")


@pytest.mark.parametrize(
    "written, name",
    [("UTF8", "utf-8"), ("ISO-8859-1", "latin-1"), ("Windows-1252", "cp1252"), ("ANSI", "cp1252")],
)
def test_encodings_are_named_as_people_name_them(written: str, name: str) -> None:
    assert declared_encoding(written) == name


@pytest.mark.parametrize("written", ["zip", "utf-7", "rot13", "idna", ""])
def test_encodings_that_hide_or_unpack_are_refused(written: str) -> None:
    with pytest.raises(FileError):
        declared_encoding(written)


@given(st.binary(max_size=300))
def test_whatever_the_bytes_the_chosen_encoding_reads_all_of_them(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(content)
    try:
        name = encoding_of(path, "").name
    except FileError:
        return
    content.decode(name)
