"""Countries as people write them, and the French regions that have a phone code of their own. No zones, no law."""

import unicodedata
from functools import cache, lru_cache

from babel import Locale

# By the first three digits of the postcode: departments and collectivities whose numbers are not +33.
_BY_POSTCODE = {
    "971": "GP", "972": "MQ", "973": "GF", "974": "RE", "975": "PM", "976": "YT", "977": "BL", "978": "MF",
    "986": "WF", "987": "PF", "988": "NC",
}  # fmt: skip
FRENCH_REGIONS = ("FR", *_BY_POSTCODE.values())
# What French law and post treat as France; the three Pacific collectivities keep a code of their own.
_PART_OF_FRANCE = frozenset({"GP", "MQ", "GF", "RE", "PM", "YT", "BL", "MF"})
_ALSO = {
    "france metropolitaine": "FR", "reunion": "FR", "la reunion": "FR", "grande bretagne": "GB", "angleterre": "GB",
    "ecosse": "GB", "england": "GB", "scotland": "GB", "wales": "GB", "great britain": "GB", "uk": "GB", "u k": "GB",
    "northern ireland": "GB", "irlande du nord": "GB", "pays de galles": "GB", "nederland": "NL",
    "united states of america": "US", "usa": "US", "u s a": "US", "etats unis d amerique": "US", "hollande": "NL",
    "holland": "NL",
    "the netherlands": "NL", "republique tcheque": "CZ", "czech republic": "CZ", "allemagne rfa": "DE",
    "deutschland": "DE", "espana": "ES", "italia": "IT", "schweiz": "CH", "belgie": "BE", "osterreich": "AT",
}  # fmt: skip


@lru_cache(maxsize=1_000)
def country_code(text: str) -> str:
    """ISO 3166 alpha-2 of a code or of a French or English name; overseas France is FR. Empty when not known."""
    plain = _plain(text)
    code = plain.upper() if len(plain) == 2 and plain.upper() in _codes() else _names().get(plain, "")
    return "FR" if code in _PART_OF_FRANCE else code


def is_french(country: str) -> bool:
    """Whether addresses of this country have French postcodes."""
    return country in FRENCH_REGIONS


def region_of(country: str, postcode: str) -> str:
    """The phone region of an address: `RE` for country FR and postcode 974…; the country elsewhere."""
    return _BY_POSTCODE.get(postcode[:3], country) if is_french(country) else country


@cache
def _codes() -> frozenset[str]:
    found = frozenset(str(code) for code in Locale("en").territories)
    return frozenset(code for code in found if len(code) == 2 and code.isalpha()) - {"ZZ", "EU", "UN"}


@cache
def _names() -> dict[str, str]:
    found: dict[str, str] = {}
    for language in ("en", "fr"):
        territories = Locale(language).territories
        found.update({_plain(str(name)): str(code) for code, name in territories.items() if code in _codes()})
    return found | _ALSO


def _plain(text: str) -> str:
    bare = unicodedata.normalize("NFD", text.casefold())
    kept = "".join(sign if sign.isalnum() else " " for sign in bare if not unicodedata.combining(sign))
    return " ".join(kept.split())
