"""SMTP fulfils the contract."""

from collections.abc import Iterator

import pytest

from channels.contract import Channel, InDoubt, Outcome, Throttled
from channels.provider import ProviderOptions
from channels.registry import adapter
from tests.channels.builders import now
from tests.channels.conformance import AdapterConformance, Rig
from tests.stubs.smtp_stub import Fault, SmtpStub, serving


@pytest.fixture
def rig() -> Iterator[Rig]:
    """A mail server that refuses the address, is busy, or ends after the last line."""
    settings = {"host": "127.0.0.1", "security": "none"}
    with serving(SmtpStub()) as stub:

        def answer_with(outcome: Outcome) -> None:
            if isinstance(outcome, InDoubt):
                stub.answers["content"] = Fault.CUT
            else:
                is_busy = isinstance(outcome, Throttled)
                stub.answers["rcpt"] = "450 4.7.1 later" if is_busy else "550 5.1.1 <helene.prevost@client.example>"

        options = ProviderOptions(settings=settings | {"port": str(stub.port)}, clock=now)
        yield Rig(adapter("smtp", Channel.EMAIL, options), answer_with, handed_over=lambda: len(stub.kept))


class TestSmtp(AdapterConformance):
    """A server on this machine."""

    provider = "smtp"
