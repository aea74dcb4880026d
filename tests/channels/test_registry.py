"""Providers by name, with errors that say what was meant."""

import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

from channels.contract import Adapter, Channel
from channels.errors import InvalidOptions, UnknownProvider, UnsupportedChannel
from channels.provider import Provider, ProviderOptions, Webhook
from channels.registry import PROVIDERS, adapter, webhooks
from tests.channels.builders import now


@pytest.mark.parametrize("channel", Channel)
def test_a_named_provider_gives_an_adapter_of_the_channel(channel: Channel, tmp_path: Path) -> None:
    built = adapter("sandbox", channel, ProviderOptions(outbox=tmp_path, clock=now))
    assert isinstance(built, Adapter)
    assert (built.name, built.channel) == ("sandbox", channel)


@pytest.mark.parametrize("name", ["sandbx", "SANDBOX", "sand_box"])
def test_a_misspelt_name_is_told_what_it_may_have_meant(name: str) -> None:
    with pytest.raises(UnknownProvider, match=r"did you mean 'sandbox'\?"):
        adapter(name, Channel.SMS, ProviderOptions())


def test_a_name_like_no_other_is_told_what_is_known() -> None:
    with pytest.raises(UnknownProvider, match=r"'pigeon'.*known: .*sandbox"):
        adapter("pigeon", Channel.SMS, ProviderOptions())


@pytest.mark.parametrize("options", [ProviderOptions(), ProviderOptions(outbox=Path("x")), ProviderOptions(clock=now)])
def test_a_sandbox_without_folder_or_clock_is_refused(options: ProviderOptions) -> None:
    with pytest.raises(InvalidOptions):
        adapter("sandbox", Channel.SMS, options)


def test_a_channel_that_the_provider_does_not_serve_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    sms_only = Provider(channels=frozenset({Channel.SMS}), build=PROVIDERS["sandbox"].build)
    monkeypatch.setattr("channels.registry.PROVIDERS", {"short": sms_only})
    with pytest.raises(UnsupportedChannel, match=r"'short' does not send letter \(it sends sms\)"):
        adapter("short", Channel.LETTER, ProviderOptions())


@pytest.mark.parametrize("name", PROVIDERS)
def test_the_code_that_the_registry_names_is_there(name: str) -> None:
    assert callable(pkgutil.resolve_name(PROVIDERS[name].build))
    assert all(isinstance(each, Webhook) for each in webhooks(name).values())


class _Asked(dict[str, str]):
    """Settings that remember which of them a provider asked for."""

    def __init__(self, given: dict[str, str]) -> None:
        super().__init__(given)
        self.names: set[str] = set()

    def get(self, name: str, default: str = "") -> str:  # type: ignore[override]  # adapters give no None
        self.names.add(name)
        return super().get(name, default)

    def __getitem__(self, name: str) -> str:
        self.names.add(name)
        return super().__getitem__(name)


_WHOLE: dict[str, list[dict[str, str]]] = {
    "print_folder": [{"folder": "."}],
    "sandbox": [{}],
    "sendgrid": [{"api_key": "SG.invented-key"}],
    "smtp": [{"host": "127.0.0.1", "security": "none"}, {"host": "mail.acme.example"}],
    "twilio": [
        {"account_sid": "AC" + "0" * 32, "callback_url": "https://relance.acme.example/x", **words}
        for words in ({"auth_token": "invented"}, {"api_key_sid": "SK" + "0" * 32, "api_key_secret": "invented"})
    ],
}  # what each needs at least


@pytest.mark.parametrize("name", PROVIDERS)
def test_a_provider_reads_the_settings_that_it_declares_and_no_other(name: str, tmp_path: Path) -> None:
    provider, asked = PROVIDERS[name], set[str]()
    for given in _WHOLE[name]:
        settings = _Asked(given)
        adapter(name, min(provider.channels), ProviderOptions(settings=settings, outbox=tmp_path, clock=now))
        asked |= settings.names
    assert asked - {provider.callback} == provider.settings
    assert provider.secrets | {provider.webhook_secret} - {""} <= provider.settings
    assert not provider.callback or "status" in webhooks(name)


def test_a_provider_that_never_calls_back_has_no_webhooks() -> None:
    assert webhooks("sandbox") == {}


def test_the_registry_is_loaded_without_the_code_of_any_provider() -> None:
    """An SDK takes up to a second to import; whoever does not use it does not wait for it."""
    modules = {address.partition(":")[0] for each in PROVIDERS.values() for address in (each.build, each.webhooks)}
    call = f"import sys, channels.registry; print(sorted({modules} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", call], check=True, capture_output=True, text=True)
    assert done.stdout == "[]\n"
