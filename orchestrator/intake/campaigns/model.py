"""The keys of a campaign file, each with the sentence that an editor shows. Owns shape, not sense.

The keys of a step are `campaign_step_model`, those of the tests `campaign_test_model`.
"""

from typing import Annotated, Any, Literal

import pydantic
from pydantic import BeforeValidator, WithJsonSchema

from orchestrator.domain.campaign import Mode, OnResume
from orchestrator.intake.campaigns.step_model import (
    ApproveModel,
    ChannelModel,
    Lines,
    SendModel,
    StepModel,
    optional,
    required,
)
from orchestrator.intake.campaigns.test_model import CampaignTestModel
from orchestrator.intake.campaigns.values import (
    Amount,
    CostPerDay,
    DayCount,
    Grace,
    KebabId,
    Lapse,
    MessageRate,
    Name,
    PackName,
    Share,
    Span,
    WholeShare,
)
from orchestrator.intake.campaigns.words import EVENTS, METRICS, Metric
from orchestrator.intake.strict_yaml.conditions import ConditionModel
from orchestrator.intake.strict_yaml.field_types import FileModel, NotNegative, Positive, Text
from orchestrator.intake.strict_yaml.wording import found, refusal


class AgreementPromiseModel(FileModel):
    """Promises taken without asking a person."""

    within: DayCount | None = optional("latest day that may be promised (15d if left out)")
    grace: Grace | None = optional("days waited after the promised day (3d if left out)")
    at_most: NotNegative | None = optional("number of promises per case (2 if left out)")


class InstalmentsModel(FileModel):
    """How many instalments."""

    to: int = pydantic.Field(strict=True, ge=2, le=36, description="largest number of instalments")


class AgreementPlanModel(FileModel):
    """Plans granted without asking a person."""

    instalments: InstalmentsModel = required("largest number of instalments: {to: 4}")
    first_within: DayCount = required("latest day of the first instalment")
    every: DayCount = required("time between two instalments: 1 month")
    minimum: Amount = required("smallest instalment: 20 EUR")


class AgreementDeferralModel(FileModel):
    """Deferrals granted without asking a person."""

    to: DayCount = required("longest deferral: 30d")
    at_most: NotNegative | None = optional("number of deferrals per case (1 if left out)")


class AgreementSettlementModel(FileModel):
    """Settlements: a person always approves."""

    if_: ConditionModel | None = optional("only when this condition holds; left out, always", alias="if")
    down_to: WholeShare = required("least share of the balance to be paid: 70 %")
    approve: ApproveModel = required("who decides: approve: {by: manager}")


class AgreementsModel(FileModel):
    """What may be granted; anything beyond is decided by a person."""

    promise: AgreementPromiseModel | None = optional("promises taken without a person")
    plan: AgreementPlanModel | None = optional("plans granted without a person; left out, none")
    deferral: AgreementDeferralModel | None = optional("deferrals granted without a person; left out, none")
    settlement: AgreementSettlementModel | None = optional("settlements, off unless a person approves; left out, none")
    ceiling: DayCount | None = optional(
        "promises, deferrals and plans together, before a person decides (90d if left out)"
    )
    after_answer: Span | None = optional(
        "no demand for so long after an answer that a person wrote: 5 business days (the same if left out; 0d for none)"
    )


class VoiceMoveModel(FileModel):
    """What moves the voice of a step: exactly one of soften, firm and use."""

    if_: ConditionModel | None = optional("only when this condition holds; left out, always", alias="if")
    soften: int | None = pydantic.Field(None, strict=True, ge=1, le=3, description="degrees softer; the largest counts")
    firm: int | None = pydantic.Field(None, strict=True, ge=1, le=1, description="one degree firmer, never two")
    use: Literal["listening"] | None = optional("use this voice whatever the step says: listening")


class ReactionModel(FileModel):
    """What an event causes: a message, a task, a close, or several of them."""

    send: SendModel | None = optional("send this message")
    task: Name | None = optional("ask a person to do this: answer_dispute, call_back, …")
    close: Name | None = optional("end the case with this outcome, such as paid")
    within: Lapse | None = optional("time to act; past it the message becomes a task")
    channel: Lines[ChannelModel] | None = optional(
        "how the message goes; left out, the channel that the debtor last used"
    )


class LimitsModel(FileModel):
    """Limits of this campaign, on top of the lanes' own; the tightest wins."""

    rate: MessageRate | None = optional("messages in a time: 20/s, 600/min, 5000/h")
    daily: Positive | None = optional("messages per day")
    cost: CostPerDay | None = optional("money spent on contact per day: 250 EUR per day")


class PauseModel(FileModel):
    """How this campaign comes back from a pause."""

    on_resume: OnResume | None = optional(
        "what falls due during a pause: shift, keep, expire or restart (shift if left out)"
    )
    max_age: Lapse | None = optional("what is older than this is decided again, never sent as planned (7d if left out)")
    ramp: Lapse | None = optional("time over which the rate grows back to normal (30m if left out)")


class GuardModel(FileModel):
    """A threshold at which this campaign pauses itself, or warns."""

    metric: Metric = required("what is measured: " + ", ".join(METRICS))
    over: Share = required("act above this share: 0.3 %")
    window: Lapse = required("measured over this time, sliding: 1d")
    minimum: Positive = required("number of messages below which nothing is concluded")
    do: Literal["pause", "warn"] = required("pause or warn")


def _creditors(raw: Any) -> Any:
    if raw == "any":
        return []
    if isinstance(raw, str):
        raise refusal(f'{found(raw)} is neither "any" nor a list', f"write any, or [{raw}]")
    if raw == []:
        raise refusal("the list is empty", "write any, or at least one creditor: [acme-telecom]")
    return raw


Creditors = Annotated[
    tuple[KebabId, ...],
    BeforeValidator(_creditors),
    WithJsonSchema({"anyOf": [{"const": "any"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}),
]

_REACTIONS: dict[str, Any] = {
    event.field: (ReactionModel | None, optional(event.meaning, alias=name)) for name, event in EVENTS.items()
}
ReactionsModel: type[FileModel] = pydantic.create_model(
    "ReactionsModel",
    __base__=FileModel,
    __doc__="What each event causes; the house default holds for the events left out.",
    **_REACTIONS,
)


class CampaignModel(FileModel):
    """A campaign of reminders: who enters, the steps in order, what may be granted, what stops it."""

    campaign: KebabId = required("short name of the campaign, unique: b2c-small")
    title: Text = required("what people call it, in their own language")
    creditor: Creditors | None = optional("any, or a list of creditor ids (any if left out)")
    policy: PackName = required(
        "the contact rules it obeys: fr-own-b2c, fr-own-b2b, fr-3p-b2c, fr-3p-b2b, or with a sector's: "
        "fr-own-b2c+fr-energy"
    )
    priority: NotNegative = required("a case takes the matching campaign with the highest priority; no two alike")
    audience: ConditionModel = required("who enters: every term must hold; any: and not: for the rest")
    anchor: Literal["oldest_due"] | None = optional(
        "which due date `due` means when a case has several debts: oldest_due"
    )
    gap: Lapse | None = optional("never two steps closer than this, whatever the catch-up (5d if left out)")
    limits: LimitsModel | None = optional("limits of this campaign, on top of the lanes' own")
    steps: Lines[StepModel] = required("the ladder, in order")
    voice: tuple[VoiceMoveModel, ...] | None = optional("how context moves the voice of a step")
    agreements: AgreementsModel | None = optional("what may be granted without a person")
    mode: Mode | None = optional("observe, confirm or automatic; a new campaign starts in observe")
    reactions: ReactionsModel | None = optional("what events cause; house defaults hold for the rest")  # type: ignore[valid-type]  # made above
    pause: PauseModel | None = optional("how the campaign comes back from a pause")
    guards: tuple[GuardModel, ...] | None = optional("thresholds at which the campaign pauses itself")
    tests: tuple[CampaignTestModel, ...] | None = optional("examples that are played at each lint: given, when, expect")
