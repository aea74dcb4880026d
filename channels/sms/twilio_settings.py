"""What the Twilio adapter is given: checked once, when it is built. Never quotes a setting, for one is a secret."""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from msgspec import Struct

from channels.errors import InvalidOptions
from channels.transport import split_url

_NUMBER = re.compile(r"[0-9]{1,6}(\.[0-9]+)?")
_CALLBACK_HOST = re.compile(r"[A-Za-z0-9.-]+")  # Twilio refuses an underscore
_SIDS = {"account_sid": "AC", "messaging_service_sid": "MG", "api_key_sid": "SK"}


class TwilioSettings(Struct, frozen=True, kw_only=True):
    """What the adapter is given, checked. `user` and `password` are the account's or an API key's."""

    account_sid: str
    user: str
    password: str
    callback_url: str
    messaging_service_sid: str = ""
    base_url: str = "https://api.twilio.com"
    validity_seconds: int = 240  # a reminder that waits longer might leave at night
    timeout_seconds: float = 10.0

    def __repr__(self) -> str:
        return f"TwilioSettings({self.account_sid})"  # the rest holds a secret


def checked(given: Mapping[str, str]) -> TwilioSettings:
    """Settings by their names: account_sid, auth_token or api_key_sid with api_key_secret, callback_url; optional
    messaging_service_sid, base_url, validity_period (6 to 36000 s), timeout_seconds (up to 10).
    """
    has_key = bool(given.get("api_key_sid"))
    needed = ("account_sid", "callback_url", "api_key_secret" if has_key else "auth_token")
    missing = [name for name in needed if not given.get(name)]
    if missing:
        raise InvalidOptions("options_missing", f"Twilio needs {', '.join(missing)}")
    for name, letters in _SIDS.items():
        if given.get(name) and not re.fullmatch(f"{letters}[0-9A-Za-z]{{32}}", given[name]):
            raise InvalidOptions("sid_invalid", f"not {letters} and 32 letters or digits", where=name)
    _check_callback(given["callback_url"])
    base_url = given.get("base_url", "").rstrip("/") or "https://api.twilio.com"
    split_url(base_url)
    return TwilioSettings(
        account_sid=given["account_sid"],
        user=given["api_key_sid"] if has_key else given["account_sid"],
        password=given["api_key_secret"] if has_key else given["auth_token"],
        callback_url=given["callback_url"],
        messaging_service_sid=given.get("messaging_service_sid", ""),
        base_url=base_url,
        validity_seconds=int(_between(given, "validity_period", 6, 36_000, 240)),
        timeout_seconds=_between(given, "timeout_seconds", 0.05, 10, 10),
    )


def _check_callback(url: str) -> None:
    split_url(url)
    parts = urlsplit(url)
    if parts.fragment or not _CALLBACK_HOST.fullmatch(parts.hostname or ""):
        raise InvalidOptions("callback_invalid", "Twilio calls no host with an underscore, and we set the fragment")


def _between(given: Mapping[str, str], name: str, lowest: float, highest: float, usual: float) -> float:
    text = given.get(name, "")
    if not text:
        return usual
    number = float(text) if _NUMBER.fullmatch(text) else -1.0
    if not lowest <= number <= highest:
        raise InvalidOptions("number_invalid", f"not a number from {lowest:g} to {highest:g}", where=name)
    return number
