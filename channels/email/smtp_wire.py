"""One SMTP connection on the wire: commands, replies, TLS, each within a deadline of the boot clock.

Knows no message and no meaning of a reply. A reason never quotes what a server said.
"""

import re
import socket
import ssl

from channels import boot_clock
from channels.dialling import dialled
from channels.email.smtp_replies import Reply

_REPLY_LINE = re.compile(rb"([2-5][0-9]{2})(?:([ -])(.*))?", re.DOTALL)
_REPLY_LIMIT = 65_536  # bytes; RFC 5321 has 512 a line and no number of lines
_RECEIVE_BYTES = 8_192


class BrokenReply(Exception):
    """What was read is not a complete reply; the message says why, in our words."""


class Wire:
    """A socket that speaks in lines. Every method raises OSError (TimeoutError past the deadline) and BrokenReply."""

    def __init__(self, host: str, port: int, deadline: float) -> None:
        self._plug = _connected(host, port, deadline)
        self._unread = b""

    def command(self, line: str, deadline: float) -> Reply:
        """Writes a line and reads its reply. ValueError for a line that is more than one."""
        if re.search(r"[\r\n\0]", line):
            raise ValueError("a command is one line")
        self.expect_silence()
        self.write(line.encode("ascii") + b"\r\n", deadline)
        return self.reply(deadline)

    def write(self, content: bytes, deadline: float) -> None:
        """All of it handed to the system."""
        rest = memoryview(content)
        while rest:
            self._give_time(deadline)
            rest = rest[self._plug.send(rest) :]

    def reply(self, deadline: float) -> Reply:
        """The next complete reply."""
        lines: list[str] = []
        size = 0
        while True:
            line = self._line(deadline)
            size += len(line)
            match = _REPLY_LINE.fullmatch(line)
            if match is None or size > _REPLY_LIMIT:
                raise BrokenReply("the mail server did not answer in SMTP")
            code = int(match[1])
            lines.append((match[3] or b"").decode("ascii", "replace"))
            if match[2] != b"-":
                return Reply(code, tuple(lines))

    def start_tls(self, context: ssl.SSLContext, host: str, deadline: float) -> None:
        """From here on encrypted; what came before it and was not read was put in by somebody else."""
        self.expect_silence()
        self._give_time(deadline)
        self._plug = context.wrap_socket(self._plug, server_hostname=host, suppress_ragged_eofs=False)

    def expect_silence(self) -> None:
        """A reply too many, or a farewell, would be taken for the answer to what we say next. Raises BrokenReply."""
        self._plug.settimeout(0)
        if not self._unread:
            try:
                self._plug.recv(_RECEIVE_BYTES)
            except (BlockingIOError, ssl.SSLWantReadError):  # nothing, or what TLS says to itself
                return
        raise BrokenReply("the mail server spoke out of turn")

    @property
    def own_address(self) -> str:
        """Our end as an address literal, what RFC 5321 lets stand for a name."""
        address = str(self._plug.getsockname()[0])
        return f"[IPv6:{address}]" if ":" in address else f"[{address}]"

    def close(self) -> None:
        self._plug.close()

    def _line(self, deadline: float) -> bytes:
        while b"\n" not in self._unread:
            if len(self._unread) > _REPLY_LIMIT:
                raise BrokenReply("the mail server did not answer in SMTP")
            self._give_time(deadline)
            received = self._plug.recv(_RECEIVE_BYTES)
            if not received:
                raise ConnectionResetError("the mail server closed the connection")
            self._unread += received
        line, _, self._unread = self._unread.partition(b"\n")
        return line.removesuffix(b"\r")

    def _give_time(self, deadline: float) -> None:
        remaining = deadline - boot_clock.now()
        if remaining <= 0:
            raise TimeoutError
        self._plug.settimeout(remaining)


def _connected(host: str, port: int, deadline: float) -> socket.socket:
    """Raises OSError, or UnicodeError for a name that is none."""
    return dialled(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM), deadline)
