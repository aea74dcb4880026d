"""The moment on screen (R25): what it shows, to whom, and a live part that costs one read a second and ends in time."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, closing, contextmanager
from http.client import HTTPConnection
from signal import SIGTERM
from typing import Any

import pytest
import uvicorn
from msgspec.structs import replace
from starlette.requests import Request

from orchestrator.cli.serve import Ending
from orchestrator.flows.change_user import disable_user
from orchestrator.storage import lane_states
from orchestrator.web.console import streams
from orchestrator.web.console.live_feed import LiveFeed
from orchestrator.web.console.session import Visitor, visitor_of
from orchestrator.web.console.streams import MOST, MOST_OF_ONE, MOST_OF_USER, Part, Streams, as_event, part_events
from orchestrator.web.errors import Refused
from tests.web.conftest import Office, a_debt
from tests.web.console.conftest import Seat
from tests.web.console.looking import one


@pytest.fixture(scope="module", autouse=True)
def planned(office: Office) -> None:
    """One debtor with a message ready."""
    assert office.post("/api/v1/debts", [a_debt("F-1", debtor_ref="C-1")]).status == 200
    office.advance()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "LOOK_SECONDS", 0.02)
    monkeypatch.setattr(streams, "SESSION_SECONDS", 0.05)


def test_it_shows_what_is_ready_and_where_to_stop_it(seats: dict[str, Seat]) -> None:
    shown = seats["manager"].get("/console/now")
    assert "1 message prêt à partir" in shown.text
    assert "Bac à sable · SMS" in shown.text
    assert shown.soup.find("a", href="/console/pauses/new?campaign=b2c-small")
    assert one(shown, '[data-live="/console/now/events"]')
    assert one(shown, "noscript meta[http-equiv=refresh]")
    assert seats["viewer"].get("/console/now").soup.find("a", href="/console/pauses/new?campaign=b2c-small") is None


def test_it_is_read_in_english_too(office: Office) -> None:
    seat = Seat(office, "english").begin("viewer", language="en")
    assert "1 message ready to leave" in seat.get("/console/now").text


def test_who_sees_another_creditor_sees_nothing_of_this_one(office: Office) -> None:
    seat = Seat(office, "of-another").begin("manager", creditors=frozenset({"another"}))
    shown = seat.get("/console/now").text
    assert "0 message prêt à partir" in shown
    assert "b2c-small" not in shown
    assert "Petits impayés" not in shown
    assert "Garde-fous" not in shown
    assert "Coût du jour" not in seat.get("/console/lanes").text


def test_a_lane_says_how_it_stands_and_what_it_did(seats: dict[str, Seat], office: Office) -> None:
    with office.database.begin() as conn:
        until = office.now.replace(minute=59)
        state = lane_states.LaneState(lane="sandbox-sms", failures=5, rests_until=until, why="breaker")
        lane_states.save(conn, state, now=office.now)
    office.app.state.live_feed = LiveFeed(office.app.state.desk, None)
    shown = seats["manager"].get("/console/lanes")
    cards = [each.get_text(" ") for each in shown.soup.select("section.card")]
    (card,) = (each for each in cards if "Bac à sable · SMS" in each)
    assert "au repos après des échecs" in card
    assert "10:59:00" in card
    assert "Coût du jour" in card
    assert shown.soup.find("a", href="/console/pauses/new?lane=sandbox-sms")


# ------------------------------------------------------------------------------------------- the live part


class Hours:
    """A clock of seconds that the test moves."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


def test_however_many_listen_there_is_one_look_a_second_and_none_for_nobody(office: Office) -> None:
    clock = Hours()
    feed = LiveFeed(office.app.state.desk, None, clock=clock)
    assert feed.looks == 0
    visitors = [_visitor(office), _visitor(office, language="en"), _visitor(office, role="viewer")]

    async def round_of_listeners() -> None:
        await asyncio.gather(*(feed.part(visitor) for visitor in visitors * 5))

    for looks in (1, 1, 2):
        asyncio.run(round_of_listeners())
        assert feed.looks == looks
        clock.at += 0.6
    clock.at += 3_600
    assert feed.looks == 2


def test_looks_of_several_creditors_take_turns(office: Office) -> None:
    clock = Hours()
    feed = LiveFeed(office.app.state.desk, None, clock=clock)
    mine, other = frozenset({"acme-telecom"}), frozenset({"another"})
    feed.seen(mine), feed.seen(other)
    seen = []
    for _ in range(4):
        clock.at += 1.0
        for whose in (mine, other):
            before = feed.looks
            feed.seen(whose)
            seen += [whose] * (feed.looks - before)
    assert seen == [mine, other, mine, other]


def test_a_part_is_told_again_only_when_it_changed_and_over_ends_it(office: Office) -> None:
    texts = iter(["<p>a</p>", "<p>a</p>", "<p>b</p>\n<p>c</p>"])

    async def next_part() -> Part:
        text = next(texts)
        return Part(text, is_last="c" in text)

    told = _told(part_events(Streams(), office.app.state.desk, _visitor(office), next_part))
    assert told == [
        "retry: 3000\n\n",
        as_event("<p>a</p>"),
        "event: part\ndata: <p>b</p>\ndata: <p>c</p>\n\n",
        "event: over\ndata:\n\n",
    ]


def test_a_heartbeat_is_heard_while_nothing_changes(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "BEAT_SECONDS", 0.0)
    count = iter(range(3))

    async def next_part() -> Part | None:
        return Part("", is_last=next(count) == 2)

    told = _told(part_events(Streams(), office.app.state.desk, _visitor(office), next_part))
    assert told.count(": still here\n\n") == 3


@pytest.mark.parametrize("changed", ["nobody", "another-role"])
def test_it_ends_for_who_is_signed_out_or_has_another_role(office: Office, changed: str) -> None:
    visitor = _visitor(office)
    gone = replace(visitor, session="0" * 64) if changed == "nobody" else replace(visitor, role="viewer")

    async def next_part() -> Part:
        return Part("<p>secret</p>")

    listeners = Streams()
    told = _told(part_events(listeners, office.app.state.desk, gone, next_part))
    assert told == ["retry: 3000\n\n", "event: over\ndata:\n\n"]
    assert listeners.count == 0


def test_listeners_are_bounded_for_one_and_for_all() -> None:
    listeners = Streams()
    for _ in range(MOST_OF_ONE):
        listeners.require_room("a", "ann")
        listeners.enter("a", "ann")
    with pytest.raises(Refused) as refused:
        listeners.require_room("a", "ann")
    assert refused.value.status == 503
    for number in range(MOST - MOST_OF_ONE):
        listeners.require_room(f"b{number}", f"bob-{number}")
        listeners.enter(f"b{number}", f"bob-{number}")
    with pytest.raises(Refused):
        listeners.require_room("c", "cid")
    listeners.leave("a", "ann")
    listeners.require_room("c", "cid")


def test_whoever_signs_in_again_and_again_leaves_room_for_others() -> None:
    listeners = Streams()
    for number in range(MOST_OF_USER):
        listeners.require_room(f"a{number}", "ann")
        listeners.enter(f"a{number}", "ann")
    with pytest.raises(Refused):
        listeners.require_room("a-new", "ann")
    listeners.require_room("b", "bob")
    listeners.leave("a0", "ann")
    listeners.require_room("a-new", "ann")
    for number in range(1, MOST_OF_USER):
        listeners.leave(f"a{number}", "ann")
    assert listeners.count == 0


def test_over_a_real_connection_it_streams_holds_no_thread_and_ends_when_the_user_is_disabled(office: Office) -> None:
    seats = [Seat(office, f"watcher-{number}").begin("viewer") for number in range(4)]
    with ExitStack() as ends:
        port, _server = ends.enter_context(_served(office))
        # More listeners than the pool has threads.
        listeners = [ends.enter_context(_listening(port, seat)) for seat in seats for _ in range(5)]
        assert all("event: part" in _read(each, until=b"event: part") for each in listeners)
        assert "En ce moment" in seats[0].get("/console/now").text
        disable_user(office.database, seats[0].name, by="test", now=office.now)
        began = time.monotonic()
        assert "event: over" in _read(listeners[0], until=b"event: over")
        assert time.monotonic() - began < 5


def test_a_process_that_is_asked_to_end_does_not_wait_for_who_listens(office: Office) -> None:
    seat = Seat(office, "lingering").begin("viewer")
    with _served(office) as (port, server), _listening(port, seat) as listener:
        _read(listener, until=b"event: part")
        server.handle_exit(SIGTERM, None)
        until = time.monotonic() + 10
        while server.started and not server.force_exit and time.monotonic() < until and server.server_state.connections:
            time.sleep(0.05)
        assert not server.server_state.connections


def _visitor(office: Office, **changes: Any) -> Visitor:
    """A visitor with a session of their own that stands."""
    name = f"listener-{next(_NUMBERS)}"
    role = changes.get("role", "manager")
    seat = Seat(office, name).begin(role, language=changes.get("language", "fr"))
    assert seat.get("/console/account").status == 200
    return _visitor_of(office, seat)


_NUMBERS = iter(range(1_000))


def _visitor_of(office: Office, seat: Seat) -> Visitor:
    cookie = f"relance-session={seat.client.cookies['relance-session']}"
    scope = {"type": "http", "app": office.app, "headers": [(b"cookie", cookie.encode())], "method": "GET"}
    return visitor_of(Request(scope))


def _told(events: AsyncIterator[str]) -> list[str]:
    async def all_of_them() -> list[str]:
        return [each async for each in events]

    return asyncio.run(asyncio.wait_for(all_of_them(), 20))


@contextmanager
def _served(office: Office) -> Iterator[tuple[int, uvicorn.Server]]:
    office.app.state.streams = Streams()
    config = uvicorn.Config(office.app, host="127.0.0.1", port=0, log_config=None, lifespan="off")
    server = Ending(config, office.app.state.streams.close)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 10
    while not server.started and time.monotonic() < until:
        time.sleep(0.02)
    try:
        yield server.servers[0].sockets[0].getsockname()[1], server
    finally:
        server.handle_exit(SIGTERM, None)
        thread.join(15)
        assert not thread.is_alive()


@contextmanager
def _listening(port: int, seat: Seat) -> Iterator[Any]:
    connection = HTTPConnection("127.0.0.1", port, timeout=20)
    cookie = f"relance-session={seat.client.cookies['relance-session']}"
    connection.request("GET", "/console/now/events", headers={"Cookie": cookie})
    said = connection.getresponse()
    assert (said.status, said.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
    with closing(connection), closing(said):
        yield said


def _read(said: Any, *, until: bytes) -> str:
    heard = b""
    while until not in heard:
        line = said.readline()
        if not line:
            break
        heard += line
    return heard.decode()
