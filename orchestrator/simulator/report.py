"""What a run is checked and kept by: whether the money adds up, and its results as a table for a spreadsheet.

The results themselves are counted by `flows.report_results`; a terminal shows them in `cli`.
"""

import csv
from datetime import datetime
from typing import TextIO

import msgspec

from orchestrator.domain.account import account_of
from orchestrator.domain.case import Case
from orchestrator.domain.place import local_date, place_of
from orchestrator.flows.report_results import Results
from orchestrator.storage import cases, imports
from orchestrator.storage.database import Database


class Reconciliation(msgspec.Struct, kw_only=True):
    """The money of one currency, minor units: imported + adjusted = received + open, to the cent.

    `imported_cents` is what the files said was open, credits deducted; `adjusted_cents` what people recorded since,
    such as credit notes (negative); `open_cents` the sum of all balances, overpaid ones negative.
    """

    currency: str
    documents: int = 0
    imported_cents: int = 0
    adjusted_cents: int = 0
    received_cents: int = 0
    open_cents: int = 0

    @property
    def is_balanced(self) -> bool:
        """Whether nothing was lost and nothing counted twice."""
        return self.imported_cents + self.adjusted_cents == self.received_cents + self.open_cents


def reconcile(database: Database, *, now: datetime) -> tuple[Reconciliation, ...]:
    """The money of a whole database at an instant, by currency."""
    found: dict[str, Reconciliation] = {}
    with database.read() as conn:
        for page in cases.each(conn):
            said_by = {debt.recorded_by for stored in page for debt in stored.case.debts}
            known = {item.id for item in imports.load(conn, said_by)}
            for stored in page:
                case = stored.case
                _add(found.setdefault(case.currency, Reconciliation(currency=case.currency)), case, known, now)
    return tuple(found[currency] for currency in sorted(found))


def _add(sums: Reconciliation, case: Case, imported_by: set[str], now: datetime) -> None:
    address = case.debtor.address
    place = place_of(address.country if address else "", address.postcode if address else "")
    for debt in case.debts:
        if debt.recorded_by in imported_by:
            sums.documents += 1
            sums.imported_cents += debt.open_cents
        else:
            sums.adjusted_cents += debt.open_cents
    reversed_ids = {payment.id for payment in case.reversals}
    sums.received_cents += sum(p.amount_cents for p in case.payments if p.id not in reversed_ids)
    sums.open_cents += account_of(case, (), local_date(now, place)).balance_cents


_COLUMNS = (
    "campaign", "step", "channel", "planned", "left", "undelivered", "not_sent", "payments", "recovered", "cost",
    "rate",
)  # fmt: skip


def write_results(results: Results, stream: TextIO) -> None:
    """The results by campaign, step and channel as CSV: semicolons, amounts with a point, `rate` payments per message.

    `not_sent` is written `3 expired, 1 if`: how many, and the code of the reason.
    """
    writer = csv.writer(stream, delimiter=";", lineterminator="\n")
    writer.writerow(_COLUMNS)
    for row in results.steps:
        reasons = ", ".join(f"{count} {why}" for why, count in sorted(row.not_sent.items()))
        rate = f"{row.payments / row.left:.2f}" if row.left else ""
        recovered, cost = (f"{cents / 100:.2f}" for cents in (row.recovered_cents, row.cost_cents))
        figures = (row.planned, row.left, row.undelivered, reasons, row.payments, recovered, cost, rate)
        writer.writerow((row.campaign, row.step, row.channel, *figures))
