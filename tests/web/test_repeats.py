"""`Idempotency-Key`: the same request is done once and answered twice; nobody sees the answer of another."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from hashlib import sha256

import pytest

from orchestrator.flows.answer_once import GIVEN_UP_AFTER, KEPT_FOR
from orchestrator.storage import idempotency, pauses
from orchestrator.storage.idempotency import Claim
from tests.web.conftest import Answer, Office

PAUSE = {"scope": {"lane": "sandbox-sms"}, "reason": "storm"}


def _post(office: Office, key: str, body: object = PAUSE, *, by: str = "admin", path: str = "/api/v1/pauses") -> Answer:
    return office.post(path, body, key=by, headers={"Idempotency-Key": key})


def _count(office: Office) -> int:
    with office.database.read() as conn:
        return len(pauses.active(conn, at=office.now))


def test_the_same_request_is_done_once_and_answered_twice(office: Office) -> None:
    before = _count(office)
    first, again = _post(office, "k-1"), _post(office, "k-1")
    assert (first.status, first.body) == (again.status, again.body)
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert _count(office) == before + 1


def test_another_body_under_the_same_key_is_a_conflict(office: Office) -> None:
    _post(office, "k-2")
    answer = _post(office, "k-2", {**PAUSE, "reason": "other"})
    assert (answer.status, answer.error) == (409, "idempotency_mismatch")


def test_another_query_is_another_request(office: Office) -> None:
    _post(office, "k-3")
    assert _post(office, "k-3", path="/api/v1/pauses?wait=1").error == "idempotency_mismatch"


def test_the_key_of_another_caller_or_route_is_another_key(office: Office) -> None:
    mine, theirs = _post(office, "k-4"), _post(office, "k-4", by="manager")
    assert mine.body["id"] != theirs.body["id"]
    assert _post(office, "k-4", [], path="/api/v1/debts").status == 200


def test_a_refused_request_may_be_corrected_under_its_key(office: Office) -> None:
    assert _post(office, "k-5", {"scope": {}}).status == 422
    assert _post(office, "k-5", by="viewer").status == 403
    assert _post(office, "k-5").status == 200 or _post(office, "k-5").status == 202


def test_a_first_request_still_at_work_makes_the_second_wait(office: Office) -> None:
    claim = Claim(caller=office.keys["admin"].split("_")[1], route="POST /api/v1/debts", key="k-6",
                  request_hash=sha256(b"\n[]").hexdigest())  # fmt: skip
    with office.database.begin() as conn:
        idempotency.claim(conn, claim, now=office.now)
    assert _post(office, "k-6", [], path="/api/v1/debts").error == "idempotency_at_work"
    office.now += GIVEN_UP_AFTER
    assert _post(office, "k-6", [], path="/api/v1/debts").status == 200, "the first died long ago"


def test_a_key_is_forgotten_after_two_days(office: Office) -> None:
    first = _post(office, "k-7")
    office.now += KEPT_FOR - timedelta(minutes=1)
    assert _post(office, "k-7").body == first.body
    office.now += timedelta(minutes=2)
    assert _post(office, "k-7").body != first.body


@pytest.mark.parametrize("key", ["", " ", "x" * 129, "a b", "é".encode("latin-1")])
def test_what_cannot_be_a_key_is_refused(office: Office, key: str | bytes) -> None:
    answer = office.post("/api/v1/debts", [], headers={"Idempotency-Key": key})
    assert (answer.status, answer.error) == (422, "invalid_input")


def test_many_at_once_do_it_once(office: Office) -> None:
    before = _count(office)
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: _post(office, "k-8"), range(6)))
    assert _count(office) == before + 1
    done = [answer for answer in answers if answer.status in (200, 202)]
    assert done
    assert {answer.error for answer in answers if answer not in done} <= {"idempotency_at_work"}
    assert len({answer.body["id"] for answer in done}) == 1
