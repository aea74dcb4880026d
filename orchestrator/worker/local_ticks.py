"""Ticks of one process: threads that wake the drains of an engine. Nothing else runs beside it, no broker is asked."""

import threading
from collections.abc import Callable
from functools import partial

from orchestrator.worker.engine import HOUSE_SECONDS, Engine

POLL_SECONDS = 1.0
RECONCILE_SECONDS = 5.0
GUARDS_SECONDS = 30.0


class LocalTicks:
    """One thread for each lane, for the cases, for doubts, pauses, guard-rails and endpoints, until `stop`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Starts every thread."""
        self._every("advance", POLL_SECONDS, self._engine.advance)
        self._every("reconcile", RECONCILE_SECONDS, self._engine.reconcile)
        self._every("house", HOUSE_SECONDS, self._engine.keep_house)
        self._every("guards", GUARDS_SECONDS, self._engine.watch)
        self._every("endpoints", POLL_SECONDS, self._engine.tell)
        for lane in self._engine.post.lanes:
            self._every(f"send {lane.id}", POLL_SECONDS, partial(self._engine.send, lane.id))

    def stop(self) -> None:
        """Stops the ticks, then lets what is in flight finish."""
        self._engine.stopped.set()
        for thread in self._threads:
            thread.join()
        self._engine.stop()

    def _every(self, name: str, seconds: float, drain: Callable[[], int]) -> None:
        """`name` is that of the drain, as the engine calls it."""

        def run() -> None:
            # A round that found work looks again at once.
            while not self._engine.stopped.wait(0.0 if drain() else seconds):
                pass

        self._engine.pulse.expect(name, every_seconds=seconds)
        thread = threading.Thread(target=run, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()
