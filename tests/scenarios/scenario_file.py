"""The shape of a scenario file: what is given, what somebody wishes to send, and what must become of it.

Owns the words that a lawyer writes; README.md explains them. What they mean in facts is `scenario_world.py`.
"""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Literal, Self

import msgspec
import pydantic

from orchestrator.domain.agreement import HoldKind
from orchestrator.domain.amount_line import LegalBasis, LineKind
from orchestrator.domain.campaign import Amounts, DocumentKind, Use
from orchestrator.domain.contact import DebtorStatus, Fault
from orchestrator.domain.debt import ClaimKind
from orchestrator.domain.money import Money
from orchestrator.domain.voice import Voice
from orchestrator.intake.strict_yaml.field_types import (
    Country,
    Day,
    Days,
    FileModel,
    Identifier,
    Language,
    Several,
    Sum,
    Text,
    Written,
    YesNo,
)
from orchestrator.intake.strict_yaml.source import read, validate
from orchestrator.intake.strict_yaml.wording import refusal

Moment = Annotated[
    datetime, Written(datetime.fromisoformat, "a day and hour where the debtor lives", "2026-03-13 18:59")
]
Outcome = Literal["allowed", "deferred", "forbidden", "asked", "held"]


class DebtorGiven(FileModel):
    """Who owes; left out, a consumer in Paris with a mobile number, an e-mail address and a postal one."""

    status: DebtorStatus = DebtorStatus.CONSUMER
    name: Text = "Jeanne Dupont"
    country: Country | Literal[""] = "FR"
    postcode: str = "75001"
    phone: str = "+33644631234"
    email: str = "jeanne.dupont@example.org"
    language: Language = "fr"
    owned: YesNo = True
    given_by_debtor: YesNo = True
    phone_fault: Fault | None = None


class CreditorGiven(FileModel):
    """For whom; `on_file` are the collector's papers."""

    party: Literal["own", "third_party"] = "own"
    sector: str = ""
    jurisdiction: Country = "FR"
    on_file: Several[Literal["insurance", "account", "declaration", "mandate"]] = (
        "insurance",
        "account",
        "declaration",
        "mandate",
    )


class LineGiven(FileModel):
    """A sum that the ledger brings beside the principal."""

    kind: LineKind
    amount: Sum
    basis: LegalBasis


class DebtGiven(FileModel):
    """One document of the account."""

    reference: Text = "F-1"
    owes: Sum = pydantic.Field(default_factory=lambda: Money(12000, "EUR"))
    due: Day = pydantic.Field(default_factory=lambda: date(2026, 3, 2))
    issued: Day | None = None
    claim: ClaimKind = ClaimKind.GOODS
    contract_rate: str = ""
    indemnity_clause: YesNo = pydantic.Field(default=False, description="the contract fixes a sum for late payment")
    lines: tuple[LineGiven, ...] = ()
    letter_on: Day | None = pydantic.Field(default=None, description="a first letter of before (CPCE R124-4)")


class Happened(FileModel):
    """One line of the past: exactly one thing on a day, or at an hour."""

    at: Moment
    sent: DocumentKind | None = pydantic.Field(default=None, description="a message of this kind left")
    by: Use = Use.EMAIL
    reported: Literal["", "delivered", "undelivered", "bounced", "complained", "returned"] = ""
    called: YesNo | None = None
    answered: YesNo = pydantic.Field(default=True, description="somebody spoke in the call")
    paid: Sum | None = None
    acknowledged: Text | None = pydantic.Field(default=None, description="the debtor acknowledged this debt in writing")
    hold: HoldKind | None = None
    amount: Sum | None = None
    until: Day | None = None
    lifted: YesNo = False
    mark: Text | None = None
    approved: Literal["agent", "manager", "admin"] | None = pydantic.Field(
        default=None, description="somebody of this role approved the wish, at `amount` or all that is overdue"
    )
    stops: Use | None = pydantic.Field(default=None, description="the debtor closed this channel")
    about: Several[Text] = pydantic.Field(default=(), description="the debts it is about; all of them if left out")

    @pydantic.model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        things: list[object] = [self.sent, self.called, self.paid, self.acknowledged, self.hold]
        things += [self.mark, self.approved, self.stops]
        if sum(thing is not None for thing in things) != 1:
            raise refusal("a line of the past says one thing", "sent, called, paid, hold, mark, …")
        return self


class Given(FileModel):
    """The facts before the wish."""

    debtor: DebtorGiven = DebtorGiven()
    creditor: CreditorGiven = CreditorGiven()
    debts: tuple[DebtGiven, ...] = pydantic.Field(default_factory=lambda: (DebtGiven(),))
    history: tuple[Happened, ...] = ()
    ledger_as_of: Day | None = pydantic.Field(default=None, description="left out, the ledger is of the day")
    sandbox: YesNo = False
    prices: dict[Use, Sum] = pydantic.Field(default={}, description="what one message costs")


class Wish(FileModel):
    """What somebody wishes to send; `call` a call, `say` a text of one's own, `hand_over` the end."""

    send: DocumentKind | None = None
    template: Identifier | None = pydantic.Field(default=None, description="left out, the one named like its kind")
    by: Use = Use.EMAIL
    voice: Voice = Voice.COURTEOUS
    deadline: Days = 0
    amounts: Amounts = Amounts.HIDE
    call: YesNo = False
    hand_over: YesNo = False
    worded: YesNo = pydantic.Field(default=False, description="look at the words of the shipped template, too")
    say: Text | None = pydantic.Field(default=None, description="words that are added to it")
    subject: Text | None = pydantic.Field(default=None, description="in place of the e-mail's own")
    sender: Text | None = pydantic.Field(default=None, description="in place of the creditor's SMS sender")
    address: Several[Text] = pydantic.Field(default=(), description="in place of the letter's address lines")
    without: Several[Text] = pydantic.Field(default=(), description="words that are cut out of it")
    answer: YesNo = pydantic.Field(default=False, description="an answer to what the debtor did, not a demand")

    @property
    def template_name(self) -> str:
        """The shipped template that words it."""
        assert self.send is not None
        return self.template or self.send.value.replace("_", "-")

    @property
    def is_read(self) -> bool:
        """Whether its words are looked at, too."""
        return self.worded or any((self.say, self.subject, self.sender, self.address, self.without))


class Try(FileModel):
    """The wish at an instant, and what must become of it. What differs from the scenario may be said again."""

    at: Moment
    expect: Outcome
    until: Moment | None = None
    because: Text | None = pydantic.Field(default=None, description="the rule; left out, the scenario's")
    not_because: Several[Text] = pydantic.Field(default=(), description="rules that do not speak against it here")
    task: Text | None = pydantic.Field(default=None, description="the task that somebody is asked to do")
    lines: dict[str, Sum] | None = pydantic.Field(
        default=None, description="amount lines of the statement, each exactly"
    )
    no_lines: Several[Text] = ()
    missing: Several[Text] = pydantic.Field(default=(), description="lines left out for want of a rate")
    total: Sum | None = None
    task_due: Moment | None = pydantic.Field(default=None, description="until when")
    no_task: Text | None = pydantic.Field(default=None, description="a task that nobody is asked to do")
    noted: YesNo | None = pydantic.Field(default=None, description="whether the rule left a note, and stopped nothing")
    with_: tuple[Happened, ...] = pydantic.Field(default=(), alias="with", description="more of the past, for this try")
    debtor: DebtorGiven | None = None
    wish: Wish | None = None

    @pydantic.model_validator(mode="after")
    def _says_until_when(self) -> Self:
        if (self.until is not None) != (self.expect == "deferred"):
            raise refusal("what is deferred says until when, and nothing else does", "write until:, or correct expect:")
        return self


class Scenario(FileModel):
    """One rule at work. `rule` is its id in the packs, `shows` other ids of the table that it keeps by its way.

    `idea` is the number of a case that the rules were first written down with.
    """

    rule: Text
    shows: Several[Text] = ()
    idea: Annotated[int, pydantic.Field(ge=1, le=20)] | None = None
    says: Text
    given: Given = pydantic.Field(default_factory=Given)
    wish: Wish = pydantic.Field(default_factory=lambda: Wish(send=DocumentKind.REMINDER))
    tries: tuple[Try, ...]


class ScenarioFile(FileModel):
    """One family of rules."""

    family: Identifier
    title: Text
    scenarios: tuple[Scenario, ...]


class Placed(msgspec.Struct, frozen=True):
    """A try with the scenario and the line that it comes from."""

    scenario: Scenario
    attempt: Try
    where: str


def placed_tries(path: Path) -> list[Placed]:
    """Every try of a file, in order, with its line. Raises FileErrors."""
    source = read(path)
    found = validate(ScenarioFile, source)
    return [
        Placed(scenario, attempt, source.where(("scenarios", index, "tries", number)))
        for index, scenario in enumerate(found.scenarios)
        for number, attempt in enumerate(scenario.tries)
    ]
