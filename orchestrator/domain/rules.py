"""Contact rules as data: the shape of each kind of rule, and who may move its values.

How a kind judges is elsewhere: `gates.py` (holds, letter first, prescription), `timing.py` (hours, caps),
`reckoning.py` (amounts, interest). Which rules are in force is `policy.py`.
"""

from datetime import date, time
from enum import StrEnum

import msgspec

from orchestrator.domain.agreement import HoldKind
from orchestrator.domain.campaign import DocumentKind
from orchestrator.domain.contact import DebtorStatus
from orchestrator.domain.debt import ClaimKind


class Basis(StrEnum):
    """Where a rule comes from. Only house and industry values may be moved by a deployment, inside bounds."""

    STATUTE = "statute"
    REGULATOR = "regulator"
    PLATFORM = "platform"
    INDUSTRY = "industry"
    HOUSE = "house"


class Action(StrEnum):
    """What a rule does when it speaks; the strictest wins."""

    BLOCK = "block"
    DEFER = "defer"
    ASK = "ask"
    REMOVE_LINE = "remove_line"
    REQUIRE_TEXT = "require_text"
    WARN = "warn"


class ContactChannel(StrEnum):
    """Channels that rules speak of; `call` is recorded and counted, never sent (semantics D12)."""

    SMS = "sms"
    EMAIL = "email"
    LETTER = "letter"
    CALL = "call"


class Bound(msgspec.Struct, frozen=True, omit_defaults=True):
    """How far a deployment may move one value of a house or industry rule; both ends inclusive.

    `field` is the rule's field, in its own unit; `start` and `end` of hours are minutes after midnight;
    `caps` is the count of the cap over `per_hours`; `among` are the weekdays that `days` may hold.
    """

    field: str
    at_least: int | None = None
    at_most: int | None = None
    per_hours: int = 0
    among: tuple[int, ...] = ()


class _Rule(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", omit_defaults=True):
    """What every rule has. `statuses` are those who owe that it concerns, empty for all (semantics A6).

    `evidence` says how the source was checked (campaigns/policies/README.md), `changed_by` who moved a value.
    `titles` and `sources` are the title and the source in other languages, by language code.
    """

    id: str
    title: str
    basis: Basis
    source: str
    valid_from: date
    valid_to: date | None = None
    evidence: str = ""
    action: Action = Action.BLOCK
    statuses: tuple[DebtorStatus, ...] = ()
    bounds: tuple[Bound, ...] = ()
    changed_by: str = ""
    titles: dict[str, str] = {}
    sources: dict[str, str] = {}

    def title_in(self, language: str) -> str:
        """The title in that language, or the one that every rule has."""
        return self.titles.get(language, self.title)

    def source_in(self, language: str) -> str:
        """The source in that language, or as every rule has it."""
        return self.sources.get(language, self.source)

    def is_valid_on(self, day: date) -> bool:
        """Whether the rule is in force on a day (both ends inclusive)."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    def concerns(self, status: DebtorStatus | None) -> bool:
        """Whether the rule is for someone of this status; for None (not asked) it is."""
        return status is None or not self.statuses or status in self.statuses


class Cap(msgspec.Struct, frozen=True):
    """At most `count` contacts in any rolling `per_hours` hours."""

    count: int
    per_hours: int


class FrequencyRule(_Rule, frozen=True, tag="frequency"):
    """Rolling caps and a gap over every channel it names, counted per person (semantics A8, B6)."""

    channels: tuple[ContactChannel, ...]
    caps: tuple[Cap, ...] = ()
    gap_hours: int = 0


class SimilarTextRule(_Rule, frozen=True, tag="similar_text"):
    """The same template is not sent again within `days` to one case (FR-HAR-04)."""

    channels: tuple[ContactChannel, ...]
    days: int


class Window(msgspec.Struct, frozen=True):
    """A daily window in the debtor's local time: `start` <= t < `end`. May span midnight."""

    start: time
    end: time


class HoursRule(_Rule, frozen=True, tag="hours"):
    """When a channel may reach someone. `days` are 0 (Monday) to 6; `skips_holidays` are the debtor's own."""

    channels: tuple[ContactChannel, ...]
    days: tuple[int, ...]
    windows: tuple[Window, ...]
    skips_holidays: bool = True


class AmountsRule(_Rule, frozen=True, tag="amounts"):
    """Lines that may not be claimed, unless one of the facts is known (FR-FEE-01, 02, 04)."""

    forbid_lines: tuple[str, ...]
    unless: tuple[str, ...] = ()


class IndemnityRule(_Rule, frozen=True, tag="indemnity"):
    """A fixed indemnity per late invoice, once (FR-FEE-03); not during holds of `not_during` (FR-FEE-05)."""

    amount_cents: int
    currency: str
    legal_basis: str
    not_during: tuple[HoldKind, ...] = ()


class InterestRule(_Rule, frozen=True, tag="interest"):
    """How a late-payment line accrues.

    `line` is penalty or interest. The rate is the debt's contract rate where `contract_floor_multiple` times
    series `floor_series` allows it, else `series` plus `points` (percentage points), fixed per half-year
    when `half_yearly`. `starts` is `due` (the day after) or `formal_notice`.
    """

    line: str
    series: str
    points: str = "0"
    half_yearly: bool = True
    starts: str = "due"
    floor_series: str = ""
    contract_floor_multiple: int = 0
    legal_basis: str = ""
    not_during: tuple[HoldKind, ...] = ()


class PrescriptionRule(_Rule, frozen=True, tag="prescription"):
    """No demand once time-barred: `months` after the due date or the last interrupting event of `reset_by`.

    `claims` empty means every kind; the shortest candidate applies to an unknown one (semantics A9).
    """

    months: int
    claims: tuple[ClaimKind, ...] = ()
    reset_by: tuple[str, ...] = ()
    warn_days: tuple[int, ...] = (90, 30)


class HoldRule(_Rule, frozen=True, tag="hold"):
    """What a hold of this kind does by law or house rule: what it blocks, how long at most, who is asked."""

    holds: tuple[HoldKind, ...]
    blocks: str = "demands"
    default_days: int | None = None
    at_most_months: int | None = None
    task: str = ""
    stops_penalties: bool = False


class LetterFirstRule(_Rule, frozen=True, tag="letter_first"):
    """Other channels open `min_delay_days` after the letter of kind `document` was posted (FR-3P-04).

    With `marks`, only for a case that bears one of them.
    """

    document: DocumentKind
    channels: tuple[ContactChannel, ...]
    min_delay_days: int
    marks: tuple[str, ...] = ()


class CreditorFactsRule(_Rule, frozen=True, tag="creditor_facts"):
    """Facts about the collector that must be on file (FR-3P-01, 02). The sandbox only warns."""

    requires: tuple[str, ...]


class PermissionRule(_Rule, frozen=True, tag="permission"):
    """A channel that is closed when one of `when` is true of the person or the point.

    Known conditions: opted_out, landline, not_owned, not_given_by_debtor, complained, party_third_sms, no_consent
    (the debtor has no mark consent_<channel>), unnamed (addressed to "the occupier").
    """

    channels: tuple[ContactChannel, ...]
    when: tuple[str, ...]


class FormalNoticeRule(_Rule, frozen=True, tag="formal_notice"):
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


class DocumentRule(_Rule, frozen=True, tag="document"):
    """When documents of these kinds may go: what must have left before, from when on, how long they must give.

    Days are counted on the debtor's calendar: `min_days_after` since the last document of kind `needs` left,
    `days_from_due` and `days_from_issue` since every debt that is claimed was due, was issued (whichever of the two
    is later). `deadline_days` is the least that the document must give, `protected_days` to whoever bears one of the
    marks `protected`. `channels` are the only ones that may carry it, empty for any; never in the `closed_season`,
    nor during holds of `not_during`.
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


class DutyRule(_Rule, frozen=True, tag="duty"):
    """What somebody must do once a fact of these kinds is known: a task of that name, within `days` of the fact.

    Known facts: payment, part_payment, proposal (a promise, plan or deferral), a hold by its kind (insolvency), a
    mark by its name (data_request).
    """

    on: tuple[str, ...]
    task: str
    days: int
    by: str = "agent"


class FloorRule(_Rule, frozen=True, tag="floor"):
    """Below `balance_cents` the ladder stops after `last_level` demands (semantics B12)."""

    balance_cents: int
    currency: str
    last_level: int


class ProportionRule(_Rule, frozen=True, tag="proportion"):
    """Cost of contact at most a share of the balance; so many demands per debt for life (semantics B16)."""

    cost_per_cent: int
    demands_per_debt: int


class FreshnessRule(_Rule, frozen=True, tag="freshness"):
    """Business days a ledger may be old for a demand, and for a formal notice (semantics A3)."""

    business_days: int
    formal_notice_business_days: int


class MentionsRule(_Rule, frozen=True, tag="mentions"):
    """What a document of these kinds must say, checked on the rendered text; no kinds named means every kind.

    `mentions` are keys of text_rules.MENTIONS, `texts` of text_rules.TEXTS, to be reproduced word for word.
    """

    channels: tuple[ContactChannel, ...]
    mentions: tuple[str, ...]
    documents: tuple[DocumentKind, ...] = ()
    texts: tuple[str, ...] = ()


class ApprovalRule(_Rule, frozen=True, tag="approval"):
    """A person decides before this kind of act: a document kind or `hand_over` (EU-GDPR-22)."""

    acts: tuple[str, ...]
    by: str = "manager"


class PersonDecidesRule(_Rule, frozen=True, tag="person_decides"):
    """Marks or statuses that send the case to a person at once (FR-HOLD-07)."""

    marks: tuple[str, ...]


class TextRule(_Rule, frozen=True, tag="text"):
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
