"""What sends: one process from a home, whichever command it is (semantics D4), and one that ends in order."""

import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from os import environ
from pathlib import Path

import pytest

from orchestrator.bootstrap import Deployment
from orchestrator.settings import read_settings
from orchestrator.worker.sole_sender import sole_sender
from tests.cli.conftest import Terminal


@pytest.mark.parametrize("command", ["worker", "up", "advance"])
def test_nothing_sends_beside_another_sender_on_sqlite(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setenv("RELANCE_REDIS_URL", "redis://127.0.0.1:1/0")  # it is refused before anybody is asked
    place = Deployment(read_settings({"RELANCE_HOME": str(terminal.home)}))
    with sole_sender(place):
        said = terminal.type(command)
    place.database.close()
    assert said.code == 1
    assert "another process sends from this home already" in said.err


@pytest.mark.parametrize("command", ["worker", "up"])
def test_it_says_that_it_is_ready_and_ends_in_order_when_asked(tmp_path: Path, redis_url: str, command: str) -> None:
    """Not by the signal itself: what is in flight is waited for."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    worker = subprocess.Popen(
        [sys.executable, "-m", "orchestrator.cli", command, "--port", str(port)],
        env={**environ, "RELANCE_HOME": str(tmp_path), "RELANCE_REDIS_URL": redis_url},
        cwd=Path(__file__).parents[2],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert _answers(worker, f"http://127.0.0.1:{port}/readyz") == 200
    finally:
        worker.send_signal(signal.SIGTERM)
        worker.communicate(timeout=30)
    assert worker.returncode == 0


def _answers(worker: "subprocess.Popen[str]", url: str) -> int:
    until = time.monotonic() + 30
    while worker.poll() is None and time.monotonic() < until:
        try:
            with urllib.request.urlopen(url, timeout=5) as said:  # noqa: S310 - of this machine
                return int(said.status)
        except urllib.error.URLError:
            time.sleep(0.1)
    return 0
