"""Keeps events: in the database, or in the spool while it is away; and brings the spool in when it is back."""

import asyncio
import logging
import threading
from collections.abc import Callable, Sequence
from datetime import datetime

from msgspec.structs import replace

from orchestrator.domain.errors import Conflict, RelanceError, StorageError, kind_and_place
from orchestrator.storage import inbox
from orchestrator.storage.database import Database
from orchestrator.storage.inbox import Arrival
from orchestrator.web.webhooks.group import Group
from orchestrator.web.webhooks.spool import Spool

log = logging.getLogger("orchestrator.web")

# Providers wait for 5 to 15 seconds; a database that takes longer than this counts as away.
_PATIENCE_SECONDS = 2.0
_LOOK_AGAIN_SECONDS = 1.0
# What the database says of an event of ours, beside what concerns everybody.
_OF_AN_EVENT = frozenset({StorageError.code, "invalid_text"})


class Keeper:
    """One per process. `on_kept` is called by a thread of ours after events were committed."""

    def __init__(
        self,
        database: Callable[[], Database],
        spool: Spool,
        *,
        clock: Callable[[], datetime],
        on_kept: Callable[[], None],
    ) -> None:
        """`clock` tells the wall's instant. Starts nothing."""
        self._database = database
        self._spool = spool
        self._clock = clock
        self._on_kept = on_kept
        self._committing = Group("inbox-commit", self._commit)
        self._spooling = Group("inbox-spool", self._append)
        self._is_away = False
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._drainer: threading.Thread | None = None

    async def keep(self, arrivals: Sequence[Arrival]) -> bool:
        """True once the events survive whatever happens to this process; False when nothing takes them."""
        if not arrivals:
            return True
        if not self._is_away and self._committing.busy_seconds() < _PATIENCE_SECONDS:
            try:
                if await asyncio.wait_for(self._committing.add(arrivals), _PATIENCE_SECONDS):
                    return True
            except TimeoutError:
                pass  # it may be committed yet; then the spool brings it a second time, to no effect
            self._is_away = True
        self.start()
        return await self._spooling.add(arrivals)

    def start(self) -> None:
        """Looks after the spool from now on: what an earlier process left in it comes in first."""
        with self._lock:
            if self._drainer is None and not self._stopped.is_set():
                self._drainer = threading.Thread(target=self._look_after, name="inbox-drain", daemon=True)
                self._drainer.start()

    def stop(self) -> None:
        """Finishes what is being written. What is in the spool stays there for the next process."""
        self._stopped.set()
        for group in (self._committing, self._spooling):
            group.stop(within_seconds=_PATIENCE_SECONDS)
        if self._drainer is not None:
            self._drainer.join(_PATIENCE_SECONDS)
        self._spool.close()

    # ------------------------------------------------------------------------------------------- threads

    def _commit(self, arrivals: Sequence[Arrival]) -> bool:
        try:
            self._put(arrivals)
        except RelanceError as error:
            log.warning("the database takes no events, they go to the spool: %s", error.code)
            return False
        self._on_kept()
        return True

    def _put(self, arrivals: Sequence[Arrival]) -> None:
        with self._database().begin(is_hurried=True) as conn:
            inbox.put(conn, arrivals, now=self._clock())

    def _append(self, arrivals: Sequence[Arrival]) -> bool:
        now = self._clock()
        try:
            self._spool.append([replace(each, received_at=now) for each in arrivals])
        except OSError as error:
            log.error("the spool takes no events: %s", error.strerror)
            return False
        return True

    def _look_after(self) -> None:
        """While the database is away every second; else now and then, for what a process that died has left."""
        while not self._stopped.is_set():
            try:
                self.drain()
            except RelanceError as error:
                log.warning("the spool waits for the database: %s", error.code)
            except Exception as error:  # noqa: BLE001 - the thread must outlive every error
                log.error("the spool could not be brought in: %s", kind_and_place(error, frames=8))
            self._stopped.wait(_LOOK_AGAIN_SECONDS)

    def drain(self) -> int:
        """Brings the spool in; returns how many events. Raises StorageError while the database is away."""
        total = 0 if self._spool.is_empty() else self._spool.drain(self._bring_in)
        if self._is_away and not total:  # nothing was brought in, what waits may be another process's
            with self._database().begin(is_hurried=True):
                pass  # it answers
        self._is_away = False
        if total:
            log.info("%d events of the spool came in", total)
            self._on_kept()
        return total

    def _bring_in(self, arrivals: Sequence[Arrival]) -> None:
        """An event that the database will never take is left out, and said; the others come in."""
        try:
            self._put(arrivals)
        except (StorageError, Conflict) as error:
            if isinstance(error, StorageError) and error.code not in _OF_AN_EVENT:
                raise
            if len(arrivals) > 1:
                middle = len(arrivals) // 2
                self._bring_in(arrivals[:middle])
                self._bring_in(arrivals[middle:])
                return
            self._put([_unstorable(arrivals[0])])


def _unstorable(arrival: Arrival) -> Arrival:
    """The event in ASCII: what a database may refuse of a text is gone, and a person can still read it."""
    return replace(arrival, key=_ascii(arrival.key), body=_ascii(arrival.body))


def _ascii(text: str) -> str:
    return text.encode("ascii", "backslashreplace").decode().replace("\0", "\\x00")
