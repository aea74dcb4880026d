"""A mail server on the loopback: keeps what it takes in a ledger, refuses, cuts or falls silent where it is told.

Line by line as RFC 5321 has it; not a server for anything else.
"""

import base64
import contextlib
import re
import socket
import socketserver
import ssl
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum

from tests.stubs.certificates import server_tls

_PATH = re.compile(r"(?:FROM|TO):<([^>]*)>")


class Fault(Enum):
    """What happens instead of an answer, or of what follows it."""

    CUT = "cut"  # the connection ends without a reply, nothing was kept
    CUT_AFTER_KEEPING = "cut_after_keeping"  # a message is kept, and its sender never hears
    CUT_AFTER_REPLY = "cut_after_reply"
    CUT_IN_CONTENT = "cut_in_content"  # while the message is being written
    SILENCE = "silence"  # no reply, the connection stays
    GARBAGE = "garbage"  # bytes that are no reply
    DRIP = "drip"  # a reply that never ends


@dataclass(frozen=True)
class Kept:
    """A message of the ledger."""

    sender: str
    recipient: str
    content: bytes


@dataclass
class Envelope:
    """The message being spoken."""

    sender: str = ""
    recipient: str = ""


@dataclass
class SmtpStub:
    """`answers` gives a step's reply or fault, by name: greeting ehlo starttls auth mail rcpt data content rset.

    `security` is `none`, `starttls` or `tls`; `login` is the user name and password asked for.
    """

    security: str = "none"
    login: tuple[str, str] | None = None
    mechanisms: str = "PLAIN LOGIN"
    extensions: tuple[str, ...] = ("8BITMIME", "SIZE 1000000", "ENHANCEDSTATUSCODES")
    says_too_much: bool = False  # two replies to the last line
    answers: dict[str, str | Fault] = field(default_factory=dict)
    kept: list[Kept] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    connections: int = 0
    port: int = 0
    plugs: list[socket.socket] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)

    def cut_all(self) -> None:
        """Ends every open connection, as a server that restarts does."""
        while self.plugs:
            with contextlib.suppress(OSError):
                self.plugs.pop().shutdown(socket.SHUT_RDWR)

    def ledger(self) -> dict[str, int]:
        """How often each envelope sender's message is kept."""
        return dict(Counter(kept.sender for kept in self.kept))


class _Ended(Exception):
    """The conversation is over."""


class _Conversation(socketserver.BaseRequestHandler):
    server: "_Server"

    def handle(self) -> None:
        self.stub = self.server.stub
        self.stub.connections += 1
        self.plug: socket.socket = self.request
        self.stub.plugs.append(self.plug)
        self.plug.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.unread = b""
        self.is_encrypted = False
        self.logged_in = False
        with contextlib.suppress(_Ended, OSError):
            if self.stub.security == "tls":
                self._encrypt()
            self._answer("greeting", "220 stub.example ESMTP")
            envelope = Envelope()
            while True:
                envelope = self._obey(self._line(), envelope)
        with contextlib.suppress(OSError):
            self.plug.close()

    def _obey(self, line: str, envelope: Envelope) -> Envelope:
        verb, _, rest = line.partition(" ")
        self.stub.commands.append(verb.upper())
        self.stub.lines.append(line)
        match verb.upper():
            case "EHLO":
                self._answer("ehlo", self._greeted())
            case "STARTTLS":
                self._answer("starttls", "220 go ahead")
                self._encrypt()
            case "AUTH":
                self._log_in(rest)
            case "MAIL":
                return Envelope(self._path("mail", rest))
            case "RCPT":
                return Envelope(envelope.sender, self._path("rcpt", rest))
            case "DATA":
                self._take(envelope)
                return Envelope()
            case "RSET":
                self._answer("rset", "250 2.0.0 forgotten")
                return Envelope()
            case "QUIT":
                self._say("221 2.0.0 bye")
                raise _Ended
            case _:
                self._say("500 5.5.1 what?")
        return envelope

    def _greeted(self) -> str:
        lines = ["stub.example", *self.stub.extensions]
        if self.stub.security == "starttls" and not self.is_encrypted:
            lines.append("STARTTLS")
        if self.stub.login and (self.is_encrypted or self.stub.security == "none"):
            lines.append(f"AUTH {self.stub.mechanisms}")
        return "\r\n".join([*(f"250-{line}" for line in lines[:-1]), f"250 {lines[-1]}"])

    def _path(self, step: str, rest: str) -> str:
        match = _PATH.match(rest)
        must_log_in = self.stub.login is not None and not self.logged_in
        if match is None or must_log_in:
            self._say("530 5.7.0 log in first" if must_log_in else "501 5.5.4 what?")
            return ""
        return match[1] if self._answer(step, "250 2.1.0 ok") else ""

    def _log_in(self, rest: str) -> None:
        mechanism, _, initial = rest.partition(" ")
        if mechanism == "PLAIN":
            given = tuple(base64.b64decode(initial).decode().split("\0")[1:])
        else:
            self._say("334 VXNlcm5hbWU6")
            name = base64.b64decode(self._line()).decode()
            self._say("334 UGFzc3dvcmQ6")
            given = (name, base64.b64decode(self._line()).decode())
        self.logged_in = given == self.stub.login
        self._answer("auth", "235 2.7.0 welcome" if self.logged_in else "535 5.7.8 no")

    def _take(self, envelope: Envelope) -> None:
        if not envelope.sender or not envelope.recipient:
            self._say("503 5.5.1 whose?")
            return
        if not self._answer("data", "354 go on"):
            return
        if self.stub.answers.get("content") is Fault.CUT_IN_CONTENT:
            self._receive()
            raise _Ended
        content = b""
        while (line := self._raw_line()) != b".\r\n":
            content += line.removeprefix(b".")
        fault = self.stub.answers.get("content")
        if fault is None or fault in (Fault.CUT_AFTER_KEEPING, Fault.CUT_AFTER_REPLY):
            self.stub.kept.append(Kept(envelope.sender, envelope.recipient, content))
        if fault is Fault.CUT_AFTER_KEEPING:
            raise _Ended
        too_much = "\r\n250 2.0.0 Ok, really" if self.stub.says_too_much else ""
        self._answer("content", f"250 2.0.0 Ok: queued as 4XyZ{too_much}")

    def _answer(self, step: str, usual: str) -> bool:
        """Whether the answer lets the conversation go on."""
        answer = self.stub.answers.get(step, usual)
        match answer:
            case Fault.CUT:
                raise _Ended
            case Fault.CUT_AFTER_REPLY:
                self._say(usual)
                raise _Ended
            case Fault.SILENCE:
                self.stub.stopping.wait(5)
                raise _Ended
            case Fault.GARBAGE:
                self._say("\x00\xff HTTP/1.1 200 OK")
                return False
            case Fault.DRIP:
                self._drip()
        self._say(str(answer))
        return str(answer)[0] in "23"

    def _drip(self) -> None:
        while not self.stub.stopping.wait(0.005):
            self.plug.sendall(b"250-more\r\n")

    def _encrypt(self) -> None:
        try:
            self.plug = server_tls().wrap_socket(self.plug, server_side=True)
        except ssl.SSLError as error:  # the client does not trust us
            raise _Ended from error
        self.is_encrypted = True

    def _say(self, text: str) -> None:
        self.plug.sendall(text.encode("latin-1") + b"\r\n")

    def _receive(self) -> bytes:
        received = self.plug.recv(65_536)
        if not received:
            raise _Ended
        return received

    def _raw_line(self) -> bytes:
        while b"\n" not in self.unread:
            self.unread += self._receive()
        line, end, self.unread = self.unread.partition(b"\n")
        return line + end

    def _line(self) -> str:
        return self._raw_line().decode("ascii").rstrip("\r\n")


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64

    def __init__(self, stub: SmtpStub) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.stub = stub
        stub.port = self.server_address[1]


@contextlib.contextmanager
def serving(stub: SmtpStub) -> Iterator[SmtpStub]:
    """The stub on its port until the end of the block."""
    with _Server(stub) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.002}, daemon=True)
        thread.start()
        try:
            yield stub
        finally:
            stub.stopping.set()
            stub.cut_all()
            server.shutdown()
            thread.join()
