"""From a brief to the message a channel sends, with the evidence of its words. Judges no policy and sends nothing."""

import html
import re
from collections.abc import Callable, Sequence

import msgspec

from channels.contract import EmailMessage, LetterMessage, LetterService, Message, SmsMessage
from orchestrator.domain.campaign import Use
from orchestrator.domain.contact import PointKind
from orchestrator.domain.errors import InputError
from orchestrator.domain.pay_to import accounts_of_others, pay_to
from orchestrator.rendering import letter_address, pay_qr
from orchestrator.rendering.brief import Brief
from orchestrator.rendering.letter_pdf import LetterRenderer
from orchestrator.rendering.letter_words import letter_content
from orchestrator.rendering.mentions import missing_mentions
from orchestrator.rendering.rendered import LetterWords, Rendered, RenderedEmail, RenderedSms
from orchestrator.rendering.texts import Texts

Logos = Callable[[str], bytes | None]
"""The SVG of a creditor's logo by its file name; None when there is none."""


ANOTHER_ACCOUNT = "another_account"
_MARKUP, _NO_SIGN = re.compile(r"<[^>]*>"), re.compile(r"[\W_]+")


class Composed(msgspec.Struct, frozen=True, kw_only=True):
    """A message ready for its channel. `text` is the evidence (words as JSON where there are parts), named by `hash`.

    `problems` are mentions that the document lacks or words that it may not say: it may not leave. `units` are what
    the channel bills.
    """

    message: Message
    hash: str
    text: str
    subject: str = ""
    media_type: str = "text/plain"
    problems: tuple[str, ...] = ()
    units: int = 1

    @property
    def destination(self) -> str:
        """The number or address that a provider's ledger is asked about; empty for letters."""
        if isinstance(self.message, SmsMessage):
            return self.message.to
        return self.message.to_address if isinstance(self.message, EmailMessage) else ""


class Composer:
    """Words and layout of one templates release. Threads may share it."""

    def __init__(self, texts: Texts, letters: LetterRenderer, logos: Logos) -> None:
        self._texts = texts
        self._letters = letters
        self._logos = logos

    def compose(self, brief: Brief, mentions: Sequence[str] = ()) -> Composed:
        """The message of a brief; `mentions` are those its document must bear.

        Raises TemplateError or InputError when it cannot be written (no words, no usable address).
        """
        rendered = self._texts.render(brief)
        problems = tuple(missing_mentions(rendered, brief, tuple(mentions))) if mentions else ()
        if names_another_account(rendered, brief):
            problems = (*problems, ANOTHER_ACCOUNT)
        if isinstance(rendered, RenderedSms):
            return _sms(brief, rendered, problems)
        if isinstance(rendered, RenderedEmail):
            return _email(brief, rendered, problems)
        return self._letter(brief, rendered, problems)

    def _letter(self, brief: Brief, words: LetterWords, problems: tuple[str, ...]) -> Composed:
        address = letter_lines(brief)
        logo = self._logos(brief.creditor.brand.logo) if brief.creditor.brand.logo else None
        content = letter_content(brief, words, address_lines=address, pay_code=pay_code(brief), logo_svg=logo)
        letter = self._letters.render(content)
        service = LetterService.REGISTERED if brief.send.use is Use.REGISTERED else LetterService.SIMPLE
        message = LetterMessage(
            attempt_id=brief.attempt_id,
            pdf=letter.pdf,
            address_lines=address,
            service=service,
            reference=brief.case_id,
        )
        return Composed(
            message=message,
            hash=letter.sha256,
            text=msgspec.json.encode(words).decode(),
            subject=words.subject,
            media_type="application/json",
            problems=problems,
        )


def _sms(brief: Brief, rendered: RenderedSms, problems: tuple[str, ...]) -> Composed:
    message = SmsMessage(
        attempt_id=brief.attempt_id,
        to=_point(brief, PointKind.PHONE),
        sender=brief.creditor.senders.sms or brief.creditor.name[:11],
        text=rendered.text,
        reference=brief.case_id,
    )
    return Composed(
        message=message,
        hash=rendered.content_hash,
        text=rendered.text,
        problems=problems,
        units=rendered.segments.segments,
    )


def _email(brief: Brief, rendered: RenderedEmail, problems: tuple[str, ...]) -> Composed:
    sender = brief.creditor.senders.email
    if sender is None:
        raise InputError(
            "this creditor has no e-mail sender", hint="write senders.email in its file", where=brief.creditor.id
        )
    message = EmailMessage(
        attempt_id=brief.attempt_id,
        to_address=_point(brief, PointKind.EMAIL),
        to_name=brief.person.name if brief.person and brief.person.name else brief.debtor.name,
        from_address=sender.address,
        from_name=sender.name or brief.creditor.name,
        reply_to=brief.creditor.contact.email or sender.address,
        subject=rendered.subject,
        html=rendered.html,
        text=rendered.text,
        headers=rendered.headers,
        reference=brief.case_id,
    )
    parts = {"html": rendered.html, "text": rendered.text, "headers": rendered.headers}
    return Composed(
        message=message,
        hash=rendered.content_hash,
        text=msgspec.json.encode(parts).decode(),
        subject=rendered.subject,
        media_type="application/json",
        problems=problems,
    )


def _point(brief: Brief, kind: PointKind) -> str:
    point = brief.person.point(kind) if brief.person else None
    if point is None or point.fault is not None:
        raise InputError(f"the person has no usable {kind.value}", where=brief.case_id)
    return point.value


def letter_lines(brief: Brief) -> tuple[str, ...]:
    """The address of the envelope, as the post wants it. Raises InputError when it cannot be written."""
    person = brief.person
    address = person.address if person else None
    if address is None:
        raise InputError("the person has no postal address", where=brief.case_id)
    is_company = not brief.debtor.status.is_individual
    return letter_address.format_address(
        name=(person.name if person else "") or ("" if is_company else brief.debtor.name),
        organisation=brief.debtor.name if is_company else "",
        lines=address.lines,
        postcode=address.postcode,
        city=address.city,
        country=address.country,
    )


def pay_code(brief: Brief) -> str | None:
    """The pay-by code of a demand in euros, when the payee's account is known (semantics A10: never a new one)."""
    paid, statement = pay_to(brief.creditor, brief.payee), brief.statement
    if not paid.iban or statement.currency != "EUR" or statement.total_cents <= 0:
        return None
    return pay_qr.epc_payload(
        name=paid.name,
        iban=paid.iban,
        bic=paid.bic if brief.payee else "",  # the creditor's own has always gone without, as pages that left did
        amount_cents=statement.total_cents,
        remittance=brief.case_id,
    )


def names_another_account(rendered: Rendered, brief: Brief) -> bool:
    """Whether words, a person's own too, name an account on file that is not that of who is paid (R46)."""
    others = accounts_of_others(brief.creditor, brief.payee)
    if not others:  # an ordinary creditor: nothing to read
        return False
    text = rendered.text
    if isinstance(rendered, RenderedEmail):
        text = f"{rendered.subject} {text} {html.unescape(_MARKUP.sub(' ', rendered.html))}"
    squeezed = _NO_SIGN.sub("", text).upper()
    return any(account in squeezed for account in others)
