"""Insist: what must be written is tried again while the database is away, or held by others. Owns no transaction."""

import time
from collections.abc import Callable
from typing import TypeVar

from channels import boot_clock
from orchestrator.domain.errors import StorageError

_PASSING = frozenset({"database_unreachable", "database_locked", "database_busy"})
_BREATH_SECONDS = 0.05

Written = TypeVar("Written")


def insist(write: Callable[[], Written], *, seconds: float) -> Written:
    """What `write` returns, tried again for so many seconds. It must bear being done twice: the answer to a commit
    may have been lost. Raises the StorageError of the last try."""
    until = boot_clock.now() + seconds
    while True:
        try:
            return write()
        except StorageError as error:
            if error.code not in _PASSING or boot_clock.now() > until:
                raise
        time.sleep(_BREATH_SECONDS)
