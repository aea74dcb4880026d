"""The spool: events in files of this machine while the database is away, each on its disk before it is answered.

A process writes files of its own, held by a lock of the operating system for as long as it lives; whoever finds a file
that nobody holds brings its events in. Coming twice is harmless, for their keys are kept for ever.
"""

import fcntl
import logging
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from threading import Lock
from uuid import uuid4
from zlib import crc32

import msgspec

from orchestrator.storage.inbox import Arrival

log = logging.getLogger("orchestrator.web")

Put = Callable[[Sequence[Arrival]], None]

# One statement of the database at a time.
_MOST_EVENTS = 500
_MOST_BYTES = 8 * 1024 * 1024
_SUFFIX = ".events"


class Spool:
    """The files under one folder. Threads may share it, and so may processes, each with a Spool of its own."""

    def __init__(self, folder: Path) -> None:
        """Touches nothing yet."""
        self._folder = folder
        self._lock = Lock()
        self._file: int | None = None

    def append(self, arrivals: Sequence[Arrival]) -> None:
        """Returns once the events are on the disk. Raises OSError when they are not; some of them may be, then."""
        lines = b"".join(map(_line, arrivals))
        with self._lock:
            file = self._open()
            try:
                _write(file, lines)
                os.fsync(file)
            except OSError:
                # Nothing more is added to this file: it would join a line that was cut, and be lost with it.
                self._close()
                raise

    def is_empty(self) -> bool:
        """Whether no event waits in any file, of this process or of another."""
        return self.size() == 0

    def size(self) -> int:
        """How many bytes of events wait, all processes together."""
        return sum(_size(path) for path in self._paths())

    def drain(self, put: Put) -> int:
        """Gives the events of every file that no other process holds to `put`; returns how many.

        Raises what `put` raises, and then keeps the file; the next drain begins it anew.
        """
        with self._lock:
            self._close()
        return sum(self._drain(path, put) for path in self._paths())

    def close(self) -> None:
        """Lets go of the file: another process may bring its events in."""
        with self._lock:
            self._close()

    # ------------------------------------------------------------------------------------------ files

    def _paths(self) -> list[Path]:
        return sorted(self._folder.glob(f"*{_SUFFIX}")) if self._folder.is_dir() else []

    def _open(self) -> int:
        """The file of this process. It is locked before it has the name by which others would find it."""
        if self._file is None:
            # Events are debtors' data: for the owner's eyes.
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            path = self._folder / f"{uuid4().hex}{_SUFFIX}"
            new = path.with_suffix(".new")
            file = os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_APPEND, 0o600)
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                new.rename(path)
                _sync_folder(self._folder)
            except OSError:
                os.close(file)
                raise
            self._file = file
        return self._file

    def _close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _drain(self, path: Path, put: Put) -> int:
        try:
            file = path.open("rb")
        except FileNotFoundError:
            return 0  # another process has just brought it in
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return 0  # its writer lives, or another process is at it
            if not path.exists():
                return 0
            unreadable: list[bytes] = []
            total = 0
            for batch in _batches(_events(file, unreadable)):
                put(batch)
                total += len(batch)
            if unreadable:
                self._keep_aside(path.stem, unreadable)
            path.unlink()
            return total

    def _keep_aside(self, name: str, lines: Sequence[bytes]) -> None:
        """What cannot be read is for a person; nothing that was answered is thrown away."""
        folder = self._folder / "unreadable"
        folder.mkdir(mode=0o700, exist_ok=True)
        file = os.open(folder / f"{name}.lines", os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
        try:
            _write(file, b"".join(lines))
            os.fsync(file)
        finally:
            os.close(file)
        log.error("%d lines of the spool cannot be read; they are kept in %s", len(lines), folder.name)


# --------------------------------------------------------------------------------------------- lines


def _line(arrival: Arrival) -> bytes:
    """A sum over the event, which tells a line that the disk has garbled, and the event as JSON without line ends."""
    event = msgspec.json.encode(arrival)
    return b"%08x %b\n" % (crc32(event), event)


def _events(lines: Iterator[bytes], unreadable: list[bytes]) -> Iterator[tuple[Arrival, int]]:
    """Each event and its size. A last line without its end was never answered for: its writer died over it."""
    for line in lines:
        if not line.endswith(b"\n"):
            return
        arrival = _arrival(line)
        if arrival is None:
            unreadable.append(line)
        else:
            yield arrival, len(line)


def _arrival(line: bytes) -> Arrival | None:
    total, _, event = line[:-1].partition(b" ")
    if total != b"%08x" % crc32(event):
        return None
    try:
        return msgspec.json.decode(event, type=Arrival)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _batches(events: Iterator[tuple[Arrival, int]]) -> Iterator[list[Arrival]]:
    batch: list[Arrival] = []
    size = 0
    for arrival, length in events:
        if batch and (len(batch) >= _MOST_EVENTS or size + length > _MOST_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(arrival)
        size += length
    if batch:
        yield batch


def _write(file: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(file, rest) :]


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _sync_folder(folder: Path) -> None:
    """A new name is on the disk once its folder is."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
