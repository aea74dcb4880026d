"""An e-mail written is the e-mail read, by the parser of the standard library."""

import re
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.headerregistry import AddressHeader
from email.message import EmailMessage as MimeMessage
from email.utils import parseaddr, parsedate_to_datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from channels import eml
from channels.contract import Attachment, EmailMessage
from tests.channels.builders import NOW, an_email

headers = st.text(
    st.one_of(
        st.sampled_from('   ,,;:"\\<>()[]@.éàç’«»=?_-\u00a0aZ&🙂'),
        st.characters(exclude_categories=["Cc", "Cs"]),
    ),
    max_size=150,
).filter(lambda text: "=?" not in text and not {"\u2028", "\u2029"} & set(text))
bodies = st.text(st.one_of(st.sampled_from("\n\n -=.é€\u2028\u0085\x0b\x1f"), st.characters(exclude_categories=["Cs"])))


def reopened(message: EmailMessage) -> MimeMessage:
    """The message as the standard parser sees it once written; its defects fail the test."""
    parsed = message_from_bytes(eml.compose(message, sent_at=NOW), policy=policy.default)
    assert isinstance(parsed, MimeMessage)
    assert not [defect for part in parsed.walk() for defect in part.defects]
    return parsed


def mailbox(parsed: MimeMessage, header: str) -> tuple[str, str]:
    """Display name and address of the only mailbox of that header."""
    found = parsed[header]
    assert isinstance(found, AddressHeader)
    (only,) = found.addresses
    return only.display_name, only.addr_spec


def body(parsed: MimeMessage, kind: str) -> str:
    """The plain or html part, with LF line ends and without the last ones."""
    part = parsed.get_body((kind,))
    assert isinstance(part, MimeMessage)
    return unix(part.get_content())


def unix(text: str) -> str:
    """LF line ends, and no last one: what RFC 5322 does not keep."""
    return text.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n")


@given(name=headers, address=st.from_regex(r"[a-z'+]{1,20}(\.[a-z]{1,9})?@[a-z]{1,20}\.example", fullmatch=True))
@example(name=" edge", address="a@b.example")
@example(name="edge ", address="a@b.example")
@example(name="é  è ", address="a@b.example")
@example(name="  ", address="a@b.example")
@example(name="two  spaces", address="a@b.example")
def test_names_and_addresses_are_read_as_they_were_written(name: str, address: str) -> None:
    parsed = reopened(an_email(to_name=name, to_address=address, from_name=name, from_address=address))
    shown = re.sub(" +", " ", name).strip(" ")
    assert mailbox(parsed, "To") == (shown, address)
    assert mailbox(parsed, "From") == (shown, address)


@given(headers)
@example(" edge")
@example("edge ")
@example("two  spaces")
@example("  ")
def test_a_subject_and_an_extra_header_are_read_as_they_were_written(text: str) -> None:
    parsed = reopened(an_email(subject=text, headers={"X-Case": text}))
    assert parsed["Subject"] == text
    assert parsed["X-Case"] == text


@given(text=bodies, html=bodies)
def test_texts_are_read_as_they_were_written(text: str, html: str) -> None:
    parsed = reopened(an_email(text=text, html=html))
    assert body(parsed, "plain") == unix(text)
    assert body(parsed, "html") == unix(html)


@pytest.mark.parametrize(
    "name",
    [
        'Société « Dupont, Frères » & "Cie"',
        "Dupont, Jean",
        'Jean "Jeannot" Dupont',
        "a\\b",
        "Coopérative d'intérêt collectif Énergies Renouvelables de l'Hérault et des Cévennes méridionales",
        "Dupont <autre@client.example>",
    ],
)
def test_a_name_with_commas_quotes_and_accents_stays_one_name_for_both_parsers(name: str) -> None:
    message = an_email(to_name=name)
    assert mailbox(reopened(message), "To") == (name, "helene.prevost@client.example")
    encoded, address = parseaddr(message_from_bytes(eml.compose(message, sent_at=NOW))["To"])
    assert (str(make_header(decode_header(encoded))), address) == (name, "helene.prevost@client.example")


def test_text_stands_first_and_html_last_for_readers_prefer_the_last() -> None:
    parsed = reopened(an_email())
    assert parsed.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in parsed.iter_parts()] == ["text/plain", "text/html"]


def test_date_message_id_and_reply_to_come_from_the_message_and_the_instant() -> None:
    parsed = reopened(an_email(attempt_id="01J2X"))
    assert parsedate_to_datetime(parsed["Date"]) == NOW
    assert parsed["Message-ID"] == "<01J2X@atelier.example>"
    assert mailbox(parsed, "Reply-To") == ("", "reponses@atelier.example")


def test_without_reply_to_there_is_no_such_header() -> None:
    assert reopened(an_email(reply_to=""))["Reply-To"] is None


def test_a_one_click_unsubscribe_header_stays_on_one_line_unencoded() -> None:
    link = f"<https://pay.example/u/{'t' * 200}>, <mailto:stop@atelier.example>"
    raw = eml.compose(an_email(headers={"List-Unsubscribe": link}), sent_at=NOW)
    assert f"\r\nList-Unsubscribe: {link}\r\n".encode() in raw


@given(content=st.binary(max_size=200))
def test_attachments_come_out_as_they_went_in(content: bytes) -> None:
    files = (
        Attachment(file_name="Relevé n° 12 – août, « définitif ».pdf", media_type="application/pdf", content=content),
        Attachment(file_name='a"b.txt', media_type="text/plain", content=b"\xff"),
    )
    parsed = reopened(an_email(attachments=files))
    found = list(parsed.iter_attachments())
    assert [part.get_filename() for part in found] == [file.file_name for file in files]
    assert [part.get_payload(decode=True) for part in found] == [content, b"\xff"]
    assert body(parsed, "plain") == unix(an_email().text)


def test_the_same_message_at_the_same_instant_gives_the_same_bytes() -> None:
    files = (Attachment(file_name="f.pdf", media_type="application/pdf", content=b"%PDF-"),)
    first, second = (eml.compose(an_email(attachments=files), sent_at=NOW) for _ in range(2))
    assert first == second


def test_each_attempt_has_a_boundary_of_its_own() -> None:
    assert reopened(an_email()).get_boundary() != reopened(an_email(attempt_id="other")).get_boundary()


def test_a_text_that_holds_the_boundary_of_another_message_ends_nothing() -> None:
    boundary = reopened(an_email()).get_boundary()
    text = f"before\n--{boundary}\nContent-Type: text/html\n\nafter\n--{boundary}--\n"
    assert body(reopened(an_email(text=text)), "plain") == unix(text)


def test_no_line_is_longer_than_a_mail_server_takes() -> None:
    raw = eml.compose(an_email(html="é" * 5000, text="a" * 5000, subject="b c" * 900), sent_at=NOW)
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert b"\n" not in raw.replace(b"\r\n", b"")


def test_text_can_be_read_in_the_file_without_a_mail_program() -> None:
    assert "Il reste 1 234,56 € à régler.".encode() in eml.compose(an_email(), sent_at=NOW)
