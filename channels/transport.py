"""One HTTP exchange over a kept-alive connection, which knows whether a byte of the request was written.

No retry, no redirect, no proxy, no cookie. Nothing here is logged, and a reason never quotes a request or an answer.
"""

import ipaddress
import os
import re
import select
import socket
import ssl
import weakref
from collections.abc import Callable, Mapping
from functools import cache, lru_cache, partial

from msgspec import Struct

from channels import boot_clock
from channels.contract import InDoubt, Outcome, ReasonClass, Rejected
from channels.dialling import dialled
from channels.errors import InvalidOptions
from channels.http_wire import Answer, BrokenAnswer, read_answer, request_bytes

# A server that closed silently behind a router looks alive; a call on it would be in doubt. So not kept for long.
_IDLE_SECONDS = 15.0
_IDLE_CONNECTIONS = 64  # per server
_RECEIVE_BYTES = 65_536
_URL = re.compile(r"(https?)://((?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(?::([0-9]{1,5}))?)(/[^#]*)?(#.*)?", re.DOTALL)


class NotWritten(Struct, frozen=True):
    """Not a byte of the request left: safe to plan again. `reason` is one of the words below, `detail` its cause."""

    reason: str
    detail: str = ""


class Unknown(Struct, frozen=True):
    """Bytes left and no complete answer came: in doubt."""

    reason: str


Exchanged = Answer | NotWritten | Unknown


def unanswered(exchanged: NotWritten | Unknown) -> Outcome:
    """What an exchange without an answer is to who sends a message."""
    if isinstance(exchanged, Unknown):
        return InDoubt(exchanged.reason)
    if exchanged.reason == START_BY:
        return boot_clock.TOO_LATE
    return Rejected(reason_class=ReasonClass.NOT_WRITTEN, code=exchanged.reason, detail=exchanged.detail)


START_BY, NAME, CONNECT, TLS, WRITE, TIME_OUT = "start_by", "name", "connect", "tls", "write", "time_out"
FORBIDDEN = "address_forbidden"
_TOO_LATE = NotWritten(START_BY)


class _NotOpenedError(Exception):
    def __init__(self, reason: str, cause: BaseException | None = None) -> None:
        super().__init__(reason)
        self.outcome = NotWritten(reason, type(cause).__name__ if cause else "")


class Origin(Struct, frozen=True):
    """A server: what names it in a URL, and how it is reached."""

    is_tls: bool
    authority: str
    host: str
    port: int


def split_url(url: str) -> tuple[Origin, str]:
    """The server of a URL, and path with query.

    Raises InvalidOptions for what is not http(s), for a name with a password, and for plain http beyond this machine.
    """
    match = _URL.fullmatch(url)
    if match is None:
        raise InvalidOptions("url_invalid", "not a URL that can be called", hint="write https://host/path")
    is_tls, authority = match[1] == "https", match[2]
    host = authority.rpartition(":")[0] if match[3] else authority
    host = host.strip("[]")
    if not is_tls and not _is_loopback(host):
        raise InvalidOptions("url_not_encrypted", "plain http may only reach this machine", hint="write https://")
    return Origin(is_tls, authority, host, int(match[3] or (443 if is_tls else 80))), match[4] or "/"


@lru_cache(maxsize=256)
def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class HttpTransport:
    """Blocking exchanges from any number of threads; connections are kept per server and never shared.

    `tls` is the context to verify servers with, the system's certificates by default. With `may_reach`, a connection is
    only opened to an IP address that it allows: the very one that was resolved, so a name cannot change in between.
    """

    def __init__(self, *, tls: ssl.SSLContext | None = None, may_reach: Callable[[str], bool] | None = None) -> None:
        self._tls = tls
        self._may_reach = may_reach
        self._idle: dict[tuple[bool, str], list[_Connection]] = {}
        self._process = os.getpid()
        weakref.finalize(self, _close_all, self._idle)

    def exchange(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes = b"",
        *,
        start_by: float | None = None,
        timeout_seconds: float = 10.0,
    ) -> Exchanged:
        """One request and its whole answer within `timeout_seconds` of the boot clock, connecting included.

        Past `start_by` (an instant of that clock, looked at again just before the first byte) nothing is written.
        Only a name server may take longer, and what it delays is NotWritten. Raises InvalidOptions for a bad URL.
        """
        deadline = boot_clock.now() + timeout_seconds
        origin, target = split_url(url)
        request = request_bytes(method, origin.authority, target, headers, body)
        if boot_clock.is_past(start_by):
            return _TOO_LATE
        connection = self._kept(origin)
        if connection is None:
            try:
                connection = _open(origin, deadline, self._tls, self._may_reach)
            except _NotOpenedError as error:
                return error.outcome
        may_stay = False
        try:
            failed = connection.write(request, start_by, deadline)
            if failed is not None:
                return failed
            answer, may_stay = read_answer(partial(connection.receive, deadline), method)
        except BrokenAnswer as error:
            return Unknown(str(error))
        except TimeoutError:
            return Unknown("no complete answer in time")
        except OSError as error:
            return Unknown(f"the connection failed before a complete answer: {type(error).__name__}")
        finally:  # also when the thread is interrupted: a connection with half an exchange on it serves nobody
            if may_stay:
                self._keep(origin, connection)
            else:
                connection.close()
        return answer

    def close(self) -> None:
        """Closes the connections that wait; those in use close after their exchange or are kept again."""
        _close_all(self._idle)

    def _kept(self, origin: Origin) -> "_Connection | None":
        if self._process != os.getpid():  # after a fork two processes would read each other's answers
            _close_all(self._idle)
            self._process = os.getpid()
        idle = self._idle.get((origin.is_tls, origin.authority))
        while idle:
            try:
                connection = idle.pop()
            except IndexError:  # another thread took the last one
                return None
            if connection.is_usable():
                return connection
            connection.close()
        return None

    def _keep(self, origin: Origin, connection: "_Connection") -> None:
        idle = self._idle.setdefault((origin.is_tls, origin.authority), [])
        connection.idle_since = boot_clock.now()
        if len(idle) < _IDLE_CONNECTIONS:
            idle.append(connection)
        else:
            connection.close()


def _close_all(kept: dict[tuple[bool, str], list["_Connection"]]) -> None:
    for idle in kept.values():
        while idle:
            idle.pop().close()


class _Connection:
    __slots__ = ("_is_tls", "_plug", "_poll", "idle_since")

    def __init__(self, plug: socket.socket, *, is_tls: bool) -> None:
        self._plug = plug
        self._is_tls = is_tls
        self.idle_since = 0.0
        self._poll = select.poll()
        self._poll.register(plug, select.POLLIN)

    def is_usable(self) -> bool:
        """Not too old, and silent: what can be read between two answers is a farewell, or nothing for us."""
        return boot_clock.now() - self.idle_since < _IDLE_SECONDS and not self._poll.poll(0)

    def write(self, request: bytes, start_by: float | None, deadline: float) -> NotWritten | Unknown | None:
        """None when all was handed to the system."""
        remaining = deadline - boot_clock.now()
        if remaining <= 0:
            return NotWritten(TIME_OUT)
        self._plug.settimeout(remaining)
        if boot_clock.is_past(start_by):
            return _TOO_LATE
        try:
            written = self._plug.send(request)
        except OSError as error:
            if self._is_tls:  # a part of a record may have left
                return Unknown(f"the request may have left in part: {type(error).__name__}")
            return NotWritten(WRITE, type(error).__name__)
        while written < len(request):
            self._give_time(deadline)
            written += self._plug.send(request[written:])
        return None

    def receive(self, deadline: float) -> bytes:
        self._give_time(deadline)
        return self._plug.recv(_RECEIVE_BYTES)

    def _give_time(self, deadline: float) -> None:
        remaining = deadline - boot_clock.now()
        if remaining <= 0:
            raise TimeoutError
        self._plug.settimeout(remaining)

    def close(self) -> None:
        self._plug.close()


@cache
def _system_trust() -> ssl.SSLContext:
    """Verifies certificate and name by what the system trusts; 20 ms to load, so once."""
    return ssl.create_default_context()


def _open(
    origin: Origin, deadline: float, tls: ssl.SSLContext | None, may_reach: Callable[[str], bool] | None
) -> _Connection:
    plug = _connect(origin, deadline, may_reach)
    if not origin.is_tls:
        return _Connection(plug, is_tls=False)
    try:
        remaining = deadline - boot_clock.now()
        if remaining <= 0:
            raise TimeoutError
        plug.settimeout(remaining)
        # A stream that ends without TLS saying so was cut, and is not the end of an answer.
        trust = tls or _system_trust()
        plug = trust.wrap_socket(plug, server_hostname=origin.host, suppress_ragged_eofs=False)
        return _Connection(plug, is_tls=True)
    except (OSError, ValueError) as error:
        plug.close()
        raise _NotOpenedError(TLS, error) from error


def _connect(origin: Origin, deadline: float, may_reach: Callable[[str], bool] | None) -> socket.socket:
    try:
        addresses = socket.getaddrinfo(origin.host, origin.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise _NotOpenedError(NAME, error) from error
    if may_reach is not None:
        addresses = [found for found in addresses if may_reach(str(found[4][0]))]
        if not addresses:
            raise _NotOpenedError(FORBIDDEN)
    try:
        return dialled(addresses, deadline)
    except OSError as cause:
        raise _NotOpenedError(CONNECT, cause) from cause
