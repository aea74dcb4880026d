"""Facts about a case, in the past tense. Owns their shape; what they change is `case.apply`.

Every event has an `id` unique within the case (the same fact twice is the same event), the instant it happened
and who said so. They are stored as JSON with their `type`, append-only.
"""

from datetime import date, datetime

import msgspec

from channels.contract import Channel, DeliveryStatus
from orchestrator.domain.agreement import Hold, Promise
from orchestrator.domain.campaign import DocumentKind, Purpose, Use
from orchestrator.domain.contact import Debtor, Fault, PointKind
from orchestrator.domain.debt import Debt, Payment
from orchestrator.domain.own_points import OwnPoint
from orchestrator.domain.voice import Voice


class _Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", omit_defaults=True):
    id: str
    at: datetime
    by: str = ""


class DebtorRecorded(_Event, frozen=True, tag="debtor.recorded"):
    """Who owes and how to reach them, as the creditor's file or a person last said."""

    debtor: Debtor


class DebtRecorded(_Event, frozen=True, tag="debt.recorded"):
    """A document of the ledger, new or said again; the latest `as_of` wins."""

    debt: Debt


class DebtPresumedSettled(_Event, frozen=True, tag="debt.presumed_settled"):
    """Absent from a full snapshot: held, never thanked (semantics A2)."""

    reference: str


class DebtWithdrawn(_Event, frozen=True, tag="debt.withdrawn"):
    """The import that brought it was reversed; `back_to` is what stood before, if anything."""

    reference: str
    back_to: Debt | None = None


class PaymentReceived(_Event, frozen=True, tag="payment.received"):
    """Money came in. Grow-only: the same payment id twice is one payment."""

    payment: Payment


class PaymentReversed(_Event, frozen=True, tag="payment.reversed"):
    """Money went back: a reject carries its SEPA code."""

    payment_id: str
    on: date
    code: str = ""


class ClaimInterrupted(_Event, frozen=True, tag="claim.interrupted"):
    """Something that restarts the limitation of a debt: payment, acknowledgment, court_action."""

    reference: str
    how: str
    on: date


class PointMarked(_Event, frozen=True, tag="point.marked"):
    """A contact point turned out faulty, or good again with `fault` None."""

    kind: PointKind
    value: str
    fault: Fault | None


class PointAdded(_Event, frozen=True, tag="point.added"):
    """A person was told of a number or an address that the creditor's file has not (R42)."""

    own: OwnPoint


class OptedOut(_Event, frozen=True, tag="channel.opted_out"):
    """The person closes a channel; `point` limits it to one address of a company (semantics A7)."""

    channel: Channel
    point: str = ""


class OptedIn(_Event, frozen=True, tag="channel.opted_in"):
    """The person opens the channel again."""

    channel: Channel
    point: str = ""


class Marked(_Event, frozen=True, tag="mark.added"):
    """A mark on the case: good_payer, vulnerable, deceased, …"""

    mark: str


class Unmarked(_Event, frozen=True, tag="mark.removed"):
    """The mark no longer applies."""

    mark: str


class HoldPlaced(_Event, frozen=True, tag="hold.placed"):
    """Demands stop, over what the hold names."""

    hold: Hold


class HoldLifted(_Event, frozen=True, tag="hold.lifted"):
    """A person or a fact ended the hold."""

    hold_id: str
    why: str = ""


class PromiseMade(_Event, frozen=True, tag="promise.made"):
    """The debtor promised a sum by a date; it holds until then plus grace (R14)."""

    promise: Promise


class PromiseKept(_Event, frozen=True, tag="promise.kept"):
    """The sum came in time."""

    promise_id: str


class PromiseBroken(_Event, frozen=True, tag="promise.broken"):
    """Its date and grace passed without the sum."""

    promise_id: str


class DisputeOpened(_Event, frozen=True, tag="dispute.opened"):
    """The debtor disagrees with debts or a part of one; the hold says which."""

    hold: Hold
    reason: str = ""


class DisputeResolved(_Event, frozen=True, tag="dispute.resolved"):
    """The creditor answered: upheld (the debtor was right) or rejected."""

    hold_id: str
    outcome: str


class HardshipDeclared(_Event, frozen=True, tag="hardship.declared"):
    """The debtor cannot pay; demands stop, the voice listens, a person calls (R32)."""

    hold: Hold


class ReplyReceived(_Event, frozen=True, tag="reply.received"):
    """The debtor wrote; the text is stored apart (`reply_id`), `reading` is what was understood.

    `is_understood`: all of it acts by itself, and nobody has to read it.
    """

    channel: str
    reading: str = ""
    reply_id: str = ""
    is_understood: bool = False


class NoteAdded(_Event, frozen=True, tag="note.added"):
    """A person keeps something in mind about the case. Changes nothing."""

    text: str


class AnswerWritten(_Event, frozen=True, tag="answer.written"):
    """A person answers a reply in their own words, by a channel; sent like any message (semantics B6)."""

    channel: Channel
    words: str
    reply_id: str = ""


class CampaignEntered(_Event, frozen=True, tag="campaign.entered"):
    """The case takes a campaign, pinned by its release, from a step on; a new entry opens a new cycle."""

    campaign: str
    release: str
    policy: str
    cycle: int
    step_index: int
    anchors: tuple[str, ...]
    anchor_due_on: date
    is_late: bool = False
    is_observed: bool = False
    last_left_at: datetime | None = None
    last_voice: Voice | None = None


class StepPassed(_Event, frozen=True, tag="step.passed"):
    """The ladder went past a step without a message."""

    step: str
    cycle: int
    why: str


class MessagePlanned(_Event, frozen=True, tag="message.planned"):
    """A message was decided and waits to be sent."""

    message_id: str
    step: str
    cycle: int
    ordinal: int
    channel: Channel
    cause: str = ""


class MessageCancelled(_Event, frozen=True, tag="message.cancelled"):
    """A planned message will not be sent: the reason says why. The case decides again."""

    message_id: str
    why: str
    blocks_channel: bool = False


class MessageLeft(_Event, frozen=True, tag="message.left"):
    """A provider accepted it, or the letter was posted (semantics B3). `is_observed`: only in observe mode.

    `is_in_doubt`: bytes left and no answer came. It counts as left until its doubt is settled.
    """

    message_id: str
    step: str
    cycle: int
    ordinal: int
    channel: Channel
    use: Use
    voice: Voice
    template: str
    kind: DocumentKind
    purpose: Purpose
    references: tuple[str, ...] = ()
    cause: str = ""
    point: str = ""
    amount_cents: int = 0
    cost_cents: int = 0
    is_observed: bool = False
    attempt_id: str = ""
    is_in_doubt: bool = False


class DoubtSettled(_Event, frozen=True, tag="message.doubt_settled"):
    """Evidence settled an attempt in doubt: it left, or it is proved absent and the case decides again."""

    message_id: str
    attempt_id: str
    was_sent: bool
    evidence: str = ""


class DeliveryReported(_Event, frozen=True, tag="delivery.reported"):
    """A receipt about a message that left; a grow-only set of facts (semantics D5)."""

    message_id: str
    channel: Channel
    status: DeliveryStatus


class CallMade(_Event, frozen=True, tag="call.made"):
    """A person dialled; every dialled call counts in the caps (R38)."""

    step: str = ""
    cycle: int = 0
    outcome: str = ""


class ApprovalGiven(_Event, frozen=True, tag="approval.given"):
    """A person approved an act; bound to the amount, asked again when it changes (semantics B9)."""

    step: str
    cycle: int
    amount_cents: int
    role: str = ""


class ApprovalRefused(_Event, frozen=True, tag="approval.refused"):
    """A person refused the act; the step is passed."""

    step: str
    cycle: int


class TaskOpened(_Event, frozen=True, tag="task.opened"):
    """A person is asked to do or decide something."""

    task_id: str
    kind: str
    subject: str
    role: str
    due_at: datetime
    step: str = ""
    cause: str = ""
    amount_cents: int = 0


class TaskClosed(_Event, frozen=True, tag="task.closed"):
    """The task is done, refused or no longer needed."""

    task_id: str
    outcome: str


class ReactionDone(_Event, frozen=True, tag="reaction.done"):
    """A reaction to an event was carried out, became a task, or could not be: never twice."""

    cause: str
    part: str
    how: str = ""


class CaseClosed(_Event, frozen=True, tag="case.closed"):
    """The case is over. `references` are the debts that it ended for: a later one brings it back."""

    outcome: str
    step: str = ""
    references: tuple[str, ...] = ()


class CaseReopened(_Event, frozen=True, tag="case.reopened"):
    """Something brought it back: a reject, a new debt, a reversed payment."""

    why: str


class HandedOver(_Event, frozen=True, tag="case.handed_over"):
    """The next stage has these debts; they are never demanded here again."""

    stage: str
    references: tuple[str, ...] = ()


Event = (
    DebtorRecorded
    | DebtRecorded
    | DebtPresumedSettled
    | DebtWithdrawn
    | PaymentReceived
    | PaymentReversed
    | ClaimInterrupted
    | PointMarked
    | PointAdded
    | OptedOut
    | OptedIn
    | Marked
    | Unmarked
    | HoldPlaced
    | HoldLifted
    | PromiseMade
    | PromiseKept
    | PromiseBroken
    | DisputeOpened
    | DisputeResolved
    | HardshipDeclared
    | ReplyReceived
    | NoteAdded
    | AnswerWritten
    | CampaignEntered
    | StepPassed
    | MessagePlanned
    | MessageCancelled
    | MessageLeft
    | DoubtSettled
    | DeliveryReported
    | CallMade
    | ApprovalGiven
    | ApprovalRefused
    | TaskOpened
    | TaskClosed
    | ReactionDone
    | CaseClosed
    | CaseReopened
    | HandedOver
)


def type_of(event: Event) -> str:
    """The stable name of an event's type, such as `promise.broken`."""
    return str(event.__struct_config__.tag)
