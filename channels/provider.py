"""What a provider's modules give to the registry, and what they are given: options for an adapter, raw webhooks."""

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

from msgspec import Struct

from channels.contract import Adapter, Channel, Inbound, Message, Outcome, Receipt

Clock = Callable[[], datetime]
"""Gives the aware instant of now; a simulator gives its own."""

Verdict = Callable[[Message], Outcome | None]
"""Scripts the answer to a message; None means the usual one."""


class ProviderOptions(Struct, frozen=True, kw_only=True):
    """What an adapter may be built with; each provider takes what it needs and refuses to do without.

    `settings` are the provider's own words (account, sender, base URL, secret) by name. `outbox` and
    `verdict` serve the sandbox.
    """

    settings: Mapping[str, str] = MappingProxyType({})
    outbox: Path | None = None
    clock: Clock | None = None
    verdict: Verdict | None = None

    def __repr__(self) -> str:
        return f"ProviderOptions(settings: {', '.join(sorted(self.settings))})"  # names only: some are secrets


Build = Callable[[Channel, ProviderOptions], Adapter]
"""Makes the adapter of one channel; raises InvalidOptions for what it lacks."""


# ---------------------------------------------------------------- webhooks


class RawRequest(Struct, frozen=True, kw_only=True):
    """A webhook as it arrived, its body not yet read by anybody.

    `url` is the address that the provider was told to call: our configured public base, then path and query as they
    came, undecoded. Never what a framework makes of the request: a proxy changes host, scheme and port.
    `headers` have names in lower case.
    """

    method: str = "POST"
    url: str
    headers: Mapping[str, str]
    body: bytes


Secrets = tuple[str, ...]
"""Tokens or public keys of which any one may verify: the current one, and another while keys are being changed."""


class RawEvent(Struct, frozen=True):
    """One event of a verified webhook, as it came. `key` is the same for ever, however often the event is told.

    `body` is text that a database can hold, in a form that the provider's module alone reads, perhaps years later.
    """

    key: str
    body: str

    def __repr__(self) -> str:
        return "RawEvent()"  # it holds personal data


class Parsed(Struct, frozen=True):
    """What an event says. `faults` say of parts that could not be read why, without personal data.

    `unknown` are words that no table has: what they are about is told as UNKNOWN, and somebody should look.
    """

    facts: tuple[Receipt | Inbound, ...] = ()
    faults: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


class Reply(Struct, frozen=True):
    """What the provider wants to hear once its webhook is stored."""

    status: int = 204
    media_type: str = ""
    body: bytes = b""


class Webhook(Struct, frozen=True, kw_only=True):
    """One kind of webhook of a provider. None of its functions raises for anything that a stranger may send.

    `verify` says whether the provider sent these very bytes; without a secret nothing is verified. `split` takes what
    was verified apart into events, each to be kept under its key; what cannot be read is one as well. `read` says what
    a kept event says, perhaps much later: a word it does not know is UNKNOWN, a part it cannot read a fault.
    `is_secret` says of a text whether it could verify anything; without the header `signed_by` nothing is verified.
    A request has one of `media_types`, at most `most_bytes`, and a large one `at_once` others of its kind beside it.
    """

    verify: Callable[[RawRequest, Secrets], bool]
    split: Callable[[RawRequest], tuple[RawEvent, ...]]
    read: Callable[[str], Parsed]
    media_types: frozenset[str]
    signed_by: str
    is_secret: Callable[[str], bool] = bool
    reply: Reply = Reply()
    most_bytes: int = 256 * 1024
    at_once: int = 64

    def parse(self, request: RawRequest) -> Parsed:
        """What every event of a request says."""
        told = [self.read(event.body) for event in self.split(request)]
        return Parsed(
            tuple(fact for each in told for fact in each.facts),
            tuple(fault for each in told for fault in each.faults),
            tuple(word for each in told for word in each.unknown),
        )


_LONGEST_KEY = 200
_LONGEST_WORD = 40


def key_or_digest(name: str, body: bytes) -> str:
    """The provider's own name for an event where it can be a key, else a digest of the event."""
    is_fit = 0 < len(name) <= _LONGEST_KEY and name.isascii() and name.isprintable()
    return name if is_fit else f"sha256:{hashlib.sha256(body).hexdigest()}"


def storable(body: bytes) -> str:
    """Bytes as text that a database can hold: as they are when they are UTF-8, with what is not written out."""
    return body.decode("utf-8", "backslashreplace").replace("\0", "\\x00")


def unknown_words(word: str) -> tuple[str, ...]:
    """A word of tomorrow as it may be shown."""
    return ("".join(character for character in word[:_LONGEST_WORD] if character.isprintable()),)


class Provider(Struct, frozen=True, kw_only=True):
    """One provider: the channels it serves, where its code is as `module:name`, and what a person may set.

    `build` names a Build. `webhooks` names a Mapping[str, Webhook] by kind, the last word of the URL called
    (`status`, `inbound`); empty when the provider never calls back. `settings` are the names that a person may give;
    those in `secrets` never stand in a file. `callback` is the setting that takes the public address of the `status`
    webhook, made by the caller; `webhook_secret` the setting that verifies webhooks when no other secret is given.
    """

    channels: frozenset[Channel]
    build: str
    webhooks: str = ""
    settings: frozenset[str] = frozenset()
    secrets: frozenset[str] = frozenset()
    callback: str = ""
    webhook_secret: str = ""
