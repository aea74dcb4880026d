"""Lanes become adapters: secrets taken from their variables, callback addresses made, base addresses replaced.

Owns what a lane needs beside its file, and what tells two processes that their lanes differ. Sends nothing.
"""

import hashlib
import ipaddress
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from channels.contract import Adapter
from channels.errors import ChannelError
from channels.provider import Clock, ProviderOptions
from channels.registry import PROVIDERS, adapter, provider
from orchestrator.domain.errors import InputError
from orchestrator.domain.lane import Lane

# A server of this machine that listens there is a relay to the world; a stand-in has another port.
_PORTS_OF_MAIL = frozenset({"25", "465", "587"})
_USUAL_PORTS = {"none": "25", "starttls": "587", "tls": "465"}


class Wiring(msgspec.Struct, frozen=True, kw_only=True):
    """What the adapters of a deployment are made with. `clock` is the sandbox's, shifted on a staging database."""

    environ: Mapping[str, str]
    public_url: str
    base_urls: Mapping[str, str]
    outbox: Path
    clock: Clock
    real_clock: Clock

    def __repr__(self) -> str:
        return f"Wiring({self.public_url})"  # the environment holds secrets


def adapter_of(lane: Lane, wiring: Wiring) -> Adapter:
    """The adapter of a lane. Raises InputError, with the lane as its place, for what it lacks; never quotes a value."""
    missing = missing_variables(lane, wiring.environ)
    if missing:
        raise InputError(
            f"the environment variable {', '.join(missing)} has no value",
            hint="the lanes file names it: set it where Relance is started",
            where=f"lane {lane.id}",
            code="lane_secret_missing",
        )
    options = ProviderOptions(
        settings=open_settings(lane, wiring) | {name: wiring.environ[of] for name, of in lane.variables.items()},
        outbox=wiring.outbox if lane.is_sandbox else None,
        clock=wiring.clock if lane.is_sandbox else wiring.real_clock,
    )
    try:
        return adapter(lane.provider, lane.channel, options)
    except ChannelError as error:
        where = f"lane {lane.id}" + (f", {error.where}" if error.where else "")
        raise InputError(error.message, hint=error.hint, where=where, code="lane_unusable") from None


def missing_variables(lane: Lane, environ: Mapping[str, str]) -> tuple[str, ...]:
    """The environment variables that a lane names and that have no value, each once."""
    named = dict.fromkeys((*lane.variables.values(), *lane.webhook_secrets))
    return tuple(name for name in named if not environ.get(name))


def open_settings(lane: Lane, wiring: Wiring) -> dict[str, str]:
    """The settings of a lane that are no secret, with those that the deployment gives."""
    known = provider(lane.provider)
    settings = dict(lane.settings)
    if lane.provider in wiring.base_urls:
        settings["base_url"] = wiring.base_urls[lane.provider]
    if known.callback:
        settings[known.callback] = callback_url(lane.provider, "status", wiring.public_url)
    return settings


def callback_url(provider_name: str, kind: str, public_url: str) -> str:
    """Where a provider posts what it has to tell (design 11)."""
    return f"{public_url}/webhooks/{provider_name}/{kind}"


def webhook_variables(lane: Lane) -> tuple[str, ...]:
    """The variables whose values verify the webhooks of a lane; none when its provider's endpoint stays closed."""
    known = provider(lane.provider)
    if not known.webhooks:
        return ()
    own = lane.variables.get(known.webhook_secret)
    return lane.webhook_secrets or ((own,) if own else ())


def webhook_secrets(lanes: Iterable[Lane], provider_name: str, environ: Mapping[str, str]) -> tuple[str, ...]:
    """What may verify a webhook of that provider, whichever of its lanes it is about; empty closes the endpoint."""
    named = (name for lane in lanes if lane.provider == provider_name for name in webhook_variables(lane))
    return tuple(environ[name] for name in dict.fromkeys(named) if environ.get(name))


def stays_on_machine(lane: Lane, base_urls: Mapping[str, str]) -> bool:
    """Whether nothing that a lane sends can leave this machine: the sandbox, or a stand-in on the loopback."""
    if lane.is_sandbox:
        return True
    settings = lane.settings | ({"base_url": base_urls[lane.provider]} if lane.provider in base_urls else {})
    if "base_url" in PROVIDERS[lane.provider].settings:
        return is_loopback(settings.get("base_url", ""))
    if "host" not in settings:
        return False
    port = settings.get("port") or _USUAL_PORTS.get(settings.get("security", "starttls"), "25")
    return is_loopback(f"//{settings['host']}") and port not in _PORTS_OF_MAIL


def is_loopback(url: str) -> bool:
    """Whether an address is of this machine only."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def digest_of(lanes: Iterable[Lane], wiring: Wiring) -> str:
    """Equal for two processes whose messages would leave the same way; holds no secret, nor where the outbox is."""
    told = [(lane, open_settings(lane, wiring)) for lane in lanes]
    return hashlib.sha256(msgspec.json.encode(told, order="deterministic")).hexdigest()[:16]
