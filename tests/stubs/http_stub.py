"""A small, fast HTTP/1.1 server for stubs: one function answers, late, by halves or never. Knows no provider."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any, Self

from msgspec import Struct

REASONS = {200: "OK", 201: "Created", 204: "No Content", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found"}


class Request(Struct):
    """A request; `note` is for who looks at its head and wants to remember something until the body is here."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes = b""
    note: Any = None

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        return self.target.partition("?")[2]


class Reply(Struct):
    """An answer; after `delay_seconds`; only its first `cut_after` bytes, and then the connection is cut."""

    status: int = 200
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "application/json"),)
    delay_seconds: float = 0.0
    cut_after: int | None = None

    def as_bytes(self) -> bytes:
        lines = [f"HTTP/1.1 {self.status} {REASONS.get(self.status, 'Other')}", f"Content-Length: {len(self.body)}"]
        lines += [f"{name}: {text}" for name, text in self.headers]
        return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + self.body


Handler = Callable[[Request], Reply | None]
"""Answers a whole request; None is silence, the connection stays open."""

HeadHandler = Callable[[Request], bool]
"""Looks at a request whose body was not read; True cuts the connection there."""


def _never(_request: Request) -> bool:
    return False


class _Connection(asyncio.Protocol):
    def __init__(self, server: "HttpStub") -> None:
        self._server = server
        self._received = bytearray()
        self._request: Request | None = None
        self._length = 0
        self._is_busy = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._server.open_transports.add(transport)

    def connection_lost(self, _error: Exception | None) -> None:
        self._server.open_transports.discard(self._transport)

    def data_received(self, data: bytes) -> None:
        self._received += data
        while not self._is_busy and self._take_one():
            pass

    def _take_one(self) -> bool:
        if self._request is None and not self._take_head():
            return False
        if self._request is None or len(self._received) < self._length:
            return False
        request, self._request = self._request, None
        request.body = bytes(self._received[: self._length])
        del self._received[: self._length]
        reply = self._server.handler(request)
        if reply is None:
            self._is_busy = True
        elif reply.delay_seconds:
            self._is_busy = True
            asyncio.get_running_loop().call_later(reply.delay_seconds, self._answer_late, reply)
        else:
            self._answer(reply)
        return not self._transport.is_closing()

    def _take_head(self) -> bool:
        end = self._received.find(b"\r\n\r\n")
        if end < 0:
            return False
        first, *lines = self._received[:end].decode("latin-1").split("\r\n")
        del self._received[: end + 4]
        method, target, _ = first.split(" ", 2)
        headers = {name.lower(): text.strip() for name, _, text in (line.partition(":") for line in lines)}
        self._request = Request(method, target, headers)
        self._length = int(headers.get("content-length", "0"))
        if self._server.at_head(self._request):
            self._transport.abort()
            return False
        return True

    def _answer_late(self, reply: Reply) -> None:
        if self._transport.is_closing():
            return
        self._is_busy = False
        self._answer(reply)
        self.data_received(b"")

    def _answer(self, reply: Reply) -> None:
        if reply.cut_after is None:
            self._transport.write(reply.as_bytes())
            return
        if reply.cut_after:
            self._transport.write(reply.as_bytes()[: reply.cut_after])
        self._transport.close()


class HttpStub:
    """Serves in a thread of its own between `with` and its end, or on a loop of yours with `listen`."""

    def __init__(self, handler: Handler, *, at_head: HeadHandler = _never) -> None:
        self.handler = handler
        self.at_head = at_head
        self.open_transports: set[asyncio.Transport] = set()
        self.port = 0
        self.loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._stopped: asyncio.Event | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def listen(self, port: int = 0) -> asyncio.Server:
        """Binds on loopback; port 0 takes a free one."""
        self.loop = asyncio.get_running_loop()
        server = await self.loop.create_server(lambda: _Connection(self), "127.0.0.1", port, backlog=1024)
        self.port = server.sockets[0].getsockname()[1]
        return server

    def close_connections(self) -> None:
        """Cuts every open connection, as a server that restarts does."""
        assert self.loop is not None
        asyncio.run_coroutine_threadsafe(self._abort_all(), self.loop).result(5)

    async def _abort_all(self) -> None:
        for transport in tuple(self.open_transports):
            transport.abort()

    def __enter__(self) -> Self:
        ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve(ready)), daemon=True)
        self._thread.start()
        assert ready.wait(10), "the stub does not start"
        return self

    def __exit__(self, *_error: object) -> None:
        assert self.loop is not None
        assert self._stopped is not None
        assert self._thread is not None
        self.loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join(10)

    async def _serve(self, ready: threading.Event) -> None:
        self._stopped = asyncio.Event()
        server = await self.listen()
        ready.set()
        await self._stopped.wait()
        # A connection that is being accepted when its server closes is never closed (an assertion of asyncio fails and
        # leaves its transport behind): so nothing more is accepted first, and what was accepted is let in.
        for listening in server.sockets:
            asyncio.get_running_loop().remove_reader(listening.fileno())
        for _ in range(5):
            await asyncio.sleep(0)
        server.close()
        for _ in range(5):
            await asyncio.sleep(0)
            await self._abort_all()
        await asyncio.sleep(0)  # tasks that are left are cancelled by asyncio.run
