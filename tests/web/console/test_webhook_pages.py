"""Parked events: why, in words; applied again one by one or all; what is in one is for who sees every creditor."""

import json

import pytest

from orchestrator.storage import inbox
from orchestrator.storage.inbox import Arrival, Parking, State
from tests.web.conftest import Office
from tests.web.console.conftest import Seat

HERE = "/console/webhooks"
BODY = '{"text": "<script>secret words</script>"}'


@pytest.fixture
def numbers(office: Office) -> list[int]:
    """Four events, three of them parked."""
    with office.database.begin() as conn:
        before = {event.id for event in inbox.search(conn, limit=500)}
        sources = ["partner/payments", "twilio/status", "twilio/status", "twilio/inbound"]
        inbox.put(conn, [Arrival(s, f"{len(before)}-{n}", BODY) for n, s in enumerate(sources)], now=office.now)
        found = sorted({event.id for event in inbox.search(conn, limit=500)} - before)
        reasons = ["unknown_type: only payment.received is read here", "unknown_word: delivered_late", "surprise: <b>"]
        inbox.park(conn, [Parking(id=i, reason=r) for i, r in zip(found, reasons, strict=False)], now=office.now)
    return found


def states(office: Office, numbers: list[int]) -> list[State]:
    with office.database.read() as conn:
        return [event.state for event in (inbox.get(conn, number) for number in numbers) if event]


def test_parked_events_are_listed_by_source_with_why(seats: dict[str, Seat], numbers: list[int]) -> None:
    screen = seats["manager"].get(HERE)
    counts, events = screen.soup.find_all("table")
    assert "twilio/status" in counts.text
    assert "emploie un mot que le logiciel ne connaît pas : delivered_late" in screen.text
    assert "surprise" in screen.text
    assert "<b>" not in events.decode()
    assert "secret words" not in screen.html
    assert events.find("a", string=str(numbers[3])) is None  # it waits
    only = seats["manager"].get(f"{HERE}?source=partner/payments").soup.find_all("table")[1]
    assert only.find("a", string=str(numbers[0]))
    assert not only.find("a", string=str(numbers[1]))


def test_what_came_in_is_read_by_who_sees_every_creditor(
    office: Office, seats: dict[str, Seat], numbers: list[int]
) -> None:
    screen = seats["manager"].get(f"{HERE}/{numbers[0]}")
    assert "secret words" in screen.text
    assert "<script>secret" not in screen.html
    partial = Seat(office, f"partial-{numbers[0]}").begin("manager", creditors=frozenset({"acme-telecom"}))
    assert "secret words" not in partial.get(f"{HERE}/{numbers[0]}").html
    assert seats["manager"].get(f"{HERE}/999999").status == 404


def test_one_is_applied_again(office: Office, seats: dict[str, Seat], numbers: list[int]) -> None:
    done = seats["manager"].post(f"{HERE}/{numbers[0]}/replay")
    assert "appliqué de nouveau" in done.text
    assert states(office, numbers) == [State.WAITING, State.PARKED, State.PARKED, State.WAITING]


def test_all_of_a_source_or_all_are_applied_again(office: Office, seats: dict[str, Seat], numbers: list[int]) -> None:
    seats["manager"].post(f"{HERE}/replay", {"source": "twilio/status"})
    assert states(office, numbers) == [State.PARKED, State.WAITING, State.WAITING, State.WAITING]
    seats["manager"].post(f"{HERE}/replay")
    assert set(states(office, numbers)) == {State.WAITING}
    assert "Rien n’est en attente" not in seats["manager"].get(HERE).text  # four wait to be applied


def test_older_events_are_on_the_next_page(office: Office, seats: dict[str, Seat]) -> None:
    with office.database.begin() as conn:
        inbox.put(conn, [Arrival("sendgrid/events", f"many-{n}", "{}") for n in range(60)], now=office.now)
    first = seats["manager"].get(f"{HERE}?state=waiting&source=sendgrid/events")
    link = first.one('a[href*="before="]')["href"]
    rest = seats["manager"].get(f"{HERE}{link}")
    shown = [len(screen.soup.select("form.filters ~ .scroll tbody tr")) for screen in (first, rest)]
    assert shown == [50, 10]


def a_payment_of(creditor: object) -> str:
    return json.dumps({"type": "payment.received", "data": {"creditor": creditor, "reference": "secret words"}})


@pytest.fixture
def of_two(office: Office) -> dict[str, int]:
    """Parked events by what they name: a creditor, another one, and none that can be read."""
    bodies = {
        "mine": a_payment_of("acme-telecom"),
        "theirs": a_payment_of("atelier-bois"),
        "several": a_payment_of(["acme-telecom"]),
        "no text": BODY,
        "no json": "acme-telecom",
    }
    with office.database.begin() as conn:
        before = {event.id for event in inbox.search(conn, limit=500)}
        arrivals = [
            Arrival("partner/payments", f"two-{len(before)}-{n}", body) for n, body in enumerate(bodies.values())
        ]
        arrivals.append(Arrival("twilio/status", f"two-{len(before)}", a_payment_of("acme-telecom")))
        inbox.put(conn, arrivals, now=office.now)
        found = sorted({event.id for event in inbox.search(conn, limit=500)} - before)
        inbox.park(conn, [Parking(id=each, reason="no_case: none") for each in found], now=office.now)
    return dict(zip([*bodies, "another source"], found, strict=True))


def test_whoever_sees_some_creditors_is_shown_what_names_theirs(office: Office, of_two: dict[str, int]) -> None:
    partial = Seat(office, f"shown-{of_two['mine']}").begin("manager", creditors=frozenset({"acme-telecom"}))
    listed = partial.get(HERE)
    assert listed.one(f'a[href="{HERE}/{of_two["mine"]}"]')
    for name, number in of_two.items():
        assert (partial.get(f"{HERE}/{number}").status == 200) is (name == "mine"), name
        assert (f'href="{HERE}/{number}"' in listed.html) is (name == "mine"), name
    assert "twilio" not in listed.html  # nor how many others have
    assert "secret words" in partial.get(f"{HERE}/{of_two['mine']}").text


def test_whoever_sees_some_creditors_applies_theirs_alone(office: Office, of_two: dict[str, int]) -> None:
    partial = Seat(office, f"applies-{of_two['mine']}").begin("manager", creditors=frozenset({"acme-telecom"}))
    others = [number for name, number in of_two.items() if name != "mine"]
    assert {partial.post(f"{HERE}/{number}/replay").status for number in others} == {404}
    assert set(states(office, list(of_two.values()))) == {State.PARKED}
    assert partial.post(f"{HERE}/{of_two['mine']}/replay").status == 200
    assert states(office, [of_two["mine"]]) == [State.WAITING]


@pytest.mark.parametrize("source", ["", "partner/payments", "twilio/status"])
def test_all_are_those_of_ones_own_creditors(office: Office, of_two: dict[str, int], source: str) -> None:
    partial = Seat(office, f"all-{of_two['mine']}").begin("manager", creditors=frozenset({"acme-telecom"}))
    partial.post(f"{HERE}/replay", {"source": source})
    others = [number for name, number in of_two.items() if name != "mine"]
    assert set(states(office, others)) == {State.PARKED}
    mine = State.PARKED if source == "twilio/status" else State.WAITING
    assert states(office, [of_two["mine"]]) == [mine]
