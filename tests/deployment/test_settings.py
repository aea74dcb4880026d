"""Settings from the environment: defaults, what is refused by name, and what an error never shows."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from channels.registry import PROVIDERS
from orchestrator.domain.errors import InputError
from orchestrator.settings import IGNORED_BY_DEMO, NAMES, Settings, read_settings, settings_at

_MORE = "this address has more than a host and a path (without ?, # or a password; paths are added to it)"
_SHORT = "this key is shorter than 32 characters (make one with: openssl rand -base64 32)"
_LIKE = "(write it like 2026-03-10T09:00:00+01:00)"
KEY = "0123456789abcdef0123456789abcdef"


def settings(tmp_path: Path, **given: str) -> Settings:
    return read_settings({"RELANCE_HOME": str(tmp_path), **{f"RELANCE_{name}": text for name, text in given.items()}})


def test_with_nothing_set_everything_stays_in_the_home_folder(tmp_path: Path) -> None:
    found = settings(tmp_path)
    assert found.is_embedded
    assert (found.lanes, found.redis_url, found.now, found.secret_key) == (None, "", None, "")
    assert (found.log_format, found.public_url, found.base_urls) == ("text", "http://127.0.0.1:8000", {})


def test_links_lead_to_the_port_that_answers_unless_an_address_was_said(tmp_path: Path) -> None:
    assert settings_at(settings(tmp_path), port=8123).public_url == "http://127.0.0.1:8123"
    said = settings(tmp_path, PUBLIC_URL="https://r.acme.example")
    assert settings_at(said, port=8123).public_url == "https://r.acme.example"


def test_everything_may_be_set(tmp_path: Path) -> None:
    found = settings(
        tmp_path,
        DATABASE_URL="postgresql://relance@db.acme.example/relance",
        REDIS_URL="redis://:hush@cache.acme.example:6379/0",
        LANES="/etc/relance/lanes.yaml",
        PUBLIC_URL="https://relance.acme.example/",
        SECRET_KEY=KEY,
        LOG_FORMAT="json",
        NOW="2026-03-10T09:00:00+01:00",
        TWILIO_BASE_URL="http://127.0.0.1:4010",
        SENDGRID_BASE_URL="https://api.eu.sendgrid.example/",
        LANGUAGE="en",
    )
    assert not found.is_embedded
    assert found.lanes == Path("/etc/relance/lanes.yaml")
    assert found.public_url == "https://relance.acme.example"
    assert found.now == datetime(2026, 3, 10, 8, tzinfo=UTC)
    assert found.base_urls == {"twilio": "http://127.0.0.1:4010", "sendgrid": "https://api.eu.sendgrid.example"}
    assert "hush" not in repr(found)
    assert KEY not in repr(found)


def test_an_empty_variable_counts_as_unset(tmp_path: Path) -> None:
    """Files of variables name what they leave open."""
    assert settings(tmp_path, **dict.fromkeys(set(NAMES) - {"HOME"}, "")) == settings(tmp_path)


def test_each_provider_whose_address_may_change_has_its_setting() -> None:
    movable = {name for name, provider in PROVIDERS.items() if "base_url" in provider.settings}
    assert {f"{name.upper()}_BASE_URL" for name in movable} == {name for name in NAMES if name.endswith("_BASE_URL")}


def test_a_demonstration_does_as_if_nothing_outside_were_set(tmp_path: Path) -> None:
    given = {"RELANCE_HOME": str(tmp_path), **{f"RELANCE_{name}": "nonsense" for name in IGNORED_BY_DEMO}}
    assert read_settings(given, ignoring=IGNORED_BY_DEMO) == settings(tmp_path)


@pytest.mark.parametrize(
    "name, text, sentence",
    [
        ("LANE", "x", 'RELANCE_LANE: the setting RELANCE_LANE does not exist (did you mean "RELANCE_LANES"?)'),
        ("LOG_FORMAT", "jsn", 'RELANCE_LOG_FORMAT: this is text or json (did you mean "json"?)'),
        ("LANGUAGE", "de", "RELANCE_LANGUAGE: this is fr or en"),
        ("REDIS_URL", "hush:6379", "RELANCE_REDIS_URL: this is not an address (it begins with redis://)"),
        ("REDIS_URL", "http://hush", "RELANCE_REDIS_URL: this is not an address (it begins with redis://)"),
        ("PUBLIC_URL", "relance.acme.example", "RELANCE_PUBLIC_URL: this is not an address (it begins with https://)"),
        ("PUBLIC_URL", "https://a.example:hush", "RELANCE_PUBLIC_URL: this is not an address (it begins with https://)"),
        ("PUBLIC_URL", "https://me:hush@a.example", f"RELANCE_PUBLIC_URL: {_MORE}"),
        ("PUBLIC_URL", "https://a.example/?hush", f"RELANCE_PUBLIC_URL: {_MORE}"),
        ("TWILIO_BASE_URL", "https://", "RELANCE_TWILIO_BASE_URL: this is not an address (it begins with https://)"),
        ("SECRET_KEY", "hush", f"RELANCE_SECRET_KEY: {_SHORT}"),
        ("NOW", "tomorrow", "RELANCE_NOW: this is not an instant " + _LIKE),
        ("NOW", "2026-03-10T09:00", f"RELANCE_NOW: this instant has no time zone {_LIKE}"),
        ("CAMPAIGNS", "/nowhere", "RELANCE_CAMPAIGNS: this folder does not exist (/nowhere)"),
    ],
)  # fmt: skip
def test_a_wrong_setting_is_refused_by_name_and_not_shown(tmp_path: Path, name: str, text: str, sentence: str) -> None:
    with pytest.raises(InputError) as caught:
        settings(tmp_path, **{name: text})
    assert str(caught.value) == sentence
    assert "hush" not in str(caught.value)
