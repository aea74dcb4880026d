"""What each kind of contact rule may say in a pack file: one model per kind, its fields the domain's.

Owns the words of rules about contacts and texts; those about sums and claims are `policy_claim_terms`. The head
that all rules share is in `policy_kinds`, limits on changes are `policy_bounds`.
"""

from datetime import date, time
from typing import Annotated, Any, ClassVar, Self

import pydantic

from orchestrator.domain.agreement import Blocks, HoldKind
from orchestrator.domain.campaign import DocumentKind, Use
from orchestrator.domain.rules import Cap, ContactChannel, Season, Window
from orchestrator.domain.text_rules import CHECKS, MENTIONS, TEXTS
from orchestrator.intake.strict_yaml.field_types import (
    Clock,
    Days,
    FileModel,
    Hours,
    Positive,
    Several,
    Text,
    Word,
    Written,
    YesNo,
    one_of,
)
from orchestrator.intake.strict_yaml.wording import refusal

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
CREDITOR_FACTS = ("collector", "insurance", "account", "declaration", "mandate")
PERMISSIONS = (
    "opted_out", "landline", "not_owned", "not_given_by_debtor", "complained", "party_third_sms", "no_consent",
    "unnamed",
)  # fmt: skip
DUTIES = ("payment", "part_payment", "proposal", "missed_payments", "data_request", *(each.value for each in HoldKind))
ACTS = (*(kind.value for kind in DocumentKind), "hand_over")


def _month_day(text: str) -> tuple[int, int]:
    month, _, day = text.partition("-")
    date(2024, int(month), int(day))  # a leap year: 29 February is a day
    return int(month), int(day)


MonthDay = Annotated[tuple[int, int], Written(_month_day, "a day of the year", '"11-01"')]
Channels = Several[ContactChannel]
Weekday = Annotated[int, Word({name: index for index, name in enumerate(WEEKDAYS)})]


class Terms(FileModel):
    """The values of one kind of rule. Field names are the domain rule's, aliases are the file's words."""

    own: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        if Terms in cls.__bases__:  # the kind itself, not a rule file or a change made from it
            cls.own = tuple(cls.model_fields)

    def values(self) -> dict[str, Any]:
        """The fields that the file gave, as the domain's."""
        return {name: self.__dict__[name] for name in self.own if name in self.model_fields_set}

    def lacks(self) -> str:
        """What a whole rule of this kind still needs, beyond the keys that must be there."""
        return ""


class CapTerms(FileModel):
    """`{count: 2, per: 7d}`. A channel that nobody may use is no cap: a rule of kind permission closes it."""

    count: Positive = pydantic.Field(description="how many contacts")
    per: Hours = pydantic.Field(description="in how long, on a rolling clock")


class FrequencyTerms(Terms):
    """Rolling caps and a gap, over every channel named."""

    channels: Channels
    caps: tuple[CapTerms, ...] = ()
    gap_hours: Hours = pydantic.Field(0, alias="gap")
    conversations_only: YesNo = pydantic.Field(False, description="calls that nobody answered do not count")

    def values(self) -> dict[str, Any]:
        found = super().values()
        if "caps" in found:
            found["caps"] = tuple(Cap(each.count, each.per) for each in self.caps)
        return found


class SimilarTextTerms(Terms):
    """Days before the same text again."""

    channels: Channels
    days: Days = pydantic.Field(alias="within")


class WindowTerms(FileModel):
    """`{from: "10:00", to: "13:00"}`."""

    start: Clock = pydantic.Field(alias="from")
    end: Clock = pydantic.Field(alias="to")


class HoursTerms(Terms):
    """Days and hours, as `from` and `to`, or several `windows`."""

    channels: Channels
    days: Several[Weekday]
    start: Clock | None = pydantic.Field(None, alias="from")
    end: Clock | None = pydantic.Field(None, alias="to")
    windows: tuple[WindowTerms, ...] = ()
    skips_holidays: Annotated[bool, Word({"debtor": True, "ignored": False})] = pydantic.Field(True, alias="holidays")

    @pydantic.model_validator(mode="after")
    def _has_one_form(self) -> Self:
        if fault := self._fault_of_form():
            raise refusal(fault)
        return self

    def _fault_of_form(self) -> str:
        named = {"start", "end", "windows"} & self.model_fields_set
        if named not in ({"start", "end"}, {"windows"}, set()):
            return "hours are written as `from` and `to` together, or as `windows`"
        if any(window.start == window.end for window in self._windows()):
            return "a window that ends when it starts is empty"
        return ""

    def _windows(self) -> tuple[Window, ...]:
        if isinstance(self.start, time) and isinstance(self.end, time):
            return (Window(self.start, self.end),)
        return tuple(Window(each.start, each.end) for each in self.windows or ())

    def lacks(self) -> str:
        missing = "" if self._windows() else "the hours are missing: `from` and `to`, or `windows`"
        return self._fault_of_form() or missing

    def values(self) -> dict[str, Any]:
        found = super().values()
        found.pop("start", None)
        found.pop("end", None)
        if windows := self._windows():
            found["windows"] = windows
        return found


class HoldTerms(Terms):
    """What a hold of these kinds blocks, how long, and the task it opens."""

    holds: Several[HoldKind]
    blocks: Annotated[str, one_of(*(each.value for each in Blocks))] = "demands"
    default_days: Days | None = pydantic.Field(None, alias="for")
    at_most_months: Positive | None = None
    task: Text = ""
    stops_penalties: YesNo = False


class LetterFirstTerms(Terms):
    """The letter that opens the other channels, and how long after it they open."""

    document: DocumentKind
    channels: Channels
    min_delay_days: Days = pydantic.Field(alias="min_delay")
    marks: Several[Text] = ()


class CreditorFactsTerms(Terms):
    """What must be on file about the collector."""

    requires: Several[Annotated[str, one_of(*CREDITOR_FACTS)]]


class PermissionTerms(Terms):
    """What closes a channel."""

    channels: Channels
    when: Several[Annotated[str, one_of(*PERMISSIONS)]]


class DeadlineTerms(FileModel):
    """`{from: 8d, to: 15d}`."""

    at_least: Days = pydantic.Field(alias="from")
    at_most: Days = pydantic.Field(alias="to")

    @pydantic.model_validator(mode="after")
    def _is_ordered(self) -> Self:
        if self.at_least > self.at_most:
            raise refusal('nothing lies between "from" and "to"', '"from" must be the smaller one')
        return self


class FormalNoticeTerms(Terms):
    """The deadline that a formal notice may give, and what must have come before it."""

    deadline: DeadlineTerms
    needs_prior_reminder: YesNo = True

    def values(self) -> dict[str, Any]:
        found = super().values()
        if isinstance(deadline := found.pop("deadline", None), DeadlineTerms):
            found |= {"deadline_days_from": deadline.at_least, "deadline_days_to": deadline.at_most}
        return found


class SeasonTerms(FileModel):
    """`{from: "11-01", to: "03-31"}`, every year."""

    first: MonthDay = pydantic.Field(alias="from")
    last: MonthDay = pydantic.Field(alias="to")


class DocumentTerms(Terms):
    """When a document may go, after what, and how long it must give."""

    documents: Several[DocumentKind]
    needs: DocumentKind | None = None
    min_days_after: Days = pydantic.Field(0, alias="after")
    days_from_due: Days | None = pydantic.Field(None, alias="from_due")
    days_from_issue: Days | None = pydantic.Field(None, alias="from_issue")
    deadline_days: Days = pydantic.Field(0, alias="deadline")
    protected_days: Days = pydantic.Field(0, alias="protected_deadline")
    protected: Several[Text] = ()
    channels: Several[ContactChannel] = ()
    closed_season: SeasonTerms | None = None
    not_during: Several[HoldKind] = ()
    not_marked: Several[Text] = ()
    is_forbidden: YesNo = pydantic.Field(False, alias="forbidden")
    best: Use | None = None

    def values(self) -> dict[str, Any]:
        found = super().values()
        if isinstance(season := found.get("closed_season"), SeasonTerms):
            found["closed_season"] = Season(season.first, season.last)
        return found


class DutyTerms(Terms):
    """What somebody must do, and within how long."""

    on: Several[Annotated[str, one_of(*DUTIES)]]
    task: Text
    days: Days = pydantic.Field(alias="within")
    by: Annotated[str, one_of("agent", "manager", "admin")] = "agent"
    done_by: DocumentKind | None = None


class MentionsTerms(Terms):
    """What a text must say."""

    documents: Several[DocumentKind] = ()
    channels: Channels
    mentions: Several[Annotated[str, one_of(*MENTIONS)]]
    texts: Several[Annotated[str, one_of(*TEXTS)]] = ()


class ApprovalTerms(Terms):
    """What a person approves, and who."""

    acts: Several[Annotated[str, one_of(*ACTS)]]
    by: Annotated[str, one_of("agent", "manager", "admin")] = "manager"


class PersonDecidesTerms(Terms):
    """The marks that hand a case to a person."""

    marks: Several[Text]


class TextTerms(Terms):
    """A check on the rendered text."""

    channels: Channels
    check: Annotated[str, one_of(*CHECKS)]
    values_: Several[Text] = pydantic.Field((), alias="values")

    def values(self) -> dict[str, Any]:
        found = super().values()
        if "values_" in found:
            found["values"] = found.pop("values_")
        return found
