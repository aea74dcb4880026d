"""Databases with messages planned already, a stand-in for the provider, and senders: processes that may be killed."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import msgspec
import pytest

from orchestrator.storage import migrations
from orchestrator.storage.database import Database
from tests.proof.scene import NOW, Scene, Way, open_scene, plan
from tests.proof.sender import Job, Report
from tests.proof.trial import Trial
from tests.services import PostgresServer
from tests.stubs.twilio_stub import TwilioStub

SMALL, LARGE = 12, 600


class Nursery:
    """Makes senders, and ends those that are left when it is closed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count(1)
        self._alive: dict[int, Path] = {}
        self._mother = subprocess.Popen(
            [sys.executable, "-m", "tests.proof.sender"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._is_ready = False

    def start(self, job: Job) -> int:
        """Starts a sender; its process id."""
        assert self._mother.stdin is not None
        report = self._folder / f"report-{next(self._numbers)}.json"
        if not self._is_ready:
            assert self._answer() == "ready"
            self._is_ready = True
        self._mother.stdin.write(msgspec.json.encode(msgspec.structs.replace(job, report=str(report))) + b"\n")
        self._mother.stdin.flush()
        process_id = int(self._answer())
        self._alive[process_id] = report
        return process_id

    def wait(self, process_id: int, seconds: float = 30.0) -> Report | None:
        """What a sender says in the end; None when it was killed."""
        until = time.monotonic() + seconds
        while _is_alive(process_id):
            assert time.monotonic() < until, "a sender does not end"
            time.sleep(0.005)
        report = self._alive.pop(process_id)
        return msgspec.json.decode(report.read_bytes(), type=Report) if report.exists() else None

    def kill(self, process_id: int) -> None:
        """Ends a sender without a last word; one that is dead already stays dead."""
        with suppress(ProcessLookupError):
            os.kill(process_id, signal.SIGKILL)

    def is_alive(self, process_id: int) -> bool:
        """Whether a sender still runs."""
        return _is_alive(process_id)

    def close(self) -> None:
        """Ends whoever is left."""
        for process_id in tuple(self._alive):
            if _is_alive(process_id):
                self.kill(process_id)
        assert self._mother.stdin is not None
        assert self._mother.stdout is not None
        self._mother.stdin.close()
        self._mother.stdout.close()
        try:
            self._mother.wait(10)
        except subprocess.TimeoutExpired:
            self._mother.kill()
            self._mother.wait(10)

    def _answer(self) -> str:
        assert self._mother.stdout is not None
        return self._mother.stdout.readline().decode().strip()


def _is_alive(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture(scope="session")
def nursery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    """One mother of senders for the run; she loads while the first database is made."""
    made = Nursery(tmp_path_factory.mktemp("reports"))
    yield made
    made.close()


@pytest.fixture(scope="session")
def scene() -> Scene:
    """The campaigns in force, for what the test itself does."""
    return open_scene()


@pytest.fixture
def stub() -> Iterator[TwilioStub]:
    """The provider."""
    with TwilioStub() as made:
        yield made


# ---------------------------------------------------------------------------------------------- databases

Copy = Callable[[int], str]
"""The URL of a new database with so many messages planned: SMALL or LARGE."""


@pytest.fixture(scope="session")
def sqlite_files(tmp_path_factory: pytest.TempPathFactory, nursery: Nursery, scene: Scene) -> Callable[[int], Path]:
    """A SQLite file with so many messages planned, to copy."""
    del nursery  # asked for first, so that its processes load meanwhile
    folder = tmp_path_factory.mktemp("planned")

    def file(planned: int) -> Path:
        path = folder / f"{planned}.db"
        if not path.exists():
            fill_database(f"sqlite:///{path}", scene, planned)
        return path

    return file


@pytest.fixture
def sqlite_copy(sqlite_files: Callable[[int], Path], tmp_path: Path) -> Copy:
    """Copies of a SQLite file."""

    def copy(planned: int) -> str:
        path = tmp_path / "relance.db"
        shutil.copyfile(sqlite_files(planned), path)
        return f"sqlite:///{path}"

    return copy


@pytest.fixture(scope="session")
def postgres_templates(
    postgres_server: PostgresServer, nursery: Nursery, scene: Scene
) -> Iterator[Callable[[int], str]]:
    """A PostgreSQL database with so many messages planned, to copy."""
    del nursery
    made: dict[int, str] = {}

    def template(planned: int) -> str:
        if planned not in made:
            made[planned] = postgres_server.create_database()
            fill_database(made[planned], scene, planned)
        return made[planned].rpartition("/")[2]

    yield template
    for url in made.values():
        postgres_server.drop_database(url)


@pytest.fixture
def postgres_copy(postgres_server: PostgresServer, postgres_templates: Callable[[int], str]) -> Iterator[Copy]:
    """Copies of a PostgreSQL database."""
    made: list[str] = []

    def copy(planned: int) -> str:
        made.append(postgres_server.create_database(template=postgres_templates(planned)))
        return made[-1]

    yield copy
    for url in made:
        postgres_server.drop_database(url)


def fill_database(url: str, scene: Scene, planned: int) -> None:
    """Makes the schema and plans so many messages."""
    database = Database(url)
    migrations.upgrade(database)
    plan(database, scene.on(Way(stub="http://127.0.0.1:9").lane()), planned)
    database.close()


# ------------------------------------------------------------------------------------------------- trials


@pytest.fixture(params=["sqlite", "postgres"])
def trial(request: pytest.FixtureRequest, stub: TwilioStub, nursery: Nursery, scene: Scene) -> Iterator[Trial]:
    """A few messages planned, on each database."""
    yield from _trial(request.getfixturevalue(f"{request.param}_copy"), SMALL, stub, nursery, scene)


@pytest.fixture(params=["sqlite", "postgres"])
def large_trial(request: pytest.FixtureRequest, stub: TwilioStub, nursery: Nursery, scene: Scene) -> Iterator[Trial]:
    """Hundreds of messages planned, on each database."""
    yield from _trial(request.getfixturevalue(f"{request.param}_copy"), LARGE, stub, nursery, scene)


@pytest.fixture(params=["sqlite", "postgres"])
def bare_trial(request: pytest.FixtureRequest, stub: TwilioStub, nursery: Nursery, scene: Scene) -> Iterator[Trial]:
    """Nothing planned yet, on each database."""
    yield from _trial(request.getfixturevalue(f"{request.param}_copy"), 0, stub, nursery, scene)


@pytest.fixture
def postgres_bare_trial(postgres_copy: Copy, stub: TwilioStub, nursery: Nursery, scene: Scene) -> Iterator[Trial]:
    """Nothing planned yet, on PostgreSQL."""
    yield from _trial(postgres_copy, 0, stub, nursery, scene)


@pytest.fixture
def postgres_trial(postgres_copy: Copy, stub: TwilioStub, nursery: Nursery, scene: Scene) -> Iterator[Trial]:
    """Hundreds of messages planned, on PostgreSQL, where several may send."""
    yield from _trial(postgres_copy, LARGE, stub, nursery, scene)


def _trial(copy: Copy, planned: int, stub: TwilioStub, nursery: Nursery, scene: Scene) -> Iterator[Trial]:
    shift = NOW - datetime.now(UTC)
    made = Trial(copy(planned), stub, nursery, scene, shift)
    yield made
    made.close()
