"""The wide nets: words that, close together in one sentence, may be a stop, a danger or a death, however they are said.

Owns finding them, always as a doubt. The words are in `nets/`, one table a matter; certainty is what `intents/` is for.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import msgspec

from orchestrator.intake.replies.normalise import BREAKS, Folded
from orchestrator.intake.replies.phrases import Phrase
from orchestrator.intake.replies.tables import read_table

_HERE = Path(__file__).parent
_FAR = 20  # words apart, where nothing else in the text is sure


class Span(msgspec.Struct, frozen=True):
    """Words of a text (indexes, both included)."""

    first: int
    last: int


class Said(msgspec.Struct, frozen=True):
    """A text, the places of the words of each group in their order, and the last word of each that is a phrase."""

    folded: Folded
    places: Mapping[str, list[int]]
    ends: Mapping[tuple[str, int], int]

    def end(self, group: str, at: int) -> int:
        """The last word of what is said at a place."""
        return self.ends.get((group, at), at)


class Net(msgspec.Struct, frozen=True):
    """One net: how sure it makes, how many words apart its words may stand, and which groups make it together.

    `if_nothing_else` are weaker ones, for texts of which nothing else is sure.
    """

    name: str
    sure: int
    within: int
    together: tuple[tuple[str, ...], ...]
    if_nothing_else: tuple[tuple[str, ...], ...]


class NetFault(ValueError):
    """A net that cannot be read; the message holds its name and the group."""


class Nets:
    """Every net, and the groups that a word belongs to."""

    def __init__(self, tables: Mapping[str, Any], macros: Mapping[str, str]) -> None:
        self.all = tuple(_net(name, table) for name, table in tables.items())
        self.phrases: list[Phrase] = []
        self._whole: dict[str, list[str]] = {}
        self._stems: dict[str, list[str]] = {}
        for name, table in tables.items():
            for group, entry in table["groups"].items():
                self._add_words(f"{name} {group}", entry.get("words", ""))
                self.phrases += [Phrase(f"{name} {group}", 0, said, macros) for said in entry.get("phrases", ())]
            self.phrases += [Phrase(f"not net {name}", 0, said, macros) for said in table["excused"]]
        self.keys = tuple(f"{name} {group}" for name, table in tables.items() for group in table["groups"])
        self.groups_of = lru_cache(maxsize=16_384)(self._groups_of)

    def _add_words(self, key: str, words: str) -> None:
        for word in words.split():
            where = self._stems if word.endswith("*") else self._whole
            where.setdefault(word.removesuffix("*"), []).append(key)

    def _groups_of(self, word: str) -> tuple[str, ...]:
        found = list(self._whole.get(word, ()))
        for length in range(2, len(word) + 1):
            found += self._stems.get(word[:length], ())
        return tuple(dict.fromkeys(found))

    @property
    def words(self) -> Iterator[str]:
        """Every word and stem of the nets, stems with their star."""
        yield from self._whole
        yield from (f"{stem}*" for stem in self._stems)


def _net(name: str, table: Mapping[str, Any]) -> Net:
    together, weaker = (
        tuple(tuple(line.split(" + ")) for line in table[key]) for key in ("together", "if_nothing_else")
    )
    for group in (group for line in together + weaker for group in line):
        if group not in table["groups"]:
            raise NetFault(f"net {name}: no group {group}")
    return Net(name, table["sure"], table["within"], together, weaker)


@cache
def nets() -> Nets:
    """The nets of `nets/`, read once."""
    paths = sorted((_HERE / "nets").glob("*.yaml"))
    return Nets({path.stem: read_table(f"nets/{path.name}") for path in paths}, read_table("macros.yaml"))


def words_of_groups(folded: Folded) -> dict[str, list[int]]:
    """Which words of a text belong to which group; most texts have few."""
    groups_of = nets().groups_of
    found: dict[str, list[int]] = {}
    for at, word in enumerate(folded.words):
        for group in groups_of(word):
            found.setdefault(group, []).append(at)
    return found


def caught(net: Net, said: Said, *, excused: Iterable[Span], explained: Iterable[Span], is_all: bool) -> Span | None:
    """The first words that a net holds; None when an excuse covers one of them, or a certain reading all of them.

    `is_all`: nothing else in the text is sure. Then sentences count for nothing either (VOS TEXTOS. ASSEZ.).
    """
    strong, weaker = _possible(net.together, net, said), _possible(net.if_nothing_else, net, said) if is_all else []
    if not strong and not weaker:
        return None
    words = said.folded.words
    free, reach = _uncovered(len(words), excused), _reaches(len(words), explained)
    sentences = _sentences(words)
    everywhere = [0] * len(words)
    for line in strong:
        span = _hold(line, said, free, reach, net.within, sentences)
        if span is None and is_all and len(line) > 1:
            span = _hold(line, said, free, reach, net.within, everywhere)
        if span is not None:
            return span
    spans = (_hold(line, said, free, reach, _FAR, everywhere) for line in weaker)
    return next((span for span in spans if span is not None), None)


def _possible(lines: Iterable[tuple[str, ...]], net: Net, said: Said) -> list[list[str]]:
    """The lines of which every group is said at all."""
    keys = [[f"{net.name} {group}" for group in line] for line in lines]
    return [line for line in keys if all(said.places.get(key) for key in line)]


def _hold(
    line: list[str], said: Said, free: bytearray, reach: list[int], within: int, sentences: list[int]
) -> Span | None:
    """The first place where all groups of a line are said near each other, not excused and not explained."""
    places = [[at for at in said.places[key] if all(free[at : said.end(key, at) + 1])] for key in line]
    for at in places[0]:
        near = _beside(at, places[1:], within, sentences)
        if near is not None:
            last = max(said.end(key, place) for key, place in zip(line, near, strict=True))
            if reach[min(near)] < last:
                return Span(min(near), last)
    return None


def _beside(at: int, others: Sequence[list[int]], within: int, sentences: list[int]) -> list[int] | None:
    """A word and the nearest one of every other group, if all are near it and in its sentence."""
    chosen = [at]
    for places in others:
        right = bisect_left(places, at)
        near = [
            place
            for place in places[max(right - 2, 0) : right + 2]
            if place not in chosen and abs(place - at) <= within and sentences[place] == sentences[at]
        ]
        if not near:
            return None
        chosen.append(min(near, key=lambda place: abs(place - at)))
    return chosen


def _uncovered(count: int, spans: Iterable[Span]) -> bytearray:
    """One byte a word: 1 unless a span covers it. Overlapping spans cost nothing twice."""
    opened = [0] * (count + 1)
    for span in spans:
        opened[span.first] += 1
        opened[min(span.last, count - 1) + 1] -= 1
    free, depth = bytearray(count), 0
    for at in range(count):
        depth += opened[at]
        free[at] = depth == 0
    return free


def _reaches(count: int, spans: Iterable[Span]) -> list[int]:
    """For each word, how far the longest span goes that begins at it or before."""
    furthest = [-1] * count
    for span in spans:
        furthest[span.first] = max(furthest[span.first], span.last)
    for at in range(1, count):
        furthest[at] = max(furthest[at], furthest[at - 1])
    return furthest


def _sentences(words: Sequence[str]) -> list[int]:
    """The number of the sentence of each word."""
    numbers, number = [], 0
    for word in words:
        number += word in BREAKS
        numbers.append(number)
    return numbers
