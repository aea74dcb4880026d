"""What a piece of work is worth doing first: cents at stake x chance x urgency, each factor stated and explained. Pure.

A reply that waits with a risk, or that nobody has read, is no matter of amounts: it comes before them, by its risk.

House values, until a deployment's own results say better: they are in the tables below, and nowhere else.
"""

from datetime import date
from enum import StrEnum

import msgspec

from orchestrator.domain.reply_order import Risk


class Family(StrEnum):
    """Why somebody must act. CARE comes before any amount."""

    CARE = "care"
    LAW = "law"
    ANSWER = "answer"
    MONEY = "money"
    HOUSE = "house"


# Risk to a person: distress within the hour, a death, a person whom the law protects.
_CARE_KINDS = frozenset({"distress", "deceased", "person_decides"})
_LAW_KINDS = frozenset(
    {
        "claim_expires", "hold_too_long", "answer_data_request", "declare_claim", "pay_over", "send_receipt",
        "send_arrears_notice", "record_over_indebtedness", "notify_creditor", "ask_certificate", "letter_first",
        "pack_expired", "document",
    }
)  # fmt: skip
_ANSWER_KINDS = frozenset(
    {
        "read_reply", "reply_unread", "call_back", "plan_request", "send_invoice", "order_number", "answer_dispute",
        "dispute", "wrong_person", "new_contact", "verify_payment", "check_payment", "payment_unplaced", "follow_up",
        "credit_note",
    }
)  # fmt: skip
# A reply that nobody has understood yet: what it says, and how grave it is, is not known.
_UNREAD_KINDS = frozenset({"read_reply", "reply_unread"})
_MONEY_KINDS = frozenset(
    {
        "call", "approve", "confirm", "promise", "broken", "promise_broken", "payment_rejected", "lever",
        "returned_mail", "unreachable", "campaign_finished", "soften_formal",
    }
)  # fmt: skip

# What a line weighs at least, in cents: a law's deadline and somebody who waits are not forgotten for a small debt.
FLOOR_CENTS = {
    Family.CARE: 100_000, Family.LAW: 100_000, Family.ANSWER: 20_000, Family.MONEY: 1_000, Family.HOUSE: 1_000,
}  # fmt: skip

# (at most so many days since the oldest due date, chance in percent that a contact now brings the money in).
CHANCE_BY_AGE = ((0, 95), (30, 90), (60, 80), (90, 70), (180, 50), (365, 30))
OLDER = 15
BROKEN_PERCENT, MOST_BROKEN = 80, 3
ANSWERED_PERCENT = 115
LEAST, MOST = 5, 95

# Times ten: overdue for days, due today, tomorrow, within the week, later.
LATE, TODAY, TOMORROW, WEEK, LATER = 40, 30, 20, 15, 10
# What the law ends cannot be made good.
LAW_WEEK = 50
_DAYS_OF_WEEK = 7


class Chance(msgspec.Struct, frozen=True):
    """A chance in percent, and the measured facts that it comes of."""

    percent: int
    days: int | None
    broken: int
    answered: int


class Rank(msgspec.Struct, frozen=True, kw_only=True):
    """Where a line stands: those of care first, then replies at risk or unread and what the law ends within the week,
    then the others; of each the gravest reply first, then by `score`. The factors are kept, to be said in words.

    `score` is expected cents times urgency; `stake_cents` is what is weighed, `is_floor` when a floor was taken.
    `risk` is that of the reply that waits, `is_unread` when nobody knows it.
    """

    family: Family
    stake_cents: int
    is_floor: bool
    chance: Chance
    urgency: int
    days_left: int
    score: int
    risk: Risk = Risk.ORDINARY
    is_unread: bool = False

    @property
    def key(self) -> tuple[int, int, int, int]:
        """To sort by, the first first."""
        return (self._tier, self.risk, -self.score, self.days_left)

    @property
    def _tier(self) -> int:
        if self.family is Family.CARE:
            return 0
        return 1 if self.risk < Risk.ORDINARY or self.is_unread or self.urgency == LAW_WEEK else 2


def answers_reply(kind: str) -> bool:
    """Whether a task of a kind is what a reply asks for, so that its risk is the task's."""
    return kind in _ANSWER_KINDS or kind in _CARE_KINDS


def family_of(kind: str, care: str = "", risk: Risk = Risk.ORDINARY) -> Family:
    """Why somebody must act on a line of a kind; any line of a person at risk is CARE."""
    if care or kind in _CARE_KINDS or risk is Risk.DANGER:
        return Family.CARE
    for family, kinds in ((Family.LAW, _LAW_KINDS), (Family.ANSWER, _ANSWER_KINDS), (Family.MONEY, _MONEY_KINDS)):
        if kind in kinds:
            return family
    return Family.HOUSE


def chance_of(oldest_due_on: date | None, *, broken: int, answered: int, today: date) -> Chance:
    """How likely a contact brings money in: by the age of the oldest debt, less for each promise broken, more when
    somebody spoke with us in the last weeks."""
    days = None if oldest_due_on is None else (today - oldest_due_on).days
    percent = 100 if days is None else next((chance for most, chance in CHANCE_BY_AGE if days <= most), OLDER)
    if days is not None:
        for _ in range(min(broken, MOST_BROKEN)):
            percent = percent * BROKEN_PERCENT // 100
        if answered:
            percent = percent * ANSWERED_PERCENT // 100
        percent = min(max(percent, LEAST), MOST)
    return Chance(percent, days, broken, answered)


def urgency_of(family: Family, days_left: int) -> int:
    """The urgency times ten, by the days that are left; negative ones are late."""
    if family is Family.LAW and days_left <= _DAYS_OF_WEEK:
        return LAW_WEEK
    if days_left < 0:
        return LATE
    if days_left == 0:
        return TODAY
    if days_left == 1:
        return TOMORROW
    return WEEK if days_left <= _DAYS_OF_WEEK else LATER


def rank_of(
    family: Family, stake_cents: int, chance: Chance, *, due_on: date, today: date, kind: str = "",
    risk: Risk = Risk.ORDINARY,
) -> Rank:  # fmt: skip
    """The rank of a line that is due on a day; `risk` is that of the reply behind it."""
    days_left = (due_on - today).days
    weighed = max(stake_cents, FLOOR_CENTS[family])
    urgency = urgency_of(family, days_left)
    return Rank(
        family=family,
        stake_cents=weighed,
        is_floor=weighed != stake_cents,
        chance=chance,
        urgency=urgency,
        days_left=days_left,
        score=weighed * chance.percent * urgency // 1_000,
        risk=risk,
        is_unread=kind in _UNREAD_KINDS,
    )
