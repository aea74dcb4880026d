"""A mailbox into the inbox, on a real server and both databases: each mail once, kept before it is marked."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from channels.contract import Inbound, Receipt
from channels.email import mailbox
from channels.email.inbound_mail import read_mail
from channels.email.mailbox import Account, MailboxAway, MailboxRefused
from channels.email.mailbox import Mailbox as Visit
from channels.email.stored_mail import opened_mail
from orchestrator.domain.errors import InputError, StorageError
from orchestrator.domain.mailbox import Mailbox
from orchestrator.flows.read_mailbox import MailRead, account_of, progress, read_mailbox
from orchestrator.storage import inbox
from orchestrator.storage.database import Database
from tests.channels.email.mails import ATTEMPT, QMAIL_BOUNCE, a_reply
from tests.stubs.dovecot import PASSWORD, USER, Dovecot

NOW = datetime.now(UTC)


@pytest.fixture
def database(ready_url: str) -> Iterator[Database]:
    made = Database(ready_url)
    yield made
    made.close()


class Box:
    """A folder of this test's own, and the mailbox that reads it."""

    def __init__(self, server: Dovecot, database: Database) -> None:
        self.server, self.database = server, database
        self.folder = f"t{uuid4().hex[:12]}"
        server.make_anew(self.folder)

    def read(self, **given: Any) -> MailRead:
        usual: dict[str, Any] = {"host": "127.0.0.1", "port": self.server.port, "security": "none"}
        usual |= {"username": USER, "password": PASSWORD, "folder": self.folder}
        return read_mailbox(self.database, "replies", Account(**(usual | given)), real_now=NOW)

    def deliver(self, *mails: bytes) -> None:
        self.server.deliver(*mails, folder=self.folder)

    def kept(self) -> list[inbox.Event]:
        with self.database.read() as conn:
            return inbox.search(conn, source="mailbox/replies", limit=100)[::-1]

    def bodies(self) -> list[bytes]:
        return [opened_mail(event.body) or b"" for event in self.kept()]


@pytest.fixture
def box(dovecot: Dovecot, database: Database) -> Box:
    return Box(dovecot, database)


def numbered(*numbers: int) -> list[bytes]:
    return [a_reply(message_id=f"<{number}@mail.client.example>") for number in numbers]


# ---------------------------------------------------------------- kept


def test_what_people_wrote_and_what_bounced_is_kept_as_it_came(box: Box) -> None:
    latin = b"From: a@client.example\r\nMessage-ID: <l@x>\r\n\r\nr\xe9gl\xe9\x00"
    mails = [a_reply(files=(("preuve.pdf", "application/pdf", b"%PDF-1.7\x00\xff"),)), QMAIL_BOUNCE, latin]
    box.deliver(*mails)
    done = box.read()
    assert (done.looked_at, done.new, done.too_large) == (3, 3, 0)
    facts = [read_mail(raw).facts[0] for raw in box.bodies()]
    reply, bounce, other = facts
    assert isinstance(reply, Inbound)
    assert isinstance(bounce, Receipt)
    assert isinstance(other, Inbound)
    assert (reply.attempt_id, bounce.attempt_id) == (ATTEMPT, ATTEMPT)
    assert reply.attachments[0].content == b"%PDF-1.7\x00\xff"
    assert box.kept()[0].key == reply.dedup_key
    assert box.server.seen(box.folder) == [True, True, True]


def test_nothing_is_kept_twice_however_often_it_is_delivered_or_read(box: Box) -> None:
    box.deliver(*numbered(1, 1, 2))
    assert box.read().new == 2
    assert box.read().looked_at == 0
    box.deliver(*numbered(2, 3))
    assert (box.read().new, len(box.kept())) == (1, 3)


def test_a_mailbox_made_anew_is_looked_through_again_and_only_what_is_new_is_kept(box: Box) -> None:
    box.deliver(*numbered(1, 2))
    box.read()
    box.server.make_anew(box.folder, *numbered(2, 3, 1))
    assert (box.read(), len(box.kept())) == (MailRead(looked_at=3, new=1), 3)
    with box.database.read() as conn:
        known = progress(conn, "replies")
    assert known is not None
    assert (known.last_uid, known.read_at) == (3, NOW)


def test_a_mail_too_large_is_kept_by_its_head_for_a_person(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailbox, "LARGEST_MAIL", 3_000)
    box.deliver(a_reply(files=(("a.zip", "application/zip", b"x" * 9_000),)), *numbered(2))
    done = box.read()
    assert (done.new, done.too_large) == (2, 1)
    (said,) = read_mail(box.bodies()[0]).facts
    assert isinstance(said, Inbound)
    assert (said.sender, said.attempt_id) == ("helene.prevost@client.example", ATTEMPT)
    assert said.text == "[0 MB, too large: to be read in the mailbox]"
    assert said.attachments == ()


# ---------------------------------------------------------------- failures


def test_nothing_is_marked_or_passed_over_when_it_cannot_be_kept(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    box.deliver(*numbered(1))

    def full(*_given: object, **_more: object) -> int:
        raise StorageError("the disk is full", code="disk_full")

    with monkeypatch.context() as patched:
        patched.setattr(inbox, "put", full)
        with pytest.raises(StorageError):
            box.read()
    assert box.server.seen(box.folder) == [False]
    assert box.read().new == 1


def test_a_server_that_dies_in_the_middle_loses_and_doubles_nothing(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailbox, "_BATCH", 1)
    with Dovecot() as server:
        box = Box(server, database)
        box.deliver(*numbered(1, 2, 3))
        mark = Visit.mark_read

        def die(visit: Visit, uids: Any) -> None:
            server.stop()
            mark(visit, uids)

        with monkeypatch.context() as patched:
            patched.setattr(Visit, "mark_read", die)
            with pytest.raises(MailboxAway):
                box.read()
        assert len(box.kept()) == 1
        with pytest.raises(MailboxAway):
            box.read()
        server.start()
        assert (box.read(), len(box.kept())) == (MailRead(looked_at=2, new=2), 3)


def test_a_wrong_password_says_so_and_changes_nothing(box: Box) -> None:
    box.deliver(*numbered(1))
    with pytest.raises(MailboxRefused):
        box.read(password="wrong")
    assert box.kept() == []


def test_the_first_visit_leaves_what_is_older_than_two_weeks(box: Box) -> None:
    with box.server.client() as client:
        client.append(box.folder, numbered(1)[0], msg_time=datetime(2026, 1, 5, tzinfo=UTC))
    box.deliver(*numbered(2))
    assert box.read().looked_at == 1


# ---------------------------------------------------------------- its account


def a_mailbox(**given: Any) -> Mailbox:
    usual: dict[str, Any] = {"id": "replies", "host": "imap.acme.example", "username": "a", "password": "IMAP_PASSWORD"}
    return Mailbox(**(usual | given))


def test_the_password_comes_from_its_variable() -> None:
    assert account_of(a_mailbox(), {"IMAP_PASSWORD": "s3cret"}).password == "s3cret"
    with pytest.raises(InputError) as refused:
        account_of(a_mailbox(), {})
    assert refused.value.code == "mailbox_secret_missing"
    with pytest.raises(InputError) as refused:
        account_of(a_mailbox(ca_file="/nowhere"), {"IMAP_PASSWORD": "s3cret"})
    assert refused.value.code == "mailbox_unusable"
    assert "s3cret" not in str(refused.value)
