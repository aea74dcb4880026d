"""What takes longer than a page may: made behind it, one thing at a time, and kept. A page never waits for it."""

import logging
from collections import OrderedDict
from collections.abc import Callable, Hashable
from datetime import datetime, timedelta
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any

import msgspec

logger = logging.getLogger("orchestrator.web")

_MOST = 200


class Made(msgspec.Struct, frozen=True):
    """What was made and when (the wall's instant). `has_failed`: nothing could be, and the log says why."""

    value: Any
    at: datetime
    has_failed: bool = False


class Behind:
    """One thread, and what it made by key; what was not asked for longest is forgotten first."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._lock = Lock()
        self._made: OrderedDict[Hashable, Made] = OrderedDict()
        self._asked: set[Hashable] = set()
        self._queue: SimpleQueue[tuple[Hashable, Callable[[], Any]]] = SimpleQueue()
        self._thread: Thread | None = None

    def ask(self, key: Hashable, make: Callable[[], Any], *, fresh_for: timedelta | None = None) -> Made | None:
        """What stands under a key, None while it is being made for the first time.

        What is older than `fresh_for` is given all the same, and made anew for the next who asks.
        """
        with self._lock:
            found = self._made.get(key)
            is_old = found is not None and fresh_for is not None and self._clock() - found.at > fresh_for
            if (found is None or is_old) and key not in self._asked:
                self._asked.add(key)
                self._queue.put((key, make))
                self._start()
            if found is not None:
                self._made.move_to_end(key)
            return found

    def find(self, key: Hashable) -> Made | None:
        """What stands under a key; nothing is asked for."""
        with self._lock:
            return self._made.get(key)

    def _start(self) -> None:
        if self._thread is None:
            # It dies with the process: whatever it was making is made again when somebody asks.
            self._thread = Thread(target=self._work, name="console-behind", daemon=True)
            self._thread.start()

    def _work(self) -> None:
        while True:
            key, make = self._queue.get()
            try:
                made = Made(make(), self._clock())
            except Exception:
                logger.exception("a figure of the console could not be made")
                made = Made(None, self._clock(), has_failed=True)
            with self._lock:
                self._asked.discard(key)
                self._made[key] = made
                while len(self._made) > _MOST:
                    self._made.popitem(last=False)
