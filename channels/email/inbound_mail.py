"""A mail that came to us, read: a bounce becomes receipts, what somebody wrote one Inbound. Opens no mailbox."""

import hashlib
import re
from collections.abc import Iterator
from email.message import Message
from itertools import islice

from channels.contract import Attachment, Channel, Inbound
from channels.email.authentication import is_authenticated
from channels.email.bounces import RECIPIENT_HEADERS, is_from_server, receipts_of
from channels.email.bounded_mime import (
    addresses,
    clean,
    content,
    decoded,
    header,
    headers,
    held,
    instant,
    open_head,
    open_mail,
    shown,
    text_of,
)
from channels.email.html_text import text_of_html
from channels.email.mail_files import attachment_of, is_decoration
from channels.provider import Parsed

ATTACHMENTS_BYTES = 20_000_000  # in all
_MOST_ATTACHMENTS = 50
_MOST_PARTS = 500
_TEXT = 500_000  # characters, each of text and HTML
_MOST_ANSWERED = 100  # Message-IDs of a thread
_KEY = 200  # characters of a Message-ID that is its own key
_OURS = re.compile(r"(?:reply|bounce)\+([A-Za-z0-9_-]{1,64})@", re.IGNORECASE)
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,300}>")
_ATTEMPT = re.compile(r"<([A-Za-z0-9_-]{1,64})@([^<>@\s]+)>")
_AUTOMATIC_HEADERS = ("X-Autoreply", "X-Autorespond", "X-Auto-Reply", "X-Auto-Response-Suppress", "X-Failed-Recipients")
_AUTOMATIC_PRECEDENCE = frozenset({"auto_reply", "auto-reply", "bulk", "junk"})  # `list` is what a shared mailbox adds
_AUTOMATIC_SUBJECTS = (
    "absence du bureau",
    "automatic reply",
    "autoreply",
    "out of office",
    "réponse automatique",
    "reponse automatique",
)


def mail_key(raw: bytes) -> str:
    """The same for the same mail however often it is delivered: its Message-ID, with what tells apart mails of a
    program that gives one Message-ID to several; a hash of the bytes when it has none.
    """
    return _key(open_head(raw), raw)


def read_mail(raw: bytes) -> Parsed:
    """What a mail says: receipts when it is a bounce or a complaint, else one Inbound. Raises nothing.

    `to` is the address of ours that names an attempt, where one does, else the first addressee. `text` is the plain
    text, made of the HTML where there is none. A mail that would cost too much to read is told by its head alone.
    """
    try:
        mail = open_mail(raw)
        if mail is None:
            return Parsed(
                (_inbound(open_head(raw), raw, Body()),), ("a mail too large or too nested to be read whole",)
            )
        receipts = receipts_of(mail)
        if receipts:
            return Parsed(tuple(receipts))
        body = Body()
        for part in islice(_leaves(mail), _MOST_PARTS):
            body.add(part)
        return Parsed((_inbound(mail, raw, body),), tuple(dict.fromkeys(body.faults)))
    except Exception as error:  # noqa: BLE001 - Python's parser raises a dozen kinds; the mail is still somebody's
        return Parsed((_unreadable(raw),), (f"a mail that cannot be read: {type(error).__name__}",))


def _unreadable(raw: bytes) -> Inbound:
    """As much as its bytes say without a parser, for a person to look at."""
    return Inbound(
        channel=Channel.EMAIL, dedup_key=_hash(raw), sender="", to="", text=clean(decoded(raw[:_TEXT], "")).strip()
    )


# ---------------------------------------------------------------- the head


def _inbound(mail: Message, raw: bytes, body: "Body") -> Inbound:
    name, sender = _first(mail, "From", "Sender", "Reply-To", "Return-Path")
    to, attempt_id = _addressed(mail)
    thread = _thread(mail)
    return Inbound(
        channel=Channel.EMAIL,
        dedup_key=_key(mail, raw),
        sender=sender,
        sender_name=name,
        to=to or _first(mail, "To", "Cc", "Delivered-To", "X-Original-To")[1],
        subject=shown(header(mail, "Subject"))[:1_000],
        text=body.text(),
        html=body.html(),
        provider_id=clean(header(mail, "Message-ID"))[:_KEY],
        attempt_id=attempt_id or _answered(thread, to_domain=_domain_of_ours(mail)),
        thread=thread,
        attachments=tuple(body.attachments),
        is_automatic=_is_automatic(mail),
        is_authenticated=is_authenticated(mail, sender),
        occurred_at=instant(header(mail, "Date")),
    )


def _first(mail: Message, *names: str) -> tuple[str, str]:
    for name in names:
        found = addresses(headers(mail, name)[:1])
        if found:
            return found[0][0][:300], found[0][1][:300]
    return "", ""


def _addressed(mail: Message) -> tuple[str, str]:
    """The address of ours that names an attempt, and the attempt; empty texts when none does."""
    for _, address in addresses(text for name in (*RECIPIENT_HEADERS, "Cc") for text in headers(mail, name)[:5]):
        if match := _OURS.search(address):
            return address[match.start() :], match[1]
    return "", ""


def _thread(mail: Message) -> tuple[str, ...]:
    """The Message-IDs that it answers, the nearest first."""
    nearest = _MESSAGE_ID.findall(header(mail, "In-Reply-To"))
    farther = reversed(_MESSAGE_ID.findall(header(mail, "References")))
    return tuple(islice(dict.fromkeys(clean(each) for each in (*nearest, *farther)), _MOST_ANSWERED))


def _answered(thread: tuple[str, ...], *, to_domain: frozenset[str]) -> str:
    """The attempt in the Message-IDs, one of a domain written to first: other programs make ids of that form too."""
    found = [match for each in thread if (match := _ATTEMPT.fullmatch(each))]
    found.sort(key=lambda match: match[2].lower() not in to_domain)  # stable: the nearest stays first
    return found[0][1] if found else ""


def _domain_of_ours(mail: Message) -> frozenset[str]:
    texts = [text for name in (*RECIPIENT_HEADERS, "Cc") for text in headers(mail, name)[:5]]
    return frozenset(address.rpartition("@")[2].lower() for _, address in addresses(texts))


def _is_automatic(mail: Message) -> bool:
    """What a machine wrote (RFC 3834, and the habits before it); an answer to it would be answered by a machine."""
    submitted = header(mail, "Auto-Submitted").partition(";")[0].strip().lower()
    return (
        submitted not in ("", "no")
        or any(headers(mail, name) for name in _AUTOMATIC_HEADERS)
        or header(mail, "Precedence").lower() in _AUTOMATIC_PRECEDENCE
        or header(mail, "Return-Path") == "<>"
        or mail.get_content_type() == "multipart/report"
        or shown(header(mail, "Subject")).lower().startswith(_AUTOMATIC_SUBJECTS)
        or is_from_server(mail)
    )


def _key(mail: Message, raw: bytes) -> str:
    message_id = clean(header(mail, "Message-ID"))
    if not message_id:
        return _hash(raw)
    if len(message_id) > _KEY:
        message_id = _hash(message_id.encode())
    return f"{message_id} {_hash((header(mail, 'Date') + header(mail, 'From')).encode())[:8]}"


def _hash(octets: bytes) -> str:
    return hashlib.sha256(octets).hexdigest()[:40]


# ---------------------------------------------------------------- the body


class Body:
    """What the parts of a mail add up to; `faults` say what was left out."""

    def __init__(self) -> None:
        self._plain: list[str] = []
        self._html: list[str] = []
        self._size = 0
        self.attachments: list[Attachment] = []
        self.faults: list[str] = []

    def add(self, part: Message) -> None:
        kind, is_attached = part.get_content_type(), part.get_content_disposition() == "attachment"
        if kind == "text/plain" and not is_attached:
            self._plain.append(text_of(part)[:_TEXT])
        elif kind == "text/html" and not is_attached:
            self._html.append(text_of(part)[:_TEXT])
        else:
            self._attach(part)

    def _attach(self, part: Message) -> None:
        octets = content(part) if not part.is_multipart() else _returned(part)
        if is_decoration(part, octets):
            return
        if self._size + len(octets) > ATTACHMENTS_BYTES or len(self.attachments) >= _MOST_ATTACHMENTS:
            self.faults.append("an attachment beyond 20 MB or 50 files was left out")
            return
        self._size += len(octets)
        self.attachments.append(attachment_of(part, octets, number=len(self.attachments) + 1))

    def text(self) -> str:
        """Plain text; that of the HTML where no part is plain, or the plain ones say nothing."""
        plain = "\n".join(self._plain)[:_TEXT].strip()
        return plain or text_of_html(self.html())

    def html(self) -> str:
        return "\n".join(self._html)[:_TEXT]


def _leaves(mail: Message) -> Iterator[Message]:
    """Parts that hold no other, and whole messages that travel inside."""
    waiting = [mail]
    while waiting:
        part = waiting.pop()
        if part.get_content_maintype() == "message" or not part.is_multipart():
            yield part
        else:
            waiting.extend(reversed(held(part)))


def _returned(part: Message) -> bytes:
    """A message inside a mail, as a file."""
    try:
        return b"\n".join(each.as_bytes() for each in held(part))
    except (ValueError, LookupError, TypeError, AttributeError):
        return b""
