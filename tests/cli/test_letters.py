"""`relance letters`: a batch for the printer once, and the post's words recorded once (R44)."""

from pathlib import Path

import pytest

from orchestrator.settings import shipped
from tests.cli.conftest import Terminal

LANES = """
lanes:
  - {id: post, channel: letter, provider: print_folder, settings: {folder: %s}}
"""


@pytest.fixture
def printing(terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A home whose letters go to a print folder, with one letter in it."""
    folder = tmp_path / "print"
    folder.mkdir()
    monkeypatch.setenv("RELANCE_LANES", str(terminal.write("lanes.yaml", LANES % folder)))
    return terminal


def test_a_day_without_letters(printing: Terminal) -> None:
    said = printing.type("letters", "batch", "--day", "2026-07-16")
    assert said.code == 0
    assert "no letter waits for 2026-07-16" in said.out


def test_the_example_file_is_read_and_its_letters_are_nobodys_here(printing: Terminal) -> None:
    said = printing.type("letters", "status", str(shipped("campaigns") / "mappings/examples/letter-status.csv"))
    assert said.code == 0
    assert "0 facts recorded; 5 lines name no letter" in said.out


def test_a_line_that_says_nothing_is_named_and_the_others_count(printing: Terminal) -> None:
    path = printing.write("status.csv", "attempt_id;status;date", "x1;eaten by the dog;2026-07-16")
    said = printing.type("letters", "status", str(path))
    assert said.code == 1
    assert ":2:" in said.err
