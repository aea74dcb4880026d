"""What a debtor's own words were read to mean: intents, each with its evidence and how sure it is. Reads nothing."""

from datetime import date
from enum import StrEnum

import msgspec


class Intent(StrEnum):
    """What a reply may want or tell. One text may hold several."""

    STOP = "stop"
    ALREADY_PAID = "already_paid"
    PROMISE = "promise"
    CANNOT_PAY = "cannot_pay"
    WANTS_PLAN = "wants_plan"
    WANTS_TIME = "wants_time"
    DISPUTE = "dispute"
    WRONG_PERSON = "wrong_person"
    DECEASED = "deceased"
    WANTS_CALL = "wants_call"
    ASKS_INVOICE = "asks_invoice"
    THANKS = "thanks"
    ABUSE = "abuse"
    COMPLAINT = "complaint"
    DISTRESS = "distress"
    OUT_OF_OFFICE = "out_of_office"
    TICKET_ACKNOWLEDGEMENT = "ticket_acknowledgement"
    NOT_RECEIVED = "not_received"
    MISSING_ORDER_NUMBER = "missing_order_number"
    AWAITING_APPROVAL_OR_CREDIT_NOTE = "awaiting_approval_or_credit_note"
    WRITE_TO_SOMEONE_ELSE = "write_to_someone_else"
    OTHER = "other"


# At or above, a finding acts by itself; below, a person reads. A stop acts however unsure it is.
CERTAIN = 80


class Finding(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One intent: `confidence` 0 to 100, `evidence` the very words, and what they name.

    `on` is the date promised, asked for, or of return; `amount_cents` in the case's currency, None when none is said;
    `references` documents named, `address` an e-mail or number to write to instead, `is_partial` a part of the debt.
    `is_resume` is a STOP taken back (START). `is_danger` marks words about ending one's life.
    """

    intent: Intent
    confidence: int
    evidence: str
    on: date | None = None
    amount_cents: int | None = None
    references: tuple[str, ...] = ()
    address: str = ""
    is_partial: bool = False
    is_resume: bool = False
    is_danger: bool = False

    @property
    def is_certain(self) -> bool:
        """Whether it may act without a person."""
        return self.confidence >= CERTAIN


class Reading(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A whole text read: the gravest finding first, never none (OTHER says that nothing was understood).

    `words` are the person's own, without quotation and signature; `language` is `fr`, `en` or empty.
    """

    findings: tuple[Finding, ...]
    words: str = ""
    language: str = ""

    def find(self, intent: Intent) -> Finding | None:
        """The finding of an intent."""
        return next((found for found in self.findings if found.intent is intent), None)

    @property
    def intents(self) -> tuple[Intent, ...]:
        """The intents, the gravest first."""
        return tuple(found.intent for found in self.findings)

    @property
    def is_certain(self) -> bool:
        """Whether every finding may act without a person."""
        return all(found.is_certain for found in self.findings)
