"""Users and keys by the command line, and a server that opens for them."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.conftest import Terminal


def test_a_user_is_added_listed_and_disabled(terminal: Terminal) -> None:
    assert terminal.type("user", "add", "ann", "--role", "agent").code == 0
    assert "a user of this name exists already" in terminal.type("user", "add", "ann", "--role", "admin").err
    assert terminal.type("user", "disable", "ann").code == 0
    (ann,) = json.loads(terminal.type("user", "list", "--json").out)
    assert (ann["name"], ann["role"], bool(ann["disabled_at"])) == ("ann", "agent", True)
    assert terminal.type("user", "disable", "ann").code == 1
    assert terminal.type("user", "disable", "bob").code == 1


def test_the_text_of_a_key_is_shown_once(terminal: Terminal) -> None:
    said = terminal.type("key", "add", "erp", "--role", "manager", "--scope", "debts:write")
    text = said.out.strip()
    assert said.code == 0
    assert text.startswith("rk_")
    assert "\n" not in text, "alone on standard output, to be piped where secrets are kept"
    listed = terminal.type("key", "list").out + terminal.type("key", "list", "--json").out
    assert "erp" in listed
    assert text.split("_", 2)[2] not in listed
    assert "secret" not in listed
    assert terminal.type("key", "revoke", "erp").code == 0
    assert "revoked" in terminal.type("key", "list").out
    assert terminal.type("key", "revoke", "erp").code == 1


@pytest.mark.parametrize(
    "words, said",
    [
        (("Bad Name", "--role", "viewer"), "cannot be a name"),
        (("k", "--role", "viewer", "--scope", "debt:write"), "no scope is named"),
        (("k", "--role", "viewer", "--user", "nobody"), "no user has this name"),
        (("k", "--role", "admin", "--user", "ann"), "may not do more than its user"),
        (("k", "--role", "viewer", "--until", "2020-01-01"), "expired already"),
    ],
)
def test_a_key_that_cannot_be_is_refused(terminal: Terminal, words: tuple[str, ...], said: str) -> None:
    terminal.type("user", "add", "ann", "--role", "agent")
    answer = terminal.type("key", "add", *words)
    assert answer.code == 1
    assert said in answer.err
    assert answer.out == ""


def test_a_server_answers_who_has_a_key(terminal: Terminal) -> None:
    text = terminal.type("key", "add", "me", "--role", "viewer").out.strip()
    port = _free_port()
    server = _started(terminal.home, port)
    try:
        _wait_until_up(server, port)
        assert _status(port, "/readyz", {}) == 200
        assert _status(port, "/api/v1/cases?after=Canari", {}) == 401
        assert _status(port, "/api/v1/cases?after=Canari", {"Authorization": f"Bearer {text}"}) == 200
    finally:
        server.send_signal(signal.SIGTERM)
        _, log = server.communicate(timeout=10)
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    assert any(line["message"].startswith("GET list_cases 200") for line in lines)
    assert "Canari" not in log
    assert text[16:] not in log


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _started(home: Path, port: int) -> "subprocess.Popen[str]":
    environ = {**os.environ, "RELANCE_HOME": str(home), "RELANCE_LOG_FORMAT": "json"}
    root = str(Path(__file__).parents[2])
    return subprocess.Popen(
        [sys.executable, "-m", "orchestrator.cli", "serve", "--port", str(port)],
        env=environ, cwd=root, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def _wait_until_up(server: "subprocess.Popen[str]", port: int) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until and server.poll() is None:
        try:
            assert _status(port, "/healthz", {}) == 200
        except OSError:
            time.sleep(0.05)
        else:
            return
    pytest.fail("the server did not come up")


def _status(port: int, path: str, headers: dict[str, str]) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path, headers=headers)
        return connection.getresponse().status
    finally:
        connection.close()
