"""What was answered 2xx is applied, once: PostgreSQL dies and the server is killed while webhooks arrive over HTTP."""

import asyncio
import http.client
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from channels.contract import Channel, DeliveryStatus, strongest
from orchestrator.domain.case import Case
from orchestrator.flows.apply_inbox import apply_inbox
from orchestrator.storage import cases, inbox, journal, migrations
from orchestrator.storage.database import Connection, Database
from orchestrator.storage.inbox import State
from orchestrator.web.webhooks.spool import Spool
from tests.bench import webhooks
from tests.proof.private_postgres import PrivatePostgres, binaries
from tests.proof.scene import NOW, Scene
from tests.proof.trial import Trial

_DURABLE = "?options=-csynchronous_commit%3Don"
_PATIENCE = 120.0
WORDS = ("queued", "sent", "delivered", "undelivered")


@pytest.fixture(scope="module")
def own_postgres() -> Iterator[PrivatePostgres]:
    """A server that a test may stop."""
    if binaries() is None:
        pytest.skip("no PostgreSQL server is installed here")
    with PrivatePostgres() as made:
        yield made


def until(condition: Callable[[], bool], what: str) -> None:
    """Waits for a condition, as long as the slowest machine may need."""
    end = time.monotonic() + _PATIENCE
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.02)


class Provider(threading.Thread):
    """Posts events one after the other, some of them twice; `answered` are the keys of those answered 2xx."""

    def __init__(self, port: int, name: str) -> None:
        super().__init__(daemon=True)
        self._port, self._name = port, name
        self._stopped = threading.Event()
        self.answered: set[str] = set()
        self.refused: Counter[int] = Counter()

    def run(self) -> None:
        number = 0
        while not self._stopped.is_set():
            number += 1
            sid = f"SM{self._name}{number}"
            for _ in range(1 + number % 2):
                self._post(sid)

    def stop(self) -> None:
        self._stopped.set()
        self.join(_PATIENCE)

    def _post(self, sid: str) -> None:
        head, _, body = webhooks.signed("nobody", sid, "delivered").partition(b"\r\n\r\n")
        request, *lines = head.decode().split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines)
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        try:
            connection.request("POST", request.split(" ")[1], body, headers)
            status = connection.getresponse().status
        except OSError:
            return  # the server was killed: nothing was promised
        finally:
            connection.close()
        if status == 204:
            self.answered.add(f"{sid}:delivered")
        else:
            self.refused[status] += 1


def keys(database: Database) -> list[str]:
    with database.read() as conn:
        return [event.key for event in inbox.search(conn, limit=1_000_000)]


def test_postgresql_stopped_while_webhooks_arrive_loses_nothing(own_postgres: PrivatePostgres, tmp_path: Path) -> None:
    """Every 2xx is kept in the end, exactly once, and no webhook was sent away meanwhile."""
    url = own_postgres.server().create_database() + _DURABLE
    database = Database(url)
    migrations.upgrade(database)
    with webhooks.server(url, tmp_path) as served:
        providers = [Provider(served.port, name) for name in ("a", "b", "c")]
        for each in providers:
            each.start()

        def heard() -> int:
            return sum(len(each.answered) for each in providers)

        for _ in range(2):
            before = heard()
            until(lambda: heard() >= before + 100, "webhooks are kept")  # noqa: B023 - asked within this round only
            own_postgres.stop()
            away = heard()
            until(lambda: heard() >= away + 100, "webhooks go to the spool")  # noqa: B023 - the same
            own_postgres.start()
            back = heard()
            until(lambda: heard() >= back + 100, "webhooks are kept again")  # noqa: B023 - the same
        for each in providers:
            each.stop()
        until(lambda: Spool(tmp_path / "spool").is_empty(), "the spool comes in")
    answered = set().union(*(each.answered for each in providers))
    assert sum((each.refused for each in providers), Counter()) == {}
    database.close()
    found = keys(database)
    assert answered <= set(found)
    assert len(found) == len(set(found))
    database.close()


def test_a_server_killed_between_spool_and_drain_loses_nothing(own_postgres: PrivatePostgres, tmp_path: Path) -> None:
    """kill -9 with the database away; another server of the same home brings the events in."""
    url = own_postgres.server().create_database() + _DURABLE
    database = Database(url)
    migrations.upgrade(database)
    with webhooks.server(url, tmp_path) as served:
        provider = Provider(served.port, "k")
        provider.start()
        until(lambda: len(provider.answered) >= 20, "webhooks are kept")
        own_postgres.stop()
        away = len(provider.answered)
        until(lambda: len(provider.answered) >= away + 200, "webhooks go to the spool")
        os.kill(served.process_id, signal.SIGKILL)
        provider.stop()
    own_postgres.start()
    assert not Spool(tmp_path / "spool").is_empty()
    with webhooks.server(url, tmp_path):
        until(lambda: Spool(tmp_path / "spool").is_empty(), "what the dead server left comes in")
    database.close()
    found = keys(database)
    assert provider.answered <= set(found)
    assert len(found) == len(set(found))
    database.close()


def test_ten_thousand_duplicated_and_shuffled_events_count_once(postgres_trial: Trial, tmp_path: Path) -> None:
    """600 messages, four receipts of each, told over HTTP again and again in no order, applied by two at once."""
    trial = postgres_trial
    trial.send_together()
    trial.assert_all_left_once()
    chance = random.Random(20261122)
    with trial.database.read() as conn:
        left = [(case.id, case.departures[0].attempt_id) for case in _each_case(conn)]
    told = [(attempt_id, word) for _, attempt_id in left for word in WORDS]
    posted = [*told, *chance.choices(told, k=10_000 - len(told))]
    chance.shuffle(posted)
    requests = [webhooks.signed(attempt_id, f"SM{attempt_id}", word) for attempt_id, word in posted]
    with webhooks.server(trial.url, tmp_path) as served, ThreadPoolExecutor(2) as workers:
        is_over = threading.Event()
        working = [workers.submit(_work, trial.scene, trial.url, is_over) for _ in range(2)]
        asyncio.run(webhooks.post_all(served.port, requests))
        until(lambda: _states(trial.database) == {State.APPLIED: len(told)}, "every event is applied")
        is_over.set()
        for each in working:
            each.result(30)
    with trial.database.read() as conn:
        for case in _each_case(conn):
            assert len(case.receipts) == len(WORDS)
            shown = strongest(Channel.SMS, (receipt.status for receipt in case.receipts))
            assert shown is DeliveryStatus.DELIVERED
        facts = Counter(line.type for case_id, _ in left for line in journal.read(conn, case_id))
    assert facts["delivery.reported"] == len(told)


def _each_case(conn: Connection) -> list[Case]:
    return [stored.case for page in cases.each(conn) for stored in page]


def _states(database: Database) -> dict[State, int]:
    with database.read() as conn:
        return dict(Counter(event.state for event in inbox.search(conn, limit=1_000_000)))


def _work(scene: Scene, url: str, is_over: threading.Event) -> None:
    database = Database(url)
    try:
        while not is_over.is_set():
            if not apply_inbox(database, scene.strategy, now=NOW, real_now=datetime.now(UTC)).looked_at:
                time.sleep(0.02)
    finally:
        database.close()
