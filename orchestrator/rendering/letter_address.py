"""Addresses as the post reads them (AFNOR NF Z10-011): six lines of 38 characters, and a country for abroad.

Owns the form of the lines. Whether someone lives there is nobody's to know here.
"""

import re
from functools import cache
from itertools import pairwise

import msgspec
from babel import Locale

from orchestrator.domain.errors import InputError
from orchestrator.rendering.latin_letters import unaccented

MOST_LINES, MOST_CHARACTERS = 6, 38
_MOST_NAMES = 3  # lines 1 to 3 may keep the spelling of a name

# France and what its post serves with French postcodes: no country line.
_HOME = set("FR GP MQ GF RE PM YT BL MF WF PF NC MC".split())
# Where the postcode follows the town, on its line or on the next (UPU S42); elsewhere it comes first.
_POSTCODE_AFTER = set("AU CA CN ID IN KR NZ SG TH TW US ZA".split())
_POSTCODE_BELOW = set("GB GG IE IM JE".split())

_FRENCH_TOWN = re.compile(r"\d{5} [A-Z0-9][A-Z0-9 ]*")
_NOT_PLAIN = re.compile(r"[^A-Z0-9 ]")
_STREET = re.compile(r"\d")
# Of several numbers the first is written: 12/14 is 12.
_NUMBERS = re.compile(r"^(?:N ?[°º] ?)?(\d+)(?: ?[/\-] ?\d+| [AaàÀ] \d+)+\b")
_COMPLEMENT = re.compile(
    r"(?:APT|APPT?|APPARTEMENT|BAT|BATIMENT|CHEZ|ENTREE|ESC|ESCALIER|ETAGE|HALL|IMM|IMMEUBLE|PORTE|RES|RESIDENCE|TOUR)\b"
)
# What is abbreviated, one after the other, until the line fits; never in a line that fits already.
_SHORTER_STREET = (
    ("APPARTEMENT", "APP"), ("BATIMENT", "BAT"), ("ESCALIER", "ESC"), ("ETAGE", "ETG"), ("IMMEUBLE", "IMM"),
    ("RESIDENCE", "RES"), ("LOTISSEMENT", "LOT"), ("CENTRE COMMERCIAL", "CCAL"), ("ZONE INDUSTRIELLE", "ZI"),
    ("ZONE ARTISANALE", "ZA"), ("ZONE D ACTIVITES", "ZA"), ("ZONE D ACTIVITE", "ZA"), ("BOULEVARD", "BD"),
    ("AVENUE", "AV"), ("ALLEES", "ALL"), ("ALLEE", "ALL"), ("CHEMIN", "CHE"), ("FAUBOURG", "FG"), ("IMPASSE", "IMP"),
    ("PASSAGE", "PAS"), ("PLACE", "PL"), ("QUARTIER", "QUA"), ("ROUTE", "RTE"), ("SQUARE", "SQ"),
    ("COMMANDANT", "CDT"), ("CAPITAINE", "CNE"), ("COLONEL", "COL"), ("DOCTEUR", "DR"), ("GENERAL", "GAL"),
    ("LIEUTENANT", "LT"), ("MARECHAL", "MAL"), ("PRESIDENT", "PDT"), ("PROFESSEUR", "PR"), ("SAINTE", "STE"),
    ("SAINT", "ST"), ("NOTRE DAME", "ND"),
)  # fmt: skip
_SHORTER_NAME = (
    ("Monsieur et Madame", "M et Mme"), ("Monsieur", "M"), ("Madame", "Mme"), ("Mademoiselle", "Mlle"),
    ("Société par actions simplifiée unipersonnelle", "SASU"), ("Société par actions simplifiée", "SAS"),
    ("Société à responsabilité limitée", "SARL"), ("Société civile immobilière", "SCI"), ("Société anonyme", "SA"),
    ("Entreprise unipersonnelle à responsabilité limitée", "EURL"), ("Syndicat des copropriétaires", "SDC"),
    ("Établissements", "Ets"), ("Etablissements", "Ets"), ("Association", "Assoc"), ("Compagnie", "Cie"),
    ("Société", "Sté"),
)  # fmt: skip


class Problem(msgspec.Struct, frozen=True):
    """What is wrong with a line (from 1; 0 is the whole address): a stable code and a sentence."""

    line: int
    code: str
    message: str


def format_address(
    *, name: str, organisation: str, lines: tuple[str, ...], postcode: str, city: str, country: str
) -> tuple[str, ...]:
    """The lines of the envelope: organisation, person, complements, street, postcode and town, country for abroad.

    `country` is ISO 3166 (empty: France), written in French, the language of the country of posting. In France all that
    is not a name is in bare capitals without punctuation, and words are shortened only where a line is too long; abroad
    the lines are as given, but for the town. What leaves here passes `check`.
    Raises InputError when a part is missing or cannot be made to fit: `where` is the part, its value is never told.
    """
    who = [line for part in dict.fromkeys((_clean(organisation), _clean(name))) for line in _fitted_name(part)]
    if not who:
        raise _incomplete("name")
    if len(who) > _MOST_NAMES:
        raise _too_long("name")
    parts = [_clean(line) for line in lines if _clean(line)]
    if not parts:
        raise _incomplete("lines")
    if not _clean(city):
        raise _incomplete("city")
    if (country or "FR") in _HOME:
        return _gathered(who, _french_street(parts), [_french_town(postcode, city)])
    abroad = [piece for part in parts for piece in _wrapped(part, "lines")]
    return (*_gathered(who, abroad, _foreign_town(postcode, city, country)), _country_name(country))


def check(lines: tuple[str, ...]) -> tuple[Problem, ...]:
    """What the post would not like (PLT-11, PLT-12). A last line that names a country makes the address foreign."""
    is_abroad = bool(lines) and unaccented(lines[-1]).upper() in _country_names()
    own = lines[:-1] if is_abroad else lines
    found = []
    if not 2 <= len(own) <= MOST_LINES:
        found.append(Problem(0, "line_count", f"an address has 2 to {MOST_LINES} lines, and a country for abroad"))
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            found.append(Problem(number, "blank_line", "an address has no blank line"))
        if len(line) > MOST_CHARACTERS:
            found.append(Problem(number, "line_too_long", f"a line has at most {MOST_CHARACTERS} characters"))
    if is_abroad:
        if lines[-1] != lines[-1].upper():
            found.append(Problem(len(lines), "not_capitals", "the country is written in capitals"))
        return tuple(found)
    return (*found, *_french_problems(own))


def _french_problems(lines: tuple[str, ...]) -> list[Problem]:
    found = []
    last = len(lines)
    for number, line in enumerate(lines, start=1):
        if number < min(4, last - 1):
            continue  # names, which may keep their spelling
        if line != line.upper():
            found.append(Problem(number, "not_capitals", "the street and the town are written in capitals"))
        elif _NOT_PLAIN.search(unaccented(line)):
            found.append(Problem(number, "punctuation", "the street and the town have letters, digits and spaces only"))
    if lines and not _FRENCH_TOWN.fullmatch(unaccented(lines[-1])):
        found.append(Problem(last, "town_form", "the town line is five digits, a space and the town"))
    return found


def _gathered(who: list[str], street: list[str], town: list[str]) -> tuple[str, ...]:
    """All lines, complements joined two by two where there are too many; the street keeps its own."""
    street = list(street)
    while len(who) + len(street) + len(town) > MOST_LINES:
        joined = {
            index: f"{first} {second}"
            for index, (first, second) in enumerate(pairwise(street))
            if not _STREET.match(first) and not _STREET.match(second)
        }
        shortest = min(joined, key=lambda index: len(joined[index]), default=None)
        if shortest is None or len(joined[shortest]) > MOST_CHARACTERS:
            raise _too_long("lines")
        street[shortest : shortest + 2] = [joined[shortest]]
    return (*who, *street, *town)


def _french_street(parts: list[str]) -> list[str]:
    street = [line for part in parts for line in _fitted_street(part)]
    if not street:
        raise _incomplete("lines")
    # Ledgers write the street first; the post reads outwards, from the door to the street.
    first = next((index for index, line in enumerate(street) if _STREET.match(line)), len(street))
    doors = [line for line in street[first + 1 :] if _COMPLEMENT.match(line)]
    return [*street[:first], *doors, *(line for line in street[first:] if line not in doors)]


def _fitted_street(part: str) -> list[str]:
    line = _capitals(_NUMBERS.sub(r"\1", part), "lines")
    if len(line) > MOST_CHARACTERS and "," in part:
        return [piece for half in part.split(",") if _clean(half) for piece in _fitted_street(_clean(half))]
    for long, short in _SHORTER_STREET:
        if len(line) <= MOST_CHARACTERS:
            break
        line = re.sub(rf"\b{long}\b", short, line)
    if len(line) > MOST_CHARACTERS:
        raise _too_long("lines")
    return [line] if line else []


def _french_town(postcode: str, city: str) -> str:
    code = re.sub(r"\s", "", postcode)
    if not re.fullmatch(r"[0-9]{5}", code):
        raise InputError(
            "a French postcode has five digits",
            hint="correct it in the ledger",
            code="address_incomplete",
            where="postcode",
        )
    town = _capitals(city, "city").removeprefix(code).strip()
    if not town:
        raise _incomplete("city")
    for long, short in (("SAINTE", "STE"), ("SAINT", "ST")):
        if len(f"{code} {town}") > MOST_CHARACTERS:
            town = re.sub(rf"\b{long}\b", short, town)
    if len(f"{code} {town}") > MOST_CHARACTERS:
        raise _too_long("city")
    return f"{code} {town}"


def _foreign_town(postcode: str, city: str, country: str) -> list[str]:
    code, town = _clean(postcode).upper(), _clean(city).upper()
    if country in _POSTCODE_BELOW:
        found = [town, code]
    elif country in _POSTCODE_AFTER:
        found = [f"{town} {code}"]
    else:
        found = [f"{code} {town}"]
    if max(map(len, found)) > MOST_CHARACTERS:
        raise _too_long("city")
    return [line.strip() for line in found if line.strip()]


def _fitted_name(name: str) -> list[str]:
    for long, short in _SHORTER_NAME:
        if len(name) <= MOST_CHARACTERS:
            break
        name = re.sub(rf"\b{long}\b", short, name, flags=re.IGNORECASE)
    return _wrapped(name, "name")


def _wrapped(text: str, where: str) -> list[str]:
    """`text` in lines that fit, broken between words: a name is never cut."""
    lines: list[str] = []
    for word in text.split():
        if len(word) > MOST_CHARACTERS:
            raise _too_long(where)
        if lines and len(f"{lines[-1]} {word}") <= MOST_CHARACTERS:
            lines[-1] = f"{lines[-1]} {word}"
        else:
            lines.append(word)
    return lines


def _capitals(text: str, where: str) -> str:
    """Capitals without accents or punctuation, as sorting machines read best. Raises InputError for other alphabets."""
    capitals = unaccented(text).upper()
    if any(c.isalpha() and not "A" <= c <= "Z" for c in capitals):
        raise InputError(
            "this postal address is not in Latin letters",
            hint="transliterate it",
            code="address_not_latin",
            where=where,
        )
    return " ".join(_NOT_PLAIN.sub(" ", capitals).split())


def _clean(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _country_name(country: str) -> str:
    name = Locale("fr").territories.get(country)
    if name is None:
        raise InputError(
            "this country is not known", hint="use its ISO 3166 code", code="address_incomplete", where="country"
        )
    return unaccented(str(name)).upper()


@cache
def _country_names() -> frozenset[str]:
    """Every country in French and English, in bare capitals."""
    return frozenset(
        unaccented(str(name)).upper()
        for language in ("fr", "en")
        for code, name in Locale(language).territories.items()
        if code.isalpha()
    )


def _incomplete(where: str) -> InputError:
    return InputError("this postal address lacks a part", hint="complete it", code="address_incomplete", where=where)


def _too_long(where: str) -> InputError:
    return InputError(
        f"this postal address does not fit in {MOST_LINES} lines of {MOST_CHARACTERS} characters",
        hint="shorten it in the ledger",
        code="address_too_long",
        where=where,
    )
