"""A disk that works like ours until it is told to fail, or to stop as when the power goes."""

from collections.abc import Callable
from pathlib import Path

from channels.letter.disk import Disk


class PowerCut(BaseException):
    """The machine stopped here: no code of ours runs after it."""


class FaultyDisk(Disk):
    """Counts its steps; `before(number, step)` may raise OSError or PowerCut instead of taking one."""

    def __init__(self) -> None:
        self.steps = 0
        self.before: Callable[[int, str], None] = lambda _number, _step: None

    def _count(self, step: str) -> None:
        self.before(self.steps, step)
        self.steps += 1

    def write(self, path: Path, content: bytes) -> None:
        self._count("write")
        super().write(path, content)

    def rename(self, old: Path, new: Path) -> None:
        self._count("rename")
        super().rename(old, new)

    def link(self, old: Path, new: Path) -> None:
        self._count("link")
        super().link(old, new)

    def remove(self, path: Path) -> None:
        self._count("remove")
        super().remove(path)

    def make_folder(self, path: Path) -> None:
        self._count("make_folder")
        super().make_folder(path)

    def sync_folder(self, path: Path) -> None:
        self._count("sync_folder")
        super().sync_folder(path)


def cut_at(number: int) -> Callable[[int, str], None]:
    """The power goes before the step of that number."""

    def before(step_number: int, _step: str) -> None:
        if step_number == number:
            raise PowerCut

    return before


def failing(step: str, error: OSError, *, after: int = 0) -> Callable[[int, str], None]:
    """Every such step fails, from the one numbered `after` on."""

    def before(step_number: int, name: str) -> None:
        if name == step and step_number >= after:
            raise error

    return before
