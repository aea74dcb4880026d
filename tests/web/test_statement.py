"""`GET /cases/{id}/statement` and the console's two files: the account of a case, to hand over or to work with."""

import io

import pytest
from openpyxl import load_workbook

from tests.web.conftest import Office, a_debt, a_payment
from tests.web.console.conftest import Seat

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture(scope="module")
def case_id(office: Office) -> str:
    rows = [a_debt("F-1", debtor_ref="C-S"), a_debt("F-2", debtor_ref="C-S", principal="10.00")]
    found = str(office.post("/api/v1/debts", rows).body["rows"][0]["case"])
    office.post("/api/v1/debts", [a_debt("F-3", debtor_ref="C-S", currency="GBP")])
    office.post("/api/v1/payments", [a_payment("P-S", debtor_ref="C-S", documents=["F-1"], received_on="2026-03-09")])
    return found


def test_a_pdf_is_given_to_save_and_kept_by_nobody(office: Office, case_id: str) -> None:
    said = office.client.get(
        f"/api/v1/cases/{case_id}/statement", headers={"Authorization": f"Bearer {office.keys['agent']}"}
    )
    assert said.status_code == 200
    assert said.content.startswith(b"%PDF-")
    assert said.headers["content-type"] == "application/pdf"
    assert said.headers["cache-control"] == "no-store"
    assert said.headers["content-disposition"].startswith(f'attachment; filename="releve-de-compte-{case_id}-')


@pytest.mark.parametrize("scope, cases", [("case", 1), ("debtor", 2)])
def test_a_workbook_holds_the_case_or_all_of_the_debtor(office: Office, case_id: str, scope: str, cases: int) -> None:
    said = office.client.get(
        f"/api/v1/cases/{case_id}/statement",
        params={"format": "xlsx", "language": "en", "scope": scope},
        headers={"Authorization": f"Bearer {office.keys['agent']}"},
    )
    assert said.headers["content-type"] == XLSX
    rows = list(load_workbook(io.BytesIO(said.content)).worksheets[0].iter_rows(min_row=2, values_only=True))
    assert len({row[0] for row in rows}) == cases
    assert "Payment P-S" in {row[2] for row in rows}


@pytest.mark.parametrize("query", ["format=csv", "language=de", "scope=all"])
def test_what_it_does_not_know_is_refused(office: Office, case_id: str, query: str) -> None:
    assert office.get(f"/api/v1/cases/{case_id}/statement?{query}").status == 422


def test_a_case_that_is_not_there_is_not_found(office: Office) -> None:
    assert office.get("/api/v1/cases/NONE/statement").status == 404


def test_the_console_gives_both_files_to_who_may_see_the_creditor(office: Office, case_id: str) -> None:
    seat = Seat(office, "statement-reader").begin("agent")
    for suffix, kind in (("pdf", "application/pdf"), ("xlsx", XLSX)):
        said = seat.client.get(f"/console/cases/{case_id}/statement.{suffix}")
        assert (said.status_code, said.headers["content-type"]) == (200, kind)
        assert said.headers["cache-control"] == "no-store"
    other = Seat(office, "statement-other").begin("agent", creditors=frozenset({"someone-else"}))
    assert other.get(f"/console/cases/{case_id}/statement.pdf").status == 404
    assert other.get(f"/console/cases/{case_id}/statement.xlsx").status == 404


def test_the_console_s_pdf_bears_an_address_so_a_viewer_has_the_workbook_alone(office: Office, case_id: str) -> None:
    seat = Seat(office, "statement-viewer").begin("viewer")
    assert seat.get(f"/console/cases/{case_id}/statement.pdf").status == 403
    assert seat.client.get(f"/console/cases/{case_id}/statement.xlsx").status_code == 200


def test_a_past_day_is_stated_by_api_and_console_and_a_day_to_come_or_none_is_refused(
    office: Office, case_id: str
) -> None:
    seat = Seat(office, "statement-past").begin("agent")
    headers = {"Authorization": f"Bearer {office.keys['agent']}"}
    for said in (
        office.client.get(f"/api/v1/cases/{case_id}/statement?format=xlsx&on=2026-03-08", headers=headers),
        seat.client.get(f"/console/cases/{case_id}/statement.xlsx?on=2026-03-08"),
    ):
        rows = list(load_workbook(io.BytesIO(said.content)).worksheets[0].iter_rows(min_row=2, values_only=True))
        assert {row[6] for row in rows} == {None}  # the payment of the ninth is still to come
        assert "2026-03-08" in said.headers["content-disposition"]
    assert office.get(f"/api/v1/cases/{case_id}/statement?on=2999-01-01").status == 422
    for day in ("2999-01-01", "yesterday"):
        assert seat.get(f"/console/cases/{case_id}/statement.xlsx?on={day}").status == 422
    assert f'action="/console/cases/{case_id}/statement.xlsx"' in seat.get(f"/console/cases/{case_id}").html
