"""How Relance is told to take the stub for Twilio."""

from tests.stubs.twilio_stub import ACCOUNT_SID, AUTH_TOKEN, TwilioStub

CALLBACK_URL = "https://relance.example/webhooks/twilio/status"


def twilio_settings(stub: TwilioStub, **more: str) -> dict[str, str]:
    """Settings of an adapter that sends to this stub."""
    usual = {
        "account_sid": ACCOUNT_SID,
        "auth_token": AUTH_TOKEN,
        "callback_url": CALLBACK_URL,
        "base_url": stub.url,
        "timeout_seconds": "5",
    }
    return usual | more
