"""The shipped words, and every place where they are said, for the tests of rendering."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import msgspec

from channels.contract import Channel, EmailMessage, LetterMessage, SmsMessage
from orchestrator.domain.voice import Voice
from orchestrator.rendering.brief import Brief
from orchestrator.rendering.catalogue import Entry
from orchestrator.rendering.compose import Composed, letter_lines
from orchestrator.rendering.rendered import LetterWords, Rendered, RenderedEmail, RenderedSms
from orchestrator.rendering.samples import sample_brief, worst_case_brief
from orchestrator.rendering.texts import Texts
from orchestrator.rendering.wording_files import read_folder

TEMPLATES = Path(__file__).parents[2] / "templates"
LANGUAGES = ("fr", "en")
PARTIES = {"": (False, True), "own": (False,), "third_party": (True,)}
_MARKUP = re.compile(r"<style.*?</style>|<[^>]+>", re.DOTALL)


@cache
def shipped_files() -> dict[str, str]:
    """The shipped files, path → text. Never changed: a test copies them."""
    return read_folder(TEMPLATES)


@cache
def shipped_texts() -> Texts:
    """The shipped words; what they compile is kept for the whole run."""
    return Texts.of_files(shipped_files())


def changed(path: str, old: str, new: str) -> dict[str, str]:
    """The shipped files with one text of one of them replaced, once."""
    files = dict(shipped_files())
    assert old in files[path], f"{old!r} is not in {path}"
    files[path] = files[path].replace(old, new, 1)
    return files


def a_brief(template: str = "reminder", channel: Channel = Channel.EMAIL, **changes: object) -> Brief:
    """An ordinary brief; `voice language is_business is_third_party is_long` choose it, the rest replaces."""
    entry = shipped_texts().catalogue.entry(template)
    make = worst_case_brief if changes.pop("is_long", False) else sample_brief
    voice = changes.pop("voice", None) or (Voice.COURTEOUS if Voice.COURTEOUS in entry.voices else entry.voices[0])
    brief = make(
        entry,
        channel=channel,
        voice=Voice(str(voice)),
        language=str(changes.pop("language", "fr")),
        is_business=bool(changes.pop("is_business", False)),
        is_third_party=bool(changes.pop("is_third_party", False)),
    )
    return msgspec.structs.replace(brief, **changes)


@cache
def said(name: str, language: str) -> tuple[tuple[Brief, Rendered], ...]:
    """Every place of a template with what is said there; rendered once for the whole run."""
    texts = shipped_texts()
    return tuple((brief, texts.render(brief)) for brief in places(texts.catalogue.entry(name), language))


def places(entry: Entry, language: str) -> Iterator[Brief]:
    """A brief for each channel, voice, kind of debtor and party of a template, ordinary and worst case."""
    for channel in entry.channels:
        for voice in entry.voices:
            for is_business in (False, True):
                for is_third_party in PARTIES[entry.party]:
                    for make in (sample_brief, worst_case_brief):
                        yield make(
                            entry,
                            channel=channel,
                            voice=voice,
                            language=language,
                            is_business=is_business,
                            is_third_party=is_third_party,
                        )


def described(brief: Brief) -> str:
    """Where a message stands, for a failing test."""
    send, who = brief.send, "business" if not brief.debtor.status.is_individual else "individual"
    return f"{send.template}/{send.voice}/{send.channel}/{brief.language}/{who}/{brief.creditor.party}"


def all_words(rendered: Rendered) -> str:
    """Everything a reader sees of a message."""
    if isinstance(rendered, RenderedEmail):
        return f"{rendered.subject}\n{rendered.text}\n{_MARKUP.sub(' ', rendered.html)}"
    assert isinstance(rendered, LetterWords | RenderedSms)
    return rendered.text


def an_sms(brief: Brief, texts: Texts | None = None) -> RenderedSms:
    """The SMS of a brief."""
    rendered = (texts or shipped_texts()).render(brief)
    assert isinstance(rendered, RenderedSms)
    return rendered


def an_email(brief: Brief, texts: Texts | None = None) -> RenderedEmail:
    """The e-mail of a brief."""
    rendered = (texts or shipped_texts()).render(brief)
    assert isinstance(rendered, RenderedEmail)
    return rendered


def a_letter(brief: Brief, texts: Texts | None = None) -> LetterWords:
    """The letter's words of a brief."""
    rendered = (texts or shipped_texts()).render(brief)
    assert isinstance(rendered, LetterWords)
    return rendered


def composed(brief: Brief, rendered: Rendered) -> Composed:
    """As the composer does it, without laying out a letter."""
    if isinstance(rendered, RenderedSms):
        sms = SmsMessage(attempt_id="a1", to="+33644631234", sender=brief.creditor.senders.sms, text=rendered.text)
        return Composed(message=sms, hash="", text=rendered.text, units=rendered.segments.segments)
    if isinstance(rendered, RenderedEmail):
        sender = brief.creditor.senders.email
        assert sender is not None
        email = EmailMessage(
            attempt_id="a1", to_address="jeanne@example.org", from_address=sender.address, from_name=sender.name,
            subject=rendered.subject, html=rendered.html, text=rendered.text,
        )  # fmt: skip
        return Composed(message=email, hash="", text="")
    letter = LetterMessage(attempt_id="a1", pdf=b"%PDF-1.7\n%%EOF\n", address_lines=letter_lines(brief))
    return Composed(message=letter, hash="", text=msgspec.json.encode(rendered).decode())
