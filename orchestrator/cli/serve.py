"""`relance serve`: the console and the API over HTTP, in one process."""

import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from types import FrameType

import click
import uvicorn
from fastapi import FastAPI

from orchestrator.bootstrap import Deployment
from orchestrator.cli.logs import log_to_stderr
from orchestrator.cli.terminal import console, deployment
from orchestrator.flows.invite_user import invite_first
from orchestrator.web.app import make_app

# Connections, also those that only wait for a next request: providers open hundreds. Work at once is limited within.
_MOST_AT_ONCE = 1_000
# What uvicorn itself ends with when it cannot start.
_NOT_STARTED = 3


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Keep it, and put a proxy with TLS before it.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
def serve(host: str, port: int) -> None:
    """Serve /console, /api/v1, /api/docs, /healthz, /readyz and /metrics. Keys: `relance key add`."""
    place = deployment(port=port)
    with place.database.read():
        pass  # a database that is away or too old is said here, in one line
    log_to_stderr(place.settings.log_format)
    tell_addresses(place, host=host, port=port)
    run_server(make_app(place), host=host, port=port)


def tell_addresses(place: Deployment, *, host: str, port: int) -> None:
    """Where to look; while nobody can sign in, the one-time link of the first administrator."""
    here = f"http://{host}:{port}"
    console.print(
        f"{here}/console/ and {here}/api/docs, database {place.database.address}", soft_wrap=True, markup=False
    )
    token = invite_first(place.database, now=datetime.now(UTC))
    if token is not None:
        console.print("Nobody can sign in yet. This link, good for one day and once, makes the administrator:")
        console.print(f"{here}/console/welcome/{token}", soft_wrap=True, markup=False)


def run_server(app: FastAPI, *, host: str, port: int) -> None:
    """Serves an application until the process is asked to end; the caller then ends what else it runs."""
    for name in (signal.SIGINT, signal.SIGTERM):
        # The server raises the signal again once it has stopped: by itself that would end the process on the spot,
        # with calls in flight.
        signal.signal(name, lambda _signal, _frame: None)
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        # Its lines hold the path and the query, which may tell of a debtor; ours name the endpoint.
        access_log=False,
        log_config=None,
        server_header=False,
        # `web/places.py` reads it, from proxies that are named; both would believe the visitor.
        proxy_headers=False,
        limit_concurrency=_MOST_AT_ONCE,
        timeout_keep_alive=30,
        h11_max_incomplete_event_size=32 * 1024,
    )
    server = Ending(config, app.state.streams.close)
    with suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        sys.exit(_NOT_STARTED)


class Ending(uvicorn.Server):
    """Tells pages that are live to end before it waits for every answer to be whole: by themselves they never end."""

    def __init__(self, config: uvicorn.Config, on_exit: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_exit = on_exit

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """The process is asked to end."""
        self._on_exit()
        super().handle_exit(sig, frame)
