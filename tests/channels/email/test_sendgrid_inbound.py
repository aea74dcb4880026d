"""Inbound Parse: a mail raw or taken apart says the same; what no form is, is kept whole; nothing raises."""

import json
from collections.abc import Mapping, Sequence
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.contract import Inbound, Receipt
from channels.email.form_parts import FormPart, form_parts
from channels.email.stored_mail import opened_mail, stored_mail
from channels.provider import Parsed, RawRequest
from channels.registry import webhooks

HOOK = webhooks("sendgrid")["inbound"]
KIND = 'multipart/form-data; boundary="xYzZY"'
HEADERS = (
    "Received: by mx.sendgrid.net\r\nFrom: =?utf-8?q?H=C3=A9l=C3=A8ne?= <helene@client.example>\r\n"
    "To: reply+01J2ATTEMPT@reply.acme.example\r\nSubject: Re: votre facture\r\nMessage-ID: <m1@client.example>\r\n"
    "In-Reply-To: <01J2ATTEMPT@acme.example>\r\nDate: Tue, 10 Mar 2026 10:00:00 +0100\r\n"
    'Content-Type: multipart/alternative;\r\n boundary="b1"\r\nMIME-Version: 1.0\r\n'
)
FIELDS: dict[str, str | bytes] = {
    "headers": HEADERS,
    "from": "Hélène <helene@client.example>",
    "to": "reply+01J2ATTEMPT@reply.acme.example",
    "subject": "Re: votre facture",
    "text": "Déjà payé".encode("latin-1"),
    "charsets": '{"to":"UTF-8","subject":"UTF-8","from":"UTF-8","text":"iso-8859-1"}',
    "envelope": '{"to":["reply+01J2ATTEMPT@reply.acme.example"],"from":"helene@client.example"}',
}


def form(fields: Mapping[str, str | bytes], files: Sequence[tuple[str, str, bytes]] = ()) -> bytes:
    lines = []
    for name, text in fields.items():
        content = text.encode() if isinstance(text, str) else text
        lines.append(f'--xYzZY\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode() + content + b"\r\n")
    for number, (name, kind, content) in enumerate(files, 1):
        head = f'form-data; name="attachment{number}"; filename="{name}"\r\nContent-Type: {kind}'
        lines.append(f"--xYzZY\r\nContent-Disposition: {head}\r\n\r\n".encode() + content + b"\r\n")
    return b"".join(lines) + b"--xYzZY--\r\n"


def request(body: bytes, kind: str = KIND) -> RawRequest:
    return RawRequest(
        url="https://relance.example/webhooks/sendgrid/inbound", headers={"content-type": kind}, body=body
    )


def parsed(fields: Mapping[str, str | bytes], files: Sequence[tuple[str, str, bytes]] = ()) -> Parsed:
    return HOOK.parse(request(form(fields, files)))


def inbound(told: Parsed) -> Inbound:
    (fact,) = told.facts
    assert isinstance(fact, Inbound)
    return fact


def raw_mail() -> bytes:
    mail = EmailMessage()
    given = {"From": "Hélène <helene@client.example>", "To": "reply+01J2ATTEMPT@reply.acme.example",
             "Subject": "Re: votre facture", "Message-ID": "<m1@client.example>",
             "In-Reply-To": "<01J2ATTEMPT@acme.example>", "Date": "Tue, 10 Mar 2026 10:00:00 +0100"}  # fmt: skip
    for name, text in given.items():
        mail[name] = text
    mail.set_content("Déjà payé")
    return mail.as_bytes()


def test_a_mail_says_the_same_raw_and_taken_apart() -> None:
    apart, whole = inbound(parsed(FIELDS)), inbound(parsed({"email": raw_mail(), "to": "x"}))
    for told in (apart, whole):
        assert (told.sender, told.sender_name, told.text) == ("helene@client.example", "Hélène", "Déjà payé")
        assert (told.attempt_id, told.subject) == ("01J2ATTEMPT", "Re: votre facture")
        assert told.thread == ("<01J2ATTEMPT@acme.example>",)
    assert apart.occurred_at == whole.occurred_at


def test_the_same_mail_has_one_key() -> None:
    (apart,) = HOOK.split(request(form(FIELDS)))
    (whole,) = HOOK.split(request(form({"email": HEADERS.encode() + b"\r\nx"})))
    assert apart.key == whole.key
    (other,) = HOOK.split(request(form({**FIELDS, "headers": HEADERS.replace("<m1@", "<m2@")})))
    assert other.key != apart.key


def test_without_headers_the_fields_are_read() -> None:
    told = inbound(parsed({"from": "Jean <jean@client.example>", "html": "<p>Bonjour</p>", "subject": "é"}))
    assert (told.sender, told.text, told.subject) == ("jean@client.example", "Bonjour", "é")


def test_attachments_are_kept() -> None:
    files = [
        ("reçu.pdf", "application/pdf", b"%PDF-1.7\0\xff\r\n--b1\r\n"),
        ("photo.jpg", "image/jpeg", b"\xff" * 30_000),
    ]
    told = inbound(parsed(FIELDS, files))
    kept = [(each.file_name, each.media_type, each.content) for each in told.attachments]
    assert kept == files


def test_beyond_twenty_megabytes_the_names_are_kept_and_it_is_said() -> None:
    files = [(f"{name}.bin", "application/octet-stream", b"x" * 8_000_000) for name in "abc"]
    told = parsed(FIELDS, files)
    sizes = {each.file_name: len(each.content) for each in inbound(told).attachments}
    assert sizes == {"a.bin": 8_000_000, "b.bin": 8_000_000, "c.bin": 0}
    assert told.faults == ("attachments beyond 20 MB were left out, their names are kept",)


def test_a_bounce_is_a_receipt() -> None:
    bounce = (
        b"From: MAILER-DAEMON@mx.example\r\nTo: bounce+01J2ATTEMPT@acme.example\r\nSubject: failure\r\n"
        b'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n--b\r\n'
        b"Content-Type: text/plain\r\n\r\nno\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        b"Reporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; x@client.example\r\nAction: failed\r\n"
        b"Status: 5.1.1\r\n\r\n--b--\r\n"
    )
    (fact,) = parsed({"email": bounce}).facts
    assert isinstance(fact, Receipt)
    assert fact.attempt_id == "01J2ATTEMPT"


def test_a_header_of_the_mail_cannot_end_the_headers() -> None:
    told = inbound(parsed({**FIELDS, "headers": HEADERS + "\r\n\r\nX: y\r\nnot a header\r\nTo: evil@x.example\r\n"}))
    assert told.text == "Déjà payé"
    assert told.attempt_id == "01J2ATTEMPT"


@pytest.mark.parametrize("kind", [KIND, "multipart/form-data", "multipart/form-data; boundary=", "text/plain"])
@pytest.mark.parametrize(
    "body", [b"", b"--xYzZY", b"--xYzZY\r\n\r\nx", b"\xff\0", form({"nothing": "known"}), form({})]
)
def test_what_is_no_form_is_kept_whole_and_is_a_fault(kind: str, body: bytes) -> None:
    (event,) = HOOK.split(request(body, kind))
    assert event.key.startswith("sha256:")
    assert "\0" not in event.body
    assert HOOK.read(event.body) == Parsed(faults=("a form of Inbound Parse that cannot be read",))


@given(st.binary(max_size=200), st.integers(0, 900), st.integers(0, 60))
def test_no_bytes_make_it_raise(noise: bytes, place: int, length: int) -> None:
    whole = form(FIELDS, [("a.pdf", "application/pdf", b"%PDF")])
    body = whole[:place] + noise + whole[place + length :]
    for event in HOOK.split(request(body)):
        json.dumps(event.body).encode()
        HOOK.read(event.body)


@given(st.binary(max_size=100))
def test_a_mail_comes_back_byte_for_byte(raw: bytes) -> None:
    text = stored_mail(raw)
    assert "\0" not in text
    assert opened_mail(text) == raw


@given(st.text(max_size=60))
def test_a_text_that_is_no_stored_mail_is_none(text: str) -> None:
    assert opened_mail("nothing\n" + text) is None
    opened_mail("base64\n" + text)


def test_a_form_is_read_to_its_end_or_not_at_all() -> None:
    whole = form({"a": "1", "b": b"\r\n--xYzZ\r\n"}, [("é.txt", "Text/Plain; charset=x", b"")])
    assert form_parts(KIND, whole) == [
        FormPart("a", b"1"),
        FormPart("b", b"\r\n--xYzZ\r\n"),
        FormPart("attachment1", b"", "é.txt", "text/plain"),
    ]
    for end in range(len(whole) - len(b"--\r\n")):
        assert form_parts(KIND, whole[:end]) is None
    assert form_parts(KIND, form({str(number): "x" for number in range(1_100)})) is None
