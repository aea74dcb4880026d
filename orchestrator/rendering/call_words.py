"""What a person may say on the telephone, one file per language of `templates/calls/`. Calls nobody.

Before it is sure who listens nothing is said of a debt: the words of OPENING know neither creditor nor amount.
"""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

import msgspec

from orchestrator.domain.errors import TemplateError, did_you_mean
from orchestrator.domain.voice import Voice
from orchestrator.rendering import located_yaml
from orchestrator.rendering.located_yaml import map_of, text_of
from orchestrator.rendering.typography import typography

# In the order in which they are said; `reason` is the voice's own.
OPENING = ("opening", "identity", "not_them", "voicemail")
KEYS = (*OPENING, "reason", "listen", "options", "close", "never")
_REASONS = tuple(f"reason_{voice}" for voice in Voice)
_ALL = frozenset(KEYS) - {"reason"} | frozenset(_REASONS)
_BEFORE = frozenset({"agent", "debtor"})
FACTS = _BEFORE | frozenset({"sender", "creditor", "amount", "due_on", "case", "documents"})
FOLDER = "calls"
_NAME = re.compile(r"\{\{\s*(\w*)\s*\}\}")
_MARKS = re.compile(r"\{\{|\}\}|\{%|%\}")


class CallWords(msgspec.Struct, frozen=True):
    """The words of one language."""

    language: str
    words: Mapping[str, str]

    def script(self, voice: Voice, facts: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
        """(part, text) in the order in which they are said, in a voice. It is text, not HTML."""
        return tuple((key, self._say(f"reason_{voice}" if key == "reason" else key, facts)) for key in KEYS)

    def _say(self, key: str, facts: Mapping[str, str]) -> str:
        return _NAME.sub(lambda found: facts.get(found[1], ""), self.words[key])


def load(text: str, path: str) -> CallWords:
    """The words of a file. Raises TemplateError with file:line for one that is missing, unknown or not sayable."""
    root = located_yaml.read(text, path)
    root.only("language", "words")
    language = root.text("language")
    if language != Path(path).stem:
        raise TemplateError(f'this file says that its language is "{language}"', where=path, hint="its name says it")
    found = map_of(root.required("words"))
    found.only(*_ALL)
    hand = typography(language)
    words = {key: hand.spaced(_checked(found.required(key), key)) for key in sorted(_ALL)}
    return CallWords(language, MappingProxyType(words))


def _checked(value: located_yaml.Located, key: str) -> str:
    text = text_of(value)
    if not text.value.strip():
        raise TemplateError(f'"{key}" says nothing', where=text.where)
    known = _BEFORE if key in OPENING else FACTS
    for name in _NAME.findall(text.value):
        if name in FACTS and name not in known:
            hint = "until it is sure who listens, nothing may be said of a debt"
            raise TemplateError(f'"{name}" is said too early', where=text.where, hint=hint, code="said_too_early")
        if name not in known:
            hint = did_you_mean(name, known) or f"known here: {', '.join(sorted(known))}"
            raise TemplateError(f'unknown variable "{name}"', where=text.where, hint=hint, code="unknown_variable")
    if _MARKS.search(_NAME.sub("", text.value)):
        raise TemplateError("only {{ name }} may stand here", where=text.where)
    return text.value


def read_calls(templates_dir: Path) -> dict[str, CallWords]:
    """The languages of a templates folder; none in one that has no `calls/`. Raises TemplateError."""
    found = {}
    for path in sorted((templates_dir / FOLDER).glob("*.yaml")):
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            raise TemplateError("the file is not written in UTF-8", where=f"{FOLDER}/{path.name}") from None
        found[path.stem] = load(text, f"{FOLDER}/{path.name}")
    return found


@cache
def call_words(templates_dir: Path, shipped_dir: Path) -> Mapping[str, CallWords]:
    """The words in use: the folder's own where it has them, else the shipped ones. Raises TemplateError."""
    return MappingProxyType({**read_calls(shipped_dir), **read_calls(templates_dir)})
