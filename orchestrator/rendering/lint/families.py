"""The families of forbidden words, read from `families/*.yaml`: what each looks for, and what makes it lawful.

Owns the data and its form. Which families are in force is the packs' to say; searching is `scan.py`'s.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TypeVar

import msgspec
from ruamel.yaml import YAML

from orchestrator.domain.errors import TemplateError
from orchestrator.rendering.lint.phrases import Phrase

LANGUAGES = ("fr", "en")
_FOLDER = Path(__file__).parent / "families"
_GENERAL = "denials"

Form = TypeVar("Form", bound=msgspec.Struct)


class Group(msgspec.Struct, frozen=True):
    """Phrases of a family that share what makes them lawful. `is_error`: E of the table; `part` limits it to a part."""

    family: str
    is_error: bool
    unless: tuple[str, ...]
    phrases: dict[str, tuple[Phrase, ...]]
    part: str = ""


class Family(msgspec.Struct, frozen=True, kw_only=True):
    """One family. Titles and suggestions by language.

    `guards` are phrases inside which its words are lawful; `conditions` anywhere in a sentence make it conditional.
    `heeds_denials`: "no collection fee" is no collection fee. `spares_names`: the sender's own name is no finding.
    """

    id: str
    title: dict[str, str]
    suggestion: dict[str, str]
    source: str
    groups: tuple[Group, ...] = ()
    guards: tuple[Phrase, ...] = ()
    conditions: tuple[Phrase, ...] = ()
    heeds_denials: bool = True
    spares_names: bool = True

    @property
    def facts(self) -> frozenset[str]:
        """The names of the facts that make words of this family lawful."""
        return frozenset(name for group in self.groups for name in group.unless)


class Denials(msgspec.Struct, frozen=True):
    """What denies the words that follow it, or those before it: "no …", "… will not be charged"."""

    before: dict[str, tuple[Phrase, ...]]
    after: dict[str, tuple[Phrase, ...]]


class _GroupFile(msgspec.Struct, forbid_unknown_fields=True):
    fr: str = ""
    en: str = ""
    severity: str = ""
    unless: list[str] = []
    part: str = ""


class _FamilyFile(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    severity: str
    title: dict[str, str]
    suggestion: dict[str, str]
    source: str
    unless: list[str] = []
    words: list[_GroupFile] = []
    guards: str = ""
    conditions: str = ""
    heeds_denials: bool = True
    spares_names: bool = True


class _DenialsFile(msgspec.Struct, forbid_unknown_fields=True):
    before: dict[str, str]
    after: dict[str, str]


@cache
def families() -> Mapping[str, Family]:
    """Every family by its id. Raises TemplateError when a file cannot be read."""
    found = {}
    for path in sorted(_FOLDER.glob("L*.yaml")):
        family = _family(_read(path, _FamilyFile))
        found[family.id] = family
    return found


@cache
def denials() -> Denials:
    """The denials of every family."""
    read = _read(_FOLDER / f"{_GENERAL}.yaml", _DenialsFile)
    return Denials(
        {language: _phrases(text) for language, text in read.before.items()},
        {language: _phrases(text) for language, text in read.after.items()},
    )


def _read(path: Path, form: type[Form]) -> Form:
    try:
        return msgspec.convert(YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8")), form)
    except (msgspec.ValidationError, ValueError) as error:
        raise TemplateError(f"a family of forbidden words cannot be read: {error}", where=path.name) from None


def _family(read: _FamilyFile) -> Family:
    return Family(
        id=read.id,
        title=read.title,
        suggestion=read.suggestion,
        source=read.source,
        groups=tuple(_groups(read)),
        guards=_phrases(read.guards),
        conditions=_phrases(read.conditions),
        heeds_denials=read.heeds_denials,
        spares_names=read.spares_names,
    )


def _groups(read: _FamilyFile) -> Iterator[Group]:
    for group in read.words or [_GroupFile()]:
        yield Group(
            family=read.id,
            is_error=(group.severity or read.severity) == "E",
            unless=tuple(group.unless or read.unless),
            phrases={language: _phrases(getattr(group, language)) for language in LANGUAGES},
            part=group.part,
        )


def _phrases(lines: str) -> tuple[Phrase, ...]:
    return tuple(Phrase(line.strip()) for line in lines.splitlines() if line.strip())
