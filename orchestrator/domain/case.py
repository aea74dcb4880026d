"""A case: what is known of one debtor's account with one creditor. The shape of the state, nothing more.

How a fact changes it is `apply.py`; what follows from it (balances, holds in force) is `situation.py`.
"""

from datetime import date, datetime
from enum import StrEnum

import msgspec

from channels.contract import Channel, DeliveryStatus
from orchestrator.domain.agreement import Hold, Promise
from orchestrator.domain.campaign import DocumentKind, Purpose, Use
from orchestrator.domain.contact import Debtor
from orchestrator.domain.debt import Debt, Payment
from orchestrator.domain.own_points import OwnPoint
from orchestrator.domain.voice import Voice

# The message did not reach anybody.
FAILED_STATUSES = {
    DeliveryStatus.UNDELIVERED,
    DeliveryStatus.FAILED,
    DeliveryStatus.BOUNCED,
    DeliveryStatus.RETURNED,
    DeliveryStatus.UNKNOWN_ADDRESS,
    DeliveryStatus.LOST,
}


class CaseState(StrEnum):
    """Where a case stands."""

    OPEN = "open"
    CLOSED = "closed"
    HANDED_OVER = "handed_over"


# The cause of a task that the law asks for begins so, with the rule after it; so does that of a warning to a manager.
DUTY, WARNING = "duty:", "warning:"

# The event that a person's own words are, among those that ask for a reaction.
WRITTEN = "answer.written"


class _Part(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Base of the parts of a case: compact in JSON."""


class Departure(_Part, frozen=True):
    """A message that left (or was only observed), with what it said about which debts."""

    message_id: str
    step: str
    cycle: int
    ordinal: int
    channel: Channel
    use: Use
    voice: Voice
    template: str
    kind: DocumentKind
    purpose: Purpose
    at: datetime
    references: tuple[str, ...] = ()
    cause: str = ""
    point: str = ""
    amount_cents: int = 0
    cost_cents: int = 0
    is_observed: bool = False
    attempt_id: str = ""
    is_in_doubt: bool = False


class Receipt(_Part, frozen=True):
    """One delivery fact about a message."""

    message_id: str
    channel: Channel
    status: DeliveryStatus


class Cycle(_Part, frozen=True):
    """One run through a campaign: its pin, where it began and the debts that anchor it (semantics A5, B13)."""

    number: int
    campaign: str
    release: str
    policy: str
    entered_at: datetime
    step_index: int
    anchors: tuple[str, ...]
    anchor_due_on: date
    is_late: bool = False
    is_observed: bool = False
    last_left_at: datetime | None = None
    last_voice: Voice | None = None


class PassedStep(_Part, frozen=True):
    """A step the ladder went past in a cycle."""

    cycle: int
    step: str
    why: str
    at: datetime


class InHand(_Part, frozen=True):
    """A message decided and not yet gone."""

    message_id: str
    step: str
    cycle: int
    ordinal: int
    channel: Channel
    planned_at: datetime
    cause: str = ""


class Pending(_Part, frozen=True):
    """An event that still asks for a reaction; `done` are the parts carried out (task, send)."""

    cause: str
    event: str
    at: datetime
    subject: str = ""
    done: tuple[str, ...] = ()


class OwnWords(_Part, frozen=True):
    """What a person wrote to the debtor and that has not left yet; `id` is that of its event."""

    id: str
    channel: Channel
    words: str
    reply_id: str = ""


class OpenTask(_Part, frozen=True):
    """A question to a person that has no answer yet."""

    id: str
    kind: str
    subject: str
    role: str
    due_at: datetime
    step: str = ""
    cause: str = ""

    @property
    def outlives_case(self) -> bool:
        """Whether it stays to be done when the case is closed: a duty of the law."""
        return self.cause.startswith(DUTY)


class ClosedTask(_Part, frozen=True):
    """A question that was answered: it is not asked again for the same subject."""

    id: str
    kind: str = ""
    subject: str = ""
    outcome: str = ""
    closed_at: datetime | None = None


class Switch(_Part, frozen=True):
    """Something that can be on or off, decided by the latest fact: a mark, an opt-out, a point's fault."""

    key: str
    is_on: bool
    at: datetime
    value: str = ""


class Interruption(_Part, frozen=True):
    """What restarts the limitation of a debt."""

    reference: str
    how: str
    on: date


class Approved(_Part, frozen=True):
    """A person's answer to an approval, bound to an amount: another amount is another question."""

    step: str
    cycle: int
    is_given: bool
    amount_cents: int = 0


class Case(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One debtor's account with one creditor, in one currency and for one payee.

    Tuples are kept sorted by their key, so that equal facts give equal cases. Amounts are minor units.
    `reacted` are the causes whose reaction is over, `ended_for` the debts that a closed or handed-over case ended for.
    `debtor` is what the creditor's file says (`file_debtor`, kept apart only then) with `own_points` that people added.
    `doubts` are settled ones by attempt id: on when it had left, off when it is proved absent.
    `answers` are people's own words that wait to leave; the journal keeps them.
    `last_decision` is the digest of the last decision in the journal: an unchanged wait is not written again.
    """

    id: str
    creditor: str
    debtor: Debtor
    currency: str = "EUR"
    payee: str = ""
    state: CaseState = CaseState.OPEN
    outcome: str = ""
    debtor_at: datetime | None = None
    debts: tuple[Debt, ...] = ()
    payments: tuple[Payment, ...] = ()
    reversals: tuple[Payment, ...] = ()
    interruptions: tuple[Interruption, ...] = ()
    points: tuple[Switch, ...] = ()
    own_points: tuple[OwnPoint, ...] = ()
    file_debtor: Debtor | None = None
    opt_outs: tuple[Switch, ...] = ()
    marks: tuple[Switch, ...] = ()
    holds: tuple[Hold, ...] = ()
    lifted: tuple[Switch, ...] = ()
    promises: tuple[Promise, ...] = ()
    promise_ends: tuple[Switch, ...] = ()
    cycle: Cycle | None = None
    departures: tuple[Departure, ...] = ()
    receipts: tuple[Receipt, ...] = ()
    passed: tuple[PassedStep, ...] = ()
    doubts: tuple[Switch, ...] = ()
    blocked: tuple[Switch, ...] = ()
    in_hand: InHand | None = None
    pending: tuple[Pending, ...] = ()
    reacted: tuple[str, ...] = ()
    answers: tuple[OwnWords, ...] = ()
    approvals: tuple[Approved, ...] = ()
    tasks: tuple[OpenTask, ...] = ()
    closed_tasks: tuple[ClosedTask, ...] = ()
    ended_for: tuple[str, ...] = ()
    last_decision: str = ""

    @property
    def campaign(self) -> str:
        """The campaign it follows, empty before it entered one."""
        return self.cycle.campaign if self.cycle else ""

    @property
    def release(self) -> str:
        """The pinned release of that campaign."""
        return self.cycle.release if self.cycle else ""

    @property
    def cycle_number(self) -> int:
        """0 before the first campaign."""
        return self.cycle.number if self.cycle else 0

    def answer(self, cause: str) -> OwnWords | None:
        """The words of that event, while they wait to leave."""
        return next((answer for answer in self.answers if answer.id == cause), None)

    def has_mark(self, mark: str) -> bool:
        """Whether a mark is on."""
        return any(switch.key == mark and switch.is_on for switch in self.marks)

    def task(self, kind: str, subject: str) -> OpenTask | None:
        """The open task of a kind about a subject."""
        for task in self.tasks:
            if task.kind == kind and task.subject == subject:
                return task
        return None

    def closed_task(self, kind: str, subject: str) -> ClosedTask | None:
        """The answered task of a kind about a subject."""
        for task in self.closed_tasks:
            if task.kind == kind and task.subject == subject:
                return task
        return None
