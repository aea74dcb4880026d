"""The sample portfolio: made again byte for byte, readable to the last row, and as varied as a real one."""

from collections import Counter
from datetime import date
from io import StringIO

import pytest

from orchestrator.domain.contact import Fault, PointKind
from orchestrator.domain.debt import DocumentKind
from orchestrator.intake.creditor_yaml import load_creditors
from orchestrator.intake.ledger.debts import DebtRow, DebtsFile, read_debts
from orchestrator.intake.tables.mapping_yaml import load_mapping
from orchestrator.simulator.portfolio import DEBTORS, START, make_rows, write
from tests.architecture.repository import ROOT
from tests.simulator.runs import SAMPLE

# Numbers kept for fiction, and a block of mobiles that was never given out.
_NOBODYS = ("+3319900", "+3326191", "+3335301", "+3346571", "+3353649", "+3364463")


@pytest.fixture(scope="module")
def file() -> DebtsFile:
    """The committed file, read as `relance import` would."""
    mapping = load_mapping(ROOT / "campaigns" / "mappings" / "default.yaml")
    creditors = load_creditors(ROOT / "campaigns" / "creditors")
    return read_debts(SAMPLE, mapping, today=START, creditors=creditors)


def _one_row_each(file: DebtsFile) -> list[DebtRow]:
    return list({(row.creditor, row.debtor.ref): row for row in file.rows}.values())


def test_the_committed_file_is_what_the_generator_writes() -> None:
    stream = StringIO()
    write(stream)
    assert SAMPLE.read_text(encoding="utf-8") == stream.getvalue()


def test_another_seed_makes_other_debtors() -> None:
    assert make_rows(1) != make_rows(2)


def test_every_row_is_taken(file: DebtsFile) -> None:
    assert not file.refused
    assert {w.code for w in file.warnings} == {"landline", "phone_invalid", "email_invalid", "address_incomplete"}


def test_three_hundred_debtors_owe_some_four_hundred_and_fifty_documents(file: DebtsFile) -> None:
    assert len(_one_row_each(file)) == DEBTORS
    assert 440 <= len(file.rows) <= 470
    assert {row.creditor for row in file.rows} == {"acme-telecom", "atelier-bois", "syndic-lilas"}


def test_due_dates_are_recent_and_mostly_of_the_year(file: DebtsFile) -> None:
    days = [row.debt.due_on for row in file.rows]
    assert min(days) >= date(2025, 12, 1)
    assert max(days) <= date(2026, 3, 31)
    assert sum(day.year == 2026 for day in days) > 0.8 * len(days)


def test_nothing_is_issued_after_the_extract(file: DebtsFile) -> None:
    assert all(row.debt.issued_on is not None and row.debt.issued_on <= START for row in file.rows)


def test_small_bills_and_large_invoices_stand_side_by_side(file: DebtsFile) -> None:
    sums = [row.debt.open_cents for row in file.rows]
    assert any(1_900 <= cents <= 2_100 for cents in sums)
    assert max(sums) == 5_000_000


def test_it_holds_every_kind_of_debtor_and_document(file: DebtsFile) -> None:
    debtors = [row.debtor for row in _one_row_each(file)]
    assert {each.status.value for each in debtors} == {
        "consumer", "company", "sole_trader", "non_professional", "public_body", "unknown",
    }  # fmt: skip
    assert {row.debt.kind for row in file.rows} == {
        DocumentKind.INVOICE, DocumentKind.CREDIT_NOTE, DocumentKind.REJECTED_DEBIT,
    }  # fmt: skip
    marks = Counter(mark for row in _one_row_each(file) for mark in row.marks)
    assert set(marks) == {"good_payer", "vulnerable", "deceased"}
    assert any(each.solvency == "fragile" for each in debtors)
    assert sum(each.language == "en" for each in debtors) >= 5
    assert any(0 < row.debt.open_cents < row.debt.principal_cents for row in file.rows)
    assert any(row.debt.next_collection_on is not None for row in file.rows)
    assert any(row.debt.history is not None and row.debt.history.last_step for row in file.rows)
    assert max(Counter((row.creditor, row.debtor.ref) for row in file.rows).values()) >= 3


def test_address_books_are_as_faulty_as_real_ones(file: DebtsFile) -> None:
    people = [row.debtor.people[0] for row in _one_row_each(file)]
    faults = Counter((p.kind, p.fault) for person in people for p in person.points)
    for kind, fault in (
        (PointKind.PHONE, Fault.LANDLINE), (PointKind.PHONE, Fault.INVALID), (PointKind.EMAIL, Fault.INVALID),
    ):  # fmt: skip
        assert faults[kind, fault] >= 4, (kind, fault)
    assert sum(person.point(PointKind.EMAIL) is None for person in people) >= 30
    assert sum(person.address is None or not person.address.lines for person in people) >= 5


def test_people_live_overseas_and_in_alsace_moselle_too(file: DebtsFile) -> None:
    postcodes = [row.debtor.address.postcode for row in _one_row_each(file) if row.debtor.address]
    assert len({code[:3] for code in postcodes if code.startswith("97")}) >= 4
    assert sum(code[:2] in ("57", "67", "68") for code in postcodes) >= 8


def test_nothing_in_it_reaches_anybody(file: DebtsFile) -> None:
    points = [point for row in file.rows for person in row.debtor.people for point in person.points]
    for point in points:
        if point.kind is PointKind.EMAIL and point.value:
            assert point.value.endswith((".example", "@example.org")), point.value
        if point.kind is PointKind.PHONE and point.value:
            assert point.value.startswith(_NOBODYS), point.value


def test_whoever_was_reminded_before_was_so_after_the_due_date(file: DebtsFile) -> None:
    for row in file.rows:
        history = row.debt.history
        if history is None:
            continue
        oldest = min(r.debt.due_on for r in file.rows if r.debtor.ref == row.debtor.ref)
        assert history.last_contact_on is not None
        assert oldest < history.last_contact_on < START
