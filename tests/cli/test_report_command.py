"""`relance report` and `relance db figures`: the same figures on the terminal, as CSV and as JSON."""

import json

from tests.cli.conftest import Terminal
from tests.flows.conftest import HEADER, row


def _imported(terminal: Terminal) -> None:
    path = terminal.home / "debts.csv"
    rows = (row(), row("F-2", debtor="C-2", phone="+33644631235", amount="1000,50", due="2026-03-03"))
    path.write_text("\n".join((HEADER, *rows)) + "\n", encoding="utf-8")
    assert terminal.type("import", str(path)).code == 0


def test_the_aged_balance_is_printed_and_written(terminal: Terminal) -> None:
    _imported(terminal)
    assert "acme-telecom" in terminal.type("report", "--aged", "--language", "fr").out
    as_csv = terminal.type("report", "--aged", "--csv", "--language", "fr").out
    assert '"1042,50"' in as_csv
    told = json.loads(terminal.type("report", "--aged", "--json").out)
    assert [(one["creditor"], one["balance_cents"]) for one in told["rows"]] == [("acme-telecom", 104250)]
    by_status = json.loads(terminal.type("report", "--aged", "--json", "--by", "status").out)
    assert [one["status"] for one in by_status["rows"]] == ["consumer"]


def test_results_are_printed_and_written(terminal: Terminal) -> None:
    _imported(terminal)
    assert terminal.type("report", "--language", "en").out.count("cases")
    assert json.loads(terminal.type("report", "--json").out)["totals"]["cases"] == 2
    assert terminal.type("report", "--csv").out.startswith("campaign;step;channel;")


def test_figures_are_counted_by_hand(terminal: Terminal) -> None:
    _imported(terminal)
    assert "2 cases counted" in terminal.type("db", "figures").out
    assert "0 cases counted" in terminal.type("db", "figures").out
    assert "2 cases counted" in terminal.type("db", "figures", "--anew").out
