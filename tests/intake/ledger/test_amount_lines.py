"""What a row says is owed beside the principal: each sum with a legal basis that we know, or the row is refused."""

from pathlib import Path

import pytest

from orchestrator.domain.amount_line import GROUNDS, AmountLine, LegalBasis, LineKind
from orchestrator.intake.ledger.debts import read_debts
from orchestrator.intake.ledger.pushed_rows import pushed_debts
from tests.intake.ledger.debts_fixtures import (
    CREDITORS,
    DEFAULT,
    MAPPINGS,
    TODAY,
    accepted,
    codes,
    refused,
)

DOCS = Path(__file__).parents[3] / "docs"


def test_lines_stand_beside_what_is_open_and_are_no_part_of_it(tmp_path: Path) -> None:
    debt = accepted(
        tmp_path, open_amount="15,00", interest_amount="1,25", interest_basis="contract_interest", fee_amount="7,50",
        fee_basis="Statute-Cheque Cost", penalty_amount="0,00", penalty_basis="l441_10_penalty",
    ).debt  # fmt: skip
    assert (debt.principal_cents, debt.open_cents) == (2000, 1500)
    assert debt.lines == (
        AmountLine(LineKind.INTEREST, 125, LegalBasis.CONTRACT_INTEREST),
        AmountLine(LineKind.FEE, 750, LegalBasis.STATUTE_CHEQUE_COST),
    )


def test_an_open_amount_that_includes_its_lines_is_refused(tmp_path: Path) -> None:
    """docs/import.md: it is of the principal alone."""
    changes = {"open_amount": "21,25", "interest_amount": "1,25", "interest_basis": "contract_interest"}
    (remark,) = refused(tmp_path, **changes).remarks
    assert (remark.column, remark.code) == ("open_amount", "open_exceeds_principal")
    assert "columns of their own" in remark.hint


@pytest.mark.parametrize(
    "changes, code",
    [
        ({"fee_amount": "7,50"}, "fee_basis: line_basis_missing"),
        ({"fee_amount": "7,50", "fee_basis": "statute_cheque_costs"}, "fee_basis: line_basis_unknown"),
        ({"fee_amount": "7,50", "fee_basis": "l441_10_indemnity"}, "fee_basis: line_basis_wrong"),
        ({"damages_amount": "50,00", "damages_basis": "contract_clause"}, "damages_basis: line_basis_wrong"),
        ({"fee_amount": "-7,50", "fee_basis": "statute_cheque_cost"}, "fee_amount: sign_wrong"),
        (
            {"document": "credit_note", "principal": "-5,00", "open_amount": "-5,00", "fee_amount": "7,50",
             "fee_basis": "statute_cheque_cost"},
            "fee_amount: line_on_credit",
        ),
    ],
)  # fmt: skip
def test_a_line_without_a_known_basis_is_refused_at_its_column(
    tmp_path: Path, changes: dict[str, str], code: str
) -> None:
    """FR-FEE-06."""
    assert codes(tmp_path, **changes) == [code]


def test_the_nearest_basis_is_offered(tmp_path: Path) -> None:
    (remark,) = refused(tmp_path, fee_amount="7,50", fee_basis="statute_cheque_costs").remarks
    assert "statute_cheque_cost" in remark.hint


def test_pushed_debts_bring_lines_too() -> None:
    row = {
        "creditor": "acme-telecom", "reference": "F-1", "currency": "EUR", "debtor_ref": "C-1", "name": "Hôtel du Parc",
        "status": "company", "principal": 500, "due_on": "2026-02-15", "indemnity_amount": 40,
        "indemnity_basis": "l441_10_indemnity", "indemnity_clause": True,
    }  # fmt: skip
    (found,) = pushed_debts({1: row}, today=TODAY, creditors=CREDITORS).rows
    assert found.debt.lines == (AmountLine(LineKind.INDEMNITY, 4000, LegalBasis.L441_10_INDEMNITY),)
    assert found.debt.has_indemnity_clause


def test_the_example_with_lines_is_read_whole() -> None:
    path = MAPPINGS / "examples" / "debts-with-lines.csv"
    file = read_debts(path, DEFAULT, today=TODAY, creditors=CREDITORS)
    assert not file.refused, file.refused
    assert {line.kind for row in file.rows for line in row.debt.lines} == set(LineKind)


def test_the_page_about_imports_lists_every_basis_with_the_kinds_it_carries() -> None:
    text = (DOCS / "import.md").read_text(encoding="utf-8")
    for basis, ground in GROUNDS.items():
        kinds = ", ".join(kind.value for kind in LineKind if kind in ground.kinds)
        assert f"| `{basis}` | {kinds} |" in text, basis
