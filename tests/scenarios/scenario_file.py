"""The shape of a scenario file: what is given, what somebody wishes to send, and what must become of it.

Owns the words that a lawyer writes; README.md explains them. What they mean in facts is `scenario_world.py`.
"""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Literal, Self

import msgspec
import pydantic

from orchestrator.domain.agreement import HoldKind
from orchestrator.domain.campaign import Amounts, DocumentKind, Use
from orchestrator.domain.contact import DebtorStatus
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
Outcome = Literal["allowed", "deferred", "forbidden", "asked"]


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


class DebtGiven(FileModel):
    """One document of the account."""

    reference: Text = "F-1"
    owes: Sum = Money(12000, "EUR")
    due: Day = date(2026, 3, 2)
    issued: Day | None = None
    claim: ClaimKind = ClaimKind.GOODS
    contract_rate: str = ""


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
    stops: Use | None = pydantic.Field(default=None, description="the debtor closed this channel")
    about: Several[Text] = pydantic.Field(default=(), description="the debts it is about; all of them if left out")

    @pydantic.model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        things = (self.sent, self.called, self.paid, self.acknowledged, self.hold, self.mark, self.stops)
        if sum(thing is not None for thing in things) != 1:
            raise refusal("a line of the past says one thing", "sent, called, paid, acknowledged, hold, mark or stops")
        return self


class Given(FileModel):
    """The facts before the wish."""

    debtor: DebtorGiven = DebtorGiven()
    creditor: CreditorGiven = CreditorGiven()
    debts: tuple[DebtGiven, ...] = (DebtGiven(),)
    history: tuple[Happened, ...] = ()
    ledger_as_of: Day | None = pydantic.Field(default=None, description="left out, the ledger is of the day")
    sandbox: YesNo = False


class Wish(FileModel):
    """What somebody wishes to send; `call` a call, `say` a text of one's own, `hand_over` the end."""

    send: DocumentKind | None = None
    by: Use = Use.EMAIL
    voice: Voice = Voice.COURTEOUS
    deadline: Days = 0
    amounts: Amounts = Amounts.HIDE
    call: YesNo = False
    hand_over: YesNo = False
    answer: YesNo = pydantic.Field(default=False, description="an answer to what the debtor did, not a demand")


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
    total: Sum | None = None
    with_: tuple[Happened, ...] = pydantic.Field(default=(), alias="with", description="more of the past, for this try")
    debtor: DebtorGiven | None = None
    wish: Wish | None = None

    @pydantic.model_validator(mode="after")
    def _says_until_when(self) -> Self:
        if (self.until is not None) != (self.expect == "deferred"):
            raise refusal("what is deferred says until when, and nothing else does", "write until:, or correct expect:")
        return self


class Scenario(FileModel):
    """One rule at work. `rule` is its id in the packs; `idea` a number of the list of test ideas."""

    rule: Text
    says: Text
    idea: int | None = None
    given: Given = Given()
    wish: Wish = Wish(send=DocumentKind.REMINDER)
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
