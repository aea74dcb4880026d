"""Words in one file per language, of a folder beside the templates: how such a file is read, checked and filled in.

Which words there are, and which facts each may name, is what its own module says: calls, portal, answers.
"""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from orchestrator.domain.errors import TemplateError, did_you_mean
from orchestrator.rendering import located_yaml
from orchestrator.rendering.located_yaml import Map, Text

Words = TypeVar("Words")

_NAME = re.compile(r"\{\{\s*(\w*)\s*\}\}")
_MARKS = re.compile(r"\{\{|\}\}|\{%|%\}")


def names_in(text: str) -> list[str]:
    """The facts that a text names."""
    return _NAME.findall(text)


def filled(text: str, facts: Mapping[str, str]) -> str:
    """A text with its facts in place, nothing for one that is not known. It is text, not HTML."""
    return _NAME.sub(lambda found: facts.get(found[1], ""), text)


def opened(text: str, path: str, *keys: str) -> tuple[Map, str]:
    """(the file, its language), which its name says too. Raises TemplateError for a key that is none of these."""
    root = located_yaml.read(text, path)
    root.only("language", *keys)
    language = root.text("language")
    if language != Path(path).stem:
        raise TemplateError(f'this file says that its language is "{language}"', where=path, hint="its name says it")
    return root, language


def sayable(text: Text, known: frozenset[str], what: str = "this line") -> str:
    """A text that says something and names no fact but those. Raises TemplateError with file:line."""
    if not text.value.strip():
        raise TemplateError(f"{what} says nothing", where=text.where)
    for name in names_in(text.value):
        if name not in known:
            hint = did_you_mean(name, known) or f"known here: {', '.join(sorted(known))}"
            raise TemplateError(f'unknown variable "{name}"', where=text.where, hint=hint, code="unknown_variable")
    if _MARKS.search(_NAME.sub("", text.value)):
        raise TemplateError("only {{ name }} may stand here", where=text.where)
    return text.value


def read_languages(templates_dir: Path, folder: str, load: Callable[[str, str], Words]) -> dict[str, Words]:
    """The languages of a templates folder; none in one that has no such folder. Raises TemplateError."""
    found = {}
    for path in sorted((templates_dir / folder).glob("*.yaml")):
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            raise TemplateError("the file is not written in UTF-8", where=f"{folder}/{path.name}") from None
        found[path.stem] = load(text, f"{folder}/{path.name}")
    return found


def in_use(
    templates_dir: Path, shipped_dir: Path, folder: str, load: Callable[[str, str], Words]
) -> Mapping[str, Words]:
    """The words in use: the folder's own where it has them, else the shipped ones. Raises TemplateError."""
    own = read_languages(templates_dir, folder, load)
    return MappingProxyType({**read_languages(shipped_dir, folder, load), **own})
