"""The bodies of acts on a case, as they are sent. What each does is `acts.py`."""

from datetime import date
from typing import Annotated

from pydantic import Field

from channels.contract import Channel
from orchestrator.domain import acts
from orchestrator.domain.agreement import HoldKind
from orchestrator.domain.contact import Fault, PointKind, Role
from orchestrator.web.api.shapes import Sent

Day = Annotated[date, Field(strict=False, description="a day where the debtor lives, such as 2026-03-20")]
Documents = Annotated[
    list[Annotated[str, Field(min_length=1, max_length=64)]],
    Field(max_length=1000, description="references of documents of the case; none: all that are open"),
]
Words = Annotated[str, Field(max_length=4000)]
Part = Annotated[str, Field(min_length=1, max_length=30, description='such as "20.00"')]


class SummedIn(Sent):
    """What may name an amount, in the case's currency."""

    amount: Part | None = None
    currency: str = Field("", max_length=3, description="when given, the case's own: another one is refused")


class PromiseIn(SummedIn):
    """They will pay the amount, or all, by a day. Without `grace_days` the campaign's."""

    on: Day
    grace_days: int | None = Field(None, ge=0)
    documents: Documents = Field(default=[])


class DeferralIn(Sent):
    """Demands wait until the end of a day."""

    until: Day
    documents: Documents = Field(default=[])


class AlreadyPaidIn(SummedIn):
    """They say that it is paid. A remittance advice names its documents and amount."""

    documents: Documents = Field(default=[])
    by_cheque: bool = False
    words: Words = ""


class DisputeIn(SummedIn):
    """They disagree; `amount` limits it to a part of one document. `owner` is who must answer."""

    documents: Documents = Field(default=[])
    reason: Annotated[acts.DisputeReason, Field(strict=False)] | None = None
    owner: str = Field("", max_length=120)
    words: Words = ""


class AnswerIn(Sent):
    """What the creditor decided."""

    outcome: Annotated[acts.DisputeOutcome, Field(strict=False)]
    words: Words = ""


class HoldIn(Sent):
    """Demands stop until a day, or until a person looks at it again. `source` is the paper that says so."""

    kind: Annotated[HoldKind, Field(strict=False)]
    until: Day | None = None
    review_on: Day | None = None
    documents: Documents = Field(default=[])
    blocks_all: bool = Field(default=False, description="every message, not demands only")
    reason: str = Field("", max_length=200)
    source: str = Field("", max_length=200)


class LiftIn(Sent):
    """Why it ends."""

    why: str = Field(min_length=1, max_length=200)


class HardshipIn(Sent):
    """They cannot pay."""

    words: Words = ""


class MarkIn(Sent):
    """Something true of them."""

    mark: str = Field(min_length=1, max_length=60, description="such as vulnerable or good_payer")


class PointIn(Sent):
    """A number or address of theirs, as the ledger has it; `fault` None is good again."""

    kind: Annotated[PointKind, Field(strict=False)]
    value: str = Field("", max_length=320, description="none for post")
    fault: Annotated[Fault, Field(strict=False)] | None = None


class AddressIn(Sent):
    """A postal address: its street lines, without name, postcode and city."""

    lines: Annotated[list[Annotated[str, Field(min_length=1, max_length=120)]], Field(min_length=1, max_length=5)]
    postcode: str = Field("", max_length=20)
    city: str = Field("", max_length=60)
    country: str = Field("", max_length=60, description="ISO 3166 or a name; none: the debtor's")


class ContactIn(Sent):
    """A number or address that the ledger has not. Post has an `address`, the others a `value`."""

    kind: Annotated[PointKind, Field(strict=False)]
    value: str = Field("", max_length=320, description="as people write it")
    address: AddressIn | None = None
    role: Annotated[Role, Field(strict=False)] | None = Field(None, description="none: the first contact person")
    name: str = Field("", max_length=120)
    language: str = Field("", pattern=r"^([a-z]{2})?$", description="ISO 639-1 of a new contact person")
    corrects: str = Field("", max_length=320, description="the number or address that was wrong")
    verified: bool = Field(default=False, description="the debtor confirmed it")
    given_by_debtor: bool = True


class CloseIn(Sent):
    """Why a case that still owes is over."""

    outcome: Annotated[acts.CloseOutcome, Field(strict=False)]
    words: str = Field(min_length=1, max_length=4000)


class ReopenIn(Sent):
    """Why it is followed again."""

    words: str = Field(min_length=1, max_length=4000)


class ChannelIn(Sent):
    """A channel, or one address of a firm."""

    channel: Annotated[Channel, Field(strict=False)]
    point: str = Field("", max_length=320)


class NoteIn(Sent):
    """Something to keep in mind."""

    text: str = Field(min_length=1, max_length=4000)


class CallIn(Sent):
    """Somebody dialled; it counts in the caps."""

    outcome: Annotated[acts.CallOutcome, Field(strict=False)]
    words: Words = ""
