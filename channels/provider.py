"""What a provider's modules give to the registry, and what they are given: options for an adapter, raw webhooks."""

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


class Parsed(Struct, frozen=True):
    """What a verified webhook says. `faults` say of parts that could not be read why, without personal data."""

    facts: tuple[Receipt | Inbound, ...] = ()
    faults: tuple[str, ...] = ()


class Reply(Struct, frozen=True):
    """What the provider wants to hear once its webhook is stored."""

    status: int = 204
    media_type: str = ""
    body: bytes = b""


class Webhook(Struct, frozen=True, kw_only=True):
    """One kind of webhook of a provider. Neither function raises for anything that a stranger may send.

    `verify` says whether the provider sent these very bytes; without a secret nothing is verified. `parse` reads
    bytes that were verified, perhaps much later: a word it does not know is UNKNOWN, a part it cannot read a fault.
    """

    verify: Callable[[RawRequest, Secrets], bool]
    parse: Callable[[RawRequest], Parsed]
    reply: Reply = Reply()


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
