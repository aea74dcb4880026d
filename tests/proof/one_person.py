"""Pairs of cases of one person, each in a campaign of its own, each with a message planned: one contact is left."""

from msgspec.structs import replace

from orchestrator.flows.advance_cases import advance_all
from orchestrator.flows.strategy import Strategy
from orchestrator.storage import cases, persons
from orchestrator.storage.database import Database
from tests.bench.portfolios import NOW, fresh_ledger
from tests.builders import a_case, a_debt, a_debtor

SMALL_CENTS, LARGE_CENTS = 4_200, 90_000


def plan_pairs(database: Database, strategy: Strategy, count: int) -> list[tuple[str, str]]:
    """The ids of the two cases of each person, as they were planned."""
    pairs = [(f"S{number:09}", f"L{number:09}") for number in range(count)]
    made = []
    for small, large in pairs:
        for case_id, cents in ((small, SMALL_CENTS), (large, LARGE_CENTS)):
            debtor = a_debtor(ref=case_id, email="")
            made.append(a_case(a_debt("A", cents=cents), id=case_id, debtor=debtor))
    with database.begin() as conn:
        owners = persons.link(conn, {case.id: [f"{case.id[1:]:>032}"] for case in made})
        cases.insert(conn, [cases.Entry(replace(case), NOW, owners[case.id]) for case in made], now=NOW)
    fresh_ledger(database)
    advance_all(database, strategy, now=NOW)
    return pairs
