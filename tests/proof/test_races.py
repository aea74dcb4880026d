"""Gates against pauses, and gates against each other, in threads; the ways to get it wrong are planted and found.

Races are aimed: a planted wait keeps a gate, or a call, in the narrow place where the fault would show.
"""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from channels import boot_clock
from channels.contract import Adapter
from orchestrator.domain.condition import ALWAYS
from orchestrator.domain.errors import Conflict, StorageError
from orchestrator.domain.interruption import Pause
from orchestrator.flows.dispatch import dispatch_lane
from orchestrator.flows.pause_sending import start_pause
from orchestrator.storage import attempts, barrier, pauses
from orchestrator.storage.database import Connection
from tests.proof.scripted import Scripted
from tests.proof.trial import Trial

_GATES = 2
_PAUSES = 2
_MANY = 25
_MOMENT = 0.02
_LINGERS = 0.06


class Race:
    """Gates in threads on one database, and pauses between them."""

    def __init__(self, trial: Trial) -> None:
        self.trial, self.adapter, self._stopped = trial, Scripted(_MOMENT), threading.Event()
        self.lingering = 0
        self.lane = trial.way.lane()
        self.strategy = trial.scene.on(self.lane)
        adapter: Adapter = self.adapter
        self.post = trial.scene.post(self.lane, adapter)

    @contextmanager
    def gates(self) -> Iterator[None]:
        """Gates of a few messages each, one after the other in each thread."""
        with ThreadPoolExecutor(_GATES) as threads:
            running = [threads.submit(self._send) for _ in range(_GATES)]
            try:
                yield
            finally:
                self._stopped.set()
        for each in running:
            each.result()

    def _send(self) -> None:
        while not self._stopped.is_set():
            now = datetime.now(UTC)
            at = now + self.trial.shift
            # SQLite waits a second for its lock, in no order; its senders take no turns either, and one may have worded
            # a message before the other's attempt was put back. The next round is as good.
            with suppress(StorageError, Conflict):
                dispatch_lane(self.trial.database, self.strategy, self.post, self.lane, now=at, real_now=now, limit=3)

    def violations(self, most_pauses: int = _PAUSES) -> int:
        """Pauses, each while a gate is about to commit; how many calls began after a report had said `paused`.

        At most so many pauses, none after a violation: a fault that is there shows sooner or later, however slow the
        machine is.
        """
        found = 0
        with self.gates():
            for number in range(most_pauses):
                if found:
                    break
                met = self.lingering
                _until(lambda: self.lingering > met)  # noqa: B023  # asked within this round only
                pause = Pause(id=f"p-{number}", scope=ALWAYS, since=self.trial.now(), reason="a crisis", by="test")
                start_pause(self.trial.database, pause)
                _until(lambda: self.trial.report(f"p-{number}").state == "paused")  # noqa: B023  # the same
                paused_at = boot_clock.now()
                time.sleep(0.05)
                found += sum(began > paused_at for began in tuple(self.adapter.began))
                with self.trial.database.begin() as conn:
                    pauses.save(conn, replace(pause, resumed_at=self.trial.now()))
        return found

    def linger(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Each gate that opens stays a while between its last look at the pauses and its commit."""
        insert = attempts.insert

        def late(conn: Connection, items: list[attempts.Attempt]) -> None:
            insert(conn, items)
            if items:
                self.lingering += 1
                time.sleep(_LINGERS)

        monkeypatch.setattr(attempts, "insert", late)


@pytest.fixture
def race(large_trial: Trial, monkeypatch: pytest.MonkeyPatch) -> Race:
    """Gates that linger, on each database."""
    made = Race(large_trial)
    made.linger(monkeypatch)
    return made


def test_no_call_begins_after_a_pause_is_acknowledged(race: Race) -> None:
    assert race.violations() == 0
    assert len(race.adapter.began) > _PAUSES


def test_a_gate_that_does_not_share_the_barrier_is_found(
    postgres_trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first wrong way: pauses are read by the gate without a lock before it. On SQLite every gate is alone."""
    race = Race(postgres_trial)
    race.linger(monkeypatch)
    monkeypatch.setattr(barrier, "share", barrier.epoch)
    assert race.violations(_MANY) > 0


def test_an_acknowledgement_that_does_not_wait_is_found(race: Race, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second wrong way: a pause is acknowledged while calls are in flight."""
    monkeypatch.setattr(attempts, "calling", _none)
    assert race.violations(_MANY) > 0


def _none(_conn: Connection) -> list[attempts.Attempt]:
    return []


def _until(is_so: Callable[[], bool], seconds: float = 10.0) -> None:
    until = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < until, "this takes too long"
        time.sleep(0.002)
