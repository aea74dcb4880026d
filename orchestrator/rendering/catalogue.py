"""The list of templates: what each is in law, why it exists, where it can go, what it needs. Holds no words."""

import re
from pathlib import Path

import msgspec

from channels.contract import Channel
from orchestrator.domain.campaign import DocumentKind, Purpose
from orchestrator.domain.errors import NotFound, TemplateError, did_you_mean
from orchestrator.domain.voice import Voice
from orchestrator.rendering import located_yaml
from orchestrator.rendering.facts import FACTS
from orchestrator.rendering.located_yaml import Located, Map, Text, map_of, text_of, texts_of
from orchestrator.rendering.wording_files import CATALOGUE, Files, read_folder

# A collector's later messages recall the reference and date of its first letter (CPCE R124-4, FR-3P-05).
OF_EVERY_COLLECTOR = ("letter_reference", "letter_date")
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_KEYS = (
    "title", "kind", "purpose", "channels", "voices", "requires", "third_party_requires", "party", "shows_amounts"
)  # fmt: skip


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One template. `channels` gives its form on each; `requires` are facts that must be known to write it.

    `party` is own, third_party, or empty for both. `where` is its place in the catalogue file.
    """

    name: str
    where: str
    title: dict[str, str]
    kind: DocumentKind
    purpose: Purpose
    channels: dict[Channel, str]
    voices: tuple[Voice, ...]
    requires: tuple[str, ...] = ()
    third_party_requires: tuple[str, ...] = OF_EVERY_COLLECTOR
    party: str = ""
    shows_amounts: bool = False


class Catalogue(msgspec.Struct, frozen=True):
    """Every template by name."""

    entries: dict[str, Entry]

    def entry(self, name: str) -> Entry:
        """Raises NotFound for a name that no template has."""
        try:
            return self.entries[name]
        except KeyError:
            raise NotFound(
                f'no template is named "{name[:60]}"', hint=did_you_mean(name, self.entries), where=CATALOGUE
            ) from None

    def of_kind(self, kind: DocumentKind) -> tuple[Entry, ...]:
        """The templates that are of a kind in law."""
        return tuple(entry for entry in self.entries.values() if entry.kind is kind)


def load(source: Files | Path) -> Catalogue:
    """The catalogue of a templates folder, or of its files. Raises TemplateError with file:line:column."""
    files = read_folder(source) if isinstance(source, Path) else source
    if CATALOGUE not in files:
        raise TemplateError("these files have no catalogue of templates", where=CATALOGUE)
    top = located_yaml.read(files[CATALOGUE], CATALOGUE)
    top.only("templates")
    templates = map_of(top.required("templates"))
    return Catalogue({name: _entry(name, map_of(value), files) for name, value in templates.value.items()})


def _entry(name: str, entry: Map, files: Files) -> Entry:
    entry.only(*_KEYS)
    channels = map_of(entry.required("channels"))
    channels.only(*Channel)
    party = text_of(entry.value["party"]) if "party" in entry.value else Text("", entry.where, 0)
    shows = text_of(entry.value["shows_amounts"]) if "shows_amounts" in entry.value else Text("no", entry.where, 0)
    third = entry.value.get("third_party_requires")
    return Entry(
        name=name,
        where=entry.where,
        title=_title(map_of(entry.required("title"))),
        kind=DocumentKind(_one_of(entry.required("kind"), tuple(DocumentKind))),
        purpose=Purpose(_one_of(entry.required("purpose"), tuple(Purpose))),
        channels={Channel(c): _form(Channel(c), text_of(form), files) for c, form in channels.value.items()},
        voices=tuple(Voice(_one_of(voice, tuple(Voice))) for voice in texts_of(entry.required("voices"))),
        requires=_facts(entry.value.get("requires")),
        third_party_requires=_facts(third) if third is not None else OF_EVERY_COLLECTOR,
        party=_one_of(party, ("", "own", "third_party")),
        shows_amounts=_one_of(shows, ("yes", "no")) == "yes",
    )


def _title(title: Map) -> dict[str, str]:
    for language in title.value:
        if not _LANGUAGE.fullmatch(language):
            hint = 'a title with a comma stands in quotes: {fr: "Payé, merci"}'
            raise TemplateError(f'"{language}" is not a language', where=title.key_places[language], hint=hint)
    return {language: text_of(text).value for language, text in title.value.items()}


def _one_of(value: Located, known: tuple[str, ...]) -> str:
    text = text_of(value)
    if text.value not in known:
        hint = did_you_mean(text.value, known) or f"one of {', '.join(filter(None, known))}"
        raise TemplateError(f'"{text.value}" cannot stand here', where=text.where, hint=hint)
    return text.value


def _facts(value: Located | None) -> tuple[str, ...]:
    texts = texts_of(value) if value is not None else ()
    known = tuple(fact.name for fact in FACTS.values() if fact.kind == "text")
    return tuple(_one_of(text, known) for text in texts)


def _form(channel: Channel, form: Text, files: Files) -> str:
    for suffix in ("html", "txt") if channel is Channel.EMAIL else ("txt",):
        path = f"{channel}/{form.value}.{suffix}"
        if path not in files:
            forms = [p.removeprefix(f"{channel}/").rpartition(".")[0] for p in files if p.startswith(f"{channel}/")]
            raise TemplateError(f"the file {path} is missing", where=form.where, hint=did_you_mean(form.value, forms))
    return form.value
