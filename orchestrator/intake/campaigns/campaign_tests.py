"""The `tests:` block of a campaign, typed and ready to be played: given, when, expect.

Owns the structs and their sense. Playing them is not done here: it takes the core.
"""

from datetime import date

import msgspec

from orchestrator.domain.agreement import HoldKind
from orchestrator.domain.campaign import Use
from orchestrator.domain.contact import DebtorStatus
from orchestrator.domain.debt import ClaimKind, PaymentMethod
from orchestrator.domain.duration import Duration
from orchestrator.domain.money import Money
from orchestrator.domain.voice import Voice
from orchestrator.intake.campaigns.test_model import CampaignTestModel, ExpectModel, GivenModel, WhenModel
from orchestrator.intake.strict_yaml.source import Source


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """One case with one debt.

    `imported_on` None: early enough that no step is late. `party` empty: that of the campaign's policy.
    """

    status: DebtorStatus
    balance: Money
    due_on: date
    imported_on: date | None = None
    has_phone: bool = False
    has_email: bool = False
    has_post: bool = True
    has_title: bool = False
    postcode: str = "75001"
    party: str = ""
    language: str = ""
    sector: str = ""
    solvency: str = ""
    debt_kind: str = "invoice"
    claim_kind: ClaimKind = ClaimKind.UNKNOWN
    payment_method: PaymentMethod = PaymentMethod.UNKNOWN
    marks: frozenset[str] = frozenset()
    promises_broken: int = 0
    promises_kept: int = 0


class Happening(msgspec.Struct, frozen=True, kw_only=True):
    """An event of campaign_words.TEST_EVENTS on a day, with its own parameters; the rest keeps its default.

    `amount` None is the whole balance. `for_on` is the promised day, `until_on` the last day, included.
    """

    on: date
    event: str
    for_on: date | None = None
    until_on: date | None = None
    amount: Money | None = None
    channel: Use | None = None
    step: str = ""
    outcome: str = ""
    code: str = ""
    mark: str = ""
    hold: HoldKind | None = None
    instalments: int = 0
    first_on: date | None = None
    every: Duration | None = None


class StepExpected(msgspec.Struct, frozen=True, kw_only=True, tag="step"):
    """A message leaves or a call is asked for: `step` is a step id, or the event that causes a reaction."""

    step: str
    channel: Use | None = None
    voice: Voice | None = None
    on: date | None = None


class NoneUntil(msgspec.Struct, frozen=True, kw_only=True, tag="none_until"):
    """No message leaves and no call is asked for, from the line above to this day, included."""

    until: date


class TaskExpected(msgspec.Struct, frozen=True, kw_only=True, tag="task"):
    """A person is asked to do `task`."""

    task: str
    by: str = ""
    on: date | None = None


class ApprovalExpected(msgspec.Struct, frozen=True, kw_only=True, tag="approve"):
    """A person of role `by` (empty: anyone) is asked to approve `step`."""

    step: str
    by: str = ""
    on: date | None = None


class CloseExpected(msgspec.Struct, frozen=True, kw_only=True, tag="close"):
    """The case ends with this outcome."""

    outcome: str
    on: date | None = None


class HandOverExpected(msgspec.Struct, frozen=True, kw_only=True, tag="hand_over"):
    """The case passes to the next stage; a person has approved."""

    stage: str
    on: date | None = None


Expectation = StepExpected | NoneUntil | TaskExpected | ApprovalExpected | CloseExpected | HandOverExpected


class CampaignTest(msgspec.Struct, frozen=True, kw_only=True):
    """One test. `expect` is in order: messages and calls are exactly these, with no other in between.

    Tasks, approvals, closes and hand-overs are looked for from the day of the line above on; those that no
    line names are ignored. `where` is file:line:column of the test, `expect_where` of each expectation.
    """

    title: str
    given: Given
    when: tuple[Happening, ...]
    expect: tuple[Expectation, ...]
    where: str
    expect_where: tuple[str, ...]


def campaign_tests(models: tuple[CampaignTestModel, ...], source: Source) -> tuple[CampaignTest, ...]:
    """The tests of a file whose findings are none."""
    return tuple(
        CampaignTest(
            title=model.title or f"tests[{index}]",
            given=_given(model.given),
            when=tuple(_happening(each) for each in model.when or ()),
            expect=tuple(_expectation(each) for each in model.expect),
            where=source.where(("tests", index)),
            expect_where=tuple(source.where(("tests", index, "expect", line)) for line in range(len(model.expect))),
        )
        for index, model in enumerate(models)
    )


def _given(model: GivenModel) -> Given:
    business = DebtorStatus.COMPANY if model.debtor == "business" else DebtorStatus.CONSUMER
    said = {
        "imported_on": model.imported,
        "has_phone": model.phone,
        "has_email": model.email,
        "has_post": model.post,
        "has_title": model.title,
        "marks": frozenset(model.marks) if model.marks else None,
        **{name: getattr(model, name) for name in _SAME_NAME},
    }
    known = {name: value for name, value in said.items() if value is not None}
    return Given(status=model.status or business, balance=model.balance, due_on=model.due, **known)


_SAME_NAME = (
    "postcode", "party", "language", "sector", "solvency", "debt_kind", "claim_kind", "payment_method",
    "promises_broken", "promises_kept",
)  # fmt: skip


def _happening(model: WhenModel) -> Happening:
    return Happening(
        on=model.on,
        event=model.event,
        for_on=model.for_,
        until_on=model.until,
        amount=model.amount,
        channel=model.channel,
        step=model.step or "",
        outcome=model.outcome or "",
        code=model.code or "",
        mark=model.mark or "",
        hold=model.hold,
        instalments=model.instalments or 0,
        first_on=model.first_on,
        every=model.every,
    )


def _expectation(model: ExpectModel) -> Expectation:
    if model.step is not None:
        return StepExpected(step=model.step, channel=model.channel, voice=model.voice, on=model.on)
    if model.none_until is not None:
        return NoneUntil(until=model.none_until)
    if model.task is not None:
        return TaskExpected(task=model.task, by=model.by or "", on=model.on)
    if model.approve is not None:
        return ApprovalExpected(step=model.approve, by=model.by or "", on=model.on)
    if model.close is not None:
        return CloseExpected(outcome=model.close, on=model.on)
    return HandOverExpected(stage=model.hand_over or "", on=model.on)
