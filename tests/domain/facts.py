"""Short ways to say a fact in a test: each is an event whose id follows from what it says."""

from datetime import date
from typing import Any

from channels.contract import Channel, DeliveryStatus
from orchestrator.domain import events as ev
from orchestrator.domain.agreement import Hold, HoldKind, HoldScope, Promise
from orchestrator.domain.campaign import DocumentKind, Purpose, Use
from orchestrator.domain.debt import Debt, Payment
from orchestrator.domain.voice import Voice
from tests.builders import instant


def paid(cents: int, *references: str, on: str, pid: str = "P-1", at: str = "") -> ev.PaymentReceived:
    payment = Payment(pid, cents, date.fromisoformat(on), references)
    return ev.PaymentReceived(id=f"paid:{pid}", at=instant(at or f"{on} 10:00"), payment=payment)


def bounced(pid: str = "P-1", *, on: str) -> ev.PaymentReversed:
    day = date.fromisoformat(on)
    return ev.PaymentReversed(id=f"reversed:{pid}", at=instant(f"{on} 10:00"), payment_id=pid, on=day, code="AM04")


def recorded(debt: Debt, *, at: str, by: str = "") -> ev.DebtRecorded:
    return ev.DebtRecorded(id=f"debt:{debt.reference}:{at}", at=instant(at), debt=debt, by=by)


def a_hold(kind: HoldKind = HoldKind.VETO, *, since: str, until: str = "", hid: str = "H-1", **changes: Any) -> Hold:
    references = tuple(changes.pop("references", ()))
    scope = HoldScope.DEBTS if references else HoldScope.CASE
    end = date.fromisoformat(until) if until else None
    fields = {"scope": scope, "references": references, "until": end, **changes}
    return Hold(id=hid, kind=kind, since=instant(since), **fields)


def held(
    kind: HoldKind = HoldKind.VETO, *, since: str, until: str = "", hid: str = "H-1", **changes: Any
) -> ev.HoldPlaced:
    hold = a_hold(kind, since=since, until=until, hid=hid, **changes)
    return ev.HoldPlaced(id=f"held:{hid}", at=instant(since), hold=hold)


def lifted(hid: str = "H-1", *, at: str) -> ev.HoldLifted:
    return ev.HoldLifted(id=f"lifted:{hid}", at=instant(at), hold_id=hid, why="seen")


def promised(cents: int, *references: str, due: str, at: str, pid: str = "PR-1", grace_days: int = 3) -> ev.PromiseMade:
    promise = Promise(
        id=pid,
        amount_cents=cents,
        due_on=date.fromisoformat(due),
        grace_days=grace_days,
        made_at=instant(at),
        references=references,
    )
    return ev.PromiseMade(id=f"promised:{pid}", at=instant(at), promise=promise)


def disputed(*references: str, at: str, cents: int | None = None, hid: str = "D-1") -> ev.DisputeOpened:
    hold = a_hold(HoldKind.DISPUTE, since=at, hid=hid, references=references, amount_cents=cents)
    return ev.DisputeOpened(id=f"disputed:{hid}", at=instant(at), hold=hold, reason="quality")


def resolved(hid: str = "D-1", *, at: str, outcome: str = "rejected") -> ev.DisputeResolved:
    return ev.DisputeResolved(id=f"resolved:{hid}", at=instant(at), hold_id=hid, outcome=outcome)


def in_hardship(*, at: str, hid: str = "HS-1") -> ev.HardshipDeclared:
    return ev.HardshipDeclared(id=f"hardship:{hid}", at=instant(at), hold=a_hold(HoldKind.HARDSHIP, since=at, hid=hid))


def wrote(reading: str, *, at: str) -> ev.ReplyReceived:
    return ev.ReplyReceived(id=f"reply:{at}", at=instant(at), channel="email", reading=reading)


def marked(mark: str, *, at: str) -> ev.Marked:
    return ev.Marked(id=f"mark:{mark}:{at}", at=instant(at), mark=mark)


def unmarked(mark: str, *, at: str) -> ev.Unmarked:
    return ev.Unmarked(id=f"unmark:{mark}:{at}", at=instant(at), mark=mark)


def opted_out(channel: str, *, at: str, point: str = "") -> ev.OptedOut:
    return ev.OptedOut(id=f"out:{channel}:{point}:{at}", at=instant(at), channel=Channel(channel), point=point)


def reported(message_id: str, status: DeliveryStatus, *, at: str, channel: str = "email") -> ev.DeliveryReported:
    fact_id = f"receipt:{message_id}:{status}"
    return ev.DeliveryReported(
        id=fact_id, at=instant(at), message_id=message_id, channel=Channel(channel), status=status
    )


def closed(task_id: str, *, at: str, outcome: str = "done") -> ev.TaskClosed:
    return ev.TaskClosed(id=f"closed:{task_id}:{at}", at=instant(at), task_id=task_id, outcome=outcome)


def approved(step: str, cents: int, *, at: str, cycle: int = 1) -> ev.ApprovalGiven:
    return ev.ApprovalGiven(id=f"approved:{step}:{at}", at=instant(at), step=step, cycle=cycle, amount_cents=cents)


def refused(step: str, *, at: str, cycle: int = 1) -> ev.ApprovalRefused:
    return ev.ApprovalRefused(id=f"refused:{step}:{at}", at=instant(at), step=step, cycle=cycle)


def gone(
    step: str, *references: str, at: str, use: Use = Use.EMAIL, voice: Voice = Voice.COURTEOUS, **changes: Any
) -> ev.MessageLeft:
    ordinal, cycle = changes.pop("ordinal", 1), changes.pop("cycle", 1)
    message_id = f"CASE000001:{cycle}:{step}:{ordinal}"
    fields = {
        "template": step,
        "kind": DocumentKind.REMINDER,
        "purpose": Purpose.DEMAND,
        "references": references or ("F-1",),
        **changes,
    }
    return ev.MessageLeft(
        id=f"left:{message_id}",
        at=instant(at),
        message_id=message_id,
        step=step,
        cycle=cycle,
        ordinal=ordinal,
        channel=use.channel,
        use=use,
        voice=voice,
        **fields,
    )


def entered(*anchors: str, at: str, due: str = "2026-03-02", **changes: Any) -> ev.CampaignEntered:
    fields = {"cycle": 1, "step_index": 0, "campaign": "b2c", "release": "r1", "policy": "test-pack", **changes}
    return ev.CampaignEntered(
        id=f"entered:{fields['cycle']}",
        at=instant(at),
        anchors=anchors or ("F-1",),
        anchor_due_on=date.fromisoformat(due),
        **fields,
    )


def reacted(cause: str, *, at: str) -> ev.ReactionDone:
    return ev.ReactionDone(id=f"reacted:{cause}", at=instant(at), cause=cause, part="all")


def blocked(step: str, use: Use, *, at: str, cycle: int = 1) -> tuple[ev.MessagePlanned, ev.MessageCancelled]:
    """A message whose words the channel refused before it left."""
    message_id = f"CASE000001:{cycle}:{step}:1"
    planned = ev.MessagePlanned(
        id=f"planned:{message_id}",
        at=instant(at),
        message_id=message_id,
        step=step,
        cycle=cycle,
        ordinal=1,
        channel=use.channel,
    )
    cancelled = ev.MessageCancelled(
        id=f"cancelled:{message_id}", at=instant(at), message_id=message_id, why="content", blocks_channel=True
    )
    return planned, cancelled
