"""The keys of one step of a campaign: when, what, by which channel, with whose approval. Shape only.

Where a key is absent the domain's own default holds, so that it is written down once.
"""

from typing import Annotated, Any, TypeVar

import pydantic

from orchestrator.domain.campaign import Amounts, Use
from orchestrator.domain.contact import Role
from orchestrator.domain.voice import Voice
from orchestrator.intake.campaigns.values import DayCount, DayFromDue, KebabId, Lapse, Name, Span
from orchestrator.intake.campaigns.words import Offer, Person
from orchestrator.intake.strict_yaml.conditions import ConditionModel
from orchestrator.intake.strict_yaml.field_types import FileModel, Several, Text, YesNo
from orchestrator.intake.strict_yaml.wording import refusal

T = TypeVar("T")


def _at_least_one(raw: Any) -> Any:
    if raw == []:
        raise refusal("the list is empty", "write at least one line, or delete the key")
    return raw


# Not pydantic's own min_length, which counts the lines that are right and would call a faulty one missing.
Lines = Annotated[
    tuple[T, ...], pydantic.BeforeValidator(_at_least_one), pydantic.Field(json_schema_extra={"minItems": 1})
]


def optional(description: str, *, alias: str | None = None) -> Any:
    """A key that may be left out, with the sentence that editors show."""
    return pydantic.Field(None, alias=alias, description=description)


def required(description: str) -> Any:
    """A key that must be there, with the sentence that editors show."""
    return pydantic.Field(description=description)


class ApproveModel(FileModel):
    """A person decides first."""

    if_: ConditionModel | None = optional("ask only when this condition holds; left out, always ask", alias="if")
    by: Person = required("who decides: agent, manager or admin")
    within: Lapse | None = optional("time to decide, past it nothing is sent (5d if left out)")


class SendModel(FileModel):
    """A message."""

    template: Text = required("name of the template, as in templates/catalogue.yaml")
    voice: Voice = required("voice to start from; context may soften or firm it by a degree")
    offer: Several[Offer] | None = optional("what the message offers: plan, deferral, settlement")
    deadline: DayCount | None = optional("days given to pay, printed as a date; required in a formal notice")


class ChannelModel(FileModel):
    """One line of `channel:`."""

    if_: ConditionModel | None = optional("take this line when the condition holds; the last has none", alias="if")
    use: Several[Use] = required("sms, email, letter, registered: the first possible one is taken")


class NextChannelModel(FileModel):
    """When the next channel of the line is tried; the terms are alternatives."""

    undelivered: YesNo | None = optional("the message is proved undelivered (yes if left out)")
    unconfirmed_for: Lapse | None = optional("no receipt came for this long; only on lanes that confirm delivery")


class CallModel(FileModel):
    """A call that a person makes."""

    script: Name = required("name of the call script shown to the person who calls")
    to: Role | None = optional("whom to ask for, by role; left out, the main contact")
    priority: int | None = pydantic.Field(None, strict=True, description="rank in the call sheet, 1 before 2")
    within: Lapse | None = optional("time to make the call (2 business days if left out)")


class RequestModel(FileModel):
    """Something asked of another system or person, such as blocking new orders."""

    action: Name = required("what is asked: block_orders, credit_limit, notify_sales, …")
    approve: ApproveModel = required("who decides before it is asked: approve: {by: manager}")


class BranchModel(FileModel):
    """One line of `choose:`; the first whose condition holds is taken."""

    if_: ConditionModel | None = optional("take this line when the condition holds; the last has none", alias="if")
    close: Name | None = optional("end the case with this outcome, such as uneconomic")
    hand_over: Name | None = optional("pass the case to this next stage, once a person approves")
    approve: ApproveModel | None = optional("who decides: approve: {by: admin}")


class StepModel(FileModel):
    """One step of the ladder: when (`at` or `after`), and what (send, call, request or choose)."""

    id: KebabId = required("name of the step, unique in the campaign; keep it when you change the step")
    at: DayFromDue | None = optional("a day counted from the due date: due + 5d, due - 5d")
    after: Span | None = optional("time since the previous step left: 10d; 0d in a first step: at entry")
    if_: ConditionModel | None = optional("only when this condition holds; otherwise the step is passed", alias="if")
    send: SendModel | None = optional("send a message")
    call: CallModel | None = optional("have a person call")
    request: RequestModel | None = optional("ask for an external action, once approved")
    choose: Lines[BranchModel] | None = optional("end the ladder: the first line whose condition holds is taken")
    channel: Lines[ChannelModel] | None = optional(
        "how the message goes: the first line whose condition holds is taken"
    )
    next_channel_when: NextChannelModel | None = optional("when the next channel of the line is tried")
    expires: Lapse | None = optional("how long the step makes sense; later it is not sent, but expired")
    approve: ApproveModel | None = optional("a person decides before the message leaves")
    amounts: Amounts | None = optional("indemnity and penalties, where lawful: hide, mention or claim")
    to: Role | None = optional("whom to write to, by role; a role with nobody becomes a task")
    copy_: Several[Role] | None = optional("who gets a copy, by role; never a third person", alias="copy")
