"""Makes the sample portfolio: 300 invented debtors of three creditors, in the columns of a debts file.

    python -m orchestrator.simulator.portfolio > campaigns/sample/debts.csv

Seeded: the same version makes the same file, byte for byte. Owns the debts; who owes is `portfolio_people.py`.
"""

import csv
import sys
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from random import Random
from typing import TextIO

from orchestrator.simulator.portfolio_people import COLUMNS, People, Row

SEED = 20260216
# A Monday. Sixty days from it lie where every legal rate is known, and show every step of every campaign.
START = date(2026, 2, 16)
DEBTORS = 300

_HOUSEHOLDS, _TELECOM_FIRMS, _JOINERY, _CO_OWNERS = 170, 25, 65, 40


def make_rows(seed: int = SEED) -> list[Row]:
    """The rows of the file, sorted by creditor, debtor and reference; amounts with a decimal comma."""
    rng = Random(seed)  # noqa: S311  # invented data, no secret
    people = People(rng)
    ledger = _Ledger(rng)
    rows: list[Row] = []
    for count, owner, debts in (
        (_HOUSEHOLDS, people.household, ledger.household),
        (_TELECOM_FIRMS, people.telecom_firm, ledger.telecom_firm),
        (_JOINERY, people.joinery_client, ledger.joinery),
        (_CO_OWNERS, people.co_owner, ledger.co_owner),
    ):
        for index in range(count):
            rows += _of(owner(index), debts, index)
    return sorted(rows, key=lambda row: (row["creditor"], row["debtor_ref"], row["reference"]))


def _of(owner: Row, debts: Callable[[int], Iterator[Row]], index: int) -> list[Row]:
    """The documents of one debtor; whoever was reminded before the take-over was so after the oldest fell due."""
    found = list(debts(index))
    oldest = min(date.fromisoformat(row["due_on"]) for row in found if row["document"] != "credit_note")
    history = {}
    if owner["last_step"] and oldest + timedelta(days=8) < START:
        reminded_on = min(oldest + timedelta(days=7), START - timedelta(days=3))
        history["last_contact_on"] = reminded_on.isoformat()
    else:
        history["last_step"] = ""
    return [{**owner, **row, **history} for row in found]


def write(stream: TextIO, seed: int = SEED) -> None:
    """The file: UTF-8, semicolons, one header line."""
    writer = csv.DictWriter(stream, COLUMNS, delimiter=";", lineterminator="\n", restval="")
    writer.writeheader()
    writer.writerows(make_rows(seed))


class _Ledger:
    """What each kind of debtor owes. A row it yields holds the columns of the document only."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._numbers = {"F": 0, "A": 0, "R": 0}

    # ------------------------------------------------------------------------------ who owes what

    def household(self, index: int) -> Iterator[Row]:
        """Phone bills of 15 to 60 EUR, instalments of a telephone, now and then a whole device."""
        kind = self._rng.random()
        if index % 17 == 9:
            yield self._direct_debit(index)
        elif kind < 0.68:
            yield from self._bills()
        elif kind < 0.84:
            yield self._invoice(
                self._cents(39, 150), due=self._due(last=date(2026, 3, 31)), days=45, debt_kind="instalment"
            )
        else:
            low, top = (520, 2200) if index % 2 == 0 else (85, 480)
            yield self._invoice(
                self._cents(low, top), due=self._due(), days=30, claim_kind="goods", debt_kind="invoice"
            )

    def telecom_firm(self, index: int) -> Iterator[Row]:
        """Lines of a firm: 80 to 2,400 EUR a month; one of them a whole installation."""
        if index == 3:
            whole = self._invoice(5_000_000, due=date(2026, 2, 27), days=30, claim_kind="services")
            yield {**whole, "order_ref": "PO-7781"}
            return
        due = self._due()
        for month in range(self._rng.choice((1, 1, 2, 3))):
            yield self._invoice(self._cents(80, 2400), due=due + timedelta(days=14 * month), days=30)
        if index % 6 == 2:
            yield self._credit(self._cents(25, 90))

    def joinery(self, index: int) -> Iterator[Row]:
        """Goods and works between firms: 90 to 38,000 EUR, part-paid now and then, with credit notes."""
        low, top = (9_000, 38_000) if index % 9 == 0 else (900, 9_800) if index % 3 == 0 else (90, 1_400)
        due = self._due(last=date(2026, 3, 12))
        for number in range(self._rng.choice((1, 1, 1, 1, 2, 3))):
            one = self._invoice(
                self._cents(low, top), due=due + timedelta(days=9 * number), days=30,
                claim_kind=self._rng.choice(("goods", "works")), payment_method="transfer",
                paid_share=self._rng.choice((0, 0, 0, 0, 30, 50)),
            )  # fmt: skip
            yield {**one, "order_ref": f"BC-{self._rng.randrange(1000, 9999)}"}
        if index % 8 == 5:
            yield self._credit(self._cents(30, 80))

    def co_owner(self, index: int) -> Iterator[Row]:
        """Charges of a co-owned building, four times a year, entrusted to a collector: 80 to 2,600 EUR."""
        low, top = (900, 2_600) if index % 7 == 0 else (80, 620)
        for quarter in range(self._rng.choice((1, 1, 2))):
            due = date(2026, 1, 5) - timedelta(days=30 * quarter) + timedelta(days=self._rng.randrange(0, 12))
            yield self._invoice(
                self._cents(low, top), due=max(due, date(2025, 12, 1)), days=20, claim_kind="services",
                payment_method="transfer", paid_share=self._rng.choice((0, 0, 0, 0, 40)),
            )  # fmt: skip

    # ------------------------------------------------------------------------------ documents

    def _bills(self) -> Iterator[Row]:
        due = self._due()
        price = self._cents(15.99, 59.99)
        for month in range(self._rng.choice((1, 1, 1, 2, 2, 3))):
            day = due - timedelta(days=30 * month)
            yield self._invoice(price, due=max(day, date(2025, 12, 5)), days=15, debt_kind="subscription")
        if self._rng.random() < 0.05:
            yield self._credit(self._cents(3, 9))

    def _direct_debit(self, index: int) -> Row:
        """Collected by the bank: one still to come, or one that came back unpaid."""
        price = self._cents(19.99, 49.99)
        if index % 2:
            due = date(2026, 2, 20)
            bill = self._invoice(price, due=due, days=15, debt_kind="subscription", payment_method="direct_debit")
            collected_on = due + timedelta(days=self._rng.randrange(0, 12))
            return {**bill, "next_collection_on": collected_on.isoformat()}
        bill = self._invoice(
            price, due=date(2026, 2, 5), days=15, debt_kind="subscription", payment_method="direct_debit"
        )
        return {**bill, "document": "rejected_debit", "reference": self._reference("R", date(2026, 2, 9))}

    def _invoice(
        self,
        cents: int,
        *,
        due: date,
        days: int,
        claim_kind: str = "telecom",
        debt_kind: str = "invoice",
        payment_method: str = "",
        paid_share: int = 0,
    ) -> Row:
        # Nothing is issued after the day of the extract, so long terms begin before it.
        issued = min(due - timedelta(days=days), START - timedelta(days=1))
        return {
            "reference": self._reference("F", issued),
            "document": "invoice",
            "principal": _amount(cents),
            "open_amount": _amount(cents - cents * paid_share // 100),
            "currency": "EUR",
            "issued_on": issued.isoformat(),
            "due_on": due.isoformat(),
            "claim_kind": claim_kind,
            "debt_kind": debt_kind,
            "payment_method": payment_method or self._rng.choice(("card", "transfer", "cheque", "card")),
        }

    def _credit(self, cents: int) -> Row:
        issued = date(2026, 2, self._rng.randrange(2, 14))
        return {
            "reference": self._reference("A", issued),
            "document": "credit_note",
            "principal": _amount(-cents),
            "open_amount": _amount(-cents),
            "currency": "EUR",
            "issued_on": issued.isoformat(),
            "due_on": issued.isoformat(),
            "claim_kind": "telecom",
            "debt_kind": "invoice",
        }

    def _reference(self, letter: str, issued: date) -> str:
        self._numbers[letter] += 1
        return f"{letter}-{issued.year}-{self._numbers[letter]:04d}"

    def _cents(self, low: float, high: float) -> int:
        """Between two sums, small ones more often, as in any ledger."""
        share: float = self._rng.random() ** 1.8
        return int((low + (high - low) * share) * 100)

    def _due(self, *, last: date = date(2026, 3, 2)) -> date:
        """Mostly in 2026, near the start: a file of debts is young."""
        first = date(2025, 12, 5) if self._rng.random() < 0.12 else date(2026, 1, 4)
        return first + timedelta(days=self._rng.randrange((last - first).days + 1))


def _amount(cents: int) -> str:
    sign, rest = ("-", -cents) if cents < 0 else ("", cents)
    return f"{sign}{rest // 100},{rest % 100:02d}"


if __name__ == "__main__":
    write(sys.stdout)
