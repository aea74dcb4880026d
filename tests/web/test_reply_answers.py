"""Answering replies over HTTP: taken by one, checked before, sent once, refused with a remedy."""

import pytest

from orchestrator.domain.campaign import Mode
from orchestrator.flows.dispatch import dispatch_all
from tests.web.conftest import Office, a_debt

WORDS = "Merci pour votre message. Dites-nous ce qui vous convient."


def heard(office: Office, number: int, text: str = "c'est quoi ce truc bizarre ?") -> str:
    """A reply of a debtor of their own that nobody understands; its id."""
    ref, phone = f"R-{number}", f"+3364463{number:04}"
    row = a_debt(f"F-R{number}", debtor_ref=ref, phone=phone, name=f"Jeanne Dupont {number}")
    office.later(seconds=1)
    assert office.ask("POST", "/api/v1/debts", json=[row]).status == 200
    office.advance()
    place = office.deployment
    strategy = place.strategy(mode=Mode.AUTOMATIC, is_rehearsal=True)
    dispatch_all(office.database, strategy, place.sandbox_post(), now=office.now)
    case_id = office.ask("GET", f"/api/v1/cases?debtor_ref={ref}").body["cases"][0]["id"]
    told = {"case": case_id, "channel": "sms", "text": text, "sender": phone}
    answer = office.ask("POST", "/api/v1/replies", json=told)
    assert answer.status == 201, answer.body
    return str(answer.body["id"])


@pytest.fixture(scope="module")
def reply_id(office: Office) -> str:
    return heard(office, 1)


def test_an_answer_is_checked_before_and_what_it_may_not_say_is_shown(office: Office, reply_id: str) -> None:
    path = f"/api/v1/replies/{reply_id}/answer"
    threat = {"text": "Payez aujourd'hui ou un huissier viendra saisir vos meubles."}
    found = office.ask("POST", f"{path}/check", key="agent", json=threat).body
    assert any(each["blocks"] and "huissier" in each["words"] for each in found["findings"])
    refused = office.ask("POST", path, key="agent", json=threat)
    assert refused.status in (409, 422)
    assert refused.error


def test_an_unknown_reply_is_not_found(office: Office) -> None:
    assert office.ask("POST", "/api/v1/replies/none/answer", json={"text": WORDS}).status == 404
    assert office.ask("POST", "/api/v1/replies/none/claim").status == 404


def test_whoever_has_taken_it_keeps_others_from_it(office: Office) -> None:
    mine = heard(office, 2)
    taken = office.ask("POST", f"/api/v1/replies/{mine}/claim", key="agent")
    assert (taken.status, taken.body["taken_by"]) == (200, "agent")
    other = office.ask("POST", f"/api/v1/replies/{mine}/read", key="manager")
    assert (other.status, other.error) == (409, "reply_taken")
    assert office.ask("POST", f"/api/v1/replies/{mine}/release", key="agent").status == 200
    done = office.ask("POST", f"/api/v1/replies/{mine}/read", key="manager")
    assert (done.status, done.body["state"]) == (200, "done")


def test_a_reply_of_nobody_is_placed_by_a_person(office: Office) -> None:
    mine = heard(office, 3)
    again = office.ask("POST", f"/api/v1/replies/{mine}/case", key="agent", json={"case": "nobody"})
    assert again.status == 404


def test_an_unsure_hardship_is_decided_before_its_reading_ends(office: Office) -> None:
    mine = heard(office, 8, "fin de mois difficile")
    path = f"/api/v1/replies/{mine}"
    bodies: tuple[dict[str, object] | None, ...] = ({}, None)
    for body in bodies:
        refused = office.ask("POST", f"{path}/read", key="agent", json=body)
        assert (refused.status, refused.error) == (422, "reply_undecided")
    odd = office.ask("POST", f"{path}/read", key="agent", json={"not_so": ["never_heard"]})
    assert odd.status == 422
    done = office.ask("POST", f"{path}/read", key="agent", json={"not_so": ["cannot_pay"]})
    assert (done.status, done.body["state"]) == (200, "done")
