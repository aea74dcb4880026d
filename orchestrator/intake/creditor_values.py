"""The values of a creditor's file that can be checked by themselves: numbers with a check digit, addresses, senders.

Each refuses only what can never be right, and says which rule of the contact packs it keeps.
"""

import re
from typing import Annotated, Any

import email_validator
import phonenumbers
import pydantic
from stdnum import bic, iban
from stdnum.exceptions import ValidationError as NumberError
from stdnum.fr import siren

from orchestrator.intake.strict_yaml.field_types import Text, Written
from orchestrator.intake.strict_yaml.wording import refusal

# NF Z10-011, rule PLT-11: what fits the address block of an envelope.
_ADDRESS_LINES = 6
_LINE_CHARACTERS = 38


def _siren(text: str) -> str:
    try:
        return str(siren.validate(text))
    except NumberError:
        raise refusal(f'"{text}" is not a SIREN', "nine digits; the last one checks the others") from None


def _iban(text: str) -> str:
    try:
        return str(iban.validate(text))
    except NumberError:
        raise refusal(f'"{text}" is not an IBAN', "one of its characters is wrong: copy it again") from None


def _bic(text: str) -> str:
    try:
        return str(bic.validate(text))
    except NumberError:
        raise refusal(f'"{text}" is not a BIC', "8 or 11 characters, like AGRIFRPP882") from None


def _phone(text: str) -> str:
    try:
        number = phonenumbers.parse(text)
    except phonenumbers.NumberParseException:
        raise refusal(
            f'"{text}" is not a phone number', 'write it with its country, like "+33 4 65 71 00 00"'
        ) from None
    if not phonenumbers.is_possible_number(number):
        raise refusal(f'"{text}" does not have the length of a phone number', "count its digits")
    expensive = (phonenumbers.PhoneNumberType.PREMIUM_RATE, phonenumbers.PhoneNumberType.SHARED_COST)
    if phonenumbers.number_type(number) in expensive:
        hint = "FR-PROSP-02: a message that makes people call one is advertising; give an ordinary number"
        raise refusal(f'"{text}" is a premium-rate number', hint)
    return text


def _email(text: str) -> str:
    try:
        return email_validator.validate_email(text, check_deliverability=False).normalized
    except email_validator.EmailNotValidError:
        raise refusal(f'"{text}" is not an e-mail address', "write it like facturation@acme.example") from None


def _link(text: str) -> str:
    if not re.fullmatch(r"https://[a-z0-9.-]+\.[a-z]{2,}(/[^\s{}]*(\{case\}[^\s{}]*)?)?", text):
        raise refusal(f'"{text}" is not a payment link', "https://… with {case} where the case's own part goes")
    return text


def _sms_sender(text: str) -> str:
    if re.fullmatch(r"3[68]\d{3}", text) or (re.fullmatch(r"[A-Za-z0-9]{3,11}", text) and not text.isdecimal()):
        return text
    hint = "PLT-02: 3 to 11 letters or digits without spaces or accents, or a short code 36xxx or 38xxx"
    if re.match(r"(\+33|0033|0)\s*[67]", text):
        raise refusal("a mobile number may not send automatic SMS in France", hint)
    raise refusal(f'"{text}" is not an SMS sender', hint)


def _color(text: str) -> str:
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", text):
        raise ValueError
    return text.lower()


def _logo(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*\.(svg|png)", text):
        raise ValueError
    return text


def _address(lines: Any) -> Any:
    if not isinstance(lines, list):
        raise refusal("an address is a list of lines", "write [Acme, 12 rue des Lilas, 69003 LYON]")
    if not 2 <= len(lines) <= _ADDRESS_LINES:
        raise refusal(f"an address has 2 to {_ADDRESS_LINES} lines, this one has {len(lines)}", "PLT-11")
    return lines


def _address_line(text: str) -> str:
    if len(text) > _LINE_CHARACTERS:
        message = f"this line has {len(text)} characters, an address line has at most {_LINE_CHARACTERS}"
        raise refusal(message, "PLT-11: shorten it, or use two lines")
    return text


AddressLine = Annotated[Text, pydantic.AfterValidator(_address_line)]
Address = Annotated[tuple[AddressLine, ...], pydantic.BeforeValidator(_address)]
Siren = Annotated[str, Written(_siren, "a SIREN", '"552100554"')]
Iban = Annotated[str, Written(_iban, "an IBAN", "FR7630006000011234567890189")]
Phone = Annotated[str, Written(_phone, "a phone number", '"+33 4 65 71 00 00"')]
Email = Annotated[str, Written(_email, "an e-mail address", "facturation@acme.example")]
Bic = Annotated[str, Written(_bic, "a BIC", "AGRIFRPP882")]
PaymentLink = Annotated[str, Written(_link, "a payment link", "https://pay.acme.example/{case}")]
SmsSender = Annotated[str, Written(_sms_sender, "an SMS sender", "ACME")]
Logo = Annotated[str, Written(_logo, "the name of a picture file", "acme.svg")]
Color = Annotated[str, Written(_color, "a colour", '"#0b5cad"')]
