"""What may stand in a message, and that messages and outcomes survive being stored."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.contract import (
    Accepted,
    Attachment,
    Channel,
    InDoubt,
    LetterService,
    Message,
    Outcome,
    ReasonClass,
    Rejected,
    Throttled,
)
from channels.errors import ChannelError, InvalidMessage
from tests.channels.builders import a_letter, a_message, an_email, an_sms

HEADER_FIELDS = ["subject", "to_name", "from_name", "to_address", "from_address", "reply_to"]
BREAKERS = [
    "\r",
    "\n",
    "\x00",
    "=?",
    "\x0b",
    "\x0c",
    "\x1c",
    "\x1d",
    "\x1e",
    "\x85",
    "\u2028",
    "\u2029",
    "\ud800",
]


@pytest.mark.parametrize("field", HEADER_FIELDS)
@pytest.mark.parametrize("breaker", BREAKERS, ids=ascii)
def test_nothing_that_can_start_a_header_enters_an_email(field: str, breaker: str) -> None:
    with pytest.raises(InvalidMessage) as refused:
        an_email(**{field: f"a{breaker}b@client.example"})
    assert refused.value.where == f"EmailMessage.{field}"


@pytest.mark.parametrize("breaker", BREAKERS, ids=ascii)
def test_nothing_that_can_start_a_header_enters_an_extra_header(breaker: str) -> None:
    with pytest.raises(InvalidMessage):
        an_email(headers={"X-Case": f"a{breaker}Bcc: b@client.example"})
    with pytest.raises(InvalidMessage):
        an_email(headers={f"X-Case{breaker}": "a"})


@pytest.mark.parametrize("breaker", BREAKERS, ids=ascii)
def test_nothing_that_can_start_a_header_enters_a_file_name(breaker: str) -> None:
    with pytest.raises(InvalidMessage):
        Attachment(file_name=f"facture{breaker}.pdf", media_type="application/pdf", content=b"")


def test_an_encoded_newline_in_a_subject_is_refused() -> None:
    with pytest.raises(InvalidMessage):
        an_email(subject="=?UTF-8?Q?=0A?=Bcc: other@client.example")


@pytest.mark.parametrize("name", ["Bcc", "bcc", "To", "Subject", "Content-Type", "Resent-To", "", "X Case", "Xé:"])
def test_an_extra_header_is_never_one_that_the_message_sets_itself(name: str) -> None:
    with pytest.raises(InvalidMessage):
        an_email(headers={name: "text"})


def test_an_extra_header_stands_once_whatever_its_case() -> None:
    with pytest.raises(InvalidMessage):
        an_email(headers={"X-Case": "a", "x-case": "b"})


def test_one_click_unsubscribe_headers_are_accepted() -> None:
    headers = {
        "List-Unsubscribe": "<https://pay.example/u/t>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    assert an_email(headers=headers).headers == headers


@pytest.mark.parametrize(
    "address",
    [
        *["", "a", "a@", "@b.example", "a b@c.example", "a@b@c.example", "a@é.example", "é@b.example"],
        *[
            "a,b@c.example",
            "<a@b.example>",
            '"a"@b.example',
            ".a@b.example",
            "a..b@c.example",
            "a@b..example",
        ],
        *["a@-b.example", f"{'a' * 65}@b.example"],
    ],
)
def test_an_address_is_plain_ascii_and_only_one(address: str) -> None:
    with pytest.raises(InvalidMessage):
        an_email(to_address=address)


@pytest.mark.parametrize("address", ["o'neil+f-12@b.example", "a@xn--caf-dma.example", "a@localhost"])
def test_an_unusual_but_valid_address_is_accepted(address: str) -> None:
    assert an_email(to_address=address).to_address == address


@pytest.mark.parametrize(
    "number", ["", "0644631234", "+0644631234", "+33 644631234", "+33644631234\n", "+3364463123412345"]
)
def test_a_number_is_in_e164(number: str) -> None:
    with pytest.raises(InvalidMessage):
        an_sms(to=number)


@pytest.mark.parametrize("attempt_id", ["", "a/b", "..", "a b", "é", "a\n", "a" * 65])
@pytest.mark.parametrize("channel", Channel)
def test_an_attempt_id_can_stand_in_a_url_a_file_name_and_a_boundary(channel: Channel, attempt_id: str) -> None:
    with pytest.raises(InvalidMessage):
        a_message(channel, attempt_id=attempt_id)


def test_a_text_without_utf8_form_is_refused() -> None:
    for build in (
        lambda: an_sms(text="\udce9"),
        lambda: an_email(text="\udce9"),
        lambda: an_email(html="\udce9"),
    ):
        with pytest.raises(InvalidMessage):
            build()


@pytest.mark.parametrize("media_type", ["", "pdf", "application/pdf; x=y", "multipart/mixed", "message/rfc822"])
def test_an_attachment_is_a_file_not_a_part_that_contains_others(media_type: str) -> None:
    with pytest.raises(InvalidMessage):
        Attachment(file_name="a", media_type=media_type, content=b"")


def test_a_letter_is_a_pdf() -> None:
    with pytest.raises(InvalidMessage):
        a_letter(pdf=b"<html>")


@given(secret=st.text("abcdefghij", min_size=12, max_size=20))
def test_an_error_never_shows_what_was_in_the_message(secret: str) -> None:
    for build in (
        lambda: an_email(to_name=f"{secret}\n"),
        lambda: an_email(to_address=secret),
        lambda: an_email(headers={"X-Case": f"{secret}\n"}),
        lambda: an_sms(to=secret),
        lambda: an_sms(attempt_id=f"{secret} "),
    ):
        with pytest.raises(ChannelError) as refused:
            build()
        assert secret not in str(refused.value) + repr(refused.value)


@pytest.mark.parametrize("channel", Channel)
def test_a_message_comes_back_from_json_as_it_was(channel: Channel) -> None:
    message = a_message(channel)
    assert msgspec.json.decode(msgspec.json.encode(message), type=Message) == message


def test_a_stored_message_is_checked_again_when_it_is_read() -> None:
    stored = msgspec.json.encode(an_email()).replace(b"Votre facture", b"Votre\\nfacture")
    with pytest.raises(msgspec.ValidationError, match=r"EmailMessage\.subject"):
        msgspec.json.decode(stored, type=Message)


@pytest.mark.parametrize(
    "outcome",
    [Accepted("p-1"), Rejected(reason_class=ReasonClass.CONFIG, code="401"), Throttled(2.5), InDoubt("cut")],
    ids=lambda outcome: type(outcome).__name__,
)
def test_an_outcome_comes_back_from_json_as_it_was(outcome: Outcome) -> None:
    assert msgspec.json.decode(msgspec.json.encode(outcome), type=Outcome) == outcome


def test_registered_is_a_service_of_letter_and_no_channel() -> None:
    assert "registered" in set(LetterService)
    assert set(Channel) == {"sms", "email", "letter"}
