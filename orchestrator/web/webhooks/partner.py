"""The feed of a bank or an ERP: payments by Standard Webhooks, taken apart into one event for each row."""

from collections.abc import Callable
from datetime import datetime

import msgspec

from channels.provider import Parsed, RawEvent, RawRequest, Secrets, Webhook, key_or_digest, storable
from channels.standard_webhooks import ID, SIGNATURE, verify
from orchestrator.flows.partner_payments import SOURCE

__all__ = ["SOURCE", "payments_webhook"]


class _Sent(msgspec.Struct):
    """What we look at to take a body apart; the rest stays as it came."""

    type: str
    data: msgspec.Raw


def payments_webhook(clock: Callable[[], datetime]) -> Webhook:
    """`clock` tells the wall's instant, by which signatures are recent."""

    def is_signed(request: RawRequest, secrets: Secrets) -> bool:
        return verify(request.headers, request.body, secrets, clock())

    media_types = frozenset({"application/json"})
    return Webhook(verify=is_signed, split=_split, read=_read, media_types=media_types, signed_by=SIGNATURE)


def _split(request: RawRequest) -> tuple[RawEvent, ...]:
    """One event under the id of the webhook; those of a list under that id and their place, from 1."""
    name = request.headers.get(ID, "")
    rows = _rows(request.body)
    if rows is None:
        return (RawEvent(key_or_digest(name, request.body), storable(request.body)),)
    return tuple(RawEvent(key_or_digest(f"{name}:{place}", row), storable(row)) for place, row in enumerate(rows, 1))


def _rows(body: bytes) -> list[bytes] | None:
    """Each row of a list as a body of its own; None for any other body."""
    try:
        sent = msgspec.json.decode(body, type=_Sent)
        rows = msgspec.json.decode(sent.data, type=list[msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return [msgspec.json.encode({"type": sent.type, "data": row}) for row in rows]


def _read(_body: str) -> Parsed:
    """A payment is no fact of a message: `flows.partner_payments` reads it."""
    return Parsed()
