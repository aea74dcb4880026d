"""Every word that a debtor reads: a brief in, the words of one SMS, e-mail or letter out. Sends and decides nothing.

A template is composed and compiled once per language and voice (some milliseconds), then rendered in microseconds.
"""

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import msgspec

from channels import gsm7
from channels.contract import Channel
from orchestrator.domain.campaign import OF_LAW, DocumentKind, Purpose
from orchestrator.domain.creditor import Creditor
from orchestrator.domain.errors import TemplateError
from orchestrator.domain.voice import Voice
from orchestrator.rendering import catalogue, email_html, forms, letter_words, phrasebook, statutes
from orchestrator.rendering.brief import Brief
from orchestrator.rendering.catalogue import Catalogue, Entry
from orchestrator.rendering.composition import Compiled, Composer, Place, Source
from orchestrator.rendering.facts import FACTS
from orchestrator.rendering.money_facts import check_statement
from orchestrator.rendering.phrasebook import Phrasebook
from orchestrator.rendering.reading import Fact, Reading, Value
from orchestrator.rendering.rendered import Rendered, RenderedEmail, RenderedSms, Signs
from orchestrator.rendering.typography import Typography, typography
from orchestrator.rendering.wording_files import Files, read_folder, release_of

RESTATEMENT = "restatement"
_CREDITORS_KEPT = 256
# Beyond these something is wrong with the data, not with the template.
_MAX_CHARACTERS = {Channel.SMS: 1_530, Channel.EMAIL: 400_000, Channel.LETTER: 400_000}


class _Made(msgspec.Struct, frozen=True):
    """A template compiled for a place: its parts by name (sms; subject, html, text; letter)."""

    parts: dict[str, Compiled]
    facts: tuple[Fact, ...]
    signs: Signs


class Texts:
    """The words of one templates folder. Threads may share it: what it keeps is only ever added to."""

    def __init__(self, templates_dir: Path, *, show_amount: bool = False) -> None:
        """`show_amount`: the deployment lets every SMS carry the amount (semantics D9).

        Raises TemplateError when the folder or its catalogue cannot be used; phrasebooks are read when first needed.
        """
        self._start(read_folder(templates_dir), show_amount=show_amount)

    @classmethod
    def of_files(cls, files: Files, *, show_amount: bool = False) -> "Texts":
        """The words of files held elsewhere, such as a pinned release (semantics B13); paths as in `read_folder`."""
        texts = cls.__new__(cls)
        texts._start(files, show_amount=show_amount)
        return texts

    def _start(self, files: Files, *, show_amount: bool) -> None:
        self.files = files
        self.catalogue: Catalogue = catalogue.load(files)
        self._show_amount = show_amount
        self.statutes = statutes.read(files)
        self._statute_signs = {name: (words,) for name, words in self.statutes.items()}
        self._books: dict[str, Phrasebook] = {}
        self._made: dict[tuple[str, Channel, str, Voice], _Made] = {}
        self._sources: dict[tuple[str, str], str] = {}
        self._creditors: dict[tuple[int, Typography], tuple[Creditor, dict[str, Value]]] = {}

    @cached_property
    def release(self) -> str:
        """SHA-256 of all the files: what a campaign is pinned with."""
        return release_of(self.files)

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """The languages that have a phrasebook."""
        return tuple(path[8:-5] for path in self.files if path.startswith("phrases/") and path.endswith(".yaml"))

    def book(self, language: str) -> Phrasebook:
        """The phrasebook of a language. Raises TemplateError when there is none."""
        book = self._books.get(language)
        if book is None:
            path = f"phrases/{language}.yaml"
            if path not in self.files:
                hint = f"there is {', '.join(self.languages)}"
                raise TemplateError(
                    f'no phrasebook for the language "{language[:20]}"', hint=hint, code="language_unknown"
                )
            book = self._books[language] = phrasebook.load(self.files[path], path)
        return book

    def render(self, brief: Brief) -> Rendered:
        """The words of a message: RenderedSms, RenderedEmail or LetterWords, by the channel of `brief.send`.

        Raises NotFound for an unknown template, TemplateError when it has no words for this channel, voice or
        language, lacks a fact it requires, or its amounts do not add up.
        """
        send = brief.send
        entry = self.template_of(brief)
        made = self.made(entry, send.channel, brief.language, send.voice)
        hand = typography(brief.language, is_plain=send.channel is Channel.SMS)
        reading = Reading(brief, hand, show_amount=self._show_amount)
        check_statement(reading)
        _check_required(entry, reading)
        values = {**self._of_creditor(reading), **{fact.name: fact.read(reading) for fact in made.facts}}
        if send.channel is Channel.SMS:
            return _sms(_bounded(made.parts["sms"].render(values), Channel.SMS), made.signs)
        if send.channel is Channel.LETTER:
            text = _bounded(made.parts["letter"].render(values), Channel.LETTER)
            return letter_words.cut(text, brief.language, made.signs)
        # A mail program posts there by itself; its reader's browser finds a page that asks first (RFC 8058).
        way_out = f"<{brief.link}/stop>"
        return RenderedEmail(
            subject=_header(made.parts["subject"].render(values)),
            html=_bounded(made.parts["html"].render(values), Channel.EMAIL),
            text=_bounded(made.parts["text"].render(values), Channel.EMAIL),
            headers={"List-Unsubscribe": way_out, "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"},
            signs=made.signs,
        )

    def template_of(self, brief: Brief) -> Entry:
        """The template that speaks: after a long silence a demand restates instead (semantics B5), but not of law."""
        send = brief.send
        is_other = send.kind not in (*OF_LAW, DocumentKind.UPCOMING)
        restatement = self.catalogue.entries.get(RESTATEMENT)
        if restatement is not None and send.is_restatement and send.purpose is Purpose.DEMAND and is_other:
            return restatement
        return self.catalogue.entry(send.template)

    def made(self, entry: Entry, channel: Channel, language: str, voice: Voice) -> _Made:
        """The compiled template, from the cache or made now."""
        key = (entry.name, channel, language, voice)
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = self._make(entry, channel, language, voice)
        return made

    def variables_of(self, template: str, *, channel: Channel, language: str, voice: Voice) -> tuple[str, ...]:
        """The facts that a template needs to be rendered there, sorted."""
        made = self.made(self.catalogue.entry(template), channel, language, voice)
        return tuple(sorted({fact.name for part in made.parts.values() for fact in part.facts}))

    def _of_creditor(self, reading: Reading) -> dict[str, Value]:
        """What is the same in every message of a creditor, worked out once for as long as its file stays the same."""
        creditor = reading.brief.creditor
        key = (id(creditor), reading.hand)
        held = self._creditors.get(key)  # which keeps the creditor, so that no other takes its id
        if held is not None:
            return held[1]
        if len(self._creditors) >= _CREDITORS_KEPT:
            self._creditors.clear()
        values = {fact.name: fact.read(reading) for fact in FACTS.values() if fact.is_of_creditor}
        self._creditors[key] = (creditor, values)
        return values

    # ------------------------------------------------------------ making

    def _make(self, entry: Entry, channel: Channel, language: str, voice: Voice) -> _Made:
        book = self.book(language)
        parts = {
            name: self._composer(book, place, is_html=name == "html").compile(source)
            for name, place, source in self._sources_of(entry, channel, book, voice)
        }
        needed = {fact.name: fact for part in parts.values() for fact in part.facts if not fact.is_of_creditor}
        signs = {**book.mentions, **self._statute_signs}
        return _Made(parts, tuple(needed[name] for name in sorted(needed)), signs)

    def check(self, entry: Entry, channel: Channel, language: str, voice: Voice) -> None:
        """Raises TemplateError when a template cannot be said there; composes it, and compiles nothing."""
        book = self.book(language)
        for name, place, source in self._sources_of(entry, channel, book, voice):
            self._composer(book, place, is_html=name == "html").compose(source)

    def _sources_of(
        self, entry: Entry, channel: Channel, book: Phrasebook, voice: Voice
    ) -> Iterator[tuple[str, Place, Source]]:
        """Each part of a template with its place and source: sms; subject, html and text; letter."""
        form = entry.channels.get(channel)
        if form is None:
            raise TemplateError(f"the template {entry.name} does not exist for {channel}", where=entry.where)
        if voice not in entry.voices:
            hint = f"it has {', '.join(entry.voices)}"
            raise TemplateError(
                f"the template {entry.name} has no words in the voice {voice}", where=entry.where, hint=hint
            )
        place = Place(entry.name, entry.purpose, voice, channel, entry.shows_amounts)
        for name, path in _paths(channel, form).items():
            yield name, place, self._source(path, name, book)

    def _composer(self, book: Phrasebook, place: Place, *, is_html: bool) -> Composer:
        hand = typography(book.language, is_plain=place.channel is Channel.SMS)
        return Composer(book, place, hand, constants=self.statutes, is_html=is_html)

    def _source(self, path: str, name: str, book: Phrasebook) -> Source:
        if name == "subject":
            return Source("{{ subject }}", book.path)
        key = (path, book.language)
        if key not in self._sources:
            self._sources[key] = self._assembled(path, book)
        return Source(self._sources[key], path)

    def _assembled(self, path: str, book: Phrasebook) -> str:
        source = forms.assemble(self.files, path, names=book.names | self.statutes.keys())
        if path.endswith(".html"):
            return email_html.inlined(source)
        return letter_words.marked(source, path) if path.startswith("letter/") else source


def _paths(channel: Channel, form: str) -> dict[str, str]:
    if channel is Channel.EMAIL:
        return {"subject": "", "html": f"email/{form}.html", "text": f"email/{form}.txt"}
    return {channel.value: f"{channel}/{form}.txt"}


def _check_required(entry: Entry, reading: Reading) -> None:
    party = reading.brief.creditor.party
    if party == "third_party" and reading.collector is None:
        hint = "its file needs `collector:`"
        raise TemplateError("this third-party creditor has no collector", hint=hint, code="brief_incomplete")
    if entry.party and entry.party != party:
        raise TemplateError(f"the template {entry.name} is for the party {entry.party}", code="brief_incomplete")
    for name in (*entry.requires, *(_required_of_collector(entry, reading) if party == "third_party" else ())):
        if not FACTS[name].read(reading):
            hint = "the message needs that fact"
            raise TemplateError(
                f'the template {entry.name} cannot be written without "{name}"', hint=hint, code="brief_incomplete"
            )


def _required_of_collector(entry: Entry, reading: Reading) -> tuple[str, ...]:
    """The first letter of CPCE R124-4 is recalled to debtors in France; elsewhere there is none to recall."""
    recalled = catalogue.OF_EVERY_COLLECTOR
    is_french = FACTS["country"].read(reading) == "FR"
    return tuple(name for name in entry.third_party_requires if is_french or name not in recalled)


def _sms(text: str, signs: Signs) -> RenderedSms:
    normalised = gsm7.to_gsm7(" ".join(text.split()))
    return RenderedSms(
        text=normalised.text,
        segments=gsm7.segments(normalised.text),
        changes=normalised.changes,
        unsupported=normalised.unsupported,
        signs=signs,
    )


def _header(text: str) -> str:
    """One line that cannot start another header nor an encoded word (CVE-2024-6923)."""
    return " ".join(text.replace("=?", "= ?").split())


def _bounded(text: str, channel: Channel) -> str:
    if len(text) > _MAX_CHARACTERS[channel]:
        raise TemplateError(
            f"this {channel} is longer than {_MAX_CHARACTERS[channel]} characters", code="output_too_long"
        )
    return text
