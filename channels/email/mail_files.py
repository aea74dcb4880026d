"""Files that came with a mail: names made harmless, pictures of signatures told from pictures somebody sent."""

import mimetypes
import re
import unicodedata
from email.message import Message

from channels import fields
from channels.contract import Attachment
from channels.email.bounded_mime import clean, header, shown
from channels.errors import InvalidMessage

_DECORATION_BYTES = 20_000  # logos and icons are smaller; the photograph of a cheque is not
_UNKNOWN = "application/octet-stream"
_LONGEST_NAME = 150
# Signatures of programs: no person reads them.
_PROGRAMS = frozenset(
    {
        "application/pgp-signature",
        "application/pkcs7-signature",
        "application/x-pkcs7-signature",
        "message/delivery-status",
    }
)
_UNSAFE = re.compile(r'[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff<>:"|?*]|=\?')


def is_decoration(part: Message, octets: bytes) -> bool:
    """Whether nobody sent this on purpose: a small picture shown inside the text, the signature of a program."""
    kind = part.get_content_type()
    if kind in _PROGRAMS:
        return True
    is_shown_inside = bool(header(part, "Content-ID")) and part.get_content_disposition() != "attachment"
    return kind.startswith("image/") and is_shown_inside and len(octets) < _DECORATION_BYTES


def attachment_of(part: Message, octets: bytes, *, number: int) -> Attachment:
    """The file, its name safe for a screen, a header and a disk; `number` names one that has no name."""
    kind = part.get_content_type()
    try:
        fields.check_media_type("", kind)
    except InvalidMessage:
        kind = _UNKNOWN
    name = safe_name(_name_of(part))
    if not name:
        is_mail = part.get_content_maintype() == "message"
        name = f"attachment-{number}{'.eml' if is_mail else mimetypes.guess_extension(kind) or ''}"
    return Attachment(file_name=name, media_type=kind, content=octets)


def _name_of(part: Message) -> str:
    try:
        return shown(part.get_filename("") or "")
    except (ValueError, LookupError, TypeError, AttributeError):
        return ""


def safe_name(given: str) -> str:
    """The last part of a path, without what a disk, a header or a reader's eye takes for something else."""
    name = clean(given).replace("\\", "/").rpartition("/")[2]
    name = _UNSAFE.sub("_", name)
    # Cf: among others the mark that shows `exe.pdf` where `fdp.exe` stands.
    name = "".join(letter for letter in name if unicodedata.category(letter) != "Cf").strip(" .")
    stem, dot, ending = name.rpartition(".")
    if dot and len(ending) <= 10:
        return f"{stem[: _LONGEST_NAME - 11]}.{ending}"
    return name[:_LONGEST_NAME]
