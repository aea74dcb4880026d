"""Whom a reply is from: by the message that it answers, else by the number or address that it came from.

One case has it. Only what protects the person (a stop, a wrong number) goes to their other cases (semantics A8).
"""

from collections.abc import Iterable

import msgspec

from channels.contract import Channel, Inbound
from orchestrator.domain.case import Case, CaseState
from orchestrator.domain.contact import POINT_OF_CHANNEL
from orchestrator.flows.protect_person import others_of_debtor
from orchestrator.intake.ledger.person_points import point_digest
from orchestrator.storage import attempts, cases, messages, persons
from orchestrator.storage.attempts import Attempt
from orchestrator.storage.database import Connection


class Match(msgspec.Struct, frozen=True, kw_only=True):
    """The case of a reply, the message that it answers where it is known, and the person's other cases.

    `is_answer` when it names a message of ours, which nobody else has seen; `attempt` is else the last one that left.
    `references` are the debts that the message was about. `others` have the sender's point, or are the same debtor's;
    `strangers` are cases of the sender who is somebody else and answers for the person, such as an accountant.
    """

    case: Case
    point: str
    attempt: Attempt | None = None
    is_answer: bool = False
    references: tuple[str, ...] = ()
    others: tuple[Case, ...] = ()
    strangers: tuple[Case, ...] = ()


def match_replies(conn: Connection, inbounds: Iterable[Inbound]) -> list[Match | None]:
    """The match of each, None for a sender that nobody knows."""
    return [_match(conn, inbound) for inbound in inbounds]


def _match(conn: Connection, inbound: Inbound) -> Match | None:
    point = normal_point(inbound.channel, inbound.sender)
    answered = _answered(conn, inbound)
    theirs = cases_with_point(conn, inbound.channel, point)
    case = answered[0] if answered else _latest(theirs, inbound.channel, point)
    if case is None:
        return None
    sender_is_person = answered is None or _share_person(conn, case, theirs)
    of_sender = [other for other in theirs if sender_is_person and other.id != case.id]
    others = {other.id: other for other in (*others_of_debtor(conn, case), *of_sender)}
    attempt = answered[1] if answered else _last_attempt(conn, case, inbound.channel, point)
    return Match(
        case=case,
        point=point,
        attempt=attempt,
        is_answer=answered is not None,
        references=_references(conn, attempt),
        others=tuple(others.values()),
        strangers=() if sender_is_person else tuple(theirs),
    )


def _share_person(conn: Connection, case: Case, theirs: list[Case]) -> bool:
    """Whether cases of the sender are of the person of this case."""
    found = cases.load(conn, [case.id, *(other.id for other in theirs)])
    return len({stored.person_id for stored in found}) == 1


def normal_point(channel: Channel, sender: str) -> str:
    """The sender as contact points are written."""
    return sender.strip().casefold() if channel is Channel.EMAIL else sender.strip()


def _answered(conn: Connection, inbound: Inbound) -> tuple[Case, Attempt] | None:
    """The message that it answers, and its case: by the address answered, else by the thread."""
    named = [inbound.attempt_id, *(_local_part(message_id) for message_id in inbound.thread)]
    found = {item.id: item for item in attempts.load(conn, [name for name in named if name])}
    attempt = next((found[name] for name in named if name in found), None)
    if attempt is None:
        return None
    stored = cases.load(conn, [attempt.case_id])
    return (stored[0].case, attempt) if stored else None


def _local_part(message_id: str) -> str:
    return message_id.strip("<> ").partition("@")[0]


def cases_with_point(conn: Connection, channel: Channel, point: str) -> list[Case]:
    """Every case of the person who has this point, whose debtor has it or was written to there."""
    kind = POINT_OF_CHANNEL[channel]
    person = persons.of_point(conn, point_digest(kind, point)) if point else None
    if person is None:
        return []
    ids = cases.of_persons(conn, [person]).get(person, [])
    theirs = [stored.case for stored in cases.load(conn, ids)]
    having = [case for case in theirs if _has_point(case, channel, point)]
    return having or [case for case in theirs if _was_written_to(conn, case, channel, point)]


def _has_point(case: Case, channel: Channel, point: str) -> bool:
    kind = POINT_OF_CHANNEL[channel]
    points = (known for person in case.debtor.people for known in person.points)
    return any(known.kind is kind and normal_point(channel, known.value) == point for known in points)


def _was_written_to(conn: Connection, case: Case, channel: Channel, point: str) -> bool:
    """Whether a message left for that point, whatever theirs is now."""
    left = [d.attempt_id for d in case.departures if d.channel is channel and d.attempt_id]
    return any(normal_point(channel, attempt.destination) == point for attempt in attempts.load(conn, left))


def _latest(theirs: list[Case], channel: Channel, point: str) -> Case | None:
    """Whoever was written to last is who answers; those written to at this point come before all others."""

    def rank(case: Case) -> tuple[bool, float, bool, str]:
        left = [d for d in case.departures if d.channel is channel and not d.is_observed]
        there = [d for d in left if normal_point(channel, d.point) == point] or left
        last = max((d.at.timestamp() for d in there), default=0.0)
        return (bool(there), last, case.state is CaseState.OPEN, case.id)

    return max(theirs, key=rank, default=None)


def _last_attempt(conn: Connection, case: Case, channel: Channel, point: str) -> Attempt | None:
    left = [d for d in case.departures if d.channel is channel and d.attempt_id]
    there = [d for d in left if normal_point(channel, d.point) == point] or left
    found = attempts.load(conn, [there[-1].attempt_id]) if there else []
    return found[0] if found else None


def _references(conn: Connection, attempt: Attempt | None) -> tuple[str, ...]:
    found = messages.load(conn, [attempt.message_id]) if attempt else []
    return tuple(found[0].send.references) if found else ()
