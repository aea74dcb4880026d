"""`relance endpoint`: added, tried, rotated, disabled; what it was told."""

import json
from collections.abc import Iterator

import pytest

from channels import standard_webhooks
from tests.cli.conftest import Terminal
from tests.stubs.http_stub import HttpStub, Reply, Request


@pytest.fixture
def got() -> list[Request]:
    return []


@pytest.fixture
def url(got: list[Request], monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Of a receiver on this machine, which the deployment allows."""
    monkeypatch.setenv("RELANCE_PRIVATE_ENDPOINTS", "yes")

    def take(request: Request) -> Reply:
        got.append(request)
        return Reply(200 if len(got) < 3 else 500)

    with HttpStub(take) as server:
        yield f"{server.url}/hook"


def test_an_endpoint_from_its_first_ping_to_its_end(terminal: Terminal, url: str, got: list[Request]) -> None:
    said = terminal.type("endpoint", "add", url, "--event", "case.closed")
    assert said.code == 0, said.err
    secret = said.out.strip()
    assert standard_webhooks.key_of(secret) is not None, "alone on standard output, to be piped where secrets are kept"
    (listed,) = json.loads(terminal.type("endpoint", "list", "--json").out)
    endpoint_id = listed["id"]
    assert (listed["url"], listed["events"], listed["state"]) == (url, ["case.closed"], "on")
    assert endpoint_id in terminal.type("endpoint", "list").out
    assert terminal.type("endpoint", "secret", endpoint_id).out.strip() == secret

    assert terminal.type("endpoint", "test", endpoint_id).out.strip() == "answered 200"
    new = terminal.type("endpoint", "rotate", endpoint_id).out.strip()
    assert new != secret
    assert terminal.type("endpoint", "test", endpoint_id).code == 0
    assert len(got[0].headers["webhook-signature"].split()) == 1
    assert len(got[1].headers["webhook-signature"].split()) == 2
    failed = terminal.type("endpoint", "test", endpoint_id)
    assert (failed.code, failed.out.strip()) == (1, "answered 500")

    assert terminal.type("pause", "--all", "--reason", "x").code == 0
    assert terminal.type("endpoint", "deliveries", endpoint_id).out.strip() == "no delivery"
    assert "told again: 0" in terminal.type("endpoint", "replay", endpoint_id, "--failed").out
    assert terminal.type("endpoint", "replay", endpoint_id).code == 1
    assert terminal.type("endpoint", "disable", endpoint_id).code == 0
    assert terminal.type("endpoint", "disable", endpoint_id).code == 1
    assert terminal.type("endpoint", "enable", endpoint_id).code == 0


def test_deliveries_are_listed_with_their_ids(terminal: Terminal, url: str) -> None:
    terminal.type("endpoint", "add", url)
    assert terminal.type("pause", "--all", "--reason", "x").code == 0
    (listed,) = json.loads(terminal.type("endpoint", "list", "--json").out)
    assert listed["waiting"] == 1
    (kept,) = json.loads(terminal.type("endpoint", "deliveries", listed["id"], "--json").out)
    shown = terminal.type("endpoint", "deliveries", listed["id"]).out
    assert kept["id"] in shown
    assert "pause.started waiting" in shown
    assert terminal.type("endpoint", "deliveries", "ep-none").code == 1


def test_an_address_of_this_machine_needs_to_be_allowed(terminal: Terminal) -> None:
    said = terminal.type("endpoint", "add", "http://127.0.0.1:9/")
    assert said.code == 1
    assert "private network or of this machine" in said.err
