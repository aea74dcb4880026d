"""What a provider's own books tell of the time when nobody listened: the very events that its webhooks would have told.

Beside the contract: an adapter that keeps it can repair a gap. Stores nothing.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol, runtime_checkable

from msgspec import Struct

from channels.errors import ChannelError
from channels.provider import RawEvent


class LedgerAway(ChannelError):
    """The books cannot be read now, or not whole: what was told before it is true, the rest is to be asked again."""


class Told(Struct, frozen=True, kw_only=True):
    """One event: `kind` is that of the webhook which brings the like (`status`, `inbound`), under the same key.

    `provider_id` is the message's name with the provider, `at` the instant that it gives, aware.
    """

    kind: str
    event: RawEvent
    provider_id: str
    at: datetime | None = None


@runtime_checkable
class Tells(Protocol):
    """An adapter whose provider can be asked what happened since an instant, by messages of either direction."""

    def told_since(self, since: datetime) -> Iterator[tuple[Told, ...]]:
        """Batches of events, in no order, some older than asked. Raises LedgerAway, perhaps after some batches."""
        ...
