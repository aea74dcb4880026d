"""SendGrid's Inbound Parse: mail that came to us, raw or taken apart, signed as its events are. Keeps it as one mail.

https://www.twilio.com/docs/sendgrid/for-developers/parsing-email/setting-up-the-inbound-parse-webhook
"""

import base64
import re
from collections.abc import Mapping, Sequence
from email.message import Message
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from typing import TypeVar

import msgspec

from channels.email.authentication import results_of_sendgrid
from channels.email.bounded_mime import decoded
from channels.email.form_parts import FormPart, form_parts
from channels.email.inbound_mail import ATTACHMENTS_BYTES, mail_key, read_mail
from channels.email.stored_mail import opened_mail, stored_mail
from channels.provider import Parsed, RawEvent, RawRequest, key_or_digest, storable

Kind = TypeVar("Kind")

MEDIA_TYPES = frozenset({"multipart/form-data"})
MOST_BYTES = 31_500_000  # SendGrid takes mails of 30 MB, and the form has its own lines
AT_ONCE = 4
_RAW = "email"
# What is not so of the mail that we put together again.
_OF_THE_BODY = re.compile(r"(?:content-[a-z-]+|mime-version)$", re.IGNORECASE)
_HEADER = re.compile(r"([!-9;-~]{1,76}):(.*)", re.DOTALL)
_MEDIA_TYPE = re.compile(r"[a-z0-9.+-]{1,60}/[a-z0-9.+-]{1,60}")
_LEFT_OUT = "X-Relance-Left-Out"


class _Envelope(msgspec.Struct):
    to: list[str] = []
    sender: str = msgspec.field(default="", name="from")


def split(request: RawRequest) -> tuple[RawEvent, ...]:
    """The mail, under its Message-ID; a form that cannot be read is kept as it came."""
    parts = form_parts(request.headers.get("content-type", ""), request.body)
    raw = None if parts is None else _mail(parts)
    if raw is None:
        return (RawEvent(key_or_digest("", request.body), storable(request.body)),)
    # The key is that of the mail as it came, for it may reach us by a mailbox too.
    return (RawEvent(key_or_digest(mail_key(raw), raw), stored_mail(_judged(parts or (), raw))),)


def read(body: str) -> Parsed:
    """What the mail says, as of any other mail."""
    raw = opened_mail(body)
    if raw is None:
        return Parsed(faults=("a form of Inbound Parse that cannot be read",))
    parsed = read_mail(raw)
    if raw.startswith(f"{_LEFT_OUT}:".encode()):
        words = "attachments beyond 20 MB were left out, their names are kept"
        return Parsed(parsed.facts, (*parsed.faults, words), parsed.unknown)
    return parsed


# ---------------------------------------------------------------- one mail again


def _mail(parts: Sequence[FormPart]) -> bytes | None:
    """The mail of a form: as it came in raw mode, put together again when SendGrid took it apart."""
    texts = {part.name: part.content for part in parts if not part.file_name}
    if _RAW in texts:
        return texts[_RAW]
    if not texts.keys() & {"headers", "from", "text", "html"}:
        return None
    charsets = _decoded_json(texts.get("charsets", b""), dict[str, str]) or {}
    fields = {name: decoded(content, charsets.get(name, "")) for name, content in texts.items()}
    mail = MIMEMultipart("mixed")
    mail.attach(_readable(fields))
    room, left_out = ATTACHMENTS_BYTES, 0
    for part in parts:
        if part.file_name:
            is_kept = len(part.content) <= room
            room -= len(part.content) if is_kept else 0
            left_out += not is_kept
            mail.attach(_file(part, part.content if is_kept else b""))
    return _head(texts, fields, left_out) + mail.as_bytes()


def _judged(parts: Sequence[FormPart], raw: bytes) -> bytes:
    """The mail below what SendGrid found of who sent it."""
    texts = {part.name: part.content for part in parts if not part.file_name}
    envelope = _decoded_json(texts.get("envelope", b""), _Envelope)
    fields = {name: decoded(content, "") for name, content in texts.items() if name in ("SPF", "dkim")}
    line = results_of_sendgrid(fields, envelope.sender if envelope else "")
    if not line:
        return raw
    first, end, rest = raw.partition(b"\n") if raw.startswith(f"{_LEFT_OUT}:".encode()) else (b"", b"", raw)
    return first + end + f"{line}\n".encode() + rest


def _readable(fields: Mapping[str, str]) -> Message:
    both = MIMEMultipart("alternative")
    for name, kind in (("text", "plain"), ("html", "html")):
        if fields.get(name):
            both.attach(MIMEText(fields[name], kind, "utf-8"))
    return both


def _file(part: FormPart, content: bytes) -> Message:
    file = Message()
    file["Content-Type"] = part.media_type if _MEDIA_TYPE.fullmatch(part.media_type) else "application/octet-stream"
    name = "".join(character if character.isprintable() else "_" for character in part.file_name[:200])
    file.add_header("Content-Disposition", "attachment", filename=("utf-8", "", name))
    file["Content-Transfer-Encoding"] = "base64"
    file.set_payload(base64.encodebytes(content).decode("ascii"))
    return file


def _head(texts: Mapping[str, bytes], fields: Mapping[str, str], left_out: int) -> bytes:
    """The headers of the mail as they came, after the address by which it reached SendGrid."""
    lines: list[str] = []
    if left_out:
        lines.append(f"{_LEFT_OUT}: {left_out}")
    envelope = _decoded_json(texts.get("envelope", b""), _Envelope)
    lines += [f"Delivered-To: {_one_line(address)}" for address in (envelope.to if envelope else [])[:5]]
    told = fields.get("headers", "")
    if told:
        lines += _kept_headers(told)
    else:
        lines += [
            f"{name}: {_one_line(fields[name.lower()])}"
            for name in ("From", "To", "Subject")
            if fields.get(name.lower())
        ]
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "replace")


def _kept_headers(told: str) -> list[str]:
    """Each header on lines of its own, folded as it came; never an empty line, which would end them."""
    kept: list[str] = []
    is_kept = False
    for line in told.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        if not line.strip():
            continue
        if line[0] in " \t":
            if is_kept:
                kept.append(line)
            continue
        header = _HEADER.fullmatch(line)
        is_kept = header is not None and not _OF_THE_BODY.match(header[1])
        if is_kept:
            kept.append(line)
    return kept


def _one_line(text: str) -> str:
    return " ".join(text.split())[:1_000]


def _decoded_json(content: bytes, kind: type[Kind]) -> Kind | None:
    try:
        return msgspec.json.decode(content, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
