"""A stop that came before its case: kept by its point, obeyed by whatever case brings the point later.

Owns both ends: what a reply leaves behind, and the facts that an import takes from it.
"""

from collections.abc import Mapping
from datetime import datetime

from channels.contract import Channel, Inbound
from orchestrator.domain.contact import POINT_OF_CHANNEL, Debtor
from orchestrator.domain.events import Event, OptedOut
from orchestrator.domain.reply import Intent, Reading
from orchestrator.flows.match_reply import normal_point
from orchestrator.intake.ledger.person_points import point_digest
from orchestrator.storage import early_stops
from orchestrator.storage.database import Connection
from orchestrator.storage.early_stops import EarlyStop

BY = "debtor"


def keep_stop(
    conn: Connection,
    inbound: Inbound,
    reading: Reading,
    reply_id: str,
    *,
    is_known: bool,
    is_doubted: bool,
    now: datetime,
) -> None:
    """Keeps the stop of a sender whom nobody knows; a certain START of anybody forgets what was kept of that point.

    A START that may be forged (`is_doubted`) forgets nothing.
    """
    asked = [finding for finding in reading.findings if finding.intent is Intent.STOP]
    point = normal_point(inbound.channel, inbound.sender)
    if not asked or not point:
        return
    digest = point_digest(POINT_OF_CHANNEL[inbound.channel], point)
    written_at = min(inbound.occurred_at or now, now)
    if all(finding.is_resume for finding in asked):
        if not is_doubted and any(finding.is_certain for finding in asked):
            early_stops.forget(conn, digest, before=written_at)
    elif not is_known:
        stop = EarlyStop(point=digest, channel=inbound.channel.value, reply_id=reply_id, stopped_at=written_at)
        early_stops.keep(conn, stop)


def stops_before(
    conn: Connection, debtors: Mapping[str, Debtor], before: Mapping[str, Debtor], *, now: datetime
) -> dict[str, list[Event]]:
    """The opt-outs of cases whose debtors bring a point that asked us to stop, by case id; one query for all.

    `before` has the debtors of known cases: a point that a case had already was heard when it spoke.
    """
    brought = {
        case_id: _points(debtor).items() - (_points(before[case_id]).items() if case_id in before else set())
        for case_id, debtor in debtors.items()
        if before.get(case_id) != debtor
    }
    wanted = {digest for points in brought.values() for digest, _ in points}
    found = early_stops.of_points(conn, wanted) if wanted else {}
    facts: dict[str, list[Event]] = {}
    for case_id, points in brought.items() if found else ():
        for digest, point in sorted(points):
            if digest in found:
                facts.setdefault(case_id, []).append(_opted_out(debtors[case_id], found[digest], point, now))
    return facts


def _points(debtor: Debtor) -> dict[str, str]:
    """Digest and value of every number and address."""
    points = (point for person in debtor.people for point in person.points if point.value)
    return {point_digest(point.kind, point.value): point.value for point in points}


def _opted_out(debtor: Debtor, stop: EarlyStop, point: str, now: datetime) -> Event:
    """As a stop of today would: the channel for a person, the address for a firm (semantics A7)."""
    channel = Channel(stop.channel)
    closed = "" if debtor.status.is_individual else normal_point(channel, point)
    return OptedOut(id=f"reply:{stop.reply_id}:early:{stop.point}", at=now, by=BY, channel=channel, point=closed)
