"""Files of holds: what stops demands already, with its end or the day on which a person looks (C1)."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from orchestrator.domain.agreement import Blocks, HoldKind, HoldScope
from orchestrator.domain.errors import InputError
from orchestrator.intake.ledger.holds import HoldsFile, read_holds
from orchestrator.intake.tables.mapping_yaml import load_mapping
from tests.intake.ledger.debts_fixtures import CREDITORS, DEFAULT, MAPPINGS, TODAY, csv_text

MAPPING = load_mapping(MAPPINGS / "holds.yaml")


def a_hold(**changes: str) -> dict[str, str]:
    row = {
        "creditor": "acme-telecom", "debtor_ref": "C-1", "references": "F-1", "kind": "dispute", "since": "2026-03-01",
        "until": "2026-05-01", "review_on": "", "amount": "", "currency": "", "blocks": "", "reason": "",
        "paper": "",
    }  # fmt: skip
    return row | changes


def holds_of(folder: Path, *rows: dict[str, str]) -> HoldsFile:
    path = folder / "holds.csv"
    path.write_text(csv_text(rows), encoding="utf-8")
    return read_holds(path, MAPPING, today=TODAY, creditors=CREDITORS)


def test_a_row_becomes_a_hold_from_the_start_of_its_day(tmp_path: Path) -> None:
    row = holds_of(
        tmp_path, a_hold(amount="12,00", currency="EUR", blocks="all", reason="Doublon", paper="RG 26/00123")
    ).rows[0]
    hold = row.hold
    assert (hold.kind, hold.scope, hold.references) == (HoldKind.DISPUTE, HoldScope.DEBTS, ("F-1",))
    assert (hold.since, hold.until) == (datetime(2026, 3, 1, tzinfo=UTC), date(2026, 5, 1))
    assert (hold.amount_cents, hold.blocks, hold.source, hold.paper) == (1200, Blocks.ALL, "import", "RG 26/00123")
    assert (row.creditor, row.debtor_ref, row.reason) == ("acme-telecom", "C-1", "Doublon")


@pytest.mark.parametrize(
    "kind, scope",
    [("plan", HoldScope.CASE), ("veto", HoldScope.CASE), ("death", HoldScope.PERSON), ("insolvency", HoldScope.PERSON)],
)
def test_without_documents_a_hold_stops_the_case_or_the_person(tmp_path: Path, kind: str, scope: HoldScope) -> None:
    assert holds_of(tmp_path, a_hold(references="", kind=kind)).rows[0].hold.scope is scope


def test_the_same_row_read_twice_is_the_same_hold_and_another_is_not(tmp_path: Path) -> None:
    first = holds_of(tmp_path, a_hold()).rows[0].hold
    assert holds_of(tmp_path, a_hold(reason="other words")).rows[0].hold.id == first.id
    for changes in ({"debtor_ref": "C-2"}, {"references": "F-2"}, {"since": "2026-03-02"}, {"kind": "veto"}):
        assert holds_of(tmp_path, a_hold(**changes)).rows[0].hold.id != first.id


@pytest.mark.parametrize(
    "changes, expected",
    [
        ({"until": ""}, "review_on: missing"),
        ({"until": "2026-02-28"}, "until: ends_before_it_starts"),
        ({"since": "2026-04-02"}, "since: date_too_far"),
        ({"since": ""}, "since: missing"),
        ({"kind": ""}, "kind: missing"),
        ({"kind": "disputee"}, "kind: word_unknown"),
        ({"debtor_ref": ""}, "debtor_ref: missing"),
        ({"creditor": "nobody"}, "creditor: creditor_unknown"),
        ({"amount": "5,00"}, "currency: missing"),
        ({"amount": "-5,00", "currency": "EUR"}, "amount: sign_wrong"),
        ({"amount": "5,00", "currency": "EUR", "references": "F-1|F-2"}, "amount: amount_unexpected"),
        ({"amount": "5,00", "currency": "EUR", "kind": "plan"}, "amount: amount_unexpected"),
        ({"blocks": "some"}, "blocks: word_unknown"),
    ],
)
def test_what_cannot_be_is_refused_in_its_column(tmp_path: Path, changes: dict[str, str], expected: str) -> None:
    file = holds_of(tmp_path, a_hold(**changes))
    assert not file.rows
    assert [f"{remark.column}: {remark.code}" for remark in file.refused[0].remarks] == [expected]


def test_a_hold_twice_refuses_both_rows(tmp_path: Path) -> None:
    file = holds_of(tmp_path, a_hold(), a_hold(until="2026-06-01"))
    assert [(row.line, row.remarks[0].code) for row in file.refused] == [(2, "duplicate"), (3, "duplicate")]
    assert file.summary().refused_rows == 2


def test_a_mapping_of_debts_reads_no_holds(tmp_path: Path) -> None:
    path = tmp_path / "holds.csv"
    path.write_text(csv_text([a_hold()]), encoding="utf-8")
    with pytest.raises(InputError):
        read_holds(path, DEFAULT, today=TODAY, creditors=CREDITORS)
