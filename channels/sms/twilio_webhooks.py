"""Twilio's webhooks: is it Twilio, and what does it say. Needs no SDK; stores and answers nothing."""

import base64
import hashlib
import hmac
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from urllib.parse import parse_qs, parse_qsl, urlsplit

from channels import fields
from channels.contract import Channel, Inbound, Receipt, canonical
from channels.errors import InvalidMessage
from channels.provider import Parsed, RawRequest, Reply, Secrets, Webhook
from channels.sms.twilio_tables import STATUSES, reason_of

_SIGNATURE = "x-twilio-signature"
_SIGNATURE_SETTINGS = "x-twilio-webhooks-signature-settings"  # key=...,algorithm=...: signed with a shared key
_ALGORITHMS = {"HMAC_SHA1": "sha1", "HMAC_SHA256": "sha256"}
_BODY_LIMIT = 262_144
_FIELD_LIMIT = 400


# ---------------------------------------------------------------- is it Twilio


def verify(request: RawRequest, secrets: Secrets) -> bool:
    """Whether one of the tokens signed the URL called and every field of the body, those we do not know too.

    https://www.twilio.com/docs/usage/security. There is no instant in it: a replay verifies, and only `dedup_key`
    stops it. Twilio is inconsistent about the port in the URL it signs, so both spellings count.
    """
    signature = request.headers.get(_SIGNATURE, "").encode("utf-8", "replace")
    algorithm = _algorithm(request.headers.get(_SIGNATURE_SETTINGS, ""))
    after_url = _signed_after_url(request)
    if not signature or algorithm is None or after_url is None:
        return False
    is_signed = False
    for url in _spellings(request.url):
        text = (url + after_url).encode("utf-8", "replace")
        for secret in secrets:
            if secret:  # an empty key is known to everybody
                digest = hmac.digest(secret.encode(), text, algorithm)
                is_signed |= hmac.compare_digest(base64.b64encode(digest), signature)
    return is_signed


def _algorithm(settings: str) -> str | None:
    """The hash that the request names, None for one that we do not know; SHA-1 when it names none."""
    for part in settings.split(","):
        name, equals, text = part.partition("=")
        if equals and name.strip() == "algorithm" and text.strip():
            return _ALGORITHMS.get(text.strip().upper())
    return "sha1"


def _signed_after_url(request: RawRequest) -> str | None:
    """Names and texts of the form, sorted; nothing for JSON, whose hash is in the URL. None when it is no webhook."""
    if request.headers.get("content-type", "").lower().startswith("application/json"):
        digests = parse_qs(urlsplit(request.url).query).get("bodySHA256", [])
        body_digest = hashlib.sha256(request.body).hexdigest()
        return "" if len(digests) == 1 and hmac.compare_digest(body_digest, digests[0].lower()) else None
    pairs = _fields(request.body)
    return None if pairs is None else "".join(name + text for name, text in sorted(set(pairs)))


def _fields(body: bytes) -> list[tuple[str, str]] | None:
    """Every field, empty and repeated ones too, without which the signature does not hold."""
    if len(body) > _BODY_LIMIT:
        return None
    try:
        return parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=_FIELD_LIMIT)
    except ValueError:
        return None


def _spellings(url: str) -> Iterator[str]:
    """The URL as it is and with its usual port added, or its port left out; without the fragment."""
    url = url.partition("#")[0]
    yield url
    scheme, separator, rest = url.partition("://")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return
    host = parts.netloc
    if port is None:
        other = f"{host}:{443 if scheme == 'https' else 80}"
    else:
        other = host.removesuffix(f":{port}")
    yield f"{scheme}{separator}{other}{rest[len(host) :]}"


# ---------------------------------------------------------------- what does it say


def parse_status(request: RawRequest) -> Parsed:
    """The receipt of one status callback. The attempt id is in the query, where we put it."""
    form = dict(_fields(request.body) or ())
    sid, word = form.get("MessageSid", ""), form.get("MessageStatus") or form.get("SmsStatus", "")
    if not sid or not word:
        return Parsed(faults=("a status callback without MessageSid or MessageStatus",))
    attempt_id = _attempt_id(request.url)
    code = form.get("ErrorCode", "")
    receipt = Receipt(
        dedup_key=f"{sid}:{word}",
        status=canonical(STATUSES, word.lower()),
        attempt_id=attempt_id,
        provider_id=sid,
        word=word,
        code=code,
        reason_class=reason_of(code),
    )
    return Parsed((receipt,), () if attempt_id else ("a status callback whose URL names no attempt",))


def _attempt_id(url: str) -> str:
    given = parse_qs(urlsplit(url).query).get("attempt", [""])[0]
    try:
        fields.check_attempt_id("Receipt.attempt_id", given)
    except InvalidMessage:
        return ""
    return given


def parse_inbound(request: RawRequest) -> Parsed:
    """What a person wrote. Twilio's OptOutType knows exact keywords only: read the text too."""
    form = dict(_fields(request.body) or ())
    sid, sender = form.get("MessageSid", ""), form.get("From", "")
    if not sid or not sender:
        return Parsed(faults=("an inbound message without MessageSid or From",))
    inbound = Inbound(
        channel=Channel.SMS,
        dedup_key=sid,
        sender=sender,
        to=form.get("To", ""),
        text=form.get("Body", ""),
        provider_id=sid,
        opt_out_type=form.get("OptOutType", ""),
    )
    return Parsed((inbound,))


_SAY_NOTHING = Reply(200, "text/xml", b'<?xml version="1.0" encoding="UTF-8"?><Response/>')

WEBHOOKS: Mapping[str, Webhook] = MappingProxyType(
    {
        "status": Webhook(verify=verify, parse=parse_status),
        "inbound": Webhook(verify=verify, parse=parse_inbound, reply=_SAY_NOTHING),
    }
)
