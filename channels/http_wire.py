"""HTTP/1.1 on the wire: a request as bytes, and one complete answer out of a stream. Opens no connection."""

import re
from collections.abc import Callable, Mapping

from msgspec import Struct

from channels.errors import InvalidOptions

BODY_LIMIT = 1_000_000  # bytes; the longest answer we know of, a page of 1,000 messages, is below
_HEAD_LIMIT = 65_536
_LINE_LIMIT = 1_024  # of a chunk's size or a trailer
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(;.*)?", re.DOTALL)
_LENGTH = re.compile("[0-9]{1,10}")
_STATUS_LINE = re.compile(r"HTTP/1\.([01]) ([1-5][0-9]{2})( .*)?")
_HAVE_NO_BODY = frozenset({204, 304})


class Answer(Struct, frozen=True):
    """A complete answer. Header names are in lower case; one that was repeated is joined with `, `."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class BrokenAnswer(Exception):
    """What was read is not a complete answer; the message says why, in our words."""


def request_bytes(method: str, authority: str, target: str, headers: Mapping[str, str], body: bytes) -> bytes:
    """Head and body in one piece. Raises InvalidOptions for anything that could start another line."""
    lines = [f"{method} {target} HTTP/1.1", f"Host: {authority}", "Accept-Encoding: identity"]
    lines += [f"{name}: {text}" for name, text in headers.items()]
    if body or method not in ("GET", "HEAD"):
        lines.append(f"Content-Length: {len(body)}")
    head = "\r\n".join(lines)
    breaks = len(lines) - 1
    if head.count("\n") != breaks or head.count("\r") != breaks or "\0" in head or lines[0].count(" ") != 2:
        raise InvalidOptions("request_unsafe", "a line break, a NUL or a space stands where none may in a request")
    try:
        return head.encode("latin-1") + b"\r\n\r\n" + body
    except UnicodeEncodeError as error:
        raise InvalidOptions("request_unsafe", "a URL or header of a request is not Latin-1") from error


def read_answer(receive: Callable[[], bytes], method: str) -> tuple[Answer, bool]:
    """The answer, and whether the connection may serve again.

    `receive` gives the next bytes, none at the end of the stream. Raises BrokenAnswer, and whatever `receive` raises.
    """
    stream = _Stream(receive)
    while True:
        may_stay, status, headers = _head(stream.until(b"\r\n\r\n", _HEAD_LIMIT))
        if status >= 200:
            break
        if status == 101:
            raise BrokenAnswer("the server changed the protocol")
    length = headers.get("content-length")
    coding = headers.get("transfer-encoding")
    if method == "HEAD" or status in _HAVE_NO_BODY:
        body = b""
    elif coding is not None:
        body = _chunks(stream, coding)
    elif length is not None:
        body = stream.exactly(_size(length))
    else:
        body, may_stay = stream.rest(), False
    may_stay = may_stay and stream.is_empty and "close" not in headers.get("connection", "").lower()
    return Answer(status, headers, body), may_stay


class _Stream:
    """Bytes received and not yet taken."""

    __slots__ = ("_data", "_receive")

    def __init__(self, receive: Callable[[], bytes]) -> None:
        self._receive = receive
        self._data = bytearray()

    @property
    def is_empty(self) -> bool:
        return not self._data

    def _more(self) -> None:
        received = self._receive()
        if not received:
            raise BrokenAnswer("the connection was cut before a complete answer")
        self._data += received

    def until(self, mark: bytes, limit: int) -> bytes:
        """What stands before the mark, which is taken too."""
        looked_at = 0
        while (end := self._data.find(mark, looked_at)) < 0:
            if len(self._data) > limit:
                raise BrokenAnswer("the answer's head is too long")
            looked_at = max(0, len(self._data) - len(mark) + 1)
            self._more()
        taken = bytes(self._data[:end])
        del self._data[: end + len(mark)]
        return taken

    def exactly(self, count: int) -> bytes:
        while len(self._data) < count:
            self._more()
        taken = bytes(self._data[:count])
        del self._data[:count]
        return taken

    def rest(self) -> bytes:
        """Everything up to the end of the stream."""
        while received := self._receive():
            self._data += received
            if len(self._data) > BODY_LIMIT:
                raise BrokenAnswer("the answer is too long")
        return self.exactly(len(self._data))


def _head(text: bytes) -> tuple[bool, int, dict[str, str]]:
    """Whether the version keeps connections open, the status, the headers."""
    first, *lines = text.decode("latin-1").split("\r\n")
    match = _STATUS_LINE.fullmatch(first)
    if match is None:
        raise BrokenAnswer("the answer is not HTTP/1.1")
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, text_after = line.partition(":")
        if not colon or not name or name[0] in " \t" or name[-1] in " \t":
            raise BrokenAnswer("the answer's head has a line that is no header")
        name, given = name.lower(), text_after.strip(" \t")
        headers[name] = f"{headers[name]}, {given}" if name in headers else given
    return match[1] == "1", int(match[2]), headers


def _size(length: str) -> int:
    if not _LENGTH.fullmatch(length):
        raise BrokenAnswer("the answer's length is not one number")
    if int(length) > BODY_LIMIT:
        raise BrokenAnswer("the answer is too long")
    return int(length)


def _chunks(stream: _Stream, coding: str) -> bytes:
    if coding.lower() != "chunked":
        raise BrokenAnswer("the answer has an encoding that was not asked for")
    body = bytearray()
    while size := _chunk_size(stream):
        if len(body) + size > BODY_LIMIT:
            raise BrokenAnswer("the answer is too long")
        body += stream.exactly(size)
        if stream.exactly(2) != b"\r\n":
            raise BrokenAnswer("a chunk of the answer does not end where it said")
    while stream.until(b"\r\n", _LINE_LIMIT):
        pass
    return bytes(body)


def _chunk_size(stream: _Stream) -> int:
    match = _CHUNK_SIZE.fullmatch(stream.until(b"\r\n", _LINE_LIMIT))
    if match is None:
        raise BrokenAnswer("a chunk of the answer has no size")
    return int(match[1], 16)
