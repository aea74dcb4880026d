"""What may not be written down about a person: a social-security number, their health, an insult (FR-PRIV-07).

Reads what somebody types into a file, never what a debtor writes. The words are few and plain: a filter, not a judge.
"""

import re
import unicodedata

from orchestrator.domain.errors import InputError

# Sex, year, month, department, commune, order, then the key: 97 less what remains of the number divided by 97.
_GAP = r"[ .\u00a0-]?"
_NIR = re.compile(
    rf"(?<![0-9])([1278]{_GAP}\d\d{_GAP}\d\d{_GAP}(?:\d\d|2[ab]){_GAP}\d{{3}}{_GAP}\d{{3}}){_GAP}(\d\d)(?![0-9])"
)
# Beginnings of words, without accents; a space at the end asks for the whole word.
_HEALTH = (
    "cancer", "chimio", "tumeur", "depressi", "hospitalis", "maladie", "malade ", "handicap", "alcooli", "toxicoman",
    "seroposit", "vih ", "sida ", "psychiatr", "enceinte ", "diabet", "burn-out", "burnout", "arret maladie",
    "illness", "sick leave", "disabled ", "disabilit", "pregnan", "hiv ", "hospitaliz", "alcoholi",
)  # fmt: skip
_INSULTS = (
    "escroc", "voleur", "voleuse", "menteur", "menteuse", "connard", "connasse", "imbecile", "cretin", "abruti",
    "salaud", "salope", "enfoire", "ordure ", "parasite ", "faineant", "sale type",
    "liar ", "thief ", "crook ", "idiot", "moron", "bastard", "asshole", "scumbag", "deadbeat",
)  # fmt: skip


def _pattern(stems: tuple[str, ...]) -> re.Pattern[str]:
    parts = (re.escape(stem.strip()) + (r"s?\b" if stem.endswith(" ") else "") for stem in stems)
    return re.compile(rf"\b(?:{'|'.join(parts)})")


_FORBIDDEN = {"health": _pattern(_HEALTH), "insult": _pattern(_INSULTS)}
_WHAT = {
    "social_security_number": ("a social-security number", "leave the number out"),
    "health": ("something about a person's health", 'write "personal situation", and mark the case if it is in need'),
    "insult": ("an insult", "say what happened, in words that the person may read"),
}


def require_decent(text: str) -> None:
    """Raises InputError `note_forbidden` with what the words hold, and never the words."""
    found = forbidden_in(text)
    if found:
        what, hint = _WHAT[found]
        raise InputError(f"a note may not hold {what}", hint=hint, code="note_forbidden")


def forbidden_in(text: str) -> str:
    """What a text holds that may not be written down: social_security_number, health or insult; empty for nothing."""
    folded = _folded(text)
    if any(_has_key(number, key) for number, key in _NIR.findall(folded)):
        return "social_security_number"
    return next((what for what, pattern in _FORBIDDEN.items() if pattern.search(folded)), "")


def _has_key(number: str, key: str) -> bool:
    """Whether the two last digits are the key of the others: a reference of fifteen digits is none."""
    digits = re.sub(r"[^0-9ab]", "", number).replace("2a", "19").replace("2b", "18")
    return int(key) == 97 - int(digits) % 97


def _folded(text: str) -> str:
    """Lower case, without accents, with plain apostrophes."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace("\u2019", "'"))
    return "".join(sign for sign in plain if not unicodedata.combining(sign))
