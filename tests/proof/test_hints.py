"""Workers and a scheduler as they are installed: Redis only hints, and when it forgets all, nothing is lost (R19)."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from shutil import copytree

import pytest
from msgspec.structs import replace
from redis import Redis

from orchestrator.bootstrap import Deployment
from orchestrator.settings import read_settings, shipped
from orchestrator.storage import migrations
from orchestrator.storage.database import Database
from orchestrator.storage.messages import MessageState
from orchestrator.worker.hints import Hints, make_broker
from tests.bench.portfolios import NOW, fill, fresh_ledger
from tests.builders import a_debtor
from tests.proof.history import History, faults_in_the_end, read_history
from tests.services import PostgresServer
from tests.stubs.twilio_stub import ACCOUNT_SID, AUTH_TOKEN, TwilioStub

COUNT = 30
_LANES = f"""
lanes:
  - id: proof
    channel: sms
    provider: twilio
    settings:
      account_sid: {ACCOUNT_SID}
      auth_token: {{env: TWILIO_AUTH_TOKEN}}
"""


@pytest.fixture
def environ(
    tmp_path: Path, postgres_server: PostgresServer, redis_url: str, stub: TwilioStub
) -> Iterator[Mapping[str, str]]:
    """The environment of every process of one deployment, on a clock shifted to a Tuesday morning."""
    url = postgres_server.create_database()
    campaigns = copytree(shipped("campaigns"), tmp_path / "campaigns")
    for name, mode in (("b2c-small", "observe"), ("creditors/acme-telecom", "confirm")):
        path = campaigns / f"{name}.yaml"
        path.write_text(path.read_text("utf-8").replace(f"mode: {mode}", "mode: automatic"), "utf-8")
    (tmp_path / "lanes.yaml").write_text(_LANES, "utf-8")
    yield {
        "RELANCE_HOME": str(tmp_path / "home"),
        "RELANCE_DATABASE_URL": url,
        "RELANCE_REDIS_URL": redis_url,
        "RELANCE_CAMPAIGNS": str(campaigns),
        "RELANCE_LANES": str(tmp_path / "lanes.yaml"),
        "RELANCE_NOW": NOW.isoformat(),
        "RELANCE_TWILIO_BASE_URL": stub.url,
        "RELANCE_SECRET_KEY": "an invented key that is long enough",
        "TWILIO_AUTH_TOKEN": AUTH_TOKEN,
    }
    postgres_server.drop_database(url)


def test_every_drain_has_an_actor_that_a_hint_can_name() -> None:
    """A broker is not asked before something is sent: a Redis that is away does not keep a worker from starting."""
    broker = make_broker("redis://127.0.0.1:9")
    Hints(broker)
    assert {"cases.advance", "lane.send", "attempts.reconcile", "pauses.end"} <= broker.get_declared_actors()
    broker.close()


@pytest.mark.soak
def test_a_redis_that_forgets_everything_costs_only_time(
    environ: Mapping[str, str], redis_url: str, stub: TwilioStub
) -> None:
    with ExitStack() as running:
        database = _planned(environ)
        running.callback(database.close)
        for name in ("worker", "worker", "scheduler"):
            running.enter_context(_process(environ, name))
        redis = running.enter_context(Redis.from_url(redis_url))
        until = time.monotonic() + 40.0
        while (history := read_history(database, tuple(stub.taken))).states()[MessageState.ACCEPTED] < COUNT:
            assert time.monotonic() < until, _state(history)
            _forget(redis)
            time.sleep(0.05)
    assert faults_in_the_end(history) == []
    assert len(stub.taken) == COUNT


def _planned(environ: Mapping[str, str]) -> Database:
    """Cases that are due; the workers decide them too."""
    database = Database(environ["RELANCE_DATABASE_URL"])
    migrations.upgrade(database)
    place = Deployment(read_settings(environ), database=database, environ=environ)
    place.release(place.find_campaign("b2c-small"), by="test", now=datetime.now(UTC))
    person = a_debtor(email="", post=False).people[0]
    fill(database, COUNT, debtor=replace(a_debtor(), people=(person,)))
    fresh_ledger(database)
    return database


def _forget(redis: "Redis") -> None:
    """All but the sign that this database is taken, by which runs of tests share a server."""
    with redis.pipeline(transaction=True) as together:
        together.flushdb()
        together.set("relance-test-lease", "1", ex=3600)
        together.execute()


def _state(history: History) -> str:
    return f"{dict(history.states())}, {len(history.taken)} taken"


@contextmanager
def _process(environ: Mapping[str, str], name: str) -> Iterator[None]:
    """`relance worker` or `relance scheduler`, ended as a supervisor ends it."""
    usual = {key: value for key, value in os.environ.items() if not key.startswith("RELANCE_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "orchestrator.cli", name],
        env={**usual, **environ},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(5)
