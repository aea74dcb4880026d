"""Bare Latin letters for machines that read nothing else: sorting centres, bank files. Not for people's eyes."""

import unicodedata

_SPELT_OUT = str.maketrans({
    "œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "ß": "ss", "ẞ": "SS", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d",
    "Đ": "D", "ð": "d", "Ð": "D", "þ": "th", "Þ": "TH", "ı": "i", "’": "'", "‘": "'", "ʼ": "'", "“": '"', "”": '"',
    "«": '"', "»": '"', "–": "-", "—": "-", "−": "-", "‑": "-", "€": "EUR", "№": "N",
})  # fmt: skip


def unaccented(text: str) -> str:
    """`text` on one line without accents, ligatures or typographic signs (`Œuvre d’Élise` → `OEuvre d'Elise`).

    What has no Latin spelling stays as it is, for the caller to refuse.
    """
    decomposed = unicodedata.normalize("NFKD", text.translate(_SPELT_OUT))
    return " ".join("".join(map(_bare, decomposed)).split())


def _bare(character: str) -> str:
    match unicodedata.category(character):
        case "Mn" | "Cf":  # an accent; a sign that nobody sees
            return ""
        case "Cc" | "Zl" | "Zp":
            return " "
        case _:
            return character
