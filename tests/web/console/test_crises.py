"""Crises from the console (R7): what one would change, its start and end by an administrator, and for whom."""

from datetime import date

import pytest
from msgspec.structs import replace

from orchestrator.domain.condition import ALWAYS, Every, OneOf, StartsWith
from orchestrator.domain.interruption import Crisis
from orchestrator.storage import crises
from tests.web.conftest import Office, a_debt
from tests.web.console.conftest import Seat
from tests.web.console.looking import address_of, form_of, one

FORM = {
    "crisis": "crue-2026", "title": "Crue de la Canche", "postcode": "62", "from": "2026-03-01", "to": "2026-04-30",
    "stretch": "2", "soften": "1", "offer": "plan", "skip": "formal_notice", "reason": "Décision du comité",
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def planned(office: Office) -> None:
    """Two debtors, one of them in Pas-de-Calais, whose first message is ready."""
    debts = [a_debt("F-1", debtor_ref="C-1", phone="+33644631201"),
             a_debt("F-2", debtor_ref="C-2", phone="+33644631202", name="Anne Exemple", postcode="62100")]  # fmt: skip
    assert office.post("/api/v1/debts", debts).status == 200
    office.advance()


@pytest.fixture(autouse=True)
def nothing_in_force(office: Office) -> None:
    with office.database.begin() as conn:
        conn.exec_driver_sql("DELETE FROM crises")


def a_crisis(name: str) -> Crisis:
    return Crisis(id=name, title=name, scope=ALWAYS, from_on=date(2026, 3, 1))


def known(office: Office) -> list[Crisis]:
    with office.database.read() as conn:
        return crises.active(conn, at=office.now)


def test_a_form_tells_what_it_would_change_and_starts_nothing(seats: dict[str, Seat], office: Office) -> None:
    shown = seats["admin"].post("/console/crises/new", FORM)
    assert shown.status == 200
    assert "Sur un échantillon de 2 dossiers ouverts parmi 2" in shown.text
    assert "1 dossier concerné" in shown.text
    assert "1 message qui proposerait plus d’aide" in shown.text
    assert known(office) == []


def test_what_was_previewed_is_what_starts_and_then_it_ends(seats: dict[str, Seat], office: Office) -> None:
    shown = seats["admin"].post("/console/crises/new", FORM)
    address, fields = form_of(shown, "#start-crisis")
    started = seats["admin"].post(address, fields)
    assert "Le mode crise est en vigueur" in started.text
    (crisis,) = known(office)
    assert (crisis.id, crisis.scope) == ("crue-2026", StartsWith("postcode", ("62",)))
    assert (crisis.stretch, crisis.soften, crisis.offer, crisis.skip) == (2, 1, ("plan",), ("formal_notice",))
    assert "Crue de la Canche" in seats["viewer"].get("/console/crises").text
    assert "Crue de la Canche" in seats["viewer"].get("/console/now").text
    address, fields = form_of(seats["admin"].get("/console/crises/crue-2026/end"), "#end-crisis")
    ended = seats["admin"].post(address, fields)
    assert "Le mode crise est terminé" in ended.text
    assert "2026 terminé :" in " ".join(ended.text.split()), "its planned days stay, and its end is said beside them"
    assert known(office) == []


def test_its_end_is_told_before_it_is_confirmed(seats: dict[str, Seat], office: Office) -> None:
    slow = replace(a_crisis("slow"), title="Crue de la Canche", skip=("reminder", "upcoming", "last_reminder"))
    with office.database.begin() as conn:
        crises.insert(conn, slow)
    asked = address_of(seats["admin"].get("/console/crises"), 'a[href$="/slow/end"]')
    shown = seats["admin"].get(asked)
    said = " ".join(shown.text.split())
    assert "Mettre fin : Crue de la Canche" in said
    assert "Sur un échantillon de 2 dossiers ouverts parmi 2" in said
    assert "2 dossiers seraient contactés plus tôt à partir du" in said
    assert "dont 2 dans les 24 heures et 2 dans les 7 jours" in said
    assert known(office) == [slow], "a look ends nothing"
    seats["admin"].post(asked)
    assert seats["admin"].get(asked).status == 409


def test_a_file_of_the_folder_is_previewed_and_started(seats: dict[str, Seat], office: Office) -> None:
    offered = address_of(seats["admin"].get("/console/crises"), 'a[href*="spring-floods"]')
    shown = seats["admin"].get(offered)
    assert "Inondations, Pas-de-Calais" in shown.text
    seats["admin"].post("/console/crises", {"file": "spring-floods.yaml"})
    assert [crisis.id for crisis in known(office)] == ["spring-floods"]
    assert seats["admin"].post("/console/crises", {"file": "spring-floods.yaml"}).status == 409
    assert seats["admin"].get("/console/crises/new?file=../b2c-small.yaml").status == 404


@pytest.mark.parametrize("wrong", [{"stretch": "40"}, {"from": "hier"}, {"to": "2026-02-01"}, {"crisis": "Crue !"}])
def test_a_form_that_makes_no_sense_is_shown_again(
    seats: dict[str, Seat], office: Office, wrong: dict[str, str]
) -> None:
    said = seats["admin"].post("/console/crises/new", {**FORM, **wrong})
    assert said.status == 422
    assert one(said, "[role=alert]")
    assert said.value("title") == "Crue de la Canche"
    assert known(office) == []


def test_an_administrator_of_one_creditor_slows_that_one(office: Office) -> None:
    theirs = Seat(office, "admin-of-another").begin("admin", creditors=frozenset({"another"}))
    nobody = theirs.post("/console/crises/new", FORM).text
    assert "0 dossier concerné" in nobody
    assert "ne concerne personne" in nobody
    theirs.post("/console/crises", {**FORM, "postcode": ""})
    (crisis,) = known(office)
    assert crisis.scope == OneOf("creditor", frozenset({"another"}))
    theirs.post("/console/crises", {**FORM, "crisis": "crue-62"})
    scopes = {each.id: each.scope for each in known(office)}
    both = Every((OneOf("creditor", frozenset({"another"})), StartsWith("postcode", ("62",))))
    assert scopes["crue-62"] == both
    with office.database.begin() as conn:
        crises.insert(conn, Crisis(id="all", title="Partout", scope=ALWAYS, from_on=office.now.date()))
    assert theirs.get("/console/crises/all/end").status == 403
    assert theirs.post("/console/crises/all/end").status == 403
    mine = Seat(office, "admin-of-acme").begin("admin", creditors=frozenset({"acme-telecom"}))
    assert mine.get("/console/crises/crue-62/end").status == 404
    assert mine.post("/console/crises/crue-62/end").status == 404
