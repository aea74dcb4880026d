"""What `decide` answers: one act, with every rule that was looked at. Worded only by `why`."""

from datetime import datetime
from enum import StrEnum

import msgspec

from channels.contract import Channel
from orchestrator.domain.campaign import Amounts, DocumentKind, Purpose, Use
from orchestrator.domain.contact import Role
from orchestrator.domain.voice import Voice


class Verdict(StrEnum):
    """What a rule said. Stronger ones win: block, ask, defer, pass, note, allow."""

    ALLOW = "allow"
    NOTE = "note"
    PASS = "pass"
    DEFER = "defer"
    ASK = "ask"
    BLOCK = "block"


class Reason(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One rule looked at: its code, what it said and the values it read. Its source is in the pack of that day.

    Values are short words and numbers, never a name, an address or a text. `until` is when it will say otherwise.
    """

    rule: str
    verdict: Verdict
    values: tuple[tuple[str, str | int], ...] = ()
    until: datetime | None = None


class Send(msgspec.Struct, frozen=True, tag="send", omit_defaults=True, kw_only=True):
    """Say this. `step` names a campaign step or the causing event; `ordinal` counts the channels tried (from 1).

    `references` are the debts demanded, `listed` those shown apart. `not_before`/`expires` are instants.
    """

    step: str
    cycle: int
    ordinal: int
    channel: Channel
    use: Use
    voice: Voice
    template: str
    kind: DocumentKind
    purpose: Purpose
    not_before: datetime
    expires: datetime | None = None
    cause: str = ""
    role: Role | None = None
    references: tuple[str, ...] = ()
    listed: tuple[str, ...] = ()
    offer: tuple[str, ...] = ()
    amounts: Amounts = Amounts.MENTION
    deadline_days: int = 0
    is_restatement: bool = False
    is_observed: bool = False

    @property
    def key(self) -> tuple[int, str, int]:
        """With the case id, the identity of the message: it can be planned once (semantics A5)."""
        return (self.cycle, self.step, self.ordinal)


class Wait(msgspec.Struct, frozen=True, tag="wait", omit_defaults=True, gc=False):
    """Nothing to do before `until`; None waits for a fact, and then a reason names the hold or the task."""

    until: datetime | None = None


class Ask(msgspec.Struct, frozen=True, tag="ask", omit_defaults=True, kw_only=True):
    """A person must decide: a task of a kind, for a role, due at an instant. `subject` makes it unique per case."""

    task: str
    subject: str
    role: str = "agent"
    due_at: datetime
    step: str = ""
    cause: str = ""
    amount_cents: int = 0


class HandOver(msgspec.Struct, frozen=True, tag="hand_over"):
    """Pass the case to the next stage; a person has approved."""

    stage: str
    step: str
    references: tuple[str, ...] = ()


class Close(msgspec.Struct, frozen=True, tag="close"):
    """The case is over: paid, uneconomic, …"""

    outcome: str
    step: str = ""


Act = Send | Wait | Ask | HandOver | Close


class Passed(msgspec.Struct, frozen=True, gc=False):
    """A step that the ladder went past without a message, and why: `if`, `expired`, `after_due`, `refused`, …

    With a `cause` it is the reaction to that event which is given up.
    """

    step: str
    why: str
    values: tuple[tuple[str, str | int], ...] = ()
    cause: str = ""


class Decision(msgspec.Struct, frozen=True):
    """One act with its reasons, and the steps passed on the way."""

    act: Act
    reasons: tuple[Reason, ...] = ()
    passed: tuple[Passed, ...] = ()
