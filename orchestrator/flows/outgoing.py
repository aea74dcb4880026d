"""A message on its way through one round of dispatch, and the small moves that gate and record share."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from channels.contract import Adapter, Channel, Outcome
from orchestrator.domain.apply import apply
from orchestrator.domain.case import Case
from orchestrator.domain.context import Contact
from orchestrator.domain.decision import Send
from orchestrator.domain.events import Event
from orchestrator.domain.lane import SANDBOX_LANES, Lane
from orchestrator.domain.meter import Tally, count
from orchestrator.domain.policy import ContactChannel
from orchestrator.storage import cases, journal, messages, meters
from orchestrator.storage.database import Connection

# Only named here: a pause passes by this file, and must not wait for the words of messages to be loaded.
if TYPE_CHECKING:
    from orchestrator.rendering.brief import Brief
    from orchestrator.rendering.compose import Composed

Compose = Callable[["Brief", str, Sequence[str]], "Composed"]
"""(brief, release of the campaign, mentions it must bear) → the message; raises RelanceError when it cannot be."""
Draw = Callable[[], tuple[str, str]]
"""Draws (attempt id, link token); from a seed in a rehearsal."""


class Post(msgspec.Struct, frozen=True, kw_only=True):
    """What dispatch sends with: how words are composed, the lanes with their adapters, and how links are made."""

    compose: Compose
    adapters: Mapping[str, Adapter]
    draw: Draw
    public_url: str
    lanes: tuple[Lane, ...] = SANDBOX_LANES
    languages: frozenset[str] = frozenset({"fr", "en"})

    def link(self, token: str) -> str:
        """The way out that the message bears; no other attempt has it."""
        return f"{self.public_url}/d/{token}"


def sandbox_adapters(make: Callable[[Channel], Adapter]) -> dict[str, Adapter]:
    """One adapter for each sandbox lane."""
    return {lane.id: make(lane.channel) for lane in SANDBOX_LANES}


class Outgoing(msgspec.Struct, kw_only=True):
    """One planned message during a round. `problem` is why it will not leave; `outcome` what the channel answered.

    `demands_cents` is what it asks for; `attempt_id`, `token` and `number` name this try of it.
    """

    message: messages.Message
    stored: cases.Stored
    composed: "Composed | None"
    attempt_id: str = ""
    token: str = ""
    link: str = ""
    number: int = 1
    amount_cents: int = 0
    problem: str = ""
    outcome: Outcome | None = None

    @property
    def case(self) -> Case:
        """Its case as `stored`: read by prepare, then under lock by the gate and once more by record."""
        return self.stored.case

    @property
    def units(self) -> int:
        """What a lane is charged: segments of an SMS, one otherwise."""
        return self.composed.units if self.composed else 1

    @property
    def cost_cents(self) -> int:
        """What sending it costs."""
        return self.message.cost_cents * self.units


def is_same_send(act: Send, planned: Send) -> bool:
    """Whether a decision of now is the one that was planned; when exactly it may leave is no part of it."""
    return replace(act, not_before=planned.not_before, expires=planned.expires, ordinal=planned.ordinal) == planned


def contact_of(item: Outgoing, now: datetime) -> Contact:
    """The contact that this message is, for the caps."""
    return Contact(
        at=now,
        channel=ContactChannel(item.message.send.channel.value),
        purpose=item.message.send.purpose,
        case_id=item.message.case_id,
        message_id=item.message.id,
    )


def move(
    item: Outgoing,
    to: messages.MessageState,
    now: datetime,
    *,
    expected: messages.MessageState = messages.MessageState.PLANNED,
    not_before: datetime | None = None,
    lane: str | None = None,
) -> messages.Move:
    """The change of state of its row, with what is known of it by now.

    While it waits, its cost is that of one unit; once it is called, that of all: never of all, times all again.
    """
    is_left = to in (messages.MessageState.ACCEPTED, messages.MessageState.IN_DOUBT)
    cost_cents = item.message.cost_cents if to is messages.MessageState.PLANNED else item.cost_cents
    return messages.Move(
        message_id=item.message.id,
        expected=expected,
        to=to,
        reason=item.problem[:200],
        not_before=not_before,
        lane=lane,
        left_at=now if is_left else None,
        content_hash=item.composed.hash if item.composed else None,
        amount_cents=item.amount_cents,
        cost_cents=cost_cents,
    )


def apply_facts(conn: Connection, facts: Sequence[tuple[Outgoing, Event]], now: datetime) -> None:
    """Journal the facts, change their cases, count them, and make each case due now."""
    if not facts:
        return
    by_case: dict[str, tuple[Case, int]] = {}
    tally = Tally()
    for item, fact in facts:
        case, version = by_case.get(item.message.case_id, (item.case, item.stored.version))
        count(case, fact, tally)
        by_case[item.message.case_id] = (apply(case, fact), version)
    journal.append(conn, [journal.Entry(item.message.case_id, fact.at, fact) for item, fact in facts], now=now)
    cases.save(conn, [cases.Change(case, now, version) for case, version in by_case.values()], now=now)
    meters.add(conn, tally, at=now)
