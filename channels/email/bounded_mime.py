"""Any bytes as a MIME tree, for a bounded price: what a stranger sends us may be made to cost hours. Judges nothing.

Python's parser has no limits: its time grows with lines times nesting, and each part of five octets costs a kilobyte.
"""

import codecs
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import Compat32
from email.utils import getaddresses, parsedate_to_datetime

LARGEST_MAIL = 30_000_000  # octets; attachments of 20 MB are 27 as base64
_CONTAINERS = 100  # parts that hold parts
_LINES_TIMES_CONTAINERS = 5_000_000  # some seconds
_PARTS = 20_000
_BLANK_LINES = 50_000  # each ends a block of a delivery report
_HEAD = 200_000  # octets of headers that are read when the rest cannot be
_HEADER = 32_000  # characters of one header
_CONTENT_HEADER = 4_000  # the same where reading the parameters takes the square of it
_ADDRESSES = 2_000  # the same for addresses: each comment in a comment is a call in a call
_CONTAINER = re.compile(rb"multipart/|message/", re.IGNORECASE)
_BLOCKS = re.compile(rb"message/delivery-status", re.IGNORECASE)

# Codecs that are no charset of a mail: too slow for long texts, or reading more into them than they say.
_NO_CHARSETS = frozenset({"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape"})
# What people's programs call Latin-1 or ASCII is read as they read it, as the WHATWG table has it.
_AS_WINDOWS = frozenset({"ascii", "iso8859-1"})
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


class _Bounded(Compat32):
    """Headers of usual length; a parameter list of a megabyte takes minutes to read."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, text = super().header_source_parse(sourcelines)
        if name.lower() == "references":  # the nearest stand last
            return name, text[-_HEADER:]
        return name, text[: _CONTENT_HEADER if name.lower().startswith("content-") else _HEADER]


_POLICY = _Bounded()


def open_mail(raw: bytes) -> Message | None:
    """The mail as a tree; None for one that would take too long or too much memory, and only its head may be read."""
    return message_from_bytes(raw, policy=_POLICY) if _is_affordable(raw) else None


def open_head(raw: bytes) -> Message:
    """The headers alone."""
    return BytesHeaderParser(policy=_POLICY).parsebytes(raw[:_HEAD])


def _is_affordable(raw: bytes) -> bool:
    if len(raw) > LARGEST_MAIL:
        return False
    containers = sum(1 for _ in _CONTAINER.finditer(raw))
    lines = raw.count(b"\n") + raw.count(b"\r")
    if containers > _CONTAINERS or lines * (containers + 1) > _LINES_TIMES_CONTAINERS:
        return False
    if raw.count(b"\n--") + raw.count(b"\r--") > _PARTS:
        return False
    blank_lines = raw.count(b"\n\n") + raw.count(b"\r\r") + raw.count(b"\n\r\n")
    return blank_lines < _BLANK_LINES or not _BLOCKS.search(raw)


# ---------------------------------------------------------------- headers


def headers(mail: Message, name: str) -> list[str]:
    """Every header of that name on one line each, not decoded."""
    wanted = name.lower()
    return [_unfolded(str(text)) for given, text in mail.raw_items() if given.lower() == wanted]


def header(mail: Message, name: str) -> str:
    """The first header of that name on one line, not decoded; empty when there is none."""
    return next(iter(headers(mail, name)), "")


def _unfolded(text: str) -> str:
    """Octets that are no ASCII, against the rules, are read as UTF-8 or Windows-1252."""
    octets = text.encode("utf-8", "surrogateescape")
    return " ".join(decoded(octets, "").split())


def shown(text: str) -> str:
    """A header as it is to be read: its encoded words (RFC 2047) decoded, what is wrong in them replaced."""
    if "=?" not in text:
        return clean(text)
    try:
        chunks = decode_header(text)
    except (HeaderParseError, ValueError):
        return clean(text)
    words = (chunk if isinstance(chunk, str) else decoded(chunk, charset or "") for chunk, charset in chunks)
    return " ".join(clean("".join(words)).split())


def addresses(texts: Iterable[str]) -> list[tuple[str, str]]:
    """(name, address) of every address in these headers, names decoded; none for what cannot be read."""
    found: list[tuple[str, str]] = []
    for text in texts:
        try:
            pairs = getaddresses([text[:_ADDRESSES]])
        except (RecursionError, ValueError, IndexError):
            continue
        found += [(shown(name), clean(address).strip()) for name, address in pairs if "@" in address]
    return found


def instant(date: str) -> datetime | None:
    """A Date in UTC, None when it is none; one without a zone is taken for UTC, as RFC 5322 has it for `-0000`."""
    try:
        parsed = parsedate_to_datetime(date)
        aware = parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
        return aware.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


# ---------------------------------------------------------------- texts


def decoded(octets: bytes, charset: str) -> str:
    """Text by its charset; by the usual ones when that is none or is wrong. What no charset explains is replaced."""
    for name in _charsets(charset):
        try:
            return octets.decode(name)
        except (UnicodeError, LookupError, ValueError):
            continue
    return octets.decode("cp1252", "replace")


def _charsets(charset: str) -> Sequence[str]:
    try:
        known = codecs.lookup(charset.strip()).name.replace("_", "-") if charset else ""
    except (LookupError, ValueError):
        known = ""
    if not known or known in _NO_CHARSETS or known == "ascii":
        return ("utf-8",)
    return ("cp1252",) if known in _AS_WINDOWS else (known, "utf-8")


def clean(text: str) -> str:
    """Without the characters that a database refuses or a screen obeys; lines end with a line feed."""
    return _CONTROLS.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


def held(part: Message) -> list[Message]:
    """The parts inside a part. A text is never asked for in this way: Python would decode it by any codec it names."""
    payload = part.get_payload() if part.is_multipart() else []
    return [each for each in payload if isinstance(each, Message)]


def content(part: Message) -> bytes:
    """The octets of a part that holds no other, its transfer encoding undone; empty when they cannot be read."""
    try:
        payload = part.get_payload(decode=True)
    except (ValueError, LookupError, AssertionError):
        return b""
    return payload if isinstance(payload, bytes) else b""


def text_of(part: Message) -> str:
    """The text of a part, by its charset."""
    try:
        charset = part.get_content_charset("") or ""
    except (ValueError, LookupError, TypeError, AttributeError):
        charset = ""
    return clean(decoded(content(part), str(charset)))
