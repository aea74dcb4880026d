"""A text as the lint reads it: plain lower-case words, whatever was done to their looks. Knows no forbidden word.

Accents, capitals, apostrophes, invisible signs, ligatures, letters of other alphabets that look Latin and letters
spaced out all come to the same words. Commas and their like stay as `,`, for they end a negation's reach.
"""

import re
import unicodedata
from collections.abc import Iterator

_INVISIBLE = dict.fromkeys(
    map(ord, "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u2060\u2061\u2062\u2063\u2064\ufeff"), None
) | dict.fromkeys([*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0xFE00, 0xFE10)], None)
# Letters that readers take for Latin ones; NFKD knows full-width and mathematical letters, but not these.
_LOOK_ALIKES = str.maketrans(
    "аеорсухіѕјкмнтвһԁԛԝӏѵАЕОРСУХІЅЈКМНТВɡıαοεικνρτυχΑΟΕΙΚΝΡΤΥΧΒΗΜΖøłđ",
    "aeopcyxisjkmhtbhdqwlvAEOPCYXISJKMHTBgiaoeikvptuxAOEIKNPTYXBHMZold",
)
_TOGETHER = str.maketrans({"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", "ß": "ss"}) | dict.fromkeys(
    map(ord, "ʼʻʹʽˈꞌ"), "'"
)
_FOLD = _INVISIBLE | _TOGETHER
_MARKS = re.compile("[\u0300-\u036f]+")

_WORD = re.compile(r"[^\W_]+|[%,;:()–—«»\"|]")
_CLAUSE_ENDS = frozenset(',;:()–—«»"|')
# Five letters at least: « il n'y a à l'… » has four in a row.
_SPACED_OUT = re.compile(r"(?<!\w)(?:[^\W\d_][ .\-_*·]){4,}[^\W\d_](?!\w)")
_BETWEEN_LETTERS = re.compile(r"[ .\-_*·]")

_ZEROES = str.maketrans("123456789", "0" * 9)

# No author writes a longer sentence; without a bound its cost would be the square of its length.
_LONGEST, _OVERLAP = 1200, 300

_BLOCK = re.compile(r"\n\s*\n")
# A sentence ends with a stop and a space, but « M. » asks for a name. A line that merely ends goes on: a text part may
# be wrapped anywhere.
_SENTENCE = re.compile(r"(?<=[.!?…])(?<!\bM\.)(?<!\bM[rs]\.)(?<!\bMrs\.)(?<!\bDr\.)[\s\"»)]+")


def fold(text: str) -> str:
    """Lower case, without accents, ligatures, look-alikes or invisible signs; spaces and punctuation stay."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", text.translate(_FOLD))
    return _MARKS.sub("", plain.translate(_LOOK_ALIKES)).casefold()


def words_of(text: str) -> list[str]:
    """The words of a text in order, `%` and `,` (for any sign that ends a clause) among them."""
    plain = fold(text)
    words = [word if word not in _CLAUSE_ENDS else "," for word in _WORD.findall(plain)]
    if sum(len(word) == 1 and word.isalpha() for word in words) >= 5:
        closed = _SPACED_OUT.sub(lambda match: _BETWEEN_LETTERS.sub("", match[0]), plain)
        if closed != plain:
            return words_of(closed)
    return words


def normal(text: str) -> str:
    """The words of a text, each followed by one space, after a first one: ` notre huissier passera `."""
    return f" {' '.join(words_of(text))} "


def digits_apart(text: str) -> str:
    """The same with every digit a 0, for those who look for figures whatever they are."""
    return text.translate(_ZEROES)


def blocks(text: str) -> list[str]:
    """The paragraphs of a text: what no phrase crosses."""
    return [block for block in _BLOCK.split(text) if block and not block.isspace()]


def sentences(block: str) -> Iterator[str]:
    """The sentences of a paragraph; of one that never ends, pieces that overlap by more than any phrase is long."""
    for sentence in _SENTENCE.split(block):
        if len(sentence) > _LONGEST:
            yield from (sentence[at : at + _LONGEST] for at in range(0, len(sentence), _LONGEST - _OVERLAP))
        elif sentence and not sentence.isspace():
            yield sentence
