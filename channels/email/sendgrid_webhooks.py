"""SendGrid's event webhook: is it SendGrid, and what do the events of its batch say. Needs no SDK.

https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features
"""

import base64
import hashlib
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
from channels.email.sendgrid_tables import CLASSIFICATIONS, DECISIONS, EVENTS, NO_EVIDENCE, reason_of_drop
from channels.email.smtp_replies import reason_of
from channels.errors import InvalidMessage
from channels.provider import Parsed, RawRequest, Secrets, Webhook

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
        signature = base64.b64decode(request.headers.get(SIGNATURE, ""), validate=True)
        signed = request.headers.get(TIMESTAMP, "").encode("ascii") + request.body
    except ValueError:  # not base64, not ASCII
        return False
    return any(_is_signed(secret, signature, signed) for secret in secrets)


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


def parse(request: RawRequest) -> Parsed:
    """A receipt for each event that says something; one that cannot be read is a fault, and the others are kept."""
    try:
        events = msgspec.json.decode(request.body, type=list[msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Parsed(faults=("a batch of events that is not a JSON array",))
    facts: list[Receipt] = []
    faults: list[str] = []
    for number, raw in enumerate(events, start=1):
        try:
            event = msgspec.json.decode(raw, type=_Event, strict=False)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            faults.append(f"event {number} of {len(events)} cannot be read")
            continue
        if event.event not in NO_EVIDENCE:
            facts.append(_receipt(event, bytes(raw)))
    return Parsed(tuple(facts), tuple(faults))


def _receipt(event: _Event, raw: bytes) -> Receipt:
    word = "blocked" if event.event == "bounce" and event.type == "blocked" else event.event
    status = canonical(EVENTS, word)
    return Receipt(
        dedup_key=event.sg_event_id or hashlib.sha256(raw).hexdigest(),
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


WEBHOOKS: Mapping[str, Webhook] = MappingProxyType({"status": Webhook(verify=verify, parse=parse)})
