"""What a message says is owed: each debt with its parts, the credits, the statutory amounts, and one total.

Owns the figures of one message. The words and the table's looks are `rendering`.
"""

from datetime import date

import msgspec

from orchestrator.domain.debt import DocumentKind


class StatementLine(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One document. Amounts in minor units, credits negative; `open_cents` = principal - paid."""

    reference: str
    kind: DocumentKind
    issued_on: date | None = None
    due_on: date
    principal_cents: int
    paid_cents: int
    open_cents: int
    days_late: int = 0
    order_ref: str = ""
    contract_ref: str = ""
    contracted_on: date | None = None


class StatutoryLine(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Interest, penalty, indemnity, fee or damages, with its legal basis: computed, or brought by the ledger.

    `is_claimed`: it is in the total, else only named. `basis` is the code of a LegalBasis where one is known; its
    citation is empty for a contract or a court's award, which words name. `count` debts bear it.
    """

    kind: str
    amount_cents: int
    legal_basis: str
    is_claimed: bool
    basis: str = ""
    percent: str = ""
    from_on: date | None = None
    to_on: date | None = None
    count: int = 0


class AnnouncedCost(msgspec.Struct, frozen=True):
    """What a document says that the law adds once its days are over, by the code of its LegalBasis. Claims nothing."""

    basis: str
    amount_cents: int


class HeldLine(msgspec.Struct, frozen=True, omit_defaults=True):
    """A debt or a part of one that is not demanded now, and why (dispute, promise, direct_debit, …)."""

    reference: str
    amount_cents: int
    why: str
    until: date | None = None


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of one message.

    `total_cents` is what is demanded: `due` lines, minus credits, plus claimed statutory lines. `listed` are debts
    shown apart (not yet due, or not yet reminded); `held` are not demanded. `missing` names rates that are unknown.
    `announced` is what the pack's brackets make of what is asked, in the documents after which it may be claimed.
    """

    currency: str
    as_of: date
    due: tuple[StatementLine, ...]
    credits: tuple[StatementLine, ...] = ()
    statutory: tuple[StatutoryLine, ...] = ()
    listed: tuple[StatementLine, ...] = ()
    held: tuple[HeldLine, ...] = ()
    missing: tuple[str, ...] = ()
    announced: tuple[AnnouncedCost, ...] = ()
    total_cents: int

    @property
    def principal_cents(self) -> int:
        """What remains of the debts themselves, credits deducted."""
        return sum(line.open_cents for line in self.due) + sum(line.open_cents for line in self.credits)
