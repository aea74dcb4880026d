"""Lets a random world live: persons answer its tasks, providers report on its messages, time passes.

Like `domain.walk`, which knows neither; a test holds the two against each other where nobody answers.
"""

from datetime import datetime, timedelta

import msgspec
from msgspec.structs import replace

from channels.contract import Channel, DeliveryStatus
from orchestrator.domain import events as ev
from orchestrator.domain.apply import apply
from orchestrator.domain.campaign import Purpose
from orchestrator.domain.case import Case
from orchestrator.domain.context import Contact
from orchestrator.domain.decision import Ask, Send, Wait
from orchestrator.domain.events import Event
from orchestrator.domain.policy import ContactChannel
from orchestrator.domain.progress import carry_out, make_progress
from orchestrator.domain.walk import Moment
from tests.domain.histories import DAYS, START, World

MOST_MOMENTS = 1500


class Life(msgspec.Struct):
    """A world and every moment of it."""

    world: World
    moments: list[Moment]


def live(world: World) -> Life:
    """The whole life. Raises RuntimeError when it acts without end."""
    case, now, met = world.case, START, list(world.contacts)
    to_come = sorted(world.facts, key=lambda fact: (fact.at, fact.id))
    answers, receipts = list(world.answers), list(world.receipts)
    book, moments = world.book, list[Moment]()
    while now <= START + timedelta(days=DAYS):
        while to_come and to_come[0].at <= now:
            case = apply(case, to_come.pop(0))
        failed = failed_ids(case)
        known = (replace(c, is_undelivered=c.message_id in failed) for c in met if c.at <= now)
        around = replace(world.context(now), contacts=tuple(known))
        progress = make_progress(case, world.campaigns, book, around, now)
        decision, case = progress.decision, progress.case
        moments.append(Moment(now, decision, case))
        if len(moments) > MOST_MOMENTS:
            raise RuntimeError(f"acts without end at {now}: {decision.act}")
        case = carry_out(case, decision, now)
        if isinstance(decision.act, Wait):
            nexts = [at for at in (decision.act.until, to_come[0].at if to_come else None) if at is not None]
            if not nexts:
                break
            now = max(min(nexts), now + timedelta(seconds=1))
            continue
        new: list[Event] = []
        if isinstance(decision.act, Ask) and answers:
            new = _answer(decision.act, case, now, *answers.pop(0))
        elif isinstance(decision.act, Send):
            if decision.act.purpose is not Purpose.ANSWER:
                met = sorted([*met, _contact(case, decision.act, now)], key=lambda contact: contact.at)
            if receipts:
                new = _report(decision.act, case, now, *receipts.pop(0))
        to_come = sorted([*to_come, *new], key=lambda fact: (fact.at, fact.id))
    return Life(world, moments)


def _answer(ask: Ask, case: Case, now: datetime, answer: str, hours: int) -> list[Event]:
    """What a person's answer to a task makes true, some hours later."""
    at, task_id = now + timedelta(hours=hours), f"{ask.task}:{ask.subject}"
    if not answer:
        return []
    found: list[Event] = [ev.TaskClosed(id=f"closed:{task_id}", at=at, task_id=task_id, outcome=answer)]
    if ask.task == "approve" and answer == "approve":
        cycle, cents = case.cycle_number, ask.amount_cents
        found.append(ev.ApprovalGiven(id=f"given:{task_id}", at=at, step=ask.step, cycle=cycle, amount_cents=cents))
    elif ask.task == "approve":
        found.append(ev.ApprovalRefused(id=f"refused:{task_id}", at=at, step=ask.step, cycle=case.cycle_number))
    elif ask.task == "call":
        found.append(ev.CallMade(id=f"called:{task_id}", at=at, step=ask.step, cycle=case.cycle_number, outcome="x"))
    return found


def _message_id(case: Case, act: Send) -> str:
    return f"{case.id}:{act.cycle}:{act.step}:{act.ordinal}"


def _report(act: Send, case: Case, now: datetime, status: DeliveryStatus | None, hours: int) -> list[Event]:
    if status is None or act.is_observed:
        return []
    message_id, at = _message_id(case, act), now + timedelta(hours=hours)
    fact_id = f"receipt:{message_id}:{status}"
    return [ev.DeliveryReported(id=fact_id, at=at, message_id=message_id, channel=act.channel, status=status)]


def _contact(case: Case, act: Send, at: datetime) -> Contact:
    channel = ContactChannel(act.channel.value)
    return Contact(at=at, channel=channel, purpose=act.purpose, case_id=case.id, message_id=_message_id(case, act))


_RANKS = {
    Channel.SMS: ["failed", "undelivered", "delivered"],
    Channel.EMAIL: ["failed", "delivered", "bounced", "complained"],
    Channel.LETTER: [
        "failed",
        "lost",
        "delivered",
        "returned",
        "unclaimed",
        "refused",
        "unknown_address",
        "complained",
    ],
}
_BAD = {"failed", "undelivered", "bounced", "lost", "returned", "unknown_address"}


def failed_ids(case: Case) -> set[str]:
    """Messages whose strongest receipt is a failure (semantics D5)."""
    found = set()
    for channel, ranks in _RANKS.items():
        best: dict[str, int] = {}
        for receipt in case.receipts:
            if receipt.channel is channel and receipt.status.value in ranks:
                rank = ranks.index(receipt.status.value)
                best[receipt.message_id] = max(rank, best.get(receipt.message_id, -1))
        found |= {message_id for message_id, rank in best.items() if ranks[rank] in _BAD}
    return found
