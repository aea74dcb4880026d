"""Messages in the console: in doubt first, opened as they were sent, in a frame that can do nothing."""

from datetime import timedelta

import pytest

from orchestrator.storage import messages
from tests.web.conftest import Office
from tests.web.console.conftest import Seat
from tests.web.console.test_cases import a_case


def only(office: Office, case: str) -> messages.Message:
    with office.database.read() as conn:
        (found,) = messages.of_case(conn, case)
    return found


def test_a_message_is_opened_with_its_words_its_reasons_and_its_attempt(office: Office, seats: dict[str, Seat]) -> None:
    case = a_case(office, "M-1", sent=True)
    message = only(office, case)
    shown = seats["agent"].get(f"/console/messages/{message.id}")
    assert shown.status == 200
    for part in ("Acme", case, "Conforme à l’empreinte", "Bac à sable · SMS", "FR-TIME-01", "Aucun accusé", "1 SMS"):
        assert part in shown.text, part
    assert "parce que l'étape" in shown.text


def test_on_a_shifted_clock_it_is_said_which_one_an_attempt_is_dated_by(
    office: Office, seats: dict[str, Seat], monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"/console/messages/{only(office, a_case(office, 'M-9', sent=True, phone='+33644631209')).id}"
    assert "heure réelle" not in seats["agent"].get(address).text
    monkeypatch.setitem(vars(office.app.state.desk.deployment), "offset", timedelta(days=-200))
    assert "Quand (heure réelle, non celle de l’essai)" in seats["agent"].get(address).text


def test_an_email_is_shown_in_a_frame_that_runs_and_loads_nothing(office: Office, seats: dict[str, Seat]) -> None:
    case = a_case(office, "M-2", sent=True, phone="", email="lac@lac.example")
    message = only(office, case)
    shown = seats["agent"].get(f"/console/messages/{message.id}")
    frame = shown.soup.find("iframe")
    assert frame is not None
    assert not frame["sandbox"], "nothing is allowed in it"
    assert "srcdoc" not in frame.attrs
    sent = seats["agent"].get(str(frame["src"]))
    policy = sent.headers["content-security-policy"]
    assert (sent.status, sent.headers["x-frame-options"]) == (200, "SAMEORIGIN")
    for part in ("default-src 'none'", "sandbox;", "img-src data:", "frame-ancestors 'self'", "form-action 'none'"):
        assert part in policy, part
    assert "script-src" not in policy
    assert "allow-" not in policy


def test_who_may_only_look_is_given_no_way_in_of_the_debtor(office: Office, seats: dict[str, Seat]) -> None:
    case = a_case(office, "M-3", sent=True, phone="", email="way@lac.example")
    message = only(office, case)
    assert "/d/•••" in seats["viewer"].get(f"/console/messages/{message.id}").html
    assert "/d/•••" in seats["viewer"].get(f"/console/messages/{message.id}/frame").html
    assert "way@lac.example" not in seats["viewer"].get(f"/console/messages/{message.id}").html


def test_messages_are_listed_by_state_channel_day_and_case(office: Office, seats: dict[str, Seat]) -> None:
    case = a_case(office, "M-4", sent=True)
    seat = seats["viewer"]
    for query in ("", "?state=accepted", "?channel=sms", "?day=10/03/2026", f"?case={case}", "?lane=sandbox-sms"):
        assert case in seat.get(f"/console/messages{query}").text, query
    for query in ("?state=rejected", "?channel=letter&lane=sandbox-sms", "?day=09/03/2026", "?campaign=b2c-large"):
        assert case not in seat.get(f"/console/messages{query}").text, query
    assert seat.get("/console/messages?day=hier").status == 422
    assert seat.get("/console/messages?after=nonsense").status == 200


def test_pages_of_messages_are_never_a_fault(seats: dict[str, Seat]) -> None:
    for path in ("none", "none/frame", "none/letter.pdf", "a:b:c", "%2e%2e/x", "x/frame/frame"):
        assert seats["agent"].get(f"/console/messages/{path}").status in (404, 403), path
