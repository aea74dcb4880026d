"""Mails as people and machines write them, for the tests that read them. Invented people."""

from email.message import EmailMessage as Mime

ATTEMPT = "0f3c9a7be2d14c55"
OURS = f"<{ATTEMPT}@atelier.example>"


def a_reply(
    text: str = "Bonjour,\n\nJe paierai vendredi.\n\nHélène Prévost\n",
    *,
    subject: str = "Re: Votre facture F-12 arrive à échéance",
    message_id: str = "<reply-1@mail.client.example>",
    to: str = "Atelier Noël <reponses@atelier.example>",
    answers: str = OURS,
    html: str = "",
    files: tuple[tuple[str, str, bytes], ...] = (),
    extra: tuple[tuple[str, str], ...] = (),
) -> bytes:
    """An answer to one of our messages, as a usual program sends it. `files` are (name, media type, content)."""
    mail = Mime()
    mail["From"] = "Hélène Prévost <helene.prevost@client.example>"
    mail["To"] = to
    mail["Subject"] = subject
    mail["Date"] = "Wed, 15 Jul 2026 10:12:00 +0200"
    if message_id:
        mail["Message-ID"] = message_id
    if answers:
        mail["In-Reply-To"] = answers
        mail["References"] = f"<first@atelier.example> {answers}"
    for name, value in extra:
        mail[name] = value
    if text:
        mail.set_content(text)
        if html:
            mail.add_alternative(html, subtype="html")
    else:
        mail.set_content(html, subtype="html")
    for name, media_type, octets in files:
        maintype, _, subtype = media_type.partition("/")
        mail.add_attachment(octets, maintype=maintype, subtype=subtype, filename=name)
    return mail.as_bytes()


def plain(head: str, body: bytes = b"") -> bytes:
    """A mail from its bare lines."""
    return head.strip().replace("\n", "\r\n").encode() + b"\r\n\r\n" + body


QMAIL_BOUNCE = plain(
    "From: MAILER-DAEMON@relay.client.example\nTo: reponses@atelier.example\nSubject: failure notice\n"
    "Date: Wed, 15 Jul 2026 09:06:00 +0200",
    b"Hi. This is the qmail-send program at relay.client.example.\n"
    b"I'm afraid I wasn't able to deliver your message to the following addresses.\n\n"
    b"<helene.prevost@client.example>:\n192.0.2.7 does not like recipient.\n"
    b"Remote host said: 550 5.1.1 no such user\nGiving up on 192.0.2.7.\n\n"
    b"--- Below this line is a copy of the message.\n\n"
    b"Return-Path: <reponses@atelier.example>\nMessage-ID: " + OURS.encode() + b"\nSubject: Votre facture\n\nBonjour\n",
)
