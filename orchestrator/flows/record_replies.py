"""What people write becomes facts of their case, once: stored, read, acted upon or given to a person.

A stop is obeyed in every case of the person, also in those that come later when it came from a number that nobody had.
What nobody can place is kept too, and a person finds out whose it is.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from hashlib import blake2b

import msgspec

from channels.contract import Inbound
from orchestrator.domain.account import account_of
from orchestrator.domain.campaign import AgreementTerms
from orchestrator.domain.case import Case
from orchestrator.domain.declarations import place_of_debtor
from orchestrator.domain.events import Event, OptedOut
from orchestrator.domain.meter import Tally
from orchestrator.domain.place import Place, local_date, place_of
from orchestrator.domain.progress import pinned_campaign
from orchestrator.domain.reply import Intent, Reading
from orchestrator.domain.reply_effects import effects, needs_person
from orchestrator.domain.reply_order import place_in_line, risk_of
from orchestrator.domain.written_reply import Written
from orchestrator.flows.early_stops import keep_stop
from orchestrator.flows.match_reply import Match, match_replies
from orchestrator.flows.protect_person import told_elsewhere
from orchestrator.flows.record_facts import record_in
from orchestrator.flows.strategy import Strategy
from orchestrator.flows.task_rows import line_up_fragile, tasks_of
from orchestrator.intake.replies.reader import read_reply
from orchestrator.storage import cases, meters, replies, tasks, waiting_replies
from orchestrator.storage.database import Connection, Database
from orchestrator.storage.replies import Reply, ReplyState

BY = "debtor"
# A reply that took longer than this on its way is read by the day it reached us.
_LATE = timedelta(days=3)
_PLACE_WITHIN = timedelta(days=1)


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one reply: its id, whether it was new, its case (empty when unknown) and its reading."""

    reply_id: str
    is_new: bool
    case_id: str = ""
    reading: Reading | None = None


def record_replies(
    database: Database, strategy: Strategy, inbounds: Sequence[Inbound], *, now: datetime
) -> list[Recorded]:
    """Stores replies in one transaction; the same reply again changes nothing."""
    with database.begin() as conn:
        return record_replies_in(conn, strategy, inbounds, now=now)


def record_replies_in(
    conn: Connection, strategy: Strategy, inbounds: Sequence[Inbound], *, now: datetime
) -> list[Recorded]:
    """The same inside a transaction of the caller's. Results in the order of the replies."""
    matches = match_replies(conn, inbounds)
    # Every case of the batch first, in the order of ids: two batches never wait for each other in a circle.
    concerned = {case.id for match in matches if match for case in (match.case, *match.others, *match.strangers)}
    _ = cases.load(conn, concerned, for_update=True)
    counted = Tally()
    done = [_record(conn, strategy, told, match, now, counted) for told, match in zip(inbounds, matches, strict=True)]
    meters.add(conn, counted, at=now)
    return done


def reply_id_of(inbound: Inbound) -> str:
    """The name of a reply, the same however often it is told."""
    told = f"{inbound.channel}\x1f{inbound.dedup_key}"
    return blake2b(told.encode(), digest_size=10).hexdigest()


def _record(
    conn: Connection, strategy: Strategy, inbound: Inbound, match: Match | None, now: datetime, counted: Tally
) -> Recorded:
    reply_id = reply_id_of(inbound)
    case = cases.load(conn, [match.case.id])[0].case if match else None
    reading = _read(inbound, case, now)
    facts = _facts(strategy, case, match, reply_id, inbound, reading, now) if case and match else ()
    is_open = case is None or needs_person(facts)
    reply = _reply(inbound, match, reading, reply_id, now, ReplyState.OPEN if is_open else ReplyState.DONE)
    if not replies.insert(conn, [reply]):
        return Recorded(reply_id=reply_id, is_new=False, case_id=reply.case_id)
    replies.attach(conn, reply_id, inbound.attachments)
    if is_open:
        waiting_replies.add(conn, [_in_line(reply, case)])
    keep_stop(
        conn, inbound, reading, reply_id, is_known=match is not None, is_doubted=_is_doubted(inbound, match), now=now
    )
    if case is None or match is None:
        tasks.open_tasks(conn, [_unknown(reply_id, reading, now)])
    else:
        stops = [fact for fact in facts if isinstance(fact, OptedOut)]
        elsewhere = [*told_elsewhere(case, match.others, facts), *told_elsewhere(case, match.strangers, stops)]
        record_in(conn, [*((case.id, fact) for fact in facts), *elsewhere], now=now, counted=counted)
        tasks.open_tasks(conn, tasks_of(case.id, facts))
        line_up_fragile(conn, case.id, facts)
    return Recorded(reply_id=reply_id, is_new=True, case_id=reply.case_id, reading=reading)


def _in_line(reply: Reply, case: Case | None) -> waiting_replies.Waiting:
    marks = {mark.key for mark in case.marks if mark.is_on} if case else set()
    positions = account_of(case, (), reply.received_at.date()).positions if case else ()
    owed = sum(position.open_cents for position in positions)
    place = place_in_line(risk_of(reply.reading, marks), reply.received_at, owed, reply.id)
    return waiting_replies.Waiting(reply_id=reply.id, creditor=case.creditor if case else "", place=place)


def _read(inbound: Inbound, case: Case | None, now: datetime) -> Reading:
    return read_reply(
        inbound.text,
        channel=inbound.channel,
        today=_day_of(inbound, case, now),
        subject=inbound.subject,
        html=inbound.html,
        is_automatic=inbound.is_automatic,
        opt_out_type=inbound.opt_out_type,
        language=case.debtor.language if case else "",
    )


def _day_of(inbound: Inbound, case: Case | None, now: datetime) -> date:
    """The debtor's day when it was written: "demain" is counted from there."""
    at = inbound.occurred_at
    written_at = at if at is not None and timedelta() <= now - at <= _LATE else now
    return local_date(written_at, _place(case))


def _place(case: Case | None) -> Place:
    return place_of_debtor(case) if case else place_of("FR", "")


def _facts(
    strategy: Strategy,
    case: Case,
    match: Match,
    reply_id: str,
    inbound: Inbound,
    reading: Reading,
    now: datetime,
) -> tuple[Event, ...]:
    written = Written(
        case=case,
        name=f"reply:{reply_id}",
        at=now,
        by=BY,
        channel=inbound.channel.value,
        references=match.references,
        reply_id=reply_id,
        words=reading.words,
        point=match.point,
        destination=match.attempt.destination if match.attempt else "",
        written_at=min(inbound.occurred_at or now, now),
        opt_outs=tuple(switch for other in match.others for switch in other.opt_outs),
        is_doubted=_is_doubted(inbound, match),
    )
    campaign = pinned_campaign(case, strategy.all_campaigns)
    return effects(written, reading, campaign.agreements if campaign else AgreementTerms())


def _is_doubted(inbound: Inbound, match: Match | None) -> bool:
    """A mail whose domain disowns it, and which shows no message of ours: anybody may have written it."""
    return inbound.is_authenticated is False and (match is None or not match.is_answer)


def _unknown(reply_id: str, reading: Reading, now: datetime) -> tasks.Task:
    """Nobody here has this number or address: a person finds out, a stop the sooner."""
    is_stop = reading.find(Intent.STOP) is not None
    return tasks.Task(
        id=f":unknown_sender:{reply_id}",
        case_id="",
        kind="unknown_sender",
        subject=reply_id,
        role="manager" if is_stop else "agent",
        due_at=now + _PLACE_WITHIN,
        opened_at=now,
        cause=" ".join(reading.intents),
    )


def _reply(
    inbound: Inbound, match: Match | None, reading: Reading, reply_id: str, now: datetime, state: ReplyState
) -> Reply:
    return Reply(
        id=reply_id,
        case_id=match.case.id if match else "",
        channel=inbound.channel.value,
        sender=inbound.sender,
        sender_name=inbound.sender_name,
        recipient=inbound.to,
        subject=inbound.subject,
        text=inbound.text or inbound.html,
        reading=reading,
        attempt_id=match.attempt.id if match and match.attempt else "",
        thread=inbound.thread[-1] if inbound.thread else "",
        received_at=inbound.occurred_at or now,
        recorded_at=now,
        state=state,
    )
