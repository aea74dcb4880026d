"""What each payment moved: by how much it lowered the balance of a case, as `account.py` reckons it.

No second reckoning: the account without a payment less the account with it.
"""

from collections.abc import Iterator
from datetime import date

import msgspec

from orchestrator.domain.account import account_of
from orchestrator.domain.case import Case
from orchestrator.domain.debt import Debt, Payment
from orchestrator.domain.demandable_lines import Claims


def moved_by_payments(case: Case, claims: Claims, today: date) -> Iterator[tuple[Payment, int]]:
    """By how much each payment lowered the balance: the account without it less the account with it, in turn.

    Only payments that share a document, directly or by others, bear on one another; each such group is reckoned alone.
    """
    moved: dict[str, int] = {}
    for group in _groups(case):
        before = _balance(group, 0, claims, today)
        for number, payment in enumerate(group.payments, 1):
            after = _balance(group, number, claims, today)
            moved[payment.id] = before - after
            before = after
    for payment in case.payments:
        yield payment, moved[payment.id]


def _groups(case: Case) -> Iterator[Case]:
    """The case in parts that no payment joins; one of no known document stands with the newest ledger figure."""
    debts = {debt.reference: debt for debt in case.debts}
    newest = max(case.debts, key=lambda debt: debt.as_of, default=None)
    root: dict[str, str] = {}

    def top(reference: str) -> str:
        while root.setdefault(reference, reference) != reference:
            root[reference] = root[root[reference]]
            reference = root[reference]
        return reference

    named = {payment.id: [r for r in payment.references if r in debts] for payment in case.payments}
    for references in named.values():
        for reference in references[1:]:
            root[top(reference)] = top(references[0])
    together: dict[str, list[Payment]] = {}
    for payment in case.payments:
        if named[payment.id]:
            together.setdefault(top(named[payment.id][0]), []).append(payment)
        else:
            alone = () if newest is None else (newest,)
            yield msgspec.structs.replace(case, debts=alone, payments=(payment,))
    members: dict[str, list[Debt]] = {}
    for reference in root:
        members.setdefault(top(reference), []).append(debts[reference])
    for first, payments in together.items():
        group = sorted(members[first], key=lambda debt: debt.due_on)
        yield msgspec.structs.replace(case, debts=tuple(group), payments=tuple(payments))


def _balance(case: Case, payments: int, claims: Claims, today: date) -> int:
    return account_of(msgspec.structs.replace(case, payments=case.payments[:payments]), (), today, claims).balance_cents
