"""SendGrid's event webhook: is it SendGrid, and what do the events of its batch say. Needs no SDK.

https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features
"""

import base64
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from types import MappingProxyType

import msgspec
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key

from channels import fields
from channels.contract import DeliveryStatus, ReasonClass, Receipt, canonical
from channels.email import sendgrid_inbound
from channels.email.sendgrid_tables import CLASSIFICATIONS, DECISIONS, EVENTS, NO_EVIDENCE, reason_of_drop
from channels.email.smtp_replies import reason_of
from channels.errors import InvalidMessage
from channels.provider import Parsed, RawEvent, RawRequest, Secrets, Webhook, key_or_digest, storable, unknown_words

SIGNATURE = "x-twilio-email-event-webhook-signature"
TIMESTAMP = "x-twilio-email-event-webhook-timestamp"
_PEM_LINE = re.compile(r"-----[A-Z ]+-----|\s")
_SERVER_PART = re.compile(r"\.(filter|recvd-)")  # what the event's id has behind the X-Message-Id of the answer
_ENHANCED = re.compile(r"[245]\.[0-9]{1,3}\.[0-9]{1,3}")


# ---------------------------------------------------------------- is it SendGrid


def verify(request: RawRequest, secrets: Secrets) -> bool:
    """Whether one of the public keys verifies timestamp and body, byte for byte.

    No age is judged: SendGrid delivers for 24 hours and is not known to sign again. `dedup_key` stops a replay.
    """
    try:
        given = request.headers.get(SIGNATURE, "")
        signature = base64.b64decode(given, validate=True)
        if base64.b64encode(signature) != given.encode("ascii"):  # another way to write the same bytes is not theirs
            return False
        signed = request.headers.get(TIMESTAMP, "").encode("ascii") + request.body
    except ValueError:  # not base64, not ASCII
        return False
    return any(_is_signed(secret, signature, signed) for secret in secrets)


def is_public_key(secret: str) -> bool:
    """Whether this is a key that SendGrid could have shown."""
    return _public_key(secret) is not None


def _is_signed(secret: str, signature: bytes, signed: bytes) -> bool:
    key = _public_key(secret)
    if key is None:
        return False
    try:
        key.verify(signature, signed, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


@lru_cache(maxsize=16)
def _public_key(secret: str) -> ec.EllipticCurvePublicKey | None:
    """The key that SendGrid shows, base64 of DER, with or without PEM lines; None for anything but P-256."""
    try:
        key = load_der_public_key(base64.b64decode(_PEM_LINE.sub("", secret), validate=True))
    except (ValueError, UnsupportedAlgorithm):
        return None
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        return key
    return None


# ---------------------------------------------------------------- what does it say


class _Event(msgspec.Struct):
    """The fields we read; the recipient's address is not one of them."""

    event: str
    timestamp: float | None = None
    sg_event_id: str | None = None
    sg_message_id: str | None = None
    attempt_id: str | None = None  # our custom argument, which SendGrid puts among its own fields
    type: str | None = None
    status: str | None = None
    reason: str | None = None
    bounce_classification: str | None = None


def split(request: RawRequest) -> tuple[RawEvent, ...]:
    """Each event of the batch under SendGrid's id for it; what cannot be read as well, and not what proves nothing."""
    try:
        events = msgspec.json.decode(request.body, type=list[msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return (RawEvent(key_or_digest("", request.body), storable(request.body)),)
    kept: list[RawEvent] = []
    for raw in events:
        event = _event(bytes(raw))
        if event is None or event.event not in NO_EVIDENCE:
            name = (event.sg_event_id or "") if event else ""
            kept.append(RawEvent(key_or_digest(name, bytes(raw)), storable(bytes(raw))))
    return tuple(kept)


def read(body: str) -> Parsed:
    """The receipt of one event."""
    raw = body.encode("utf-8", "replace")
    event = _event(raw)
    if event is None:
        return Parsed(faults=("this is no event of SendGrid",))
    if event.event in NO_EVIDENCE:
        return Parsed()
    is_known = event.event in EVENTS or event.event in DECISIONS
    return Parsed((_receipt(event, raw),), unknown=() if is_known else unknown_words(event.event))


def _event(raw: bytes) -> _Event | None:
    try:
        return msgspec.json.decode(raw, type=_Event, strict=False)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _receipt(event: _Event, raw: bytes) -> Receipt:
    word = "blocked" if event.event == "bounce" and event.type == "blocked" else event.event
    status = canonical(EVENTS, word)
    return Receipt(
        dedup_key=key_or_digest(event.sg_event_id or "", raw),
        status=status,
        attempt_id=_attempt_id(event.attempt_id or ""),
        provider_id=_SERVER_PART.split(event.sg_message_id or "")[0],
        word=word,
        code=_enhanced(event.status),
        reason_class=_reason(event, status),
        occurred_at=_instant(event.timestamp),
    )


def _reason(event: _Event, status: DeliveryStatus) -> ReasonClass | None:
    if event.event in DECISIONS:
        return DECISIONS[event.event]
    if event.event == "dropped":
        return reason_of_drop(event.reason or "")
    if status not in {DeliveryStatus.BOUNCED, DeliveryStatus.FAILED}:
        return None
    code = _enhanced(event.status)
    by_code = reason_of(code) if code else ReasonClass.UNKNOWN
    return CLASSIFICATIONS.get((event.bounce_classification or "").strip().lower(), by_code)


def _enhanced(status: str | None) -> str:
    match = _ENHANCED.fullmatch((status or "").strip())
    return match[0] if match else ""


def _attempt_id(given: str) -> str:
    """Empty for mail that others send by the same account."""
    try:
        fields.check_attempt_id("Receipt.attempt_id", given)
    except InvalidMessage:
        return ""
    return given


def _instant(seconds: float | None) -> datetime | None:
    try:
        return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


_BATCH_BYTES = 2 * 1024 * 1024  # SendGrid's are 768 KB

WEBHOOKS: Mapping[str, Webhook] = MappingProxyType(
    {
        "events": Webhook(
            verify=verify,
            split=split,
            read=read,
            is_secret=is_public_key,
            media_types=frozenset({"application/json"}),
            signed_by=SIGNATURE,
            most_bytes=_BATCH_BYTES,
            at_once=32,
        ),
        "inbound": Webhook(
            verify=verify,
            split=sendgrid_inbound.split,
            read=sendgrid_inbound.read,
            is_secret=is_public_key,
            media_types=sendgrid_inbound.MEDIA_TYPES,
            signed_by=SIGNATURE,
            most_bytes=sendgrid_inbound.MOST_BYTES,
            at_once=sendgrid_inbound.AT_ONCE,
        ),
    }
)
