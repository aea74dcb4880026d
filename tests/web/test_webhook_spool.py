"""The spool: what was answered is on the disk, whatever dies, and comes in once the database is back."""

import asyncio
import resource
import signal
import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.errors import StorageError
from orchestrator.storage import inbox, migrations
from orchestrator.storage.database import Database
from orchestrator.storage.inbox import Arrival
from orchestrator.web.webhooks.group import Group
from orchestrator.web.webhooks.keeper import Keeper
from orchestrator.web.webhooks.spool import Spool

NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)
EVENTS = [Arrival("twilio/status", f"SM{number}", 'é"\\\n', NOW) for number in range(5)]


def drained(spool: Spool) -> list[Arrival]:
    found: list[Arrival] = []
    spool.drain(found.extend)
    return found


# -------------------------------------------------------------------------------------------------- files


def test_what_was_appended_comes_out_once(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")
    assert spool.is_empty()
    spool.append(EVENTS[:2])
    spool.append(EVENTS[2:])
    assert not spool.is_empty()
    assert drained(spool) == EVENTS
    assert spool.is_empty()
    assert drained(spool) == []
    spool.append(EVENTS[:1])
    assert drained(spool) == EVENTS[:1]


def test_events_are_for_their_owners_eyes(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")
    spool.append(EVENTS)
    (path,) = (tmp_path / "spool").iterdir()
    assert (path.stat().st_mode & 0o077, path.parent.stat().st_mode & 0o077) == (0, 0)


def test_another_process_leaves_the_files_of_a_living_one(tmp_path: Path) -> None:
    living, other = Spool(tmp_path), Spool(tmp_path)
    living.append(EVENTS)
    assert drained(other) == []
    living.close()
    assert drained(other) == EVENTS


def test_a_drain_that_fails_keeps_the_file(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.append(EVENTS)

    def away(_events: Sequence[Arrival]) -> None:
        raise StorageError("away", code="database_unreachable")

    with pytest.raises(StorageError):
        spool.drain(away)
    assert drained(spool) == EVENTS


@given(cut=st.integers(0, 400))
def test_a_last_line_that_was_cut_was_never_answered(tmp_path_factory: pytest.TempPathFactory, cut: int) -> None:
    folder = tmp_path_factory.mktemp("spool")
    spool = Spool(folder)
    spool.append(EVENTS)
    spool.close()
    (path,) = folder.iterdir()
    whole = path.read_bytes()
    path.write_bytes(whole[: max(len(whole) - cut, 0)])
    assert drained(spool) == EVENTS[: path_lines(whole, cut)]
    assert not (folder / "unreadable").exists()


def path_lines(whole: bytes, cut: int) -> int:
    return whole[: max(len(whole) - cut, 0)].count(b"\n")


def test_a_line_that_the_disk_has_garbled_is_kept_aside(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.append(EVENTS)
    spool.close()
    (path,) = tmp_path.iterdir()
    lines = path.read_bytes().splitlines(keepends=True)
    garbled = lines[2].replace(b"SM2", b"SM9")
    path.write_bytes(b"".join((*lines[:2], garbled, b"\0" * 40 + b"\n", *lines[3:])))
    assert drained(spool) == [*EVENTS[:2], *EVENTS[3:]]
    (aside,) = (tmp_path / "unreadable").iterdir()
    assert aside.read_bytes() == garbled + b"\0" * 40 + b"\n"


def test_after_a_write_that_failed_nothing_joins_its_line(tmp_path: Path) -> None:
    """A full disk: half a line is on it. What comes later must not be lost with it."""
    spool = Spool(tmp_path)
    spool.append(EVENTS[:1])
    assert spool._file is not None
    (path,) = tmp_path.iterdir()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 10, limits[1]))
    try:
        with pytest.raises(OSError, match="too large"):
            spool.append(EVENTS[1:2])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, before)
    assert not path.read_bytes().endswith(b"\n")
    spool.append(EVENTS[2:])
    assert sorted(drained(spool), key=lambda event: event.key) == [EVENTS[0], *EVENTS[2:]]


def test_a_disk_that_takes_nothing_is_said(tmp_path: Path) -> None:
    (tmp_path / "spool").write_text("in the way")
    with pytest.raises(FileExistsError):
        Spool(tmp_path / "spool").append(EVENTS)


# -------------------------------------------------------------------------------------------------- groups


def test_requests_that_wait_together_are_written_together() -> None:
    writes: list[int] = []
    first_began, go_on = threading.Event(), threading.Event()

    def write(arrivals: Sequence[Arrival]) -> bool:
        writes.append(len(arrivals))
        first_began.set()
        go_on.wait(10)
        return True

    async def scenario() -> list[bool]:
        first = asyncio.create_task(group.add(EVENTS[:1]))
        await asyncio.to_thread(first_began.wait, 10)
        others = [asyncio.create_task(group.add(EVENTS[:1])) for _ in range(20)]
        await asyncio.sleep(0.05)
        go_on.set()
        return await asyncio.gather(first, *others)

    group = Group("test", write)
    assert all(asyncio.run(scenario()))
    group.stop(within_seconds=10)
    assert writes == [1, 20]


def test_a_write_that_raises_is_told_to_each_and_ends_nothing() -> None:
    errors = [ValueError("x")]

    def write(_arrivals: Sequence[Arrival]) -> bool:
        if errors:
            raise errors.pop()
        return True

    async def scenario() -> tuple[bool, bool]:
        return await group.add(EVENTS), await group.add(EVENTS)

    group = Group("test", write)
    assert asyncio.run(scenario()) == (False, True)
    group.stop(within_seconds=10)
    assert asyncio.run(group.add(EVENTS)) is False, "after the end nothing is promised"


# -------------------------------------------------------------------------------------------------- keeping


class Away:
    """A database that comes and goes."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.is_away = False

    def __call__(self) -> Database:
        if self.is_away:
            raise StorageError("away", code="database_unreachable")
        return self._database


def kept(database: Database) -> list[inbox.Event]:
    with database.read() as conn:
        return inbox.search(conn, limit=1_000)[::-1]


@pytest.fixture
def database(tmp_path: Path) -> Database:
    made = Database(f"sqlite:///{tmp_path / 'relance.db'}")
    migrations.upgrade(made)
    return made


def a_keeper(place: Away, folder: Path, at: datetime = NOW) -> Keeper:
    return Keeper(place, Spool(folder), clock=lambda: at, on_kept=lambda: None)


def until(condition: object, keeper: Keeper) -> None:
    """Waits for a condition, for as long as the slowest machine may take."""
    assert callable(condition)
    for _ in range(1_200):
        if condition():
            return
        threading.Event().wait(0.05)
    keeper.stop()
    raise AssertionError("it never came")


def test_while_the_database_is_away_the_spool_takes_events(database: Database, tmp_path: Path) -> None:
    place = Away(database)
    place.is_away = True
    keeper = a_keeper(place, tmp_path / "spool")
    assert asyncio.run(keeper.keep(EVENTS[:3]))
    assert kept(database) == []
    place.is_away = False
    until(lambda: len(kept(database)) == 3, keeper)
    assert asyncio.run(keeper.keep(EVENTS))
    until(lambda: len(kept(database)) == 5, keeper)
    keeper.stop()
    assert {event.received_at for event in kept(database)} == {NOW}


def test_a_file_of_another_process_does_not_say_that_the_database_is_back(database: Database, tmp_path: Path) -> None:
    place = Away(database)
    place.is_away = True
    keeper = a_keeper(place, tmp_path / "spool")
    assert asyncio.run(keeper.keep(EVENTS[:1]))
    keeper.stop()
    other = Spool(tmp_path / "spool")
    assert drained(other) == EVENTS[:1]
    other.append(EVENTS)
    with pytest.raises(StorageError):
        keeper.drain()
    place.is_away = False
    assert keeper.drain() == 0
    other.close()


def test_what_a_process_that_died_has_left_comes_in_at_the_next_start(database: Database, tmp_path: Path) -> None:
    dead = Spool(tmp_path / "spool")
    dead.append(EVENTS)
    dead.close()  # as its death would
    keeper = a_keeper(Away(database), tmp_path / "spool", NOW + timedelta(hours=1))
    keeper.start()
    until(lambda: len(kept(database)) == 5, keeper)
    keeper.stop()
    assert {event.received_at for event in kept(database)} == {NOW}, "they were received when they were"


def test_a_crash_between_commit_and_the_end_of_a_drain_is_harmless(database: Database, tmp_path: Path) -> None:
    dead = Spool(tmp_path / "spool")
    dead.append(EVENTS)
    with database.begin() as conn:
        inbox.put(conn, EVENTS, now=NOW)
    dead.close()
    keeper = a_keeper(Away(database), tmp_path / "spool")
    assert keeper.drain() == 5
    assert len(kept(database)) == 5
    keeper.stop()


def test_when_neither_takes_it_it_is_not_kept(database: Database, tmp_path: Path) -> None:
    (tmp_path / "spool").write_text("in the way")
    place = Away(database)
    place.is_away = True
    keeper = a_keeper(place, tmp_path / "spool")
    assert not asyncio.run(keeper.keep(EVENTS))
    keeper.stop()


def test_a_locked_sqlite_sends_events_to_the_spool(database: Database, tmp_path: Path) -> None:
    """Semantics D4: busy beyond a second."""
    keeper = a_keeper(Away(database), tmp_path / "spool")
    with database.begin():
        assert asyncio.run(keeper.keep(EVENTS))
        assert not Spool(tmp_path / "spool").is_empty()
    until(lambda: len(kept(database)) == 5, keeper)
    keeper.stop()


def test_an_event_that_the_database_never_takes_is_kept_in_another_form(postgres_url: str, tmp_path: Path) -> None:
    database = Database(postgres_url)
    migrations.upgrade(database)
    spool = Spool(tmp_path / "spool")
    spool.append([*EVENTS, Arrival("twilio/status", "zero", "a\0b", NOW)])
    spool.close()
    keeper = a_keeper(Away(database), tmp_path / "spool")
    assert keeper.drain() == 6
    keeper.stop()
    assert {event.body for event in kept(database) if event.key == "zero"} == {"a\\x00b"}
    database.close()
