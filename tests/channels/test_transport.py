"""The transport against a server that cuts, drips and lies at every stage: was a byte written, was it sent twice."""

import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from channels import boot_clock
from channels.errors import InvalidOptions
from channels.http_wire import Answer
from channels.transport import HttpTransport, NotWritten, Unknown
from tests.stubs.raw_server import CERTIFICATE, RawConnection, RawServer, Script, playing

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
BODY = b"a body that is long enough to be recognised"


@pytest.fixture
def transport() -> Iterator[HttpTransport]:
    """Trusts the certificate of the tests."""
    made = HttpTransport(tls=ssl.create_default_context(cafile=str(CERTIFICATE)))
    yield made
    made.close()


def post(transport: HttpTransport, server: RawServer, **given: float) -> object:
    return transport.exchange("POST", f"{server.url}/a", {}, BODY, **{"timeout_seconds": 5.0} | given)


def answering(*answers: bytes) -> Script:
    """Each connection is given these answers, one a request, and is then closed."""

    def play(connection: RawConnection) -> None:
        for answer in answers:
            if not connection.read_request():
                return
            connection.say(answer)

    return play


def serve_for_ever(connection: RawConnection) -> None:
    while connection.read_request():
        connection.say(OK)


def stay_silent(connection: RawConnection) -> None:
    connection.server.ending.wait(5)


# ------------------------------------------------------------------------------------- cut at every stage


def read_half_and_reset(connection: RawConnection) -> None:
    connection.plug.recv(20)
    connection.reset()


def read_and_reset(connection: RawConnection) -> None:
    connection.read_request()
    connection.reset()


def say_half_and_reset(connection: RawConnection) -> None:
    connection.read_request()
    connection.say(OK[:30])
    connection.reset()


STAGES: dict[str, Script] = {
    "half the request read, reset": read_half_and_reset,
    "request read, reset": read_and_reset,
    "request read, closed": answering(b""),
    "status line cut": answering(OK[:10]),
    "head cut": answering(OK[:25]),
    "before the body": answering(OK[:-2]),
    "in the body": answering(OK[:-1]),
    "in the head, reset": say_half_and_reset,
    "in a chunk": answering(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel"),
    "before the last chunk": answering(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n"),
    "not HTTP": answering(b"220 mail.example ESMTP\r\n\r\n"),
    "too long": answering(b"HTTP/1.1 200 OK\r\nContent-Length: 9999999999\r\n\r\n"),
}


@pytest.mark.parametrize("is_tls", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize("stage", STAGES)
def test_a_request_that_left_without_a_whole_answer_is_unknown_and_left_once(
    transport: HttpTransport, stage: str, is_tls: bool
) -> None:
    with playing(STAGES[stage], is_tls=is_tls) as server:
        outcome = post(transport, server)
        assert isinstance(outcome, Unknown), outcome
        assert server.connections == 1
        assert len(server.requests) <= 1


def test_a_server_that_accepts_and_never_reads_is_unknown(transport: HttpTransport) -> None:
    with playing(stay_silent) as server:
        assert post(transport, server, timeout_seconds=0.1) == Unknown("no complete answer in time")


def test_a_body_that_leaves_in_part_is_unknown(transport: HttpTransport) -> None:
    with playing(stay_silent) as server:
        outcome = transport.exchange("POST", f"{server.url}/", {}, b"x" * 30_000_000, timeout_seconds=0.2)
        assert isinstance(outcome, Unknown)


@pytest.mark.parametrize("is_tls", [False, True], ids=["plain", "tls"])
def test_a_long_body_leaves_whole(transport: HttpTransport, is_tls: bool) -> None:
    with playing(answering(OK), is_tls=is_tls) as server:
        outcome = transport.exchange("POST", f"{server.url}/", {}, bytes(range(256)) * 20_000)
        assert isinstance(outcome, Answer)
        assert server.requests[0].endswith(bytes(range(256)) * 20_000)


@pytest.mark.parametrize(
    "beginning", [b"", b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"]
)
def test_an_answer_that_drips_ends_with_the_time_limit(transport: HttpTransport, beginning: bytes) -> None:
    def drip(connection: RawConnection) -> None:
        connection.read_request()
        connection.say(beginning)
        while not connection.server.ending.wait(0.01):
            connection.say(b"H")

    with playing(drip) as server:
        began = time.monotonic()
        assert isinstance(post(transport, server, timeout_seconds=0.15), Unknown)
        assert 0.14 < time.monotonic() - began < 1


@pytest.mark.parametrize(
    "beginning, more",
    [
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1_000),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", b"X-Trailer: y\r\n" * 1_000),
    ],
    ids=["interim answers", "trailers"],
)
def test_an_answer_that_floods_ends_with_the_time_limit(
    transport: HttpTransport, beginning: bytes, more: bytes
) -> None:
    def flood(connection: RawConnection) -> None:
        connection.read_request()
        connection.say(beginning)
        while not connection.server.ending.is_set():
            connection.say(more)

    with playing(flood) as server:
        assert post(transport, server, timeout_seconds=0.1) == Unknown("no complete answer in time")


# ------------------------------------------------------------------------------------- nothing written


def test_nobody_listening_is_not_written(transport: HttpTransport) -> None:
    with playing(serve_for_ever) as server:
        pass
    assert post(transport, server) == NotWritten("connect", "ConnectionRefusedError")


def test_a_name_that_cannot_be_resolved_is_not_written(transport: HttpTransport) -> None:
    outcome = transport.exchange("POST", f"https://{'a' * 64}.example/", {}, BODY)
    assert isinstance(outcome, NotWritten)
    assert outcome.reason == "name"


def test_a_certificate_of_nobody_we_trust_is_not_written() -> None:
    with playing(serve_for_ever, is_tls=True) as server:
        assert post(HttpTransport(), server) == NotWritten("tls", "SSLCertVerificationError")
        assert server.requests == []


def test_a_certificate_of_another_name_is_not_written(transport: HttpTransport) -> None:
    with playing(serve_for_ever, is_tls=True) as server:
        outcome = transport.exchange("POST", f"https://localhost:{server.port}/", {}, BODY)
        assert outcome == NotWritten("tls", "SSLCertVerificationError")
        assert server.requests == []


@pytest.mark.parametrize(
    "script", [answering(OK), lambda connection: connection.reset()], ids=["plain server", "reset in handshake"]
)
def test_a_handshake_that_fails_is_not_written(transport: HttpTransport, script: Script) -> None:
    with playing(script) as server:
        outcome = transport.exchange("POST", f"https://127.0.0.1:{server.port}/", {}, BODY, timeout_seconds=0.2)
        assert isinstance(outcome, NotWritten)
        assert outcome.reason in ("tls", "connect")  # a reset may come before the connection is seen to be there


def test_past_start_by_not_even_a_connection_is_made(transport: HttpTransport) -> None:
    with playing(serve_for_ever) as server:
        assert post(transport, server, start_by=boot_clock.now() - 0.001) == NotWritten("start_by")
        assert server.connections == 0


def test_start_by_is_looked_at_again_after_a_slow_handshake(transport: HttpTransport) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(CERTIFICATE)
    written: list[bytes] = []

    def shake_slowly(connection: RawConnection) -> None:
        time.sleep(0.1)
        with tls.wrap_socket(connection.plug, server_side=True) as plug:
            written.append(plug.recv(100))

    with playing(shake_slowly) as server:
        outcome = transport.exchange(
            "POST", f"https://127.0.0.1:{server.port}/", {}, BODY, start_by=boot_clock.now() + 0.05
        )
        assert outcome == NotWritten("start_by")
    assert written in ([b""], [])


# ------------------------------------------------------------------------------------- kept connections


@pytest.mark.parametrize("is_tls", [False, True], ids=["plain", "tls"])
def test_a_connection_serves_again(transport: HttpTransport, is_tls: bool) -> None:
    with playing(serve_for_ever, is_tls=is_tls) as server:
        for _ in range(3):
            assert isinstance(post(transport, server), Answer)
        assert (server.connections, len(server.requests)) == (1, 3)


@pytest.mark.parametrize("is_tls", [False, True], ids=["plain", "tls"])
def test_a_connection_that_the_server_left_meanwhile_is_not_used(transport: HttpTransport, is_tls: bool) -> None:
    with playing(answering(OK), is_tls=is_tls) as server:
        for count in (1, 2, 3):
            assert isinstance(post(transport, server), Answer)
            assert server.left.wait(5)
            server.left.clear()
            assert (server.connections, len(server.requests)) == (count, count)


def test_a_connection_that_was_reset_meanwhile_is_not_used(transport: HttpTransport) -> None:
    def answer_and_reset(connection: RawConnection) -> None:
        connection.read_request()
        connection.say(OK)
        connection.server.left.wait(5)
        connection.reset()
        connection.server.left.set()

    with playing(answer_and_reset) as server:
        assert isinstance(post(transport, server), Answer)
        server.left.set()
        time.sleep(0.02)
        assert isinstance(post(transport, server), Answer)
        assert server.connections == 2


def test_a_kept_connection_cut_after_the_request_is_unknown_and_nothing_is_sent_again(
    transport: HttpTransport,
) -> None:
    def answer_once_and_leave_the_second(connection: RawConnection) -> None:
        connection.read_request()
        connection.say(OK)
        connection.read_request()

    with playing(answer_once_and_leave_the_second) as server:
        assert isinstance(post(transport, server), Answer)
        assert isinstance(post(transport, server), Unknown)
        assert (server.connections, len(server.requests)) == (1, 2)


def test_the_answer_to_a_call_given_up_is_nobodys(transport: HttpTransport) -> None:
    def answer_the_first_late(connection: RawConnection) -> None:
        while request := connection.read_request():
            if connection.number == 0:
                time.sleep(0.1)
            connection.say(OK.replace(b"ok", request[-2:]))

    with playing(answer_the_first_late) as server:
        first = transport.exchange("POST", f"{server.url}/", {}, b"11", timeout_seconds=0.03)
        second = transport.exchange("POST", f"{server.url}/", {}, b"22")
        assert isinstance(first, Unknown)
        assert isinstance(second, Answer)
        assert second.body == b"22"


@pytest.mark.parametrize(
    "answer",
    [OK + b"x", OK.replace(b"Content", b"Connection: close\r\nContent"), OK.replace(b"HTTP/1.1", b"HTTP/1.0")],
    ids=["more than asked", "close", "1.0"],
)
def test_a_connection_that_may_not_stay_is_left(transport: HttpTransport, answer: bytes) -> None:
    with playing(answering(answer, answer)) as server:
        for _ in range(2):
            assert isinstance(post(transport, server), Answer)
        assert server.connections == 2


def test_a_body_that_ends_with_the_connection_needs_a_proper_end_under_tls(transport: HttpTransport) -> None:
    def say_goodbye(connection: RawConnection) -> None:
        connection.read_request()
        connection.say(b"HTTP/1.1 200 OK\r\n\r\nall of it")
        assert isinstance(connection.plug, ssl.SSLSocket)
        connection.plug.unwrap()

    with playing(say_goodbye, is_tls=True) as server:
        outcome = post(transport, server)
        assert isinstance(outcome, Answer)
        assert outcome.body == b"all of it"
    with playing(answering(b"HTTP/1.1 200 OK\r\n\r\nall of it"), is_tls=True) as server:
        assert isinstance(post(transport, server), Unknown)


def test_a_redirect_is_an_answer_and_is_not_followed(transport: HttpTransport) -> None:
    with playing(answering(b"HTTP/1.1 307 Temporary\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n")) as server:
        outcome = post(transport, server)
        assert isinstance(outcome, Answer)
        assert (outcome.status, len(server.requests)) == (307, 1)


def test_threads_get_their_own_answers(transport: HttpTransport) -> None:
    def echo(connection: RawConnection) -> None:
        while request := connection.read_request():
            connection.say(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n" + request[-4:])

    with playing(echo) as server, ThreadPoolExecutor(16) as threads:

        def is_mine(number: int) -> bool:
            outcome = transport.exchange("POST", f"{server.url}/", {}, b"%04d" % number)
            return isinstance(outcome, Answer) and outcome.body == b"%04d" % number

        assert all(threads.map(is_mine, range(400)))
        assert server.connections <= 16
        transport.close()


_FORKS = """
import os, sys
from channels.transport import HttpTransport
transport = HttpTransport()
transport.exchange("POST", sys.argv[1], {}, b"parent")
child = os.fork()
transport.exchange("POST", sys.argv[1], {}, b"after the fork")
if child:
    os.waitpid(child, 0)
os._exit(0)
"""


def test_a_process_does_not_use_the_connections_of_its_parent() -> None:
    with playing(serve_for_ever) as server:
        subprocess.run([sys.executable, "-c", _FORKS, f"{server.url}/"], check=True)
        assert (server.connections, len(server.requests)) == (2, 3)


# ------------------------------------------------------------------------------------- URLs


@pytest.mark.parametrize(
    "url",
    [
        "http://api.twilio.example/",
        "http://192.0.2.1/",
        "http://127.0.0.1.example/",
        "https://user:secret@api.twilio.example/",
        "ftp://127.0.0.1/",
        "127.0.0.1/",
        "https:///x",
        "https://a b/",
    ],
)
def test_a_url_that_may_not_be_called_is_a_fault_of_the_caller(transport: HttpTransport, url: str) -> None:
    with pytest.raises(InvalidOptions) as refused:
        transport.exchange("POST", url, {}, BODY)
    assert "secret" not in str(refused.value)


def test_a_fragment_stays_here(transport: HttpTransport) -> None:
    with playing(serve_for_ever) as server:
        assert isinstance(transport.exchange("GET", f"{server.url}/?q=1#fragment", {}), Answer)
        assert server.requests[0].startswith(b"GET /?q=1 HTTP/1.1\r\n")
