"""An import warns of lines that the pack of their debtor does not let be demanded (FR-FEE-01, 04)."""

from datetime import UTC, datetime
from pathlib import Path

from orchestrator.domain.policy import PolicyBook
from orchestrator.flows.line_warnings import with_line_warnings
from orchestrator.intake.policies.policy_yaml import load_packs
from tests.intake.ledger.debts_fixtures import CREDITORS, MAPPINGS, a_row, debts_of

NOW = datetime(2026, 4, 1, 9, tzinfo=UTC)


def test_an_import_says_which_lines_will_not_be_demanded(tmp_path: Path) -> None:
    book = PolicyBook(load_packs(MAPPINGS.parent / "policies"))
    lines = {"indemnity_amount": "40,00", "indemnity_basis": "l441_10_indemnity"}
    rows = (
        a_row(**lines),
        a_row(reference="F-2", debtor_ref="C-2", name="Parc SARL", status="company", **lines),
        a_row(reference="F-3", debtor_ref="C-3", name="Jean Roux", marks="title", **lines),
    )
    found = with_line_warnings(debts_of(tmp_path, *rows), book, CREDITORS, now=NOW)
    said = [(each.line, each.column, each.code, each.message.split()[0]) for each in found.warnings]
    assert said == [
        (2, "indemnity_amount", "line_not_demanded", "FR-FEE-01"),
        (4, "indemnity_amount", "line_not_demanded", "FR-FEE-04"),
    ]
