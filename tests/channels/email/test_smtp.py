"""Sending by SMTP: what left, what was refused and what nobody knows, at every step where a server can fail."""

import socket
from collections.abc import Iterator
from email import message_from_bytes, policy

import pytest

from channels import eml
from channels.contract import Accepted, Attachment, InDoubt, Rejected, Throttled
from tests.channels.builders import NOW, an_email
from tests.channels.email.smtp_wiring import ACCEPTED, cut, refused, smtp
from tests.stubs.smtp_stub import Fault, SmtpStub, serving


@pytest.fixture
def stub() -> Iterator[SmtpStub]:
    with serving(SmtpStub()) as stub:
        yield stub


# ---------------------------------------------------------------- what is sent


def test_a_message_arrives_as_it_was_composed_with_its_attempt_in_the_envelope(stub: SmtpStub) -> None:
    file = Attachment(file_name="f.pdf", media_type="application/pdf", content=bytes(range(256)))
    email = an_email(attachments=(file,), headers={"List-Unsubscribe": "<https://relance.example/u/1>"})
    assert smtp(stub, bounce_domain="retours.example").send(email) == ACCEPTED
    (kept,) = stub.kept
    assert (kept.sender, kept.recipient) == ("bounce+01J2ATTEMPT@retours.example", "helene.prevost@client.example")
    assert kept.content == eml.compose(email, sent_at=NOW)


def test_bounces_go_to_the_senders_domain_unless_told_otherwise(stub: SmtpStub) -> None:
    smtp(stub).send(an_email())
    assert stub.kept[0].sender == "bounce+01J2ATTEMPT@atelier.example"


def test_what_the_server_can_do_is_asked_of_it_and_nothing_else(stub: SmtpStub) -> None:
    stub.extensions = ("8BITMIME", "DSN")
    smtp(stub).send(an_email())
    stub.extensions = ("8BITMIME", "SIZE")
    smtp(stub).send(an_email())
    sender = "MAIL FROM:<bounce+01J2ATTEMPT@atelier.example>"
    size = len(eml.compose(an_email(), sent_at=NOW))
    assert [line for line in stub.lines if line.startswith("MAIL")] == [
        f"{sender} BODY=8BITMIME RET=HDRS ENVID=01J2ATTEMPT",
        f"{sender} SIZE={size} BODY=8BITMIME",
    ]


def test_the_message_id_is_the_same_each_time_the_attempt_is_sent(stub: SmtpStub) -> None:
    mail = smtp(stub)
    assert [mail.send(an_email()), mail.send(an_email())] == [ACCEPTED, ACCEPTED]
    ids = {message_from_bytes(kept.content, policy=policy.default)["Message-ID"] for kept in stub.kept}
    assert ids == {"<01J2ATTEMPT@atelier.example>"}


@pytest.mark.parametrize("text", [".", ".\n", "..\n.\nDATA\n.\nQUIT\n", "a\r\n.\r\nb", ".\r", "\n.\n.\n"])
def test_a_lone_dot_of_the_text_does_not_end_the_message(stub: SmtpStub, text: str) -> None:
    email = an_email(text=text)
    assert smtp(stub).send(email) == ACCEPTED
    assert stub.kept[0].content == eml.compose(email, sent_at=NOW)
    assert stub.commands == ["EHLO", "MAIL", "RCPT", "DATA"]


def test_a_bounce_address_too_long_for_an_attempt_is_refused_before_a_byte(stub: SmtpStub) -> None:
    outcome = smtp(stub).send(an_email(attempt_id="a" * 58))
    assert isinstance(outcome, Rejected)
    assert outcome.code == "attempt_id_too_long"
    assert smtp(stub).send(an_email(attempt_id="a" * 57)) == Accepted("a" * 57 + "@atelier.example")
    assert stub.connections == 1


@pytest.mark.parametrize(
    "extensions, reason_class, code",
    [(("SIZE 1000000",), "config", "no_8bitmime"), (("8BITMIME", "SIZE 300"), "content", "too_large")],
)
def test_what_the_server_says_it_cannot_take_is_not_tried(
    stub: SmtpStub, extensions: tuple[str, ...], reason_class: str, code: str
) -> None:
    stub.extensions = extensions
    outcome = smtp(stub).send(an_email())
    assert isinstance(outcome, Rejected)
    assert (outcome.reason_class, outcome.code) == (reason_class, code)
    assert "MAIL" not in stub.commands


def test_a_server_of_few_words_is_given_few(stub: SmtpStub) -> None:
    stub.extensions = ()
    assert smtp(stub).send(an_email(html="<p>x</p>", text="x", to_name="H", from_name="A", subject="x")) == ACCEPTED


# ---------------------------------------------------------------- cuts, at every step


@pytest.mark.parametrize("fault", [Fault.CUT, Fault.SILENCE, Fault.GARBAGE, Fault.DRIP, Fault.CUT_AFTER_REPLY])
@pytest.mark.parametrize("step", ["greeting", "ehlo", "mail", "rcpt", "data"])
def test_before_its_last_line_a_message_is_not_written(stub: SmtpStub, step: str, fault: Fault) -> None:
    stub.answers[step] = fault
    mail = smtp(stub, timeout_seconds="0.1" if fault in (Fault.SILENCE, Fault.DRIP) else "5")
    order = ["greeting", "ehlo", "mail", "rcpt", "data", "content"]
    broken_at = {step, order[order.index(step) + 1]} if fault is Fault.CUT_AFTER_REPLY else {step}
    outcome = mail.send(an_email())
    if isinstance(outcome, InDoubt):  # the content and its last line were in our buffers before the cut was seen
        assert (step, fault) == ("data", Fault.CUT_AFTER_REPLY)
    else:
        assert cut(outcome).removeprefix("cut_at_") in broken_at
    assert stub.kept == []
    del stub.answers[step]
    assert smtp(stub).send(an_email()) == ACCEPTED


def test_a_cut_while_the_message_is_written_is_not_written(stub: SmtpStub) -> None:
    stub.answers["content"] = Fault.CUT_IN_CONTENT
    stub.extensions = ("8BITMIME",)
    large = Attachment(file_name="f.bin", media_type="application/octet-stream", content=bytes(8_000_000))
    assert cut(smtp(stub).send(an_email(attachments=(large,)))) == "cut_at_content"


@pytest.mark.parametrize("fault, copies", [(Fault.CUT, 0), (Fault.CUT_AFTER_KEEPING, 1)])
def test_after_its_last_line_a_cut_is_a_doubt_whether_the_message_is_kept_or_not(
    stub: SmtpStub, fault: Fault, copies: int
) -> None:
    stub.answers["content"] = fault
    assert isinstance(smtp(stub).send(an_email()), InDoubt)
    assert len(stub.kept) == copies


@pytest.mark.parametrize("fault", [Fault.SILENCE, Fault.DRIP, Fault.GARBAGE])
def test_after_its_last_line_anything_but_a_reply_in_time_is_a_doubt(stub: SmtpStub, fault: Fault) -> None:
    stub.answers["content"] = fault
    assert isinstance(smtp(stub, timeout_seconds="0.1").send(an_email()), InDoubt)


@pytest.mark.parametrize("reply", ["354 still going on", "334 ?"])
def test_a_last_reply_that_is_neither_yes_nor_no_is_a_doubt(stub: SmtpStub, reply: str) -> None:
    stub.answers["content"] = reply
    assert isinstance(smtp(stub).send(an_email()), InDoubt)


@pytest.mark.parametrize("step", ["greeting", "ehlo", "mail", "rcpt", "data"])
def test_a_reply_too_many_is_not_taken_for_the_answer_to_what_comes_next(stub: SmtpStub, step: str) -> None:
    usual = {"greeting": "220 hello", "ehlo": "250-stub\r\n250 8BITMIME", "data": "354 go on"}.get(step, "250 ok")
    stub.answers[step] = f"{usual}\r\n250 2.0.0 queued"
    assert cut(smtp(stub).send(an_email())).startswith("cut_at_")
    assert stub.kept == []


def test_a_reply_too_many_to_the_last_line_is_not_taken_for_the_next_message(stub: SmtpStub) -> None:
    mail = smtp(stub)
    stub.says_too_much = True
    assert [mail.send(an_email()), mail.send(an_email(attempt_id="b"))] == [ACCEPTED, Accepted("b@atelier.example")]
    assert (stub.connections, len(stub.kept)) == (2, 2)


def test_a_cut_after_the_last_reply_changes_nothing(stub: SmtpStub) -> None:
    stub.answers["content"] = Fault.CUT_AFTER_REPLY
    mail = smtp(stub)
    assert [mail.send(an_email()), mail.send(an_email(attempt_id="b"))] == [ACCEPTED, Accepted("b@atelier.example")]
    assert len(stub.kept) == 2


def test_a_reply_without_end_is_no_reply(stub: SmtpStub) -> None:
    stub.answers["greeting"] = "220-and\r\n" * 10_000 + "220 so on"
    assert cut(smtp(stub).send(an_email())) == "cut_at_greeting"


def test_a_server_that_is_not_there_is_not_written() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        stub = SmtpStub(port=unused.getsockname()[1])
        assert cut(smtp(stub).send(an_email())) == "connect"


def test_a_name_that_is_none_is_not_written() -> None:
    assert cut(smtp(SmtpStub(port=25), host="a" * 70, security="starttls").send(an_email())) == "connect"


# ---------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    "step, reply, reason_class, code",
    [
        ("greeting", "554 5.7.1 your address is listed", "config", "554 5.7.1"),
        ("greeting", "450 not now", "not_written", "450"),
        ("ehlo", "550 bad name", "config", "550"),
        ("mail", "550 5.1.8 unknown sender domain", "config", "550 5.1.8"),
        ("rcpt", "550 5.1.1 no such mailbox", "address", "550 5.1.1"),
        ("rcpt", "550-5.1.1 no such\r\n550 5.1.1 mailbox", "address", "550 5.1.1"),
        ("rcpt", "452 4.2.2 full", "unreachable", "452 4.2.2"),
        ("data", "554 no valid recipients", "blocked", "554"),
        ("content", "550 5.7.1 looks like spam", "blocked", "550 5.7.1"),
        ("content", "552 5.3.4 too big", "content", "552 5.3.4"),
    ],
)
def test_a_refusal_is_definite_and_says_why(
    stub: SmtpStub, step: str, reply: str, reason_class: str, code: str
) -> None:
    stub.answers[step] = reply
    mail = smtp(stub)
    assert refused(mail.send(an_email())) == (reason_class, code)
    assert stub.kept == []
    del stub.answers[step]
    assert mail.send(an_email()) == ACCEPTED
    assert stub.connections == (2 if step in ("greeting", "ehlo") else 1)


@pytest.mark.parametrize("step", ["greeting", "ehlo", "mail", "rcpt", "data", "content"])
def test_a_server_that_is_busy_is_come_back_to_on_another_connection(stub: SmtpStub, step: str) -> None:
    stub.answers[step] = "421 4.7.0 too many connections"
    mail = smtp(stub)
    assert mail.send(an_email()) == Throttled(60.0)
    del stub.answers[step]
    assert mail.send(an_email()) == ACCEPTED
    assert stub.connections == 2


def test_greylisting_is_a_change_of_schedule(stub: SmtpStub) -> None:
    stub.answers["rcpt"] = "450 4.7.1 greylisted"
    assert smtp(stub).send(an_email()) == Throttled(300.0)


def test_no_word_of_the_server_comes_back_for_it_quotes_the_address(stub: SmtpStub) -> None:
    stub.answers["rcpt"] = "550 5.1.1 <helene.prevost@client.example> unknown"
    assert "helene" not in repr(smtp(stub).send(an_email()))
