"""How Relance is told to send by the SMTP stub, and what its outcomes are looked at for."""

from channels.contract import Accepted, Channel, Outcome, ReasonClass, Rejected
from channels.email.smtp import Smtp
from channels.provider import ProviderOptions
from channels.registry import adapter
from tests.channels.builders import now
from tests.stubs.smtp_stub import SmtpStub

ACCEPTED = Accepted("01J2ATTEMPT@atelier.example")


def smtp(stub: SmtpStub, **settings: str) -> Smtp:
    """The adapter of that stub, by the registry; without encryption unless told otherwise."""
    given = {"host": "127.0.0.1", "port": str(stub.port), "security": "none", "timeout_seconds": "5"} | settings
    built = adapter("smtp", Channel.EMAIL, ProviderOptions(settings=given, clock=now))
    assert isinstance(built, Smtp)
    return built


def cut(outcome: Outcome) -> str:
    """The step at which the conversation broke, of a message that nobody keeps."""
    assert isinstance(outcome, Rejected)
    assert outcome.reason_class is ReasonClass.NOT_WRITTEN
    return outcome.code


def refused(outcome: Outcome) -> tuple[str, str]:
    assert isinstance(outcome, Rejected)
    return outcome.reason_class, outcome.code
