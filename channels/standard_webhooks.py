"""Standard Webhooks: signs what we post, and says whether who posts to us knows the secret. Stores nothing.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md, the symmetric scheme `v1`.
"""

import base64
import binascii
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from channels.errors import InvalidOptions

ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
PREFIX = "whsec_"
# How far the clock of the sender may be from ours; also how long a webhook caught on its way could be posted again.
TOLERANCE = timedelta(minutes=5)
# The specification asks for 24 to 64 bytes; a key of a few is guessed.
_SHORTEST_KEY = 16
_LONGEST_ID = 256
_VERSION = "v1,"


def sign(secret: str, message_id: str, at: datetime, body: bytes) -> str:
    """The text of the header `webhook-signature` for one secret; join those of several by a space.

    `webhook-id` is `message_id`, `webhook-timestamp` the whole seconds of `at`. Raises InvalidOptions for a secret
    that is no `whsec_` and base64, and for an id with a dot, which would let two messages bear one signature.
    """
    key = key_of(secret)
    if key is None:
        hint = f"write {PREFIX} and the base64 of at least {_SHORTEST_KEY} random bytes"
        raise InvalidOptions("webhook_secret", "this is no secret of a Standard Webhook", hint=hint)
    if not _is_id(message_id):
        raise InvalidOptions("webhook_id", "this cannot be the id of a webhook", hint="use letters, digits, - and _")
    return _VERSION + _signature(key, message_id, str(int(at.timestamp())), body)


def verify(headers: Mapping[str, str], body: bytes, secrets: Sequence[str], now: datetime) -> bool:
    """Whether one of the secrets signed id, timestamp and body, less than five minutes from `now`, the real instant.

    `headers` have names in lower case. Never raises, whatever a stranger sends; a secret that is none verifies nothing.
    """
    message_id, timestamp = headers.get(ID, ""), headers.get(TIMESTAMP, "")
    if not _is_id(message_id) or not _is_recent(timestamp, now):
        return False
    told = [each.removeprefix(_VERSION) for each in headers.get(SIGNATURE, "").split() if each.startswith(_VERSION)]
    is_signed = False
    for secret in secrets:
        key = key_of(secret)
        if key is not None:
            expected = _signature(key, message_id, timestamp, body).encode()
            for each in told:
                is_signed |= hmac.compare_digest(expected, each.encode("utf-8", "replace"))
    return is_signed


def key_of(secret: str) -> bytes | None:
    """The bytes of a secret; None for what is no secret, or too short to be one."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        return None
    return key if len(key) >= _SHORTEST_KEY else None


def _signature(key: bytes, message_id: str, timestamp: str, body: bytes) -> str:
    signed = f"{message_id}.{timestamp}.".encode() + body
    return base64.b64encode(hmac.digest(key, signed, "sha256")).decode()


def _is_id(text: str) -> bool:
    return 0 < len(text) <= _LONGEST_ID and "." not in text and text.isascii() and text.isprintable()


def _is_recent(timestamp: str, now: datetime) -> bool:
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return False
    return abs(now.timestamp() - int(timestamp)) <= TOLERANCE.total_seconds()
