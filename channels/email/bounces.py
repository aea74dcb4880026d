"""Mail that came back, read into receipts: delivery status notifications (RFC 3464). Pure; opens no mailbox.

What is not such a notification says nothing here: answers of people, holiday notices, bounces written as free text.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import Message
from email.utils import parsedate_to_datetime
from types import MappingProxyType

from channels.contract import DeliveryStatus, Receipt
from channels.email.smtp_replies import reason_of

ACTIONS: Mapping[str, DeliveryStatus] = MappingProxyType(
    {
        "failed": DeliveryStatus.BOUNCED,
        "delayed": DeliveryStatus.QUEUED,
        "delivered": DeliveryStatus.DELIVERED,
        "relayed": DeliveryStatus.SENT,
        "expanded": DeliveryStatus.SENT,
    }
)
_VERP = re.compile(r"bounce\+([A-Za-z0-9_-]{1,64})@", re.IGNORECASE)
_ENVELOPE_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_MESSAGE_ID = re.compile(r"<([A-Za-z0-9_-]{1,64})@[^<>@\s]+>")
_STATUS = re.compile(r"[245]\.[0-9]{1,3}\.[0-9]{1,3}")
# Where the address stands to which the notification was sent: that of the envelope, then what servers note of it.
_RECIPIENT_HEADERS = ("Delivered-To", "X-Original-To", "Envelope-To", "To")


def parse_bounce(raw: bytes) -> list[Receipt]:
    """One receipt for each recipient that the notification speaks of, none for any other mail. Raises nothing.

    The attempt is that of the address it came back to, else of the envelope, else of the returned message's
    Message-ID. The same notification twice, or another of the same fact, has the same `dedup_key`.
    """
    mail = message_from_bytes(raw)
    if mail.get_content_type() != "multipart/report":
        return []
    attempt_id = _attempt_of(mail)
    blocks = [block for part in mail.walk() for block in _recipients(part)]
    return [_receipt(block, attempt_id, mail) for block in blocks]


def _recipients(part: Message) -> Iterator[Message]:
    """The blocks of fields about one recipient each. One without Action is about the notification itself."""
    blocks = part.get_payload()
    if part.get_content_type() == "message/delivery-status" and isinstance(blocks, list):
        yield from (block for block in blocks if isinstance(block, Message) and block["Action"])


def _attempt_of(mail: Message) -> str:
    for name in _RECIPIENT_HEADERS:
        for given in mail.get_all(name, []):
            if match := _VERP.search(str(given)):
                return match[1]
    return next(_envelope_ids(mail), "") or next(_returned_ids(mail), "")


def _envelope_ids(mail: Message) -> Iterator[str]:
    """What we called the message when a server took it (ENVID)."""
    for part in mail.walk():
        if match := _ENVELOPE_ID.fullmatch(str(part.get("Original-Envelope-Id", "")).strip()):
            yield match[0]


def _returned_ids(mail: Message) -> Iterator[str]:
    """The attempt ids in the Message-ID of the message that came back, whole or by its headers."""
    for part in mail.walk():
        if part is not mail and (match := _MESSAGE_ID.search(str(part.get("Message-ID", "")))):
            yield match[1]
        elif part.get_content_type() == "text/rfc822-headers":
            content = part.get_payload(decode=True)
            headers = message_from_bytes(content if isinstance(content, bytes) else b"")
            if match := _MESSAGE_ID.search(str(headers.get("Message-ID", ""))):
                yield match[1]


def _receipt(block: Message, attempt_id: str, mail: Message) -> Receipt:
    word = str(block["Action"]).strip().lower()
    status = ACTIONS.get(word, DeliveryStatus.UNKNOWN)
    match = _STATUS.search(str(block.get("Status", "")))
    code = match[0] if match else ""
    has_reason = status is DeliveryStatus.BOUNCED and code
    return Receipt(
        dedup_key=f"bounce:{attempt_id or mail.get('Message-ID', '')}:{word}:{code}",
        status=status,
        attempt_id=attempt_id,
        word=word,
        code=code,
        reason_class=reason_of(code) if has_reason else None,
        occurred_at=_instant(block.get("Last-Attempt-Date")) or _instant(mail.get("Date")),
    )


def _instant(date: object) -> datetime | None:
    """An instant in UTC; a date without a zone is taken for UTC, as RFC 5322 has it for `-0000`."""
    try:
        parsed = parsedate_to_datetime(str(date))
    except ValueError:
        return None
    aware = parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
    return aware.astimezone(UTC)
