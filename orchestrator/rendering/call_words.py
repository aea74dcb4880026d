"""What a person may say on the telephone, one file per language of `templates/calls/`. Calls nobody.

Before it is sure who listens nothing is said of a debt: the words of OPENING know neither creditor nor amount. A firm
has an opening of its own, for there it is the right contact who is to be found, and nobody's date of birth.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

import msgspec

from orchestrator.domain.errors import TemplateError
from orchestrator.domain.voice import Voice
from orchestrator.rendering.language_files import filled, in_use, names_in, opened, read_languages, sayable
from orchestrator.rendering.located_yaml import Located, map_of, text_of
from orchestrator.rendering.typography import typography

# In the order in which they are said; `reason` is the voice's own.
OPENING = ("opening", "identity", "not_them", "voicemail")
# What tells the person who calls how to behave: nobody says it aloud.
INSTRUCTIONS = ("listen", "never")
KEYS = (*OPENING, "reason", "listen", "options", "close", "never")
_FIRM = "_firm"
# Whom to ask for in a firm where no contact is named.
_UNNAMED = "contact_unnamed"
_REASONS = tuple(f"reason_{voice}" for voice in Voice)
_OF_FIRM = frozenset(f"{key}{_FIRM}" for key in OPENING)
# Who is listened to is not offered to pay on the spot. A file that has no such words offers nothing there.
_SOFT_OPTIONS = "options_listening"
_ALL = frozenset(KEYS) - {"reason"} | frozenset(_REASONS) | _OF_FIRM | {_UNNAMED}
_BEFORE = frozenset({"agent", "debtor", "contact"})
_EARLY = frozenset(OPENING) | _OF_FIRM | {_UNNAMED}
FACTS = _BEFORE | frozenset({"sender", "creditor", "amount", "due_on", "case", "documents"})
FOLDER = "calls"


class CallWords(msgspec.Struct, frozen=True):
    """The words of one language."""

    language: str
    words: Mapping[str, str]

    def script(
        self, voice: Voice, facts: Mapping[str, str], *, is_firm: bool = False, told: "CallWords | None" = None
    ) -> tuple[tuple[str, str], ...]:
        """(part, text) in the order in which they are said, in a voice, to a firm or to a person. Text, not HTML.

        `told` are the words in the language of whoever calls, in which INSTRUCTIONS are.
        Without the fact `contact` a firm is asked for whoever follows its suppliers' accounts. Who is listened to hears
        options of their own, or none.
        """
        contact = facts.get("contact") or (self.words[_UNNAMED] if is_firm else facts.get("debtor", ""))
        known = {**facts, "contact": contact}
        own = {"reason": f"reason_{voice}", **({key: f"{key}{_FIRM}" for key in OPENING} if is_firm else {})}
        if voice is Voice.LISTENING:
            own["options"] = _SOFT_OPTIONS
        aside = told or self
        said = ((key, own.get(key, key), aside if key in INSTRUCTIONS else self) for key in KEYS)
        return tuple((key, who._say(name, known)) for key, name, who in said if name in who.words)

    def _say(self, key: str, facts: Mapping[str, str]) -> str:
        return filled(self.words[key], facts)


def load(text: str, path: str) -> CallWords:
    """The words of a file. Raises TemplateError with file:line for one that is missing, unknown or not sayable."""
    root, language = opened(text, path, "words")
    found = map_of(root.required("words"))
    found.only(*_ALL, _SOFT_OPTIONS)
    given = _ALL | ({_SOFT_OPTIONS} if _SOFT_OPTIONS in found.value else frozenset())
    hand = typography(language)
    words = {key: hand.spaced(_checked(found.required(key), key)) for key in sorted(given)}
    return CallWords(language, MappingProxyType(words))


def _checked(value: Located, key: str) -> str:
    text = text_of(value)
    known = _BEFORE if key in _EARLY else FACTS
    if early := [name for name in names_in(text.value) if name in FACTS - known]:
        hint = "until it is sure who listens, nothing may be said of a debt"
        raise TemplateError(f'"{early[0]}" is said too early', where=text.where, hint=hint, code="said_too_early")
    return sayable(text, known, f'"{key}"')


def read_calls(templates_dir: Path) -> dict[str, CallWords]:
    """The languages of a templates folder; none in one that has no `calls/`. Raises TemplateError."""
    return read_languages(templates_dir, FOLDER, load)


@cache
def call_words(templates_dir: Path, shipped_dir: Path) -> Mapping[str, CallWords]:
    """The words in use: the folder's own where it has them, else the shipped ones. Raises TemplateError."""
    return in_use(templates_dir, shipped_dir, FOLDER, load)
