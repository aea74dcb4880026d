"""One rendered text as a reader sees it, flattened for a search: capitals, accents and spaces do not count."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import lru_cache

import msgspec

from orchestrator.rendering.facts import FACTS
from orchestrator.rendering.reading import Reading

_APOSTROPHES = str.maketrans({"’": "'", "œ": "oe", "Œ": "oe", "æ": "ae", "…": "..."})
# What NFKD takes off a Latin letter.
_MARKS = re.compile("[\u0300-\u036f]+")
# A value is at most 200 characters long, and two of them may stand between it and its wording.
_NEAR = 500


class SeenText(msgspec.Struct, frozen=True):
    """One text as a reader sees it, flattened; `raw` as it is, `title` what stands above it, `bold` what stands out."""

    text: str
    raw: str
    title: str
    bold: str
    reading: Reading
    signs: Mapping[str, tuple[str, ...]]

    def has(self, words: str) -> bool:
        """Whether these words stand in the text, whatever their accents, capitals and spaces."""
        return bool(words) and flat(words) in self.text

    def value(self, *names: str) -> bool:
        """Whether the values of these facts all stand in the text; a fact without value does not."""
        return all(self.has(str(FACTS[name].read(self.reading))) for name in names)

    def says(self, name: str, *facts: str) -> bool:
        """Whether a wording of this mention stands there with the values of these facts close to it."""
        values = [flat(str(FACTS[fact].read(self.reading))) for fact in facts]
        places = [place for sign in self.signs.get(name, ()) for place in self._places(flat(sign))]
        return all(values) and any(all(value in self.text[at:to] for value in values) for at, to in places)

    def _places(self, sign: str) -> Iterator[tuple[int, int]]:
        """Where a wording stands, with the sentence or two around it."""
        for found in re.finditer(re.escape(sign), self.text):
            yield max(found.start() - _NEAR, 0), found.end() + _NEAR

    def sign(self, name: str) -> bool:
        """Whether one of the wordings of this mention stands in the text."""
        return any(flat(sign) in self.text for sign in self.signs.get(name, ()))


def flattened(text: str) -> str:
    """The text without accents, capitals, curly apostrophes or more than one space in a row."""
    if not text.isascii():
        text = _MARKS.sub("", unicodedata.normalize("NFKD", text.translate(_APOSTROPHES)))
    return " ".join(text.casefold().split())


# The words looked for are few, and come with every message.
flat = lru_cache(maxsize=4096)(flattened)
