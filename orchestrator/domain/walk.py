"""Follow one case through its campaign on a virtual clock: what would be said, when, and why not. Pure.

Serves campaign tests, plans and property tests. Each message that leaves is taken to be accepted at once; facts
given in advance happen at their instants. Nothing is stored or rendered.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta

import msgspec
from msgspec.structs import replace

from orchestrator.domain.apply import apply
from orchestrator.domain.campaign import Campaign, Purpose
from orchestrator.domain.case import Case
from orchestrator.domain.context import Contact, Context
from orchestrator.domain.decision import Decision, Send, Wait
from orchestrator.domain.events import Event
from orchestrator.domain.policy import ContactChannel, PolicyBook
from orchestrator.domain.progress import carry_out, make_progress
from orchestrator.domain.situation import Situation

# A walk that acts this often at one instant is a loop, not a campaign.
_MOST_ACTS_AT_ONCE = 60


class Moment(msgspec.Struct, frozen=True):
    """What was decided at an instant, and the case just before it."""

    at: datetime
    decision: Decision
    case: Case


def walk(
    case: Case,
    campaigns: Sequence[Campaign],
    book: PolicyBook,
    context: Callable[[datetime], Context] | Context,
    *,
    start: datetime,
    end: datetime,
    facts: Iterable[Event] = (),
) -> Iterator[Moment]:
    """Each decision from `start` to `end`. `facts` happen at their `at`; a task is opened and never answered."""
    to_come = sorted(facts, key=lambda fact: (fact.at, fact.id))
    contacts: list[Contact] = []
    now, acts = start, 0
    while now <= end:
        while to_come and to_come[0].at <= now:
            case = apply(case, to_come.pop(0))
        around = context(now) if callable(context) else context
        met = sorted((*around.contacts, *_as_known(contacts, case, around, now)), key=lambda contact: contact.at)
        around = replace(around, contacts=tuple(met))
        progress = make_progress(case, campaigns, book, around, now)
        decision, case = progress.decision, progress.case
        yield Moment(now, decision, case)
        case = carry_out(case, decision, now)
        if isinstance(decision.act, Wait):
            nexts = [at for at in (decision.act.until, to_come[0].at if to_come else None) if at is not None]
            if not nexts:
                return
            now, acts = max(min(nexts), now + timedelta(seconds=1)), 0
            continue
        if isinstance(decision.act, Send) and decision.act.purpose is not Purpose.ANSWER:
            contacts.append(_contact(case, decision.act, now))
        acts += 1
        if acts > _MOST_ACTS_AT_ONCE:
            raise RuntimeError(f"case {case.id} acts without end at {now}: {decision.act!r}")


def _as_known(contacts: list[Contact], case: Case, around: Context, now: datetime) -> Iterator[Contact]:
    """The walk's own contacts, those proved undelivered marked as such: they count in no cap (semantics B6, B7)."""
    failed = Situation(case, None, around, now).failed_ids
    return (replace(c, is_undelivered=True) if c.message_id in failed else c for c in contacts)


def _contact(case: Case, send: Send, at: datetime) -> Contact:
    message_id = f"{case.id}:{send.cycle}:{send.step}:{send.ordinal}"
    channel = ContactChannel(send.channel.value)
    return Contact(at=at, channel=channel, purpose=send.purpose, case_id=case.id, message_id=message_id)
