"""Holds and agreements: what stops demands, from when, until when, and over what (semantics C1)."""

from datetime import date, datetime
from enum import StrEnum

import msgspec


class HoldKind(StrEnum):
    """Why demands stop."""

    DISPUTE = "dispute"
    PROMISE = "promise"
    PLAN = "plan"
    DEFERRAL = "deferral"
    ALREADY_PAID = "already_paid"
    DIRECT_DEBIT = "direct_debit"
    OVER_INDEBTEDNESS_CLAIMED = "over_indebtedness_claimed"
    OVER_INDEBTEDNESS = "over_indebtedness"
    INSOLVENCY = "insolvency"
    GRACE_PERIOD = "grace_period"
    BREATHING_SPACE = "breathing_space"
    MENTAL_HEALTH_CRISIS = "mental_health_crisis"
    REPRESENTED = "represented"
    CEASE_REQUEST = "cease_request"
    AID_APPLICATION = "aid_application"
    DEATH = "death"
    MINOR = "minor"
    GUARDIANSHIP = "guardianship"
    SELF_HARM = "self_harm"
    HARDSHIP = "hardship"
    VULNERABLE = "vulnerable"
    UNREAD_REPLY = "unread_reply"
    ANSWER_GIVEN = "answer_given"
    AWAY = "away"
    VETO = "veto"
    PRESUMED_SETTLED = "presumed_settled"
    STALE_LEDGER = "stale_ledger"


# What concerns the person stops every case of theirs, not only one account.
HOLDS_OF_PERSON = frozenset(
    {
        HoldKind.DEATH, HoldKind.INSOLVENCY, HoldKind.OVER_INDEBTEDNESS, HoldKind.OVER_INDEBTEDNESS_CLAIMED,
        HoldKind.BREATHING_SPACE, HoldKind.MENTAL_HEALTH_CRISIS, HoldKind.REPRESENTED, HoldKind.CEASE_REQUEST,
        HoldKind.MINOR, HoldKind.GUARDIANSHIP, HoldKind.SELF_HARM, HoldKind.HARDSHIP, HoldKind.VULNERABLE,
    }
)  # fmt: skip

# An unread reply holds its case under this and the id of the event; answering the task about it ends the hold.
UNREAD = "unread:"
# A hold without an end is reviewed again and again; each review after the first has this and its number after the id.
_REVIEW = ":review-"


class HoldScope(StrEnum):
    """How far a hold reaches."""

    PERSON = "person"
    CASE = "case"
    DEBTS = "debts"


class Blocks(StrEnum):
    """What a hold stops: demands only, or every message."""

    DEMANDS = "demands"
    ALL = "all"


class Hold(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A hold. `until` is inclusive in the debtor's zone, `grace_days` come after it; None waits for a person.

    With `scope=debts`, `references` names them; `amount_cents` limits a dispute to a part of a single debt.
    A hold without an end carries `review_on`, the due date of its task, which escalates and never releases it.
    `paper` is what says so (the number of a decision or judgment), `source` who recorded it.
    `reason` is a code such as `price` or `not_delivered`, `owner` who must answer it (R41).
    """

    id: str
    kind: HoldKind
    since: datetime
    scope: HoldScope = HoldScope.CASE
    references: tuple[str, ...] = ()
    amount_cents: int | None = None
    until: date | None = None
    grace_days: int = 0
    blocks: Blocks = Blocks.DEMANDS
    source: str = ""
    paper: str = ""
    review_on: date | None = None
    reason: str = ""
    owner: str = ""
    lifted_at: datetime | None = None


def review_subject(hold_id: str, number: int) -> str:
    """What the task of a hold's review is about: the hold itself, then each later review under a name of its own."""
    return hold_id if number == 1 else f"{hold_id}{_REVIEW}{number}"


def is_about_hold(subject: str, hold_id: str) -> bool:
    """Whether the task of this subject asks about a hold, at first or in a later review."""
    return subject == hold_id or subject.startswith(f"{hold_id}{_REVIEW}")


class PromiseState(StrEnum):
    """What became of a promise."""

    OPEN = "open"
    KEPT = "kept"
    BROKEN = "broken"
    CANCELLED = "cancelled"


class Promise(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A promise to pay `amount_cents` by `due_on` (inclusive), with `grace_days` after it (R14).

    `paid_before` are payments of that day or later that were known when it was made, and keep it in no part.
    `owed` is what was open of each of its debts then, as (reference, cents); a promise of before has none.
    """

    id: str
    amount_cents: int
    due_on: date
    grace_days: int
    made_at: datetime
    references: tuple[str, ...] = ()
    paid_before: tuple[str, ...] = ()
    owed: tuple[tuple[str, int], ...] = ()
    state: PromiseState = PromiseState.OPEN
