"""The voices of one message side by side: which sentences all of them say, and which change. Renders nothing."""

from collections.abc import Iterator, Mapping

import msgspec

from orchestrator.rendering.readability import split_sentences
from orchestrator.rendering.rendered import LetterWords, Rendered, RenderedEmail


class Part(msgspec.Struct, frozen=True):
    """A sentence (or a line that is none: a row, a title); `is_common`: every voice compared says it."""

    text: str
    is_common: bool


Line = tuple[Part, ...]


def compare(versions: Mapping[str, Rendered]) -> dict[str, tuple[Line, ...]]:
    """The lines of each version by its name, in parts. A version alone is all common: nothing changes."""
    cut = {name: [tuple(split_sentences(line)) for line in _lines(each)] for name, each in versions.items()}
    said = [{sentence for line in lines for sentence in line} for lines in cut.values()]
    common = set.intersection(*said) if said else set()
    return {
        name: tuple(tuple(Part(sentence, sentence in common) for sentence in line) for line in lines)
        for name, lines in cut.items()
    }


def _lines(rendered: Rendered) -> Iterator[str]:
    """What a reader reads, line by line; of an e-mail its subject, and its text above the signature line."""
    if isinstance(rendered, RenderedEmail):
        yield from (rendered.subject, "", *rendered.text.split("\n--\n")[0].strip().split("\n"))
    elif isinstance(rendered, LetterWords):
        paragraphs = {line for each in rendered.paragraphs for line in each.text.split("\n")}
        for line in rendered.text.split("\n"):
            yield from ("", line, "") if line in paragraphs else (line,)
    else:
        sender, _, rest = rendered.text.partition(": ")
        yield from (f"{sender}:", rest) if rest else (sender,)
