"""Requests that wait together are written together: one thread, one write, then each is told. Owns no storage."""

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from time import monotonic

from orchestrator.domain.errors import kind_and_place
from orchestrator.storage.inbox import Arrival

log = logging.getLogger("orchestrator.web")

Write = Callable[[Sequence[Arrival]], bool]
"""Writes the events of several requests at once; False when they are not written. Raises nothing that is foreseen."""

# A batch beyond this waits for the next one.
_MOST_EVENTS = 1_000
_MOST_CHARACTERS = 4_000_000


class Group:
    """What is written while others wait: the more come at once, the fewer writes for each."""

    def __init__(self, name: str, write: Write) -> None:
        """`name` is that of the thread, which starts with the first request."""
        self._name = name
        self._write = write
        self._waiting: deque[_Waiting] = deque()
        self._wake = threading.Condition()
        self._thread: threading.Thread | None = None
        self._began: float | None = None
        self._is_stopped = False

    async def add(self, arrivals: Sequence[Arrival]) -> bool:
        """Whether the events of one request were written."""
        item = _Waiting(arrivals, asyncio.get_running_loop())
        with self._wake:
            if self._is_stopped:
                return False
            self._waiting.append(item)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()
            self._wake.notify()
        return await item.told

    def busy_seconds(self) -> float:
        """For how long the write that is being done has been; 0 when none is."""
        began = self._began
        return 0.0 if began is None else monotonic() - began

    def stop(self, *, within_seconds: float) -> None:
        """Writes what waits, and no more."""
        with self._wake:
            self._is_stopped = True
            self._wake.notify()
        if self._thread is not None:
            self._thread.join(within_seconds)

    def _run(self) -> None:
        while batch := self._next():
            self._began = monotonic()
            try:
                is_written = self._write([arrival for item in batch for arrival in item.arrivals])
            except Exception as error:  # noqa: BLE001 - the thread must outlive every error, and each waits for word
                log.error("events could not be written: %s", kind_and_place(error, frames=8))
                is_written = False
            self._began = None
            for item in batch:
                item.tell(is_written)

    def _next(self) -> list["_Waiting"]:
        """The requests to be written now; none at the end."""
        batch: list[_Waiting] = []
        events = characters = 0
        with self._wake:
            while not self._waiting and not self._is_stopped:
                self._wake.wait()
            while self._waiting and events < _MOST_EVENTS and characters < _MOST_CHARACTERS:
                item = self._waiting.popleft()
                events += len(item.arrivals)
                characters += sum(len(each.body) for each in item.arrivals)
                batch.append(item)
        return batch


class _Waiting:
    """One request, in the event loop where it waits."""

    __slots__ = ("_loop", "arrivals", "told")

    def __init__(self, arrivals: Sequence[Arrival], loop: asyncio.AbstractEventLoop) -> None:
        self.arrivals = arrivals
        self.told: asyncio.Future[bool] = loop.create_future()
        self._loop = loop

    def tell(self, is_written: bool) -> None:
        try:
            self._loop.call_soon_threadsafe(self._settle, is_written)
        except RuntimeError:  # its loop has ended: nobody waits any more
            return

    def _settle(self, is_written: bool) -> None:
        if not self.told.done():
            self.told.set_result(is_written)
