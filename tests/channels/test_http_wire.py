"""Requests as bytes, and answers out of streams that end anywhere."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.errors import InvalidOptions
from channels.http_wire import BODY_LIMIT, Answer, BrokenAnswer, read_answer, request_bytes

PLAIN = b"HTTP/1.1 201 Created\r\nContent-Length: 5\r\nX-Kind: a\r\nx-kind: b\r\n\r\nhello"
CHUNKED = (
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"3;note=x\r\nhel\r\n2\r\nlo\r\n0\r\nX-Trailer: y\r\n\r\n"
)
EMPTY = b"HTTP/1.1 204 No Content\r\n\r\n"


def stream(*parts: bytes) -> Callable[[], bytes]:
    """Gives these parts and then, for ever, the end."""
    rest = [part for part in parts if part]
    return lambda: rest.pop(0) if rest else b""


def endless(beginning: bytes, more: bytes) -> Callable[[], bytes]:
    parts = [beginning]
    return lambda: parts.pop() if parts else more


@pytest.mark.parametrize(
    "whole, answer",
    [
        (PLAIN, Answer(201, {"content-length": "5", "x-kind": "a, b"}, b"hello")),
        (CHUNKED, Answer(200, {"transfer-encoding": "chunked"}, b"hello")),
        (EMPTY, Answer(204, {}, b"")),
    ],
    ids=["length", "chunks", "none"],
)
@given(data=st.data())
def test_an_answer_reads_the_same_however_it_is_split(whole: bytes, answer: Answer, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.sets(st.integers(1, len(whole) - 1))))
    parts = [whole[start:end] for start, end in zip([0, *cuts], [*cuts, None], strict=True)]
    assert read_answer(stream(*parts), "POST") == (answer, True)


@pytest.mark.parametrize("whole", [PLAIN, CHUNKED, EMPTY], ids=["length", "chunks", "none"])
def test_an_answer_cut_anywhere_is_no_answer(whole: bytes) -> None:
    for cut in range(len(whole)):
        with pytest.raises(BrokenAnswer):
            read_answer(stream(whole[:cut]), "POST")


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/2 200",
        b"HTTP/1.1 20 OK",
        b"HTTP/1.1 600 OK",
        b"220 mail.example ESMTP",
        b"HTTP/1.1 101 Switching Protocols",
        b"HTTP/1.1 200 OK\r\nno header",
        b"HTTP/1.1 200 OK\r\nName : x",
        b"HTTP/1.1 200 OK\r\n folded: x",
        b"HTTP/1.1 200 OK\r\n: x",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1",
        b"HTTP/1.1 200 OK\r\nContent-Length: +1",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1_0",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked",
    ],
)
def test_what_is_not_plainly_an_answer_is_none(head: bytes) -> None:
    with pytest.raises(BrokenAnswer):
        read_answer(stream(head + b"\r\n\r\n", b"hello" * 10), "POST")


@pytest.mark.parametrize("size", [b"", b"+1", b"0x1", b"1_0", b"-1", b"x", b"123456789"])
def test_a_chunk_without_a_plain_size_is_no_answer(size: bytes) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    with pytest.raises(BrokenAnswer):
        read_answer(stream(head + size + b"\r\nh\r\n0\r\n\r\n"), "POST")


@pytest.mark.parametrize("chunk", [b"2\r\nhello\r\n", b"2\r\nokXX"])
def test_a_chunk_that_does_not_end_where_it_said_is_no_answer(chunk: bytes) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    with pytest.raises(BrokenAnswer):
        read_answer(stream(head + chunk + b"0\r\n\r\n"), "POST")


@pytest.mark.parametrize(
    "beginning, more",
    [
        (b"HTTP/1.1 200 OK\r\n", b"X: y\r\n" * 1_000),
        (b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (BODY_LIMIT + 1), b"x" * 60_000),
        (b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 60_000),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"ea60\r\n" + b"x" * 60_000 + b"\r\n"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1;" * 1_000),
    ],
    ids=["head", "length", "body", "chunks", "chunk line"],
)
def test_an_answer_without_end_is_given_up(beginning: bytes, more: bytes) -> None:
    with pytest.raises(BrokenAnswer, match="too long"):
        read_answer(endless(beginning, more), "POST")


@pytest.mark.parametrize(
    "text, may_stay",
    [
        (PLAIN, True),
        (PLAIN.replace(b"X-Kind: a", b"Connection: Close"), False),
        (PLAIN.replace(b"HTTP/1.1", b"HTTP/1.0"), False),
        (PLAIN + b"HTTP/1.1 200 OK", False),
        (b"HTTP/1.1 200 OK\r\n\r\nto the end", False),
    ],
    ids=["usual", "close", "1.0", "more than asked", "to the end"],
)
def test_a_connection_stays_only_after_an_exact_answer(text: bytes, may_stay: bool) -> None:
    assert read_answer(stream(text), "POST")[1] is may_stay


def test_the_answer_to_head_has_no_body() -> None:
    assert read_answer(stream(PLAIN[:-5]), "HEAD")[0].body == b""


def test_a_request_is_head_and_body_in_one_piece() -> None:
    assert request_bytes("POST", "api.example", "/a?b=c", {"Accept": "x"}, b"body") == (
        b"POST /a?b=c HTTP/1.1\r\nHost: api.example\r\nAccept-Encoding: identity\r\nAccept: x\r\n"
        b"Content-Length: 4\r\n\r\nbody"
    )
    assert b"Content-Length" not in request_bytes("GET", "api.example", "/", {}, b"")
    assert b"Content-Length: 0" in request_bytes("POST", "api.example", "/", {}, b"")


@pytest.mark.parametrize(
    "target, headers",
    [
        ("/a b", {}),
        ("/a\r\nX: y", {}),
        ("/", {"X": "y\r\nZ: z"}),
        ("/", {"X": "y\nZ: z"}),
        ("/", {"X\r": "y"}),
        ("/", {"X": "a\0"}),
        ("/", {"X": "€"}),
    ],
)
def test_nothing_can_start_another_line_of_a_request(target: str, headers: dict[str, str]) -> None:
    with pytest.raises(InvalidOptions):
        request_bytes("POST", "api.example", target, headers, b"")
