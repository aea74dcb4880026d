"""Endpoints over HTTP: added, listed, disabled, their deliveries, told again; and their figures."""

from datetime import timedelta

import pytest

from orchestrator.storage import deliveries
from orchestrator.storage.deliveries import Delivery, DeliveryState, Try
from tests.web.conftest import Office

URL = "https://hooks.example/relance"


def add(office: Office, **given: object) -> str:
    answer = office.ask("POST", "/api/v1/endpoints", json={"url": URL, **given})
    assert answer.status == 201, answer.body
    return str(answer.body["id"])


def put(office: Office, endpoint_id: str, *numbers: int) -> None:
    with office.database.begin() as conn:
        deliveries.insert(
            conn,
            [
                Delivery(
                    id=f"msg_{endpoint_id}_{n}", endpoint_id=endpoint_id, event_type="case.closed",
                    happened_at=office.now, next_at=office.now, body='{"data":{}}',
                )
                for n in numbers
            ],
        )  # fmt: skip


def test_an_endpoint_is_added_listed_disabled_and_enabled(office: Office) -> None:
    endpoint_id = add(office, events=["case.closed"], creditor="acme-telecom")
    listed = {each["id"]: each for each in office.get("/api/v1/endpoints").body["endpoints"]}
    mine = listed[endpoint_id]
    assert (mine["state"], mine["creditor"], mine["events"]) == ("on", "acme-telecom", ["case.closed"])
    assert mine["created_by"] == "admin"
    path = f"/api/v1/endpoints/{endpoint_id}"
    assert office.ask("POST", f"{path}/disable").body["state"] == "disabled"
    again = office.ask("POST", f"{path}/disable")
    assert (again.status, again.error) == (409, "endpoint_disabled")
    assert office.ask("POST", f"{path}/replay", json={"failed": True}).status == 409
    assert office.ask("POST", f"{path}/enable").body["state"] == "on"
    assert office.ask("POST", f"{path}/enable").status == 409


def test_no_answer_holds_a_secret(office: Office) -> None:
    """Answers are kept for who repeats a request."""
    answer = office.ask("POST", "/api/v1/endpoints", json={"url": URL}, headers={"Idempotency-Key": "add-one"})
    again = office.ask("POST", "/api/v1/endpoints", json={"url": URL}, headers={"Idempotency-Key": "add-one"})
    assert answer.body == again.body
    assert "whsec" not in str(answer.body)


@pytest.mark.parametrize(
    "body, where",
    [
        ({"url": "http://hooks.example/"}, "url"),
        ({"url": "https://127.0.0.1/"}, "url"),
        ({"url": URL, "events": ["case.close"]}, "events"),
        ({"url": URL, "creditor": "nobody"}, "creditor"),
    ],
)
def test_an_endpoint_that_cannot_be_is_refused(office: Office, body: dict[str, object], where: str) -> None:
    answer = office.ask("POST", "/api/v1/endpoints", json=body)
    assert (answer.status, answer.body["where"]) == (422, where)


def test_deliveries_come_in_pages_the_latest_first_and_are_told_again(office: Office) -> None:
    endpoint_id = add(office)
    path = f"/api/v1/endpoints/{endpoint_id}"
    put(office, endpoint_id, *range(5))
    seen, after = [], ""
    while True:
        page = office.get(f"{path}/deliveries", params={"limit": 2, "after": after}).body
        seen += [each["id"].rpartition("_")[2] for each in page["deliveries"]]
        if page["next"] is None:
            break
        after = page["next"]
    assert seen == ["4", "3", "2", "1", "0"]
    with office.database.begin() as conn:
        latest = deliveries.latest(conn, endpoint_id, limit=2)
        states = (DeliveryState.DONE, DeliveryState.FAILED)
        tries = [Try(delivery=d, state=s, next_at=office.now) for d, s in zip(latest, states, strict=True)]
        deliveries.record(conn, tries, now=office.now)
    failed = office.get(f"{path}/deliveries", params={"state": "failed"}).body["deliveries"]
    assert [each["id"][-1] for each in failed] == ["3"]
    figures = office.ask("GET", "/metrics").body
    assert office.ask("POST", f"{path}/replay", json={}).status == 422
    assert office.ask("POST", f"{path}/replay", json={"failed": True}).body == {"replayed": 1}
    since = (office.now - timedelta(hours=1)).isoformat()
    assert office.ask("POST", f"{path}/replay", json={"since": since}).body == {"replayed": 1}
    assert office.get(f"{path}/deliveries", params={"state": "failed"}).body["deliveries"] == []
    assert f'relance_endpoint_deliveries{{endpoint="{endpoint_id}",state="waiting"}} 3.0' in figures
    assert f'relance_endpoint_deliveries{{endpoint="{endpoint_id}",state="failed"}} 1.0' in figures
    assert f'relance_endpoint_oldest_waiting_age_seconds{{endpoint="{endpoint_id}"}}' in figures
    assert f'relance_endpoint_failing{{endpoint="{endpoint_id}"}} 0.0' in figures


@pytest.mark.parametrize("after", ["x", "-1", "9" * 40, "٣"])
def test_a_page_that_does_not_exist_is_refused(office: Office, after: str) -> None:
    path = f"/api/v1/endpoints/{add(office)}/deliveries"
    assert office.get(path, params={"after": after}).status == 422


def test_of_an_endpoint_that_does_not_exist_nothing_is_said(office: Office) -> None:
    for path in ("disable", "enable", "replay"):
        assert office.ask("POST", f"/api/v1/endpoints/ep-none/{path}", json={"failed": True}).status == 404
    assert office.get("/api/v1/endpoints/ep-none/deliveries").status == 404
