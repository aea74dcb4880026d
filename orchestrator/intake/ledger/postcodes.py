"""Postcodes as people write them, in the form of their country, and out of the city's column where they stand there.

Owns the form. Where a postcode lies, and what law that brings, is the domain's.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

from orchestrator.domain.american_places import TERRITORIES
from orchestrator.intake.ledger.countries import is_french

PADDED = "postcode_padded"
INVALID = "postcode_invalid"


class Postcode(NamedTuple):
    """A postcode in its country's form, the city without it, and remarks: postcode_padded, postcode_invalid."""

    postcode: str
    city: str
    remarks: tuple[str, ...] = ()


class _Form(NamedTuple):
    """How a country writes its postcodes: a pattern for capitals, how its groups are put together, what lost a zero."""

    pattern: re.Pattern[str]
    written: Callable[[re.Match[str]], str]
    lost_zeros: re.Pattern[str] | None = None
    digits: int = 5
    is_before_city: bool = True


def _groups(separator: str) -> Callable[[re.Match[str]], str]:
    return lambda match: separator.join(group for group in match.groups() if group)


_NEVER = re.compile("(?!)")
_AMERICAN = _Form(
    re.compile(r"(\d{5})(?:[- ]?(\d{4}))?", re.ASCII), _groups("-"), re.compile(r"(\d{3,4})(-?\d{4})?", re.ASCII),
    is_before_city=False,
)  # fmt: skip
_BRITISH = _Form(
    re.compile(r"([A-Z]{1,2}\d[A-Z\d]?) ?(\d[A-Z]{2})", re.ASCII), _groups(" "), digits=0, is_before_city=False
)
_FORMS = {
    "BE": _Form(re.compile(r"(?:B[E]?[- ]?)?([1-9]\d{3})", re.ASCII), _groups("")),
    "DE": _Form(re.compile(r"(?:DE?[- ]?)?(\d{5})", re.ASCII), _groups(""), re.compile(r"([1-9]\d{3})()", re.ASCII)),
    "NL": _Form(re.compile(r"(?:NL[- ]?)?([1-9]\d{3}) ?([A-Z]{2})", re.ASCII), _groups(" ")),
    **dict.fromkeys(("US", *TERRITORIES), _AMERICAN),
    **dict.fromkeys(("GB", "GG", "IM", "JE"), _BRITISH),
}


def read_postcode(country: str, postcode: str, city: str) -> Postcode:
    """The postcode of an address in `country` (ISO 3166); as it stands where the country's form is not known here."""
    if is_french(country):
        return _french(postcode, city)
    form = _FORMS.get(country)
    if form is None:
        return Postcode(postcode, city)
    if not postcode:
        return _out_of_city(form, city)
    text = " ".join(postcode.upper().split())
    whole = form.pattern.fullmatch(text)
    if whole:
        return Postcode(form.written(whole), city)
    short = (form.lost_zeros or _NEVER).fullmatch(text)
    if short is None:
        return Postcode(postcode, city, (INVALID,))
    more = (short[2] or "").lstrip("-")
    return Postcode("-".join(filter(None, (short[1].zfill(form.digits), more))), city, (PADDED,))


def _out_of_city(form: _Form, city: str) -> Postcode:
    """A city's column may hold both: "1000 Bruxelles", "London SW1A 1AA", "Chicago, IL 60601"."""
    both = rf"(?P<code>{form.pattern.pattern})[ ,]+(?P<city>.+)"
    if not form.is_before_city:
        both = rf"(?P<city>.+?)[ ,]+(?P<code>{form.pattern.pattern})"
    found = re.fullmatch(both, " ".join(city.split()), re.ASCII | re.IGNORECASE)
    code = form.pattern.fullmatch(found["code"].upper()) if found else None
    return Postcode(form.written(code), found["city"]) if found and code else Postcode("", city)


_FR_POSTCODE = re.compile(r"(?:F[R]?[- ]?)?(\d{2}) ?(\d{3})", re.ASCII)
_FR_SHORT = re.compile(r"\d{4}", re.ASCII)
_FR_CITY = re.compile(r"(?:F[R]?[- ]?)?(\d{5})[ ,-]+(.+)", re.ASCII)
_FR_PREFIXES = frozenset(f"{number:02d}" for number in range(1, 96)) | {"97", "98"}


def _french(postcode: str, city: str) -> Postcode:
    if not postcode:
        both = _FR_CITY.fullmatch(city)
        if both is None:
            return Postcode("", city)
        postcode, city = both.groups()
    match = _FR_POSTCODE.fullmatch(postcode.upper())
    if match and match[1] in _FR_PREFIXES:
        return Postcode(match[1] + match[2], city)
    if _FR_SHORT.fullmatch(postcode) and "01" <= f"0{postcode[0]}" <= "09":
        return Postcode(f"0{postcode}", city, (PADDED,))
    return Postcode(postcode, city, (INVALID,))
