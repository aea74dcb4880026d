"""Twilio's list of messages read into the events that its webhooks bring. Owns no call: see twilio.py.

An account that others send by too tells of their messages as well; who asks knows its own.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from channels.ledger import Told
from channels.provider import RawEvent, key_or_digest
from channels.sms.twilio_webhooks import stored_event

_BATCH = 200
# The manual sorts by the instant of sending, the latest first; one message out of place must not end the reading.
_OLDER_IN_A_ROW = 200
# What no callback would say: the message still is where our call left it.
_SAYS_NOTHING = frozenset({"accepted", "scheduled", "queued", "sending", "receiving"})


def events_of(messages: Iterable[Any], since: datetime) -> Iterator[tuple[Told, ...]]:
    """Batches of what these messages of the SDK tell, until they are older than `since`."""
    batch: list[Told] = []
    older = 0
    for message in messages:
        is_older = message.date_sent is not None and message.date_sent < since
        older = older + 1 if is_older else 0
        if older >= _OLDER_IN_A_ROW:
            break
        told = None if is_older else _told(message)
        if told is not None:
            batch.append(told)
        if len(batch) == _BATCH:
            yield tuple(batch)
            batch = []
    if batch:
        yield tuple(batch)


def _told(message: Any) -> Told | None:
    sid, word = str(message.sid or ""), str(message.status or "")
    if not sid or word in _SAYS_NOTHING:
        return None
    if message.direction == "inbound":
        form = {"MessageSid": sid, "From": message.from_, "To": message.to, "Body": message.body}
        return _event("inbound", sid, form, message)
    form = {"MessageSid": sid, "MessageStatus": word, "ErrorCode": message.error_code or "", "To": message.to}
    return _event("status", f"{sid}:{word}", form, message)


def _event(kind: str, key: str, form: dict[str, Any], message: Any) -> Told:
    body = stored_event({name: str(text) for name, text in form.items() if text not in (None, "")})
    event = RawEvent(key_or_digest(key, body.encode()), body)
    return Told(kind=kind, event=event, provider_id=str(message.sid), at=message.date_sent)
