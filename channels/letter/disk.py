"""Durable steps on files: written and on the disk before the next step begins. Knows nothing of letters.

For a local POSIX file system with hard links and `flock`.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_POLL_SECONDS = 0.005


class LockHeld(Exception):
    """Another thread or process held the lock for the whole time that could be waited."""


class Disk:
    """The steps that a test may make fail or stop, one method each; every one has taken effect on return."""

    def write(self, path: Path, content: bytes) -> None:
        """The file with its content on the disk; its name is there after `sync_folder` only."""
        with path.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())

    def rename(self, old: Path, new: Path) -> None:
        """Replaces a file, or gives its name to a folder that must not be there yet."""
        old.rename(new)

    def link(self, old: Path, new: Path) -> None:
        """A second name for the same file."""
        new.hardlink_to(old)

    def remove(self, path: Path) -> None:
        """Takes a name away; it may be gone already."""
        path.unlink(missing_ok=True)

    def make_folder(self, path: Path) -> None:
        """The folder inside one that must be there: a share that is not mounted is never written beside."""
        path.mkdir(exist_ok=True)

    def sync_folder(self, path: Path) -> None:
        """The names in the folder are on the disk."""
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextmanager
def locked(path: Path, *, wait_seconds: float) -> Iterator[None]:
    """One holder at a time among threads and processes; a dead one holds nothing. Raises LockHeld."""
    deadline = time.monotonic() + wait_seconds
    with path.open("ab") as file:
        while not _try_lock(file.fileno()):
            if time.monotonic() >= deadline:
                raise LockHeld(path.name)
            time.sleep(_POLL_SECONDS)
        yield


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
