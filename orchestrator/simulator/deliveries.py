"""What the post, the operators and the mail servers report of a message, after minutes or days. Nobody answers here."""

from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple

from channels.contract import Channel, DeliveryStatus
from orchestrator.domain.campaign import Use
from orchestrator.domain.case import Case, Departure
from orchestrator.domain.contact import POINT_OF_CHANNEL, PointKind
from orchestrator.simulator.deeds import Deed, DeedKind
from orchestrator.simulator.profiles import DEAD_MAILBOXES, DEAD_NUMBERS, LEFT_ADDRESSES, UNCLAIMED

Report = tuple[timedelta, DeliveryStatus]

_DEAD_PERCENT = {Channel.SMS: DEAD_NUMBERS, Channel.EMAIL: DEAD_MAILBOXES, Channel.LETTER: LEFT_ADDRESSES}


class Delivery(NamedTuple):
    """The receipts to come, and when the message is read; None when it never is."""

    deeds: list[Deed]
    read_at: datetime | None


def deliver(seed: int, case: Case, departure: Departure) -> Delivery:
    """What becomes of a message. An address that is dead once is dead each time."""
    rng = Random(f"{seed}|{case.id}|{departure.message_id}|way")  # noqa: S311  # invented, no secret
    point = point_of(case, departure.channel)
    is_dead = _is_dead(seed, case, departure.channel, point)
    reports = _reports(departure, rng, is_dead=is_dead)
    deeds = [
        Deed(
            at=departure.at + after,
            case_id=case.id,
            key=f"{departure.message_id}:{status}",
            kind=DeedKind.RECEIPT,
            message_id=departure.message_id,
            channel=departure.channel,
            point=point,
            status=status,
        )
        for after, status in reports
    ]
    last_after, last = reports[-1]
    is_read = last in (DeliveryStatus.DELIVERED, DeliveryStatus.POSTED)
    post_time = timedelta(days=rng.randrange(1, 4)) if last is DeliveryStatus.POSTED else timedelta()
    return Delivery(deeds, departure.at + last_after + post_time if is_read else None)


def point_of(case: Case, channel: Channel) -> str:
    """The address that a message of this channel goes to: the first usable one; empty for post."""
    kind = POINT_OF_CHANNEL[channel]
    if kind is PointKind.POST:
        return ""
    marked = {switch.key for switch in case.points if switch.is_on}
    found = [point for person in case.debtor.people for point in person.points if point.kind is kind]
    usable = [p.value for p in found if p.fault is None and f"{kind}:{p.value}" not in marked]
    return usable[0] if usable else ""


def _is_dead(seed: int, case: Case, channel: Channel, point: str) -> bool:
    address = case.debtor.address
    where = point or (f"{address.lines} {address.postcode}" if address else case.id)
    draw = Random(f"{seed}|{channel}|{where}").randrange(100)  # noqa: S311  # invented, no secret
    return draw < _DEAD_PERCENT[channel]


def _reports(departure: Departure, rng: Random, *, is_dead: bool) -> list[Report]:
    minutes, days = timedelta(minutes=1), timedelta(days=1)
    if departure.use is Use.SMS:
        end = DeliveryStatus.UNDELIVERED if is_dead else DeliveryStatus.DELIVERED
        return [(rng.randrange(1, 20) * minutes, end)]
    if departure.use is Use.EMAIL:
        end = DeliveryStatus.BOUNCED if is_dead else DeliveryStatus.DELIVERED
        return [(rng.randrange(1, 45) * minutes, end)]
    posted = (rng.randrange(6, 20) * 60 * minutes, DeliveryStatus.POSTED)
    if departure.use is Use.LETTER:
        return [posted, (rng.randrange(7, 13) * days, DeliveryStatus.RETURNED)] if is_dead else [posted]
    if is_dead:
        return [posted, (rng.randrange(4, 9) * days, DeliveryStatus.UNKNOWN_ADDRESS)]
    presented_after = rng.randrange(2, 5) * days
    if rng.randrange(100) < UNCLAIMED:
        kept = timedelta(days=17)  # fifteen days at the counter, and the way back
        return [
            posted,
            (presented_after, DeliveryStatus.PRESENTED),
            (presented_after + kept, DeliveryStatus.UNCLAIMED),
        ]
    return [posted, (presented_after, DeliveryStatus.DELIVERED)]
