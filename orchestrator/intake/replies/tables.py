"""The tables of the reader, loaded once when first asked for: spellings, macros, phrases. Holds no rule of its own."""

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

_HERE = Path(__file__).parent
_SHORTEST_MENDED = 5
_LONGEST_GLUED = 12  # letters of a word that may stand glued to others


class Spellings:
    """How words are written: shorthand, contractions, what stands glued to "j", and words whose typos are mended."""

    def __init__(self, lines: Mapping[str, Any]) -> None:
        self.whole: dict[str, tuple[str, ...]] = {
            word: tuple(means.split())
            for group in ("shorthand_fr", "shorthand_en", "contractions")
            for means, written in lines[group].items()
            for word in written.split()
        }
        self.after_je = frozenset(lines["after_je"].split())
        self.after_elision = frozenset(lines["after_elision"].split())
        self.decisive = frozenset(lines["decisive"].split())
        self._glued = self.decisive | frozenset(lines["glued"].split())
        right = [word for word in lines["mend"].split() if len(word) >= _SHORTEST_MENDED]
        self._right = frozenset(right)
        self._as_they_are = frozenset(lines["not_typos"].split())
        self._near: dict[str, str] = {}
        for word in right:
            for near in _one_letter_less(word):
                # A form that two words share mends neither.
                self._near[near] = "" if self._near.get(near, word) != word else word

    def unglued(self, word: str) -> tuple[str, ...]:
        """The words written as one, if a decisive one is among them; else none. Not folded yet."""
        parts: list[tuple[str, ...]] = [()]
        for end in range(1, len(word) + 1):
            starts = [at for at in range(max(end - _LONGEST_GLUED, 0), end) if at == 0 or parts[at]]
            found = next((at for at in starts if word[at:end] in self._glued), None)
            parts.append((*parts[found], word[found:end]) if found is not None else ())
        return parts[-1] if len(parts[-1]) > 1 and not self.decisive.isdisjoint(parts[-1]) else ()

    def mended(self, word: str) -> tuple[str, ...]:
        """The word, or the known one that it misspells by a letter missing, added, changed or swapped."""
        if len(word) < _SHORTEST_MENDED or word in self._right or word in self._as_they_are:
            return (word,)
        for near in (word, *_one_letter_less(word)):
            found = self._near.get(near) or (near if near in self._right else "")
            if found and found[0] == word[0] and abs(len(found) - len(word)) <= 1 and not _is_inflected(word, found):
                return (found,)
        return (word,)


def _one_letter_less(word: str) -> Iterable[str]:
    return [word[:at] + word[at + 1 :] for at in range(1, len(word))]


def _is_inflected(word: str, known: str) -> bool:
    """Whether they differ in their ending alone: another form of the word, not a misspelling."""
    return word[:-2] == known[: len(word) - 2] or known[:-2] == word[: len(known) - 2]


def read_table(name: str) -> Any:
    """One YAML table of this package, by its path from here: a mapping, or a list."""
    return YAML(typ="safe", pure=True).load((_HERE / name).read_text(encoding="utf-8"))


def intent_tables() -> Iterable[dict[str, Any]]:
    """The tables of phrases, in the order of their names."""
    return [read_table(f"intents/{path.name}") for path in sorted((_HERE / "intents").glob("*.yaml"))]


@cache
def spellings() -> Spellings:
    """The spelling lists."""
    return Spellings(read_table("spellings.yaml"))
