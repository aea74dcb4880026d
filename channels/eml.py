"""An e-mail as RFC 5322 bytes, the same for the same message and instant. Opens no file and no connection."""

import hashlib
from datetime import datetime
from email import policy
from email.charset import Charset
from email.header import Header
from email.message import EmailMessage as MimeMessage
from email.utils import format_datetime, quote

from channels.contract import EmailMessage

_UTF8 = Charset("utf-8")
_LINE_OCTETS = 998  # RFC 5322 section 2.1.1, without CRLF


class _Final(str):
    """A header value already encoded and folded. The policy leaves alone what bears a `name` and can `fold`.

    Python's own folding splits a long display name with accents into words that its own parser joins with a
    space too many, and parses every header twice.
    """

    __slots__ = ("name",)
    name: str

    def __new__(cls, name: str, text: str) -> "_Final":
        final = super().__new__(cls, text)
        final.name = name
        return final

    def fold(self, *, policy: policy.Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"


def compose(message: EmailMessage, *, sent_at: datetime) -> bytes:
    """The message with CRLF line ends, Date `sent_at` and Message-ID the attempt id at the sender's domain.

    Multipart/alternative (inside multipart/mixed when it has attachments), UTF-8 as it is. Line ends become
    CRLF and a last one is added; nothing else of the text changes.
    """
    mime = MimeMessage(policy=policy.SMTP)
    for name, text in _headers(message, sent_at).items():
        mime[name] = _Final(name, text)
    mime.set_content(message.text, cte=_transfer_encoding(message.text))
    mime.add_alternative(message.html, subtype="html", cte=_transfer_encoding(message.html))
    for attachment in message.attachments:
        maintype, subtype = attachment.media_type.split("/")
        mime.add_attachment(attachment.content, maintype=maintype, subtype=subtype, filename=attachment.file_name)
    _fix_boundaries(mime, message)
    return mime.as_bytes()


def _headers(message: EmailMessage, sent_at: datetime) -> dict[str, str]:
    domain = message.from_address.rpartition("@")[2]
    headers = {
        "From": _mailbox(message.from_name, message.from_address),
        "To": _mailbox(message.to_name, message.to_address),
        "Reply-To": message.reply_to,
        "Subject": _unstructured("Subject", message.subject),
        "Date": format_datetime(sent_at),
        "Message-ID": f"<{message.attempt_id}@{domain}>",
    }
    if not message.reply_to:
        del headers["Reply-To"]
    return headers | {name: _unstructured(name, text) for name, text in message.headers.items()}


def _mailbox(name: str, address: str) -> str:
    """`"Name" <address>`; spaces in runs and at the edges are dropped, as readers do.

    A name that is not ASCII is one encoded word, however long. RFC 2047 would split it at 75 characters;
    readers show the one word right and some show two words wrong.
    """
    name = " ".join(word for word in name.split(" ") if word)
    if not name:
        return address
    shown = f'"{quote(name)}"' if name.isascii() else _UTF8.header_encode(name)
    return f"{shown} <{address}>"


def _unstructured(name: str, text: str) -> str:
    if text.isascii() and text == text.strip() and len(name) + 2 + len(text) <= _LINE_OCTETS:
        return text
    return Header(text, "utf-8", header_name=name).encode(linesep="\r\n")


def _transfer_encoding(text: str) -> str:
    """UTF-8 as it is, which a person can read in the file, unless a line is too long for a mail server."""
    longest = max(map(len, text.encode().splitlines()), default=0)
    return "8bit" if longest <= _LINE_OCTETS else "quoted-printable"


def _fix_boundaries(mime: MimeMessage, message: EmailMessage) -> None:
    """Boundaries that no text can contain, for it would have to contain a hash of itself."""
    seed = f"{message.attempt_id}\n{message.text}\n{message.html}"
    digest = hashlib.sha256(seed.encode()).hexdigest()[:32]
    multiparts = (part for part in mime.walk() if part.is_multipart())
    for number, part in enumerate(multiparts):
        part.set_boundary(f"=_{number}_{digest}")
