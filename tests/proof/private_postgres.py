"""A PostgreSQL server of a test's own, which it may stop at will. Durable: what it committed survives its death."""

import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import Self

from tests.services import PostgresServer

_BINARIES = Path("/usr/lib/postgresql")


def binaries() -> Path | None:
    """Where the newest server of Debian's packages is; None without one."""
    found = sorted(_BINARIES.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


class PrivatePostgres:
    """Runs between `with` and its end, on a free port of the loopback, without a socket file."""

    def __init__(self) -> None:
        found = binaries()
        assert found is not None
        self._binaries = found
        # Not under the folders of pytest, which only their owner may enter.
        self._folder = Path(tempfile.mkdtemp(prefix="relance-postgres-"))
        self._data = self._folder / "data"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]

    def __enter__(self) -> Self:
        self._folder.chmod(0o755)
        self._data.mkdir(mode=0o700)
        if os.getuid() == 0:
            shutil.chown(self._data, "postgres")
        self._run("initdb", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8", self._data)
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._run("pg_ctl", "-s", "-m", "immediate", "-D", self._data, "stop")
        shutil.rmtree(self._folder, ignore_errors=True)

    def server(self) -> PostgresServer:
        return PostgresServer(f"postgresql+psycopg://postgres@127.0.0.1:{self._port}/postgres")

    def crash(self) -> None:
        """Ends it as a power cut would, and starts it again."""
        self.stop()
        self.start()

    def stop(self) -> None:
        """Ends it as a power cut would."""
        self._run("pg_ctl", "-s", "-m", "immediate", "-D", self._data, "stop")

    def start(self) -> None:
        """Starts it, with what it had committed."""
        given = f"-p {self._port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=''"
        self._run("pg_ctl", "-s", "-w", "-D", self._data, "-l", self._data / "log", "-o", given, "start")

    def _run(self, program: str, *words: str | Path) -> None:
        """PostgreSQL refuses to run as root: the account of the Debian package runs it then."""
        who = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
        command = [*who, str(self._binaries / program), *map(str, words)]
        subprocess.run(command, check=True, timeout=60, stdout=subprocess.DEVNULL, cwd="/")
