"""Portfolios over HTTP: made and ended, cases given by hand, absences; each under the caller's name and role."""

from typing import Any

import pytest

from orchestrator.flows.follow_work import follow_work
from orchestrator.flows.grant_access import add_user
from orchestrator.storage import audit, case_work
from tests.web.conftest import Answer, Office, a_debt

HERE = "/api/v1/portfolios"


@pytest.fixture(scope="module", autouse=True)
def people(office: Office) -> None:
    """Two agents, of whom one has a key of her own."""
    for name in ("ann", "bob"):
        add_user(office.database, name, role="agent", by="test", now=office.now)
    office.keys["ann"] = office.key("ann-laptop", "agent", owner="ann")


def a_case(office: Office, ref: str, **changes: object) -> str:
    """A new case, of a debtor of that reference."""
    row = a_debt(f"F-{ref}", debtor_ref=ref, phone=None, **changes)
    return str(office.post("/api/v1/debts", [row]).body["rows"][0]["case"])


def make(office: Office, name: str, **changes: Any) -> Answer:
    return office.post(HERE, {"name": name, "owner": "ann", **changes}, key="manager")


def owner(office: Office, case_id: str) -> tuple[str, str]:
    """Whose a case is and why, once everything is read."""
    follow_work(office.database, office.deployment.strategy(), now=office.now)
    with office.database.read() as conn:
        work = case_work.load(conn, [case_id])[case_id]
    return work.owner, work.why


def listed(office: Office, kind: str) -> list[dict[str, Any]]:
    return list(office.get(HERE, key="manager").body[kind])


def test_a_portfolio_takes_its_cases_until_it_ends(office: Office) -> None:
    case_id = a_case(office, "C-LYON", postcode="69001", city="LYON")
    made = make(office, "lyon", creditors=["acme-telecom"], where={"postcode": ["69"]})
    said = {"name": "lyon", "owner": "ann", "creditors": ["acme-telecom"], "where": "postcode starts with 69"}
    assert (made.status, made.body) == (201, said)
    assert said in listed(office, "portfolios")
    assert owner(office, case_id) == ("ann", "lyon")
    (load,) = [each for each in listed(office, "loads") if each["owner"] == "ann"]
    assert load == {"owner": "ann", "cases": 1, "at_stake": {"amount": "42.00", "currency": "EUR"}}
    assert office.post(f"{HERE}/lyon/end", key="manager").body == {"ended": "lyon"}
    assert owner(office, case_id) == ("", "")
    assert office.post(f"{HERE}/lyon/end", key="manager").status == 404
    assert make(office, "lyon").error == "portfolio_exists"


def test_a_request_repeated_under_its_key_makes_one_portfolio(office: Office) -> None:
    body = {"name": "once", "owner": "ann"}
    first, again = (office.post(HERE, body, headers={"Idempotency-Key": "once"}) for _ in range(2))
    assert (first.status, again.status, first.body) == (201, 201, again.body)
    assert [each["name"] for each in listed(office, "portfolios")].count("once") == 1


@pytest.mark.parametrize(
    "change, status",
    [
        ({"owner": "nobody"}, 404), ({"name": "No Name"}, 422), ({"where": {"postcde": ["69"]}}, 422),
        ({"where": "postcode: [69]"}, 422), ({"creditors": ["two names"]}, 422), ({"creditors": "acme-telecom"}, 422),
        ({"owner": None}, 422), ({"shoe": 43}, 422),
        ({"where": {"any": [{"any": [{"any": [{"any": [{"any": [{"any": [{"any": [{"all": True}]}]}]}]}]}]}]}}, 422),
    ],
)  # fmt: skip
def test_a_portfolio_that_cannot_be_is_not_made(office: Office, change: dict[str, Any], status: int) -> None:
    before = listed(office, "portfolios")
    body = {"name": "refused", "owner": "ann", **change}
    assert office.post(HERE, body, key="manager").status == status
    assert listed(office, "portfolios") == before


def test_a_case_is_given_by_hand_under_the_callers_name_and_given_back(office: Office) -> None:
    case_id = a_case(office, "C-GIVEN")
    body = {"cases": [case_id, "NONE"], "to": "bob", "why": "knows the family"}
    given = office.post(f"{HERE}/give", body, key="manager")
    assert (given.status, given.body) == (200, {"given": 1, "not_given": ["NONE"]})
    assert owner(office, case_id) == ("bob", "knows the family")
    assert office.post(f"{HERE}/give", {"cases": [case_id], "why": "settled"}, key="manager").body["given"] == 1
    assert owner(office, case_id)[0] != "bob"
    with office.database.read() as conn:
        changes = [(each.owner, each.by, each.why) for each in case_work.changes_of(conn, case_id)]
    assert changes == [("bob", "manager", "knows the family"), ("", "manager", "settled")]


@pytest.mark.parametrize(
    "change, status, error",
    [
        ({"why": " "}, 422, "reason_missing"), ({"to": "nobody"}, 404, "not_found"),
        ({"cases": []}, 422, "invalid_input"), ({"cases": [f"C{n}" for n in range(1_001)]}, 422, "too_many"),
    ],
)  # fmt: skip
def test_cases_are_not_given_without_a_reason_to_nobody_or_by_the_thousands(
    office: Office, change: dict[str, Any], status: int, error: str
) -> None:
    answer = office.post(f"{HERE}/give", {"cases": ["X"], "to": "bob", "why": "x", **change}, key="manager")
    assert (answer.status, answer.error) == (status, error)


def test_an_absence_is_told_of_oneself_and_a_managers_word_is_needed_for_another(office: Office) -> None:
    mine = {"absent": "ann", "substitute": "bob", "to_on": "2026-03-20"}
    told = office.post(f"{HERE}/absences", mine, key="ann")
    assert told.status == 201
    assert told.body == {**mine, "id": told.body["id"], "from_on": office.now.date().isoformat(), "reason": ""}
    assert told.body in listed(office, "absences")
    another = office.post(f"{HERE}/absences", {"absent": "bob", "to_on": "2026-03-20"}, key="ann")
    assert (another.status, another.error) == (403, "role_too_low")
    theirs = office.post(f"{HERE}/absences", {"absent": "bob", "to_on": "2026-03-20"}, key="manager").body["id"]
    refused = office.post(f"{HERE}/absences/{theirs}/end", key="ann")
    assert (refused.status, refused.error) == (403, "role_too_low")
    assert office.post(f"{HERE}/absences/{told.body['id']}/end", key="ann").body == {"ended": told.body["id"]}
    assert office.post(f"{HERE}/absences/{theirs}/end", key="manager").status == 200
    assert listed(office, "absences") == []


@pytest.mark.parametrize(
    "change, status",
    [
        ({"from_on": "2026-03-20", "to_on": "2026-03-19"}, 422), ({"to_on": "soon"}, 422), ({"to_on": None}, 422),
        ({"substitute": "ann"}, 422), ({"substitute": "nobody"}, 404), ({"to_on": "2029-01-01"}, 422),
    ],
)  # fmt: skip
def test_an_absence_that_cannot_be_is_refused(office: Office, change: dict[str, Any], status: int) -> None:
    body = {"absent": "ann", "to_on": "2026-03-20", **change}
    assert office.post(f"{HERE}/absences", body, key="manager").status == status
    assert listed(office, "absences") == []


def test_what_is_asked_for_over_the_api_is_in_the_audit(office: Office) -> None:
    make(office, "noted")
    office.post(f"{HERE}/noted/end", key="manager")
    with office.database.read() as conn:
        lines = [(line.who, line.act, line.subject) for line in audit.latest(conn, limit=2)]
    assert lines == [("manager", "api.end_portfolio", "noted"), ("manager", "api.create_portfolio", "")]
