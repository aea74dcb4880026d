"""Pauses and crises over HTTP: what stops, what is said of it, and how it starts again."""

from datetime import timedelta
from typing import Any

import pytest

from orchestrator.flows.grant_access import KeyTerms, add_key
from orchestrator.storage import attempts, crises, pauses
from tests.web.conftest import Answer, Office, a_debt

PAUSE = {"scope": {"campaign": "b2c-small"}, "reason": "storm"}
CRISIS = {"crisis": "flood", "title": "Flood", "scope": {"postcode": ["974"]}, "from": "2026-03-09", "stretch": 2}


def _pause(office: Office, **changes: Any) -> Answer:
    return office.post("/api/v1/pauses?wait=1", {**PAUSE, **changes})


def test_a_pause_with_nothing_in_flight_is_paused_at_once(office: Office) -> None:
    answer = _pause(office)
    assert (answer.status, answer.body["state"], answer.body["in_flight"]) == (200, "paused", 0)
    assert (answer.body["reason"], answer.body["by"]) == ("storm", "admin")
    again = office.get(f"/api/v1/pauses/{answer.body['id']}")
    assert again.body == answer.body
    assert answer.body["id"] in [pause["id"] for pause in office.get("/api/v1/pauses").body["pauses"]]


@pytest.mark.parametrize(
    "scope",
    [
        {"all": True}, {"channel": "sms"}, {"channel": ["sms", "email"], "campaign": "b2c-small"},
        {"lane": "sandbox-sms"}, {"creditor": ["acme-telecom"]}, {"debtor_ref": "C-1"},
        {"postcode": ["974"], "balance": {"from": "500 EUR"}},
    ],
)  # fmt: skip
def test_every_scope_is_understood(office: Office, scope: dict[str, Any]) -> None:
    answer = _pause(office, scope=scope)
    assert answer.status == 200, answer.body
    with office.database.read() as conn:
        stored = pauses.load(conn, answer.body["id"])
    assert stored is not None
    channel = scope.get("channel", [])
    assert list(stored.channels) == ([channel] if isinstance(channel, str) else channel)


@pytest.mark.parametrize(
    "change",
    [
        {"scope": {}}, {"scope": {"campagne": "b2c-small"}}, {"scope": {"channel": "fax"}}, {"scope": {"channel": []}},
        {"scope": {"lane": 5}}, {"scope": {"lane": "sms-1"}}, {"scope": {"lane": ["sandbox-sms", "fax"]}},
        {"scope": "all"}, {"scope": {"not": {"not": {"balance": {}}}}}, {"reason": ""},
        {"reason": 5}, {"until": "2026-03-01T00:00:00Z"}, {"until": "2026-04-01T00:00:00"}, {"until": "soon"}, {"x": 1},
        {"scope": {"any": [{"any": [{"any": [{"any": [{"any": [{"any": [{"any": [{"all": True}]}]}]}]}]}]}]}},
    ],
)  # fmt: skip
def test_a_pause_that_is_not_understood_stops_nothing(office: Office, change: dict[str, Any]) -> None:
    before = office.get("/api/v1/pauses").body
    answer = _pause(office, **change)
    assert (answer.status, answer.error) == (422, "invalid_input"), answer.body
    assert office.get("/api/v1/pauses").body == before


def test_a_misspelt_lane_is_refused_with_the_name_that_is_near(office: Office) -> None:
    answer = _pause(office, scope={"lane": "sandbox-smss"})
    assert (answer.status, answer.error) == (422, "invalid_input")
    assert 'did you mean "sandbox-sms"?' in answer.body["hint"]


def test_a_resume_is_previewed_then_done_once(office: Office) -> None:
    pause_id = _pause(office).body["id"]
    path = f"/api/v1/pauses/{pause_id}/resume"
    preview = office.post(f"{path}?preview=true")
    assert (preview.status, preview.body["is_preview"]) == (200, True)
    assert office.get(f"/api/v1/pauses/{pause_id}").body["state"] == "paused"
    assert office.post(path).status == 200
    assert office.get(f"/api/v1/pauses/{pause_id}").body["state"] == "resumed"
    assert office.post(path).error == "pause_resumed"
    assert office.post("/api/v1/pauses/none/resume").status == 404


def test_only_an_admin_confirms_a_large_resume(office: Office) -> None:
    pause_id = _pause(office).body["id"]
    path = f"/api/v1/pauses/{pause_id}/resume?confirm=true"
    assert office.post(path, key="manager").error == "not_allowed"
    assert office.post(path, key="admin").status == 200


@pytest.mark.parametrize("wait", ["-1", "21", "nan", "inf", "x"])
def test_nobody_waits_for_ever(office: Office, wait: str) -> None:
    assert office.post(f"/api/v1/pauses?wait={wait}", PAUSE).status == 422


def test_a_pause_bears_the_name_of_the_person(office: Office) -> None:
    terms = KeyTerms(name="board-key", role="manager", scopes=("pauses:write",))
    text = add_key(office.database, terms, by="test", now=office.now).text
    assert office.post("/api/v1/pauses", PAUSE, key=text).body["by"] == "board-key"


# ----------------------------------------------------------------------------------------------- crises


def test_a_crisis_starts_once_and_ends_once(office: Office) -> None:
    office.post("/api/v1/debts", [a_debt()])
    started = office.post("/api/v1/crises", CRISIS)
    assert (started.status, started.body["woken"], started.body["stretch"]) == (201, 1, 2)
    assert office.post("/api/v1/crises", CRISIS).error == "crisis_exists"
    assert [crisis["id"] for crisis in office.get("/api/v1/crises").body["crises"]] == ["flood"]
    assert office.post("/api/v1/crises/flood/end").body["ended_at"] is not None
    assert office.post("/api/v1/crises/flood/end").error == "crisis_ended"
    assert office.post("/api/v1/crises/none/end").status == 404


@pytest.mark.parametrize(
    "change, said",
    [
        ({"stretch": 22}, "stretch"), ({"scope": {"postcde": ["974"]}}, "postcode"), ({"to": "2026-01-01"}, "to"),
        ({"from": 5}, "from"), ({"skip": "everything"}, "everything"), ({"crisis": "A B"}, "crisis"),
        ({"title": None}, "title"), ({"shoe": 43}, "shoe"),
    ],
)  # fmt: skip
def test_a_crisis_is_refused_in_the_words_of_its_file(office: Office, change: dict[str, Any], said: str) -> None:
    answer = office.post("/api/v1/crises", {**CRISIS, "crisis": "other", **change})
    assert (answer.status, answer.error) == (422, "invalid_input")
    assert said in answer.body["detail"] + answer.body["hint"]
    with office.database.read() as conn:
        assert crises.load(conn, "other") is None


# ------------------------------------------------------------------------------------------ in flight


@pytest.fixture
def in_flight(office: Office) -> str:
    """A call that has begun and not ended: the id of its attempt."""
    for pause in office.get("/api/v1/pauses").body["pauses"]:
        assert office.post(f"/api/v1/pauses/{pause['id']}/resume").status == 200
    office.post("/api/v1/debts", [a_debt("F-9", debtor_ref="C-9")])
    office.advance()
    planned = office.get("/api/v1/messages?state=planned").body["messages"][0]
    calling = attempts.Attempt(
        id="a" * 32, message_id=planned["id"], case_id=planned["case"], number=1, token="t", content_hash="h",
        lane=planned["lane"], channel=planned["channel"], destination="+33644631234", marker="m", units=1, epoch=0,
        started_at=office.now, lease_until=office.now + timedelta(seconds=30),
    )  # fmt: skip
    with office.database.begin() as conn:
        attempts.insert(conn, [calling])
    return calling.id


def test_paused_is_said_only_when_nothing_is_in_flight(office: Office, in_flight: str) -> None:
    started = office.post("/api/v1/pauses?wait=0.05", {"scope": {"all": True}, "reason": "storm"})
    assert (started.status, started.body["state"], started.body["in_flight"]) == (202, "pausing", 1)
    elsewhere = _pause(office, scope={"creditor": "another"})
    assert (elsewhere.status, elsewhere.body["state"]) == (200, "paused"), "what flies is not of its scope"
    ended = attempts.Settled(
        attempt_id=in_flight, expected=attempts.AttemptState.CALLING, to=attempts.AttemptState.ACCEPTED,
        provider_id="p-1", ended_at=office.now,
    )  # fmt: skip
    with office.database.begin() as conn:
        attempts.settle(conn, [ended])
    after = office.get(f"/api/v1/pauses/{started.body['id']}").body
    assert (after["state"], after["in_flight"]) == ("paused", 0)
    assert sum(after["left_before"].values()) == 1
