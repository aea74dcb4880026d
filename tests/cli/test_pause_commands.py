"""`relance pause` and `relance resume` as an administrator types them in a crisis (R6)."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from channels.contract import Message, Outcome
from orchestrator.bootstrap import Deployment
from orchestrator.settings import read_settings
from orchestrator.worker.sole_sender import sole_sender
from tests.architecture.repository import ROOT
from tests.cli.conftest import Terminal, row
from tests.flows.conftest import TUESDAY, World, shipped_campaign


def paused(terminal: Terminal) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(terminal.type("pause", "--list", "--json").out)
    return found


def test_everything_stops_and_starts_again(terminal: Terminal) -> None:
    said = terminal.type("pause", "--all", "--reason", "site under water")
    assert said.code == 0
    assert "paused" in said.out
    (known,) = paused(terminal)
    assert (known["state"], known["in_flight"], known["reason"]) == ("paused", 0, "site under water")
    assert f"relance resume {known['id']}" in said.out
    preview = terminal.type("resume", str(known["id"]), "--preview")
    assert "0 messages may go now" in preview.out
    assert len(paused(terminal)) == 1
    assert terminal.type("resume", str(known["id"])).code == 0
    assert paused(terminal) == []
    again = terminal.type("resume", str(known["id"]))
    assert again.code == 1
    assert "resumed already" in again.err


@pytest.mark.parametrize(
    "words",
    [
        ("--creditor", "acme-telecom"),
        ("--campaign", "b2c-small", "--channel", "sms"),
        ("--debtor", "C-1"),
        ("--lane", "sandbox-sms"),
        ("--where", '{postcode: ["974"], balance: {from: 500 EUR}}'),
    ],
)
def test_a_part_is_stopped_by_its_name(terminal: Terminal, words: tuple[str, ...]) -> None:
    assert terminal.type("pause", *words, "--reason", "x", "--until", "2090-01-01").code == 0
    assert [each["state"] for each in paused(terminal)] == ["paused"]


@pytest.mark.parametrize(
    "kind, name, near", [("campaign", "b2c-smal", "b2c-small"), ("creditor", "acme-telecoms", "acme-telecom")]
)
def test_a_name_that_stops_nothing_is_said(terminal: Terminal, kind: str, name: str, near: str) -> None:
    said = terminal.type("pause", f"--{kind}", name, "--reason", "x")
    assert said.code == 1
    assert f'no {kind} is named "{name}"' in said.err
    assert near in said.err
    assert [each["state"] for each in paused(terminal)] == ["paused"]  # in force all the same, and first


@pytest.mark.parametrize(
    "words, code, sentence",
    [
        (("--reason", "x"), 2, "say what to stop"),
        (("--all",), 2, "say why"),
        (("--where", "{ballance: 3}", "--reason", "x"), 1, "ballance"),
        (("--where", "[1", "--reason", "x"), 1, "scope"),
        (("--channel", "fax", "--reason", "x"), 2, "fax"),
        (("--lane", "sandbox-smss", "--reason", "x"), 1, 'did you mean "sandbox-sms"?'),
        (("--lane", "sandbox-sms", "--lane", "fax", "--reason", "x"), 1, "there are sandbox-email, "),
    ],
)
def test_what_is_not_understood_stops_nothing_and_says_so(
    terminal: Terminal, words: tuple[str, ...], code: int, sentence: str
) -> None:
    said = terminal.type("pause", *words)
    assert said.code == code
    assert sentence in said.err
    assert paused(terminal) == []


def test_a_pause_that_nobody_knows(terminal: Terminal) -> None:
    said = terminal.type("resume", "p-nothing")
    assert said.code == 1
    assert "no pause is named" in said.err


def test_calls_of_a_sender_that_is_gone_do_not_keep_a_pause_waiting(terminal: Terminal) -> None:
    """Embedded and stopped: no worker reconciles, and the command itself holds the lock of the sole sender."""
    place = Deployment(read_settings({"RELANCE_HOME": str(terminal.home)}))
    try:
        killed_while_calling(World(place, terminal.home))
        with sole_sender(place):
            assert terminal.type("pause", "--all", "--reason", "x", "--wait", "0.1").code == 1
            assert [each["in_flight"] for each in paused(terminal)] == [1]
        assert [each["state"] for each in paused(terminal)] == ["pausing"]
        assert [each["state"] for each in paused(terminal)] == ["paused"]
    finally:
        place.database.close()


def killed_while_calling(world: World) -> None:
    """A sender was killed a minute ago, before it had an answer."""

    def verdict(_message: Message) -> Outcome | None:
        raise KeyboardInterrupt

    world.deployment.release(shipped_campaign("b2c-small"), by="test", now=TUESDAY)
    world.load(row())
    world.advance()
    world.verdict = verdict
    with pytest.raises(KeyboardInterrupt):
        world.dispatch(now=TUESDAY, real_now=datetime.now(UTC) - timedelta(minutes=1))


def test_a_stop_loads_neither_words_nor_rules_nor_printers(terminal: Terminal) -> None:
    """What is not loaded costs nothing: a stop is written at once (R6)."""
    assert terminal.type("pause", "--all", "--reason", "the first one makes the database").code == 0
    program = (
        "import sys; sys.argv = ['relance', 'pause', '--all', '--reason', 'a crisis']\n"
        "from orchestrator.cli import main\n"
        "try:\n    main()\n"
        "finally:\n    print(' '.join(sorted({name.partition('.')[0] for name in sys.modules})))\n"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    loaded = said.stdout.splitlines()[-1].split()
    assert "sqlalchemy" in loaded
    assert not {"alembic", "jinja2", "pydantic", "pypdf", "twilio", "typst"} & set(loaded)
