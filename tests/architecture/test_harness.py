"""The test bench keeps its word: no network, its own databases, no silent skip of what is required."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from tests.architecture.repository import ROOT
from tests.conftest import NetworkForbidden
from tests.services import PostgresServer

_NOBODY_LISTENS = {
    "RELANCE_TEST_POSTGRES": "postgresql+psycopg://someone:hidden@127.0.0.1:1/postgres",
    "RELANCE_TEST_REDIS": "redis://127.0.0.1:1",
}
_PLANTED = """
import warnings

def test_asks_for_both(postgres_url, redis_url): ...
def test_asks_for_one(redis_url): ...
def test_fails_because_a_warning_is_an_error(): warnings.warn("old")
"""


# ------------------------------------------------------------------------------------------- network


def test_a_test_cannot_reach_another_machine() -> None:
    with socket.socket() as plug, pytest.raises(NetworkForbidden):
        plug.connect(("192.0.2.1", 80))


def test_a_test_cannot_resolve_a_name() -> None:
    with pytest.raises(NetworkForbidden):
        socket.getaddrinfo("example.org", 443)


def test_a_test_can_reach_this_machine() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()[:2]).close()


# ------------------------------------------------------------------------------------------ services


def _run_planted(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_planted.py").write_text(_PLANTED)
    options = ["-p", "tests.conftest", "-p", "no:cacheprovider", "-p", "no:xdist", f"--rootdir={folder}"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *options, "-c", str(ROOT / "pyproject.toml"), str(folder)],
        cwd=ROOT,
        env=os.environ | _NOBODY_LISTENS | environment,
        check=False,
        capture_output=True,
        text=True,
    )


def test_without_services_a_test_is_skipped_and_the_run_says_so_aloud(tmp_path: Path) -> None:
    done = _run_planted(tmp_path, RELANCE_REQUIRE_SERVICES="")
    assert "1 failed, 2 skipped" in done.stdout, done.stdout
    assert "WARNING: tests were skipped" in done.stdout
    assert "PostgreSQL does not answer" in done.stdout
    assert "hidden" not in done.stdout, "the password is shown"


def test_without_services_a_run_that_requires_them_fails(tmp_path: Path) -> None:
    done = _run_planted(tmp_path, RELANCE_REQUIRE_SERVICES="1")
    assert "1 failed, 2 errors" in done.stdout, done.stdout


# ----------------------------------------------------------------------------------------- databases


def test_each_test_has_an_empty_database_of_its_own(database_url: str, tmp_path: Path) -> None:
    if database_url.startswith("sqlite"):
        assert database_url == f"sqlite:///{tmp_path / 'relance.db'}"
        return
    with psycopg.connect(database_url.replace("+psycopg", "")) as connection:
        tables = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    assert tables == (0,)


def test_a_dropped_database_is_gone_even_when_a_connection_is_open(postgres_server: PostgresServer) -> None:
    url = postgres_server.create_database()
    left_open = psycopg.connect(url.replace("+psycopg", ""))
    postgres_server.drop_database(url)
    with pytest.raises(psycopg.OperationalError):
        left_open.execute("SELECT 1")
    left_open.close()


def test_a_database_that_was_not_made_here_is_never_dropped(postgres_server: PostgresServer) -> None:
    with pytest.raises(ValueError, match="was not created here"):
        postgres_server.drop_database("postgresql+psycopg://postgres@127.0.0.1/production")
