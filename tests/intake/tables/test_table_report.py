"""The report that goes back to the sender: every refusal with its place, and nothing a spreadsheet would compute."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.errors import RowError
from orchestrator.intake.tables.report import Remark, neutralised, write_report
from tests.intake.ledger.debts_fixtures import a_row, debts_of


def report_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream, delimiter=";"))


def test_each_remark_is_a_line_with_place_reason_and_remedy(tmp_path: Path) -> None:
    file = debts_of(tmp_path, a_row(due_on="", principal="-1"), a_row(reference="F-2", email="x"))
    path = tmp_path / "report.csv"
    assert write_report(path, file) == 3
    rows = report_rows(path)
    assert [(row["line"], row["reference"], row["column"], row["code"]) for row in rows] == [
        ("2", "F-1", "principal", "sign_wrong"),
        ("2", "F-1", "due_on", "missing"),
        ("3", "", "email", "warning: email_invalid"),
    ]
    assert rows[0]["file"] == "debts.csv"
    assert "credit_note?" in rows[0]["what to do"]
    assert not list(tmp_path.glob("*.part"))


def test_a_report_repeats_no_personal_data(tmp_path: Path) -> None:
    file = debts_of(tmp_path, a_row(due_on="", email="jeanne@"), a_row(reference="F-2", phone="secret-0644"))
    path = tmp_path / "report.csv"
    write_report(path, file)
    text = path.read_text("utf-8-sig")
    assert "F-1" in text
    for personal in ("Jeanne", "Dupont", "jeanne", "0644", "République"):
        assert personal not in text


def test_what_a_row_calls_itself_cannot_run_in_a_spreadsheet(tmp_path: Path) -> None:
    file = debts_of(tmp_path, a_row(reference="-12", due_on=""), a_row(creditor="+1 SARL", reference="+2"))
    path = tmp_path / "report.csv"
    write_report(path, file)
    rows = report_rows(path)
    assert [(row["creditor"], row["reference"]) for row in rows] == [("acme-telecom", "'-12"), ("", "'+2")]


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\tx", "\rx"])
def test_texts_that_a_spreadsheet_would_compute_get_an_apostrophe(text: str) -> None:
    assert neutralised(text) == f"'{text}"
    assert neutralised(f"a{text}") == f"a{text}"


@given(st.text())
def test_no_neutralised_text_starts_a_formula(text: str) -> None:
    assert not neutralised(text).startswith(("=", "+", "-", "@", "\t", "\r"))


def test_a_remark_is_a_row_error_with_its_place() -> None:
    error = Remark(7, "due_on", "missing", "this date is missing", "every row needs it").error("debts.csv")
    assert isinstance(error, RowError)
    assert (error.where, error.code) == ("debts.csv:7:due_on", "missing")
