"""What a debtor says by the link of a message becomes facts of its case: stop, paid already, disagree, call me.

The link is known by its attempt, whose id names the facts: the same wish twice is one. Shows nothing to anybody.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import blake2b

import msgspec

from channels.contract import Channel
from orchestrator.domain.case import Case
from orchestrator.domain.case_clock import deadline
from orchestrator.domain.contact import POINT_OF_CHANNEL, ContactPerson
from orchestrator.domain.decision import Send
from orchestrator.domain.declarations import Declared, claim_paid, disagree, place_of_debtor
from orchestrator.domain.duration import Duration, Unit
from orchestrator.domain.events import Event, OptedOut, TaskOpened
from orchestrator.flows.overheard_words import overheard
from orchestrator.flows.protect_person import others_of_debtor, told_elsewhere
from orchestrator.flows.record_facts import record_in
from orchestrator.flows.task_rows import tasks_of
from orchestrator.storage import attempts, cases, journal, messages, tasks
from orchestrator.storage.database import Connection, Database

# Beyond, the message is no longer about anything; its link opens nothing, like one that never was.
LINK_LIVES = timedelta(days=2 * 365)
MOST_A_DAY = 20
# When a person must have called.
CALL_WITHIN = Duration(2, Unit.BUSINESS_DAY)
BY = "debtor"
PORTAL = "portal"
_DAY = timedelta(days=1)


class Kind(StrEnum):
    """What may be asked."""

    STOP = "stop"
    PAID = "paid"
    DISAGREE = "disagree"
    CALL = "call"


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody asks. `words` are theirs, already cleaned and capped: data, wherever they are shown."""

    kind: Kind
    words: str = ""
    by_cheque: bool = False


class WayOut(msgspec.Struct, frozen=True, kw_only=True):
    """The message that a link belongs to, and its case. `person` is whom it was written to, where still known."""

    attempt_id: str
    channel: Channel
    destination: str
    send: Send
    case: Case
    person: ContactPerson | None

    @property
    def name(self) -> str:
        """Begins the names of all that is said by it; not the token, which opens the page to whoever reads it."""
        return f"wish:{self.attempt_id[-12:]}"


class Heard(StrEnum):
    """What became of a wish."""

    RECORDED = "recorded"
    KNOWN = "known"
    TOO_MANY = "too_many"


def find_way_out(database: Database, token: str, *, real_now: datetime) -> WayOut | None:
    """What the link of this token is about; None for an unknown or very old one, after one indexed query."""
    with database.read() as conn:
        attempt = attempts.by_token(conn, token)
        if attempt is None or real_now - attempt.started_at > LINK_LIVES:
            return None
        found = messages.load(conn, [attempt.message_id])
        stored = cases.load(conn, [attempt.case_id])
    if not found or not stored:
        return None
    case, channel = stored[0].case, Channel(attempt.channel)
    return WayOut(
        attempt_id=attempt.id,
        channel=channel,
        destination=attempt.destination,
        send=found[0].send,
        case=case,
        person=_addressed(case, attempt.destination, found[0].send),
    )


def _addressed(case: Case, destination: str, send: Send) -> ContactPerson | None:
    for person in case.debtor.people:
        if destination and any(point.value == destination for point in person.points):
            return person
    return case.debtor.person(send.role)


def record_wish(database: Database, way: WayOut, wish: Wish, *, now: datetime) -> Heard:
    """Stores the facts of a wish with the case, due now; a wish told before reads, and writes nothing."""
    with database.read() as conn:
        heard = _heard(conn, way, wish, now)
    if heard is not None:
        return heard
    with database.begin() as conn:
        # Two clicks at once: the second one waits, and knows. Every case that may change, in the order of ids.
        _ = cases.load(conn, [way.case.id, *(other.id for other in others_of_debtor(conn, way.case))], for_update=True)
        heard = _heard(conn, way, wish, now)
        if heard is None:
            _store(conn, way, wish, now)
    return heard or Heard.RECORDED


def _heard(conn: Connection, way: WayOut, wish: Wish, now: datetime) -> Heard | None:
    """Why there is nothing to store; None when there is. A stop is always heard while its channel is open."""
    told = journal.told(conn, way.case.id, prefix=way.name)
    if wish.kind is Kind.STOP:
        is_told = any(f":{Kind.STOP}" in event_id for event_id in told)
        case = cases.load(conn, [way.case.id])[0].case
        return Heard.KNOWN if is_told and not _open_channels(case, way) else None
    if _id(way, wish) in told:
        return Heard.KNOWN
    lately = sum(at > now - _DAY for at in told.values())
    return Heard.TOO_MANY if lately >= MOST_A_DAY else None


def _id(way: WayOut, wish: Wish) -> str:
    """The name of a wish in its case. Other words are another wish, so that nothing written is lost."""
    name = f"{way.name}:{wish.kind}"
    if wish.kind is Kind.PAID:
        return f"{name}:cheque" if wish.by_cheque else name
    return f"{name}:{blake2b(wish.words.encode(), digest_size=6).hexdigest()}" if wish.words else name


def _store(conn: Connection, way: WayOut, wish: Wish, now: datetime) -> None:
    (stored,) = cases.load(conn, [way.case.id])
    case, questions = stored.case, []
    facts: Sequence[Event]
    elsewhere: list[tuple[str, Event]] = []
    if wish.kind is Kind.STOP:
        facts = _stop(case, way, now)
    elif wish.kind is Kind.PAID:
        facts = claim_paid(_said(case, way, wish, now), by_cheque=wish.by_cheque)
    elif wish.kind is Kind.DISAGREE:
        facts = disagree(_said(case, way, wish, now), words=wish.words)
    else:
        task = _call(case, way, wish, now)
        facts = [_opened(task, way, wish)]
        questions = [task]
    if wish.words:
        grave = overheard(case, wish.words, name=_id(way, wish), by=BY, now=now)
        facts, questions = [*facts, *grave], [*questions, *tasks_of(case.id, grave)]
        elsewhere = told_elsewhere(case, others_of_debtor(conn, case), grave)
    record_in(conn, [*((case.id, fact) for fact in facts), *elsewhere], now=now)
    tasks.open_tasks(conn, questions)


# ------------------------------------------------------------------------------------------------- stop


def _stop(case: Case, way: WayOut, now: datetime) -> list[Event]:
    """Every stop has an id of its own: one that comes after the channel was opened again counts as the first did."""
    name = f"{way.name}:{Kind.STOP}"
    return [
        OptedOut(id=f"{name}:{channel}:{number}:{now.isoformat()}", at=now, by=BY, channel=channel, point=point)
        for number, (channel, point) in enumerate(_open_channels(case, way) or _closing(case, way))
    ]


def _open_channels(case: Case, way: WayOut) -> list[tuple[Channel, str]]:
    closed = {switch.key for switch in case.opt_outs if switch.is_on}
    return [(channel, point) for channel, point in _closing(case, way) if f"{channel}:{point}" not in closed]


def _closing(case: Case, way: WayOut) -> list[tuple[Channel, str]]:
    """What a stop closes: a person's channel, a firm's address only (semantics A7). Post itself stays open."""
    is_person = case.debtor.status.is_individual
    if way.channel is not Channel.LETTER:
        return [(way.channel, "" if is_person else way.destination)]
    both = (Channel.EMAIL, Channel.SMS)
    if is_person:
        return [(channel, "") for channel in both]
    points = way.person.points if way.person else ()
    return [(c, point.value) for c in both for point in points if point.kind is POINT_OF_CHANNEL[c] and point.value]


def _said(case: Case, way: WayOut, wish: Wish, now: datetime) -> Declared:
    return Declared(
        case=case, name=_id(way, wish), at=now, by=BY, channel=PORTAL, references=tuple(way.send.references)
    )


# ---------------------------------------------------------------------------------------------- call me


def _call(case: Case, way: WayOut, wish: Wish, now: datetime) -> tasks.Task:
    """A question to an agent; the words say where and when to call."""
    subject = _id(way, wish)
    return tasks.Task(
        id=f"{case.id}:call_back:{subject}",
        case_id=case.id,
        kind="call_back",
        subject=subject,
        role="agent",
        due_at=deadline(now, CALL_WITHIN, place_of_debtor(case)),
        opened_at=now,
        cause=f"debtor: {wish.words}" if wish.words else BY,
    )


def _opened(task: tasks.Task, way: WayOut, wish: Wish) -> TaskOpened:
    return TaskOpened(
        id=_id(way, wish), at=task.opened_at, by=BY, task_id=f"{task.kind}:{task.subject}", kind=task.kind,
        subject=task.subject, role=task.role, due_at=task.due_at, cause=task.cause,
    )  # fmt: skip
