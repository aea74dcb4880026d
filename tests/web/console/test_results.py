"""The pages of results as a lead reads them: wrong reminders first, figures that agree, files, one's own cases only."""

import csv
import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from openpyxl import load_workbook

from orchestrator.flows.project_figures import project_all
from orchestrator.storage import cases
from orchestrator.web.console import result_tables
from tests.web.conftest import Office, a_debt, a_payment
from tests.web.console.conftest import Seat

PAGES = ("", "/messages", "/aged", "/aged/documents", "/cash", "/payers", "/wrong", "/forgotten")


def _other(reference: str, **changes: object) -> dict[str, Any]:
    fields = {"creditor": "atelier-bois", "debtor_ref": "B-1", "name": "<b>Menuiserie & Fils</b>", "status": "company",
              "phone": "+33644631299", "address_1": "9 rue du Bac", "siren": None, "claim_kind": "works"}  # fmt: skip
    return a_debt(reference, **{**fields, **changes})


@pytest.fixture(scope="module")
def lead(office: Office) -> Iterator[Seat]:
    """A viewer of every creditor, over two creditors whose figures were counted."""
    rows = [a_debt("F-1"), a_debt("F-2", principal="10.00", due_on="2026-02-20"), _other("B-1", principal="900.00")]
    assert office.post("/api/v1/debts", rows).status in (200, 201)
    assert office.post("/api/v1/payments", [a_payment("P-1", amount="2.00")]).body["accepted"] == 1
    project_all(office.database, office.deployment.strategy(), now=office.now)
    seat = Seat(office, "the-lead").begin("viewer")
    yield seat
    seat.client.close()


@pytest.fixture(scope="module")
def narrow(office: Office, lead: Seat) -> Iterator[Seat]:
    """Somebody who sees one creditor alone."""
    seat = Seat(office, "narrow").begin("viewer", creditors=frozenset({"acme-telecom"}))
    yield seat
    seat.client.close()


@pytest.mark.parametrize("path", PAGES)
def test_every_page_of_results_opens_in_both_languages(lead: Seat, path: str) -> None:
    for language in ("fr", "en"):
        screen = lead.get(f"/console/results{path}?lang={language}")
        assert screen.status == 200
        assert len(screen.soup.find_all("h1")) == 1
        for table in screen.soup.find_all("table"):
            assert [caption.get_text(strip=True) for caption in table.find_all("caption")] != [""]
            assert all(cell.get("scope") for cell in table.find_all("th"))


def test_wrong_reminders_come_first_then_who_is_forgotten(lead: Seat) -> None:
    titles = [heading.get_text(strip=True) for heading in lead.get("/console/results").soup.select("main h2")]
    assert titles == ["Relances à tort", "Personne n’est oublié", "Encours et résultats"]


def test_the_aged_balance_is_that_of_the_cases(office: Office, lead: Seat) -> None:
    text = lead.get("/console/results/aged").text
    assert "52,00" in text  # 42 and 10; the payment is in the ledger's figures of that day already
    assert "900,00" in text
    assert "952,00" in text  # and their sum
    with office.database.read() as conn:
        assert len([stored for page in cases.each(conn) for stored in page]) == 2


def test_a_name_is_words_never_markup_and_leads_to_its_case(lead: Seat) -> None:
    screen = lead.get("/console/results/aged/documents?age=d30")
    assert screen.soup.find("b") is None
    (link,) = screen.soup.find_all("a", string="<b>Menuiserie & Fils</b>")
    assert str(link["href"]).startswith("/console/cases/")


def test_another_creditor_s_cases_are_in_no_figure_list_choice_or_file(narrow: Seat) -> None:
    for path in (
        *PAGES,
        "/aged?by=campaign",
        "/aged/documents?age=d30&creditor=atelier-bois",
        "?creditor=atelier-bois",
    ):
        html = narrow.get(f"/console/results{path}").html
        assert "Menuiserie" not in html
        assert "900,00" not in html
        assert 'value="atelier-bois"' not in html
    for name in ("aged", "aged-debtors", "portfolio", "payers"):
        said = narrow.client.get(f"/console/results/files/{name}.csv?creditor=atelier-bois").text
        assert "900" not in said
        assert "Menuiserie" not in said


def test_a_table_is_a_csv_and_a_workbook_with_the_same_rows(lead: Seat) -> None:
    said = lead.client.get("/console/results/files/aged.csv")
    assert said.headers["content-disposition"] == 'attachment; filename="relance-aged.csv"'
    assert '"acme-telecom"' in said.text
    assert '"900,00"' in said.text
    book = load_workbook(io.BytesIO(lead.client.get("/console/results/files/aged.xlsx").content))
    assert [row[0].value for row in book.worksheets[0].iter_rows(min_row=2)] == [
        "atelier-bois",
        "acme-telecom",
        "Total",
    ]


def test_a_file_has_names_beside_its_codes(lead: Seat) -> None:
    said = lead.client.get("/console/results/files/aged.csv").content.decode("utf-8-sig")
    head, *lines = csv.reader(io.StringIO(said), delimiter=";")
    assert head[:2] == ["Créancier", "Nom du créancier"]
    assert [line[:2] for line in lines] == [
        ["atelier-bois", "Atelier Bois et Compagnie SARL"],
        ["acme-telecom", "Acme Télécom SAS"],
        ["Total", ""],
    ]
    assert {len(line) for line in lines} == {len(head)}
    for name in result_tables.TABLES:
        assert lead.client.get(f"/console/results/files/{name}.csv?by=step").status_code == 200, name


def test_a_screen_says_names_and_a_file_codes(lead: Seat) -> None:
    screen = lead.get("/console/results/aged")
    heads = [cell.get_text(strip=True) for cell in screen.one("table").find_all("th", scope="row")]
    assert heads[:2] == ["Atelier Bois et Compagnie SARL", "Acme Télécom SAS"]
    options = {each["value"]: each.get_text() for each in screen.soup.select("#f-creditor option")}
    assert options["acme-telecom"] == "Acme Télécom SAS"


@pytest.mark.parametrize("name", ["aged", "recovered", "received", "expected"])
def test_a_chart_is_an_image_with_a_name_and_its_figures(lead: Seat, name: str) -> None:
    said = lead.client.get(f"/console/results/charts/{name}.svg")
    assert said.headers["content-type"] == "image/svg+xml"
    assert b"<title" in said.content
    assert b"<script" not in said.content


def test_each_chart_says_what_it_is_and_stands_above_its_table(lead: Seat) -> None:
    for path in ("", "/aged", "/cash"):
        for image in lead.get(f"/console/results{path}").soup.find_all("img"):
            assert image["alt"]
            assert image.find_next("table") is not None


def test_what_there_is_not_is_not_found(lead: Seat) -> None:
    for path in ("files/none.csv", "files/none.xlsx", "charts/none.svg"):
        assert lead.client.get(f"/console/results/{path}").status_code == 404


def test_what_cannot_be_asked_is_not_asked(lead: Seat) -> None:
    for query in ("from=yesterday&to=2026-99-99", "by=%3Cscript%3E", "age=x", "currency=ZZZ", "why=none"):
        for path in PAGES:
            screen = lead.get(f"/console/results{path}?{query}")
            assert screen.status == 200
            assert "<script>" not in screen.html.replace("<script src", "")


def test_nobody_can_be_asked_for_more_rows_than_there_are(lead: Seat) -> None:
    assert lead.get("/console/results/aged/documents?age=d30&more=-1").status == 422
    assert "Rien sur cette sélection." in lead.get("/console/results/aged/documents?age=d30&more=5000").text


def test_the_period_is_of_what_happened_in_it(office: Office, lead: Seat) -> None:
    day = office.now.date()
    inside = lead.get(f"/console/results/cash?from={day}&to={day}").text
    outside = lead.get(f"/console/results/cash?to={day - timedelta(days=1)}").text
    assert "2,00" in inside
    assert "Rien sur cette sélection." in outside
