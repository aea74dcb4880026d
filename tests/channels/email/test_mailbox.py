"""A folder read over IMAP, on a real server: what is new, once, in order, and marked only when its reader says so."""

import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from channels.email import mailbox
from channels.email.bounded_mime import LARGEST_MAIL
from channels.email.mailbox import Account, Mail, Mailbox, MailboxAway, MailboxRefused, Position
from channels.errors import InvalidOptions
from tests.channels.email.mails import a_reply
from tests.stubs.certificates import certificate_files
from tests.stubs.dovecot import PASSWORD, USER, Dovecot
from tests.stubs.raw_server import CERTIFICATE, RawConnection, playing

LONG_AGO = date(2020, 1, 1)


@pytest.fixture
def folder(dovecot: Dovecot) -> str:
    """An empty folder of this test's own."""
    name = f"t{uuid4().hex[:12]}"
    dovecot.make_anew(name)
    return name


def an_account(dovecot: Dovecot, **given: Any) -> Account:
    """The account of `replies` on that server, without encryption where nothing else is said."""
    usual: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": dovecot.port,
        "security": "none",
        "username": USER,
        "password": PASSWORD,
    }
    return Account(**(usual | given))


def numbered(*numbers: int) -> list[bytes]:
    return [a_reply(message_id=f"<{number}@mail.client.example>") for number in numbers]


def flat(batches: Iterator[tuple[Mail, ...]]) -> list[Mail]:
    return [mail for batch in batches for mail in batch]


# ---------------------------------------------------------------- what is new


def test_mail_is_given_whole_in_order_and_stays_unseen(dovecot: Dovecot, folder: str) -> None:
    mails = numbered(1, 2, 3)
    dovecot.deliver(*mails, folder=folder)
    with Mailbox(an_account(dovecot, folder=folder)) as box:
        found = flat(box.after(Position(), since=LONG_AGO))
    assert [mail.raw for mail in found] == [raw.replace(b"\n", b"\r\n") for raw in mails]
    assert [mail.uid for mail in found] == [1, 2, 3]
    assert dovecot.seen(folder) == [False, False, False]


def test_from_a_position_on_only_what_came_later_is_given(dovecot: Dovecot, folder: str) -> None:
    dovecot.deliver(*numbered(1, 2, 3), folder=folder)
    with Mailbox(an_account(dovecot, folder=folder)) as box:
        assert [mail.uid for mail in flat(box.after(Position(box.uid_validity, 2), since=LONG_AGO))] == [3]
        assert flat(box.after(Position(box.uid_validity, 3), since=LONG_AGO)) == []  # `4:*` finds the third one


def test_what_people_have_looked_at_is_given_all_the_same(dovecot: Dovecot, folder: str) -> None:
    dovecot.deliver(*numbered(1), folder=folder)
    with dovecot.client() as person:
        person.select_folder(folder)
        person.fetch([1], ["BODY[]"])
    assert dovecot.seen(folder) == [True]
    with Mailbox(an_account(dovecot, folder=folder)) as box:
        assert len(flat(box.after(Position(), since=LONG_AGO))) == 1


def test_a_folder_made_anew_is_read_from_its_beginning(dovecot: Dovecot, folder: str) -> None:
    dovecot.deliver(*numbered(1, 2), folder=folder)
    with Mailbox(an_account(dovecot, folder=folder)) as box:
        position = Position(box.uid_validity, 2)
    dovecot.make_anew(folder, *numbered(3))
    with Mailbox(an_account(dovecot, folder=folder)) as box:
        assert box.uid_validity != position.uid_validity
        assert [mail.uid for mail in flat(box.after(position, since=LONG_AGO))] == [1]


def test_mail_from_before_the_day_is_left_alone(dovecot: Dovecot, folder: str) -> None:
    dovecot.deliver(*numbered(1), folder=folder)
    with Mailbox(an_account(dovecot, folder=folder)) as box:
        assert flat(box.after(Position(), since=date(2999, 1, 1))) == []


def test_many_mails_come_in_batches_of_bounded_size(
    dovecot: Dovecot, folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailbox, "_BATCH", 2)
    monkeypatch.setattr(mailbox, "_SIZES", 5)
    monkeypatch.setattr(mailbox, "_BATCH_BYTES", 20_000)
    dovecot.deliver(*numbered(*range(6)), a_reply("x" * 900 + "\n" + "y\n" * 10_000), *numbered(7), folder=folder)
    with Mailbox(an_account(dovecot, folder=folder)) as box:
        sizes = [len(batch) for batch in box.after(Position(), since=LONG_AGO)]
    assert sizes == [2, 2, 1, 1, 1, 1]


def test_of_a_mail_too_large_the_head_is_given(dovecot: Dovecot, folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailbox, "LARGEST_MAIL", 2_000)
    dovecot.deliver(a_reply("y\n" * 2_000), *numbered(2), folder=folder)
    with Mailbox(an_account(dovecot, folder=folder)) as box:
        large, usual = flat(box.after(Position(), since=LONG_AGO))
    assert large.size > 2_000
    assert (large.is_whole, usual.is_whole) == (False, True)
    assert b"Message-ID: <reply-1@" in large.raw
    assert b"y\r\ny" not in large.raw
    assert LARGEST_MAIL == 30_000_000


# ---------------------------------------------------------------- marks


def test_what_is_marked_is_seen_and_moved_only_when_asked(dovecot: Dovecot, folder: str) -> None:
    dovecot.deliver(*numbered(1, 2), folder=folder)
    with Mailbox(an_account(dovecot, folder=folder)) as box:
        box.mark_read([1])
        box.mark_read([])
    assert dovecot.seen(folder) == [True, False]
    done = f"{folder}-done"
    dovecot.make_anew(done)
    with Mailbox(an_account(dovecot, folder=folder, move_to=done)) as box:
        assert box.can_move
        assert box.has_folder(done)
        assert not box.has_folder("nowhere")
        box.mark_read([2])
    assert (dovecot.seen(folder), dovecot.seen(done)) == ([True], [True])


# ---------------------------------------------------------------- encryption, login


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_mail_is_read_through_encryption(dovecot: Dovecot, folder: str, security: str) -> None:
    dovecot.deliver(*numbered(1), folder=folder)
    port = dovecot.tls_port if security == "tls" else dovecot.port
    given = an_account(dovecot, folder=folder, security=security, port=port, ca_file=str(certificate_files()[0]))
    with Mailbox(given) as box:
        assert len(flat(box.after(Position(), since=LONG_AGO))) == 1


def refusal(account: Account) -> str:
    with pytest.raises(MailboxRefused) as refused, Mailbox(account):
        pass
    assert PASSWORD not in str(refused.value)
    assert USER not in str(refused.value)
    return refused.value.code


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_certificate_that_nobody_vouches_for_is_refused(dovecot: Dovecot, security: str) -> None:
    port = dovecot.tls_port if security == "tls" else dovecot.port
    assert refusal(an_account(dovecot, security=security, port=port)) == "certificate_refused"


@pytest.mark.parametrize("password", ["wrong", "wröng", ""])
def test_a_wrong_password_is_refused(dovecot: Dovecot, password: str, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("not-one")
    way = {"password": password} if password else {"password": "", "token_file": str(token)}
    assert refusal(an_account(dovecot, **way)) in ("login_refused", "mailbox_refused")


def test_a_folder_that_is_not_there_is_refused(dovecot: Dovecot) -> None:
    assert refusal(an_account(dovecot, folder="nowhere")) == "mailbox_refused"


@pytest.mark.parametrize(
    "given, code",
    [
        ({"host": "bad host"}, "options_missing"),
        ({"password": ""}, "options_missing"),
        ({"token_file": "/x"}, "options_missing"),
        ({"username": ""}, "options_missing"),
        ({"security": "ssl"}, "security_unknown"),
        ({"host": "imap.acme.example"}, "not_encrypted"),
        ({"security": "tls", "ca_file": "/nowhere"}, "ca_file_unreadable"),
    ],
)
def test_an_account_that_cannot_be_is_refused_before_any_call(given: dict[str, str], code: str) -> None:
    usual: dict[str, Any] = {"host": "127.0.0.1", "username": "a", "password": "b", "security": "none"}
    with pytest.raises(InvalidOptions) as refused:
        Mailbox(Account(**(usual | given)))
    assert refused.value.code == code


# ---------------------------------------------------------------- a server that fails


def test_a_server_that_dies_between_batches_is_away_and_the_rest_comes_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailbox, "_BATCH", 1)
    with Dovecot() as server:
        server.deliver(*numbered(1, 2, 3))
        with Mailbox(an_account(server)) as box:
            batches = box.after(Position(), since=LONG_AGO)
            position = Position(box.uid_validity, next(batches)[0].uid)
            server.stop()
            with pytest.raises(MailboxAway):
                next(batches)
        with pytest.raises(MailboxAway), Mailbox(an_account(server)):
            pass
        server.start()
        with Mailbox(an_account(server)) as box:
            assert [mail.uid for mail in flat(box.after(position, since=LONG_AGO))] == [2, 3]


def test_a_server_that_dies_while_it_answers_is_away() -> None:
    with Dovecot() as server:
        server.deliver(a_reply("y\n" * 2_000_000))
        with Mailbox(an_account(server)) as box:
            threading.Timer(0.01, server.stop).start()
            with pytest.raises(MailboxAway):
                _read_for_ever(box)


def _read_for_ever(box: Mailbox) -> None:
    while True:
        flat(box.after(Position(), since=LONG_AGO))


@pytest.mark.parametrize("greeting", [b"220 mail ESMTP\r\n", b"* OK\xff\x00", b"", b"* BYE\r\n", b"\r\n" * 100])
def test_what_is_no_imap_server_is_away(greeting: bytes) -> None:
    with playing(lambda connection: connection.say(greeting)) as server, pytest.raises((MailboxAway, MailboxRefused)):
        _visit(server.port)


@pytest.mark.parametrize("is_tls", [False, True])
def test_a_server_that_never_ends_its_answer_does_not_keep_us(is_tls: bool) -> None:
    def drip(connection: RawConnection) -> None:
        connection.say(b"* OK ready\r\n")
        tag = connection.plug.recv(1_000).split()[0]
        connection.say(b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n" + tag + b" OK done\r\n")
        connection.plug.recv(1_000)
        while not connection.server.ending.wait(0.05):
            connection.say(b"* OK")

    with playing(drip, is_tls=is_tls) as server, pytest.raises(MailboxAway):
        _visit(server.port, session_seconds=1.0, security="tls" if is_tls else "none")


def _visit(port: int, *, session_seconds: float = 60.0, security: str = "none") -> None:
    account = Account(
        host="127.0.0.1",
        port=port,
        security=security,
        ca_file=str(CERTIFICATE),
        username="a",
        password="b",
        seconds=5.0,
        session_seconds=session_seconds,
    )
    with Mailbox(account):
        pass
