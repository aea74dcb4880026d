"""The text of a pay-by code: an EPC069-12 SEPA credit transfer, ready to be scanned. Draws nothing (`qr_code`)."""

import re

from stdnum import bic as bic_code
from stdnum import iban as iban_number
from stdnum import iso11649
from stdnum.exceptions import ValidationError

from orchestrator.domain.errors import InputError
from orchestrator.rendering.latin_letters import unaccented

# EPC069-12 version 002: beneficiary name 70 characters, free remittance 140, amount 0.01 to 999999999.99.
_NAME_LENGTH, _REMITTANCE_LENGTH, _MOST_CENTS = 70, 140, 99_999_999_999
# Version 002 may leave out the BIC inside the European Economic Area only.
_EEA = set("AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK".split())
_SEPA_BEYOND_EEA = set("AD AL CH GB GI MC MD ME MK RS SM VA".split())
# What every bank of the scheme must carry (EPC217-08); a bank may turn down anything else.
_NOT_SEPA = re.compile(r"[^A-Za-z0-9/\-?:().,'+ ]")


def epc_payload(*, name: str, iban: str, amount_cents: int, remittance: str, bic: str = "") -> str:
    """The eleven lines of the code, in the Latin letters that all banks of the scheme accept.

    A remittance that is an ISO 11649 creditor reference (RF…) is carried as structured. Accents are dropped, a long
    name is cut; a remittance is never cut, for the payment would not be matched.
    Raises InputError for an account, BIC, amount or reference that a SEPA transfer cannot carry.
    """
    account = _account(iban)
    if not 0 < amount_cents <= _MOST_CENTS:
        raise InputError("a transfer carries 0.01 to 999,999,999.99 EUR", code="invalid_amount", where="amount_cents")
    beneficiary = _sepa(name)[:_NAME_LENGTH].rstrip()
    reference = _sepa(remittance)
    if not beneficiary or not reference:
        raise InputError(
            "a transfer names its payee and its reference in Latin letters",
            code="invalid_payment_code",
            where="remittance" if beneficiary else "name",
        )
    if len(reference) > _REMITTANCE_LENGTH:
        raise InputError(
            f"a transfer carries a reference of {_REMITTANCE_LENGTH} characters at most",
            hint="name the case rather than its invoices",
            code="invalid_payment_code",
            where="remittance",
        )
    structured, free = (iso11649.compact(reference), "") if iso11649.is_valid(reference) else ("", reference)
    amount = f"EUR{amount_cents // 100}.{amount_cents % 100:02d}"
    lines = ("BCD", "002", "1", "SCT", _bank(bic, account), beneficiary, account, amount, "", structured, free)
    return "\n".join(lines).rstrip("\n")


def _account(iban: str) -> str:
    try:
        account = str(iban_number.validate(iban))
    except ValidationError:
        raise InputError(
            "this IBAN is not valid", hint="correct the payee's account", code="invalid_iban", where="iban"
        ) from None
    if account[:2] not in _EEA | _SEPA_BEYOND_EEA:
        raise InputError("this account is outside SEPA", code="invalid_iban", where="iban")
    return account


def _bank(bic: str, account: str) -> str:
    if not bic:
        if account[:2] not in _EEA:
            raise InputError(
                "a transfer out of the EEA needs the BIC", hint="add it to the payee", code="invalid_bic", where="bic"
            )
        return ""
    try:
        return str(bic_code.validate(bic))
    except ValidationError:
        raise InputError("this BIC is not valid", code="invalid_bic", where="bic") from None


def _sepa(text: str) -> str:
    """`text` in the letters of the scheme. A slash neither begins nor ends a field, nor stands twice (EPC217-08)."""
    plain = _NOT_SEPA.sub(" ", unaccented(text).replace("&", "+"))
    return " ".join(re.sub(r"/{2,}", "/", plain).split()).strip("/ ")
