"""What a row brings beside its document: contacts, and the history of a portfolio that is taken over (R40, R42)."""

from datetime import date
from pathlib import Path

from msgspec.structs import replace

from channels.contract import Channel
from orchestrator.domain.agreement import HoldKind
from orchestrator.domain.contact import Fault
from orchestrator.domain.debt import OpeningHistory
from orchestrator.intake.ledger.debts import OpeningHold, OptOut, Party
from tests.intake.ledger.debts_fixtures import DEFAULT, accepted, warned


def test_unusable_points_are_kept_and_warned_of(tmp_path: Path) -> None:
    changes = {
        "email": "jeanne@",
        "phone": "0199001234",
        "siren": "552100555",
        "status": "company",
        "postcode": "99999",
    }
    assert sorted(warned(tmp_path, **changes)) == [
        "email: email_invalid", "phone: landline", "postcode: postcode_invalid", "siren: siren_invalid",
    ]  # fmt: skip
    row = accepted(tmp_path, **changes)
    assert [(p.fault, p.raw) for p in row.debtor.people[0].points] == [
        (Fault.INVALID, "jeanne@"),
        (Fault.LANDLINE, ""),
        (Fault.INVALID, ""),
    ]
    assert (row.debtor.siren, row.marks) == ("552100555", ("siren_invalid",))


def test_several_addresses_in_one_cell_are_several_points(tmp_path: Path) -> None:
    row = accepted(tmp_path, phone="0644631234 ; 0199001234", email="a@x.example|b@x.example|a@x.example")
    assert [p.value for p in row.debtor.people[0].points] == [
        "a@x.example", "b@x.example", "+33644631234", "+33199001234", "",
    ]  # fmt: skip


def test_street_lines_may_share_a_cell(tmp_path: Path) -> None:
    row = accepted(tmp_path, address_1="Résidence X\n12 rue Y", address_2="BP 3")
    assert row.debtor.address is not None
    assert row.debtor.address.lines == ("Résidence X", "12 rue Y", "BP 3")


def test_addresses_found_by_the_creditor_are_marked_as_such(tmp_path: Path) -> None:
    row = accepted(tmp_path, given_by_debtor="no")
    assert not any(point.given_by_debtor for point in row.debtor.people[0].points)


def test_a_country_left_out_is_the_creditors_and_said(tmp_path: Path) -> None:
    assert warned(tmp_path, country="") == ["country: country_assumed"]
    row = accepted(tmp_path, country="", creditor="beta-belgique", postcode="2000", phone="0470123456")
    assert row.debtor.address is not None
    assert row.debtor.address.country == "BE"
    assert row.debtor.people[0].points[1].value == "+32470123456"


def test_a_file_without_a_country_column_is_not_warned_of_on_every_row(tmp_path: Path) -> None:
    fields = {name: source for name, source in DEFAULT.fields.items() if name != "country"}
    mapping = replace(DEFAULT, fields=fields, ignored=frozenset({"country"}))
    assert warned(tmp_path, mapping) == []
    row = accepted(tmp_path, mapping)
    assert row.debtor.address is not None
    assert row.debtor.address.country == "FR"


def test_a_row_without_any_address_is_a_debtor_nobody_can_write_to_yet(tmp_path: Path) -> None:
    empty = dict.fromkeys(("email", "phone", "address_1", "postcode", "city", "country"), "")
    person = accepted(tmp_path, **empty).debtor.people[0]
    assert (person.points, person.address) == ((), None)


# ---------------------------------------------------------------------------------------------- take-over


def test_the_history_before_us_is_taken_over(tmp_path: Path) -> None:
    row = accepted(
        tmp_path,
        last_step="reminder-2",
        last_contact_on="2026-03-10",
        formal_notice_on="2026-03-20",
        formal_notice_reference="RK 1",
        letter_on="2026-03-01",
        letter_reference="L-1",
    )
    assert row.debt.history == OpeningHistory(
        last_step="reminder-2",
        last_contact_on=date(2026, 3, 10),
        formal_notice_on=date(2026, 3, 20),
        formal_notice_reference="RK 1",
        letter_reference="L-1",
        letter_on=date(2026, 3, 1),
    )


def test_a_dispute_may_be_of_a_part(tmp_path: Path) -> None:
    assert accepted(tmp_path, disputed="Oui").disputed is True
    assert accepted(tmp_path, disputed="no").disputed is False
    row = accepted(tmp_path, disputed_amount="5,00")
    assert (row.disputed, row.disputed_cents) == (True, 500)


def test_promises_and_holds_come_with_their_ends(tmp_path: Path) -> None:
    row = accepted(
        tmp_path, promised_on="2026-04-10", promised_amount="10,00", hold_kind="insolvency", hold_until="2026-09-01"
    )
    assert row.holds == (
        OpeningHold(kind=HoldKind.PROMISE, until=date(2026, 4, 10), cents=1000),
        OpeningHold(kind=HoldKind.INSOLVENCY, until=date(2026, 9, 1)),
    )


def test_closed_channels_close_for_a_person_and_for_an_address_of_a_firm(tmp_path: Path) -> None:
    assert accepted(tmp_path, opt_outs="sms, email").opt_outs == (OptOut(Channel.SMS), OptOut(Channel.EMAIL))
    row = accepted(tmp_path, opt_outs="email", status="company")
    assert row.opt_outs == (OptOut(Channel.EMAIL, "jeanne.dupont@example.org"),)


def test_a_stop_to_calls_is_a_mark_since_calls_are_no_channel(tmp_path: Path) -> None:
    row = accepted(tmp_path, opt_outs="call")
    assert (row.opt_outs, row.marks) == ((), ("no_call",))
    row = accepted(tmp_path, opt_outs="all")
    assert [each.channel for each in row.opt_outs] == list(Channel)
    assert row.marks == ("no_call",)


def test_who_is_to_be_paid_belongs_to_the_debt(tmp_path: Path) -> None:
    row = accepted(tmp_path, payee="Factor Exemple", payee_iban="FR76 3000 6000 0112 3456 7890 189")
    assert (row.payee, row.payee_iban) == ("Factor Exemple", "FR7630006000011234567890189")


def test_another_party_than_the_debtor_is_told_apart(tmp_path: Path) -> None:
    assert accepted(tmp_path, party="guarantor").party is Party.GUARANTOR


def test_the_contract_that_a_document_comes_from_is_kept(tmp_path: Path) -> None:
    row = accepted(tmp_path, contract_ref="CT-2024-118", contracted_on="2024-05-06")
    assert (row.debt.contract_ref, row.debt.contracted_on) == ("CT-2024-118", date(2024, 5, 6))


def test_a_reject_and_a_rate_are_kept_in_one_form(tmp_path: Path) -> None:
    row = accepted(tmp_path, document="rejected_debit", reject_code="am04", contract_rate="12,50 %")
    assert (row.debt.kind, row.debt.reject_code, row.debt.contract_rate) == ("rejected_debit", "AM04", "12.5")
