"""Phones, e-mails, postal addresses and company numbers as a file writes them, made usable or marked, never dropped.

Owns their form. Whether to write to one, in which zone and at what hour, is the domain's.
"""

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import NamedTuple

import phonenumbers
from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email
from phonenumbers import NumberParseException, PhoneMetadata, PhoneNumberDesc, PhoneNumberType
from stdnum import iban as stdnum_iban
from stdnum.exceptions import ValidationError as StdnumError
from stdnum.fr import siren as stdnum_siren

from orchestrator.domain.american_places import TERRITORIES
from orchestrator.domain.contact import ContactPoint, Fault, PointKind, PostalAddress
from orchestrator.intake.ledger.countries import FRENCH_REGIONS, country_code, is_french, region_of
from orchestrator.intake.ledger.postcodes import INVALID, read_postcode

_REMEMBERED = 50_000
# Numbers may be called where the house collects: the European Economic Area and its neighbours. Elsewhere an SMS
# may cost a hundred times as much, and a forged list of such numbers is how toll fraud is done (API6).
SERVED_REGIONS = frozenset(
    "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE IS LI NO"
    " CH GB GG IM JE MC AD SM VA".split()
) | frozenset(FRENCH_REGIONS)
# The United States share one numbering plan with their territories, and people keep their number when they move.
_AMERICAN_REGIONS = frozenset({"US", *TERRITORIES})
_TAKES_SMS = frozenset({PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE})
_CALLS_ONLY = frozenset({PhoneNumberType.FIXED_LINE, PhoneNumberType.VOIP, PhoneNumberType.PERSONAL_NUMBER})
_TRUNK_IN_BRACKETS = re.compile(r"\(0\)")
_PHONE_SIGNS = re.compile(r"[0-9+()./\s\u2010-\u2015-]{3,40}", re.ASCII)


class Point(NamedTuple):
    """A contact point, and why it is marked: empty, or a code such as `premium_number`."""

    point: ContactPoint
    why: str = ""


def phone_point(raw: str, *, country: str, postcode: str, given_by_debtor: bool = True) -> ContactPoint:
    """The number in E.164. A landline is marked LANDLINE; what must not be used keeps `raw` and has no value."""
    return read_phone(raw, country=country, postcode=postcode, given_by_debtor=given_by_debtor).point


def read_phone(raw: str, *, country: str, postcode: str, given_by_debtor: bool = True) -> Point:
    """As `phone_point`, with the reason: landline, phone_invalid, premium_number, foreign_prefix."""
    value, fault, why = _phone(raw.strip(), region_of(country, postcode))
    kept = raw if fault is not None and fault is not Fault.LANDLINE else ""
    return Point(ContactPoint(PointKind.PHONE, value, fault, kept, given_by_debtor=given_by_debtor), why)


# The usual French forms, judged by the library's own patterns: 5 µs where its full parse takes 200.
_FRENCH_NUMBER = re.compile(r"(?:\+33|0033|0)([1-9]\d{8})", re.ASCII)
_SEPARATORS = str.maketrans("", "", " .-")


@cache
def _french_patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    metadata = PhoneMetadata.metadata_for_region("FR")
    if metadata is None:
        return _pattern(None), _pattern(None)
    return _pattern(metadata.mobile), _pattern(metadata.fixed_line)


def _pattern(kind: PhoneNumberDesc | None) -> re.Pattern[str]:
    text = kind.national_number_pattern if kind else None
    return re.compile(text or "(?!)")  # nothing matches a kind that a region does not have


def _usual_phone(raw: str, region: str) -> tuple[str, Fault | None, str] | None:
    """A French mobile or landline in a usual form; None leaves it to the library."""
    match = _FRENCH_NUMBER.fullmatch(raw.translate(_SEPARATORS))
    if match is None or (region != "FR" and raw[0] != "+"):
        return None
    mobile, fixed_line = _french_patterns()
    if mobile.fullmatch(match[1]):
        return f"+33{match[1]}", None, ""
    if fixed_line.fullmatch(match[1]):
        return f"+33{match[1]}", Fault.LANDLINE, "landline"
    return None


@lru_cache(maxsize=_REMEMBERED)
def _phone(raw: str, region: str) -> tuple[str, Fault | None, str]:
    usual = _usual_phone(raw, region)
    if usual is not None:
        return usual
    number = _valid_number(raw, region)
    if number is None:
        return "", Fault.INVALID, "phone_invalid"
    kind = phonenumbers.number_type(number)
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    where = phonenumbers.region_code_for_number(number)
    if kind not in _TAKES_SMS and kind not in _CALLS_ONLY:
        return "", Fault.INVALID, "premium_number"
    if where not in SERVED_REGIONS and where != region and not {where, region} <= _AMERICAN_REGIONS:
        return e164, Fault.FOREIGN_PREFIX, "foreign_prefix"
    if kind in _CALLS_ONLY:
        return e164, Fault.LANDLINE, "landline"
    return e164, None, ""


def _valid_number(raw: str, region: str) -> phonenumbers.PhoneNumber | None:
    """Tried in the debtor's region; a French number also in the other ones, whose prefixes never overlap."""
    if not _PHONE_SIGNS.fullmatch(raw):
        return None
    text = _TRUNK_IN_BRACKETS.sub("", raw)
    regions = [region, *(FRENCH_REGIONS if region in FRENCH_REGIONS else ())]
    found = {}
    for each in dict.fromkeys(regions):
        try:
            number = phonenumbers.parse(text, each or None)
        except NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            if each == region:
                return number
            found[phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)] = number
    return next(iter(found.values())) if len(found) == 1 else None


# Mailboxes that nobody reads, and words that people type to get past a form.
_NOBODY = frozenset(
    "noreply no-reply no_reply donotreply do-not-reply nepasrepondre ne-pas-repondre aucun aucune neant inconnu"
    " pasdemail pas-de-mail nomail noemail sansmail sans-mail none null test xxx xx x abc".split()
)
_SIMPLE_LOCAL = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*", re.ASCII)
_LONGEST_EMAIL = 254
_LONGEST_LOCAL = 64
_LONGEST_DOMAIN = 253
_RESERVED = frozenset(SPECIAL_USE_DOMAIN_NAMES)


def email_point(raw: str, *, given_by_debtor: bool = True) -> ContactPoint:
    """The address with an ASCII domain (IDN as xn--), unresolved. What cannot be used is INVALID and keeps `raw`."""
    return read_email(raw, given_by_debtor=given_by_debtor).point


def read_email(raw: str, *, given_by_debtor: bool = True) -> Point:
    """As `email_point`, with the reason: email_invalid or email_of_nobody."""
    text = raw.strip().removeprefix("mailto:")
    value = _email(text)
    why = "" if value else "email_invalid"
    if value and value.partition("@")[0].lower() in _NOBODY:
        value, why = "", "email_of_nobody"
    fault = Fault.INVALID if why else None
    return Point(ContactPoint(PointKind.EMAIL, value, fault, raw if why else "", given_by_debtor=given_by_debtor), why)


def _email(text: str) -> str:
    """The usual form is judged by its domain alone, which many addresses share; the library judges the others."""
    local, at, domain = text.partition("@")
    if at and len(local) <= _LONGEST_LOCAL and len(text) <= _LONGEST_EMAIL and _SIMPLE_LOCAL.fullmatch(local):
        known = f"a@{domain}" if _is_usual(domain) else _validated(f"a@{domain}")
        checked = f"{local}{known[1:]}" if known else ""
        return checked if len(checked) <= _LONGEST_EMAIL else ""
    return _validated(text)


_USUAL_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}", re.ASCII)


@lru_cache(maxsize=_REMEMBERED)
def _is_usual(domain: str) -> bool:
    """A plain domain in small letters, which the library takes as it is."""
    return (
        _USUAL_DOMAIN.fullmatch(domain) is not None
        and len(domain) <= _LONGEST_DOMAIN
        and "--" not in domain
        and domain.rpartition(".")[2] not in _RESERVED
    )


@lru_cache(maxsize=_REMEMBERED)
def _validated(text: str) -> str:
    try:
        found = validate_email(text, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        return ""
    address = found.ascii_email or ""
    if len(address.partition("@")[0]) > _LONGEST_LOCAL or "=?" in address:  # an encoded word, to some programs
        return ""
    return address


class Address(NamedTuple):
    """A postal address, and what is to be said of it: codes such as `postcode_invalid`. Without fault, post arrives."""

    address: PostalAddress
    fault: Fault | None
    remarks: tuple[str, ...]


def postal_address(
    lines: Sequence[str], *, postcode: str, city: str, country: str, assumed_country: str = ""
) -> Address | None:
    """An address with its country as ISO 3166 and its postcode in the country's form. None when all is empty.

    Remarks: country_assumed, country_unknown, postcode_padded (a spreadsheet ate the zero), postcode_invalid,
    address_incomplete. The fault is MISSING when there is no more than a country, INVALID when no letter would arrive.
    """
    street = tuple(line for line in (" ".join(each.split()) for each in lines) if line)
    code = country_code(country)
    if not (street or postcode or city):
        # Nothing for the post, but the country alone bounds the hours of a call or an SMS.
        return Address(PostalAddress(country=code), Fault.MISSING, ()) if code else None
    remarks = []
    if not code:
        remarks.append("country_unknown" if country else "country_assumed")
        code = "" if country else assumed_country
    postcode, city, said = read_postcode(code, postcode, city)
    remarks += said
    is_whole = bool(street and city and code) and (bool(postcode) or not is_french(code))
    if not is_whole:
        remarks.append("address_incomplete")
    fault = None if is_whole and INVALID not in remarks else Fault.INVALID
    return Address(PostalAddress(street, postcode, city, code), fault, tuple(remarks))


_DIGITS = re.compile(r"[\s. -]")


def siren(raw: str) -> tuple[str, bool]:
    """The nine digits of a SIREN, also out of a SIRET or a French VAT number, and whether they check.

    What does not check is given back as it was written: it is marked and shown, not dropped.
    """
    text = _DIGITS.sub("", raw).upper().removeprefix("SIREN").removeprefix("SIRET").removeprefix(":")
    if re.fullmatch(r"FR[0-9A-Z]{2}\d{9}", text):
        text = text[4:]
    digits = text[:9] if len(text) == 14 else text
    try:
        return stdnum_siren.validate(digits), True
    except StdnumError:
        return raw, False


def iban(raw: str) -> str:
    """The IBAN without spaces, or an empty string when its check digits or its country's form are wrong."""
    try:
        return str(stdnum_iban.validate(raw))
    except StdnumError:
        return ""
