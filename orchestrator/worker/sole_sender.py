"""On SQLite one process sends: an OS lock on HOME says which (semantics D4). PostgreSQL needs no such lock."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from orchestrator.bootstrap import Deployment
from orchestrator.domain.errors import Conflict


@contextmanager
def sole_sender(place: Deployment) -> Iterator[None]:
    """Holds the lock while the block runs. Raises Conflict (`sender_running`) when another process has it."""
    if place.database.name != "sqlite":
        yield
        return
    place.settings.home.mkdir(parents=True, exist_ok=True)
    with (place.settings.home / "sender.lock").open("w", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Conflict(
                "another process sends from this home already",
                hint="stop it first; on PostgreSQL several may send",
                where=str(place.settings.home),
                code="sender_running",
            ) from None
        yield
