"""Reads a mailbox into the inbox: each mail kept as it came, in one commit with how far the folder was read.

Marks mail as seen only after that. Reads nothing of what people wrote: see apply_inbox.py.
"""

import logging
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

import msgspec

from channels.email.inbound_mail import mail_key
from channels.email.mailbox import Account, Mail, Position, check_account, is_this_machine
from channels.email.mailbox import Mailbox as Visit
from channels.email.stored_mail import stored_mail
from channels.errors import ChannelError
from orchestrator.domain.errors import InputError
from orchestrator.domain.mailbox import Mailbox
from orchestrator.flows.apply_inbox import MAILBOX
from orchestrator.storage import facts, inbox
from orchestrator.storage.database import Connection, Database
from orchestrator.storage.inbox import Arrival

log = logging.getLogger(__name__)

# Before a mailbox is read for the first time others have answered what is in it; what came lately may still wait.
_LOOK_BACK = timedelta(days=14)
_CONTENT_HEADERS = re.compile(rb"^(?:content-|mime-)[^\n]*\n(?:[ \t][^\n]*\n)*", re.IGNORECASE | re.MULTILINE)


class Progress(msgspec.Struct, frozen=True):
    """How far a mailbox was read: `since` is the day from which on its mail counts, `read_at` the last whole visit."""

    since: date
    uid_validity: int = 0
    last_uid: int = 0
    read_at: datetime | None = None


class MailRead(msgspec.Struct):
    """How many mails were looked at, were not known yet, and were too large to be read whole."""

    looked_at: int = 0
    new: int = 0
    too_large: int = 0


def account_of(mailbox: Mailbox, environ: Mapping[str, str]) -> Account:
    """The account of a mailbox, its password taken from its variable. Raises InputError; never quotes a value."""
    if mailbox.password and not environ.get(mailbox.password):
        raise InputError(
            f"the environment variable {mailbox.password} has no value",
            hint="the lanes file names it: set it where Relance is started",
            where=f"mailbox {mailbox.id}",
            code="mailbox_secret_missing",
        )
    account = Account(
        host=mailbox.host,
        port=mailbox.port,
        security=mailbox.security,
        username=mailbox.username,
        password=environ[mailbox.password] if mailbox.password else "",
        token_file=mailbox.token_file,
        folder=mailbox.folder,
        move_to=mailbox.move_to,
        ca_file=mailbox.ca_file,
    )
    try:
        check_account(account)
    except ChannelError as error:
        where = f"mailbox {mailbox.id}" + (f", {error.where}" if error.where else "")
        raise InputError(error.message, hint=error.hint, where=where, code="mailbox_unusable") from None
    return account


def may_be_read(account: Account, offset: timedelta) -> bool:
    """Whether this deployment may visit it: on a shifted clock only what is on this machine, as with lanes."""
    return offset == timedelta(0) or is_this_machine(account.host)


def progress(conn: Connection, mailbox_id: str) -> Progress | None:
    """How far a mailbox was read; None when it never was."""
    text = facts.get(conn, _fact(mailbox_id))
    return msgspec.json.decode(text, type=Progress) if text else None


def read_mailbox(database: Database, mailbox_id: str, account: Account, *, real_now: datetime) -> MailRead:
    """Keeps what is new in a mailbox, batch by batch.

    Raises MailboxAway or MailboxRefused; what was kept before stays kept.
    """
    with database.read() as conn:
        known = progress(conn, mailbox_id) or Progress(since=(real_now - _LOOK_BACK).date())
    done = MailRead()
    with Visit(account) as visit:
        is_same = known.uid_validity == visit.uid_validity
        if known.uid_validity and not is_same:
            log.warning("mailbox %s was made anew: everything in it is looked at again", mailbox_id)
        known = msgspec.structs.replace(
            known, uid_validity=visit.uid_validity, last_uid=known.last_uid if is_same else 0
        )
        for batch in visit.after(Position(known.uid_validity, known.last_uid), since=known.since):
            known = msgspec.structs.replace(known, last_uid=batch[-1].uid)
            with database.begin() as conn:
                done.new += inbox.put(conn, [_arrival(mailbox_id, mail) for mail in batch], now=real_now)
                _put(conn, mailbox_id, known, real_now)
            done.looked_at += len(batch)
            done.too_large += sum(not mail.is_whole for mail in batch)
            visit.mark_read([mail.uid for mail in batch])
    with database.begin() as conn:
        _put(conn, mailbox_id, msgspec.structs.replace(known, read_at=real_now.astimezone(UTC)), real_now)
    if done.too_large:
        log.warning("mailbox %s: %d mails too large to be read whole", mailbox_id, done.too_large)
    return done


def _arrival(mailbox_id: str, mail: Mail) -> Arrival:
    raw = mail.raw if mail.is_whole else _without_body(mail)
    return Arrival(f"{MAILBOX}{mailbox_id}", mail_key(mail.raw), stored_mail(raw))


def _without_body(mail: Mail) -> bytes:
    """The head, and a line for whoever looks at it: the mail itself stays in the mailbox."""
    head = _CONTENT_HEADERS.sub(b"", mail.raw.rstrip(b"\r\n") + b"\r\n")
    return head + b"\r\n[%d MB, too large: to be read in the mailbox]\r\n" % (mail.size // 1_000_000)


def _put(conn: Connection, mailbox_id: str, known: Progress, real_now: datetime) -> None:
    facts.put(conn, _fact(mailbox_id), msgspec.json.encode(known).decode(), now=real_now)


def _fact(mailbox_id: str) -> str:
    return f"mailbox {mailbox_id}"
