"""A dunning run: 20,000 debts of 6,664 debtors decided, journalled and worded: `python -m tests.bench.dunning_run`.

Texts are rendered, letters are left to dispatch (semantics D11). The reference does the least that any engine must:
group the same debts by debtor with one SQL query, and fill a Jinja2 template per debtor.
"""

import sqlite3
import tempfile
from datetime import timedelta
from pathlib import Path

from jinja2 import Template

from orchestrator.bootstrap import Deployment
from orchestrator.domain.progress import pinned_campaign
from orchestrator.domain.situation import Situation
from orchestrator.flows.advance_cases import advance_all
from orchestrator.flows.brief_message import brief_message
from orchestrator.flows.import_debts import import_debts
from orchestrator.flows.strategy import Strategy
from orchestrator.flows.surroundings import contexts
from orchestrator.intake.ledger.debts import read_debts
from orchestrator.intake.tables.mapping_yaml import load_mapping
from orchestrator.storage import cases, due_messages
from tests.bench.measure import Spent, say, spent
from tests.bench.portfolios import NOW, shipped, write_debts

DEBTS, DEBTORS = 20_000, 6_664


def main() -> None:
    """The whole run, and its parts."""
    deployment, strategy = shipped()
    with tempfile.TemporaryDirectory(prefix="relance-bench-") as folder:
        path = Path(folder) / "debts.csv"
        write_debts(path, debtors=DEBTORS, debts=DEBTS)
        mapping = load_mapping(deployment.settings.campaigns / "mappings" / "default.yaml")
        file = read_debts(path, mapping, today=NOW.date(), creditors=deployment.rules.creditors)
        import_debts(deployment.database, file, now=NOW, by="bench")
        with spent() as bare:
            _bare(path)
        with spent() as decided:
            done = advance_all(deployment.database, strategy, now=NOW)
        with spent() as worded:
            count = _word(deployment, strategy)
    whole = Spent(decided.wall + worded.wall, decided.cpu + worded.cpu)
    say(f"decided and journalled ({done.planned} to send)", DEBTORS, decided, bare, "bare SQL + Jinja2", unit="debtors")
    say(f"{count} texts worded", DEBTORS, worded, bare, "bare SQL + Jinja2", unit="debtors")
    print(f"  the whole run: {whole.wall:.1f} s by the clock, {whole.cpu:.1f} s CPU, bare {bare.cpu:.2f} s")


def _word(deployment: Deployment, strategy: Strategy) -> int:
    """Render every planned text, in batches, as prepare does."""
    count = 0
    languages = frozenset(deployment.texts.languages)
    for lane in ("sandbox-sms", "sandbox-email"):
        with deployment.database.read() as conn:
            due = due_messages.due(conn, now=NOW + timedelta(hours=1), limit=100_000, lane=lane)
            for start in range(0, len(due), 200):
                batch = due[start : start + 200]
                stored = {item.case.id: item for item in cases.load(conn, {m.case_id for m in batch})}
                around = contexts(conn, strategy, list(stored.values()), now=NOW)
                for message in batch:
                    case = stored[message.case_id].case
                    situation = Situation(case, pinned_campaign(case, strategy.all_campaigns), around[case.id], NOW)
                    policy = strategy.book.on(
                        case.cycle.policy if case.cycle else "", situation.today, case.debtor.status
                    )
                    brief = brief_message(
                        situation,
                        policy,
                        message.send,
                        attempt_id=f"{count:032x}",
                        link=f"http://127.0.0.1:8000/d/{count:022d}",
                        languages=languages,
                    )
                    deployment.texts.render(brief)
                    count += 1
    return count


def _bare(path: Path) -> int:
    database = sqlite3.connect(":memory:")
    database.execute("create table debts (reference text, debtor text, name text, amount integer, due text)")
    with path.open(encoding="utf-8") as stream:
        next(stream)
        rows = [line.split(";") for line in stream]
    values = [(row[1], row[3], row[5], int(row[17].replace(",", "")), row[20]) for row in rows]
    database.executemany("insert into debts values (?, ?, ?, ?, ?)", values)
    template = Template("Bonjour {{ name }}, il reste {{ amount }} EUR à régler pour {{ count }} factures.")
    groups = database.execute("select name, sum(amount), count(*) from debts group by debtor, name").fetchall()
    return len([template.render(name=name, amount=cents / 100, count=count) for name, cents, count in groups])


if __name__ == "__main__":
    main()
