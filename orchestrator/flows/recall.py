"""Recall: between the gate and its call a message is dropped when a pause begins, or its case or person changed.

A batch takes up to two seconds to be called. Who writes STOP, pays or disputes meanwhile is not written to: the message
is put back, and the next gate judges it by what is known then.
"""

import threading
from collections.abc import Mapping

from channels import boot_clock
from orchestrator.domain.errors import StorageError
from orchestrator.flows.gate import Opened
from orchestrator.flows.outgoing import Outgoing
from orchestrator.storage import barrier, cases
from orchestrator.storage.database import Connection, Database

# How long a pause may go unnoticed by calls that have not begun; asking costs a round trip, what changed two more.
_ASK_EVERY_SECONDS = 0.05
_ASKS_A_LOOK = 2

PAUSED, CHANGED = "pause", "changed"


class Recall:
    """Asks for news of one batch while it is called. Threads share it; one asks, the others use what is known."""

    def __init__(self, database: Database, opened: Opened) -> None:
        self._database, self._epoch, self._closed = database, opened.epoch, opened.closed
        self._versions = {item.case.id: item.stored.version for item in opened}
        self._asked_at = boot_clock.now()
        self._asking = threading.Lock()
        self._asks = 0
        self._is_paused = False
        self._changed: set[str] = set()

    def why(self, item: Outgoing) -> str:
        """Why this message must not be called any more: `pause` or `changed`; empty when it may."""
        if boot_clock.now() - self._asked_at > _ASK_EVERY_SECONDS and self._asking.acquire(blocking=False):
            try:
                self._ask()
            finally:
                self._asking.release()
        if self._is_paused:
            return PAUSED
        return CHANGED if item.case.id in self._changed or item.stored.person_id in self._changed else ""

    def _ask(self) -> None:
        self._asked_at = boot_clock.now()
        try:
            with self._database.read() as conn:
                self._is_paused = self._is_paused or barrier.epoch(conn) != self._epoch
                if not self._asks % _ASKS_A_LOOK:
                    self._changed |= _changed_cases(conn, self._versions) | _changed_persons(conn, self._closed)
                self._asks += 1
        except StorageError:
            self._is_paused = True  # nobody can tell; and what was answered already must still be recorded


def _changed_cases(conn: Connection, versions: Mapping[str, int]) -> set[str]:
    return {key for key, version in cases.versions(conn, versions).items() if version != versions[key]}


def _changed_persons(conn: Connection, closed: Mapping[str, frozenset[str]]) -> set[str]:
    """Those who closed a channel since, in whatever case of theirs."""
    now_closed = cases.opted_out(conn, closed)
    return {key for key, before in closed.items() if now_closed.get(key, frozenset()) - before}
