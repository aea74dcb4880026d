"""Twilio's webhooks: is it Twilio, and what does it say. Needs no SDK; stores and answers nothing."""

import base64
import hashlib
import hmac
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import msgspec

from channels import fields
from channels.contract import Channel, Inbound, Receipt, canonical
from channels.errors import InvalidMessage
from channels.provider import (
    Parsed,
    RawEvent,
    RawRequest,
    Reply,
    Secrets,
    Webhook,
    key_or_digest,
    storable,
    unknown_words,
)
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


def stored_event(form: Mapping[str, str], *, attempt_id: str = "") -> str:
    """The body under which such a webhook is kept, for who learnt its fields in another way (`MessageSid`, …)."""
    query = urlencode({"attempt": attempt_id}) if attempt_id else ""
    return f"{query}\n{urlencode(form)}"


def split_status(request: RawRequest) -> tuple[RawEvent, ...]:
    """One event, which is the same as long as message and status are."""
    form = _form(request)
    sid, word = form.get("MessageSid", ""), _word(form)
    return (_kept(request, f"{sid}:{word}" if sid and word else ""),)


def split_inbound(request: RawRequest) -> tuple[RawEvent, ...]:
    """One event, known by the message's own id."""
    return (_kept(request, _form(request).get("MessageSid", "")),)


def _kept(request: RawRequest, key: str) -> RawEvent:
    query = urlsplit(request.url).query.replace("\n", "")
    form = storable(_form_bytes(request).replace(b"\0", b"%00"))
    return RawEvent(key_or_digest(key, query.encode("utf-8", "replace") + b"\n" + request.body), f"{query}\n{form}")


def _form_bytes(request: RawRequest) -> bytes:
    """The form as it came; a JSON object of texts becomes one."""
    if not request.headers.get("content-type", "").lower().startswith("application/json"):
        return request.body
    try:
        return urlencode(msgspec.json.decode(request.body, type=dict[str, str])).encode()
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return b""


def _form(request: RawRequest) -> dict[str, str]:
    return dict(_fields(_form_bytes(request)) or ())


def _opened(body: str) -> tuple[str, dict[str, str]]:
    """Query and form of a kept event."""
    query, _, form = body.partition("\n")
    # No database holds a zero byte; nobody can type one.
    return query, {name: text.replace("\0", "") for name, text in _fields(form.encode("utf-8", "replace")) or ()}


def _word(form: Mapping[str, str]) -> str:
    return form.get("MessageStatus") or form.get("SmsStatus", "")


def read_status(body: str) -> Parsed:
    """The receipt of one status callback. The attempt id is in the query, where we put it."""
    query, form = _opened(body)
    sid, word = form.get("MessageSid", ""), _word(form)
    if not sid or not word:
        return Parsed(faults=("a status callback without MessageSid or MessageStatus",))
    attempt_id = _attempt_id(query)
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
    return Parsed(
        (receipt,),
        () if attempt_id else ("a status callback whose URL names no attempt",),
        () if word.lower() in STATUSES else unknown_words(word),
    )


def _attempt_id(query: str) -> str:
    given = parse_qs(query).get("attempt", [""])[0]
    try:
        fields.check_attempt_id("Receipt.attempt_id", given)
    except InvalidMessage:
        return ""
    return given


def read_inbound(body: str) -> Parsed:
    """What a person wrote. Twilio's OptOutType knows exact keywords only: read the text too."""
    _, form = _opened(body)
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
_MEDIA_TYPES = frozenset({"application/x-www-form-urlencoded", "application/json"})

WEBHOOKS: Mapping[str, Webhook] = MappingProxyType(
    {
        "status": Webhook(
            verify=verify,
            split=split_status,
            read=read_status,
            media_types=_MEDIA_TYPES,
            signed_by=_SIGNATURE,
            at_once=128,
        ),
        "inbound": Webhook(
            verify=verify,
            split=split_inbound,
            read=read_inbound,
            media_types=_MEDIA_TYPES,
            signed_by=_SIGNATURE,
            reply=_SAY_NOTHING,
        ),
    }
)
