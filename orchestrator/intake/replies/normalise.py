"""Words as the phrases know them: no accents, no shorthand, no contractions, each tied to its place in the original.

Owns folding. Owns no meaning: see `tables.py` for the lists it reads.
"""

import re
import unicodedata
from functools import lru_cache

from orchestrator.intake.replies.tables import spellings

_LONGEST_WORD = 40
_FURTHEST = 40  # words in one sentence between a phrase and the day that goes with it
# A run of digits and its separators is one word (15/03, 1.200,50); so are an address and a link.
_NUMBER = r"\d+(?:[.,/:-]\d+)*(?!\w)"
_WORD = r"(?:[\w'’‘`´\u0300-\u036f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe0f\ufeff]+)"
_BREAK = r"\n\s*|[.…!?;]+"
_SIGN = r"[€£$%@,/]"
# The one word that is also written letter by letter, or with signs for letters: S T O P, s.t.o.p, $top, st*p.
_SPACED_STOP = r"(?<!\w)(?i:[s5$])[\W_]{0,3}(?i:t)[\W_]{0,3}(?:[oO0]|(?<=[tT])\*)[\W_]{0,3}(?i:p)(?!\w)"
_PLAIN = re.compile(f"{_SPACED_STOP}|{_NUMBER}|{_WORD}|{_BREAK}|{_SIGN}")
_ADDRESS = r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}|https?://\S{1,200}|www\.\S{1,200}"
_WITH_ADDRESS = re.compile(f"{_ADDRESS}|{_SPACED_STOP}|{_NUMBER}|{_WORD}|{_BREAK}|{_SIGN}")

_INVISIBLE = {"Cf", "Mn", "Me"}
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "’": "'", "‘": "'", "`": "'", "´": "'", "ß": "ss", "ø": "o"})
_STRETCHED = re.compile(r"([a-z])\1{2,}")
_UNIT = re.compile(
    r"(\d+(?:[.,]\d+)?)(e|eu|eur|euro|euros|gbp|quid|j|jr|jrs|jour|jours|d|days|sem|x|fois|k|mars|mois|wks|weeks)"
)
_UNITS = {"j": "jours", "jr": "jours", "jrs": "jours", "d": "days", "x": "fois", "sem": "semaine", "wks": "weeks"}
_LETTERS_FOR_DIGITS = str.maketrans("013457", "oleast")
_SHORTEST_GLUED = 7
_ELIDED = re.compile(r"([mnldts])([aeioh]\w{3,})")
_IS_SPACED_STOP = re.compile(_SPACED_STOP)
_GLUED_J = re.compile(r"j([bcdfglmnpqrstvz]\w{2,})")


class Folded:
    """A text as normalised words. `text` is ` word word . word `; each word knows its place in the original."""

    __slots__ = ("_bounds", "original", "spans", "text", "words")

    def __init__(self, original: str, words: list[str], spans: list[tuple[int, int]]) -> None:
        self.original = original
        self.words = words
        self.spans = spans
        self.text = f" {' '.join(words)} "
        self._bounds: list[tuple[int, int]] = []

    def first_word(self, at: int) -> int:
        """The index of the word whose leading space stands at `at` of `text`."""
        return self.text.count(" ", 0, at)

    def last_word(self, end: int) -> int:
        """The index of the word that ends at `end` of `text`."""
        return self.text.count(" ", 0, end) - 1

    def between(self, first: int, last: int) -> str:
        """The original between two words, both included, on one line and at most 240 characters."""
        start = self.spans[first][0] if first < len(self.spans) else len(self.original)
        end = max(self.spans[min(last, len(self.spans) - 1)][1], start)
        return self.original[start : min(end, start + 240)].strip()

    def sentence(self, word: int) -> tuple[int, int]:
        """First and last word of the sentence that holds a word, without its end mark."""
        if not self._bounds:
            self._bounds = _sentence_bounds(self.words)
        return self._bounds[word]

    def near(self, word: int) -> tuple[int, int]:
        """The sentence of a word, no further than it can be meant: a text of one endless sentence costs no more."""
        first, last = self.sentence(word)
        return max(first, word - _FURTHEST), min(last, word + _FURTHEST)

    def is_question(self, word: int) -> bool:
        """Whether the sentence of a word ends with a question mark."""
        _, last = self.sentence(word)
        return last + 1 < len(self.words) and self.words[last + 1] == "?"


BREAKS = frozenset(".!?;")


def _sentence_bounds(words: list[str]) -> list[tuple[int, int]]:
    """First and last word of the sentence of each word; an end mark is a sentence of its own."""
    bounds: list[tuple[int, int]] = []
    for at, word in enumerate([*words, "."]):
        if word in BREAKS:
            first = len(bounds)
            bounds += [(first, at - 1)] * (at - first)
            bounds.append((at, at))
    return bounds


def fold_text(text: str) -> Folded:
    """The words of a text, normalised; linear in its length. The first and last words are sentence ends."""
    words, spans = ["."], [(0, 0)]
    pattern = _WITH_ADDRESS if "@" in text or "://" in text or "www." in text else _PLAIN
    for match in pattern.finditer(text):
        raw = match[0]
        if raw[0] in "\n.…!?;":
            mark = _break_mark(raw, text, match.end())
            if mark and words[-1] not in BREAKS:
                words.append(mark)
                spans.append(match.span())
            elif mark == "?":
                words[-1] = mark
            continue
        for word in ("stop",) if _IS_SPACED_STOP.fullmatch(raw) else fold_word(raw):
            words.append(word)
            spans.append(match.span())
    words.append(".")
    spans.append((len(text), len(text)))
    return Folded(text, words, spans)


def _break_mark(raw: str, text: str, end: int) -> str:
    """The sentence end that marks or a line end make; nothing where a line was only wrapped."""
    if raw[0] == "\n":
        is_wrapped = raw.count("\n") == 1 and text[end : end + 1].islower()
        return "" if is_wrapped else "."
    if "?" in raw:
        return "?"
    return "!" if "!" in raw else ";" if raw == ";" else "."


@lru_cache(maxsize=16_384)
def fold_word(raw: str) -> tuple[str, ...]:
    """What a written word stands for: none (invisible), one, or several (j'ai, can't, 20€)."""
    word = raw[: _LONGEST_WORD if "@" not in raw else 255].lower()
    if not word.isascii():
        word = unicodedata.normalize("NFC", word)
    known = spellings().whole
    if word in known:
        return known[word]
    word = _without_accents(word)
    if word in known:
        return known[word]
    if "'" in word:
        return _contracted(word.strip("'"))
    return _one(word)


def _without_accents(word: str) -> str:
    if word.isascii():
        return word
    apart = unicodedata.normalize("NFKD", word.translate(_LIGATURES))
    return "".join(c for c in apart if unicodedata.category(c) not in _INVISIBLE)


def _contracted(word: str) -> tuple[str, ...]:
    known = spellings().whole
    if word in known:
        return known[word]
    if word.endswith("n't"):
        return (word[:-3], "not")
    return tuple(part for piece in word.split("'") if piece for part in known.get(piece) or _one(piece))


def _one(word: str) -> tuple[str, ...]:
    if not word or not word.strip("_"):
        return ()
    found = spellings()
    word = _STRETCHED.sub(r"\1", word)
    if word in found.whole:
        return found.whole[word]
    unit = _UNIT.fullmatch(word) if word[0].isdigit() else None
    if unit:
        return (unit[1], _UNITS.get(unit[2], unit[2]))
    if not word.isalpha():
        as_letters = word.translate(_LETTERS_FOR_DIGITS)
        return found.whole.get(as_letters, (as_letters,)) if as_letters in found.decisive else (word,)
    glued = _GLUED_J.fullmatch(word)
    if glued and glued[1] in found.after_je:
        return ("je", glued[1])
    elided = _ELIDED.fullmatch(word)
    if elided and elided[2] in found.after_elision:
        return (elided[1], *found.whole.get(elided[2], (elided[2],)))
    apart = found.unglued(word) if len(word) >= _SHORTEST_GLUED else ()
    if apart:
        return tuple(each for part in apart for each in found.whole.get(part, (part,)))
    return found.mended(word)
