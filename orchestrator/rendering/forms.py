"""Puts the files of a form together: layout, body, parts. Knows their places and their names, not their words."""

import re

from orchestrator.domain.errors import TemplateError, did_you_mean
from orchestrator.rendering.sandbox import check_names
from orchestrator.rendering.wording_files import Files

_PART = re.compile(r"\{\{ (part_\w+) \}\}")
_BODY = "{{ body }}"
# Names that are neither facts nor phrases: filled when a form is put together, or known of the template.
STRUCTURE = frozenset({"body", "shows_amounts"})
_MAX_DEPTH = 4


def assemble(files: Files, path: str, *, names: frozenset[str]) -> str:
    """The whole source of a form: `email/demand.html` inside `email/layout.html`, its parts in their places.

    `names` are the phrases and constants that it may name beside facts. Raises TemplateError with file:line.
    """
    folder, _, file_name = path.rpartition("/")
    suffix = file_name.rpartition(".")[2]
    source = _filled(files, path, folder, suffix, names, 0)
    layout = f"{folder}/layout.{suffix}"
    if layout not in files:
        return source
    outside = _filled(files, layout, folder, suffix, names, 0)
    if outside.count(_BODY) != 1:
        raise TemplateError(f"a layout holds {_BODY} once", where=layout)
    return outside.replace(_BODY, source)


def check(files: Files, path: str, *, names: frozenset[str]) -> None:
    """Raises TemplateError for a name that nothing has, in this file."""
    check_names(files[path], path=path, known=lambda name: _is_known(name, names), names=names | STRUCTURE)


def _is_known(name: str, names: frozenset[str]) -> bool:
    return name in names or name in STRUCTURE or name.startswith("part_")


def _filled(files: Files, path: str, folder: str, suffix: str, names: frozenset[str], depth: int) -> str:
    if path not in files:
        near = did_you_mean(path, files)
        raise TemplateError(f"the file {path} is missing", where=folder, hint=near)
    if depth > _MAX_DEPTH:
        raise TemplateError("parts hold each other without end", where=path)
    check(files, path, names=names)

    def part(match: re.Match[str]) -> str:
        return _filled(files, f"{folder}/{match[1]}.{suffix}", folder, suffix, names, depth + 1)

    return _PART.sub(part, files[path].rstrip("\n"))
