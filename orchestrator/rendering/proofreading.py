"""Reads a whole templates folder before anyone is written to, and gives every fault with its place. Judges no words.

What may not be said is the lint's; whether a campaign's steps find their template is the campaign lint's.
"""

from pathlib import Path

from orchestrator.domain.errors import RelanceError, TemplateError, did_you_mean
from orchestrator.domain.text_rules import MENTIONS, TEXTS
from orchestrator.rendering import forms, sandbox
from orchestrator.rendering.mentions import WORDINGS
from orchestrator.rendering.phrasebook import Phrasebook
from orchestrator.rendering.texts import Texts
from orchestrator.rendering.wording_files import Files, read_folder


def check(source: Path | Files) -> tuple[RelanceError, ...]:
    """Every fault of a templates folder, or of its files, in a stable order; none when all can be said.

    An unreadable catalogue or phrasebook hides what depends on it: mend it and check again.
    """
    try:
        files = read_folder(source) if isinstance(source, Path) else source
        texts = Texts.of_files(files)
    except RelanceError as error:
        return (error,)
    faults: list[RelanceError] = []
    for language in texts.languages:
        faults += _language_faults(texts, language)
    return tuple({str(fault): fault for fault in faults}.values())


def _language_faults(texts: Texts, language: str) -> list[RelanceError]:
    try:
        book = texts.book(language)
    except RelanceError as error:
        return [error]
    faults = [*_book_faults(texts, book, language), *_file_faults(texts, book)]
    if faults:  # composing would only say the same again, further from its cause
        return faults
    return _place_faults(texts, language)


def _book_faults(texts: Texts, book: Phrasebook, language: str) -> list[RelanceError]:
    faults: list[RelanceError] = []
    if book.language != language:
        hint = f"the file of this language is phrases/{book.language}.yaml"
        faults.append(TemplateError(f'this phrasebook says language: "{book.language}"', where=book.path, hint=hint))
    for name in book.templates:
        if name not in texts.catalogue.entries:
            hint = did_you_mean(name, texts.catalogue.entries)
            faults.append(TemplateError(f'no template is named "{name}"', where=book.path, hint=hint))
    faults += [
        TemplateError(f'the mention "{name}" has no wording to be known by', where=book.path)
        for name in sorted(WORDINGS - texts.statutes.keys() - book.mentions.keys())
    ]
    for name in book.mentions.keys() - MENTIONS.keys() - TEXTS.keys():
        hint = did_you_mean(name, MENTIONS)
        faults.append(TemplateError(f'no mention is named "{name}"', where=book.path, hint=hint))
    names = book.names | texts.statutes.keys()
    for line in book.every_line():
        path = line.text.where.rsplit(":", 2)[0]
        try:
            sandbox.check_names(
                line.text.value, path=path, first_line=line.text.line, known=names.__contains__, names=names
            )
        except RelanceError as error:
            faults.append(error)
    return faults


def _file_faults(texts: Texts, book: Phrasebook) -> list[RelanceError]:
    faults: list[RelanceError] = []
    for path in texts.files:
        if path.startswith(("sms/", "email/", "letter/")):
            try:
                forms.check(texts.files, path, names=book.names | texts.statutes.keys())
            except RelanceError as error:
                faults.append(error)
    return faults


def _place_faults(texts: Texts, language: str) -> list[RelanceError]:
    faults: list[RelanceError] = []
    for entry in texts.catalogue.entries.values():
        for channel in entry.channels:
            for voice in entry.voices:
                try:
                    texts.check(entry, channel, language, voice)
                except RelanceError as error:
                    faults.append(error)
    return faults
