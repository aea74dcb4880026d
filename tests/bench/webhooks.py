"""Webhooks over HTTP: `python -m tests.bench.webhooks`. Signed, kept on PostgreSQL by a durable commit, then answered.

The reference is an address of the same server that reads the request and answers 204 at once, called by the same
client in the same run. First as many as go, then 500 a second whatever the answers do (open loop).
"""

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlencode

import msgspec
from starlette.types import ASGIApp, Receive, Scope, Send
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]  # the SDK ships no types

from orchestrator.bootstrap import Deployment
from orchestrator.cli.serve import run_server
from orchestrator.settings import read_settings
from orchestrator.storage import inbox
from orchestrator.storage.database import Database
from orchestrator.web.app import make_app
from orchestrator.worker.collector import calm_collector
from tests.bench.measure import share_of
from tests.bench.portfolios import databases

COUNT = 8_000
CONNECTIONS = 64
RATE = 500
SECONDS = 5
PUBLIC, TOKEN = "https://relance.example", "the token of the bench"
BARE = "/bare"
LANES = """
lanes:
  - id: sms
    channel: sms
    provider: twilio
    settings: {account_sid: AC00000000000000000000000000000000, auth_token: {env: BENCH_TWILIO_TOKEN}}
"""


def main() -> None:
    """Bare, then durable; saturated, then at a steady rate."""
    with databases() as found:
        database = found.get("PostgreSQL")
        if database is None:
            return
        address = database._url.render_as_string(hide_password=False)  # the server opens its own
        with server(address) as served:
            asyncio.run(post_all(served.port, _requests(BARE, 500, "warm")))
            asyncio.run(post_all(served.port, _requests("", 500, "warm")))
            bare = asyncio.run(post_all(served.port, _requests(BARE, COUNT, "fast")))
            kept = asyncio.run(post_all(served.port, _requests("", COUNT, "fast")))
            calm = asyncio.run(_steady(served.port, _requests(BARE, RATE * SECONDS, "calm")))
            kept_calm = asyncio.run(_steady(served.port, _requests("", RATE * SECONDS, "calm")))
        _count(database, 500 + COUNT + RATE * SECONDS)
    print(
        f"  PostgreSQL: durable intake {COUNT / kept:,.0f} requests/s; reference, the bare endpoint beside it "
        f"{COUNT / bare:,.0f}; so {kept / bare:.1f} x the time ({CONNECTIONS} connections, client on this machine)\n"
        f"  at {RATE}/s: durable p50 {_ms(kept_calm, 0.5)}, p99 {_ms(kept_calm, 0.99)}; bare p50 {_ms(calm, 0.5)}, "
        f"p99 {_ms(calm, 0.99)}"
    )


def _ms(latencies: Sequence[float], share: float) -> str:
    return f"{share_of(latencies, share) * 1e3:,.1f} ms"


def _count(database: Database, expected: int) -> None:
    """What was answered is there: a figure of what was lost would be worth nothing."""
    with database.read() as conn:
        found = sum(inbox.count(conn).waiting.values())
    if found != expected:
        raise AssertionError(f"{expected} events were answered and {found} are kept")


# ------------------------------------------------------------------------------------------------ requests


def signed(attempt_id: str, sid: str, word: str) -> bytes:
    """A status callback of Twilio, as it travels."""
    target = f"/webhooks/twilio/status?attempt={attempt_id}"
    form = {"MessageSid": sid, "SmsSid": sid, "MessageStatus": word, "SmsStatus": word, "To": "+33644631234",
            "From": "RELANCE", "AccountSid": "AC0", "ApiVersion": "2010-04-01"}  # fmt: skip
    signature = RequestValidator(TOKEN).compute_signature(PUBLIC + target, form)
    return posted(target, urlencode(form).encode(), signature)


def posted(target: str, body: bytes, signature: str) -> bytes:
    """A request with its usual headers."""
    head = (
        f"POST {target} HTTP/1.1\r\nHost: relance.example\r\nX-Twilio-Signature: {signature}\r\n"
        f"Content-Type: application/x-www-form-urlencoded; charset=UTF-8\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _requests(target: str, count: int, name: str) -> list[bytes]:
    """Distinct events; for the bare address the same bytes under its name."""
    made = [signed("01J2ATTEMPT", f"SM{name}{number:08}", "delivered") for number in range(count)]
    if target:
        return [each.replace(b"/webhooks/twilio/status?attempt=01J2ATTEMPT", target.encode(), 1) for each in made]
    return made


# -------------------------------------------------------------------------------------------------- client


class _Caller(asyncio.Protocol):
    """One connection, one request at a time."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._seen = b""
        self._answered: asyncio.Future[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._seen += data
        if self._seen.endswith(b"\r\n\r\n") and self._answered is not None:
            status, self._seen = self._seen[9:12], b""
            if status == b"204":
                self._answered.set_result(None)
            else:
                self._answered.set_exception(AssertionError(f"it was answered {status.decode()}"))

    def connection_lost(self, _error: Exception | None) -> None:
        if self._answered is not None and not self._answered.done():
            self._answered.set_exception(AssertionError("the connection was cut"))

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    async def call(self, request: bytes) -> None:
        assert self._transport is not None
        self._answered = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        await self._answered


async def _connected(port: int, count: int) -> list[_Caller]:
    loop = asyncio.get_running_loop()
    return [(await loop.create_connection(_Caller, "127.0.0.1", port))[1] for _ in range(count)]


async def post_all(port: int, requests: Sequence[bytes]) -> float:
    """Seconds until all were answered, each connection sending its next as soon as it may."""
    callers, rest = await _connected(port, CONNECTIONS), iter(requests)

    async def work(caller: _Caller) -> None:
        for request in rest:
            await caller.call(request)

    began = time.perf_counter()
    await asyncio.gather(*map(work, callers))
    taken = time.perf_counter() - began
    await _close(callers)
    return taken


async def _close(callers: Sequence[_Caller]) -> None:
    for caller in callers:
        caller.close()
    await asyncio.sleep(0)  # the sockets are closed at the next turn of the loop


async def _steady(port: int, requests: Sequence[bytes]) -> list[float]:
    """How long each took from the instant at which it was due, whether or not a connection was free then."""
    free: asyncio.Queue[_Caller] = asyncio.Queue()
    callers = await _connected(port, CONNECTIONS)
    for caller in callers:
        free.put_nowait(caller)
    latencies: list[float] = []

    async def one(request: bytes, due: float) -> None:
        caller = await free.get()
        await caller.call(request)
        latencies.append(time.perf_counter() - due)
        free.put_nowait(caller)

    began, running = time.perf_counter() + 0.1, []
    for number, request in enumerate(requests):
        due = began + number / RATE
        await asyncio.sleep(max(due - time.perf_counter(), 0))
        running.append(asyncio.create_task(one(request, due)))
    await asyncio.gather(*running)
    await _close(callers)
    return latencies


# -------------------------------------------------------------------------------------------------- server


class Served(msgspec.Struct, frozen=True):
    """Where the server listens, and its process."""

    port: int
    process_id: int

    def cpu_seconds(self) -> float:
        """What it has used since it began."""
        fields = Path(f"/proc/{self.process_id}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class _Bare:
    """Reads the request and answers 204: what any server of this kind must do."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != BARE:
            await self._app(scope, receive, send)
            return
        while (await receive()).get("more_body", False):
            pass
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})


@contextlib.contextmanager
def server(database_url: str, home: Path | None = None) -> Iterator["Served"]:
    """`relance serve` with the bare address beside it, in a process of its own; without a home, one for the time."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="relance-bench-") as folder:
        home = home or Path(folder)
        (home / "lanes.yaml").write_text(LANES, encoding="utf-8")
        command = [sys.executable, "-m", "tests.bench.webhooks", database_url, str(port), str(home)]
        process = subprocess.Popen(command)
        try:
            _wait_for(port)
            yield Served(port, process.pid)
        finally:
            process.terminate()
            process.wait(15)


def _wait_for(port: int) -> None:
    for _ in range(200):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.1):
            return
        time.sleep(0.1)
    raise AssertionError("the server does not come up")


def serve(database_url: str, port: int, home: str) -> None:
    """The server's process."""
    environ = {
        **os.environ,
        "RELANCE_DATABASE_URL": database_url,
        "RELANCE_HOME": home,
        "RELANCE_LANES": f"{home}/lanes.yaml",
        "RELANCE_PUBLIC_URL": PUBLIC,
        "BENCH_TWILIO_TOKEN": TOKEN,
    }
    app = make_app(Deployment(read_settings(environ), environ=environ))
    app.add_middleware(_Bare)
    calm_collector()
    run_server(app, host="127.0.0.1", port=port)


if __name__ == "__main__":
    if len(sys.argv) == 4:
        serve(sys.argv[1], int(sys.argv[2]), sys.argv[3])
    else:
        main()
