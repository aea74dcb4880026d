"""What may stand in the fields of a message: addresses, headers, texts. Refuses; never cleans or shortens."""

import re
from collections.abc import Mapping
from typing import NoReturn

from channels.errors import InvalidMessage

_ATTEMPT_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")  # stands in URLs, file names and MIME boundaries (70 at most)
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_ATOMS = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
_LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"(?=.{{1,64}}@.{{1,255}}$){_ATOMS}@{_LABEL}(\.{_LABEL})*")  # RFC 5321 section 4.5.3.1
_HEADER_NAME = re.compile(r"[!-9;-~]{1,76}")  # RFC 5322 section 2.2
_MEDIA_TYPE = re.compile(r"[a-z0-9.+-]+/[a-z0-9.+-]+")
# Beside CR, LF and NUL: every character that some parser takes for a line end, and lone surrogates, which
# have no UTF-8. `=?` opens an encoded word, which an unpatched Python may turn into a header (CVE-2024-6923).
_UNSAFE_IN_HEADER = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]|=\?")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_OWNED_HEADERS = frozenset(
    {"bcc", "cc", "date", "from", "message-id", "mime-version", "received", "reply-to", "return-path"}
    | {"sender", "subject", "to"}
)
_OWNED_PREFIXES = ("content-", "resent-")


def _refuse(where: str, code: str, message: str, hint: str) -> NoReturn:
    raise InvalidMessage(code, message, hint=hint, where=where)


def check_attempt_id(where: str, attempt_id: str) -> None:
    """1 to 64 ASCII letters, digits, `_`, `-`."""
    if not _ATTEMPT_ID.fullmatch(attempt_id):
        _refuse(where, "attempt_id_invalid", "not an attempt id", "1 to 64 of A-Z a-z 0-9 _ -")


def check_number(where: str, number: str) -> None:
    """E.164 by its form only; whether the number exists is for the caller to know."""
    if not _E164.fullmatch(number):
        _refuse(where, "number_invalid", "not a number in E.164", "write +, country code, number, no spaces")


def check_address(where: str, address: str) -> None:
    """`local@domain` in ASCII, unquoted; `=?` is refused although RFC 5322 would let it stand."""
    if not _ADDRESS.fullmatch(address) or "=?" in address:
        _refuse(where, "address_invalid", "not an ASCII address local@domain", "write the domain as xn--...")


def check_header(where: str, text: str) -> None:
    """Nothing that could end this header and start another one."""
    if _UNSAFE_IN_HEADER.search(text):
        _refuse(
            where,
            "header_unsafe",
            "a line break, a control character or '=?' cannot stand in a header",
            "clean the name or the subject before building the message",
        )


def check_extra_headers(where: str, headers: Mapping[str, str]) -> None:
    """Headers beside those the message sets itself (so no Bcc, no Content-Type), each once."""
    seen: set[str] = set()
    for name, content in headers.items():
        key = name.lower()
        if not _HEADER_NAME.fullmatch(name) or "=?" in name:
            _refuse(where, "header_unsafe", "not a header name", "ASCII without space or colon")
        if key in _OWNED_HEADERS or key.startswith(_OWNED_PREFIXES) or key in seen:
            _refuse(f"{where}[{name}]", "header_owned", "this header is set elsewhere", "leave it out")
        seen.add(key)
        check_header(f"{where}[{name}]", content)


def check_text(where: str, text: str) -> None:
    """Text that has a UTF-8 form."""
    if not text.isascii() and _SURROGATE.search(text):
        _refuse(where, "text_invalid", "a lone surrogate has no UTF-8", "decode the source of this text again")


def check_media_type(where: str, media_type: str) -> None:
    """`type/subtype` in lower case, without parameters, and not one that contains other parts."""
    if not _MEDIA_TYPE.fullmatch(media_type) or media_type.startswith(("multipart/", "message/")):
        _refuse(where, "media_type_invalid", "not the media type of a file", "such as application/pdf")


def check_pdf(where: str, pdf: bytes) -> None:
    """Bytes that begin as a PDF does."""
    if not pdf.startswith(b"%PDF-"):
        _refuse(where, "pdf_invalid", "these bytes are not a PDF", "give the finished document")
