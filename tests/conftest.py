"""What every test may ask for: databases, Redis, hypothesis profiles. What none may do: reach a network."""

import ipaddress
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest
from hypothesis import HealthCheck, settings

from tests.ready import ReadyPostgres, ReadySqlite
from tests.services import SERVICES_ARE_REQUIRED, PostgresServer, RedisSpace, ServiceAway
from tests.stubs.dovecot import Dovecot

# No deadline in any profile: the machines are shared, and a slow example is not a wrong one.
settings.register_profile("default", deadline=None, print_blob=True)
settings.register_profile(
    "ci",
    deadline=None,
    derandomize=True,  # a red run is red again on the next machine
    max_examples=60,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],  # says that the machine is busy, not that the code is wrong
)
settings.register_profile("soak", deadline=None, max_examples=3_000, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

_AWAY = "SERVICE AWAY: "


# ---------------------------------------------------------------------------------------------- databases


@pytest.fixture(scope="session")
def postgres_server() -> PostgresServer:
    """The server of RELANCE_TEST_POSTGRES, on which a test may create databases. Skips when it is away."""
    try:
        return PostgresServer()
    except ServiceAway as away:
        _skip_or_fail(away)


@pytest.fixture(scope="session")
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """One PostgreSQL database for the whole run of this process, empty at first; SQLAlchemy URL."""
    url = postgres_server.create_database()
    yield url
    postgres_server.drop_database(url)


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A new empty database for this test, once on SQLite (a file) and once on PostgreSQL; SQLAlchemy URL."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'relance.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    url = server.create_database()
    yield url
    server.drop_database(url)


@pytest.fixture(scope="session")
def ready_sqlite(tmp_path_factory: pytest.TempPathFactory) -> ReadySqlite:
    """Copies of a SQLite database with the current schema."""
    return ReadySqlite(tmp_path_factory.mktemp("template"))


@pytest.fixture(scope="session")
def ready_postgres(postgres_server: PostgresServer) -> Iterator[ReadyPostgres]:
    """A PostgreSQL database of this process with the current schema, emptied for whoever asks."""
    ready = ReadyPostgres(postgres_server)
    yield ready
    ready.drop()


@pytest.fixture(params=["sqlite", "postgres"])
def ready_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database with the current schema and no fact, once on SQLite and once on PostgreSQL; SQLAlchemy URL."""
    if request.param == "sqlite":
        sqlite: ReadySqlite = request.getfixturevalue("ready_sqlite")
        return sqlite.copy(tmp_path / "relance.db")
    postgres: ReadyPostgres = request.getfixturevalue("ready_postgres")
    return postgres.emptied()


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """An empty Redis database of this process's own, on the server of RELANCE_TEST_REDIS."""
    try:
        space = RedisSpace()
    except ServiceAway as away:
        _skip_or_fail(away)
    yield space.url
    space.close()


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    """A real IMAP server of this process's own; each test makes folders of its own in it."""
    try:
        server = Dovecot()
        server.start()
    except ServiceAway as away:
        _skip_or_fail(away)
    with server:
        yield server


def _skip_or_fail(away: ServiceAway) -> NoReturn:
    reason = f"{_AWAY}{away}".strip()
    if SERVICES_ARE_REQUIRED:
        pytest.fail(f"{reason} (RELANCE_REQUIRE_SERVICES=1)", pytrace=False)
    pytest.skip(reason)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """A run that did not meet PostgreSQL or Redis says so loudly: its green is worth less."""
    reasons = [str(report.longrepr[2]) for report in terminalreporter.stats.get("skipped", ())]
    away = [reason.partition(_AWAY)[2] for reason in reasons if _AWAY in reason]
    if not away:
        return
    terminalreporter.section("WARNING: tests were skipped", sep="!", red=True, bold=True)
    for reason in sorted(set(away)):
        terminalreporter.line(f"{away.count(reason)} tests skipped: {reason}", red=True)
    terminalreporter.line("Start the service, or name yours in RELANCE_TEST_POSTGRES, RELANCE_TEST_REDIS.")


# ------------------------------------------------------------------------------------------------ network


class NetworkForbidden(AssertionError):
    """A test tried to leave the machine."""


def _keep_on_loopback(event: str, arguments: tuple[Any, ...]) -> None:
    if event in {"socket.connect", "socket.sendto"}:
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else None  # None: a socket file, or netlink
    elif event == "socket.getaddrinfo":
        host = arguments[0]
    else:
        return
    if host and not _is_loopback(host):
        raise NetworkForbidden(f"a test may only talk to this machine, not to {host!r}")


def _is_loopback(host: str | bytes) -> bool:
    name = host.decode() if isinstance(host, bytes) else host
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"


sys.addaudithook(_keep_on_loopback)
