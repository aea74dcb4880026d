"""The same thing said on two lines of a file: which lines, and what is said of each. None of them is believed."""

from typing import Generic, TypeVar

from orchestrator.intake.tables.report import Remark

Key = TypeVar("Key")
_LINES_NAMED = 5


class Doubles(Generic[Key]):
    """Remembers on which lines each key stands."""

    def __init__(self) -> None:
        self._first: dict[Key, int] = {}
        self._all: dict[Key, list[int]] = {}

    def note(self, key: Key, line: int) -> None:
        """Counts a line that names the key."""
        first = self._first.setdefault(key, line)
        if first != line:
            self._all.setdefault(key, [first]).append(line)

    def __bool__(self) -> bool:
        return bool(self._all)

    def remark(self, key: Key, *, line: int, column: str, what: str) -> Remark | None:
        """What to say of a line whose key stands on others too; None when it does not. `what` such as `document`."""
        lines = self._all.get(key)
        if lines is None:
            return None
        others = [str(other) for other in lines if other != line]
        named = ", ".join(others[:_LINES_NAMED]) + (", …" if len(others) > _LINES_NAMED else "")
        message = f"this {what} stands on line{'s' if len(others) > 1 else ''} {named} too"
        return Remark(line, column, "duplicate", message, "keep the one that is right; none of them was taken")
