"""How easy the words of one message are to read, as figures. Judges no law and changes no word.

The measure is LIX (C.-H. Björnsson, 1968): words per sentence, plus the percentage of words of more than six letters.
It needs no dictionary and no syllables, so that one rule serves every language of a folder; compare texts of one
language only, for French words are longer than English ones. A colon or a semicolon ends no sentence here, which is
stricter than Björnsson's count.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

import msgspec

from orchestrator.domain.campaign import Purpose
from orchestrator.rendering.brief import Brief
from orchestrator.rendering.rendered import LetterWords, Rendered, RenderedEmail, RenderedSms

LONG_LETTERS = 6
# A letter about money is read slowly: adults read plain prose silently at some 200 to 240 words a minute.
WORDS_PER_MINUTE = 180
# What a demand to a consumer may reach before `campaign render` warns; quotations of a law are not counted.
MEAN_LIMIT, LONGEST_LIMIT = 18, 32
_BANDS = ((30, "very easy"), (40, "easy"), (50, "medium"), (60, "difficult"))

_ENDS = re.compile(r"[.?!…][»”\")’]*(?=\s|$)")
_ABBREVIATIONS = re.compile(r"(?:^|[\s(’'])(?:MM?|Mr|Mrs|Dr|Cie|St|art|n|no|No|cf|etc|env|tél|réf|ref|p|ex|[A-Z])\.$")
_NEXT_STARTS = re.compile(r"\s+[«“\"(]?\s?[^\W\d_a-zà-öø-ÿ]|\s+\d|\s*$")
_ADDRESS_OF_PAGE = re.compile(r"\S+://\S+|\S+@\S+")
_BREAKS = re.compile(r"[ \t\n]+")  # a no-break space keeps `1 234,56 €` and `12 mars` one word, as they are said
_IN_AMOUNT = re.compile(r"(?<=\d) (?=\d{3}(?!\d)|€|EUR\b)")  # an SMS has ordinary spaces there
_FIGURE = re.compile(r"\W*\d")
_PIECES = re.compile(r"[^\W\d_]+")
_FOOTER = "\n--\n"


class Readability(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of one message. `longest` is its longest sentence in words, `longest_sentence` that sentence."""

    words: int
    sentences: int
    long_words: int
    longest: int
    longest_sentence: str

    @property
    def mean(self) -> float:
        """Words per sentence."""
        return self.words / self.sentences if self.sentences else 0.0

    @property
    def long_percent(self) -> float:
        """The percentage of words of more than six letters."""
        return 100 * self.long_words / self.words if self.words else 0.0

    @property
    def lix(self) -> float:
        """LIX: below 30 very easy, 40 easy, 50 medium (a newspaper), 60 difficult; from 60 on, very difficult."""
        return self.mean + self.long_percent

    @property
    def band(self) -> str:
        """The word for that figure."""
        return next((name for limit, name in _BANDS if self.lix < limit), "very difficult")

    @property
    def seconds(self) -> int:
        """How long its sentences take to read."""
        return round(60 * self.words / WORDS_PER_MINUTE)


def readability(rendered: Rendered) -> Readability:
    """The figures of a message's sentences (see `sentences`)."""
    found = sentences(rendered)
    counted = [(len(words), sentence) for sentence in found if (words := words_of(sentence))]
    longest, sentence = max(counted, default=(0, ""), key=lambda each: each[0])
    return Readability(
        words=sum(count for count, _ in counted),
        sentences=len(counted),
        long_words=sum(_is_long(word) for sentence in found for word in words_of(sentence)),
        longest=longest,
        longest_sentence=sentence,
    )


def too_hard(brief: Brief, read: Readability) -> str:
    """Why a message is too hard to read, or empty; only a demand to a private person is held to a limit."""
    if brief.send.purpose is not Purpose.DEMAND or not brief.debtor.status.is_individual:
        return ""
    if read.longest > LONGEST_LIMIT:
        return f"a sentence of {read.longest} words (at most {LONGEST_LIMIT}): {read.longest_sentence}"
    if read.mean > MEAN_LIMIT:
        return f"{read.mean:.1f} words per sentence (at most {MEAN_LIMIT})"
    return ""


def sentences(rendered: Rendered) -> tuple[str, ...]:
    """The sentences that the writer made: no table, no heading, no postal address, no quotation of a law.

    Of an e-mail, the text above the signature line; of a letter, its paragraphs and its small print.
    """
    return tuple(sentence for paragraph in _paragraphs(rendered) for sentence in split_sentences(paragraph))


def words_of(sentence: str) -> list[str]:
    """The words of a sentence: an amount or a day counts for one, a reference or a web address for none."""
    tokens = _BREAKS.split(_IN_AMOUNT.sub("\u00a0", _ADDRESS_OF_PAGE.sub(" ", sentence)))
    return [token for token in tokens if _FIGURE.match(token) or (_PIECES.search(token) and not _has_digit(token))]


def _paragraphs(rendered: Rendered) -> Iterator[str]:
    if isinstance(rendered, RenderedSms):
        yield rendered.text
    elif isinstance(rendered, LetterWords):
        yield from (each.text for each in rendered.paragraphs if each.kind in ("text", "notice"))
    elif isinstance(rendered, RenderedEmail):
        body = rendered.text.split(_FOOTER)[0]
        yield from (prose for line in body.split("\n") if (prose := _prose(line)))


def _prose(line: str) -> str:
    """What of a line is sentences: up to the last sign that ends one. A row, a heading or a name has none."""
    if line.startswith(("- ", " ")):
        return ""
    if line.endswith(":"):
        return line
    ends = list(_ENDS.finditer(line))
    return line[: ends[-1].end()] if ends else ""


def split_sentences(paragraph: str) -> Iterator[str]:
    """The sentences of a paragraph: an abbreviation, an amount or a reference ends none."""
    ends = [
        found.end()
        for found in _ENDS.finditer(paragraph)
        if not _ABBREVIATIONS.search(paragraph[: found.end()]) and _NEXT_STARTS.match(paragraph, found.end())
    ]
    for start, end in pairwise((0, *ends, len(paragraph))):
        sentence = paragraph[start:end].strip()
        if sentence:
            yield sentence


def _is_long(word: str) -> bool:
    """`d'indemnité` and `dites-le-nous` are as long as their longest piece."""
    return any(len(piece) > LONG_LETTERS for piece in _PIECES.findall(word))


def _has_digit(token: str) -> bool:
    return any(sign.isdigit() for sign in token)
