"""Mail that came back, read into receipts: delivery status notifications (RFC 3464), complaints (RFC 5965), and the
bounces that some servers write as free text. Pure; opens no mailbox. Answers of people and holiday notices say nothing.
"""

import re
from collections.abc import Iterator, Mapping
from email import message_from_bytes
from email.message import Message
from itertools import islice
from types import MappingProxyType

from channels.contract import DeliveryStatus, ReasonClass, Receipt
from channels.email.bounded_mime import addresses, content, header, headers, held, instant, open_mail, text_of
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
# Where the address stands to which a mail was sent: that of the envelope, then what servers note of it.
RECIPIENT_HEADERS = ("Delivered-To", "X-Original-To", "Envelope-To", "To")
_MOST_RECEIPTS = 100  # of one notification; ours speak of one recipient
_VERP = re.compile(r"bounce\+([A-Za-z0-9_-]{1,64})@", re.IGNORECASE)
_ENVELOPE_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_MESSAGE_ID = re.compile(r"<([A-Za-z0-9_-]{1,64})@[^<>@\s]+>")
_STATUS = re.compile(r"[245]\.[0-9]{1,3}\.[0-9]{1,3}")
# Of a refusal for good, in a sentence: never a part of an IP address or of a version.
_FAILURE = re.compile(r"(?<![\d.])5\.[0-7]\.[0-9]{1,3}(?!\d|\.\d)")
_QUOTED_ID = re.compile(r"^[> \t]*Message-ID:[ \t]*<([A-Za-z0-9_-]{1,64})@[^<>@\s]+>", re.IGNORECASE | re.MULTILINE)
_DAEMONS = frozenset({"mailer-daemon", "mail-daemon", "postmaster"})
_TEXT = 20_000  # characters of a bounce that are read; the reason stands first


def parse_bounce(raw: bytes) -> list[Receipt]:
    """One receipt for each recipient that the notification speaks of, none for any other mail. Raises nothing.

    The attempt is that of the address it came back to, else of the envelope, else of the returned message's
    Message-ID. The same notification twice, or another of the same fact, has the same `dedup_key`.
    """
    mail = open_mail(raw)
    return [] if mail is None else receipts_of(mail)


def receipts_of(mail: Message) -> list[Receipt]:
    """The same of a mail that is open. Free text counts only when it comes from a mail server, names an attempt of
    ours and a status of permanent failure.
    """
    if mail.get_content_type() != "multipart/report":
        return list(_free_text(mail))
    attempt_id = _attempt_of(mail)
    told = islice((_receipt(block, attempt_id, mail) for block in _blocks(mail)), _MOST_RECEIPTS)
    return list(told) or list(_complaint(mail, attempt_id))


def _blocks(mail: Message) -> Iterator[Message]:
    """The blocks of fields about one recipient each. One without Action is about the notification itself."""
    for part in mail.walk():
        if part.get_content_type() == "message/delivery-status":
            yield from (block for block in held(part) if header(block, "Action"))


def _attempt_of(mail: Message) -> str:
    return _returned_to(mail) or next(_envelope_ids(mail), "") or next(_returned_ids(mail), "")


def _returned_to(mail: Message) -> str:
    for name in RECIPIENT_HEADERS:
        for given in headers(mail, name):
            if match := _VERP.search(given):
                return match[1]
    return ""


def _envelope_ids(mail: Message) -> Iterator[str]:
    """What we called the message when a server took it (ENVID)."""
    for part in mail.walk():
        if match := _ENVELOPE_ID.fullmatch(header(part, "Original-Envelope-Id")):
            yield match[0]


def _returned_ids(mail: Message) -> Iterator[str]:
    """The attempt ids in the Message-ID of the message that came back, whole or by its headers."""
    for part in mail.walk():
        if part is not mail and (match := _MESSAGE_ID.search(header(part, "Message-ID"))):
            yield match[1]
        elif part.get_content_type() == "text/rfc822-headers" and not part.is_multipart():
            returned = message_from_bytes(content(part)[:_TEXT])
            if match := _MESSAGE_ID.search(header(returned, "Message-ID")):
                yield match[1]


def _receipt(block: Message, attempt_id: str, mail: Message) -> Receipt:
    word = header(block, "Action").lower()
    status = ACTIONS.get(word, DeliveryStatus.UNKNOWN)
    match = _STATUS.search(header(block, "Status"))
    code = match[0] if match else ""
    has_reason = status is DeliveryStatus.BOUNCED and code
    return Receipt(
        dedup_key=_key(mail, attempt_id, word, code),
        status=status,
        attempt_id=attempt_id,
        word=word,
        code=code,
        reason_class=reason_of(code) if has_reason else None,
        occurred_at=instant(header(block, "Last-Attempt-Date")) or instant(header(mail, "Date")),
    )


def _key(mail: Message, attempt_id: str, word: str, code: str) -> str:
    return f"bounce:{attempt_id or header(mail, 'Message-ID')}:{word}:{code}"[:400]


# ---------------------------------------------------------------- complaints, free text


def _complaint(mail: Message, attempt_id: str) -> Iterator[Receipt]:
    """A report of abuse: somebody called the message unwanted, and their provider tells us."""
    for part in mail.walk():
        if header(part, "Feedback-Type").lower() == "abuse":
            yield Receipt(
                dedup_key=_key(mail, attempt_id, "abuse", ""),
                status=DeliveryStatus.COMPLAINED,
                attempt_id=attempt_id,
                word="abuse",
                reason_class=ReasonClass.OPTED_OUT,
                occurred_at=instant(header(mail, "Date")),
            )
            return


def _free_text(mail: Message) -> Iterator[Receipt]:
    if not is_from_server(mail):
        return
    texts = [text_of(part)[:_TEXT] for part in islice(mail.walk(), 20) if part.get_content_type() == "text/plain"]
    attempt_id = _returned_to(mail) or next(_returned_ids(mail), "") or next(_quoted_ids(texts), "")
    # Above the copy of our message, which might speak of anything.
    failure = next((match for text in texts if (match := _FAILURE.search(_above_copy(text)))), None)
    if attempt_id and failure:
        yield Receipt(
            dedup_key=_key(mail, attempt_id, "failed", failure[0]),
            status=DeliveryStatus.BOUNCED,
            attempt_id=attempt_id,
            word="failed",
            code=failure[0],
            reason_class=reason_of(failure[0]),
            occurred_at=instant(header(mail, "Date")),
        )


def is_from_server(mail: Message) -> bool:
    """Whether a mail server wrote this: it says so, and no person's address is where an answer would go."""
    written_by = [address for _, address in addresses(headers(mail, "From"))]
    return any(address.partition("@")[0].lower() in _DAEMONS for address in written_by)


def _quoted_ids(texts: list[str]) -> Iterator[str]:
    for text in texts:
        yield from (match[1] for match in _QUOTED_ID.finditer(text))


def _above_copy(text: str) -> str:
    match = re.search(r"^[> \t]*(Message-ID|Return-Path|Received):", text, re.IGNORECASE | re.MULTILINE)
    return text[: match.start()] if match else text
