"""The words of one language: slots, each a list of lines of which the first whose condition holds is said.

Owns how a phrasebook file is read and where a slot is looked up. Compiles and renders nothing.
"""

from functools import lru_cache
from typing import Literal

import msgspec

from channels.contract import Channel
from orchestrator.domain.campaign import Purpose
from orchestrator.domain.errors import TemplateError, did_you_mean
from orchestrator.domain.voice import Voice
from orchestrator.rendering import located_yaml
from orchestrator.rendering.facts import FACTS, ROW
from orchestrator.rendering.located_yaml import Items, Located, Map, Text, map_of, text_of, texts_of

# Conditions that the message's own place answers, so that they cost nothing when it is rendered.
PLACES: dict[str, tuple[str, ...]] = {
    "voice": tuple(Voice),
    "channel": tuple(Channel),
    "template": (),
    "purpose": tuple(Purpose),
}
_PAIRS = {"debtor": ("business", "individual", "business"), "party": ("third_party", "own", "third_party")}
_YES_NO = ("yes", "no")
_KNOWN = ("known", "unknown")
WORD_FACTS = ("matter", "sector", "country")  # facts with a vocabulary: they are compared with words
_SECTIONS = ("language", "title", "words", "voices", "answers", "templates", "mentions")


class Condition(msgspec.Struct, frozen=True):
    """One term of `when`. A place or a word fact is one of `values`; any other fact is `wanted` or not."""

    name: str
    values: tuple[str, ...] = ()
    wanted: bool = True
    kind: Literal["place", "words", "truth"] = "truth"


class Line(msgspec.Struct, frozen=True):
    """One line of a slot: its words as typed, and the terms that must all hold."""

    text: Text
    when: tuple[Condition, ...] = ()


Lines = tuple[Line, ...]
_Slots = dict[str, Lines]


class _Section(msgspec.Struct, frozen=True):
    slots: _Slots
    voices: dict[str, _Slots]


class Phrasebook(msgspec.Struct, frozen=True):
    """The words of a language. `mentions` are the forms by which a mention is recognised in rendered text."""

    path: str
    language: str
    title: str
    words: _Slots
    voices: dict[str, _Slots]
    answers: _Section
    templates: dict[str, _Section]
    mentions: dict[str, tuple[str, ...]]
    names: frozenset[str]

    def lines(self, slot: str, *, template: str, purpose: Purpose, voice: Voice) -> Lines:
        """Every line that may be said in a slot, the most particular first."""
        own = self.templates.get(template, _NOTHING)
        shared = self.answers if purpose is Purpose.ANSWER else _NOTHING
        general = {} if purpose is Purpose.ANSWER else self.voices.get(voice, {})
        places = (own.voices.get(voice, {}), own.slots, shared.voices.get(voice, {}), shared.slots, general, self.words)
        return tuple(line for place in places for line in place.get(slot, ()))

    def every_line(self) -> Lines:
        """Every line of the book, for a check."""
        sections = (self.answers, *self.templates.values())
        shelves = [self.words, *self.voices.values()]
        for section in sections:
            shelves += [section.slots, *section.voices.values()]
        return tuple(line for shelf in shelves for lines in shelf.values() for line in lines)


_NOTHING = _Section({}, {})


@lru_cache(maxsize=32)
def load(text: str, path: str) -> Phrasebook:
    """A phrasebook from the text of its file. Raises TemplateError with file:line:column."""
    top = located_yaml.read(text, path)
    top.only(*_SECTIONS)
    templates = _map(top, "templates")
    book = Phrasebook(
        path=path,
        language=top.text("language"),
        title=top.text("title"),
        words=_slots(_map(top, "words")),
        voices={voice: _slots(map_of(slots)) for voice, slots in _voices(_map(top, "voices")).items()},
        answers=_section(_map(top, "answers")),
        templates={name: _section(map_of(section)) for name, section in templates.value.items()},
        mentions={k: tuple(t.value for t in texts_of(v)) for k, v in _map(top, "mentions").value.items()},
        names=frozenset(),
    )
    names = _names(book)
    for name in sorted(names & (FACTS.keys() | {ROW})):
        raise TemplateError(f'"{name}" is the name of a fact and cannot name a phrase', where=path)
    return msgspec.structs.replace(book, names=frozenset(names))


def _names(book: Phrasebook) -> set[str]:
    shelves = [book.words, *book.voices.values()]
    for section in (book.answers, *book.templates.values()):
        shelves += [section.slots, *section.voices.values()]
    return {name for shelf in shelves for name in shelf}


def _map(parent: Map, key: str) -> Map:
    return map_of(parent.value[key]) if key in parent.value else Map({}, parent.where, {})


def _section(section: Map) -> _Section:
    voices = _voices(_map(section, "voices"))
    slots = {name: value for name, value in section.value.items() if name != "voices"}
    return _Section(
        _slots(Map(slots, section.where, section.key_places)), {v: _slots(map_of(s)) for v, s in voices.items()}
    )


def _voices(voices: Map) -> dict[str, Located]:
    voices.only(*Voice)
    return voices.value


def _slots(slots: Map) -> _Slots:
    return {name: _lines(value) for name, value in slots.value.items()}


def _lines(value: Located) -> Lines:
    if isinstance(value, Items):
        return tuple(_line(item) for item in value.value)
    return (Line(_stripped(text_of(value))),)


def _line(item: Located) -> Line:
    if isinstance(item, Text):
        return Line(_stripped(item))
    line = map_of(item)
    line.only("when", "say")
    when = _map(line, "when")
    return Line(_stripped(text_of(line.required("say"))), tuple(_condition(key, when) for key in when.value))


def _stripped(text: Text) -> Text:
    return msgspec.structs.replace(text, value=text.value.strip())


def _condition(name: str, when: Map) -> Condition:
    value = when.value[name]
    words = tuple(text.value for text in texts_of(value))
    where = value.where
    if name in PLACES:
        if PLACES[name]:
            _expect(words, PLACES[name], where)
        return Condition(name, words, kind="place")
    if name in _PAIRS:
        fact, *allowed = _PAIRS[name]
        _expect(words, allowed, where, is_single=True)
        return Condition(fact, wanted=words[0] == fact)
    if name in FACTS and FACTS[name].kind == "flag":
        _expect(words, _YES_NO, where, is_single=True)
        return Condition(name, wanted=words[0] == "yes")
    if name in WORD_FACTS and words not in (("known",), ("unknown",)):
        return Condition(name, words, kind="words")
    if name in FACTS and FACTS[name].kind == "text":
        _expect(words, _KNOWN, where, is_single=True)
        return Condition(name, wanted=words[0] == "known")
    known = (*PLACES, *_PAIRS, *(fact.name for fact in FACTS.values() if fact.kind != "rows"))
    hint = did_you_mean(name, known) or "see templates/README.md for the list of conditions"
    raise TemplateError(f'no condition is named "{name}"', where=when.key_places[name], hint=hint)


def _expect(
    words: tuple[str, ...], allowed: tuple[str, ...] | list[str], where: str, *, is_single: bool = False
) -> None:
    if is_single and len(words) != 1:
        raise TemplateError("one value is expected here", where=where)
    for word in words:
        if word not in allowed:
            hint = did_you_mean(word, allowed) or f"one of {', '.join(allowed)}"
            raise TemplateError(f'"{word}" cannot stand here', where=where, hint=hint)
