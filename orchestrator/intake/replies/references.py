"""Names of documents, and addresses to write to instead, as they stand in the original text."""

import re

_REFERENCE = re.compile(
    r"(?i)\b(?:factures?|invoices?|commandes?|orders?|dossier|ref(?:erence|érence)?|réf|n°|no|num[eé]ro|bl|po|"
    r"bc|bdc|avoir|"
    r"devis|ticket|demande|ej|inv)[ .:#°]{0,3}(?:n°|no\.?|num[eé]ro|number|ref|:|#)?[ .:#]{0,2}"
    r"([A-Z]{0,6}[-_/]?\d[\w/-]{2,24})"
)
_BARE = re.compile(r"\b[A-Z]{1,5}[-_]?\d{2,}[-_\dA-Z]{0,20}\b")
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
_PHONE = re.compile(r"(?:\+33|\+44|0033|0)[ .-]?[1-9](?:[ .-]?\d{2,4}){3,5}")
_MOST = 8


def find_references(text: str) -> tuple[str, ...]:
    """Document names in a passage, at most eight, each once, in the order of the text."""
    found = {match[1].strip("-_/"): match.start(1) for match in _REFERENCE.finditer(text)}
    for match in _BARE.finditer(text):
        found.setdefault(match[0], match.start())
    kept = {name: at for name, at in found.items() if not re.fullmatch(r"\d{1,2}/\d{1,2}(?:/\d{2,4})?|20\d\d", name)}
    return tuple(sorted(kept, key=lambda name: kept[name]))[:_MOST]


def find_address(text: str) -> str:
    """The first e-mail address of a passage, or else its first telephone number; empty when there is none."""
    found = _EMAIL.search(text) or _PHONE.search(text)
    return found[0].rstrip(".") if found else ""
