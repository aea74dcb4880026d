"""`relance reply read`: a text as an argument or from standard input, as a table and as JSON."""

import io
import json
import sys

import pytest

from tests.cli.conftest import Terminal


def test_a_promise_is_shown_with_its_day_and_sum(terminal: Terminal) -> None:
    said = terminal.type("reply", "read", "je paierai 20 euros le 15", "--today", "2026-03-10")
    assert said.code == 0
    (line,) = [line for line in said.out.splitlines() if "promise" in line]
    assert "2026-03-15" in line
    assert "20.00" in line
    assert "acts" in line
    assert "je paierai 20 euros le 15" in line


def test_what_is_not_certain_says_that_a_person_reads_it(terminal: Terminal) -> None:
    said = terminal.type("reply", "read", "je vais payer", "--today", "2026-03-10")
    assert "hold, task" in said.out


def test_json_gives_the_whole_reading(terminal: Terminal) -> None:
    said = terminal.type("reply", "read", "STOP", "--json")
    assert json.loads(said.out)["findings"] == [{"intent": "stop", "confidence": 99, "evidence": "STOP"}]


def test_a_mail_comes_from_standard_input_without_what_it_quotes(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail = "Je conteste cette facture.\n\nCordialement\nAnne\n\n> Répondez STOP\n"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(mail.encode()), encoding="utf-8"))
    said = terminal.type("reply", "read", "-", "--channel", "email")
    assert "dispute" in said.out
    assert "stop" not in said.out.lower()


def test_control_characters_do_not_reach_the_terminal(terminal: Terminal) -> None:
    said = terminal.type("reply", "read", "\x1b[2Jbla [red]bla")
    assert "\x1b[2J" not in said.out
    assert "bla [red]bla" in said.out


def test_a_wrong_day_is_a_wrong_usage(terminal: Terminal) -> None:
    assert terminal.type("reply", "read", "x", "--today", "10/03").code == 2
