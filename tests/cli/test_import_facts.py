"""`relance import` of payments and holds: told twice they count once; what fits nothing comes back with its reason."""

import json
from pathlib import Path

import pytest

from orchestrator.bootstrap import Deployment
from orchestrator.domain.case import Case
from orchestrator.settings import read_settings, shipped
from orchestrator.storage import cases, tasks
from tests.cli.conftest import Terminal, row

PAYMENTS = "creditor;payment;debtor_ref;amount;currency;received_on;references;method;reversed_on;reversal_code"
HOLDS = "creditor;debtor_ref;references;kind;since;until;review_on;amount;currency;blocks;reason"


def _cases(terminal: Terminal) -> dict[str, Case]:
    place = Deployment(read_settings({"RELANCE_HOME": str(terminal.home)}))
    with place.database.read() as conn:
        found = {stored.case.debtor.ref: stored.case for page in cases.each(conn) for stored in page}
    place.database.close()
    return found


def _two_debtors(terminal: Terminal) -> None:
    path = terminal.debts(row("F-1", due="2026-03-02"), row("F-2", debtor="C-2", phone="+33644631235"))
    assert terminal.type("import", str(path)).code == 0


def _payments(terminal: Terminal) -> Path:
    return terminal.write(
        "payments.csv",
        PAYMENTS,
        "acme-telecom;P-1;C-1;20,00;EUR;2026-03-05;F-1;card;;",
        "acme-telecom;P-2;;10,00;EUR;2026-03-05;F-2;transfer;;",
        "acme-telecom;P-3;C-1;22,00;EUR;2026-03-05;F-1;direct_debit;2026-03-09;MD06",
        "acme-telecom;P-4;C-9;10,00;EUR;2026-03-05;;card;;",
        "acme-telecom;P-5;C-1;-5,00;EUR;2026-03-05;;card;;",
    )


def test_payments_are_recorded_and_what_fits_nothing_comes_back(terminal: Terminal) -> None:
    _two_debtors(terminal)
    path = _payments(terminal)
    said = terminal.type("import", str(path), "--mapping", "payments")
    assert said.code == 0, said.err
    assert "2 stored, 1 gone back, 0 known already, 1 fit no account" in said.out
    assert "2 refused rows" in said.out
    report = (terminal.home / "payments.refused.csv").read_text(encoding="utf-8-sig")
    assert "debtor_unknown" in report
    assert "sign_wrong" in report
    found = _cases(terminal)
    assert [payment.id for payment in found["C-1"].payments] == ["P-1", "P-3"]
    assert [payment.id for payment in found["C-2"].payments] == ["P-2"]
    assert [(hold.kind.value, hold.reason) for hold in found["C-1"].holds] == [("dispute", "direct_debit_refused")]
    again = terminal.type("import", str(path), "--mapping", "payments")
    assert "0 stored, 0 gone back, 3 known already, 1 fit no account" in again.out
    assert _cases(terminal) == found


def test_a_dry_run_stores_nothing(terminal: Terminal) -> None:
    _two_debtors(terminal)
    said = terminal.type("import", str(_payments(terminal)), "--mapping", "payments", "--dry-run")
    assert "4 rows can be read; nothing was stored" in said.out
    assert all(case.payments == () for case in _cases(terminal).values())


def test_holds_are_placed_once_and_have_somebody_who_looks_at_them(terminal: Terminal) -> None:
    _two_debtors(terminal)
    path = terminal.write(
        "holds.csv",
        HOLDS,
        "acme-telecom;C-1;F-1;dispute;2026-03-01;;2026-04-15;12,00;EUR;demands;two nights",
        "acme-telecom;C-2;;plan;2026-03-01;2026-05-31;;;;demands;",
        "acme-telecom;C-9;;plan;2026-03-01;2026-05-31;;;;demands;",
        "acme-telecom;C-2;F-1;veto;2026-03-01;;2026-04-15;;;demands;",
    )
    said = terminal.type("import", str(path), "--mapping", "holds")
    assert said.code == 0, said.err
    assert "2 placed, 0 known already, 2 fit no account" in said.out
    report = (terminal.home / "holds.refused.csv").read_text(encoding="utf-8-sig")
    assert "debtor_unknown" in report
    assert "document_unknown" in report
    found = _cases(terminal)
    (dispute,), (plan,) = found["C-1"].holds, found["C-2"].holds
    assert (dispute.references, dispute.amount_cents) == (("F-1",), 1200)
    assert (plan.kind.value, plan.scope.value) == ("plan", "case")
    assert all(case.pending == () for case in found.values())  # what was agreed elsewhere was answered there
    place = Deployment(read_settings({"RELANCE_HOME": str(terminal.home)}))
    with place.database.read() as conn:
        (asked,) = tasks.search(conn, tasks.Filter(), limit=5)
    place.database.close()
    assert (asked.kind, asked.subject) == ("answer_dispute", dispute.id)
    again = terminal.type("import", str(path), "--mapping", "holds", "--json")
    assert json.loads(again.out)["holds"]["known"] == 2
    assert _cases(terminal) == found


@pytest.mark.parametrize("name", ["payments", "holds"])
def test_the_example_files_can_be_read(terminal: Terminal, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELANCE_NOW", "2026-04-01T09:00:00+00:00")
    example = shipped("campaigns") / "mappings" / "examples" / f"{name}.csv"
    report = str(terminal.home / "refused.csv")
    said = terminal.type("import", str(example), "--mapping", name, "--dry-run", "--report", report, "--json")
    assert said.code == 0, said.err
    read = json.loads(said.out)["file"]
    assert read["accepted_rows"] > 0
    assert read["refused_rows"] == 0, Path(report).read_text(encoding="utf-8-sig")


def test_the_day_is_that_of_the_shifted_clock(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    """A ledger of the staging day is not from the future there, and one of a later day is."""
    _two_debtors(terminal)
    monkeypatch.setenv("RELANCE_NOW", "2026-03-04T09:00:00+00:00")
    said = terminal.type("import", str(_payments(terminal)), "--mapping", "payments", "--dry-run")
    assert "0 rows can be read" in said.out
