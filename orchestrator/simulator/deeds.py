"""What invented people are going to do, and when. Owns the shape; what a deed changes is known when its hour comes."""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, Protocol

import msgspec

from channels.contract import Channel, DeliveryStatus, Inbound
from orchestrator.domain.case import Case, Departure
from orchestrator.domain.events import Event


class DeedKind(StrEnum):
    """What is done."""

    RECEIPT = "receipt"
    PAY = "pay"
    PROMISE = "promise"
    DISPUTE = "dispute"
    HARDSHIP = "hardship"
    CLAIM_PAID = "claim_paid"
    STOP = "stop"


class Deed(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that will happen to a case. `key` is unique within the case and names the facts it becomes.

    `references` are the debts meant, those due then when empty; `percent` how much of them is paid or promised;
    `days` how far ahead a promise goes. `channel` and `point` are those of the message that it answers.
    """

    at: datetime
    case_id: str
    key: str
    kind: DeedKind
    message_id: str = ""
    channel: Channel | None = None
    point: str = ""
    status: DeliveryStatus | None = None
    references: tuple[str, ...] = ()
    percent: int = 100
    days: int = 0

    @property
    def order(self) -> tuple[datetime, str, str]:
        """Deeds are done in this order, whatever the order in which they were thought of."""
        return (self.at, self.case_id, self.key)


class Done(NamedTuple):
    """What a deed became, and what will follow from it: facts, or a text that is read before anything follows."""

    facts: list[Event]
    deeds: list[Deed]
    text: Inbound | None = None


class Crowd(Protocol):
    """The debtors of a run. Each answer depends on the case and the message alone, never on who was asked before."""

    def begin(self, case: Case, *, now: datetime) -> list[Deed]:
        """What they will do whatever anybody writes."""

    def hear(self, case: Case, departure: Departure) -> list[Deed]:
        """What becomes of a message that left, and what they will do about it."""

    def hear_call(self, case: Case, subject: str, *, at: datetime) -> list[Deed]:
        """What they will do about a call."""

    def do(self, case: Case, deed: Deed) -> Done:
        """The deed, as things stand now; no fact when it has no object any more."""

    def follow(self, case: Case, deed: Deed, reply_id: str) -> list[Deed]:
        """What they will do after what they wrote was read; `case` is the one that it was read for."""
