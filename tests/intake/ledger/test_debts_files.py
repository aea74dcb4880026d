"""A file of debts as a whole: rows that contradict each other, contacts of one firm, snapshots and totals (R37)."""

from datetime import date
from pathlib import Path

import pytest
from msgspec.structs import replace

from orchestrator.domain.contact import DebtorStatus, PointKind, Role
from orchestrator.domain.errors import FileError, InputError, NotFound
from orchestrator.intake.ledger.debts import DebtsFile, read_debts
from orchestrator.intake.tables.mapping import ColumnMapping, Credits, Mode, Skip
from orchestrator.intake.tables.mapping_yaml import load_mapping
from orchestrator.intake.tables.report import Total
from tests.intake.ledger.debts_fixtures import CREDITORS, DEFAULT, MAPPINGS, TODAY, a_row, csv_text, debts_of

SNAPSHOT = replace(DEFAULT, mode=Mode.SNAPSHOT)


def test_a_reference_twice_refuses_both_rows_and_names_both_lines(tmp_path: Path) -> None:
    file = debts_of(tmp_path, a_row(), a_row(reference="F-2"), a_row(open_amount="5,00"))
    assert [row.debt.reference for row in file.rows] == ["F-2"]
    assert [(row.line, row.reference) for row in file.refused] == [(2, "F-1"), (4, "F-1")]
    remarks = [row.remarks[0] for row in file.refused]
    assert {remark.code for remark in remarks} == {"duplicate"}
    assert "line 4" in remarks[0].message
    assert "line 2" in remarks[1].message


def test_a_reference_three_times_names_the_two_other_lines(tmp_path: Path) -> None:
    file = debts_of(tmp_path, a_row(), a_row(), a_row())
    assert not file.rows
    assert "lines 3, 4" in file.refused[0].remarks[0].message


def test_a_row_that_repeats_a_refused_one_is_refused_too(tmp_path: Path) -> None:
    file = debts_of(tmp_path, a_row(due_on="never"), a_row())
    assert not file.rows
    assert [row.remarks[0].code for row in file.refused] == ["date_unreadable", "duplicate"]


def test_two_creditors_may_use_one_reference(tmp_path: Path) -> None:
    file = debts_of(tmp_path, a_row(), a_row(creditor="syndic-lilas"))
    assert len(file.rows) == 2


@pytest.mark.parametrize(
    "changes, column",
    [
        ({"name": "Paul Petit"}, "name"),
        ({"status": "company"}, "status"),
    ],
)
def test_one_number_for_two_debtors_refuses_every_row_of_it(
    tmp_path: Path, changes: dict[str, str], column: str
) -> None:
    rows = (
        a_row(),
        a_row(reference="F-2", **changes),
        a_row(reference="F-3"),
        a_row(reference="F-4", debtor_ref="C-2"),
    )
    file = debts_of(tmp_path, *rows)
    assert [row.debt.reference for row in file.rows] == ["F-4"]
    assert [row.line for row in file.refused] == [2, 3, 4]
    remark = file.refused[0].remarks[0]
    assert (remark.column, remark.code) == (column, "debtor_conflict")
    assert "lines 2 and 3" in remark.message


def test_two_company_numbers_for_one_debtor_are_a_conflict(tmp_path: Path) -> None:
    firm = {"status": "company"}
    rows = a_row(siren="552100554", **firm), a_row(reference="F-2", siren="732829320", **firm)
    file = debts_of(tmp_path, *rows)
    assert [row.remarks[0].column for row in file.refused] == ["siren", "siren"]


@pytest.mark.parametrize("name", ["DUPONT Jeanne", "jeanne  dupont", "Jeanne DUPONT"])
def test_the_same_name_in_another_order_or_case_is_no_conflict(tmp_path: Path, name: str) -> None:
    file = debts_of(tmp_path, a_row(), a_row(reference="F-2", name=name))
    assert len(file.rows) == 2
    assert file.rows[0].debtor is file.rows[1].debtor


def test_the_same_number_at_two_creditors_is_two_debtors(tmp_path: Path) -> None:
    file = debts_of(tmp_path, a_row(), a_row(creditor="syndic-lilas", name="Paul Petit"))
    assert [row.debtor.name for row in file.rows] == ["Jeanne Dupont", "Paul Petit"]


def test_each_creditor_lends_its_own_country_to_the_same_words(tmp_path: Path) -> None:
    file = debts_of(tmp_path, a_row(country=""), a_row(country="", creditor="beta-belgique"))
    assert [row.debtor.address and row.debtor.address.country for row in file.rows] == ["FR", "BE"]


def test_rows_of_one_firm_gather_its_contacts(tmp_path: Path) -> None:
    firm = {"debtor_ref": "C-9", "name": "Hôtel du Parc SARL", "status": "company"}
    file = debts_of(
        tmp_path,
        a_row(**firm, contact_role="accounts_payable", email="compta@parc.example"),
        a_row(**firm, reference="F-2", contact_role="buyer", email="achats@parc.example", siren="552100554"),
    )
    debtor = file.rows[0].debtor
    assert file.rows[1].debtor is debtor
    assert debtor.siren == "552100554"
    emails = {
        person.role: point.value for person in debtor.people if (point := person.point(PointKind.EMAIL)) is not None
    }
    assert emails == {Role.ACCOUNTS_PAYABLE: "compta@parc.example", Role.BUYER: "achats@parc.example"}


def test_one_contact_on_several_rows_keeps_all_points_and_the_last_address(tmp_path: Path) -> None:
    file = debts_of(
        tmp_path,
        a_row(),
        a_row(reference="F-2", email="other@example.org", status="", address_1="1 rue Neuve", postcode="69002"),
    )
    debtor = file.rows[0].debtor
    assert debtor.status is DebtorStatus.CONSUMER
    assert [point.value for point in debtor.people[0].points] == [
        "jeanne.dupont@example.org", "+33644631234", "", "other@example.org",
    ]  # fmt: skip
    assert debtor.address is not None
    assert debtor.address.postcode == "69002"


def test_a_debtor_is_warned_of_once_not_on_each_of_its_rows(tmp_path: Path) -> None:
    rows = [a_row(reference=f"F-{n}", email="jeanne@") for n in range(5)]
    file = debts_of(tmp_path, *rows)
    assert [(remark.line, remark.code) for remark in file.warnings] == [(2, "email_invalid")]


def test_a_fault_of_a_debtor_refuses_each_of_its_rows_on_its_own_line(tmp_path: Path) -> None:
    rows = [a_row(reference=f"F-{n}", language="klingon") for n in range(3)]
    file = debts_of(tmp_path, *rows)
    assert [[remark.line for remark in row.remarks] for row in file.refused] == [[2], [3], [4]]


def test_rows_that_the_mapping_leaves_out_are_counted_and_not_judged(tmp_path: Path) -> None:
    mapping = replace(DEFAULT, skips=(Skip(column="document", values=frozenset({"payment"})),))
    file = debts_of(tmp_path, a_row(), a_row(document="payment", due_on="nonsense"), mapping=mapping)
    assert (len(file.rows), len(file.refused), file.skipped_rows) == (1, 0, 1)


# ---------------------------------------------------------------------------------------------- totals


def test_totals_are_by_creditor_and_currency_taken_and_refused_to_the_cent(tmp_path: Path) -> None:
    file = debts_of(
        tmp_path,
        a_row(open_amount="0,10", principal="0,10"),
        a_row(reference="F-2", open_amount="0,20", principal="0,20"),
        a_row(reference="F-3", open_amount="5,00", due_on=""),
        a_row(reference="F-4", open_amount="?"),
        a_row(reference="F-5", currency="USD"),
        a_row(reference="F-6", document="credit_note", principal="-1,00", open_amount="-1,00"),
        a_row(reference="F-7", creditor="nobody"),
    )
    assert file.totals == (
        Total(creditor="", currency="EUR", refused_rows=1, refused_cents=2000),
        Total(
            creditor="acme-telecom", currency="EUR", accepted_rows=3, accepted_cents=-70, refused_rows=2,
            refused_cents=2500, unread_rows=0,
        ),
        Total(creditor="acme-telecom", currency="USD", accepted_rows=1, accepted_cents=2000),
    )  # fmt: skip
    total = file.total("acme-telecom", "EUR")
    assert (total.file_rows, total.file_cents) == (5, 2430)
    with pytest.raises(NotFound):
        file.total("acme-telecom", "GBP")


def test_a_refused_credit_counts_with_our_sign(tmp_path: Path) -> None:
    credit = a_row(document="credit_note", principal="15,00", open_amount="15,00", language="klingon")
    file = debts_of(tmp_path, credit, mapping=replace(DEFAULT, credits=Credits.POSITIVE))
    assert file.totals[0].refused_cents == -1500


def test_a_refused_row_whose_amount_cannot_be_read_is_counted_as_unread(tmp_path: Path) -> None:
    file = debts_of(tmp_path, a_row(open_amount="?", principal="?"))
    assert (file.totals[0].refused_rows, file.totals[0].refused_cents, file.totals[0].unread_rows) == (1, 0, 1)


def test_the_summary_counts_reasons(tmp_path: Path) -> None:
    file = debts_of(
        tmp_path, a_row(), a_row(), a_row(reference="F-2", due_on="", email="x"), a_row(reference="F-3", email="y")
    )
    summary = file.summary()
    assert (summary.accepted_rows, summary.refused_rows) == (1, 3)
    assert summary.refusal_codes == {"duplicate": 2, "missing": 1}
    assert summary.warning_codes == {"email_invalid": 1}
    assert len(summary.sha256) == 64
    assert "separated by a semicolon" in summary.notes[0]


# ---------------------------------------------------------------------------------------------- snapshots


def test_what_a_full_snapshot_does_not_name_is_absent(tmp_path: Path) -> None:
    file = debts_of(tmp_path, a_row(), a_row(reference="F-2", due_on=""), mapping=SNAPSHOT)
    assert file.is_full_snapshot("acme-telecom")
    assert file.references("acme-telecom") == {"F-1", "F-2"}, "a refused row is present all the same"


def test_a_file_of_movements_says_nothing_of_what_is_absent(tmp_path: Path) -> None:
    assert not debts_of(tmp_path, a_row()).is_full_snapshot("acme-telecom")


@pytest.mark.parametrize(
    "changes",
    [{"reference": ""}, {"reference": "=A1"}, {"creditor": ""}, {"creditor": "acme-telecon", "reference": "F-2"}],
)
def test_a_refused_row_that_may_be_any_document_makes_absence_mean_nothing(
    tmp_path: Path, changes: dict[str, str]
) -> None:
    file = debts_of(tmp_path, a_row(), a_row(**changes), mapping=SNAPSHOT)
    assert not file.is_full_snapshot("acme-telecom")


def test_a_row_that_is_cut_off_makes_absence_mean_nothing(tmp_path: Path) -> None:
    path = tmp_path / "debts.csv"
    path.write_text(csv_text([a_row()]) + "acme-telecom;F-2\n", encoding="utf-8")
    file = read_debts(path, SNAPSHOT, today=TODAY, creditors=CREDITORS)
    assert [row.remarks[0].code for row in file.refused] == ["cell_count"]
    assert not file.is_full_snapshot("acme-telecom")


def test_a_snapshot_without_rows_is_refused_since_it_would_settle_everything(tmp_path: Path) -> None:
    with pytest.raises(FileError) as caught:
        _header_only(tmp_path, SNAPSHOT)
    assert caught.value.code == "file_empty"


def test_a_day_without_movements_is_a_file_without_rows(tmp_path: Path) -> None:
    file = _header_only(tmp_path, DEFAULT)
    assert (file.rows, file.refused, file.totals) == ((), (), ())
    assert "the file has no rows" in file.reading.notes


def _header_only(folder: Path, mapping: ColumnMapping) -> DebtsFile:
    path = folder / "debts.csv"
    path.write_text(csv_text([], columns=a_row()), encoding="utf-8")
    return read_debts(path, mapping, today=TODAY, creditors=CREDITORS)


def test_a_ledger_dated_after_today_is_refused_whole(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        debts_of(tmp_path, a_row(), mapping=replace(DEFAULT, as_of=date(2026, 4, 2)))
    assert caught.value.code == "as_of_future"


def test_a_mapping_of_payments_reads_no_debts(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        debts_of(tmp_path, a_row(), mapping=load_mapping(MAPPINGS / "payments.yaml"))
    assert caught.value.code == "mapping_wrong"


def test_wrong_columns_refuse_the_file_whole(tmp_path: Path) -> None:
    row = a_row()
    row["montant"] = row.pop("principal")
    with pytest.raises(FileError) as caught:
        debts_of(tmp_path, row)
    assert caught.value.code == "columns_wrong"
    assert 'missing "principal"' in caught.value.message
    assert 'unknown "montant"' in caught.value.message
