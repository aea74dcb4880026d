"""Advance: load the cases that are due, decide, store what follows. Renders nothing and calls nobody.

One transaction a batch. A case that cannot be decided is found by halves and set aside; the others go on without it.
"""

import logging
from collections.abc import Sequence
from datetime import datetime
from zlib import crc32

import msgspec
from msgspec.structs import replace

from orchestrator.domain.apply import apply
from orchestrator.domain.case import DUTY, WARNING, Case
from orchestrator.domain.context import Context
from orchestrator.domain.decision import Ask, Close, Decision, Send, Wait
from orchestrator.domain.errors import kind_and_place
from orchestrator.domain.events import Event, MessagePlanned
from orchestrator.domain.lane import lane_for
from orchestrator.domain.progress import events_of, make_progress, passed_events
from orchestrator.flows.recall_planned import recall_planned
from orchestrator.flows.set_aside import AGAIN, ask_for_creditors, is_of_one_case, set_aside
from orchestrator.flows.strategy import Strategy
from orchestrator.flows.surroundings import contexts
from orchestrator.storage import cases, journal, messages, plans, tasks
from orchestrator.storage.database import Connection, Database

log = logging.getLogger(__name__)

BATCH = 500
# A case that acts this often at one instant goes in circles; a person must look.
_MOST_ACTS_AT_ONCE = 40

_encode = msgspec.json.Encoder().encode


class Advanced(msgspec.Struct):
    """What a batch did: cases judged, messages planned (or only observed), tasks opened, cases ended.

    `set_aside` counts cases that failed and are looked at again later.
    """

    judged: int = 0
    planned: int = 0
    observed: int = 0
    asked: int = 0
    ended: int = 0
    set_aside: int = 0

    @property
    def looked_at(self) -> int:
        """How many cases were taken up, whatever came of it."""
        return self.judged + self.set_aside

    def add(self, other: "Advanced") -> None:
        """Adds what another batch did."""
        for name in Advanced.__struct_fields__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


class _Written(msgspec.Struct):
    """What one batch writes."""

    changes: list[cases.Change] = []
    entries: list[journal.Entry] = []
    plans: list[messages.Message] = []
    questions: list[tasks.Task] = []
    answers: list[tasks.Closing] = []


def advance_cases(database: Database, strategy: Strategy, *, now: datetime, limit: int = BATCH) -> Advanced:
    """Judges up to `limit` due cases in one transaction. Nothing due costs one indexed query."""
    try:
        with database.begin() as conn:
            return _judge_all(conn, strategy, cases.load_due(conn, now=now, limit=limit), now)
    except Exception as error:
        if not is_of_one_case(error):
            raise
        log.error("a batch of cases is judged in parts: %s", kind_and_place(error, frames=8))
    done, failed = Advanced(), dict[str, Exception]()
    with database.read() as conn:
        ids = cases.due_ids(conn, now=now, limit=limit)
    _judge_by_halves(database, strategy, ids, now, done, failed)
    set_aside(database, failed, now=now)
    done.set_aside = len(failed)
    return done


def _judge_by_halves(
    database: Database,
    strategy: Strategy,
    ids: Sequence[str],
    now: datetime,
    done: Advanced,
    failed: dict[str, Exception],
) -> None:
    """Each part that fails is halved until the case at fault stands alone."""
    if not ids:
        return
    try:
        with database.begin() as conn:
            due = cases.load_due(conn, now=now, limit=len(ids), among_ids=ids)
            part = _judge_all(conn, strategy, due, now)
    except Exception as error:
        if not is_of_one_case(error):
            raise
        if len(ids) == 1:
            failed[ids[0]] = error
            return
        middle = len(ids) // 2
        for half in (ids[:middle], ids[middle:]):
            _judge_by_halves(database, strategy, half, now, done, failed)
        return
    done.add(part)


def _judge_all(conn: Connection, strategy: Strategy, due: Sequence[cases.Stored], now: datetime) -> Advanced:
    done, written = Advanced(), _Written()
    if not due:
        return done
    around = contexts(conn, strategy, due, now=now)
    for stored in recall_planned(conn, strategy, due, around, now):
        _advance_one(stored, strategy, around[stored.case.id], now, written, done)
    journal.append(conn, written.entries, now=now)
    plans.plan_or_renew(conn, written.plans, now=now)
    tasks.open_tasks(conn, written.questions)
    tasks.close_tasks(conn, written.answers, now=now)
    cases.save(conn, written.changes, now=now)
    ask_for_creditors(conn, [c.creditor.id for c in around.values() if not c.is_creditor_known], now=now)
    return done


def advance_all(database: Database, strategy: Strategy, *, now: datetime, limit: int = BATCH) -> Advanced:
    """Batches until nothing is due at `now`."""
    total = Advanced()
    while True:
        done = advance_cases(database, strategy, now=now, limit=limit)
        total.add(done)
        if done.looked_at < limit:  # a batch that is not full was the last one
            return total


def _advance_one(
    stored: cases.Stored,
    strategy: Strategy,
    context: Context,
    now: datetime,
    written: _Written,
    done: Advanced,
) -> None:
    case, due_at, acts_left = stored.case, None, _MOST_ACTS_AT_ONCE
    while acts_left:
        progress = make_progress(case, strategy.all_campaigns, strategy.book, context, now)
        case, decision = progress.case, progress.decision
        written.entries += [journal.Entry(case.id, fact.at, fact) for fact in progress.facts]
        case = _note_decision(case, decision, now, written)
        facts = _facts_of(case, decision, now)
        if isinstance(decision.act, Close):
            written.answers += [
                tasks.Closing(f"{case.id}:{task.id}", "case_closed") for task in case.tasks if not task.outlives_case
            ]
        for fact in facts:
            case = apply(case, fact)
        written.entries += [journal.Entry(case.id, fact.at, fact) for fact in facts]
        _count(decision, done)
        # As many duties and warnings as there are payments, debts and the like, each once: they cannot go in circles.
        acts_left -= not (isinstance(decision.act, Ask) and decision.act.cause.startswith((DUTY, WARNING)))
        if isinstance(decision.act, Ask):
            written.questions.append(_task(case, decision.act, now))
        elif isinstance(decision.act, Send) and not decision.act.is_observed:
            written.plans.append(_message(case, decision.act, strategy, now))
            break
        elif isinstance(decision.act, Wait):
            # No fact tells that a creditor's file is back.
            due_at = decision.act.until if context.is_creditor_known else now + AGAIN
            break
    else:
        written.questions.append(_stuck(case, now))
    done.judged += 1
    written.changes.append(cases.Change(case, due_at, stored.version))


def _note_decision(case: Case, decision: Decision, now: datetime, written: _Written) -> Case:
    """Journal the decision, unless it is the same wait as before (semantics D10)."""
    digest = f"{crc32(_encode(decision)):08x}"
    if isinstance(decision.act, Wait) and digest == case.last_decision:
        return case
    written.entries.append(journal.Entry(case.id, now, decision))
    return replace(case, last_decision=digest)


def _facts_of(case: Case, decision: Decision, now: datetime) -> list[Event]:
    act = decision.act
    if isinstance(act, Send) and not act.is_observed:
        planned = MessagePlanned(
            id=f"planned:{message_id(case, act)}:{now.isoformat()}",
            at=now,
            message_id=message_id(case, act),
            step=act.step,
            cycle=act.cycle,
            ordinal=act.ordinal,
            channel=act.channel,
            cause=act.cause,
        )
        return [*passed_events(case, decision, now), planned]
    return events_of(case, decision, now)


def message_id(case: Case, act: Send) -> str:
    """The identity of a message: planned once, whatever decides it again (semantics A5)."""
    return f"{case.id}:{act.cycle}:{act.step}:{act.ordinal}"


def _message(case: Case, act: Send, strategy: Strategy, now: datetime) -> messages.Message:
    lane = lane_for(strategy.lanes, act.use, case.creditor)
    return messages.Message(
        lane=lane.id if lane is not None else "",
        id=message_id(case, act),
        case_id=case.id,
        campaign=case.campaign,
        creditor=case.creditor,
        send=act,
        planned_at=now,
        not_before=act.not_before,
        expires_at=act.expires,
        cost_cents=strategy.costs_cents.get(act.use.value, 0),
    )


def _task(case: Case, act: Ask, now: datetime) -> tasks.Task:
    return tasks.Task(
        id=f"{case.id}:{act.task}:{act.subject}",
        case_id=case.id,
        kind=act.task,
        subject=act.subject,
        role=act.role,
        due_at=act.due_at,
        opened_at=now,
        step=act.step,
        cause=act.cause,
        amount_cents=act.amount_cents,
    )


def _stuck(case: Case, now: datetime) -> tasks.Task:
    return tasks.Task(
        id=f"{case.id}:stuck:{now.isoformat()}",
        case_id=case.id,
        kind="stuck",
        subject=now.isoformat(),
        role="admin",
        due_at=now,
        opened_at=now,
    )


def _count(decision: Decision, done: Advanced) -> None:
    act = decision.act
    if isinstance(act, Send):
        if act.is_observed:
            done.observed += 1
        else:
            done.planned += 1
    elif isinstance(act, Ask):
        done.asked += 1
    elif not isinstance(act, Wait):
        done.ended += 1
