"""Which providers exist, by name: one entry each. Reads no settings; loads a provider's code when it is asked for."""

import pkgutil
from collections.abc import Mapping
from difflib import get_close_matches
from types import MappingProxyType
from typing import cast

from channels.contract import Adapter, Channel
from channels.errors import UnknownProvider, UnsupportedChannel
from channels.provider import Build, Provider, ProviderOptions, Webhook


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Names, not imports: an SDK takes 0.2 to 1 s to import and is paid for by who uses it.
PROVIDERS: Mapping[str, Provider] = MappingProxyType(
    {
        "print_folder": Provider(
            channels=frozenset({Channel.LETTER}),
            build="channels.letter.print_folder:build",
            settings=_words("folder sides"),
        ),
        "sandbox": Provider(channels=frozenset(Channel), build="channels.sandbox:build"),
        "sendgrid": Provider(
            channels=frozenset({Channel.EMAIL}),
            build="channels.email.sendgrid:build",
            webhooks="channels.email.sendgrid_webhooks:WEBHOOKS",
            settings=_words("api_key region base_url sandbox_mode timeout_seconds"),
            secrets=_words("api_key"),
        ),
        "smtp": Provider(
            channels=frozenset({Channel.EMAIL}),
            build="channels.email.smtp:build",
            settings=_words("host port security username password bounce_domain helo_name ca_file timeout_seconds"),
            secrets=_words("password"),
        ),
        "twilio": Provider(
            channels=frozenset({Channel.SMS}),
            build="channels.sms.twilio:build",
            webhooks="channels.sms.twilio_webhooks:WEBHOOKS",
            settings=_words(
                "account_sid auth_token api_key_sid api_key_secret messaging_service_sid validity_period base_url"
                " timeout_seconds"
            ),
            secrets=_words("auth_token api_key_secret"),
            callback="callback_url",
            webhook_secret="auth_token",  # noqa: S106 - the name of a setting
        ),
    }
)


def provider(name: str) -> Provider:
    """The provider of that name. Raises UnknownProvider, whose hint says what may have been meant."""
    found = PROVIDERS.get(name)
    if found is None:
        near = get_close_matches(name.lower(), PROVIDERS, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(sorted(PROVIDERS))}"
        raise UnknownProvider("provider_unknown", f"no provider is called {name!r}", hint=hint)
    return found


def adapter(name: str, channel: Channel, options: ProviderOptions) -> Adapter:
    """An adapter of that provider for that channel.

    Raises UnknownProvider, UnsupportedChannel, or InvalidOptions when the provider lacks something it needs.
    """
    found = provider(name)
    if channel not in found.channels:
        raise UnsupportedChannel(
            "channel_unsupported",
            f"provider {name!r} does not send {channel}",
            hint=f"it sends {', '.join(sorted(found.channels))}",
        )
    build = cast("Build", pkgutil.resolve_name(found.build))
    return build(channel, options)


def webhooks(name: str) -> Mapping[str, Webhook]:
    """The webhooks of that provider by kind, none when it never calls back. Raises UnknownProvider."""
    found = provider(name)
    if not found.webhooks:
        return {}
    return cast("Mapping[str, Webhook]", pkgutil.resolve_name(found.webhooks))
