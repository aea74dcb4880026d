"""A server that plays a script on each connection, byte by byte, and keeps what it received."""

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

CERTIFICATE = Path(__file__).with_name("loopback.pem")
"""Key and certificate of 127.0.0.1, signed by itself: no secret, and trusted by nobody who is not told to."""

Script = Callable[["RawConnection"], None]
"""Plays one connection; the connection is closed when it returns."""


class RawConnection:
    """One accepted connection: `number` counts them from 0."""

    def __init__(self, plug: socket.socket, server: "RawServer", number: int) -> None:
        self.plug, self.server, self.number = plug, server, number

    def read_request(self) -> bytes:
        """One whole request, empty when the client has left; entered in `server.requests`."""
        received = b""
        while b"\r\n\r\n" not in received:
            if not (part := self.plug.recv(65_536)):
                return b""
            received += part
        head, _, body = received.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
        while len(body) < length:
            body += self.plug.recv(65_536)
        self.server.requests.append(head + b"\r\n\r\n" + body)
        return self.server.requests[-1]

    def say(self, text: bytes) -> None:
        self.plug.sendall(text)

    def reset(self) -> None:
        """Ends the connection as a crash does, not as a goodbye."""
        self.plug.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.plug.close()


class RawServer:
    """`requests` are those read whole, `connections` counts the accepted; `left` is set each time one has ended."""

    def __init__(self, script: Script, *, is_tls: bool = False) -> None:
        self.requests: list[bytes] = []
        self.connections = 0
        self.left = threading.Event()
        self.ending = threading.Event()  # a script that waits for nothing else waits for this
        self._script = script
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self._listener.getsockname()[1]
        self.url = f"{'https' if is_tls else 'http'}://127.0.0.1:{self.port}"
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER) if is_tls else None
        if self._tls:
            self._tls.load_cert_chain(CERTIFICATE)
        self._threads: list[threading.Thread] = []
        self._plugs: list[socket.socket] = []
        self._start(self._accept)

    def _start(self, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            plug, _ = self._listener.accept()
            if self.ending.is_set():
                plug.close()
                return
            number, self.connections = self.connections, self.connections + 1
            self._start(lambda plug=plug, number=number: self._play(plug, number))  # type: ignore[misc]  # defaults bind

    def _play(self, plug: socket.socket, number: int) -> None:
        plug.settimeout(10)
        try:
            if self._tls:
                plug = self._tls.wrap_socket(plug, server_side=True)
            self._plugs.append(plug)
            self._script(RawConnection(plug, self, number))
        except OSError:
            pass  # the client left first, as some tests mean it to
        finally:
            plug.close()
            self.left.set()

    def stop(self) -> None:
        self.ending.set()
        socket.create_connection(("127.0.0.1", self.port)).close()
        for plug in self._plugs:  # whoever still waits for a request is told that none will come
            with contextlib.suppress(OSError):
                plug.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)
        self._listener.close()


@contextlib.contextmanager
def playing(script: Script, *, is_tls: bool = False) -> Iterator[RawServer]:
    """A server that plays the script on each of its connections."""
    server = RawServer(script, is_tls=is_tls)
    try:
        yield server
    finally:
        server.stop()
