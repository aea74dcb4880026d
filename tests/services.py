"""PostgreSQL and Redis as tests use them: is it there, give me a space of my own, take it back.

Owns no fixture (see conftest.py). `python -m tests.services postgres` exits 0 when PostgreSQL answers.
"""

import os
import socket
import sys
import uuid
from collections.abc import Callable
from urllib.parse import SplitResult, urlsplit, urlunsplit

import psycopg
from psycopg import sql

POSTGRES_ADMIN_URL = os.environ.get("RELANCE_TEST_POSTGRES", "postgresql+psycopg://postgres@127.0.0.1:5432/postgres")
REDIS_SERVER_URL = os.environ.get("RELANCE_TEST_REDIS", "redis://127.0.0.1:6379")
SERVICES_ARE_REQUIRED = os.environ.get("RELANCE_REQUIRE_SERVICES") == "1"

_LEASE_KEY = b"relance-test-lease"


class ServiceAway(Exception):
    """The service does not answer, or refuses us. The text says who, where (without password) and why."""


class PostgresServer:
    """One server, reached through an administrator's URL. Databases it creates are the caller's to drop."""

    def __init__(self, admin_url: str = POSTGRES_ADMIN_URL) -> None:
        self._admin = urlsplit(admin_url)
        self._run(sql.SQL("SELECT 1"))

    def create_database(self, *, template: str = "template1") -> str:
        """A new database nobody else has, as a SQLAlchemy URL. `template` names a database to copy."""
        name = f"relance_test_{uuid.uuid4().hex[:16]}"
        self._run(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*map(sql.Identifier, (name, template))))
        # Tests are about what commits mean, not about surviving a power cut: ten times fewer fsyncs.
        self._run(sql.SQL("ALTER DATABASE {} SET synchronous_commit = off").format(sql.Identifier(name)))
        return urlunsplit(self._admin._replace(path=f"/{name}"))

    def drop_database(self, url: str) -> None:
        """Drops it even when a connection was left open."""
        name = urlsplit(url).path.lstrip("/")
        if not name.startswith("relance_test_"):
            raise ValueError(f"{name!r} was not created here")
        self._run(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _run(self, statement: sql.SQL | sql.Composed) -> None:
        try:
            with psycopg.connect(libpq_url(self._admin), connect_timeout=3, autocommit=True) as connection:
                connection.execute(statement)
        except psycopg.OperationalError as error:
            why = " ".join(str(error).split())
            raise ServiceAway(f"PostgreSQL does not answer at {_address(self._admin)}: {why}") from error


class RedisSpace:
    """One empty numbered database of a Redis server, leased so that two runs never share one."""

    def __init__(self, server_url: str = REDIS_SERVER_URL) -> None:
        parts = urlsplit(server_url)
        address = (parts.hostname or "127.0.0.1", parts.port or 6379)
        try:
            self._socket = socket.create_connection(address, timeout=3)
        except OSError as error:
            raise ServiceAway(f"Redis does not answer at {address[0]}:{address[1]}: {error}") from error
        self._replies = self._socket.makefile("rb")
        if parts.password:
            self._ask(b"AUTH", parts.password.encode())
        self.url = urlunsplit(parts._replace(path=f"/{self._lease_an_empty_database()}"))

    def close(self) -> None:
        """Empties the database, the lease with it."""
        self._ask(b"FLUSHDB")
        self._replies.close()
        self._socket.close()

    def _lease_an_empty_database(self) -> int:
        for number in range(15, 0, -1):
            self._ask(b"SELECT", str(number).encode())
            taken = self._ask(b"SET", _LEASE_KEY, b"1", b"NX", b"EX", b"3600") != b"+OK"
            if taken:
                continue
            if self._ask(b"DBSIZE") == b":1":
                return number
            self._ask(b"DEL", _LEASE_KEY)
        raise ServiceAway("Redis has no empty database between 1 and 15")

    def _ask(self, *words: bytes) -> bytes:
        """One command, one reply of one line: enough for what is asked here."""
        lines = [b"*%d" % len(words)]
        for word in words:
            lines += [b"$%d" % len(word), word]
        self._socket.sendall(b"\r\n".join(lines) + b"\r\n")
        reply = self._replies.readline().rstrip()
        if reply.startswith(b"-"):
            raise ServiceAway(f"Redis refuses: {reply[1:].decode()}")
        return reply


def libpq_url(url: SplitResult) -> str:
    """The same address without the driver that SQLAlchemy reads in it (`postgresql+psycopg` and the like)."""
    return urlunsplit(url._replace(scheme="postgresql"))


def _address(url: SplitResult) -> str:
    """Where it is, for an error: no user, no password."""
    return f"{url.hostname or 'the local socket'}:{url.port or 5432}"


def main(name: str) -> int:
    """Exit code 0 when the service named on the command line can be used, 1 with the reason otherwise."""
    probes: dict[str, Callable[[], object]] = {"postgres": PostgresServer, "redis": RedisSpace}
    try:
        found = probes[name]()
    except ServiceAway as away:
        sys.stderr.write(f"{away}\n")
        return 1
    if isinstance(found, RedisSpace):
        found.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
