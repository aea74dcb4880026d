"""A text that reached the creditor elsewhere (a letter, a call centre's mailbox) is taken as a reply of its case."""

from datetime import datetime

import msgspec

from channels.contract import Channel, Inbound
from orchestrator.domain.case import Case
from orchestrator.domain.contact import POINT_OF_CHANNEL
from orchestrator.domain.errors import Conflict, NotFound
from orchestrator.flows.match_reply import match_replies
from orchestrator.flows.record_replies import Recorded, record_replies_in
from orchestrator.flows.strategy import Strategy
from orchestrator.storage import cases
from orchestrator.storage.database import Database


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """What they wrote, by which channel, and from where when that is known."""

    channel: Channel
    text: str
    sender: str = ""
    subject: str = ""


def take_reply(
    database: Database, strategy: Strategy, case_id: str, heard: Heard, *, key: str, now: datetime
) -> Recorded:
    """Reads it and does what it asks, as if it had come in; the same `key` again changes nothing.

    Raises NotFound for an unknown case, and Conflict where it could be of another case of the same person.
    """
    with database.begin() as conn:
        found = cases.load(conn, [case_id])
        if not found:
            raise NotFound("no case has this id", hint="`relance case list` and GET /cases list them")
        case = found[0].case
        inbound = Inbound(
            channel=heard.channel,
            dedup_key=f"told:{key}",
            sender=heard.sender or _own_point(case, heard.channel),
            to="",
            text=heard.text,
            subject=heard.subject,
            attempt_id=_last_attempt(case, heard.channel),
            occurred_at=now,
        )
        (match,) = match_replies(conn, [inbound])
        if match is None or match.case.id != case_id:
            hint = "note what they said, and act on the case yourself"
            raise Conflict("nothing was sent in this case that this could answer", hint=hint, code="reply_of_nothing")
        (recorded,) = record_replies_in(conn, strategy, [inbound], now=now)
    return recorded


def _last_attempt(case: Case, channel: Channel) -> str:
    """The message that it answers: the last of that channel, else the last of all."""
    left = [departure for departure in case.departures if departure.attempt_id]
    there = [departure for departure in left if departure.channel is channel] or left
    return max(there, key=lambda departure: departure.at).attempt_id if there else ""


def _own_point(case: Case, channel: Channel) -> str:
    kind = POINT_OF_CHANNEL[channel]
    points = (point for person in case.debtor.people for point in person.points)
    return next((point.value for point in points if point.kind is kind and point.value), "")
