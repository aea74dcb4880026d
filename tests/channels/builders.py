"""Messages for the tests of channels: invented people, valid by the contract, each field to be overridden."""

import io
from datetime import datetime, timedelta, timezone
from typing import Any

from pypdf import PdfWriter

from channels.contract import Channel, EmailMessage, LetterMessage, Message, SmsMessage

PARIS_SUMMER = timezone(timedelta(hours=2))
NOW = datetime(2026, 7, 15, 9, 5, 30, tzinfo=PARIS_SUMMER)


def a_pdf(*, pages: int = 1, title: str = "") -> bytes:
    """A PDF of blank pages; another title is another file."""
    written = io.BytesIO()
    with PdfWriter() as writer:
        for _ in range(pages):
            writer.add_blank_page(595, 842)
        writer.add_metadata({"/Title": title})
        writer.write(written)
    return written.getvalue()


PDF = a_pdf()


def now() -> datetime:
    """The clock of most tests."""
    return NOW


def an_sms(**fields: Any) -> SmsMessage:
    """An SMS of one segment."""
    given = {
        "attempt_id": "01J2ATTEMPT",
        "to": "+33644631234",
        "sender": "RELANCE",
        "text": "Votre facture F-12 attend son règlement.",
        "reference": "F-12",
    }
    return SmsMessage(**(given | fields))


def an_email(**fields: Any) -> EmailMessage:
    """An e-mail with accents in every place where they may stand."""
    given = {
        "attempt_id": "01J2ATTEMPT",
        "to_address": "helene.prevost@client.example",
        "to_name": "Hélène Prévost",
        "from_address": "comptabilite@atelier.example",
        "from_name": "Atelier Noël",
        "reply_to": "reponses@atelier.example",
        "subject": "Votre facture F-12 arrive à échéance",
        "html": "<p>Il reste <b>1 234,56 €</b> à régler.</p>\n",
        "text": "Il reste 1 234,56 € à régler.\n",
        "reference": "F-12",
    }
    return EmailMessage(**(given | fields))


def a_letter(**fields: Any) -> LetterMessage:
    """A letter of one blank page."""
    given = {
        "attempt_id": "01J2ATTEMPT",
        "pdf": PDF,
        "address_lines": ("HELENE PREVOST", "3 RUE DES LILAS", "75011 PARIS"),
        "reference": "F-12",
    }
    return LetterMessage(**(given | fields))


def a_message(channel: Channel, **fields: Any) -> Message:
    """A message of that channel."""
    match channel:
        case Channel.SMS:
            return an_sms(**fields)
        case Channel.EMAIL:
            return an_email(**fields)
        case Channel.LETTER:
            return a_letter(**fields)
