"""What came in, by the command line: listed without contents, shown with them, applied again."""

import json
from datetime import UTC, datetime

import pytest

from orchestrator.bootstrap import Deployment
from orchestrator.settings import read_settings
from orchestrator.storage import inbox
from orchestrator.storage.inbox import Arrival, Parking
from tests.cli.conftest import Terminal

NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)


@pytest.fixture
def parked(terminal: Terminal) -> list[int]:
    """Two parked events and one that waits, in the terminal's home; the numbers of those parked."""
    place = Deployment(read_settings({"RELANCE_HOME": str(terminal.home)}), environ={})
    with place.database.begin() as conn:
        arrivals = [Arrival("twilio/status", "SM1:sent", "+33644631234"), Arrival("partner/payments", "m", "{}")]
        inbox.put(conn, [*arrivals, Arrival("twilio/inbound", "SM2", "STOP")], now=NOW)
        numbers = sorted(event.id for event in inbox.search(conn, limit=9))
        inbox.park(conn, [Parking(id=number, reason="unmatched: nobody") for number in numbers[:2]], now=NOW)
    place.database.close()
    return numbers[:2]


def listed(terminal: Terminal, *words: str) -> list[int]:
    return [event["id"] for event in json.loads(terminal.type("webhooks", "list", "--json", *words).out)]


def test_parked_events_are_listed_without_what_they_hold(terminal: Terminal, parked: list[int]) -> None:
    assert listed(terminal) == parked[::-1]
    assert listed(terminal, "--source", "partner/payments") == parked[1:]
    assert listed(terminal, "--limit", "1", "--before", str(parked[1])) == parked[:1]
    assert len(listed(terminal, "--state", "waiting")) == 1
    said = terminal.type("webhooks", "list")
    assert "unmatched: nobody" in said.out
    for private in (said.out, terminal.type("webhooks", "list", "--json").out):
        assert "+33644631234" not in private


def test_one_is_shown_as_it_came(terminal: Terminal, parked: list[int]) -> None:
    shown = json.loads(terminal.type("webhooks", "show", str(parked[0])).out)
    assert (shown["key"], shown["body"], shown["state"]) == ("SM1:sent", "+33644631234", "parked")
    assert terminal.type("webhooks", "show", "999").code == 1


def test_events_are_applied_again(terminal: Terminal, parked: list[int]) -> None:
    assert terminal.type("webhooks", "replay", str(parked[0])).code == 0
    assert listed(terminal) == parked[1:]
    assert terminal.type("webhooks", "replay", "--all", "--source", "twilio/status").out.startswith("0 ")
    assert terminal.type("webhooks", "replay", "--all").out.startswith("1 ")
    assert listed(terminal) == []
    assert "no event is parked" in terminal.type("webhooks", "list").out


@pytest.mark.parametrize("words", [(), ("1", "--all"), ("1", "--source", "twilio/status"), ("one",)])
def test_what_is_not_said_is_asked(terminal: Terminal, words: tuple[str, ...]) -> None:
    assert terminal.type("webhooks", "replay", *words).code == 2


def test_a_number_of_no_event_is_refused(terminal: Terminal, parked: list[int]) -> None:
    assert terminal.type("webhooks", "replay", str(parked[0]), "999").code == 1
    assert listed(terminal) == parked[::-1], "all or none"
