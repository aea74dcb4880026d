"""Endpoints that fail: retried ever more slowly, and none that is dead slows another."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from orchestrator.flows import manage_endpoints as manage
from orchestrator.flows.call_endpoint import Heard
from orchestrator.flows.tell_endpoints import (
    BACKOFF,
    Told,
    caller,
    tell_endpoint,
)
from orchestrator.storage.deliveries import DeliveryState
from tests.flows.conftest import row
from tests.flows.endpoints.conftest import HOUR, KEY, Desk, Receiver, answering
from tests.stubs.http_stub import HttpStub, Reply


def test_a_delivery_is_tried_ten_times_over_two_days_then_a_person_is_told(desk: Desk, receiver: Receiver) -> None:
    endpoint = desk.add(receiver)
    receiver.answer = answering(500)
    desk.pay(1)
    for number, wait in enumerate(BACKOFF, 1):
        assert desk.tell(endpoint) == Told(0, 1)
        (waiting,) = desk.deliveries(endpoint)
        assert (waiting.tries, waiting.state, waiting.reason) == (number, DeliveryState.WAITING, "answered 500")
        assert wait <= waiting.next_at - desk.now <= wait * 1.2
        assert desk.tell(endpoint) == Told(), "not before its time"
        desk.later(waiting.next_at - desk.now)
    assert desk.tell(endpoint) == Told(0, 1)
    (failed,) = desk.deliveries(endpoint)
    assert (failed.tries, failed.state) == (10, DeliveryState.FAILED)
    assert {task.kind for task in desk.tasks()} == {"delivery_failed", "endpoint_failing"}
    assert all(task.subject == endpoint.id for task in desk.tasks())


@pytest.mark.parametrize("status", [301, 307, 400, 404, 500, 503])
def test_nothing_but_2xx_is_well_and_no_redirect_is_followed(
    desk: Desk, receiver: Receiver, other: Receiver, status: int
) -> None:
    endpoint = desk.add(receiver)
    other.secrets = receiver.secrets
    receiver.answer = answering(status, Location=f"{other.server.url}/hook")
    desk.pay(1)
    assert desk.tell(endpoint) == Told(0, 1)
    assert other.got == []
    receiver.answer = answering(202)
    desk.later(timedelta(seconds=7))
    assert desk.tell(endpoint) == Told(1, 0)
    assert len(set(receiver.ids())) == 1


def test_an_endpoint_that_fails_is_probed_with_one_delivery_at_a_time(desk: Desk, receiver: Receiver) -> None:
    others = (row(f"F-{n}", debtor=f"C-{n}", phone=f"+3364463123{n}") for n in range(2, 5))
    desk.world.load(*others, now=desk.now + timedelta(seconds=1))
    endpoint = desk.add("http://127.0.0.1:9/hook")
    desk.pay(*range(50))
    calls: list[datetime] = []

    def refused(*_: object) -> Heard:
        calls.append(desk.now)
        return Heard(reason="no connection")

    for _ in range(6 * 60 * 6):  # six hours, looked at every ten seconds
        desk.tell_all(endpoint, refused)
        desk.later(timedelta(seconds=10))
    assert all(before < after for before, after in pairwise(calls[4:])), "one at a time, once it is known to fail"
    apart = [after - before for before, after in pairwise(calls)]
    assert len(calls) < 60, "fifty events wait; each has its own backoff, and yet the endpoint is not hammered"
    assert max(apart) <= timedelta(minutes=15, seconds=20), "and it is looked at all the same"
    assert manage.state_of(desk.endpoint(endpoint), real_now=desk.now) == "failing"
    (task,) = desk.tasks()
    assert (task.kind, task.role) == ("endpoint_failing", "admin")
    desk.later(timedelta(minutes=15))
    assert desk.tell(endpoint, lambda *_: Heard(is_done=True)) == Told(1, 0), "one at first"
    desk.tell_all(endpoint, lambda *_: Heard(is_done=True))
    states = [each.state for each in desk.deliveries(endpoint)]
    assert states == [DeliveryState.DONE] * 50, "once it is back all goes at once, also what was to wait for hours"
    assert manage.state_of(desk.endpoint(endpoint), real_now=desk.now) == "on"


def test_what_was_put_off_for_hours_goes_once_the_endpoint_answers_again(desk: Desk, receiver: Receiver) -> None:
    endpoint = desk.add(receiver)
    receiver.answer = answering(502)
    desk.pay(1)
    for wait in BACKOFF[:6]:
        desk.tell_all(endpoint)
        desk.later(wait * 1.3)
    desk.tell_all(endpoint)
    desk.later(timedelta(minutes=20))
    assert desk.deliveries(endpoint)[0].next_at > desk.now + HOUR
    receiver.answer = answering(204)
    desk.pay(2)
    desk.tell_all(endpoint)
    assert sorted(map(str, receiver.payments())) == ["P-1", "P-2"]


def test_one_event_that_is_refused_does_not_stop_the_others(desk: Desk, receiver: Receiver) -> None:
    endpoint = desk.add(receiver)
    receiver.answer = lambda request: Reply(500 if b'"P-3"' in request.body else 204)
    desk.pay(*range(10))
    for _ in range(30):
        desk.tell_all(endpoint)
        desk.later(timedelta(seconds=3))
    assert set(receiver.payments()) == {f"P-{n}" for n in range(10)} - {"P-3"}
    assert sum(each.tries for each in desk.deliveries(endpoint)) < 9 + 5
    assert len(receiver.got) == 9


def test_gone_is_gone(desk: Desk, receiver: Receiver) -> None:
    endpoint = desk.add(receiver)
    receiver.answer = answering(410)
    desk.pay(1)
    desk.tell_all(endpoint)
    assert desk.endpoint(endpoint).disabled_why == "answered 410"
    (task,) = desk.tasks()
    assert (task.kind, task.subject, task.role) == ("endpoint_gone", endpoint.id, "admin")
    desk.later(timedelta(days=1))
    desk.pay(2)
    assert len(desk.deliveries(endpoint)) == 1, "nothing more is kept for it"
    receiver.answer = answering(204)
    desk.tell_all(endpoint)
    assert receiver.got == []
    manage.enable_endpoint(desk.world.database, endpoint.id)
    desk.tell_all(endpoint)
    assert receiver.payments() == ["P-1"]


def test_an_endpoint_that_asks_for_time_gets_it(desk: Desk, receiver: Receiver) -> None:
    endpoint = desk.add(receiver)
    receiver.answer = answering(429, Retry_After="3600")
    desk.pay(1, 2)
    desk.tell_all(endpoint)
    receiver.answer = answering(204)
    desk.later(HOUR - timedelta(seconds=1))
    desk.tell_all(endpoint)
    assert receiver.got == []
    desk.later(timedelta(seconds=1))
    desk.tell_all(endpoint)
    assert len(receiver.got) == 2


@pytest.mark.parametrize(
    "text, seconds",
    [("Tue, 10 Mar 2026 09:02:00 GMT", 120), ("Tue, 10 Mar 2020 09:02:00 GMT", 5), ("9" * 30, 86_400), ("soon", 5)],
)
def test_what_retry_after_may_say(desk: Desk, receiver: Receiver, text: str, seconds: int) -> None:
    endpoint = desk.add(receiver)
    receiver.answer = answering(503, Retry_After=text)
    desk.pay(1)
    desk.tell(endpoint)
    (waiting,) = desk.deliveries(endpoint)
    wait = (waiting.next_at - desk.now).total_seconds()
    assert seconds <= wait <= seconds * 1.2


def test_an_address_of_a_private_network_is_not_called(desk: Desk, receiver: Receiver) -> None:
    """Neither when it is added, nor by a name that turns out to stand for one."""
    endpoint = desk.add(receiver)
    desk.pay(1)
    strict = caller(KEY, lambda: desk.now, allows_private=False)
    assert desk.tell(endpoint, strict) == Told(0, 1)
    (waiting,) = desk.deliveries(endpoint)
    assert "private network" in waiting.reason
    assert receiver.got == []
    by_name = desk.add(f"http://localhost:{receiver.server.port}/hook")
    desk.pay(2)
    assert desk.tell(by_name, strict) == Told(0, 1)
    assert (receiver.got, receiver.refused) == ([], 0)


def test_dead_endpoints_beside_a_healthy_one(desk: Desk, receiver: Receiver, other: Receiver) -> None:
    """A refused connection, 500, 429, 410, and one that never answers and holds its own thread all the time."""
    healthy = desk.add(receiver)
    dead = [desk.add("http://127.0.0.1:9/hook")]
    stubs = [HttpStub(lambda _, status=status: Reply(status)) for status in (500, 429, 410)]  # type: ignore[misc]  # a default binds the loop's value
    with stubs[0], stubs[1], stubs[2], HttpStub(lambda _: None) as silent:
        dead += [desk.add(stub.url) for stub in stubs]
        hanging = desk.add(silent.url)
        desk.pay(*range(40))
        with ThreadPoolExecutor(4) as its_own:
            thread = threading.Thread(
                target=tell_endpoint,
                args=(desk.world.database, hanging.id, desk.call),
                kwargs={"executor": its_own, "clock": lambda: desk.now, "real_clock": lambda: desk.now},
            )
            thread.start()
            until = time.monotonic() + 30
            while not silent.open_transports and time.monotonic() < until:
                time.sleep(0.01)
            for each in dead:
                desk.tell_all(each)
            desk.tell_all(healthy)
            was_hanging = thread.is_alive()
            silent.close_connections()
            thread.join()
    assert was_hanging
    assert set(receiver.payments()) == {f"P-{n}" for n in range(40)}
    assert len(receiver.got) == 40
    fares = {desk.endpoint(each).failing_since is not None for each in dead}
    assert fares == {True}
