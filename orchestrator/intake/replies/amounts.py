"""Sums that a debtor names: "20 euros", "1 200,50 €", "vingt euros", "£20". In cents; never a date or a number.

A currency must be said, or a verb of paying stand just before.
"""

import re

import msgspec

from orchestrator.intake.replies.normalise import Folded

_LARGEST_CENTS = 100_000_000_00


class Sum(msgspec.Struct, frozen=True):
    """An amount in cents and the words that name it (indexes, both included)."""

    cents: int
    first: int
    last: int


_UNITS = {
    word: value
    for value, words in {
        0: "zero", 1: "un une one", 2: "deux two", 3: "trois three", 4: "quatre four", 5: "cinq five", 6: "six",
        7: "sept seven", 8: "huit eight", 9: "neuf nine", 10: "dix ten", 11: "onze eleven", 12: "douze twelve",
        13: "treize thirteen", 14: "quatorze fourteen", 15: "quinze fifteen", 16: "seize sixteen", 17: "seventeen",
        18: "eighteen", 19: "nineteen", 20: "vingt vingts twenty", 30: "trente thirty", 40: "quarante forty",
        50: "cinquante fifty", 60: "soixante sixty",
        70: "septante seventy", 80: "eighty huitante", 90: "nonante ninety",
    }.items()
    for word in words.split()
}  # fmt: skip
_BIG = {"cent": 100, "cents": 100, "hundred": 100, "mille": 1000, "thousand": 1000, "k": 1000}
_WORDS = "|".join(sorted((*_UNITS, *_BIG, "et", "and"), key=len, reverse=True))
_DIGITS = r"\d{1,3}(?: \d{3})+(?:[.,]\d{1,2})?|\d{1,9}(?:[.,]\d{3})*(?:[.,]\d{1,2})?"
_CURRENCY = r"€|euros|eu|e|£|gbp|pounds?|quid|balles|usd|\$|dollars?|chf"
_AFTER = re.compile(rf"(?<= )(?P<digits>{_DIGITS})(?P<k> k)? (?:{_CURRENCY})(?: (?P<cents>\d\d)(?= [^/%]))?(?= )")
_BEFORE = re.compile(rf"(?<= )(?:€|£|gbp|euros|\$) (?P<digits>{_DIGITS})(?= )")
_SPELT = re.compile(rf"(?<= )(?P<words>(?:{_WORDS})(?: (?:{_WORDS})){{0,7}}) (?:d )?(?:euros|pounds|quid|balles)(?= )")
_VERB = (
    r"paye|paie|pay|payerai|paierai|payer|verse|verser|verserai|vire|virer|virerai|regle|regler|reglerai|envoie|"
    r"envoyer|send|"
    r"transfer|donner|donne|give|paid|spare|rembourser|acompte de|virement de|somme de|montant de|cheque de|"
    r"payment of|transfer of|"
    r"versement de|reglement de|paiement de|afford|manage|avoir de|credit of|ligne de|fees of|erreur de|"
    r"penalites de|proceder a"
)
_BARE = re.compile(
    rf"(?<= )(?:{_VERB})(?: vous| you| deja| already| only| que| seulement| about| environ| les| a)* "
    r"(?P<digits>[1-9]\d{0,4}(?:[.,]\d{1,2})?)(?= (?!/|%|fois|jours?|days?|mois|months?|semaines?|weeks?|heures?|h|x|"
    r"janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|novembre|decembre|january|february|"
    r"march|april|"
    r"may|june|july|august|september|october|november|december|factures?|invoices?|times))"
)


def find_sums(folded: Folded, first: int, last: int) -> list[Sum]:
    """The amounts named between two words, in the order of the text."""
    text = f" {' '.join(folded.words[first : last + 1])} . "
    found: dict[int, Sum] = {}
    taken: list[tuple[int, int]] = []
    for pattern in (_AFTER, _BEFORE, _SPELT, _BARE):
        for match in pattern.finditer(text):
            if any(match.start() < end and start < match.end() for start, end in taken):
                continue
            cents = _cents(match)
            if cents is not None and 0 < cents <= _LARGEST_CENTS:
                taken.append(match.span())
                start = first + text.count(" ", 0, match.start()) - 1
                found[match.start()] = Sum(cents, start, start + match[0].count(" "))
    return [found[at] for at in sorted(found)]


def _cents(match: re.Match[str]) -> int | None:
    groups = match.groupdict()
    if words := groups.get("words"):
        return _spelt(words.split())
    digits = _plain(groups["digits"].replace(" ", ""))
    whole, _, rest = digits.partition(".")
    if len(whole) > 1 and whole[0] == "0":
        return None  # a telephone or document number
    cents = int(whole) * 100 + int((rest + "00")[:2])
    if groups.get("k"):
        cents *= 1000
    return cents + int(groups["cents"]) if groups.get("cents") and not rest else cents


def _plain(digits: str) -> str:
    """1.200,50 and 1,200.50 as 1200.50: the last separator is a decimal one if at most two digits follow."""
    at = max(digits.rfind(","), digits.rfind("."))
    if at < 0 or len(digits) - at - 1 > 2:
        return digits.replace(",", "").replace(".", "")
    return digits[:at].replace(",", "").replace(".", "") + "." + digits[at + 1 :]


def _spelt(words: list[str]) -> int | None:
    total = group = 0
    for word in words:
        if word in ("et", "and"):
            continue
        if word in _BIG:
            group = max(group, 1) * _BIG[word]
            if _BIG[word] == 1000:
                total, group = total + group, 0
        elif word in ("vingt", "vingts") and group % 100 == 4:
            group += 76
        else:
            group += _UNITS[word]
    return (total + group) * 100 or None
