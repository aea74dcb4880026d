"""What comes in from a form of the portal, or from a mail program (RFC 8058): fields, cleaned and capped."""

from collections.abc import Mapping
from email import message_from_bytes, policy
from email.errors import MessageError
from urllib.parse import parse_qsl

from orchestrator.flows.record_wish import Kind, Wish

MOST_WORDS = 1_000
MOST_PHONE = 40
MOST_HOURS = 120
_MOST_FIELDS = 20
_ONE_CLICK = ("List-Unsubscribe", "One-Click")


def fields_of(body: bytes, content_type: str) -> Mapping[str, str]:
    """The fields of a form, whichever way it was sent; none of what cannot be read. Bodies are bounded already."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        return _parts(body, content_type)
    try:
        pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:  # more fields than any form of ours has
        return {}
    return dict(pairs)


def _parts(body: bytes, content_type: str) -> Mapping[str, str]:
    """RFC 8058 prefers multipart; four small fields need no other parser than the one that reads mail."""
    one_line = " ".join(content_type.split())
    head = f"Content-Type: {one_line}\r\n\r\n".encode("ascii", "ignore")
    try:
        message = message_from_bytes(head + body, policy=policy.HTTP)
        parts = list(message.iter_parts()) if message.is_multipart() else []
        pairs = [(part.get_param("name", header="content-disposition"), part) for part in parts[:_MOST_FIELDS]]
        return {str(name): _text(part.get_payload(decode=True)) for name, part in pairs if name}
    except (MessageError, ValueError, LookupError, AttributeError, TypeError):
        return {}


def _text(payload: object) -> str:
    return payload.decode("utf-8", "replace").rstrip("\r\n") if isinstance(payload, bytes) else ""


def is_one_click(fields: Mapping[str, str]) -> bool:
    """Whether a mail program asks, and not a person on our page."""
    name, value = _ONE_CLICK
    return fields.get(name, "").strip() == value


def wish_of(kind: Kind, fields: Mapping[str, str]) -> Wish:
    """What a form asks for; fields that it does not have are not looked at."""
    if kind is Kind.DISAGREE:
        return Wish(kind=kind, words=_clean(fields.get("words", ""), MOST_WORDS))
    if kind is Kind.CALL:
        phone = _clean(fields.get("phone", ""), MOST_PHONE, is_line=True)
        hours = _clean(fields.get("hours", ""), MOST_HOURS, is_line=True)
        return Wish(kind=kind, words=" / ".join(filter(None, (phone, hours))))
    return Wish(kind=kind, by_cheque=kind is Kind.PAID and fields.get("cheque") == "yes")


def _clean(text: str, most: int, *, is_line: bool = False) -> str:
    """Words without controls, direction marks or invisible characters; lines are kept where they may be."""
    kept = "" if is_line else "\n"
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    shown = "".join(c if c.isprintable() or c in kept else " " for c in lines)
    whole = "\n".join(" ".join(line.split()) for line in shown.split("\n"))
    return whole.strip()[:most].strip()
