"""One folder of a mailbox, read over IMAP: what is new as raw bytes, in batches. Keeps nothing and deletes nothing.

Positions are UIDs, never the flag of what was read: people may look into the mailbox too.
"""

import contextlib
import imaplib
import ipaddress
import logging
import re
import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from imapclient import SEEN, IMAPClient, SocketTimeout  # type: ignore[import-untyped]  # it ships no types
from imapclient.exceptions import LoginError  # type: ignore[import-untyped]  # as above
from msgspec import Struct

from channels.email.bounded_mime import LARGEST_MAIL
from channels.errors import ChannelError, InvalidOptions

# Its lines quote the user name.
logging.getLogger("imapclient").setLevel(logging.WARNING)

PORTS = {"tls": 993, "starttls": 143, "none": 143}
_HOST = re.compile(r"[A-Za-z0-9.:\[\]-]{1,253}")
_BATCH = 20  # mails
_BATCH_BYTES = 10_000_000
_SIZES = 500  # sizes asked for at once
_HEAD = 100_000  # octets of headers of a mail that is too large


class MailboxAway(ChannelError):
    """No connection, a cut, or no answer in time: nothing is wrong with what we were given, come back later."""


class MailboxRefused(ChannelError):
    """The server answers and says no: login, folder, certificate. Somebody must change something."""


class Account(Struct, frozen=True, kw_only=True):
    """Where the mail is. `password`, or the access token in `token_file` (XOAUTH2), read anew at each login.

    `move_to` is the folder for what was read; it stays in place when empty. `ca_file` is trusted instead of the
    system's certificates. `seconds` bounds a silence, `session_seconds` a visit once the server has greeted.
    """

    host: str
    username: str
    password: str = ""
    token_file: str = ""
    port: int = 0
    security: str = "tls"
    folder: str = "INBOX"
    move_to: str = ""
    ca_file: str = ""
    seconds: float = 20.0
    session_seconds: float = 300.0

    def __repr__(self) -> str:
        return f"Account({self.host}, {self.folder})"  # the rest is secret or personal


class Position(Struct, frozen=True):
    """How far a folder was read. UIDs mean nothing under another `uid_validity`: the folder was made anew."""

    uid_validity: int = 0
    last_uid: int = 0


class Mail(Struct, frozen=True):
    """One mail. Where it is larger than `LARGEST_MAIL`, `raw` is its head alone and `size` says by how much."""

    uid: int
    size: int
    raw: bytes
    is_whole: bool = True

    def __repr__(self) -> str:
        return f"Mail({self.uid}, {self.size})"  # the rest is personal


class Mailbox:
    """A visit: opened by `with`, its folder selected. Not for several threads.

    Everything here raises MailboxAway or MailboxRefused, with no word of the server: it may quote an address.
    """

    def __init__(self, account: Account) -> None:
        check_account(account)
        self._account = account
        self._client: IMAPClient | None = None
        self._watch: threading.Timer | None = None
        self.uid_validity = 0
        self.count = 0

    def __enter__(self) -> Self:
        try:
            with _told("opened"):
                self._open()
        except ChannelError:
            self._close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None and self._client is not None:
            with contextlib.suppress(OSError, imaplib.IMAP4.error, ValueError):
                self._client.logout()
        self._close()

    # ---------------------------------------------------------------- reading

    def after(self, position: Position, *, since: date) -> Iterator[tuple[Mail, ...]]:
        """What came after that position, oldest first, in batches; everything when the folder was made anew.

        Mail that the server received before `since` is never looked at.
        """
        last_uid = position.last_uid if position.uid_validity == self.uid_validity else 0
        with _told("searched"):
            # `n:*` always holds the last mail, whatever n is.
            found = self._opened.search(["UID", f"{last_uid + 1}:*", "SINCE", since])
        uids = sorted(uid for uid in found if uid > last_uid)
        for start in range(0, len(uids), _SIZES):
            yield from self._batches(uids[start : start + _SIZES])

    def mark_read(self, uids: Sequence[int]) -> None:
        """Marks them as seen, and moves them if the account says so. Only a server that can move does: where it
        would be a copy and a deletion, mail stays where it is.
        """
        if not uids:
            return
        with _told("marked"):
            self._opened.add_flags(uids, [SEEN], silent=True)
            if self._account.move_to and self.can_move:
                self._opened.move(uids, self._account.move_to)

    @property
    def can_move(self) -> bool:
        """Whether the server moves mail in one step."""
        return bool(self._opened.has_capability("MOVE"))

    def has_folder(self, name: str) -> bool:
        """Whether there is a folder of that name."""
        with _told("listed"):
            return bool(self._opened.folder_exists(name))

    def _batches(self, uids: Sequence[int]) -> Iterator[tuple[Mail, ...]]:
        with _told("fetched"):
            told = self._opened.fetch(uids, ["RFC822.SIZE"])
        sizes = {uid: int(told[uid].get(b"RFC822.SIZE", 0)) for uid in uids if uid in told}
        batch: list[int] = []
        for uid, size in sizes.items():
            if batch and (len(batch) >= _BATCH or sum(sizes[each] for each in batch) + size > _BATCH_BYTES):
                yield self._fetch(batch, sizes)
                batch = []
            batch.append(uid)
        if batch:
            yield self._fetch(batch, sizes)

    def _fetch(self, uids: Sequence[int], sizes: dict[int, int]) -> tuple[Mail, ...]:
        usual = [uid for uid in uids if sizes[uid] <= LARGEST_MAIL]
        # A part of it, in case the server was wrong about the size. PEEK: it is seen once it is stored.
        whole = self._octets(usual, f"BODY.PEEK[]<0.{LARGEST_MAIL + 1}>")
        usual = [uid for uid in usual if len(whole.get(uid, b"")) <= LARGEST_MAIL]
        heads = self._octets([uid for uid in uids if uid not in usual], f"BODY.PEEK[HEADER]<0.{_HEAD}>")
        return tuple(
            Mail(uid, sizes[uid], whole[uid]) if uid in usual else Mail(uid, sizes[uid], heads[uid], is_whole=False)
            for uid in uids
            if uid in (whole if uid in usual else heads)  # others may take mail away
        )

    def _octets(self, uids: Sequence[int], what: str) -> dict[int, bytes]:
        if not uids:
            return {}
        with _told("fetched"):
            given = self._opened.fetch(uids, [what])
            return {uid: _body(answer) for uid, answer in given.items()}

    # ---------------------------------------------------------------- connection

    @property
    def _opened(self) -> IMAPClient:
        if self._client is None:
            raise MailboxAway("mailbox_closed", "the mailbox is not open", hint="use it in a with block")
        return self._client

    def _open(self) -> None:
        account = self._account
        tls = None if account.security == "none" else trusting(account.ca_file)
        self._client = IMAPClient(
            account.host,
            port=account.port or PORTS[account.security],
            ssl=account.security == "tls",
            ssl_context=tls if account.security == "tls" else None,
            use_uid=True,
            timeout=SocketTimeout(connect=account.seconds, read=account.seconds),
        )
        # A server that drips is never silent for long: no time limit of a socket ends it.
        self._watch = threading.Timer(account.session_seconds, self._cut)
        self._watch.daemon = True
        self._watch.start()
        if account.security == "starttls":
            self._client.starttls(ssl_context=tls)
        self._login(self._client)
        selected = self._client.select_folder(account.folder)
        self.uid_validity = int(selected.get(b"UIDVALIDITY", 0))
        self.count = int(selected.get(b"EXISTS", 0))

    def _login(self, client: IMAPClient) -> None:
        account = self._account
        if account.token_file:
            client.oauth2_login(account.username, _token(account.token_file))
        elif client.has_capability("AUTH=PLAIN"):  # the only one that takes letters with accents
            client.plain_login(account.username, account.password)
        else:
            client.login(account.username, account.password)

    def _cut(self) -> None:
        """Called by the watch's thread: closing the library's file would wait for the very read that is to end."""
        if self._client is not None:
            with contextlib.suppress(OSError, ValueError):
                self._client.socket().shutdown(socket.SHUT_RDWR)

    def _close(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
        if self._client is not None:
            with contextlib.suppress(OSError, ValueError):
                self._client.shutdown()
        self._client = None


def _body(answer: Any) -> bytes:
    found = next((octets for name, octets in answer.items() if name.startswith(b"BODY[")), b"")
    return found if isinstance(found, bytes) else b""


def _token(path: str) -> str:
    try:
        return Path(path).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        raise MailboxRefused("token_unreadable", "the access token cannot be read", where="token_file") from None


class _told:  # noqa: N801 - reads as a word of the `with` statement
    """What the library raises, as ours; `done` says what could not be."""

    def __init__(self, done: str) -> None:
        self._done = done

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None or isinstance(error, ChannelError) or not isinstance(error, Exception):
            return
        is_cut = isinstance(error, imaplib.IMAP4.abort) or isinstance(error.__context__, imaplib.IMAP4.abort)
        if isinstance(error, LoginError) and not is_cut:
            raise MailboxRefused("login_refused", "the server refuses user name and password") from None
        if isinstance(error, ssl.SSLCertVerificationError):
            hint = "trust it with ca_file, or use the name that is in it"
            raise MailboxRefused("certificate_refused", "its certificate cannot be trusted", hint=hint) from None
        what = f"it cannot be {self._done}: {type(error).__name__}"
        if isinstance(error, imaplib.IMAP4.error) and not is_cut:
            raise MailboxRefused("mailbox_refused", what, hint="does the folder exist?") from None
        raise MailboxAway("mailbox_away", what) from None  # also an answer that is none


# ---------------------------------------------------------------- what an account may be


def check_account(account: Account) -> None:
    """Raises InvalidOptions for what cannot be: never quotes a value."""
    if not _HOST.fullmatch(account.host):
        raise InvalidOptions("options_missing", "a mailbox needs the name of a host", where="host")
    if account.security not in PORTS:
        hint = ", ".join(PORTS)
        raise InvalidOptions("security_unknown", "not a kind of encryption", hint=hint, where="security")
    if account.security == "none" and not is_this_machine(account.host):
        raise InvalidOptions("not_encrypted", "mail beyond this machine is encrypted", hint="tls or starttls")
    if not account.username or bool(account.password) == bool(account.token_file):
        raise InvalidOptions("options_missing", "a mailbox needs a user name, and a password or a token file")
    if account.security != "none":
        trusting(account.ca_file)


def trusting(ca_file: str) -> ssl.SSLContext:
    """What certificates are checked against: those of a file, the system's without one. Raises InvalidOptions."""
    try:
        return ssl.create_default_context(cafile=ca_file or None)
    except OSError as error:  # ssl.SSLError is one
        raise InvalidOptions("ca_file_unreadable", "not a file of certificates", where="ca_file") from error


def is_this_machine(host: str) -> bool:
    """Whether nothing said to that host leaves this machine."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"
