"""One row of a file of debts: what is read of it, and what refuses it with column, reason and remedy (R37, R43)."""

from datetime import date
from pathlib import Path

import pytest
from msgspec.structs import replace

from orchestrator.domain.contact import DebtorStatus, PointKind, Role
from orchestrator.domain.debt import ClaimKind, Debt, DocumentKind, PaymentMethod
from orchestrator.intake.tables.mapping import ColumnMapping, Credits, Source
from tests.intake.ledger.debts_fixtures import DEFAULT, TODAY, accepted, codes, refused, warned

CREDIT = {"document": "credit_note", "principal": "-15,00", "open_amount": "-15,00"}


def test_a_row_becomes_a_document_of_a_debtor(tmp_path: Path) -> None:
    row = accepted(tmp_path, order_ref="PO-1", sector="Hotels", marks="good_payer, solvency:Fragile")
    assert (row.line, row.creditor, row.currency) == (2, "acme-telecom", "EUR")
    assert row.debt == Debt(
        reference="F-1",
        principal_cents=2000,
        open_cents=2000,
        as_of=TODAY,
        issued_on=date(2026, 1, 31),
        due_on=date(2026, 2, 15),
        claim_kind=ClaimKind.TELECOM,
        debt_kind="subscription",
        payment_method=PaymentMethod.CARD,
        order_ref="PO-1",
    )
    assert (row.debtor.ref, row.debtor.name, row.debtor.status) == ("C-1", "Jeanne Dupont", DebtorStatus.CONSUMER)
    assert (row.debtor.sector, row.debtor.solvency, row.marks) == ("hotels", "fragile", ("good_payer",))
    person = row.debtor.people[0]
    assert person.role is Role.SELF
    assert [(p.kind, p.value, p.fault) for p in person.points] == [
        (PointKind.EMAIL, "jeanne.dupont@example.org", None),
        (PointKind.PHONE, "+33644631234", None),
        (PointKind.POST, "", None),
    ]


# ---------------------------------------------------------------------------------------------- amounts


def test_what_is_open_may_be_less_than_the_document_or_nothing(tmp_path: Path) -> None:
    assert accepted(tmp_path, open_amount="5,00").debt.open_cents == 500
    assert accepted(tmp_path, open_amount="0,00").debt.open_cents == 0


@pytest.mark.parametrize("empty", ["principal", "open_amount"])
def test_one_amount_stands_for_both(tmp_path: Path, empty: str) -> None:
    debt = accepted(tmp_path, **{empty: ""}).debt
    assert (debt.principal_cents, debt.open_cents) == (2000, 2000)


def test_credits_carry_a_minus(tmp_path: Path) -> None:
    debt = accepted(tmp_path, **CREDIT).debt
    assert (debt.kind, debt.principal_cents, debt.open_cents) == (DocumentKind.CREDIT_NOTE, -1500, -1500)


def test_an_adjustment_goes_either_way(tmp_path: Path) -> None:
    for amount in ("-3,00", "3,00"):
        row = accepted(tmp_path, document="adjustment", principal=amount, open_amount=amount)
        assert abs(row.debt.open_cents) == 300


def test_a_negative_invoice_is_refused_and_asked_whether_it_is_a_credit_note(tmp_path: Path) -> None:
    row = refused(tmp_path, principal="-20,00", open_amount="-20,00")
    assert {remark.code for remark in row.remarks} == {"sign_wrong"}
    assert "credit_note?" in row.remarks[0].hint


def test_a_positive_credit_note_is_refused_unless_the_mapping_says_that_credits_are_positive(tmp_path: Path) -> None:
    changes = CREDIT | {"principal": "15,00", "open_amount": "15,00"}
    assert codes(tmp_path, **changes) == ["principal: sign_wrong", "open_amount: sign_wrong"]
    debt = accepted(tmp_path, replace(DEFAULT, credits=Credits.POSITIVE), **changes).debt
    assert debt.open_cents == -1500


@pytest.mark.parametrize(
    "principal, open_amount, expected",
    [
        ("0,00", "0,00", "principal: zero_amount"),
        ("20,00", "20,01", "open_amount: open_exceeds_principal"),
        ("1000000000000,00", "20,00", "principal: invalid_amount"),
        ("20.00", "20,00", "principal: invalid_amount"),
        ("20,005", "20,00", "principal: invalid_amount"),
        ("vingt", "20,00", "principal: invalid_amount"),
        ("=A1", "20,00", "principal: formula"),
        ("20 USD", "20,00", "principal: invalid_amount"),
        ("", "", "open_amount: missing"),
    ],
)
def test_amounts_that_cannot_be_are_refused(tmp_path: Path, principal: str, open_amount: str, expected: str) -> None:
    assert codes(tmp_path, principal=principal, open_amount=open_amount) == [expected]


def test_an_adjustment_that_changes_sign_is_refused(tmp_path: Path) -> None:
    changes = {"document": "adjustment", "principal": "3,00", "open_amount": "-3,00"}
    assert codes(tmp_path, **changes) == ["open_amount: sign_wrong"]


def test_an_unknown_currency_is_refused_once_and_amounts_are_not_blamed(tmp_path: Path) -> None:
    row = refused(tmp_path, currency="EURO")
    assert [(r.column, r.code) for r in row.remarks] == [("currency", "currency_unknown")]
    assert 'did you mean "EUR"?' in row.remarks[0].hint
    assert accepted(tmp_path, currency="€").currency == "EUR"


def ledger() -> ColumnMapping:
    """A mapping with a debit and a credit column."""
    fields = {name: source for name, source in DEFAULT.fields.items() if name not in ("principal", "open_amount")}
    fields |= {"debit": Source(columns=("principal",)), "credit": Source(columns=("open_amount",))}
    return replace(DEFAULT, fields=fields)


def test_a_ledger_with_a_debit_and_a_credit_column_gives_signed_amounts(tmp_path: Path) -> None:
    assert accepted(tmp_path, ledger(), principal="20,00", open_amount="").debt.open_cents == 2000
    row = accepted(tmp_path, ledger(), document="payment", principal="", open_amount="5,00")
    assert (row.debt.principal_cents, row.debt.open_cents) == (-500, -500)


@pytest.mark.parametrize(
    "debit, credit, code",
    [
        ("20,00", "5,00", "debit_and_credit"),
        ("-20,00", "", "sign_wrong"),
        ("", "5,00", "sign_wrong"),
        ("", "", "missing"),
    ],
)
def test_a_debit_and_a_credit_that_contradict_are_refused(tmp_path: Path, debit: str, credit: str, code: str) -> None:
    row = refused(tmp_path, ledger(), principal=debit, open_amount=credit)
    assert [remark.code for remark in row.remarks] == [code]


# ---------------------------------------------------------------------------------------------- dates


@pytest.mark.parametrize(
    "changes, expected",
    [
        ({"issued_on": "2026-02-16"}, "due_on: due_before_issued"),
        ({"issued_on": "1989-12-31"}, "issued_on: date_too_old"),
        ({"issued_on": "", "due_on": "1026-02-15"}, "due_on: date_too_old"),
        ({"due_on": "2031-04-20"}, "due_on: date_too_far"),
        ({"issued_on": "2026-05-03", "due_on": "2026-06-01"}, "issued_on: date_too_far"),
        ({"issued_on": "2026-02-31"}, "issued_on: date_impossible"),
        ({"due_on": "15/02/2026"}, "due_on: date_unreadable"),
        ({"due_on": ""}, "due_on: missing"),
        ({"due_on": "46068"}, "due_on: date_serial"),
        ({"last_contact_on": "2026-04-02"}, "last_contact_on: date_too_far"),
        ({"settled_on": "2026-01-30"}, "settled_on: settled_before_issued"),
    ],
)
def test_dates_that_cannot_be_are_refused(tmp_path: Path, changes: dict[str, str], expected: str) -> None:
    fields = DEFAULT.fields | {"settled_on": Source(columns=("settled_on",), optional=True)}
    assert codes(tmp_path, replace(DEFAULT, fields=fields), **changes) == [expected]


def test_a_document_dated_ahead_is_taken_with_a_warning(tmp_path: Path) -> None:
    assert warned(tmp_path, issued_on="2026-04-20", due_on="2026-05-20") == ["issued_on: issued_in_future"]


def test_a_credit_needs_no_due_date_and_may_be_due_before_it_was_issued(tmp_path: Path) -> None:
    assert accepted(tmp_path, **CREDIT, due_on="").debt.due_on == date(2026, 1, 31)
    assert accepted(tmp_path, **CREDIT, due_on="", issued_on="").debt.due_on == TODAY
    assert accepted(tmp_path, **CREDIT, due_on="2026-01-01").debt.due_on == date(2026, 1, 1)


def test_the_ledger_speaks_of_a_column_a_day_or_today(tmp_path: Path) -> None:
    column = replace(DEFAULT, as_of=Source(columns=("extracted",)))
    assert accepted(tmp_path, column, extracted="2026-03-30").debt.as_of == date(2026, 3, 30)
    assert codes(tmp_path, column, extracted="2026-04-02") == ["extracted: date_too_far"]
    assert codes(tmp_path, column, extracted="") == ["extracted: missing"]
    fixed = replace(DEFAULT, as_of=date(2026, 3, 31))
    assert accepted(tmp_path, fixed).debt.as_of == date(2026, 3, 31)


@pytest.mark.parametrize("date_format, due_on", [("day_first", date(2026, 3, 2)), ("month_first", date(2026, 2, 3))])
def test_the_mapping_settles_which_figure_is_the_day(tmp_path: Path, date_format: str, due_on: date) -> None:
    mapping = replace(DEFAULT, date_format=date_format)
    assert accepted(tmp_path, mapping, due_on="02/03/2026").debt.due_on == due_on


def test_a_collection_in_the_past_is_taken_with_a_warning(tmp_path: Path) -> None:
    assert warned(tmp_path, next_collection_on="2026-03-31") == ["next_collection_on: collection_in_past"]
    assert warned(tmp_path, next_collection_on="2026-04-01") == []


# ---------------------------------------------------------------------------------------------- words


@pytest.mark.parametrize(
    "field", ["document", "status", "contact_role", "claim_kind", "payment_method", "party", "hold_kind"]
)
def test_words_outside_a_closed_list_are_refused_with_the_list(tmp_path: Path, field: str) -> None:
    row = refused(tmp_path, **{field: "Dupont"})
    assert [(remark.column, remark.code) for remark in row.remarks] == [(field, "word_unknown")]
    assert "known: " in row.remarks[0].hint
    assert "Dupont" not in row.remarks[0].message + row.remarks[0].hint


def test_a_near_miss_is_suggested(tmp_path: Path) -> None:
    assert 'did you mean "consumer"?' in refused(tmp_path, status="consummer").remarks[0].hint


def test_a_near_miss_of_a_word_that_the_mapping_turns_is_suggested_in_that_word(tmp_path: Path) -> None:
    source = Source(columns=("document",), values={"facture": "invoice", "avoir": "credit_note"})
    mapping = replace(DEFAULT, fields=DEFAULT.fields | {"document": source})
    assert accepted(tmp_path, mapping, document="FACTURE").debt.kind is DocumentKind.INVOICE
    hint = refused(tmp_path, mapping, document="Factur").remarks[0].hint
    assert 'did you mean "facture"?' in hint
    assert "avoir" in hint


def test_words_are_taken_in_any_case_and_with_spaces(tmp_path: Path) -> None:
    assert accepted(tmp_path, document="Credit Note", principal="-1", open_amount="-1").debt.kind == "credit_note"
    assert accepted(tmp_path, status="Sole-Trader").debtor.status is DebtorStatus.SOLE_TRADER


def test_what_is_not_said_is_unknown_not_guessed(tmp_path: Path) -> None:
    row = accepted(tmp_path, status="", claim_kind="", payment_method="", language="", document="")
    assert row.debtor.status is DebtorStatus.UNKNOWN
    assert row.debt.claim_kind is ClaimKind.UNKNOWN
    assert row.debt.payment_method is PaymentMethod.UNKNOWN
    assert row.debtor.language == ""
    assert row.debt.kind is DocumentKind.INVOICE
    assert row.disputed is None


@pytest.mark.parametrize(
    "changes, expected",
    [
        ({"creditor": "acme-telecon"}, "creditor: creditor_unknown"),
        ({"creditor": ""}, "creditor: missing"),
        ({"reference": ""}, "reference: missing"),
        ({"debtor_ref": " "}, "debtor_ref: missing"),
        ({"name": ""}, "name: missing"),
        ({"name": "=HYPERLINK(1)"}, "name: formula"),
        ({"name": "@import"}, "name: formula"),
        ({"name": "a" * 121}, "name: too_long"),
        ({"name": "Ren\ufffd"}, "name: broken_accents"),
        ({"name": "Jeanne\x07"}, "name: control_character"),
        ({"name": "Jo =?utf-8?q?x?="}, "name: unsafe_text"),
        ({"reference": "1.23457E+11"}, "reference: digits_lost"),
        ({"reference": "#N/A"}, "reference: spreadsheet_error"),
        ({"language": "klingon"}, "language: language_unknown"),
        ({"marks": "Bad Payer!"}, "marks: mark_invalid"),
        ({"payee_iban": "FR7630006000011234567890188"}, "payee_iban: iban_invalid"),
        ({"reject_code": "AM4"}, "reject_code: reject_code_invalid"),
        ({"contract_rate": "120 %"}, "contract_rate: rate_invalid"),
        ({"contract_rate": "beaucoup"}, "contract_rate: rate_invalid"),
        ({"opt_outs": "pigeon"}, "opt_outs: word_unknown"),
        ({"disputed": "peut-être"}, "disputed: word_unknown"),
        ({"disputed_amount": "20,01"}, "disputed_amount: disputed_amount_wrong"),
        ({"promised_amount": "5,00"}, "promised_on: missing"),
        ({"hold_until": "2026-05-01"}, "hold_kind: missing"),
    ],
)
def test_each_fault_names_its_column_and_refuses_the_row(
    tmp_path: Path, changes: dict[str, str], expected: str
) -> None:
    assert codes(tmp_path, **changes) == [expected]


def test_all_faults_of_a_row_are_named_at_once(tmp_path: Path) -> None:
    changes = {"principal": "x", "due_on": "x", "status": "x", "payee_iban": "x", "creditor": "x"}
    found = codes(tmp_path, **changes)
    assert found == [
        "creditor: creditor_unknown", "principal: invalid_amount", "due_on: date_unreadable", "status: word_unknown",
        "payee_iban: iban_invalid",
    ]  # fmt: skip


def test_no_remark_repeats_what_the_row_says_of_a_person(tmp_path: Path) -> None:
    secret = "Zanzibar"
    changes = dict.fromkeys(
        ("status", "email", "phone", "country", "language", "siren", "due_on", "principal", "marks", "disputed"), secret
    )
    row = refused(tmp_path, **changes, name=f"={secret}")
    text = "".join(remark.message + remark.hint for remark in row.remarks)
    assert len(row.remarks) > 5
    assert secret.lower() not in text.lower()
    assert secret not in str(row.remarks[0].error("debts.csv"))
