"""What each payment settled: the parts of which debts, in the order that the pack gives (C. civ. 1342-10 and 1343-1).

Owns the order. Which lines may be demanded at all is `demandable_lines.py`: a payment never settles one that may not.
"""

from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any

import msgspec

from orchestrator.domain.amount_line import AmountLine
from orchestrator.domain.amount_rules import PRINCIPAL, PaymentOrderRule
from orchestrator.domain.case import Case
from orchestrator.domain.debt import Debt, Payment

# Without a rule of a pack: the kindest order, and the debts as they fell due.
_KIND_ORDER = (PRINCIPAL, "interest", "penalty", "indemnity", "fee", "damages")

Lines = dict[str, tuple[AmountLine, ...]]
"""The lines that may be demanded, by the reference of their debt."""


class Settled(msgspec.Struct, frozen=True):
    """What payments settled since each ledger figure, by reference, in minor units.

    `principal` is dated, `lines` are what is left of them; `unallocated` is what no debt explains.
    """

    principal: dict[str, list[tuple[date, int]]]
    lines: Lines
    unallocated: int

    def paid_cents(self, reference: str) -> int:
        """What was paid on the principal of a debt."""
        return sum(cents for _, cents in self.principal.get(reference, ()))

    def rest_of(self, debt: Debt) -> tuple[tuple[tuple[date, int], ...], tuple[AmountLine, ...], int]:
        """(payments of the principal, lines left, cents left in all) of a debt."""
        lines = self.lines.get(debt.reference, ())
        left = debt.open_cents - self.paid_cents(debt.reference) + sum(line.amount_cents for line in lines)
        return tuple(self.principal.get(debt.reference, ())), lines, left


_NOTHING = Settled({}, {}, 0)


def settle(case: Case, lines: Lines, order: PaymentOrderRule | None) -> Settled:
    """Every payment of a case, in turn.

    A payment up to a debt's `as_of` is already in its figures and is not subtracted again. What a payment leaves over
    once all debts that it names are settled is unallocated.
    """
    if not case.payments:
        return Settled({}, lines, 0) if lines else _NOTHING
    reversed_ids = {payment.id for payment in case.reversals}
    debts = {debt.reference: debt for debt in case.debts}
    ledger = _Ledger(case, lines, order)
    unallocated = 0
    last_as_of = max((debt.as_of for debt in case.debts), default=date.min)
    for payment in case.payments:
        if payment.id in reversed_ids:
            continue
        # A file may name a debt twice: it is settled once.
        named = [debts[reference] for reference in dict.fromkeys(payment.references) if reference in debts]
        later = [debt for debt in named if debt.as_of < payment.received_on]
        rest = ledger.take(payment, later)
        # What is left over is in a ledger figure already when one of its debts, or the whole ledger, is newer.
        is_in_ledger = len(later) < len(named) if named else payment.received_on <= last_as_of
        if not is_in_ledger:
            unallocated += rest
    return Settled(ledger.principal, ledger.lines, unallocated)


class _Ledger:
    """What is left of every part while payments come in."""

    def __init__(self, case: Case, lines: Lines, order: PaymentOrderRule | None) -> None:
        self.left = {debt.reference: max(debt.open_cents, 0) for debt in case.debts if not debt.is_credit}
        self.lines = dict(lines)
        self.principal: dict[str, list[tuple[date, int]]] = {}
        self._parts = order.parts if order else _KIND_ORDER
        self._order = order

    def take(self, payment: Payment, debts: list[Debt]) -> int:
        """Settles these debts with a payment, and answers with what is left of it."""
        rest = payment.amount_cents
        for equals in self._ranked(payment, debts):
            open_cents = [self._open(debt.reference) for debt in equals]
            for debt, share in zip(equals, shares(min(rest, sum(open_cents)), open_cents), strict=True):
                self._pay(debt.reference, share, payment.received_on)
                rest -= share
        return rest

    def _ranked(self, payment: Payment, debts: list[Debt]) -> list[list[Debt]]:
        """The debts in order, those that are equal together."""
        if self._order is None:
            return [[debt] for debt in sorted(debts, key=lambda debt: (debt.due_on, debt.reference))]
        criteria = self._order.debts

        def rank(debt: Debt) -> tuple[Any, ...]:
            told = {
                "due": debt.due_on >= payment.received_on,
                "costliest": -Decimal(debt.contract_rate or 0),
                "oldest": debt.due_on,
            }
            return tuple(told[criterion] for criterion in criteria)

        ranked = sorted(debts, key=lambda debt: (rank(debt), debt.reference))
        return [list(equals) for _, equals in groupby(ranked, key=rank)]

    def _open(self, reference: str) -> int:
        return self.left.get(reference, 0) + sum(line.amount_cents for line in self.lines.get(reference, ()))

    def _pay(self, reference: str, cents: int, day: date) -> None:
        for part in self._parts:
            if part == PRINCIPAL:
                taken = min(cents, self.left.get(reference, 0))
                if taken:
                    self.left[reference] -= taken
                    self.principal.setdefault(reference, []).append((day, taken))
            else:
                taken = self._pay_lines(reference, part, cents)
            cents -= taken

    def _pay_lines(self, reference: str, kind: str, cents: int) -> int:
        kept, taken = [], 0
        for line in self.lines.get(reference, ()):
            part = min(cents - taken, line.amount_cents) if line.kind == kind else 0
            taken += part
            if part < line.amount_cents:
                kept.append(msgspec.structs.replace(line, amount_cents=line.amount_cents - part))
        if taken:
            self.lines[reference] = tuple(kept)
        return taken


def shares(cents: int, weights: list[int]) -> list[int]:
    """`cents` in proportion to weights, to the cent; the first ones bear what does not divide. At most the weights."""
    total = sum(weights)
    if total <= 0:
        return [0] * len(weights)
    found = [cents * weight // total for weight in weights]
    for index, weight in enumerate(weights):
        short = cents - sum(found)
        if short and found[index] < weight:
            found[index] += 1
    return found
