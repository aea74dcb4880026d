"""What every request meets: caps, errors of one shape, headers, and a log that tells nothing of a debtor."""

import asyncio
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send

from orchestrator.domain.errors import RelanceError, StorageError
from orchestrator.storage.schema import EXPECTED
from orchestrator.web.errors import status_of
from orchestrator.web.health import Meter
from orchestrator.web.requests import BYTES_OF_ROUTE, USUAL_BYTES, WholeBody
from tests.web.conftest import Office, a_debt

JSON = {"Content-Type": "application/json"}


def _raw(office: Office, path: str, body: bytes, *, key: str | None = "admin", **headers: str) -> tuple[int, str]:
    answer = office.ask("POST", f"/api/v1/{path}", key=key, content=body, headers={**JSON, **headers})
    assert set(answer.body) == {"error", "detail", "hint", "where"} or answer.status < 300
    return answer.status, answer.error


# ------------------------------------------------------------------------------------------------ bodies


@pytest.mark.parametrize("path", ["debts", "payments", "pauses", "crises"])
def test_a_body_over_its_cap_is_refused_by_what_it_declares(office: Office, path: str) -> None:
    cap = BYTES_OF_ROUTE.get(f"/api/v1/{path}", USUAL_BYTES)
    assert _raw(office, path, b"[]", **{"Content-Length": str(cap + 1)}) == (413, "too_large")
    assert _raw(office, path, b" " * cap)[0] in (400, 422)


def test_a_body_over_its_cap_is_refused_while_it_is_read(office: Office) -> None:
    read = 0

    def parts() -> Iterator[bytes]:
        nonlocal read
        for _ in range(1000):
            read += 1
            yield b" " * 65536

    answer = office.ask("POST", "/api/v1/pauses", content=parts(), headers=JSON)
    assert (answer.status, answer.error) == (413, "too_large")


def test_nobody_without_a_key_makes_us_read_much(office: Office) -> None:
    assert _raw(office, "debts", b"[" + b" " * USUAL_BYTES + b"]", key=None) == (413, "too_large")
    assert _raw(office, "debts", b"[]", key=None) == (401, "key_missing")


def test_a_body_that_comes_too_slowly_is_not_waited_for() -> None:
    async def app(_scope: Scope, _receive: Receive, _send: Send) -> None:
        pytest.fail("the request was let through")

    async def receive() -> Message:
        await asyncio.sleep(0.005)  # a byte now and then, and never the last
        return {"type": "http.request", "body": b" ", "more_body": True}

    said: list[Message] = []

    async def send(message: Message) -> None:
        said.append(message)

    scope = {"type": "http", "method": "POST", "path": "/api/v1/debts", "headers": []}
    asyncio.run(WholeBody(app, within_seconds=0.05)(scope, receive, send))
    assert said[0]["status"] == 408


@pytest.mark.parametrize("length", ["-1", "1e3", "9" * 40, ""])
def test_a_strange_length_is_no_way_in(office: Office, length: str) -> None:
    assert _raw(office, "pauses", b"{}", **{"Content-Length": length})[0] in (413, 422)


@pytest.mark.parametrize(
    "body, error",
    [
        (b"{", "invalid_json"), (b"{'a': 1}", "invalid_json"), (b"[1,]", "invalid_json"),
        (b"\xff\xfe", "invalid_json"), (b"[" * 5000, "invalid_request"), (b"9" * 5000, "invalid_request"),
    ],
)  # fmt: skip
def test_what_is_not_json_is_400(office: Office, body: bytes, error: str) -> None:
    for path in ("debts", "pauses"):
        assert _raw(office, path, body) == (400, error)


@pytest.mark.parametrize(
    "body",
    [
        rb'["\ud800"]',
        rb'["\uDFFF"]',
        rb'["\\\ud800"]',
        b'["\xed\xa0\x80"]',
        "[]".encode("utf-16"),
        "[]".encode("utf-16-le"),
        b"[\0]",
    ],
)
def test_what_is_no_text_is_400(office: Office, body: bytes) -> None:
    assert _raw(office, "debts", body) == (400, "invalid_json")


def test_a_whole_character_passes_however_it_is_written(office: Office) -> None:
    for text in (rb"\ud83d\ude00", rb"\\ud800", "é".encode(), rb"\u00e9"):
        assert _raw(office, "debts", b'[{"name": "' + text + b'"}]') == (200, "")


@pytest.mark.parametrize("body", [b"", b"null", b"5", b'"x"', b"{}", b"true", b"NaN"])
def test_json_of_another_shape_is_422(office: Office, body: bytes) -> None:
    assert _raw(office, "payments", body) == (422, "invalid_input")


def test_another_type_of_content_is_not_read_as_json(office: Office) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        assert _raw(office, "debts", b"[]", **{"Content-Type": kind})[0] == 422


def test_a_nested_condition_is_followed_so_far_and_no_farther(office: Office) -> None:
    scope: dict[str, Any] = {"all": True}
    for _ in range(300):
        scope = {"not": scope}
    answer = office.post("/api/v1/pauses", {"scope": scope, "reason": "x"})
    assert (answer.status, answer.error) == (422, "invalid_input")


# ------------------------------------------------------------------------------------------------ errors


def test_what_does_not_exist_is_said_alike(office: Office) -> None:
    for method, path, status in (("GET", "/nothing", 404), ("PUT", "/api/v1/cases", 405), ("GET", "/api/v1/x", 404)):
        answer = office.ask(method, path)
        assert (answer.status, set(answer.body)) == (status, {"error", "detail", "hint", "where"})


def test_an_error_names_the_first_fault_and_counts_the_others(office: Office) -> None:
    answer = office.post("/api/v1/pauses", {"scope": 5, "reason": 5, "x": 1})
    assert answer.body["where"] == "body.scope"
    assert answer.body["hint"] == "2 more: body.reason, body.x"


def test_only_storage_and_what_nobody_can_cause_are_above_499() -> None:
    kinds: list[type[RelanceError]] = [RelanceError, *_below(RelanceError)]
    assert {kind.__name__ for kind in kinds if status_of(kind("x")) == 503} == {"StorageError"}
    assert {kind.__name__ for kind in kinds if status_of(kind("x")) == 500} <= {
        "RelanceError",
        "RateMissing",
        "TemplateError",
    }


def _below(kind: type[RelanceError]) -> list[type[RelanceError]]:
    own = [each for each in kind.__subclasses__() if each.__module__ == "orchestrator.domain.errors"]
    return own + [deeper for each in own for deeper in _below(each)]


def test_a_database_that_is_away_is_503_and_says_when_to_come_again(office: Office) -> None:
    @office.app.get("/away-for-this-test", include_in_schema=False)
    def away() -> None:
        raise StorageError("the database does not answer", code="database_unreachable")

    answer = office.get("/away-for-this-test")
    assert (answer.status, answer.error, answer.headers["retry-after"]) == (503, "database_unreachable", "1")


def test_what_was_not_foreseen_is_told_to_nobody(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    @office.app.get("/broken-for-this-test", include_in_schema=False)
    def broken() -> None:
        raise ValueError("Jeanne Canari owes 42.00")

    with caplog.at_level(logging.DEBUG):
        answer = office.get("/broken-for-this-test")
    assert (answer.status, answer.error) == (500, "internal")
    assert "Canari" not in json.dumps(answer.body)
    assert "unforeseen ValueError at test_requests.py" in caplog.text
    assert "Canari" not in caplog.text


# ----------------------------------------------------------------------------------- headers and the log


@pytest.mark.parametrize("path", ["/healthz", "/api/v1/cases", "/nothing", "/api/docs", "/metrics"])
def test_every_answer_bears_the_headers(office: Office, path: str) -> None:
    for key in ("admin", None):
        headers = office.get(path, key=key).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert "server" not in headers


def test_the_log_tells_nothing_of_a_debtor_and_no_secret(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        office.post("/api/v1/debts", [a_debt(name="Jeanne Canari", debtor_ref="CANARI-1"), {"name": "Canari"}])
        (case,) = office.get("/api/v1/cases?debtor_ref=CANARI-1").body["cases"]
        office.get(f"/api/v1/cases/{case['id']}/why")
        office.get("/api/v1/cases?Canari=1&after=Canari")
        office.get("/api/v1/Canari")
    ours = "\n".join(record.getMessage() for record in caplog.records if not record.name.startswith("httpx"))
    assert "push_debts 200" in ours
    assert "canari" not in ours.lower()
    assert case["id"] not in ours
    assert not [key for key in office.keys.values() if key[16:] in ours]


def test_a_deployment_behind_tls_says_so(office: Office) -> None:
    assert "strict-transport-security" not in office.get("/healthz").headers


def test_health_asks_for_no_key_and_tells_no_figure(office: Office) -> None:
    assert office.get("/healthz", key=None).body == {"state": "up"}
    assert office.get("/readyz", key=None).body == {"state": "ready"}


def test_a_database_of_another_version_is_not_ready(office: Office) -> None:
    with office.database.begin() as conn:
        conn.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    try:
        answer = office.get("/readyz", key=None)
        assert (answer.status, answer.error) == (503, "schema_newer")
        assert office.get("/healthz", key=None).status == 200
    finally:
        with office.database.begin() as conn:
            conn.exec_driver_sql("UPDATE alembic_version SET version_num = ?", (EXPECTED,))


def test_metrics_count_what_waits(office: Office) -> None:
    office.post("/api/v1/debts", [a_debt("F-M", debtor_ref="M-1")])
    office.advance()
    office.app.state.meter = Meter(office.app.state.desk)  # the other one remembers its figures for some seconds
    text = office.get("/metrics", key="viewer").body
    assert 'relance_messages{campaign="b2c-small",channel="sms",lane="sandbox-sms",state="planned"} ' in text
    assert 'relance_lane_rests{lane="sandbox-sms"} 0.0' in text
    assert "relance_pauses_in_force 0.0" in text
    assert "# TYPE relance_oldest_due_message_age_seconds gauge" in text
    assert "Dupont" not in text


# --------------------------------------------------------------------------------------- the description


def test_the_description_names_the_role_of_every_operation(office: Office) -> None:
    document = office.get("/api/openapi.json", key=None).body
    operations = [each for path in document["paths"].values() for each in path.values()]
    assert len(operations) > 15
    assert [each for each in operations if "x-role" not in each and each["tags"] != ["health"]] == []
    assert document["components"]["schemas"]["DebtIn"]["additionalProperties"] is False
    assert document["paths"]["/api/v1/debts"]["post"]["parameters"][0]["name"] == "Idempotency-Key"


def test_every_shape_that_is_named_is_described(office: Office) -> None:
    document = office.get("/api/openapi.json", key=None).body
    named = {part.split('"')[0] for part in json.dumps(document).split("#/components/schemas/")[1:]}
    assert named <= set(document["components"]["schemas"])
    assert named >= {"DebtIn", "PaymentIn", "CrisisFile", "PauseIn", "FaultOut"}


def test_the_page_loads_nothing_from_anywhere(office: Office) -> None:
    answer = office.get("/api/docs", key=None)
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; style-src 'sha256-")
    for word in ("<script", "src=", "http://", "https://", "@import", "url(", "<link", "onload"):
        assert word not in answer.body
    for path in ("/api/v1/debts", "/api/v1/pauses/{pause_id}/resume", "/metrics"):
        assert path in answer.body


def test_the_interactive_pages_of_the_framework_are_not_there(office: Office) -> None:
    client = TestClient(office.app)
    assert {client.get(path).status_code for path in ("/docs", "/redoc", "/openapi.json")} == {404}
