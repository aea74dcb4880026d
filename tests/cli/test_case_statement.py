"""`relance case statement`: a file to hand over or to work with, and a plain refusal of anything else."""

import pytest
from openpyxl import load_workbook

from tests.cli.conftest import Terminal, row


@pytest.fixture
def desk(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal on Tuesday 10 March 2026, with a case of one document."""
    monkeypatch.setenv("RELANCE_NOW", "2026-03-10T09:00:00+00:00")
    assert terminal.type("import", str(terminal.debts(row("F-1", due="2026-03-02")))).code == 0
    return terminal


@pytest.mark.parametrize("name, begins", [("releve.pdf", b"%PDF-"), ("releve.xlsx", b"PK"), ("RELEVE.PDF", b"%PDF-")])
def test_a_statement_is_written_in_the_form_of_its_name(desk: Terminal, name: str, begins: bytes) -> None:
    said = desk.type("case", "statement", "C-1", "--output", name, "--debtor", "--language", "en")
    assert (said.code, said.out) == (0, f"statement written: {name}\n"), said.err
    assert (desk.home / name).read_bytes().startswith(begins)


def test_another_form_is_refused_before_anything_is_written(desk: Terminal) -> None:
    said = desk.type("case", "statement", "C-1", "--output", "releve.docx")
    assert said.code == 1
    assert ".pdf or an .xlsx" in said.err
    assert not (desk.home / "releve.docx").exists()


def test_a_folder_that_is_not_there_is_named(desk: Terminal) -> None:
    said = desk.type("case", "statement", "C-1", "--output", "nowhere/releve.pdf")
    assert said.code == 1
    assert "nowhere/releve.pdf" in said.err


def test_a_past_day_names_the_file_s_account_and_a_day_to_come_is_refused(desk: Terminal) -> None:
    said = desk.type("case", "statement", "C-1", "--output", "then.xlsx", "--on", "2026-03-01")
    assert said.code == 0, said.err
    titles = load_workbook(desk.home / "then.xlsx").sheetnames
    assert "Synthèse 01 03 2026" in titles
    assert desk.type("case", "statement", "C-1", "--output", "then.pdf", "--on", "2026-03-01").code == 0
    assert desk.type("case", "statement", "C-1", "--output", "next.pdf", "--on", "2026-03-11").code == 1
