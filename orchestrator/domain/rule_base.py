"""What every contact rule has: where it comes from, whom it concerns, when it is valid, and who may move its values."""

from datetime import date
from enum import StrEnum

import msgspec

from orchestrator.domain.contact import DebtorStatus


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


class RuleBase(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", omit_defaults=True):
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
