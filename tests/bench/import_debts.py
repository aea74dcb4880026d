"""Import: rows read and validated, then stored: `python -m tests.bench.import_debts`.

The reference reads the same file with the csv module and turns its amounts and dates into numbers, checking nothing.
"""

import csv
import tempfile
from datetime import date
from pathlib import Path

from orchestrator.flows.import_debts import import_debts
from orchestrator.intake.ledger.debts import read_debts
from orchestrator.intake.tables.mapping_yaml import load_mapping
from tests.bench.measure import say, spent
from tests.bench.portfolios import NOW, shipped, write_debts

DEBTS, DEBTORS = 20_000, 6_664


def main() -> None:
    """A file of 20,000 debts of 6,664 debtors, phones, e-mails and addresses included."""
    deployment, _ = shipped()
    with tempfile.TemporaryDirectory(prefix="relance-bench-") as folder:
        path = Path(folder) / "debts.csv"
        write_debts(path, debtors=DEBTORS, debts=DEBTS)
        with spent() as bare:
            _bare(path)
        mapping = load_mapping(deployment.settings.campaigns / "mappings" / "default.yaml")
        with spent() as read:
            file = read_debts(path, mapping, today=NOW.date(), creditors=deployment.rules.creditors)
        say(f"read and validated ({len(file.refused)} refused)", DEBTS, read, bare, "bare csv", unit="rows")
        database = deployment.database
        with spent() as stored:
            import_debts(database, file, now=NOW, by="bench")
        say("stored on SQLite as cases and facts", DEBTS, stored, bare, "bare csv", unit="rows")


def _bare(path: Path) -> int:
    total = 0
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream, delimiter=";"):
            total += int(row["principal"].replace(",", ""))
            date.fromisoformat(row["due_on"])
    return total


if __name__ == "__main__":
    main()
