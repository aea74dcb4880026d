"""Endpoints are told by threads of their own: one that hangs holds up nobody, and a process ends with them."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from orchestrator.bootstrap import Deployment
from orchestrator.domain.debt import Payment
from orchestrator.domain.events import PaymentReceived
from orchestrator.flows import manage_endpoints as manage
from orchestrator.settings import read_settings
from orchestrator.storage import deliveries, journal
from orchestrator.storage.journal import Entry
from orchestrator.worker.engine import Engine
from orchestrator.worker.local_ticks import LocalTicks
from tests.storage.portfolio import a_case, insert
from tests.stubs.http_stub import HttpStub, Reply, Request

LONG_SECONDS = 60.0


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Deployment]:
    """An embedded deployment with one case, whose endpoints may stand on this machine."""
    made = Deployment(read_settings({"RELANCE_HOME": str(tmp_path), "RELANCE_PRIVATE_ENDPOINTS": "yes"}))
    with made.database.begin() as conn:
        insert(conn, a_case("c1"), due_at=None)
    yield made
    made.database.close()


def add(place: Deployment, url: str) -> str:
    terms = manage.EndpointTerms(url=url)
    made = manage.add_endpoint(place.database, terms, creditors=(), allows_private=True, by="test", now=place.now())
    return made.id


def pay(place: Deployment, *numbers: int) -> None:
    now = place.now()
    facts = [PaymentReceived(id=f"p{n}", at=now, payment=Payment(f"P-{n}", 1, date(2026, 3, 9))) for n in numbers]
    with place.database.begin() as conn:
        journal.append(conn, [Entry("c1", now, fact) for fact in facts], now=now)


def wait_for(is_so: Callable[[], bool]) -> bool:
    until = time.monotonic() + LONG_SECONDS
    while not is_so() and time.monotonic() < until:
        time.sleep(0.02)
    return is_so()


def test_a_healthy_endpoint_hears_everything_while_others_are_dead(place: Deployment) -> None:
    got: list[bytes] = []

    def take(request: Request) -> Reply:
        got.append(request.body)
        return Reply(204)

    asked: list[bytes] = []

    def say_nothing(request: Request) -> None:
        asked.append(request.body)

    with HttpStub(take) as healthy, HttpStub(say_nothing) as silent, HttpStub(lambda _: Reply(500)) as broken:
        for url in (silent.url, broken.url, "http://127.0.0.1:9/", healthy.url):
            add(place, url)
        engine = Engine(place)
        ticks = LocalTicks(engine)
        ticks.start()
        try:
            pay(place, *range(50))
            assert wait_for(lambda: len(got) == 50)
            assert wait_for(lambda: bool(asked)), "one call hangs all the while"
            pay(place, *range(50, 100))
            assert wait_for(lambda: len(got) == 100)
        finally:
            silent.close_connections()
            ticks.stop()
    assert len(got) == 100
    assert not [thread for thread in threading.enumerate() if thread.name.startswith(("tell-", "call-"))]


def test_nothing_is_asked_of_a_deployment_without_endpoints(place: Deployment) -> None:
    """Not even a key to sign with."""
    place.__dict__["secret_key"] = None  # what would be asked for
    engine = Engine(place)
    pay(place, 1)
    assert engine.tell() == 0
    engine.stop()
    assert engine.pulse.failures() == {}


def test_keeping_house_forgets_old_deliveries(place: Deployment) -> None:
    endpoint_id = add(place, "http://127.0.0.1:9/")
    pay(place, 1)
    with place.database.begin() as conn:
        conn.exec_driver_sql("UPDATE deliveries SET happened_at = 0")
    engine = Engine(place)
    engine.keep_house()
    engine.stop()
    with place.database.read() as conn:
        assert deliveries.latest(conn, endpoint_id, limit=9) == []
