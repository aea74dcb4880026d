"""What commands do with a lanes file: check tells it, the upgrade puts it in force, nothing goes round it."""

import shutil

import pytest

from orchestrator.settings import shipped
from orchestrator.storage import cases, messages
from orchestrator.storage.database import Database
from tests.cli.conftest import Terminal
from tests.flows.conftest import row
from tests.storage.portfolio import NOW, a_message

BOX = "lanes:\n  - {id: box, channel: sms, provider: sandbox}\n"


def test_check_tells_that_nothing_leaves(terminal: Terminal) -> None:
    said = terminal.type("check")
    assert said.code == 0
    assert "nothing leaves" in said.out


def test_check_tells_the_lanes_that_reach_people_and_what_they_lack(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(shipped("campaigns") / "lanes.example.yaml", terminal.home / "lanes.yaml")
    monkeypatch.setenv("RELANCE_LANES", str(terminal.home / "lanes.yaml"))
    said = terminal.type("check")
    assert said.code == 1
    assert "twilio-fr (sms, twilio), sendgrid (email, sendgrid), smtp (email, smtp), print (letter" in said.out
    for fault in ("lane_secret_missing: lane smtp", "public_url: lane twilio-fr", "lane_unusable: lane print"):
        assert fault in said.out


def test_check_of_an_unreadable_file_never_speaks_of_the_sandbox(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = terminal.write("lanes.yaml", "lanes:", "\t- id: x")
    monkeypatch.setenv("RELANCE_LANES", str(path))
    said = terminal.type("check")
    assert said.code == 1
    assert f"{path}:2:1: there is a tab here" in said.out
    assert "no lane: nothing can leave" in said.out
    assert terminal.type("advance").code == 1


def test_an_upgrade_puts_the_lanes_of_its_file_in_force(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a database of its own, where a process with other lanes is refused."""
    monkeypatch.setenv("RELANCE_DATABASE_URL", f"sqlite:///{terminal.home / 'other.db'}")
    assert terminal.type("db", "upgrade").code == 0
    assert terminal.type("advance").code == 0
    monkeypatch.setenv("RELANCE_LANES", str(terminal.write("lanes.yaml", BOX)))
    refused = terminal.type("advance")
    assert (refused.code, "other lanes than those in force" in refused.err) == (1, True)
    assert "lanes in force: box" in terminal.type("db", "upgrade").out
    assert terminal.type("advance").code == 0
    monkeypatch.delenv("RELANCE_LANES")
    assert "lanes in force" not in terminal.type("db", "upgrade").out, "without a file no lanes are displaced"
    assert terminal.type("advance").code == 1


def test_a_round_by_hand_takes_messages_back_from_lanes_that_are_gone(terminal: Terminal) -> None:
    assert terminal.type("import", str(terminal.debts(row()))).code == 0
    database = Database(f"sqlite:///{terminal.home / 'relance.db'}")
    with database.begin() as conn:
        (stored,) = cases.search(conn, cases.Filter(), limit=2)
        messages.plan(conn, [a_message(case_id=stored.case.id, lane="renamed-since")], now=NOW)
    assert terminal.type("advance").code == 0
    with database.read() as conn:
        (message,) = messages.of_case(conn, stored.case.id)
    database.close()
    assert (message.state, message.reason) == (messages.MessageState.HELD, "lane_gone")
