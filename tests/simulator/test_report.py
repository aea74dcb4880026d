"""The money adds up, or it is said; and the results are a table for a spreadsheet."""

import csv
from collections import Counter
from datetime import date, timedelta
from io import StringIO
from pathlib import Path

from orchestrator.domain.debt import Payment
from orchestrator.domain.events import PaymentReceived
from orchestrator.flows.import_debts import import_debts
from orchestrator.flows.record_facts import record_facts
from orchestrator.flows.report_results import Results, StepResult, report_results
from orchestrator.simulator.report import reconcile, write_results
from orchestrator.simulator.virtual_clock import VirtualClock
from orchestrator.storage import cases
from tests.simulator.runs import MORNING, Played, own_stage, sample_file


def test_a_payment_that_no_balance_shows_is_found(tmp_path: Path) -> None:
    stage = own_stage(tmp_path, VirtualClock(MORNING))
    import_debts(stage.database, sample_file(stage.strategy, lambda ref: ref == "C-1030"), now=MORNING, by="test")
    (before,) = reconcile(stage.database, now=MORNING)
    assert before.is_balanced
    assert before.imported_cents == before.open_cents > 0
    with stage.database.read() as conn:
        case = next(cases.each(conn))[0].case
    # Dated before the ledger's figures, it is in them already: counted as received it is counted twice.
    payment = Payment("early", 500, date(2026, 1, 2), (case.debts[0].reference,))
    at = MORNING + timedelta(hours=1)
    record_facts(stage.database, [(case.id, PaymentReceived(id="early", at=at, payment=payment))], now=at)
    (after,) = reconcile(stage.database, now=at)
    assert not after.is_balanced


def test_results_are_written_as_a_table(sixty_days: Played) -> None:
    results = report_results(sixty_days.database, now=sixty_days.until)
    stream = StringIO()
    write_results(results, stream)
    rows = list(csv.DictReader(StringIO(stream.getvalue()), delimiter=";"))
    assert sum(int(row["left"]) for row in rows) == sixty_days.run.counts.left
    recovered = sum(round(float(row["recovered"]) * 100) for row in rows)
    assert recovered == sum(row.recovered_cents for row in results.steps)


def test_a_row_says_how_many_did_not_leave_and_why() -> None:
    row = StepResult(
        campaign="b2c-small", step="notice", channel="email", planned=9, left=4, payments=1, recovered_cents=1234,
        not_sent=Counter({"expired": 3, "if": 2}),
    )  # fmt: skip
    stream = StringIO()
    write_results(Results(steps=[row]), stream)
    assert stream.getvalue().splitlines()[1] == "b2c-small;notice;email;9;4;0;3 expired, 2 if;1;12.34;0.00;0.25"
