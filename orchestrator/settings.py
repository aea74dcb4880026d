"""The settings of a deployment, read once from the environment: names, defaults, checks. Wires nothing."""

import os
from collections.abc import Collection, Mapping
from datetime import datetime
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

import orchestrator
from channels.standard_webhooks import key_of
from orchestrator.domain.errors import InputError, did_you_mean

ENVIRONMENT: Mapping[str, str] = os.environ
PREFIX = "RELANCE_"
NAMES = (
    "HOME", "DATABASE_URL", "REDIS_URL", "CAMPAIGNS", "TEMPLATES", "LANES", "PUBLIC_URL", "SECRET_KEY", "LANGUAGE",
    "LOG_FORMAT", "NOW", "TWILIO_BASE_URL", "SENDGRID_BASE_URL", "PARTNER_SECRETS", "PRIVATE_ENDPOINTS",
    "TRUSTED_PROXIES",
)  # fmt: skip
# A demonstration has a home of its own and reaches nobody: it does as if these were unset (semantics D7).
IGNORED_BY_DEMO = ("DATABASE_URL", "REDIS_URL", "LANES", "NOW")
# Names that belong to tests and other programs of ours.
_NOT_SETTINGS = ("REQUIRE_SERVICES", "TEST_", "BENCH_", "HYPOTHESIS_")
# Where a process of our own answers, while nobody has said another address.
_HERE = "http://127.0.0.1:8000"
_SHORTEST_KEY = 32  # characters
# A network as wide as this is nobody's own; whoever is within would be believed about where they are.
_WIDEST_PROXIES = {4: 8, 6: 16}  # bits of the prefix, by version

Network = IPv4Network | IPv6Network


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Where things are. `database_url` defaults to a SQLite file in `home`; `language` is that of the command line.

    `lanes` None means that every channel is the sandbox; `redis_url` empty, that one process does everything; `now`
    shifts the clock of a staging database. An empty base URL is the provider's own address. `partner_secrets` verify
    the feed of payments; without one nobody listens to it. `trusted_proxies` are believed about where a visitor is.
    """

    home: Path
    database_url: str
    campaigns: Path
    templates: Path
    redis_url: str = ""
    lanes: Path | None = None
    public_url: str = _HERE
    secret_key: str = ""
    language: str = "fr"
    log_format: str = "text"
    now: datetime | None = None
    twilio_base_url: str = ""
    sendgrid_base_url: str = ""
    partner_secrets: tuple[str, ...] = ()
    private_endpoints: bool = False
    trusted_proxies: tuple[Network, ...] = ()

    def __repr__(self) -> str:
        return f"Settings({self.home})"  # the addresses hold passwords, and one field is a secret

    @property
    def outbox(self) -> Path:
        """Where the sandbox writes what it would send."""
        return self.home / "outbox"

    @property
    def spool(self) -> Path:
        """Where events wait on the disk while the database is away."""
        return self.home / "spool"

    @property
    def fonts(self) -> Path:
        """The letters' fonts, in which charts and statements are set too."""
        return self.templates / "letter" / "fonts"

    @property
    def is_embedded(self) -> bool:
        """Whether the database is the SQLite file in `home`, which nobody else manages."""
        return self.database_url == _embedded_url(self.home)

    @property
    def base_urls(self) -> dict[str, str]:
        """The address to call instead of the provider's own, by provider."""
        given = {"twilio": self.twilio_base_url, "sendgrid": self.sendgrid_base_url}
        return {provider: url for provider, url in given.items() if url}


def read_settings(environ: Mapping[str, str] = ENVIRONMENT, *, ignoring: Collection[str] = ()) -> Settings:
    """The settings that the environment names, defaults for the rest. Raises InputError naming the variable.

    Settings named in `ignoring`, without prefix, count as unset.
    """
    prefixed = {name[len(PREFIX) :]: value for name, value in environ.items() if name.startswith(PREFIX)}
    given = {name: value.strip() for name, value in prefixed.items() if name not in ignoring}
    for name in given:
        if name not in NAMES and not name.startswith(_NOT_SETTINGS):
            raise InputError(
                f"the setting {PREFIX}{name} does not exist",
                hint=did_you_mean(PREFIX + name, [PREFIX + known for known in NAMES]) or "unset it",
                where=PREFIX + name,
            )
    home = Path(given.get("HOME") or Path.home() / ".relance").expanduser()
    return Settings(
        home=home,
        database_url=given.get("DATABASE_URL") or _embedded_url(home),
        redis_url=_url(given, "REDIS_URL", ("redis", "rediss", "unix")),
        campaigns=_folder(given.get("CAMPAIGNS"), "campaigns"),
        templates=_folder(given.get("TEMPLATES"), "templates"),
        lanes=Path(given["LANES"]).expanduser() if given.get("LANES") else None,
        public_url=_url(given, "PUBLIC_URL", ("https", "http")) or _HERE,
        secret_key=_secret_key(given.get("SECRET_KEY", "")),
        language=_one_of(given, "LANGUAGE", ("fr", "en")),
        log_format=_one_of(given, "LOG_FORMAT", ("text", "json")),
        now=_instant(given.get("NOW", "")),
        twilio_base_url=_url(given, "TWILIO_BASE_URL", ("https", "http")),
        sendgrid_base_url=_url(given, "SENDGRID_BASE_URL", ("https", "http")),
        partner_secrets=_partner_secrets(given.get("PARTNER_SECRETS", "")),
        private_endpoints=_one_of(given, "PRIVATE_ENDPOINTS", ("no", "yes")) == "yes",
        trusted_proxies=_proxies(given.get("TRUSTED_PROXIES", "")),
    )


def _embedded_url(home: Path) -> str:
    return f"sqlite:///{home / 'relance.db'}"


def shipped(name: str) -> Path:
    """The folder of that name that comes with the software: in the wheel, or at the root of a checkout."""
    package = Path(orchestrator.__file__).resolve().parent
    inside = package / "shipped" / name
    return inside if inside.is_dir() else package.parent / name


# ------------------------------------------------------------------------------------------------ values


def _folder(value: str | None, name: str) -> Path:
    if not value:
        return shipped(name)
    folder = Path(value).expanduser()
    if not folder.is_dir():
        raise InputError("this folder does not exist", hint=str(folder), where=f"{PREFIX}{name.upper()}")
    return folder


def _one_of(given: Mapping[str, str], name: str, words: tuple[str, ...]) -> str:
    """The word given, the first one when none is."""
    word = given.get(name) or words[0]
    if word not in words:
        raise InputError(f"this is {' or '.join(words)}", hint=did_you_mean(word, words), where=PREFIX + name)
    return word


def _url(given: Mapping[str, str], name: str, schemes: tuple[str, ...]) -> str:
    """An address without its last slash, empty when none is given. Not shown in errors: it may hold a password."""
    url = given.get(name, "").rstrip("/")
    if not url:
        return ""
    where, hint = PREFIX + name, f"it begins with {schemes[0]}://"
    try:
        parts = urlsplit(url)
        is_whole = bool(parts.hostname or parts.scheme == "unix") and parts.port != 0
    except ValueError:
        raise InputError("this is not an address", hint=hint, where=where) from None
    if not is_whole or parts.scheme not in schemes:
        raise InputError("this is not an address", hint=hint, where=where)
    if schemes[0] == "https" and (parts.query or parts.fragment or "@" in parts.netloc):
        hint = "without ?, # or a password; paths are added to it"
        raise InputError("this address has more than a host and a path", hint=hint, where=where)
    return url


def _secret_key(text: str) -> str:
    if text and len(text) < _SHORTEST_KEY:
        raise InputError(
            f"this key is shorter than {_SHORTEST_KEY} characters",
            hint="make one with: openssl rand -base64 32",
            where=f"{PREFIX}SECRET_KEY",
        )
    return text


def _partner_secrets(text: str) -> tuple[str, ...]:
    """Secrets of Standard Webhooks, by spaces or commas; any of them verifies. Never shown in an error."""
    secrets = tuple(text.replace(",", " ").split())
    for place, secret in enumerate(secrets, 1):
        if key_of(secret) is None:
            raise InputError(
                f"secret {place} of {len(secrets)} is no secret of a Standard Webhook",
                hint='make one with: echo "whsec_$(openssl rand -base64 32)"',
                where=f"{PREFIX}PARTNER_SECRETS",
            )
    return secrets


def _proxies(text: str) -> tuple[Network, ...]:
    """Addresses and networks, by spaces or commas."""
    where, found = f"{PREFIX}TRUSTED_PROXIES", []
    for each in text.replace(",", " ").split():
        try:
            network = ip_network(each)
        except ValueError:
            hint = "such as 127.0.0.1 or 172.18.0.0/16, by spaces"
            raise InputError(f'"{each[:50]}" is no address or network', hint=hint, where=where) from None
        if network.prefixlen < _WIDEST_PROXIES[network.version]:
            hint = "name the proxies that stand before the server, and nobody else"
            raise InputError(f"{network} is too wide", hint=hint, where=where)
        found.append(network)
    return tuple(found)


def _instant(text: str) -> datetime | None:
    if not text:
        return None
    where, example = f"{PREFIX}NOW", "write it like 2026-03-10T09:00:00+01:00"
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise InputError("this is not an instant", hint=example, where=where) from None
    if instant.tzinfo is None:
        raise InputError("this instant has no time zone", hint=example, where=where)
    return instant


def settings_at(settings: Settings, *, port: int) -> Settings:
    """The settings of a process that answers at a port of this machine: its links lead there, unless one was said."""
    if settings.public_url != _HERE:
        return settings
    return msgspec.structs.replace(settings, public_url=f"http://127.0.0.1:{port}")
