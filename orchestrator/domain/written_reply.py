"""A reply that was read, seen as what its sender declares, and what people are asked to do about it.

The vocabulary of `reply_effects.py`: names of facts, tasks with their time, the hold of what nobody has dealt with.
"""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec

from orchestrator.domain.agreement import UNREAD, Hold, HoldKind
from orchestrator.domain.case import Switch
from orchestrator.domain.case_clock import deadline
from orchestrator.domain.declarations import Declared
from orchestrator.domain.duration import Duration, Unit
from orchestrator.domain.events import Event, HoldPlaced, TaskOpened
from orchestrator.domain.reply import Finding, Intent

_WORDS_KEPT = 500


class Written(Declared, frozen=True, kw_only=True):
    """A reply: what is declared, by which channel, from which address, in answer to a message sent where.

    `written_at` is when, None for `at`; it may reach us late. `opt_outs` are those of the person's other cases.
    `is_doubted` when somebody else may have written it in their name.
    """

    reply_id: str
    words: str = ""
    point: str = ""
    destination: str = ""
    written_at: datetime | None = None
    opt_outs: tuple[Switch, ...] = ()
    is_doubted: bool = False

    @property
    def cause(self) -> str:
        """What a person who gets a task about it reads first."""
        return f"debtor: {self.quoted}" if self.words else "debtor"

    @property
    def quoted(self) -> str:
        """Their words, as much as a task needs."""
        return self.words[:_WORDS_KEPT]

    def about(self, finding: Finding) -> "Written":
        """The reply seen as this declaration: its own name, and the debts that it names where the case has them."""
        references = self.named(finding) or self.references
        return msgspec.structs.replace(self, name=f"{self.name}:{finding.intent}", references=references)

    def named(self, finding: Finding) -> tuple[str, ...]:
        """The documents that the finding names, as the case knows them."""
        known = {_bare(debt.reference): debt.reference for debt in self.case.debts}
        return tuple(known[_bare(ref)] for ref in finding.references if _bare(ref) in known)


class Question(msgspec.Struct, frozen=True):
    """What a person of a role does about an intent, and until when. Meanwhile the case is held."""

    kind: str
    within: Duration
    role: str = "agent"


SOON, _TODAY = Duration(2, Unit.BUSINESS_DAY), Duration(1, Unit.HOUR)
QUESTIONS: dict[Intent, Question] = {
    Intent.WANTS_PLAN: Question("plan_request", SOON),
    Intent.WANTS_CALL: Question("call_back", SOON),
    Intent.ASKS_INVOICE: Question("send_invoice", SOON),
    Intent.NOT_RECEIVED: Question("send_invoice", SOON),
    Intent.MISSING_ORDER_NUMBER: Question("order_number", SOON),
    Intent.AWAITING_APPROVAL_OR_CREDIT_NOTE: Question("follow_up", Duration(10, Unit.BUSINESS_DAY)),
    Intent.WRITE_TO_SOMEONE_ELSE: Question("new_contact", SOON),
    Intent.WRONG_PERSON: Question("wrong_person", SOON),
    Intent.DECEASED: Question("deceased", SOON, "manager"),
    Intent.DISTRESS: Question("distress", _TODAY, "manager"),
}


def _bare(reference: str) -> str:
    return re.sub(r"[^0-9A-Z]", "", reference.upper())


def ask_of(written: Written, intent: Intent) -> list[Event]:
    """A person does what is asked, and demands wait for it."""
    return [question(written, intent), unread(written, written.name)]


def question(written: Written, intent: Intent) -> TaskOpened:
    """What a person is asked about an intent."""
    asked = QUESTIONS[intent]
    return task(written, asked.kind, asked.within, asked.role, subject=written.name)


def task(written: Written, kind: str, within: Duration, role: str, *, subject: str) -> TaskOpened:
    """A task for a person of a role, due within a time in the debtor's zone."""
    return TaskOpened(
        id=f"{subject}:task", at=written.at, by=written.by, task_id=f"{kind}:{subject}", kind=kind, subject=subject,
        role=role, due_at=deadline(written.at, within, written.place), cause=written.cause,
    )  # fmt: skip


def unread(written: Written, subject: str) -> HoldPlaced:
    """Demands wait until somebody has dealt with it; answering the task of this subject ends the hold."""
    hold = Hold(
        id=f"{UNREAD}{subject}", kind=HoldKind.UNREAD_REPLY, since=written.at, source=written.by,
        review_on=written.today + timedelta(days=3),
    )  # fmt: skip
    return HoldPlaced(id=f"{subject}:unread", at=written.at, by=written.by, hold=hold)


def questions(facts: Iterable[Event]) -> list[TaskOpened]:
    """The tasks among facts."""
    return [fact for fact in facts if isinstance(fact, TaskOpened)]
