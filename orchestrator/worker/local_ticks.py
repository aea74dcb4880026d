"""Ticks of one process: threads that wake the drains of an engine. Nothing else runs beside it, no broker is asked."""

import threading
from collections.abc import Callable
from functools import partial

from orchestrator.worker.engine import FIGURES_SECONDS, HOUSE_SECONDS, Engine
from orchestrator.worker.gatherer import MAILBOX_SECONDS

POLL_SECONDS = 1.0
RECONCILE_SECONDS = 5.0
GUARDS_SECONDS = 30.0
GAPS_SECONDS = 60.0
_PATIENCE_SECONDS = 5.0


class LocalTicks:
    """A thread for each lane, cases, figures, what came in, doubts, pauses, guard-rails, endpoints, until `stop`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._threads: list[threading.Thread] = []
        self._abroad: list[threading.Thread] = []  # they wait for servers of others

    def start(self) -> None:
        """Starts every thread."""
        self._every("advance", POLL_SECONDS, self._engine.advance)
        self._every("reconcile", RECONCILE_SECONDS, self._engine.reconcile)
        self._every("house", HOUSE_SECONDS, self._engine.keep_house)
        self._every("guards", GUARDS_SECONDS, self._engine.watch)
        self._every("figures", FIGURES_SECONDS, self._engine.count)
        self._every("listen", POLL_SECONDS, self._engine.listen, woken_by=self._engine.came_in)
        self._every("endpoints", POLL_SECONDS, self._engine.tell)
        for lane in self._engine.post.lanes:
            self._every(f"send {lane.id}", POLL_SECONDS, partial(self._engine.send, lane.id))
        gatherer = self._engine.gatherer
        self._every("gaps", GAPS_SECONDS, gatherer.repair, is_vital=False)
        for mailbox_id in gatherer.mailbox_ids:
            read = partial(gatherer.read_mailbox, mailbox_id)
            self._every(f"mailbox {mailbox_id}", MAILBOX_SECONDS, read, is_vital=False)

    def stop(self) -> None:
        """Stops the ticks, then lets what is in flight finish."""
        self._engine.stopped.set()
        self._engine.came_in.set()
        for thread in self._threads:
            thread.join()
        for thread in self._abroad:
            thread.join(_PATIENCE_SECONDS)  # then it ends with the process: what it kept is kept
        self._engine.stop()

    def _every(
        self,
        name: str,
        seconds: float,
        drain: Callable[[], int],
        *,
        woken_by: threading.Event | None = None,
        is_vital: bool = True,
    ) -> None:
        """`name` is that of the drain, as the engine calls it; `woken_by` ends a wait before its time.

        A server elsewhere that does not answer makes no process unready: what asks it is not vital.
        """
        waking = woken_by or self._engine.stopped

        def run() -> None:
            # A round that found work looks again at once.
            while not self._engine.stopped.is_set():
                if woken_by is not None:
                    woken_by.clear()  # before the look: what comes during it wakes the next one
                if not drain() and not self._engine.stopped.is_set():
                    waking.wait(seconds)

        if is_vital:
            self._engine.pulse.expect(name, every_seconds=seconds)
        thread = threading.Thread(target=run, name=name, daemon=True)
        (self._threads if is_vital else self._abroad).append(thread)
        thread.start()
