"""My day: what one person does first, in one list: people at risk, replies at risk or unread, then by amount (R39).

Of each kind the lines that fall due first are weighed, not all there are; the rank is `domain/worth.py`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta

import msgspec

from orchestrator.domain.acts import ROLES, reaches
from orchestrator.domain.case import Case
from orchestrator.domain.case_dates import BROKEN, DISPUTE, PROMISE, UNREACHABLE
from orchestrator.domain.place import add_business_days, local_date, place_of
from orchestrator.domain.portfolio import NOBODY, Staff
from orchestrator.domain.reply_order import Risk
from orchestrator.domain.who import Who
from orchestrator.domain.worth import Chance, Rank, answers_reply, chance_of, family_of, rank_of
from orchestrator.storage import case_work, cases, portfolios, tasks, waiting_replies, worklist
from orchestrator.storage.database import Connection, Database
from orchestrator.storage.instants import from_micros
from orchestrator.storage.waiting_replies import Grave
from orchestrator.storage.worklist import APPROVE, Batch, Candidate, Reader

# Of each kind so many are weighed, those that fall due first.
WEIGHED = 100
# Approvals are counted up to this; the page of the batch counts them all.
COUNTED = 3_000
LINES = 50
# A dispute that nobody has answered for so long costs the debt (R41).
DISPUTE_DAYS = 10
BATCH = "batch"
# Where the people who work with the console sit: days and holidays of a list are theirs.
DESK = place_of("FR", "")

# A task that says the same as a day of its case: the task is shown, for it can be answered.
_SAME = {
    PROMISE: frozenset[str](),
    BROKEN: frozenset({"promise_broken"}),
    DISPUTE: frozenset({"answer_dispute", "dispute"}),
    UNREACHABLE: frozenset({"unreachable", "returned_mail", "new_contact"}),
}


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to do. `task_id` is empty for a day of a case, `case_id` for a task about none; `rank` says why here.

    `reply_id` is the gravest reply that waits in its case, where the task answers it.
    `amount_cents` is what it is about; `owner` whose it is, empty for nobody's; `is_forsaken` when its owner is gone,
    or away without anybody instead. A `batch` has `count` approvals of a campaign and step, and no case.
    """

    kind: str
    rank: Rank
    due_on: date
    task_id: str = ""
    case_id: str = ""
    subject: str = ""
    role: str = ""
    step: str = ""
    cause: str = ""
    creditor: str = ""
    campaign: str = ""
    currency: str = "EUR"
    amount_cents: int = 0
    owner: str = NOBODY
    is_forsaken: bool = False
    count: int = 1
    due_at: datetime | None = None
    debtor: str = ""
    care: str = ""
    reply_id: str = ""


class MyDay(msgspec.Struct, frozen=True, kw_only=True):
    """The list, its length by kind as far as it was weighed, and what nobody looks after.

    `covered` are those whose list is seen beside one's own; `forsaken` those for whom nobody works today, with the
    number of their open cases in `forsaken_cases`; `unassigned_cases` are of no portfolio.
    """

    today: date
    lines: tuple[Line, ...]
    counts: dict[str, int]
    covered: tuple[str, ...] = ()
    forsaken: tuple[str, ...] = ()
    forsaken_cases: int = 0
    unassigned_cases: int = 0


def my_day(database: Database, who: Who, *, now: datetime, whose: str | None = None, limit: int = LINES) -> MyDay:
    """The list of `who`; a manager may ask for that of another user, or with `whose` empty for everybody's.

    Raises Conflict for a role too low.
    """
    if whose is not None and whose != who.name:
        who.require("manager")
    today = local_date(now, DESK)
    with database.read() as conn:
        staff, owners = portfolios.staff(conn, today), case_work.owners(conn)
        forsaken = staff.forsaken(owners)
        reader = reader_of(who, staff, owners, whose=whose)
        grave = _gravest(conn, reader)
        found = sorted(_once([*_asked(conn, reader, today, grave), *_dated(conn, reader, today)]), key=_key)
        batches = [_batch(each, today) for each in worklist.batches(conn, reader, most=COUNTED)]
        shown = sorted([*_lines(conn, found[:limit], forsaken), *batches], key=_place)[:limit]
        counts: dict[str, int] = {}
        for each in found:
            counts[each.candidate.kind] = counts.get(each.candidate.kind, 0) + 1
        if batches:
            counts[BATCH] = sum(batch.count for batch in batches)
        return MyDay(
            today=today,
            lines=tuple(shown),
            counts=counts,
            covered=tuple(sorted(staff.owners_for(whose or who.name, owners) - {whose or who.name})),
            forsaken=tuple(sorted(forsaken)),
            forsaken_cases=worklist.count_open(conn, sorted(forsaken), reader) if forsaken else 0,
            unassigned_cases=worklist.count_open(conn, [NOBODY], reader),
        )


def batches_of(database: Database, who: Who, *, now: datetime) -> list[Batch]:
    """The approvals that wait for a person, by campaign and step: the morning batch (R40)."""
    with database.read() as conn:
        return worklist.batches(conn, readable(conn, who, local_date(now, DESK)))


def reader_of(who: Who, staff: Staff, owners: Iterable[str], *, whose: str | None = None) -> Reader:
    """What a person reads: theirs, those they stand in for, nobody's, and those of whoever is gone."""
    known = list(owners)
    mine = staff.owners_for(who.name if whose is None else whose, known) | staff.forsaken(known) | {NOBODY}
    # A viewer answers nothing, and sees what an agent sees.
    roles = tuple(role for role in ROLES if reaches(who.role, role) or role == "agent")
    return Reader(owners=None if whose == "" else frozenset(mine), creditors=who.creditors, roles=roles)


def readable(conn: Connection, who: Who, today: date) -> Reader:
    """The same, read here: for the lists beside this one."""
    return reader_of(who, portfolios.staff(conn, today), case_work.owners(conn))


class _Found(msgspec.Struct, frozen=True, gc=False):
    """A candidate with its rank; `is_task` for a task, otherwise a day of a case."""

    candidate: Candidate
    rank: Rank
    due_on: date
    is_task: bool
    reply_id: str = ""


def _gravest(conn: Connection, reader: Reader) -> dict[str, Grave]:
    """{case: its gravest reply that waits}, of the gravest in the inbox."""
    found = waiting_replies.gravest(conn, creditors=reader.creditors, below=Risk.ORDINARY, limit=WEIGHED)
    return {each.case_id: each for each in reversed(found)}


def _asked(conn: Connection, reader: Reader, today: date, grave: Mapping[str, Grave]) -> Iterator[_Found]:
    known = set[str]()
    weighed = worklist.of_cases(conn, grave.keys(), reader) if grave else []  # however many fall due before them
    for kind in worklist.kinds(conn):
        if kind != APPROVE:
            weighed += worklist.candidates(conn, kind, reader, limit=WEIGHED)
    for each in weighed:
        if each.kind != APPROVE and each.id not in known:
            known.add(each.id)
            due_on = last_day(from_micros(int(each.due)))
            reply = grave.get(each.case_id) if answers_reply(each.kind) else None
            rank = _rank(each, due_on, today, Risk(reply.risk) if reply else Risk.ORDINARY)
            yield _Found(each, rank, due_on, True, reply.reply_id if reply else "")


def _dated(conn: Connection, reader: Reader, today: date) -> Iterator[_Found]:
    since = add_business_days(today, -1, DESK)
    old = today - timedelta(days=DISPUTE_DAYS)
    for kind, first, last in (
        (PROMISE, today, today),
        (BROKEN, since, today),
        (DISPUTE, date.min, old),
        (UNREACHABLE, date.min, today),
    ):
        for each in worklist.dated(conn, kind, reader, first=first, last=last, limit=WEIGHED):
            on = date.fromisoformat(str(each.due))
            # What is waited for since a day is due today; a broken promise is a day late at least.
            due_on = min(on, today - timedelta(days=1)) if kind == BROKEN else today
            yield _Found(each, _rank(each, due_on, today), on, False)


def last_day(due_at: datetime) -> date:
    """The day that a deadline still belongs to: one at midnight ends the day before."""
    return local_date(due_at - timedelta(microseconds=1), DESK)


def _rank(each: Candidate, due_on: date, today: date, risk: Risk = Risk.ORDINARY) -> Rank:
    stake, family = each.amount_cents or each.stake_cents or 0, family_of(each.kind, each.care or "", risk)
    if each.owner is None:
        nothing_known = Chance(100, None, 0, 0)
        return rank_of(family, stake, nothing_known, due_on=due_on, today=today, kind=each.kind, risk=risk)
    oldest = date.fromisoformat(each.oldest_due_on) if each.oldest_due_on else None
    chance = chance_of(oldest, broken=each.broken or 0, answered=each.answered or 0, today=today)
    return rank_of(family, stake, chance, due_on=due_on, today=today, kind=each.kind, risk=risk)


def _once(found: list[_Found]) -> Iterator[_Found]:
    """Without days that a task of the same case says already."""
    told = {(each.candidate.case_id, each.candidate.kind) for each in found if each.is_task}
    for each in found:
        same = _SAME.get(each.candidate.kind, ()) if not each.is_task else ()
        if all((each.candidate.case_id, kind) not in told for kind in same):
            yield each


def _key(each: _Found) -> tuple[tuple[int, int, int, int], date, str, str]:
    return each.rank.key, each.due_on, each.candidate.case_id, each.candidate.id


def _lines(conn: Connection, found: Sequence[_Found], forsaken: frozenset[str]) -> list[Line]:
    """Those shown, with their tasks and the names of their debtors."""
    asked = {task.id: task for task in tasks.load(conn, [each.candidate.id for each in found if each.is_task])}
    ids = {each.candidate.case_id for each in found if each.candidate.case_id}
    known = {item.case.id: item.case for item in cases.load(conn, ids)}
    return [
        _line(each, asked.get(each.candidate.id), known.get(each.candidate.case_id), forsaken)
        for each in found
        if not each.is_task or each.candidate.id in asked
    ]


def _line(found: _Found, task: tasks.Task | None, case: Case | None, forsaken: frozenset[str]) -> Line:
    each = found.candidate
    line = Line(
        kind=each.kind,
        rank=found.rank,
        due_on=found.due_on,
        case_id=each.case_id,
        subject=each.id,
        creditor=case.creditor if case is not None else "",
        campaign=each.campaign or "",
        currency=each.currency or (case.currency if case is not None else "EUR"),
        amount_cents=each.amount_cents or each.stake_cents or 0,
        owner=each.owner or NOBODY,
        is_forsaken=each.owner in forsaken,
        debtor=case.debtor.name if case is not None else "",
        care=each.care or "",
        reply_id=found.reply_id,
    )
    if task is None:
        return line
    return msgspec.structs.replace(
        line, task_id=task.id, subject=task.subject, due_at=task.due_at, role=task.role, step=task.step,
        cause=task.cause,
    )  # fmt: skip


def _place(line: Line) -> tuple[tuple[int, int, int, int], date, str, str]:
    return line.rank.key, line.due_on, line.case_id, line.task_id or line.subject


def _batch(batch: Batch, today: date) -> Line:
    due_on = last_day(batch.due_at)
    everywhere = Chance(100, None, 0, 0)
    return Line(
        kind=BATCH,
        rank=rank_of(family_of("approve"), batch.amount_cents, everywhere, due_on=due_on, today=today),
        due_on=due_on,
        due_at=batch.due_at,
        role=batch.role,
        step=batch.step,
        campaign=batch.campaign,
        currency=batch.currency,
        amount_cents=batch.amount_cents,
        count=batch.count,
    )
