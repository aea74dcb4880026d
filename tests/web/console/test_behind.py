"""What is made behind a page: once, one thing at a time, kept; old figures are given while new ones are made."""

import time
from datetime import datetime, timedelta
from threading import Event, get_ident

from orchestrator.web.console.behind import Behind, Made
from tests.builders import instant

NOON = instant("2026-03-10 12:00")


class Clock:
    """An instant that the test moves."""

    def __init__(self) -> None:
        self.at = NOON

    def __call__(self) -> datetime:
        return self.at


def awaited(behind: Behind, key: str, made: object) -> Made:
    """What stands under a key once it is that."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        found = behind.find(key)
        if found is not None and (found.value == made or (made is None and found.has_failed)):
            return found
        time.sleep(0.005)
    raise AssertionError(f"{key} was never made")


def test_nothing_is_there_at_first_and_it_is_made_once_elsewhere() -> None:
    behind, made, may_go = Behind(Clock()), [], Event()

    def make() -> str:
        may_go.wait(10)
        made.append(get_ident())
        return "made"

    assert [behind.ask("a", make) for _ in range(5)] == [None] * 5
    may_go.set()
    assert awaited(behind, "a", "made") == Made("made", NOON)
    found = behind.ask("a", make)
    assert found is not None
    assert (found.value, len(made)) == ("made", 1)
    assert made[0] != get_ident()
    assert behind.find("b") is None


def test_what_is_old_is_given_while_it_is_made_anew() -> None:
    clock = Clock()
    behind, values = Behind(clock), iter((1, 2))

    def ask() -> Made | None:
        return behind.ask("a", lambda: next(values), fresh_for=timedelta(seconds=60))

    ask()
    awaited(behind, "a", 1)
    clock.at += timedelta(seconds=60)
    assert ask() == Made(1, NOON)
    clock.at += timedelta(seconds=1)
    assert ask() == Made(1, NOON)  # given all the same
    assert awaited(behind, "a", 2).at == clock.at


def test_what_fails_says_so_and_stops_nothing() -> None:
    behind = Behind(Clock())
    behind.ask("a", lambda: 1 // 0)
    assert awaited(behind, "a", None).has_failed
    behind.ask("b", lambda: "well")
    assert not awaited(behind, "b", "well").has_failed


def test_what_nobody_asks_for_is_forgotten_first() -> None:
    behind = Behind(Clock())
    behind.ask("kept", lambda: "kept")
    awaited(behind, "kept", "kept")
    for number in range(200):
        behind.ask("kept", lambda: "kept")
        behind.ask(f"n{number}", lambda number=number: number)  # type: ignore[misc]  # a value of its own
        awaited(behind, f"n{number}", number)
    assert behind.find("kept") is not None
    assert behind.find("n0") is None
