"""Types `relance …` in a home of its own and reads what it says."""

import sys
from pathlib import Path

import msgspec
import pytest

from orchestrator.cli import main
from orchestrator.settings import NAMES
from tests.flows.conftest import HEADER, row


class Said(msgspec.Struct):
    """What a command answered."""

    code: int
    out: str
    err: str


class Terminal:
    """A user's terminal: its home folder, and what it types."""

    def __init__(self, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.home = home
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def type(self, *words: str) -> Said:
        """Runs `relance words…` to its end."""
        self._monkeypatch.setattr(sys, "argv", ["relance", *words])
        code: int | str | None = 0
        try:
            main()
        except SystemExit as end:
            code = end.code
        seen = self._capsys.readouterr()
        return Said(int(code or 0), seen.out, seen.err)

    def write(self, name: str, *lines: str) -> Path:
        """A file in the home folder."""
        path = self.home / name
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    def debts(self, *rows: str) -> Path:
        """A debts file in our own columns."""
        return self.write("debts.csv", HEADER, *rows)


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Terminal:
    """A terminal in an empty home, wide enough that tables do not fold."""
    for name in NAMES:
        monkeypatch.delenv(f"RELANCE_{name}", raising=False)
    monkeypatch.setenv("RELANCE_HOME", str(tmp_path))
    monkeypatch.setenv("RELANCE_LANGUAGE", "fr")
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)
    return Terminal(tmp_path, monkeypatch, capsys)


__all__ = ["Terminal", "row", "terminal"]
