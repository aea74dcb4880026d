"""Contact rules as data: the shape of each kind of rule, and who may move its values.

How a kind judges is elsewhere: `gates.py` (holds, letter first, prescription), `timing.py` (hours, caps),
`reckoning.py` (amounts, interest; their rules are in `amount_rules.py`). Which rules are in force is `policy.py`.
"""

from datetime import date, time

import msgspec

from orchestrator.domain.agreement import HoldKind
from orchestrator.domain.amount_rules import AmountsRule, IndemnityRule, InterestRule, PaymentOrderRule, ScheduleRule
from orchestrator.domain.campaign import DocumentKind, Use
from orchestrator.domain.debt import ClaimKind
from orchestrator.domain.rule_base import Action, Basis, Bound, ContactChannel, RuleBase

# What is written elsewhere and read with the rules.
__all__ = [
    "Action",
    "AmountsRule",
    "Basis",
    "Bound",
    "ContactChannel",
    "IndemnityRule",
    "InterestRule",
    "PaymentOrderRule",
    "ScheduleRule",
]


class Cap(msgspec.Struct, frozen=True):
    """At most `count` contacts in any rolling `per_hours` hours."""

    count: int
    per_hours: int


class FrequencyRule(RuleBase, frozen=True, tag="frequency"):
    """Rolling caps and a gap over every channel it names, counted per person (semantics A8, B6).

    With `conversations_only`, calls that nobody answered do not count (US-02).
    """

    channels: tuple[ContactChannel, ...]
    caps: tuple[Cap, ...] = ()
    gap_hours: int = 0
    conversations_only: bool = False


class SimilarTextRule(RuleBase, frozen=True, tag="similar_text"):
    """The same template is not sent again within `days` to one case (FR-HAR-04)."""

    channels: tuple[ContactChannel, ...]
    days: int


class Window(msgspec.Struct, frozen=True):
    """A daily window in the debtor's local time: `start` <= t < `end`. May span midnight."""

    start: time
    end: time


class HoursRule(RuleBase, frozen=True, tag="hours"):
    """When a channel may reach someone. `days` are 0 (Monday) to 6; `skips_holidays` are the debtor's own."""

    channels: tuple[ContactChannel, ...]
    days: tuple[int, ...]
    windows: tuple[Window, ...]
    skips_holidays: bool = True


class PrescriptionRule(RuleBase, frozen=True, tag="prescription"):
    """No demand once time-barred: `months` after the due date or the last interrupting event of `reset_by`.

    `claims` empty means every kind; the shortest candidate applies to an unknown one (semantics A9).
    """

    months: int
    claims: tuple[ClaimKind, ...] = ()
    reset_by: tuple[str, ...] = ()
    warn_days: tuple[int, ...] = (90, 30)


class HoldRule(RuleBase, frozen=True, tag="hold"):
    """What a hold of this kind does by law or house rule: what it blocks, how long at most, who is asked."""

    holds: tuple[HoldKind, ...]
    blocks: str = "demands"
    default_days: int | None = None
    at_most_months: int | None = None
    task: str = ""
    stops_penalties: bool = False


class LetterFirstRule(RuleBase, frozen=True, tag="letter_first"):
    """Other channels open `min_delay_days` after the letter of kind `document` was posted (FR-3P-04).

    With `marks`, only for a case that bears one of them.
    """

    document: DocumentKind
    channels: tuple[ContactChannel, ...]
    min_delay_days: int
    marks: tuple[str, ...] = ()


class CreditorFactsRule(RuleBase, frozen=True, tag="creditor_facts"):
    """Facts about the collector that must be on file (FR-3P-01, 02). The sandbox only warns."""

    requires: tuple[str, ...]


class PermissionRule(RuleBase, frozen=True, tag="permission"):
    """A channel that is closed when one of `when` is true of the person or the point.

    Known conditions: opted_out, landline, not_owned, not_given_by_debtor, complained, party_third_sms, no_consent
    (the debtor has no mark consent_<channel>), unnamed (addressed to "the occupier").
    """

    channels: tuple[ContactChannel, ...]
    when: tuple[str, ...]


class FormalNoticeRule(RuleBase, frozen=True, tag="formal_notice"):
    """A formal notice: its deadline within bounds, and each of its debts reminded before (semantics A4)."""

    deadline_days_from: int
    deadline_days_to: int
    needs_prior_reminder: bool = True


class Season(msgspec.Struct, frozen=True):
    """Days of every year, both inclusive, as (month, day); may span the new year."""

    first: tuple[int, int]
    last: tuple[int, int]

    def has(self, day: date) -> bool:
        """Whether a day lies in it."""
        at = (day.month, day.day)
        if self.first <= self.last:
            return self.first <= at <= self.last
        return at >= self.first or at <= self.last


class DocumentRule(RuleBase, frozen=True, tag="document"):
    """When documents of these kinds may go: what must have left before, from when on, how long they must give.

    Days are counted on the debtor's calendar: `min_days_after` since the last document of kind `needs` left,
    `days_from_due` and `days_from_issue` since every debt that is claimed was due, was issued (whichever of the two
    is later). `deadline_days` is the least that the document must give, `protected_days` to whoever bears one of the
    marks `protected`. `channels` are the only ones that may carry it, empty for any; never in the `closed_season`
    (neither on the day it leaves nor on the last day it gives), nor during holds of `not_during`, nor to whoever bears
    one of the marks `not_marked`, nor at all where it `is_forbidden`. `best` is how it is best proved: by another
    channel it leaves, with a note.
    """

    documents: tuple[DocumentKind, ...]
    needs: DocumentKind | None = None
    min_days_after: int = 0
    days_from_due: int | None = None
    days_from_issue: int | None = None
    deadline_days: int = 0
    protected_days: int = 0
    protected: tuple[str, ...] = ()
    channels: tuple[ContactChannel, ...] = ()
    closed_season: Season | None = None
    not_during: tuple[HoldKind, ...] = ()
    not_marked: tuple[str, ...] = ()
    is_forbidden: bool = False
    best: Use | None = None


class DutyRule(RuleBase, frozen=True, tag="duty"):
    """What somebody must do once a fact of these kinds is known: a task of that name, within `days` of the fact.

    Known facts: payment, part_payment, proposal (a promise, plan or deferral), missed_payments (two debts overdue), a
    hold by its kind (insolvency), a mark by its name (data_request). Once a document of kind `done_by` has left after
    the fact, nobody is asked any more.
    """

    on: tuple[str, ...]
    task: str
    days: int
    by: str = "agent"
    done_by: DocumentKind | None = None


class FloorRule(RuleBase, frozen=True, tag="floor"):
    """Below `balance_cents` the ladder stops after `last_level` demands (semantics B12)."""

    balance_cents: int
    currency: str
    last_level: int


class ProportionRule(RuleBase, frozen=True, tag="proportion"):
    """Cost of contact at most a share of the balance; so many demands per debt for life (semantics B16)."""

    cost_per_cent: int
    demands_per_debt: int


class FreshnessRule(RuleBase, frozen=True, tag="freshness"):
    """Business days a ledger may be old for a demand, and for a formal notice (semantics A3)."""

    business_days: int
    formal_notice_business_days: int


class MentionsRule(RuleBase, frozen=True, tag="mentions"):
    """What a document of these kinds must say, checked on the rendered text; no kinds named means every kind.

    `mentions` are keys of text_rules.MENTIONS, `texts` of text_rules.TEXTS, to be reproduced word for word.
    """

    channels: tuple[ContactChannel, ...]
    mentions: tuple[str, ...]
    documents: tuple[DocumentKind, ...] = ()
    texts: tuple[str, ...] = ()


class ApprovalRule(RuleBase, frozen=True, tag="approval"):
    """A person decides before this kind of act: a document kind or `hand_over` (EU-GDPR-22)."""

    acts: tuple[str, ...]
    by: str = "manager"


class PersonDecidesRule(RuleBase, frozen=True, tag="person_decides"):
    """Marks or statuses that send the case to a person at once (FR-HOLD-07)."""

    marks: tuple[str, ...]


class TextRule(RuleBase, frozen=True, tag="text"):
    """Something about the rendered text that the lint enforces; `check` is a key of text_rules.CHECKS."""

    channels: tuple[ContactChannel, ...]
    check: str
    values: tuple[str, ...] = ()


Rule = (
    FrequencyRule
    | SimilarTextRule
    | HoursRule
    | AmountsRule
    | IndemnityRule
    | InterestRule
    | ScheduleRule
    | PaymentOrderRule
    | PrescriptionRule
    | HoldRule
    | LetterFirstRule
    | CreditorFactsRule
    | PermissionRule
    | FormalNoticeRule
    | DocumentRule
    | DutyRule
    | FloorRule
    | ProportionRule
    | FreshnessRule
    | MentionsRule
    | ApprovalRule
    | PersonDecidesRule
    | TextRule
)
