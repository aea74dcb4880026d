"""What people do to a case by hand, as values: one struct for each act. What an act causes is `act_effects.py`.

Amounts are minor units of the case's currency, dates are days where the debtor lives. `references` are documents of
the case; none means all that are open.
"""

from datetime import date
from enum import StrEnum

import msgspec

from channels.contract import Channel
from orchestrator.domain.agreement import HoldKind
from orchestrator.domain.contact import Fault, PointKind, PostalAddress, Role

# From the least to the most.
ROLES = ("viewer", "agent", "manager", "admin")


def reaches(role: str, needed: str) -> bool:
    """Whether a role may do what asks for another one; an unknown role may nothing."""
    return role in ROLES and ROLES.index(role) >= ROLES.index(needed)


class DisputeReason(StrEnum):
    """Why a debtor disagrees (R41)."""

    PRICE = "price"
    QUANTITY = "quantity"
    QUALITY = "quality"
    NOT_DELIVERED = "not_delivered"
    NOT_ORDERED = "not_ordered"
    ALREADY_CANCELLED = "already_cancelled"
    DUPLICATE = "duplicate"
    OTHER = "other"


class DisputeOutcome(StrEnum):
    """What the creditor answers: the debtor was right, or not."""

    UPHELD = "upheld"
    REJECTED = "rejected"


class CallOutcome(StrEnum):
    """What came of a call."""

    REACHED = "reached"
    NO_ANSWER = "no_answer"
    VOICEMAIL = "voicemail"
    WRONG_NUMBER = "wrong_number"


class CloseOutcome(StrEnum):
    """Why a person ends a case that still owes."""

    WRITTEN_OFF = "written_off"
    UNECONOMIC = "uneconomic"
    WITHDRAWN = "withdrawn"
    SETTLED_ELSEWHERE = "settled_elsewhere"
    TIME_BARRED = "time_barred"
    MISTAKE = "mistake"


# The debtor was not spoken to; any other outcome of a call, or one that nobody told, is a conversation.
UNANSWERED = frozenset({CallOutcome.NO_ANSWER, CallOutcome.VOICEMAIL, CallOutcome.WRONG_NUMBER})


class _Act(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="act"):
    pass


class MakePromise(_Act, frozen=True, tag="promise"):
    """They will pay a sum, or all, by a day. `grace_days` None takes the campaign's."""

    on: date
    amount_cents: int | None = None
    grace_days: int | None = None
    references: tuple[str, ...] = ()


class Defer(_Act, frozen=True, tag="defer"):
    """Demands wait until the end of a day."""

    until: date
    references: tuple[str, ...] = ()


class ClaimPaid(_Act, frozen=True, tag="already_paid"):
    """They say that it is paid. A remittance advice names its documents and amount."""

    references: tuple[str, ...] = ()
    amount_cents: int | None = None
    by_cheque: bool = False
    words: str = ""


class OpenDispute(_Act, frozen=True, tag="dispute"):
    """They disagree; `amount_cents` limits it to a part of one document, `owner` is who must answer."""

    references: tuple[str, ...] = ()
    amount_cents: int | None = None
    reason: DisputeReason | None = None
    owner: str = ""
    words: str = ""


class AnswerDispute(_Act, frozen=True, tag="answer_dispute"):
    """The creditor has decided."""

    hold_id: str
    outcome: DisputeOutcome
    words: str = ""


class PlaceHold(_Act, frozen=True, tag="hold"):
    """Demands stop until the end of a day, or until a person looks at it again. `source` is the paper that says so."""

    kind: HoldKind
    until: date | None = None
    review_on: date | None = None
    references: tuple[str, ...] = ()
    blocks_all: bool = False
    reason: str = ""
    source: str = ""


class LiftHold(_Act, frozen=True, tag="lift"):
    """A hold or a promise ends now."""

    hold_id: str
    why: str


class DeclareHardship(_Act, frozen=True, tag="hardship"):
    """They cannot pay."""

    words: str = ""


class AddMark(_Act, frozen=True, tag="mark"):
    """Something true of them, such as vulnerable or good_payer."""

    mark: str


class RemoveMark(_Act, frozen=True, tag="unmark"):
    """It is true no more."""

    mark: str


class MarkPoint(_Act, frozen=True, tag="point"):
    """A number or address is faulty, or good again with `fault` None. Post has no value."""

    kind: PointKind
    value: str = ""
    fault: Fault | None = None


class AddPoint(_Act, frozen=True, tag="add_point"):
    """A number or address that the ledger has not; with `corrects`, instead of that one. Post has an `address`.

    It is that of the contact person of `role` and `name`, a new one if need be; without both, of the first one.
    `verified`: the debtor confirmed it. `fault` is what is known of it at once, such as a landline.
    """

    kind: PointKind
    value: str = ""
    address: PostalAddress | None = None
    role: Role | None = None
    name: str = ""
    language: str = ""
    corrects: str = ""
    verified: bool = False
    given_by_debtor: bool = True
    fault: Fault | None = None


class CloseChannel(_Act, frozen=True, tag="stop"):
    """They want nothing more by this channel; a firm may close one address alone."""

    channel: Channel
    point: str = ""


class OpenChannel(_Act, frozen=True, tag="start"):
    """They take the channel, or that address, again."""

    channel: Channel
    point: str = ""


class AddNote(_Act, frozen=True, tag="note"):
    """Something to keep in mind."""

    text: str


class NoteCall(_Act, frozen=True, tag="call"):
    """Somebody dialled; it counts in the caps, whoever answered."""

    outcome: CallOutcome
    words: str = ""


class WriteAnswer(_Act, frozen=True, tag="answer"):
    """A person answers a reply in words of their own, by a channel."""

    reply_id: str
    channel: Channel
    words: str


class AskCall(_Act, frozen=True, tag="ask_call"):
    """They want to be called: somebody is asked to, by what they wrote in a reply."""

    reply_id: str


class ReadReply(_Act, frozen=True, tag="read"):
    """A person has read a reply, and nothing is to be said."""

    reply_id: str


class CloseCase(_Act, frozen=True, tag="close"):
    """Nothing more is done about what the case owes; a new debt opens it again."""

    outcome: CloseOutcome
    words: str


class ReopenCase(_Act, frozen=True, tag="reopen"):
    """A case that was closed is followed again."""

    words: str


Act = (
    MakePromise
    | Defer
    | ClaimPaid
    | OpenDispute
    | AnswerDispute
    | PlaceHold
    | LiftHold
    | DeclareHardship
    | AddMark
    | RemoveMark
    | MarkPoint
    | AddPoint
    | CloseChannel
    | OpenChannel
    | AddNote
    | NoteCall
    | WriteAnswer
    | AskCall
    | ReadReply
    | CloseCase
    | ReopenCase
)
