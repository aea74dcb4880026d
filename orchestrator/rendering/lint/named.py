"""Forbidden words that are somebody's name: names are data, they neither cause a finding nor hide the one beside them.

Knows no forbidden word. What tells a name is how it is written: after a title, or as the file writes it.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from orchestrator.rendering.lint.normal import words_of

# « M. Huissier », “Ms Paula Seizure”; « M. Huissier de justice » is no name.
_TITLED = re.compile(
    r"(?<!\w)(?:M\.|Mr\.?|Mrs\.?|Ms\.?|Miss|Mme|Mlle|Monsieur|Madame|Mademoiselle)[ \u00a0\u202f]"
    r"[A-ZÀ-Ý][\w'’-]*+(?:[ \u00a0\u202f][A-ZÀ-Ý][\w'’-]*+)?(?!\s+[Dd]e\s+[Jj]ustice)"
)
# What stands before a thing or a trade, never before a name.
_DETERMINED = (
    r"\b(?:notre|nos|votre|vos|un|une|des|le|la|les|cet|cette|ce|aucun|aucune|our|your|the|an?|any|this)\s+"
    r"|\b[ld]['’ʼ]"
)


def titled(sentence: str, normal: str) -> Iterator[tuple[int, int]]:
    """Where, in the normalised words of a sentence, names with their title stand; capitals throughout tell nothing."""
    if sentence.isupper():
        return
    for match in _TITLED.finditer(sentence):
        name = f" {' '.join(words_of(match[0]))} "
        at = normal.find(name)
        if at >= 0:
            # A phrase takes the comma behind it.
            end = at + len(name)
            yield at + 1, end + 2 if normal.startswith(", ", end) else end


def is_written_as_a_name(name: str, sentence: str) -> bool:
    """Whether a name of one word, wherever a sentence has that word, is spelt as the name and follows no determiner."""
    (word,) = words_of(name) or ("",)
    spelt, determined = _spellings(name)
    as_name = len(spelt.findall(sentence)) - len(determined.findall(sentence))
    return as_name == words_of(sentence).count(word)


@lru_cache(maxsize=256)
def _spellings(name: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    exact = rf"{re.escape(name)}(?!\w)"
    return re.compile(rf"(?<!\w){exact}"), re.compile(f"(?i:{_DETERMINED}){exact}")
