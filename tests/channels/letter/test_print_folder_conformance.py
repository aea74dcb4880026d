"""The print folder fulfils the contract."""

import errno
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from channels.contract import InDoubt, Outcome, Throttled
from channels.letter.disk import locked
from channels.letter.print_folder import PrintFolder
from tests.channels.builders import now
from tests.channels.conformance import AdapterConformance, Rig
from tests.channels.letter.faulty_disk import FaultyDisk, failing


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    """A disk that refuses to write, one that fails at the last step, or a folder that somebody else holds."""
    disk, held = FaultyDisk(), ExitStack()
    folder = PrintFolder(tmp_path, clock=now, disk=disk, lock_seconds=0.02)

    def answer_with(outcome: Outcome) -> None:
        if isinstance(outcome, Throttled):
            held.enter_context(locked(folder.layout.send_lock, wait_seconds=0))
        elif isinstance(outcome, InDoubt):
            disk.before = failing("sync_folder", OSError(errno.EIO, "input/output error"), after=disk.steps + 5)
        else:
            disk.before = failing("write", OSError(errno.ENOSPC, "no space left"))

    with held:
        yield Rig(folder, answer_with, handed_over=lambda: len(list(folder.layout.waiting.glob("*.json"))))


class TestPrintFolder(AdapterConformance):
    """One letter at a time, refused by a full disk."""

    provider = "print_folder"
