"""Phone numbers as people write them, and which of them cost more than a call. Knows no message."""

import re
import unicodedata
from functools import lru_cache

_IBAN = re.compile(r"\b[A-Z]{2}\d\d(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b")
# A French number is ten digits, in pairs as a rule; what follows it may begin with a digit too (« 7j/7 »).
_NUMBER = re.compile(r"(?<!\w)(?:0\d(?:[\s.\-/]{0,2}\d\d){4}(?!\d)|(?:\+\s?\d|0)(?:[\s.\-/()]{0,3}\d){8,14}(?!\d))")
_SHORT_NUMBER = re.compile(
    r"\b(?:au|le|num[eé]ro|appelez|composez|t[ée]l[.:]*|call|dial|number|on|ring)\s+(?:le\s+|au\s+)?"
    r"(\d[\s.\-]?\d(?:[\s.\-]?\d){2})(?![\s.,]?\d)(?!\s*(?:€|EUR|jours|euros))",
    re.IGNORECASE,
)
# Public services and helplines, free or at the ordinary rate though they begin like the others.
_OF_THE_PUBLIC = frozenset("3919 3939 3960 3977".split())
_SEVERAL_DIGITS = re.compile(r"\d\D{0,2}\d\D{0,2}\d\D{0,2}\d")
_NOT_DIGITS = re.compile(r"[^\d+]")


def numbers_of(text: str) -> tuple[str, ...]:
    """Phone numbers as digits, an international prefix as `+`; and four digits that one is told to call."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    if _SEVERAL_DIGITS.search(text) is None:
        return ()
    text = _IBAN.sub(" ", text)
    found = [_NOT_DIGITS.sub("", match[0]) for match in _NUMBER.finditer(text)]
    found += [_NOT_DIGITS.sub("", match[1]) for match in _SHORT_NUMBER.finditer(text)]
    return tuple(f"+{number[2:]}" if number.startswith("00") else number for number in found)


@lru_cache(maxsize=1024)
def is_premium(number: str, prefixes: tuple[str, ...]) -> bool:
    """Whether a number (as `numbers_of` gives it) costs more than a call: by the prefixes of a rule, by its four digits
    from 32 to 39, or as a British 09.
    """
    trunk = f"+33{number[4:]}" if number.startswith("+330") else number
    national = f"0{trunk[3:]}" if trunk.startswith("+33") else trunk
    is_british = trunk.startswith(("+449", "+4409")) or (len(trunk) == 11 and trunk.startswith("09"))
    is_short = len(trunk) == 4 and "32" <= trunk[:2] <= "39" and trunk not in _OF_THE_PUBLIC
    return is_british or is_short or any(national.startswith(p) or trunk.startswith(p) for p in prefixes if p)
