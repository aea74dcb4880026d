"""Connections to a mail server: shared out, replaced, encrypted, logged in; and what an adapter is built from."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from channels import boot_clock
from channels.contract import Accepted, Channel
from channels.email.smtp import Smtp
from channels.email.smtp_session import Server
from channels.errors import InvalidOptions
from channels.provider import ProviderOptions
from channels.registry import adapter
from tests.channels.builders import an_email, now
from tests.channels.email.smtp_wiring import ACCEPTED, cut, refused, smtp
from tests.stubs.certificates import certificate_files
from tests.stubs.smtp_stub import Fault, SmtpStub, serving


@pytest.fixture
def stub() -> Iterator[SmtpStub]:
    with serving(SmtpStub()) as stub:
        yield stub


# ---------------------------------------------------------------- connections


def test_messages_share_a_connection_one_after_the_other(stub: SmtpStub) -> None:
    mail = smtp(stub)
    for number in range(5):
        assert isinstance(mail.send(an_email(attempt_id=f"a{number}")), Accepted)
    assert stub.connections == 1
    assert stub.commands.count("RSET") == 4


def test_after_a_hundred_messages_a_connection_is_closed(stub: SmtpStub) -> None:
    mail = smtp(stub)
    for number in range(101):
        mail.send(an_email(attempt_id=f"a{number}", text="x"))
    assert (stub.connections, len(stub.kept)) == (2, 101)


def test_a_connection_is_not_kept_for_ever(stub: SmtpStub) -> None:
    server = Server(host="127.0.0.1", port=stub.port, tls=None)
    mail = Smtp(server, clock=now, keep_seconds=0)
    assert [mail.send(an_email()), mail.send(an_email())] == [ACCEPTED, ACCEPTED]
    assert stub.connections == 2


def test_a_connection_that_the_server_closed_is_seen_before_the_message(stub: SmtpStub) -> None:
    mail = smtp(stub)
    mail.send(an_email())
    stub.cut_all()
    assert mail.send(an_email()) == ACCEPTED
    assert stub.connections == 2


@pytest.mark.parametrize("answer", [Fault.CUT, Fault.GARBAGE, "421 4.4.2 idle", "502 what?"])
def test_a_connection_that_cannot_begin_again_is_replaced(stub: SmtpStub, answer: str | Fault) -> None:
    mail = smtp(stub)
    mail.send(an_email())
    stub.answers["rset"] = answer
    assert mail.send(an_email(attempt_id="b")) == Accepted("b@atelier.example")
    assert stub.ledger() == {"bounce+01J2ATTEMPT@atelier.example": 1, "bounce+b@atelier.example": 1}


def test_an_adapter_that_is_closed_can_still_send(stub: SmtpStub) -> None:
    mail = smtp(stub)
    mail.send(an_email())
    mail.close()
    assert mail.send(an_email()) == ACCEPTED
    assert stub.connections == 2


@pytest.mark.parametrize("messages", [200, pytest.param(8 * 200, marks=pytest.mark.soak)])
def test_eight_threads_hand_over_each_of_their_messages_once(stub: SmtpStub, messages: int) -> None:
    mail = smtp(stub, timeout_seconds="10")
    emails = [an_email(attempt_id=f"a{number}") for number in range(messages)]
    with ThreadPoolExecutor(8) as threads:
        outcomes = list(threads.map(mail.send, emails))
    assert outcomes == [Accepted(f"{email.attempt_id}@atelier.example") for email in emails]
    assert stub.ledger() == {f"bounce+{email.attempt_id}@atelier.example": 1 for email in emails}


# ---------------------------------------------------------------- start_by, time limits


def test_start_by_is_asked_once_more_when_the_connection_is_open(stub: SmtpStub) -> None:
    class SlowToOpen(dict[str, Any]):
        def get(self, step: str, usual: Any = None) -> Any:
            while step == "ehlo" and not boot_clock.is_past(start_by):
                pass
            return usual

    start_by = boot_clock.now() + 0.05
    stub.answers = SlowToOpen()
    assert smtp(stub).send(an_email(), start_by=start_by) == boot_clock.TOO_LATE
    assert stub.commands == ["EHLO"]


# ---------------------------------------------------------------- encryption and login


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize("mechanisms", ["PLAIN LOGIN", "LOGIN"])
def test_mail_goes_encrypted_and_logged_in(security: str, mechanisms: str) -> None:
    with serving(SmtpStub(security=security, login=("relance", "sécret"), mechanisms=mechanisms)) as stub:
        settings = {"security": security, "ca_file": str(certificate_files()[0])}
        mail = smtp(stub, **settings, username="relance", password="sécret")
        assert [mail.send(an_email()), mail.send(an_email())] == [ACCEPTED, ACCEPTED]
        assert stub.connections == 1
        wrong = smtp(stub, **settings, username="relance", password="other")
        assert refused(wrong.send(an_email())) == ("config", "535 5.7.8")
        stub.answers["auth"] = "454 4.7.0 not now"
        assert refused(wrong.send(an_email())) == ("not_written", "454 4.7.0")
        stub.answers["auth"] = "334 and then?"
        assert cut(wrong.send(an_email())) == "cut_at_auth"
        assert len(stub.kept) == 2


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_server_whose_certificate_nobody_vouches_for_gets_nothing(security: str) -> None:
    with serving(SmtpStub(security=security)) as stub:
        assert cut(smtp(stub, security=security).send(an_email())) == "cut_at_starttls"
        assert stub.kept == []


def test_a_server_without_encryption_gets_nothing(stub: SmtpStub) -> None:
    assert refused(smtp(stub, security="starttls").send(an_email())) == ("config", "no_starttls")
    assert stub.commands == ["EHLO"]


def test_words_put_in_before_encryption_began_end_the_conversation() -> None:
    with serving(SmtpStub(security="starttls", answers={"starttls": "220 go\r\n250 injected"})) as stub:
        mail = smtp(stub, security="starttls", ca_file=str(certificate_files()[0]))
        assert cut(mail.send(an_email())) == "cut_at_starttls"


def test_a_server_that_takes_no_login_we_know_is_a_fault_of_the_setup() -> None:
    with serving(SmtpStub(login=("a", "b"), mechanisms="GSSAPI")) as stub:
        assert refused(smtp(stub, username="a", password="b").send(an_email())) == ("config", "no_auth")


def test_a_server_that_asks_for_a_login_that_was_not_set_is_a_fault_of_the_setup() -> None:
    with serving(SmtpStub(login=("a", "b"))) as stub:
        assert refused(smtp(stub).send(an_email())) == ("config", "530 5.7.0")


# ---------------------------------------------------------------- settings


@pytest.mark.parametrize(
    "settings, code",
    [
        ({"host": ""}, "options_missing"),
        ({"host": "mail.example\r\nQUIT"}, "options_missing"),
        ({"security": "maybe"}, "security_unknown"),
        ({"host": "mail.example"}, "not_encrypted"),
        ({"port": "smtp"}, "number_invalid"),
        ({"port": "0.0"}, "number_invalid"),
        ({"timeout_seconds": "nan"}, "number_invalid"),
        ({"timeout_seconds": "10.5"}, "number_invalid"),  # a sender's lease is over soon after
        ({"ca_file": "/absent", "security": "tls"}, "ca_file_unreadable"),
        ({"bounce_domain": "a>\r\nDATA"}, "host_invalid"),
        ({"helo_name": "a b"}, "host_invalid"),
    ],
)
def test_a_setting_that_is_missing_or_wrong_is_refused(settings: dict[str, str], code: str) -> None:
    with pytest.raises(InvalidOptions) as raised:
        smtp(SmtpStub(port=25), **settings)
    assert raised.value.code == code


def test_beyond_this_machine_mail_is_encrypted_unless_refused_to_be_sent() -> None:
    options = ProviderOptions(settings={"host": "mail.example"}, clock=now)
    built = adapter("smtp", Channel.EMAIL, options)
    assert isinstance(built, Smtp)
    assert built._server.tls is not None
    assert (built._server.port, built._server.is_implicit_tls) == (587, False)
