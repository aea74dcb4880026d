"""The small language in which phrases are written, and the index that finds them in a text in linear time.

    word  stem*  payee?s?  (this|that one)  (maybe this)?  (any of|these)*  ..  ...
    MACRO  NUMBER  ADDRESS  NOT(pas)  ^  $

A letter before `?` may be missing; `)*` is up to six times. `..` is up to three words and `...` up to seven, within a
sentence and over no negation; `^` and `$` are the ends of a sentence; `NOT(...)` says what may not follow. Phrases are
written on normalised words: see `normalise.py`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from orchestrator.intake.replies.normalise import Folded
from orchestrator.intake.replies.tables import spellings

_PIECE = re.compile(r"\.\.\.?|NOT\(|\(|\)[?*]?|\||\^|\$|[A-Z_]+\??|(?:[\w@€£%,/]\??)+\*?|\s+")
_NEGATIONS = "ne|n|pas|not|never|jamais|aucun|aucune|cannot|no"
_GAP = r"(?: (?!(?:%s|[.!?;]) )[^ ]+){0,%d}?"
_FIXED = {
    "..": _GAP % (_NEGATIONS, 3),
    "...": _GAP % (_NEGATIONS, 7),
    "^": r"(?<= [.!?;,])",
    "$": r"(?= [.!?;])",
    "NUMBER": r" \d[^ ]*",
    "ADDRESS": r" [^ @]+@[^ ]+",
}
# Words so frequent that they announce nothing: a phrase is looked for by its rarer words.
_FREQUENT = frozenset(
    "je j ai ne n pas me m le la les l de du des d un une vous il elle on ce c est a au aux en et que qu qui y se s "
    "si tout plus mon ma mes votre vos nous notre pour par sur dans avec sans the a an i you my your we our is are am "
    "to of in on at it this that not do does did have has had be been will would for with no and or can".split()
)


class PhraseFault(ValueError):
    """A phrase of the tables that cannot be read; the message holds it."""


class Phrase:
    """One compiled phrase: where it may be found, how sure it makes, and of what."""

    __slots__ = ("anchors", "name", "pattern", "said", "sure")

    def __init__(self, name: str, sure: int, said: str, macros: Mapping[str, str]) -> None:
        self.name, self.sure, self.said = name, sure, said
        parser = _Parser(said, macros)
        source = parser.read_all()
        self.pattern = re.compile(source + "(?= )")
        self.anchors = parser.anchors
        if not self.anchors:
            raise PhraseFault(f"no word by which to find: {said}")


class _Parser:
    """Reads one phrase into a regular expression and the words of which one must be in the text."""

    def __init__(self, said: str, macros: Mapping[str, str]) -> None:
        self.said, self.macros = said, macros
        self.pieces = [piece for piece in _PIECE.findall(said) if not piece.isspace()]
        if "".join(self.pieces) != "".join(said.split()):
            raise PhraseFault(f"cannot be read: {said}")
        self.at = 0
        self.anchors: frozenset[str] = frozenset()

    def read_all(self) -> str:
        source, self.anchors = self._alternatives()
        if self.at != len(self.pieces):
            raise PhraseFault(f"a bracket too many: {self.said}")
        return source

    def _alternatives(self) -> tuple[str, frozenset[str]]:
        """`a|b c`, up to a closing bracket; anchored if every branch is."""
        branches = [self._sequence()]
        while self._next() == "|":
            self.at += 1
            branches.append(self._sequence())
        anchors = [each for _, each in branches]
        joined = frozenset().union(*anchors) if all(anchors) else frozenset()
        return "|".join(source for source, _ in branches), joined

    def _sequence(self) -> tuple[str, frozenset[str]]:
        parts, best = [], frozenset[str]()
        while (piece := self._next()) not in ("|", ")", ")?", ")*", ""):
            self.at += 1
            source, anchors = self._element(piece)
            if piece in ("..", "...") and self._negates_next():
                source = source.replace("(?:ne|n|", "(?:")
            parts.append(source)
            if _worth(anchors) > _worth(best):
                best = anchors
        return "".join(parts), best

    def _negates_next(self) -> bool:
        """Whether a negation follows a gap, before which "ne" is at home (la facture n'est pas arrivee)."""
        return bool({"pas", "jamais", "plus", "rien", "CANTFR"} & set(self.pieces[self.at :]))

    def _element(self, piece: str) -> tuple[str, frozenset[str]]:
        if piece in ("(", "NOT("):
            inner, anchors = self._alternatives()
            closing = self._next()
            self.at += 1
            if not closing:
                raise PhraseFault(f"a bracket is missing: {self.said}")
            if piece == "NOT(":
                return f"(?!(?:{inner})(?= ))", frozenset()
            often = {")?": "?", ")*": "{0,6}"}.get(closing, "")
            return f"(?:{inner}){often}", frozenset() if often else anchors
        return self._leaf(piece)

    def _leaf(self, piece: str) -> tuple[str, frozenset[str]]:
        if piece in _FIXED:
            return _FIXED[piece], frozenset()
        if piece[0].isupper():
            source, anchors = self._macro(piece.removesuffix("?"))
            return (f"{source}?", frozenset()) if piece.endswith("?") else (source, anchors)
        if piece.endswith("*"):
            return rf" {re.escape(piece[:-1])}[^ ]*", frozenset([piece])
        piece = _as_folded(piece)
        return " " + re.sub(r"([^\w?])", r"\\\1", piece), frozenset(_spellings(piece))

    def _macro(self, name: str) -> tuple[str, frozenset[str]]:
        if name not in self.macros:
            raise PhraseFault(f"{name} is not defined: {self.said}")
        inner = _Parser(self.macros[name], self.macros)
        source = inner.read_all()
        return f"(?:{source})", inner.anchors

    def _next(self) -> str:
        return self.pieces[self.at] if self.at < len(self.pieces) else ""


def _as_folded(word: str) -> str:
    """A word of a phrase as texts hold it once normalised (payer and payez are one)."""
    folded = spellings().whole.get(word, ()) if len(word) > 1 else ()
    return folded[0] if len(folded) == 1 else word


def _spellings(word: str) -> list[str]:
    """A word with and without each letter that may be missing."""
    before, mark, after = word.partition("?")
    if not mark:
        return [word]
    return [start + rest for start in (before, before[:-1]) for rest in _spellings(after)]


def _worth(anchors: frozenset[str]) -> tuple[int, int]:
    """How well these words announce a phrase: none is worst, then frequent ones; then few are better than many."""
    if not anchors:
        return (0, 0)
    return (1 if anchors & _FREQUENT else 2, -len(anchors))


Match = tuple[Phrase, int, int]


class PhraseBook:
    """All phrases, found by their words."""

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        self.phrases = tuple(phrases)
        self._words: dict[str, list[int]] = {}
        self._stems: dict[str, list[int]] = {}
        for number, phrase in enumerate(self.phrases):
            for anchor in phrase.anchors:
                where = self._stems if anchor.endswith("*") else self._words
                where.setdefault(anchor.removesuffix("*"), []).append(number)
        self._longest = max((len(stem) for stem in self._stems), default=0)
        self._of_word = lru_cache(maxsize=16_384)(self._find_word)

    def _find_word(self, word: str) -> tuple[int, ...]:
        found = list(self._words.get(word, ()))
        for length in range(1, min(len(word), self._longest) + 1):
            found += self._stems.get(word[:length], ())
        return tuple(found)

    def search(self, folded: Folded) -> Iterator[Match]:
        """Every phrase said in a text, at each place, as word indexes (both included)."""
        numbers: set[int] = set()
        for word in set(folded.words):
            numbers.update(self._of_word(word))
        for number in sorted(numbers):
            phrase = self.phrases[number]
            for match in phrase.pattern.finditer(folded.text):
                yield phrase, folded.first_word(match.start()), folded.last_word(match.end())
