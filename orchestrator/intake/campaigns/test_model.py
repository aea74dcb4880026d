"""The keys of the `tests:` block of a campaign file: given, when, expect. Owns shape, not sense."""

from typing import Literal

from orchestrator.domain.agreement import HoldKind
from orchestrator.domain.campaign import Use
from orchestrator.domain.contact import DebtorStatus
from orchestrator.domain.debt import ClaimKind, PaymentMethod
from orchestrator.domain.voice import Voice
from orchestrator.intake.campaigns.step_model import Lines, optional, required
from orchestrator.intake.campaigns.values import Amount, DayCount, KebabId, Name
from orchestrator.intake.campaigns.words import Person, TestEvent
from orchestrator.intake.strict_yaml.field_types import Day, FileModel, NotNegative, Positive, Several, Text, YesNo


class GivenModel(FileModel):
    """The case as it stands: one debt, and what is known of the debtor."""

    debtor: Literal["individual", "business"] | None = optional("individual (a consumer) or business (a company)")
    status: DebtorStatus | None = optional("who owes, in law, instead of debtor: sole_trader, public_body, …")
    balance: Amount = required("what is owed: 42 EUR")
    due: Day = required("the day it was due: 2026-03-02")
    imported: Day | None = optional("the day the case comes in; left out, well before its first step")
    phone: YesNo | None = optional("there is a number that takes SMS (no if left out)")
    email: YesNo | None = optional("there is a usable e-mail address (no if left out)")
    post: YesNo | None = optional("there is a usable postal address (yes if left out)")
    postcode: Text | None = optional('where the debtor lives ("75001" if left out)')
    party: Literal["own", "third_party"] | None = optional("who collects; left out, the party of the campaign's policy")
    language: Text | None = optional("the debtor's language, such as fr (the creditor's if left out)")
    sector: Text | None = optional("the debtor's sector")
    solvency: Text | None = optional("the last solvency finding")
    debt_kind: Text | None = optional("invoice, subscription or instalment (invoice if left out)")
    claim_kind: ClaimKind | None = optional("what the debt is for: goods, services, telecom, … (unknown if left out)")
    payment_method: PaymentMethod | None = optional(
        "how the debt is paid: transfer, direct_debit, … (unknown if left out)"
    )
    marks: Several[Name] | None = optional("marks on the case: good_payer, vulnerable, …")
    promises_broken: NotNegative | None = optional("promises already broken (0 if left out)")
    promises_kept: NotNegative | None = optional("promises already kept (0 if left out)")
    title: YesNo | None = optional("an enforcement title exists (no if left out)")


class WhenModel(FileModel):
    """Something that happens on a day."""

    on: Day = required("the day it happens")
    event: TestEvent = required("what happens: promise.made, payment.full, dispute.opened, …")
    for_: Day | None = optional("the promised day", alias="for")
    until: Day | None = optional("the last day, included")
    amount: Amount | None = optional("the sum; left out, the whole balance")
    channel: Use | None = optional("the channel: sms, email, letter or registered")
    step: KebabId | None = optional("the step it is about")
    outcome: Name | None = optional("how it ended: upheld or rejected for a dispute, no_answer for a call")
    code: Text | None = optional("the bank's code of a reject, such as AM04")
    mark: Name | None = optional("the mark, such as vulnerable")
    hold: HoldKind | None = optional("what stops demands, such as over_indebtedness")
    instalments: Positive | None = optional("number of instalments of the plan")
    first_on: Day | None = optional("the day of the first instalment")
    every: DayCount | None = optional("time between two instalments (1 month if left out)")


class ExpectModel(FileModel):
    """What must follow, in order: exactly one of step, none_until, task, approve, close and hand_over."""

    step: Text | None = optional("a message or call: the id of its step, or the event that causes it")
    none_until: Day | None = optional("no message and no call up to and including this day")
    task: Name | None = optional("a person is asked to do this")
    approve: KebabId | None = optional("a person is asked to approve this step")
    close: Name | None = optional("the case ends with this outcome")
    hand_over: Name | None = optional("the case passes to this next stage, approved")
    on: Day | None = optional("the day; left out, any day")
    channel: Use | None = optional("the channel of the message")
    voice: Voice | None = optional("the voice of the message")
    by: Person | None = optional("who is asked: agent, manager or admin")


class CampaignTestModel(FileModel):
    """An example that is played at each lint, and reads as a sentence."""

    title: Text | None = optional("what the example shows, in a few words")
    given: GivenModel = required("the case as it stands: given: {debtor: individual, balance: 42 EUR, due: 2026-03-02}")
    when: tuple[WhenModel, ...] | None = optional("what happens, by date; left out, nothing")
    expect: Lines[ExpectModel] = required("what must follow, in order, with no other message in between")
