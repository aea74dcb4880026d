"""What is in a text, whoever reads it: words of the families, phone numbers, and which language its small words are of.

A sentence that was read once is remembered: most sentences of a campaign stand in all its messages. Judging is
`judge.py`'s; what is found here may well be lawful.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache

import msgspec

from orchestrator.rendering.lint.families import LANGUAGES, Group, denials, families
from orchestrator.rendering.lint.markup import visible
from orchestrator.rendering.lint.named import titled
from orchestrator.rendering.lint.normal import blocks, digits_apart, fold, sentences, words_of
from orchestrator.rendering.lint.numbers import numbers_of
from orchestrator.rendering.lint.phrases import KEY_LETTERS, Phrase

# Words that hardly a sentence does without, and that the other language does not have.
_SMALL_WORDS = {
    "fr": frozenset(
        "le la les un une des du de et est vous nous votre vos notre que qui pour par dans sur ne pas ce cette au aux"
        " avec il elle sont sera si ou ici".split()
    ),
    "en": frozenset(
        "the of and to is are you your we our that which for by in not this with it has have will be if or from at as"
        " can here any".split()
    ),
}
# A run of capitals shouts from this many words on, of which two are small words: a name or an address has none.
_SHOUTED_WORDS = 4

# What ends with these is read apart; b, a, i, em, span, del, tt and their like are within a text.
_BLOCK_END = re.compile(rb"</(?=[phlc]|d(?!el)|t(?!t>))")
_PARAGRAPH_END = re.compile(rb"\n\s*\n")


class Hit(msgspec.Struct, frozen=True):
    """Words of a group, found in a sentence: `words` normalised, at `start`:`end` of `sentence` (normalised too).

    `raw` is the sentence as it is written.
    """

    group: Group
    words: str
    sentence: str
    start: int
    end: int
    raw: str


class Scan(msgspec.Struct, frozen=True):
    """What stands in a piece of text. `small_words` are counts by language, in the order of LANGUAGES.

    `numbers` are where, in the bytes of a part, something with the digits of a phone number stands.
    """

    hits: tuple[Hit, ...]
    small_words: tuple[int, int]
    numbers: tuple[tuple[int, int], ...] = ()


class _Index:
    """The phrases of one language, by the beginnings of words that bring them."""

    def __init__(self, language: str) -> None:
        self.by_key: dict[str, list[tuple[Phrase, Group]]] = {}
        for family in families().values():
            for group in family.groups:
                for phrase in group.phrases[language]:
                    for key in phrase.keys:
                        self.by_key.setdefault(key, []).append((phrase, group))
        self.keys = self.by_key.keys()


@lru_cache(maxsize=len(LANGUAGES))
def _index(language: str) -> _Index:
    return _Index(language)


def is_telling(word: str) -> bool:
    """Whether any phrase of any language has a word of that beginning: a name of theirs is not to be masked."""
    return fold(word)[:KEY_LETTERS] in _beginnings()


@lru_cache(maxsize=1)
def _beginnings() -> frozenset[str]:
    """Of every word of every phrase, those that are too common to be a key included."""
    phrases = [
        phrase
        for family in families().values()
        for each in (*(found for group in family.groups for found in group.phrases.values()), family.conditions)
        for phrase in each
    ]
    return frozenset(word[:KEY_LETTERS] for phrase in phrases for word in words_of(phrase.text))


def scan_part(masked: bytes, *, is_markup: bool, language: str) -> Scan:
    """Everything of one part of a message in the words of one language of LANGUAGES. `masked` as `masking` gives it.

    The words of hits are masked too: `scan_text` finds those of the text itself.
    """
    return (_scan_markup if is_markup else _scan_plain)(masked, language)


# Whole parts are often equal once masked. They are long, and therefore few.
@lru_cache(maxsize=256)
def _scan_markup(masked: bytes, language: str) -> Scan:
    return _together(_pieces(masked, _BLOCK_END), _scan_chunk, language)


@lru_cache(maxsize=1024)
def _scan_plain(masked: bytes, language: str) -> Scan:
    return _together(_pieces(masked, _PARAGRAPH_END), _scan_paragraph, language)


def _pieces(masked: bytes, end: re.Pattern[bytes]) -> Iterator[tuple[int, bytes]]:
    """What stands between the ends, with its place."""
    at = 0
    for match in end.finditer(masked):
        yield at, masked[at : match.start()]
        at = match.end()
    yield at, masked[at:]


def _together(pieces: Iterator[tuple[int, bytes]], read: Callable[[bytes, str], Scan], language: str) -> Scan:
    found = [(at, len(piece), read(piece, language)) for at, piece in pieces]
    return Scan(
        hits=tuple(hit for _, _, scan in found for hit in scan.hits),
        small_words=_sum(scan for _, _, scan in found),
        numbers=tuple((at, at + length) for at, length, scan in found if scan.numbers),
    )


def _sum(scans: Iterable[Scan]) -> tuple[int, int]:
    french, english = 0, 0
    for scan in scans:
        french, english = french + scan.small_words[0], english + scan.small_words[1]
    return french, english


@lru_cache(maxsize=4096)
def _scan_chunk(chunk: bytes, language: str) -> Scan:
    """What shows up to the end of a block element."""
    text = visible(chunk.decode("utf-8", "replace"))
    scans = [scan for _, scan in scan_text(text, language)]
    return Scan(
        hits=tuple(hit for scan in scans for hit in scan.hits),
        small_words=_sum(scans),
        numbers=tuple(span for scan in scans for span in scan.numbers),
    )


def _scan_paragraph(paragraph: bytes, language: str) -> Scan:
    return scan_block(paragraph.decode("utf-8", "replace"), language)


@lru_cache(maxsize=8192)
def scan_block(block: str, language: str) -> Scan:
    """Everything of one paragraph."""
    scans = [_scan_sentence(sentence, language) for sentence in sentences(block)]
    return Scan(
        hits=tuple(hit for scan in scans for hit in scan.hits),
        small_words=_sum(scans),
        numbers=((0, len(block)),) if numbers_of(block) else (),
    )


def scan_text(text: str, language: str) -> list[tuple[str, Scan]]:
    """The paragraphs of a text with what stands in each."""
    return [(block, scan_block(block, language)) for block in blocks(text)]


@lru_cache(maxsize=16384)
def _scan_sentence(sentence: str, language: str) -> Scan:
    words = words_of(sentence)
    each = set(words)
    small = (len(each & _SMALL_WORDS["fr"]), len(each & _SMALL_WORDS["en"]))
    index = _index(language)
    keys = index.keys & {word[:KEY_LETTERS] for word in words}
    hits = _hits(sentence, f" {' '.join(words)} ", keys, language) if keys else []
    if sentence.isupper() and max(small) >= 2 and sum(word.isalpha() for word in words) >= _SHOUTED_WORDS:
        hits.append(Hit(_shouting(), "in capitals throughout", sentence, 0, 0, sentence))
    return Scan(tuple(hits), small)


@lru_cache(maxsize=1)
def _shouting() -> Group:
    """Capitals throughout, of the family of false urgency: a warning that no repetition makes an error."""
    return Group(family="L16", is_error=False, unless=(), phrases={}, part="capitals")


def _hits(sentence: str, normal: str, keys: set[str], language: str) -> list[Hit]:
    """The words of each family, the longest of those that overlap, without what is denied, guarded or a name."""
    by_key, read = _index(language).by_key, digits_apart(normal)
    found: dict[str, list[Hit]] = {}
    for phrase, group in {id(pair): pair for key in keys for pair in by_key[key]}.values():
        for start, end in phrase.spans(read):
            words = normal[start:end].strip(" ,")
            found.setdefault(group.family, []).append(Hit(group, words, normal, start, end, sentence))
    standing = [hit for family, hits in found.items() for hit in _standing(family, hits, normal, language)]
    names = list(titled(sentence, normal)) if standing else []
    return [hit for hit in standing if " " in hit.words or not _is_within(hit, names)]


def _standing(family_id: str, hits: list[Hit], normal: str, language: str) -> list[Hit]:
    family = families()[family_id]
    if any(next(condition.spans(normal), None) for condition in family.conditions):
        return []
    guarded = [span for guard in family.guards for span in guard.spans(normal)]
    # "No late interest is charged" denies the late interest, and with it what overlaps: "interest is charged".
    denied = [hit for hit in hits if family.heeds_denials and _is_denied(hit, normal, language)]
    kept: list[Hit] = []
    for hit in sorted(hits, key=lambda hit: (not hit.group.is_error, hit.start - hit.end)):
        if _is_within(hit, guarded):
            continue
        if any(hit.start < other.end and other.start < hit.end for other in (*denied, *kept)):
            continue
        kept.append(hit)
    return sorted(kept, key=lambda hit: hit.start)


def _is_within(hit: Hit, spans: list[tuple[int, int]]) -> bool:
    return any(start <= hit.start and hit.end <= end for start, end in spans)


def _is_denied(hit: Hit, normal: str, language: str) -> bool:
    before, after = normal[: hit.start], denials().after.get(language, ())
    return any(phrase.ends(before) for phrase in denials().before.get(language, ())) or any(
        phrase.begins(normal, hit.end) for phrase in after
    )
