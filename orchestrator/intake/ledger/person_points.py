"""What two debtors may share so that they are protected as one person: phone, e-mail, postal name and address.

Owns the normal forms behind semantics A8. They serve caps, opt-outs and pauses only; nobody's data is merged by them.
"""

import hashlib
import re
import unicodedata

from orchestrator.domain.contact import ContactPerson, Debtor, Fault, PointKind

_UNSHARED = frozenset({Fault.INVALID, Fault.MISSING, Fault.NOT_OWNED})
_CIVILITIES = frozenset("M MR MRS MS MME MLLE MM MMES MONSIEUR MADAME MADEMOISELLE".split())
_STREETS = {
    "AV": "AVENUE", "AVE": "AVENUE", "BD": "BOULEVARD", "BLD": "BOULEVARD", "BVD": "BOULEVARD", "PL": "PLACE",
    "R": "RUE", "RTE": "ROUTE", "CH": "CHEMIN", "CHE": "CHEMIN", "IMP": "IMPASSE", "ALL": "ALLEE", "SQ": "SQUARE",
    "FG": "FAUBOURG", "FBG": "FAUBOURG", "ST": "SAINT", "STE": "SAINTE", "RES": "RESIDENCE", "BAT": "BATIMENT",
}  # fmt: skip
_NOT_WORD = re.compile(r"[^0-9A-Z]+")


def person_points(debtor: Debtor, *, key: bytes = b"") -> tuple[str, ...]:
    """Stable hashes (32 hex digits, sorted) of what identifies the person behind a debtor.

    With a secret `key` of up to 64 bytes they cannot be turned back by trying every phone number; without, they can.
    """
    found = {text for person in debtor.people for text in _of_person(debtor, person)}
    return tuple(sorted(_digest(text, key) for text in found))


def point_digest(kind: PointKind, value: str, *, key: bytes = b"") -> str:
    """The hash of one phone or e-mail, as `person_points` would give it."""
    return _digest(_of_point(kind, value), key)


def _digest(text: str, key: bytes) -> str:
    return hashlib.blake2b(text.encode(), digest_size=16, key=key).hexdigest()


def _of_point(kind: PointKind, value: str) -> str:
    return f"{kind}:{value.casefold() if kind is PointKind.EMAIL else value}"


def _of_person(debtor: Debtor, person: ContactPerson) -> list[str]:
    found = [_of_point(p.kind, p.value) for p in person.points if p.value and p.fault not in _UNSHARED]
    postal = _postal(debtor.name, person)
    return [*found, postal] if postal else found


def _postal(name: str, person: ContactPerson) -> str:
    """Name, street and postcode; empty when one is missing, as a name alone is no person."""
    address = person.address
    if address is None or not address.lines or not address.postcode:
        return ""
    who = sorted(set(words_of(name)) - _CIVILITIES)
    street = [_STREETS.get(word, word) for word in words_of(" ".join(address.lines))]
    if not who or not street:
        return ""
    parts = (" ".join(who), " ".join(street), "".join(words_of(address.postcode)), address.country)
    return "post:" + "|".join(parts)


def words_of(text: str) -> list[str]:
    """The words of a name or a street in capitals, without accents and signs."""
    bare = unicodedata.normalize("NFD", text.replace("œ", "oe").replace("Œ", "OE"))
    letters = "".join(sign for sign in bare if not unicodedata.combining(sign)).upper()
    return _NOT_WORD.sub(" ", letters).split()
