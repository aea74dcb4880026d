"""The document as Markdown, for those who keep their policies beside their code."""

import re
from collections.abc import Iterator

from orchestrator.rendering.policy_document.document import (
    Block,
    Bullets,
    Document,
    Entry,
    Facts,
    Paragraph,
    Section,
    Table,
)

# What Markdown, or the HTML inside it, would take for its own.
_BREAK, _APART = "\n", " ; "
_SPECIAL = re.compile(r"([\\`*_\[\]<>|#])")


def markdown(document: Document) -> str:
    """The whole text."""
    lines = [f"# {_plain(document.title)}", "", _plain(document.subtitle), ""]
    for section in (document.front, *document.sections):
        lines += _section(section, 2)
    return "\n".join(lines).rstrip() + "\n"


def _section(section: Section, depth: int) -> Iterator[str]:
    note = f" ({_plain(section.note)})" if section.note else ""
    yield f"{'#' * depth} {_plain(section.title)}{note}"
    yield ""
    for block in section.blocks:
        yield from _block(block)
        yield ""
    for part in section.parts:
        yield from _section(part, depth + 1)


def _block(block: Block) -> Iterator[str]:
    match block:
        case Paragraph():
            yield f"> **{_plain(block.text)}**" if block.is_warning else _plain(block.text)
        case Bullets():
            yield from (f"- {_plain(item)}" for item in block.items)
        case Facts():
            yield from (
                f"- **{_plain(label)}**: {_plain(value.replace(_BREAK, _APART))}" for label, value in block.rows
            )
        case Table():
            yield _row(block.columns)
            yield _row(["---"] * len(block.columns))
            yield from (_row([_plain(cell) for cell in row]) for row in block.rows)
        case Entry():
            yield from _entry(block)


def _row(cells: tuple[str, ...] | list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _entry(entry: Entry) -> Iterator[str]:
    marker = f"{_plain(entry.marker)} · " if entry.marker else ""
    yield f"**{marker}{_plain(entry.title)}**"
    yield ""
    if entry.warning:
        yield from (f"> **{_plain(entry.warning)}**", "")
    yield from (f"- {_plain(line)}" for line in entry.lines)
    if entry.origin or entry.code:
        yield ""
        yield " ".join(filter(None, (_plain(entry.origin), f"({_plain(entry.code)})" if entry.code else "")))


def _plain(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
