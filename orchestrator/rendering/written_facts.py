"""Facts of an answer that a person wrote: their words, as data. What is around them are phrases like any."""

import re

from channels.contract import Channel
from orchestrator.rendering.reading import Fact, Reading, named

FACTS: dict[str, Fact] = {}

# What would make a paragraph of a letter something else, were it typed first (`letter_words`).
_MARK = re.compile(r"^(notice|quote|list|strong|tick):", re.IGNORECASE)


@named(FACTS, "text")
def written(r: Reading) -> str:
    """The words of the person who answers, on one line; empty in every other message."""
    return " ".join(_lines(r))


@named(FACTS, "rows", "text")
def written_lines(r: Reading) -> tuple[tuple[str | bool, ...], ...]:
    """The same, a row for each line."""
    is_letter = r.brief.send.channel is Channel.LETTER
    return tuple((_MARK.sub(r"\1 :", line) if is_letter else line,) for line in _lines(r))


def _lines(r: Reading) -> list[str]:
    """Without controls, direction marks or invisible characters, which could pass for other words or for markup."""
    lines = ("".join(c if c.isprintable() else " " for c in line) for line in r.brief.words.splitlines())
    return [" ".join(line.split()) for line in lines if line.strip()]
