"""Debts as the ledger documents they are: invoices, credits, payments (semantics A1 to A5, A9, A10).

Owns the recorded facts of one document. What is open, held or demanded of it is `account.py`.
"""

from datetime import date, datetime
from enum import StrEnum

import msgspec

from orchestrator.domain.amount_line import AmountLine


class DocumentKind(StrEnum):
    """What a row of the ledger is. Credits carry negative amounts."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    PAYMENT = "payment"
    PAYMENT_ON_ACCOUNT = "payment_on_account"
    ADJUSTMENT = "adjustment"
    REJECTED_DEBIT = "rejected_debit"


CREDITS = frozenset({DocumentKind.CREDIT_NOTE, DocumentKind.PAYMENT, DocumentKind.PAYMENT_ON_ACCOUNT})


class ClaimKind(StrEnum):
    """What the claim is for: it sets the limitation's length, start and source (semantics A9)."""

    GOODS = "goods"
    SERVICES = "services"
    TELECOM = "telecom"
    TRANSPORT = "transport"
    RENT = "rent"
    ENERGY = "energy"
    WATER = "water"
    INSURANCE = "insurance"
    CREDIT = "credit"
    CHEQUE = "cheque"
    WORKS = "works"
    UNKNOWN = "unknown"


class PaymentMethod(StrEnum):
    """How the debt is meant to be paid."""

    TRANSFER = "transfer"
    DIRECT_DEBIT = "direct_debit"
    CARD = "card"
    CHEQUE = "cheque"
    CASH = "cash"
    UNKNOWN = "unknown"


class OpeningHistory(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was already said about a debt before it came to us (semantics A12)."""

    last_step: str = ""
    last_contact_on: date | None = None
    formal_notice_on: date | None = None
    formal_notice_reference: str = ""
    letter_reference: str = ""
    letter_on: date | None = None


class Debt(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One document of the account, as last recorded.

    Amounts are minor units, signed: credits are negative. `open_cents` is authoritative on `as_of`; payments
    received up to then are not subtracted again. Identity is `reference` within the creditor. Both are of the
    principal alone: `lines` are what else the ledger says is owed of it that day. `has_indemnity_clause`: the contract
    fixes a sum for late payment, which some laws let a creditor ask for.
    """

    reference: str
    kind: DocumentKind = DocumentKind.INVOICE
    principal_cents: int
    open_cents: int
    as_of: date
    issued_on: date | None = None
    due_on: date
    claim_kind: ClaimKind = ClaimKind.UNKNOWN
    debt_kind: str = "invoice"
    payment_method: PaymentMethod = PaymentMethod.UNKNOWN
    next_collection_on: date | None = None
    reject_code: str = ""
    order_ref: str = ""
    contract_ref: str = ""
    contracted_on: date | None = None
    matching_code: str = ""
    contract_rate: str = ""
    has_indemnity_clause: bool = False
    lines: tuple[AmountLine, ...] = ()
    history: OpeningHistory | None = None
    is_presumed_settled: bool = False
    recorded_by: str = ""
    recorded_at: datetime | None = None

    @property
    def is_credit(self) -> bool:
        """True when the document reduces what is owed."""
        return self.open_cents < 0 or self.kind in CREDITS


class Payment(msgspec.Struct, frozen=True, omit_defaults=True):
    """Money received: a grow-only fact, later perhaps `reversed_on`. `references` may be empty: unallocated."""

    id: str
    amount_cents: int
    received_on: date
    references: tuple[str, ...] = ()
    reversed_on: date | None = None
    reversal_code: str = ""
