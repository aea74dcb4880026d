"""Phones, e-mails, addresses and company numbers: made usable, or marked and kept as they were written."""

import phonenumbers
import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberType

from channels import fields
from orchestrator.domain.contact import Fault, PostalAddress
from orchestrator.intake.ledger.contact_points import (
    email_point,
    iban,
    phone_point,
    postal_address,
    read_email,
    read_phone,
    siren,
)
from orchestrator.intake.ledger.countries import country_code, region_of


@pytest.mark.parametrize(
    "raw",
    ["0644631234", "06 44 63 12 34", "06.44.63.12.34", "+33644631234", "+33 (0)6 44 63 12 34", "0033644631234",
     "644631234", "33644631234", " 06-44-63-12-34 "],
)  # fmt: skip
def test_a_french_mobile_is_one_number_however_it_is_written(raw: str) -> None:
    point = phone_point(raw, country="FR", postcode="69001")
    assert (point.value, point.fault, point.raw) == ("+33644631234", None, "")


@pytest.mark.parametrize(
    "country, raw, postcode, city, found",
    [
        ("USA", "(312) 867-5309", "60601-1234", "Chicago", ("+13128675309", "60601-1234", "Chicago", "US")),
        ("United States", "617 867 5309", "2108", "Boston", ("+16178675309", "02108", "Boston", "US")),
        ("US", "+1 617 867 5309", "21081234", "Boston", ("+16178675309", "02108-1234", "Boston", "US")),
        ("US", "787-867-5309", "", "Orlando, FL 32801", ("+17878675309", "32801", "Orlando, FL", "US")),
        ("Puerto Rico", "787-867-5309", "901", "San Juan", ("+17878675309", "00901", "San Juan", "PR")),
        ("UK", "07911 123456", "sw1a1aa", "London", ("+447911123456", "SW1A 1AA", "London", "GB")),
        ("Scotland", "+447911123456", "", "Edinburgh EH1 1AA", ("+447911123456", "EH1 1AA", "Edinburgh", "GB")),
        ("Belgique", "0470 12 34 56", "B-1000", "Bruxelles", ("+32470123456", "1000", "Bruxelles", "BE")),
        ("Deutschland", "0151 23456789", "4109", "Leipzig", ("+4915123456789", "04109", "Leipzig", "DE")),
        ("Nederland", "06 12345678", "", "1012ab Amsterdam", ("+31612345678", "1012 AB", "Amsterdam", "NL")),
    ],
)
def test_a_number_and_an_address_of_another_country_are_read_as_people_there_write_them(
    country: str, raw: str, postcode: str, city: str, found: tuple[str, ...]
) -> None:
    address = postal_address(["1 High Street"], postcode=postcode, city=city, country=country)
    assert address is not None
    assert address.fault is None
    where = address.address
    point = phone_point(raw, country=where.country, postcode=where.postcode)
    assert point.fault is None
    assert (point.value, where.postcode, where.city, where.country) == found


@pytest.mark.parametrize(
    "country, postcode, remark",
    [
        ("US", "2108", "postcode_padded"),
        ("DE", "4109", "postcode_padded"),
        ("US", "SW1A 1AA", "postcode_invalid"),
        ("GB", "75001", "postcode_invalid"),
        ("NL", "1012", "postcode_invalid"),
        ("BE", "0100", "postcode_invalid"),
    ],
)
def test_a_postcode_of_another_country_that_was_mended_or_is_none_is_told(
    country: str, postcode: str, remark: str
) -> None:
    address = postal_address(["1 High Street"], postcode=postcode, city="Town", country=country)
    assert address is not None
    assert address.remarks == (remark,)
    assert (address.fault is None) is (remark == "postcode_padded")


@pytest.mark.parametrize("raw", ["01 99 00 12 34", "+33261910000", "0465710000", "09 12 34 56 78"])
def test_a_landline_takes_calls_and_no_sms(raw: str) -> None:
    point = read_phone(raw, country="FR", postcode="75001")
    assert (point.point.fault, point.why) == (Fault.LANDLINE, "landline")
    assert point.point.value.startswith("+33")


@pytest.mark.parametrize("raw", ["0899123456", "+33 899 12 34 56", "0810123456", "0800123456", "0891 12 34 56"])
def test_numbers_charged_or_not_of_a_person_are_kept_and_never_used(raw: str) -> None:
    point = read_phone(raw, country="FR", postcode="75001")
    assert (point.point.value, point.point.fault, point.point.raw) == ("", Fault.INVALID, raw)
    assert point.why == "premium_number"


@pytest.mark.parametrize(
    "raw",
    ["0000000000", "12", "3631", "néant", "06 44 63 12 34 / 01 99 00 12 34", "+33700123456", "+99912345678", "1" * 60,
     "0639981234", "+", ""],
)  # fmt: skip
def test_what_is_no_number_is_kept_as_it_was_written(raw: str) -> None:
    point = read_phone(raw, country="FR", postcode="75001")
    assert (point.point.value, point.point.fault, point.point.raw) == ("", Fault.INVALID, raw)
    assert point.why == "phone_invalid"


@pytest.mark.parametrize("raw", ["+447911123456", "+32470123456", "+41791234567", "+4915123456789"])
def test_mobiles_of_the_countries_we_serve_are_usable_in_france(raw: str) -> None:
    assert phone_point(raw, country="FR", postcode="75001").fault is None


@pytest.mark.parametrize("raw", ["+88213300655", "+12423591234", "+221771234567", "+2348031234567"])
def test_mobiles_elsewhere_are_marked_for_fear_of_toll_fraud(raw: str) -> None:
    point = read_phone(raw, country="FR", postcode="75001")
    assert (point.point.fault, point.why) == (Fault.FOREIGN_PREFIX, "foreign_prefix")


def test_a_number_of_the_debtors_own_country_is_never_foreign() -> None:
    assert phone_point("+221771234567", country="SN", postcode="").fault is None
    assert phone_point("771234567", country="SN", postcode="").value == "+221771234567"


@pytest.mark.parametrize(
    "raw, postcode, value",
    [
        ("0692123456", "97400", "+262692123456"),
        ("0690123456", "97110", "+590690123456"),
        ("0696123456", "97200", "+596696123456"),
        ("0694123456", "97300", "+594694123456"),
        ("0639012345", "97600", "+262639012345"),
        ("0692123456", "69001", "+262692123456"),
        ("0644631234", "97400", "+33644631234"),
    ],
)
def test_overseas_numbers_take_the_region_of_the_postcode_or_the_only_one_that_fits(
    raw: str, postcode: str, value: str
) -> None:
    point = phone_point(raw, country="FR", postcode=postcode)
    assert (point.value, point.fault) == (value, None)


def test_a_national_number_without_a_known_country_is_not_guessed() -> None:
    assert phone_point("0644631234", country="", postcode="").fault is Fault.INVALID
    assert phone_point("+33644631234", country="", postcode="").value == "+33644631234"


def test_a_point_says_whether_the_debtor_gave_it() -> None:
    assert not phone_point("0644631234", country="FR", postcode="", given_by_debtor=False).given_by_debtor
    assert email_point("a@example.org").given_by_debtor


@given(st.from_regex(r"(\+33|0033|0)[1-9][0-9]{8}", fullmatch=True))
def test_the_short_cut_for_french_numbers_agrees_with_the_library(raw: str) -> None:
    number = phonenumbers.parse(raw, "FR")
    kind = phonenumbers.number_type(number) if phonenumbers.is_valid_number(number) else None
    if kind == PhoneNumberType.MOBILE:
        expected: Fault | None = None
    elif kind in (PhoneNumberType.FIXED_LINE, PhoneNumberType.VOIP):
        expected = Fault.LANDLINE
    else:
        return  # other overseas regions are tried for it, which the library alone does not
    point = phone_point(raw, country="FR", postcode="75001")
    assert point.fault is expected
    assert point.value == phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@given(st.text(max_size=40), st.sampled_from(["FR", "BE", "", "XX"]), st.sampled_from(["", "97400", "75001", "x"]))
def test_no_text_does_more_than_be_a_number_or_be_marked(raw: str, country: str, postcode: str) -> None:
    point = phone_point(raw, country=country, postcode=postcode)
    if point.value:
        fields.check_number("phone", point.value)
    else:
        assert point.fault is not None


# ---------------------------------------------------------------------------------------------- e-mail


@pytest.mark.parametrize(
    "raw, value",
    [
        ("jeanne.dupont@example.org", "jeanne.dupont@example.org"),
        (" Jeanne@Example.ORG ", "Jeanne@example.org"),
        ("mailto:a@example.org", "a@example.org"),
        ("INFO@example.org", "info@example.org"),
        ("a+b@example.org", "a+b@example.org"),
        ("a@société.example", "a@xn--socit-esab.example"),
        ("compta@hotelduparc.example", "compta@hotelduparc.example"),
        ("a@xn--caf-dma.example", "a@xn--caf-dma.example"),
        ("a@abc--d.example", "a@abc--d.example"),
    ],
)
def test_a_usable_address_has_an_ascii_domain_in_small_letters(raw: str, value: str) -> None:
    point = email_point(raw)
    assert (point.value, point.fault, point.raw) == (value, None, "")
    fields.check_address("email", point.value)


@pytest.mark.parametrize(
    "raw",
    ["", "a", "a@", "@b", "a@b", "a@b@c.example", "a b@c.example", "a@b..example", "a@-b.example", "hélène@x.example",
     '"a b"@x.example', "a@[127.0.0.1]", "a@x.test", "a@localhost", "a@b.c1", "a" * 65 + "@x.example", "a@x.example,",
     "a@ab--cd.example",
     "=?utf-8?q?a?=@x.example", "a@b-.example", "néant"],
)  # fmt: skip
def test_a_broken_address_is_kept_as_it_was_written(raw: str) -> None:
    point = read_email(raw)
    assert (point.point.value, point.point.fault, point.point.raw) == ("", Fault.INVALID, raw)
    assert point.why == "email_invalid"


@pytest.mark.parametrize("raw", ["noreply@x.example", "aucun@x.example", "NePasRepondre@x.example", "test@x.example"])
def test_a_mailbox_of_nobody_is_not_written_to(raw: str) -> None:
    assert read_email(raw).why == "email_of_nobody"
    assert email_point(raw).fault is Fault.INVALID


@given(st.from_regex(r"[A-Za-z0-9._+-]{1,12}@([a-z0-9-]{1,8}\.){1,3}(example|org|test|local|fr|x1)", fullmatch=True))
def test_the_short_cut_for_usual_addresses_agrees_with_the_library(raw: str) -> None:
    try:
        expected = validate_email(raw, check_deliverability=False, allow_smtputf8=False).ascii_email or ""
    except EmailNotValidError:
        expected = ""
    point = read_email(raw)
    assert point.point.value == ("" if point.why == "email_of_nobody" else expected)


@given(st.text(max_size=60))
def test_no_text_does_more_than_be_an_address_or_be_marked(raw: str) -> None:
    point = email_point(raw)
    if point.value:
        fields.check_address("email", point.value)
    else:
        assert point.fault is Fault.INVALID


# ---------------------------------------------------------------------------------------------- post


def address(*lines: str, postcode: str = "69001", city: str = "LYON", country: str = "FR", assumed: str = "") -> object:
    found = postal_address(lines, postcode=postcode, city=city, country=country, assumed_country=assumed)
    return found and (found.address, found.fault, found.remarks)


def test_a_whole_address_is_normalised_and_nothing_is_said_of_it() -> None:
    assert address(" 12  rue X ", "", country="France") == (
        PostalAddress(("12 rue X",), "69001", "LYON", "FR"), None, ()
    )  # fmt: skip


@pytest.mark.parametrize("postcode", ["69001", "69 001", "F-69001", "FR 69001", "f69001"])
def test_a_french_postcode_has_five_digits_however_it_is_written(postcode: str) -> None:
    found = postal_address(["x"], postcode=postcode, city="LYON", country="FR")
    assert found is not None
    assert (found.address.postcode, found.fault) == ("69001", None)


def test_the_zero_that_a_spreadsheet_ate_is_put_back_and_said() -> None:
    found = postal_address(["x"], postcode="1000", city="BOURG", country="FR")
    assert found is not None
    assert (found.address.postcode, found.fault, found.remarks) == ("01000", None, ("postcode_padded",))


@pytest.mark.parametrize("postcode", ["99000", "00100", "690", "ABCDE", "690011", "0000", "96000"])
def test_a_wrong_french_postcode_is_kept_and_marked(postcode: str) -> None:
    found = postal_address(["x"], postcode=postcode, city="LYON", country="FR")
    assert found is not None
    assert (found.address.postcode, found.fault, found.remarks) == (postcode, Fault.INVALID, ("postcode_invalid",))


def test_a_city_that_holds_the_postcode_is_taken_apart() -> None:
    found = postal_address(["x"], postcode="", city="69003 LYON CEDEX 03", country="FR")
    assert found is not None
    assert (found.address.postcode, found.address.city, found.fault) == ("69003", "LYON CEDEX 03", None)


def test_an_address_without_country_takes_the_assumed_one_and_says_so() -> None:
    found = postal_address(["x"], postcode="69001", city="LYON", country="", assumed_country="FR")
    assert found is not None
    assert (found.address.country, found.remarks) == ("FR", ("country_assumed",))


def test_an_unknown_country_is_never_replaced() -> None:
    found = postal_address(["x"], postcode="69001", city="LYON", country="Syldavie", assumed_country="FR")
    assert found is not None
    assert (found.address.country, found.fault) == ("", Fault.INVALID)
    assert found.remarks == ("country_unknown", "address_incomplete")


def test_a_country_alone_is_kept_for_the_hours_and_is_no_postal_address() -> None:
    assert address(postcode="", city="") == (PostalAddress(country="FR"), Fault.MISSING, ())
    assert address(postcode="", city="", country="", assumed="FR") is None


@pytest.mark.parametrize("missing", ["lines", "postcode", "city"])
def test_an_incomplete_address_is_kept_and_marked(missing: str) -> None:
    parts = {"postcode": "69001", "city": "LYON"} | ({missing: ""} if missing != "lines" else {})
    found = postal_address([] if missing == "lines" else ["x"], country="FR", **parts)
    assert found is not None
    assert (found.fault, found.remarks) == (Fault.INVALID, ("address_incomplete",))


def test_foreign_addresses_need_no_french_postcode() -> None:
    found = postal_address(["Grote Markt 1"], postcode="2000", city="ANTWERPEN", country="Belgique")
    assert found is not None
    assert (found.address.postcode, found.address.country, found.fault) == ("2000", "BE", None)


@pytest.mark.parametrize(
    "text, code",
    [
        ("FR", "FR"), ("fr", "FR"), ("France", "FR"), ("FRANCE", "FR"), ("La Réunion", "FR"), ("GP", "FR"),
        ("Allemagne", "DE"), ("Germany", "DE"), ("États-Unis", "US"), ("Etats Unis", "US"), ("U.S.A.", "US"),
        ("Royaume-Uni", "GB"), ("Angleterre", "GB"), ("Côte d’Ivoire", "CI"), ("Cote d'Ivoire", "CI"),
        ("Suisse", "CH"), ("Belgium", "BE"), ("NC", "NC"), ("999", ""), ("ZZ", ""), ("EU", ""), ("", ""),
        ("Syldavie", ""),
    ],
)  # fmt: skip
def test_countries_are_known_by_code_and_by_french_or_english_name(text: str, code: str) -> None:
    assert country_code(text) == code


def test_the_phone_region_follows_the_postcode_in_france_only() -> None:
    assert region_of("FR", "97400") == "RE"
    assert region_of("FR", "75001") == "FR"
    assert region_of("BE", "9740") == "BE"


# ---------------------------------------------------------------------------------------------- firms and accounts


@pytest.mark.parametrize(
    "raw", ["552100554", "552 100 554", "FR40303265045", "552100554 00013", "SIREN 552100554", "FR 40 303 265 045"]
)
def test_a_siren_is_found_in_what_contains_one(raw: str) -> None:
    number, is_valid = siren(raw)
    assert is_valid
    assert number in ("552100554", "303265045")


@pytest.mark.parametrize("raw", ["552100555", "123", "ABCDEFGHI", "55210055400"])
def test_a_wrong_siren_is_given_back_as_written(raw: str) -> None:
    assert siren(raw) == (raw, False)


def test_an_iban_is_checked_by_its_digits() -> None:
    assert iban("FR76 3000 6000 0112 3456 7890 189") == "FR7630006000011234567890189"
    assert iban("FR7630006000011234567890188") == ""
    assert iban("not an iban") == ""
