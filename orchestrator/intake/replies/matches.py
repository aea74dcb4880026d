"""The phrases found in one text, and which of them stand. Owns what a look-alike takes away; judges nothing else."""

from collections.abc import Iterable, Sequence

import msgspec

from orchestrator.intake.replies.normalise import Folded


class Found(msgspec.Struct, frozen=True):
    """A phrase said: of which name, how sure, and its words (indexes, both included)."""

    name: str
    sure: int
    first: int
    last: int


class Matches:
    """The phrases of one text, by name, without those that a look-alike covers."""

    def __init__(self, folded: Folded, found: Iterable[Found]) -> None:
        self.folded = folded
        by_name: dict[str, list[Found]] = {}
        for each in found:
            by_name.setdefault(each.name, []).append(each)
        self._by_name = by_name
        self._covers: dict[str, set[int]] = {}

    def of(self, name: str) -> list[Found]:
        """The phrases of a name that stand, the surest first, then the first said."""
        if name not in self._by_name:
            return []
        covered = self._covered(name)
        kept = (
            [each for each in self._by_name[name] if covered.isdisjoint(range(each.first, each.last + 1))]
            if covered
            else self._by_name[name]
        )
        return sorted(kept, key=lambda each: (-each.sure, each.first))

    def named(self, name: str) -> Sequence[Found]:
        """Every phrase of a name, whether a look-alike covers it or not."""
        return self._by_name.get(name, ())

    def is_free(self, name: str, word: int) -> bool:
        """Whether no look-alike of a name covers a word."""
        return word not in self._covered(name)

    def _covered(self, name: str) -> set[int]:
        """The words that look-alikes of a name cover: gathered once, whatever asks for them."""
        guards = self._by_name.get(f"not {name}", ())
        if not guards:
            return set()
        if name not in self._covers:
            self._covers[name] = {word for guard in guards for word in range(guard.first, guard.last + 1)}
        return self._covers[name]

    def says(self, name: str, first: int, last: int) -> bool:
        """Whether a phrase of that name stands between two words."""
        return any(first <= each.first <= last for each in self.of(name))
