"""A campaign as the core reads it: who enters, the ordered steps, and what may be granted.

Owns the shape only. Files become campaigns in `intake`, and `decide` follows them.
"""

from enum import StrEnum

import msgspec

from channels.contract import Channel
from orchestrator.domain.condition import ALWAYS, Condition
from orchestrator.domain.contact import Role
from orchestrator.domain.duration import Duration, Unit
from orchestrator.domain.voice import Voice, VoiceMove


class Purpose(StrEnum):
    """Why a message exists (semantics B6)."""

    DEMAND = "demand"
    ANSWER = "answer"
    NOTICE = "notice"


class DocumentKind(StrEnum):
    """What a template is in law; gates, mentions and crises speak of kinds, never of file names."""

    UPCOMING = "upcoming"
    REMINDER = "reminder"
    LAST_REMINDER = "last_reminder"
    FORMAL_NOTICE = "formal_notice"
    R124_4_LETTER = "r124_4_letter"
    PROMISE_BROKEN = "promise_broken"
    RESTATEMENT = "restatement"
    THANKS = "thanks"
    LISTENING = "listening"
    ANSWER = "answer"
    RECEIPT = "receipt"
    STATEMENT = "statement"
    NOTICE = "notice"
    ENERGY_FIRST_LETTER = "energy_first_letter"
    ENERGY_SECOND_LETTER = "energy_second_letter"
    INSURANCE_NOTICE = "insurance_notice"
    CREDIT_ARREARS_NOTICE = "credit_arrears_notice"
    LOAN_TRANSFER_NOTICE = "loan_transfer_notice"
    FIRST_CLAIM = "first_claim"
    FOURTEEN_DAY_LETTER = "fourteen_day_letter"
    ARREARS_NOTICE = "arrears_notice"
    DEFAULT_NOTICE = "default_notice"
    LETTER_OF_CLAIM = "letter_of_claim"
    VALIDATION_NOTICE = "validation_notice"


# Documents whose words a law sets: nothing else may be said in their place.
OF_LAW = frozenset(
    {
        DocumentKind.FORMAL_NOTICE,
        DocumentKind.R124_4_LETTER,
        DocumentKind.ENERGY_FIRST_LETTER,
        DocumentKind.ENERGY_SECOND_LETTER,
        DocumentKind.INSURANCE_NOTICE,
        DocumentKind.CREDIT_ARREARS_NOTICE,
        DocumentKind.LOAN_TRANSFER_NOTICE,
        DocumentKind.FIRST_CLAIM,
        DocumentKind.FOURTEEN_DAY_LETTER,
        DocumentKind.ARREARS_NOTICE,
        DocumentKind.DEFAULT_NOTICE,
        DocumentKind.LETTER_OF_CLAIM,
        DocumentKind.VALIDATION_NOTICE,
    }
)
# Those that are formal notices, and speak in that voice.
SOLEMN = frozenset({DocumentKind.FORMAL_NOTICE, DocumentKind.INSURANCE_NOTICE})


class Mode(StrEnum):
    """How far a campaign, creditor or debtor is trusted (semantics B10). The strictest wins."""

    OBSERVE = "observe"
    CONFIRM = "confirm"
    AUTOMATIC = "automatic"


class Amounts(StrEnum):
    """What a step does with statutory amounts, where lawful (semantics B14)."""

    HIDE = "hide"
    MENTION = "mention"
    CLAIM = "claim"


class Offset(msgspec.Struct, frozen=True):
    """`due + 5d`, `due - 5d`, `due`: a day counted from the anchor's due date, in the debtor's zone."""

    duration: Duration


class Use(StrEnum):
    """A channel as a step names it; `registered` is a service of letter (semantics D12)."""

    SMS = "sms"
    EMAIL = "email"
    LETTER = "letter"
    REGISTERED = "registered"

    @property
    def channel(self) -> Channel:
        """The channel that carries it."""
        return _CARRIED_BY[self]


_CARRIED_BY = {
    Use.SMS: Channel.SMS,
    Use.EMAIL: Channel.EMAIL,
    Use.LETTER: Channel.LETTER,
    Use.REGISTERED: Channel.LETTER,
}


class ChannelLine(msgspec.Struct, frozen=True, rename={"if_": "if"}):
    """One line of a step's `channel:`; the first whose condition holds is taken, then left to right."""

    use: tuple[Use, ...]
    if_: Condition = ALWAYS


class Approval(msgspec.Struct, frozen=True, rename={"if_": "if"}):
    """A person of role `by` (agent, manager, admin) decides within a time; lapsed means not sent."""

    by: str
    if_: Condition = ALWAYS
    within: Duration = Duration(5, Unit.DAY)


class SendTerms(msgspec.Struct, frozen=True):
    """What a step says. `kind` and `purpose` come from the template's own declaration."""

    template: str
    voice: Voice
    kind: DocumentKind
    purpose: Purpose = Purpose.DEMAND
    offer: tuple[str, ...] = ()
    deadline: Duration | None = None


class CloseTerms(msgspec.Struct, frozen=True, tag="close", rename={"if_": "if"}):
    """End the case with an outcome such as `uneconomic`."""

    outcome: str
    if_: Condition = ALWAYS
    approve: Approval | None = None


class HandOverTerms(msgspec.Struct, frozen=True, tag="hand_over", rename={"if_": "if"}):
    """Pass the case to the next stage; always with a person's approval (EU-GDPR-22)."""

    stage: str
    approve: Approval
    if_: Condition = ALWAYS


Outcome = CloseTerms | HandOverTerms


class CallTerms(msgspec.Struct, frozen=True):
    """A call done by a person; recorded, counted in the caps, never placed by us (semantics B11)."""

    script: str
    to: Role | None = None
    within: Duration = Duration(2, Unit.BUSINESS_DAY)
    priority: int = 0


class LeverTerms(msgspec.Struct, frozen=True):
    """An external action asked for by task and outgoing webhook (block orders, credit limit, tell sales)."""

    action: str
    approve: Approval


class NextChannel(msgspec.Struct, frozen=True):
    """When a step's next channel is taken; the terms are alternatives (semantics B7)."""

    undelivered: bool = True
    unconfirmed_for: Duration | None = None


class Step(msgspec.Struct, frozen=True, kw_only=True, rename={"if_": "if"}):
    """One rung. Exactly one of `at` and `after`; exactly one of send, call, request, choose."""

    id: str
    at: Offset | None = None
    after: Duration | None = None
    if_: Condition = ALWAYS
    send: SendTerms | None = None
    call: CallTerms | None = None
    request: LeverTerms | None = None
    choose: tuple[Outcome, ...] = ()
    channel: tuple[ChannelLine, ...] = ()
    next_channel_when: NextChannel = NextChannel()
    expires: Duration | None = None
    approve: Approval | None = None
    amounts: Amounts | None = None
    to: Role | None = None
    copy: tuple[Role, ...] = ()


class Limits(msgspec.Struct, frozen=True):
    """Limits of the campaign itself, on top of the lanes'. None: no limit of its own."""

    per_second: float | None = None
    daily: int | None = None
    cost_cents_per_day: int | None = None
    cost_currency: str = "EUR"


class PromiseTerms(msgspec.Struct, frozen=True):
    """What promise is taken without a person."""

    within: Duration = Duration(15, Unit.DAY)
    grace: Duration = Duration(3, Unit.DAY)
    at_most: int = 2


class PlanTerms(msgspec.Struct, frozen=True):
    """What plan is granted without a person."""

    instalments: int
    first_within: Duration
    every: Duration
    minimum_cents: int


class DeferralTerms(msgspec.Struct, frozen=True):
    """What deferral is granted without a person."""

    longest: Duration
    at_most: int = 1


class SettlementTerms(msgspec.Struct, frozen=True, rename={"if_": "if"}):
    """A settlement always needs a person; `least_percent` of the balance must be paid."""

    if_: Condition
    least_percent: int
    approve: Approval


class AgreementTerms(msgspec.Struct, frozen=True):
    """What may be granted, together never further than `ceiling` (semantics B15).

    After an answer that a person wrote, no demand leaves for `after_answer`: who was answered has time to react.
    """

    promise: PromiseTerms = PromiseTerms()
    plan: PlanTerms | None = None
    deferral: DeferralTerms | None = None
    settlement: SettlementTerms | None = None
    ceiling: Duration = Duration(90, Unit.DAY)
    after_answer: Duration = Duration(5, Unit.BUSINESS_DAY)


class Reaction(msgspec.Struct, frozen=True):
    """What an event causes: a message, a task, a close; `within` bounds the message, then it becomes a task."""

    send: SendTerms | None = None
    task: str = ""
    close: str = ""
    within: Duration | None = None
    channel: tuple[ChannelLine, ...] = ()


class OnResume(StrEnum):
    """What a resume does with what fell due during the pause (semantics C2)."""

    SHIFT = "shift"
    KEEP = "keep"
    EXPIRE = "expire"
    RESTART = "restart"


class PauseTerms(msgspec.Struct, frozen=True):
    """How this campaign comes back from a pause."""

    on_resume: OnResume = OnResume.SHIFT
    max_age: Duration = Duration(7, Unit.DAY)
    ramp: Duration = Duration(30, Unit.MINUTE)


class Guard(msgspec.Struct, frozen=True):
    """A guard-rail: over `per_mille` of a metric in a window with a minimum volume, pause or warn."""

    metric: str
    over_per_mille: float
    window: Duration
    minimum: int
    do: str


class Campaign(msgspec.Struct, frozen=True, kw_only=True):
    """One campaign. `release` is the content hash that pins it with its words (semantics B13)."""

    id: str
    title: str
    policy: str
    priority: int
    audience: Condition
    steps: tuple[Step, ...]
    creditors: tuple[str, ...] | None = None
    anchor: str = "oldest_due"
    gap: Duration = Duration(5, Unit.DAY)
    limits: Limits = Limits()
    voice: tuple[VoiceMove, ...] = ()
    agreements: AgreementTerms = AgreementTerms()
    mode: Mode = Mode.OBSERVE
    reactions: dict[str, Reaction] = {}
    pause: PauseTerms = PauseTerms()
    guards: tuple[Guard, ...] = ()
    release: str = ""

    def step(self, step_id: str) -> Step | None:
        """The step of that id, or None when the campaign has none."""
        for step in self.steps:
            if step.id == step_id:
                return step
        return None
