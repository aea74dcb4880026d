"""`/api/v1/webhooks`: what came in is listed without its contents, and applied again."""

from typing import Any

import pytest

from orchestrator.flows.grant_access import add_user
from orchestrator.storage import inbox
from orchestrator.storage.inbox import Arrival, Parking
from tests.web.conftest import Office


@pytest.fixture(scope="module")
def numbers(office: Office) -> list[int]:
    """Five parked events, the first from a partner."""
    with office.database.begin() as conn:
        sources = ["partner/payments", *["twilio/status"] * 4]
        inbox.put(conn, [Arrival(source, str(n), "secret") for n, source in enumerate(sources)], now=office.now)
        found = sorted(event.id for event in inbox.search(conn, limit=9))
        inbox.park(conn, [Parking(id=each, reason="unmatched") for each in found], now=office.now)
    return found


def listed(office: Office, query: str = "") -> Any:
    answer = office.get(f"/api/v1/webhooks?{query}", key="manager")
    assert answer.status == 200, answer.body
    return answer.body


def test_events_come_a_page_at_a_time_without_what_they_hold(office: Office, numbers: list[int]) -> None:
    first = listed(office, "limit=2")
    rest = listed(office, f"limit=200&after={first['next']}")
    assert [event["id"] for event in (*first["events"], *rest["events"])] == numbers[::-1]
    assert rest["next"] is None
    assert "secret" not in str(first)
    assert [event["id"] for event in listed(office, "source=partner/payments")["events"]] == numbers[:1]
    assert listed(office, "state=applied")["events"] == []


def test_one_is_applied_again(office: Office, numbers: list[int]) -> None:
    answer = office.post(f"/api/v1/webhooks/{numbers[0]}/replay")
    assert (answer.status, answer.body["state"], answer.body["tries"]) == (200, "waiting", 0)
    assert [event["id"] for event in listed(office, "state=waiting")["events"]] == numbers[:1]


@pytest.mark.parametrize("number", ["99999", "999999999999999999", "0", "-1", "1e3", "9" * 30, "x"])
def test_a_number_of_no_event_is_not_found_or_refused(office: Office, number: str) -> None:
    assert office.post(f"/api/v1/webhooks/{number}/replay").status in (404, 422)


@pytest.mark.parametrize("after", ["x", "-1", "9" * 40, "²"])
def test_a_page_that_is_none_is_refused(office: Office, after: str) -> None:
    assert office.get("/api/v1/webhooks", params={"after": after}).status == 422


def test_a_key_of_who_sees_some_creditors_reads_and_applies_none(office: Office, numbers: list[int]) -> None:
    add_user(
        office.database, "partly", role="manager", by="test", now=office.now, creditors=frozenset({"acme-telecom"})
    )
    key = office.key("partly-key", "manager", owner="partly")
    for said in (
        office.get("/api/v1/webhooks", key=key),
        office.post(f"/api/v1/webhooks/{numbers[1]}/replay", key=key),
    ):
        assert (said.status, said.error) == (403, "restricted_user")
