"""A mapping meets a file: columns found, joined, turned into our words, left out, or missed all at once."""

from pathlib import Path

import pytest

from orchestrator.domain.errors import FileError
from orchestrator.intake.tables.mapping import Binding, ColumnMapping, bind
from orchestrator.intake.tables.mapping_yaml import parse_mapping
from orchestrator.intake.tables.rows import Cell
from orchestrator.intake.tables.table import open_table

BASE = """\
mapping: fit
mode: movements
balance_forward: no
dates: iso
columns:
  creditor: {constant: acme-telecom}
  currency: {constant: EUR}
  reference: Ref
  debtor_ref: Client
  name: [First, Last]
  due_on: Due
  principal: Amount
  status: {column: Kind, values: {Personne physique: consumer, PM: company}, default: consumer}
  email: [Mail, Mail2]
  contact_name: {column: Contact, optional: yes}
ignore: [Note]
"""
HEADER = "Ref;Client;First;Last;Due;Amount;Kind;Mail;Mail2;Note"


def bound(folder: Path, header: str = HEADER, *, text: str = BASE) -> Binding:
    mapping: ColumnMapping = parse_mapping(text, name="fit.yaml")
    path = folder / "debts.csv"
    path.write_text(header + "\n", encoding="utf-8")
    with open_table(path, expected=mapping.column_names()) as table:
        return bind(mapping, table)


def fields(binding: Binding, **cells: Cell) -> dict[str, Cell]:
    names = HEADER.split(";")
    row: list[Cell] = [""] * len(names)
    for name, cell in cells.items():
        row[names.index(name)] = cell
    return binding.fields(row)


def test_texts_are_stripped_and_constants_stand_on_every_row(tmp_path: Path) -> None:
    found = fields(bound(tmp_path), Ref=" F-1 ")
    assert (found["reference"], found["creditor"], found["currency"]) == ("F-1", "acme-telecom", "EUR")


def test_cells_that_are_not_texts_keep_their_type(tmp_path: Path) -> None:
    assert fields(bound(tmp_path), Ref=" F-1 ", Amount=12)["principal"] == 12


def test_several_columns_are_one_text_joined_by_a_space(tmp_path: Path) -> None:
    binding = bound(tmp_path)
    assert fields(binding, First="Jeanne ", Last=" Dupont")["name"] == "Jeanne Dupont"
    assert fields(binding, Last="Dupont")["name"] == "Dupont"


def test_several_columns_of_addresses_are_several_addresses(tmp_path: Path) -> None:
    assert fields(bound(tmp_path), Mail="a@x.example", Mail2="b@x.example")["email"] == ("a@x.example", "b@x.example")


@pytest.mark.parametrize(
    "cell, word",
    [("PM", "company"), ("pm ", "company"), ("personne  PHYSIQUE", "consumer"), ("", "consumer"), ("X", "X")],
)
def test_their_words_become_ours_and_unknown_ones_stay(tmp_path: Path, cell: str, word: str) -> None:
    assert fields(bound(tmp_path), Kind=cell)["status"] == word


def test_a_default_stands_for_an_empty_cell_only(tmp_path: Path) -> None:
    binding = bound(tmp_path, text=BASE.replace("reference: Ref", "reference: {column: Ref, default: none}"))
    assert [fields(binding, Ref=cell)["reference"] for cell in (" F-1 ", " ", None)] == ["F-1", "none", "none"]


def test_columns_are_found_whatever_their_case_spaces_and_order(tmp_path: Path) -> None:
    binding = bound(tmp_path, "NOTE;ref ; CLIENT;first;Last;due;AMOUNT;kind;mail;mail2")
    assert binding.fields(["", "F-1", "C-1", *[""] * 7])["reference"] == "F-1"


def test_remarks_name_columns_as_the_file_writes_them(tmp_path: Path) -> None:
    binding = bound(tmp_path, HEADER.replace("First;Last", "FIRST;LAST"))
    assert (binding.column("name"), binding.column("creditor")) == ("FIRST + LAST", "creditor")


def test_an_optional_column_may_be_absent_and_is_read_when_present(tmp_path: Path) -> None:
    assert "contact_name" not in bound(tmp_path).names
    assert "contact_name" in bound(tmp_path, HEADER + ";Contact").names


def test_every_misfit_is_named_in_one_refusal(tmp_path: Path) -> None:
    header = "Ref;Customer;First;Lst;Due;Amount;Kind;Mail;Mail2;Note;Other;Amount"
    with pytest.raises(FileError) as caught:
        bound(tmp_path, header)
    error = caught.value
    assert (error.code, error.where) == ("columns_wrong", "debts.csv:1")
    assert 'missing "Client", "Last" (did you mean "Lst"?)' in error.message
    assert 'unknown "Customer", "Lst", "Other"' in error.message
    assert 'twice "Amount"' in error.message


def test_other_columns_may_all_be_ignored(tmp_path: Path) -> None:
    text = BASE.replace("[Note]", "others")
    assert bound(tmp_path, HEADER + ";Anything", text=text).column("reference") == "Ref"


@pytest.mark.parametrize(
    "rule, cell, is_skipped",
    [
        ("is: [Soldé, Annulé]", "soldé", True),
        ("is: [Soldé, Annulé]", "ouvert", False),
        ("is_not: [Ouvert]", "OUVERT ", False),
        ("is_not: [Ouvert]", "", True),
        ("empty: yes", " ", True),
        ("empty: yes", "x", False),
    ],
)
def test_rows_are_left_out_by_their_words(tmp_path: Path, rule: str, cell: str, is_skipped: bool) -> None:
    binding = bound(tmp_path, text=BASE + f"skip: [{{column: Note, {rule}}}]\n")
    row: list[Cell] = [*[""] * 9, cell]
    assert binding.skips(row) is is_skipped
