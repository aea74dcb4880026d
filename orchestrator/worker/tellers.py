"""The threads that tell endpoints what happened: each endpoint has its own, so that none waits for another."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import cached_property

from orchestrator.bootstrap import Deployment
from orchestrator.flows.tell_endpoints import CONCURRENCY, Call, caller, due_endpoints, tell_endpoint

Drain = Callable[[str, Callable[[], int]], int]
"""Runs rounds under a name until one finds nothing or its budget is spent; no error leaves it."""


class Tellers:
    """Wakes a thread for each endpoint that has something due, unless it has one at work."""

    def __init__(self, place: Deployment, drain: Drain, stopped: threading.Event) -> None:
        self._place = place
        self._drain = drain
        self._stopped = stopped
        self._lock = threading.Lock()
        self._at_work: dict[str, threading.Thread] = {}

    def wake(self) -> int:
        """One look at what is due. Returns zero always: those who work look for themselves until nothing is left."""
        for endpoint_id in due_endpoints(self._place.database, now=self._place.now(), real_now=_real_clock()):
            with self._lock:
                if endpoint_id not in self._at_work and not self._stopped.is_set():
                    thread = threading.Thread(
                        target=self._work, args=(endpoint_id,), name=f"tell-{endpoint_id}", daemon=True
                    )
                    self._at_work[endpoint_id] = thread
                    thread.start()
        return 0

    def stop(self) -> None:
        """Lets the calls in flight finish, which takes ten seconds at most beside the name server."""
        with self._lock:
            threads = list(self._at_work.values())
        for thread in threads:
            thread.join()

    def _work(self, endpoint_id: str) -> None:
        try:
            with ThreadPoolExecutor(CONCURRENCY, f"call-{endpoint_id}") as executor:
                while self._drain(f"tell {endpoint_id}", lambda: self._turn(endpoint_id, executor)):
                    pass
        finally:
            with self._lock:
                del self._at_work[endpoint_id]

    def _turn(self, endpoint_id: str, executor: ThreadPoolExecutor) -> int:
        return tell_endpoint(
            self._place.database,
            endpoint_id,
            self._call,
            executor=executor,
            clock=self._place.now,
            real_clock=_real_clock,
        ).moved

    @cached_property
    def _call(self) -> Call:
        """Made when first needed: who has no endpoints needs no key."""
        allows_private = self._place.settings.private_endpoints
        return caller(self._place.secret_key, _real_clock, allows_private=allows_private)


def _real_clock() -> datetime:
    return datetime.now(UTC)
