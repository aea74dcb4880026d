"""Mapping files: an accountant's words become a mapping, or a refusal with line and column."""

from datetime import date

import pytest

from orchestrator.domain.errors import FileError
from orchestrator.intake.tables.mapping import ColumnMapping, Credits, DecimalSign, Mode, Skip, Source, Subject
from orchestrator.intake.tables.mapping_yaml import load_mapping, parse_mapping
from orchestrator.intake.tables.rows import Format, Shape
from tests.intake.ledger.debts_fixtures import MAPPINGS

TEXT = """\
mapping: compta
title: Export of the accounts
reads: debts
mode: snapshot
balance_forward: no
as_of: {column: Extrait}
dates: day_first
decimal: comma
credits: positive
file: {format: csv, delimiter: tab, encoding: Windows-1252, header_line: 3}
columns:
  creditor: {constant: acme-telecom}
  currency: {constant: EUR}
  reference: Pièce
  document: {column: Type, values: {Facture: invoice, Avoir: credit_note}, default: invoice}
  debtor_ref: Compte
  name: [Prénom, Nom]
  due_on: Échéance
  open_amount: Solde
  email: [Mail, Mail 2]
  disputed: {column: Litige, values: {O: yes, N: no}, optional: yes}
skip:
  - {column: Statut, is: [Soldé, 0]}
  - {column: Agence, is_not: Lyon}
  - {column: Solde, empty: yes}
ignore: [Collaborateur, Remarque]
"""


def mapping_of(text: str = TEXT) -> ColumnMapping:
    return parse_mapping(text, name="compta.yaml")


def refusal(old: str, new: str) -> FileError:
    assert old in TEXT
    with pytest.raises(FileError) as caught:
        mapping_of(TEXT.replace(old, new))
    return caught.value


def test_every_key_reaches_the_mapping() -> None:
    mapping = mapping_of()
    assert (mapping.name, mapping.title, mapping.subject) == ("compta", "Export of the accounts", Subject.DEBTS)
    assert (mapping.mode, mapping.balance_forward) == (Mode.SNAPSHOT, False)
    assert mapping.as_of == Source(columns=("Extrait",))
    assert (mapping.date_format, mapping.decimal, mapping.credits) == ("day_first", DecimalSign.COMMA, Credits.POSITIVE)
    assert mapping.shape == Shape(format=Format.CSV, delimiter="\t", encoding="cp1252", header_line=3)
    assert mapping.fields["creditor"] == Source(constant="acme-telecom")
    assert mapping.fields["reference"] == Source(columns=("Pièce",))
    assert mapping.fields["name"] == Source(columns=("Prénom", "Nom"))
    assert mapping.fields["document"] == Source(
        columns=("Type",), values={"facture": "invoice", "avoir": "credit_note"}, default="invoice"
    )
    assert mapping.fields["disputed"].optional
    assert mapping.skips == (
        Skip(column="Statut", values=frozenset({"soldé", "0"})),
        Skip(column="Agence", values=frozenset({"lyon"}), negated=True),
        Skip(column="Solde", empty=True),
    )
    assert mapping.ignored == frozenset({"collaborateur", "remarque"})


def test_the_columns_of_a_mapping_are_all_that_it_reads() -> None:
    assert mapping_of().column_names() == (
        "Pièce", "Type", "Compte", "Prénom", "Nom", "Échéance", "Solde", "Mail", "Mail 2", "Litige", "Extrait",
        "Statut", "Agence",
    )  # fmt: skip


@pytest.mark.parametrize(
    "text, as_of", [("today", None), ("2026-03-31", date(2026, 3, 31)), ("{column: Jour}", Source(columns=("Jour",)))]
)
def test_the_day_of_the_ledger_is_today_a_date_or_a_column(text: str, as_of: object) -> None:
    assert mapping_of(TEXT.replace("{column: Extrait}", text)).as_of == as_of


def test_others_ignores_every_other_column() -> None:
    assert mapping_of(TEXT.replace("[Collaborateur, Remarque]", "others")).ignored is None


def test_yes_and_no_may_be_written_as_true_and_false() -> None:
    assert mapping_of(TEXT.replace("balance_forward: no", "balance_forward: true")).balance_forward


@pytest.mark.parametrize(
    "old, new, where, words",
    [
        ("  due_on: Échéance\n", "", "compta.yaml:11:1", "due_on"),
        ("  open_amount: Solde\n", "", "compta.yaml:11:1", "amount"),
        ("  due_on:", "  due_onn:", "compta.yaml:18:3", 'did you mean "due_on"?'),
        ("mode: snapshot\n", "", "compta.yaml:1:1", "mode"),
        ("balance_forward: no\n", "", "compta.yaml:1:1", "balance_forward"),
        ("mode: snapshot", "mode: snapshott", "compta.yaml:4:7", "snapshot"),
        ("dates: day_first", "dates: JJ/MM/AAAA", "compta.yaml:7:8", "DD.MM.YYYY"),
        ("dates: day_first\n", "", "compta.yaml:1:1", "dates"),
        ("decimal: comma", 'decimal: ","', "compta.yaml:8:10", "comma"),
        ("delimiter: tab", "delimiter: slash", "compta.yaml:10:7", "semicolon"),
        ("encoding: Windows-1252", "encoding: utf-7", "compta.yaml:10:7", "utf-8"),
        ("{column: Extrait}", "2026-02-31", "compta.yaml:6:8", "today"),
        ("{column: Extrait}", "yesterday", "compta.yaml:6:8", "today"),
        ("{constant: EUR}", "{constant: EUR, default: USD}", "compta.yaml:13:13", "alone"),
        ("{constant: EUR}", "{default: EUR}", "compta.yaml:13:13", "one place"),
        ("is: [Soldé, 0]", "is: [Soldé], empty: yes", "compta.yaml:23:5", "one test"),
        ("mapping: compta", "mapping: Compta 2026", "compta.yaml:1:10", "mapping"),
        ("ignore:", "ignored:", "compta.yaml:26:1", "ignore"),
        ("  reference: Pièce\n", "  reference: Pièce\n  reference: N°\n", "compta.yaml:15:3", "twice"),
        ("  debtor_ref:", "  credit: Crédit\n  debtor_ref:", "compta.yaml:11:1", "debit"),
    ],
)
def test_a_fault_is_refused_where_it_stands(old: str, new: str, where: str, words: str) -> None:
    error = refusal(old, new)
    assert error.where == where
    assert words in f"{error.message} {error.hint}"


def test_a_credit_column_needs_to_know_what_a_credit_is() -> None:
    text = TEXT.replace("  open_amount: Solde\n", "  debit: Débit\n  credit: Crédit\n")
    assert mapping_of(text).fields["credit"] == Source(columns=("Crédit",))
    line = "  document: {column: Type, values: {Facture: invoice, Avoir: credit_note}, default: invoice}\n"
    with pytest.raises(FileError) as caught:
        mapping_of(text.replace(line, ""))
    assert "what a credit is" in caught.value.message


def test_payments_and_holds_need_neither_mode_nor_balance() -> None:
    assert load_mapping(MAPPINGS / "payments.yaml").subject is Subject.PAYMENTS
    assert load_mapping(MAPPINGS / "holds.yaml").subject is Subject.HOLDS


def test_a_field_of_debts_is_no_field_of_payments() -> None:
    text = (MAPPINGS / "payments.yaml").read_text("utf-8").replace("  amount: amount", "  principal: amount")
    with pytest.raises(FileError) as caught:
        mapping_of(text)
    assert "payments have no such field" in caught.value.message
