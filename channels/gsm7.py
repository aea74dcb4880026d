"""How many SMS a text costs, and the smallest honest change that keeps it in the GSM-7 alphabet.

Owns 3GPP TS 23.038 (alphabet) and 23.040 (parts). Does not encode, split or send; knows no language.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from enum import StrEnum

from msgspec import Struct

# 3GPP TS 23.038 section 6.2.1, in code order, without the escape at 0x1B, which no text contains.
BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = "\f^{}\\[~]|€"  # section 6.2.1.1: an escape before each, so two septets

SINGLE_SEPTETS, PART_SEPTETS = 160, 153  # 140 octets; a part gives 6 of them to its place in the message
SINGLE_UNITS, PART_UNITS = 70, 67


class Encoding(StrEnum):
    """How the text travels: septets, or UTF-16 units as soon as one character is foreign to GSM-7."""

    GSM7 = "gsm7"
    UCS2 = "ucs2"


class SegmentCount(Struct, frozen=True):
    """`units` are septets in GSM-7 and 16-bit units in UCS-2, padding between parts not counted.

    Providers bill `segments`; an empty text is one.
    """

    encoding: Encoding
    units: int
    segments: int


class Change(Struct, frozen=True):
    """One kind of replacement made by `to_gsm7`: what stood there, what stands now, how often."""

    found: str
    written: str
    count: int


class Normalised(Struct, frozen=True):
    """A text after `to_gsm7`: what it changed, and what it had to leave, which makes the SMS UCS-2.

    Each kind once, in the order of appearance (letters with separate accents first).
    """

    text: str
    changes: tuple[Change, ...] = ()
    unsupported: str = ""


# fullmatch over a class costs a third of a set operation on 150 characters, and half of str.translate.
_BASIC_ONLY = re.compile(f"[{re.escape(BASIC)}]*")
_GSM7_ONLY = re.compile(f"[{re.escape(BASIC + EXTENSION)}]*")
_FOREIGN = re.compile(f"[^{re.escape(BASIC + EXTENSION)}]")
_EXTENDED = re.compile(f"[{re.escape(EXTENSION)}]")
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")


def is_gsm7(text: str) -> bool:
    """Whether every character is in the GSM-7 alphabet or its extension."""
    return _GSM7_ONLY.fullmatch(text) is not None


def segments(text: str) -> SegmentCount:
    """The encoding, size and number of SMS of `text` exactly as it stands."""
    size = len(text)
    if size <= SINGLE_SEPTETS and _BASIC_ONLY.fullmatch(text):
        return SegmentCount(Encoding.GSM7, size, 1)
    if _GSM7_ONLY.fullmatch(text):
        pairs = [match.start() for match in _EXTENDED.finditer(text)]
        single, part, encoding = SINGLE_SEPTETS, PART_SEPTETS, Encoding.GSM7
    else:
        pairs = [] if text.isascii() else [match.start() for match in _ASTRAL.finditer(text)]
        single, part, encoding = SINGLE_UNITS, PART_UNITS, Encoding.UCS2
    units = size + len(pairs)
    return SegmentCount(encoding, units, 1 if units <= single else _parts(units, pairs, part))


def _parts(units: int, pairs: list[int], part: int) -> int:
    """Parts needed when a pair never straddles two: one that would leaves the last unit of a part empty."""
    padding = 0
    for earlier, place in enumerate(pairs):
        if (place + earlier + padding) % part == part - 1:
            padding += 1
    return -(-(units + padding) // part)


# ---------------------------------------------------------------- normalisation


def _accents() -> Iterator[tuple[str, str]]:
    """Latin letters with accents that GSM-7 lacks, and their base letter (which may be Æ or Ø)."""
    for code in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00)):
        letter = chr(code)
        base = unicodedata.normalize("NFD", letter)[0]
        if letter not in BASIC and base != letter and base in BASIC:
            yield letter, base


_UNDECOMPOSED = {"œ": "oe", "Œ": "OE", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ħ": "h", "Ħ": "H", "ı": "i"}
_WRITTEN: dict[str, str] = {
    **dict(_accents()),
    **dict.fromkeys("‘’‚‛ʼ′´`‹›", "'"),
    **dict.fromkeys("“”„‟″«»", '"'),
    **dict.fromkeys("‐‑‒–—―−", "-"),
    **dict.fromkeys("\t\u00a0\u202f\u205f" + "".join(map(chr, range(0x2000, 0x200B))), " "),
    **dict.fromkeys("\u00ad\u200b\u2060\ufeff", ""),  # seen by nobody, billed as UCS-2
    "…": "...",
    **_UNDECOMPOSED,
}
_DECOMPOSED = re.compile("[A-Za-z\u00c0-\u024f\u1e00-\u1eff][\u0300-\u036f]+")
_MARK = re.compile("[\u0300-\u036f]")


def to_gsm7(text: str) -> Normalised:
    """Quotes, dashes, ellipsis, spaces and accents that GSM-7 lacks, in its nearest letters; `é è à ù` stay.

    What has no near letter (emoji, Cyrillic, `°`) is left and named. Applying it twice changes nothing more.
    """
    if _GSM7_ONLY.fullmatch(text):
        return Normalised(text)
    changes: list[Change] = []
    if _MARK.search(text):
        text = _compose(text, changes)
    unsupported = ""
    for found in dict.fromkeys(_FOREIGN.findall(text)):
        written = _WRITTEN.get(found)
        if written is None:
            unsupported += found
        else:  # a replace per kind is faster than one translate: a text holds few kinds
            changes.append(Change(found, written, text.count(found)))
            text = text.replace(found, written)
    return Normalised(text, tuple(changes), unsupported)


def _compose(text: str, changes: list[Change]) -> str:
    """Joins Latin letters with the accents written after them (as a Mac writes file names)."""
    written: dict[str, str] = {}
    for found, count in Counter(_DECOMPOSED.findall(text)).items():
        letter = unicodedata.normalize("NFC", found)[0]
        written[found] = letter if letter in BASIC else _WRITTEN.get(letter, letter)
        changes.append(Change(found, written[found], count))
    return _DECOMPOSED.sub(lambda match: written[match[0]], text)
