"""A file of holds stops demands of the cases that it names; the same row again is the same hold.

What is taken over from elsewhere was answered there: nobody is written to about it, and what has no end has a task.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

import msgspec

from orchestrator.domain.agreement import Hold, HoldKind, HoldScope
from orchestrator.domain.case import Case
from orchestrator.domain.case_clock import end_of
from orchestrator.domain.declarations import place_of_debtor
from orchestrator.domain.events import Event, HoldPlaced, NoteAdded, ReactionDone, TaskOpened
from orchestrator.flows.record_facts import record_in
from orchestrator.flows.task_rows import tasks_of
from orchestrator.intake.ledger.holds import HoldRow, HoldsFile
from orchestrator.intake.tables.report import RefusedRow, Remark
from orchestrator.storage import cases, tasks
from orchestrator.storage.database import Connection, Database

CHUNK = 2_000


class HoldsImported(msgspec.Struct, frozen=True, kw_only=True):
    """What a file did, in rows."""

    placed: int
    known: int
    refused: tuple[RefusedRow, ...]


def import_holds(
    database: Database, file: HoldsFile, *, now: datetime, by: str, on_rows: Callable[[int], None] = lambda _: None
) -> HoldsImported:
    """Places the holds of the accepted rows; `on_rows` is told how many are done."""
    placed = known = done = 0
    refused: list[RefusedRow] = []
    for creditor, rows in _chunks(file.rows):
        with database.begin() as conn:
            counts = _place(conn, creditor, rows, refused, now=now, by=by)
        placed, known, done = placed + counts[0], known + counts[1], done + len(rows)
        on_rows(done)
    return HoldsImported(placed=placed, known=known, refused=tuple(refused))


def _chunks(rows: Sequence[HoldRow]) -> Iterator[tuple[str, Sequence[HoldRow]]]:
    by_creditor: dict[str, list[HoldRow]] = {}
    for row in rows:
        by_creditor.setdefault(row.creditor, []).append(row)
    for creditor, theirs in sorted(by_creditor.items()):
        for start in range(0, len(theirs), CHUNK):
            yield creditor, theirs[start : start + CHUNK]


def _place(
    conn: Connection, creditor: str, rows: Sequence[HoldRow], refused: list[RefusedRow], *, now: datetime, by: str
) -> tuple[int, int]:
    """How many rows were placed, and how many were known."""
    found = cases.find(conn, creditor, {row.debtor_ref for row in rows})
    facts: list[tuple[str, Event]] = []
    placed = known = 0
    for row in rows:
        meant = [stored.case for stored in found.get(row.debtor_ref, []) if row.currency in ("", stored.case.currency)]
        targets = {case.id: (case, hold) for case in meant if (hold := _hold_in(case, row.hold)) is not None}
        named = {reference for _, hold in targets.values() for reference in hold.references}
        if not targets or named != set(row.hold.references):
            refused.append(_refusal(row, is_debtor_known=bool(meant)))
            continue
        fresh = [(case, hold) for case, hold in targets.values() if all(each.id != hold.id for each in case.holds)]
        facts += [(case.id, fact) for case, hold in fresh for fact in _facts(case, hold, row, now=now, by=by)]
        placed, known = placed + bool(fresh), known + (not fresh)
    record_in(conn, facts, now=now)
    tasks.open_tasks(conn, [task for case_id, fact in facts for task in tasks_of(case_id, [fact])])
    return placed, known


def _hold_in(case: Case, hold: Hold) -> Hold | None:
    """The hold as it concerns a case: the documents that it has, or all of it."""
    if hold.scope is not HoldScope.DEBTS:
        return hold
    references = tuple(debt.reference for debt in case.debts if debt.reference in hold.references)
    return msgspec.structs.replace(hold, references=references) if references else None


def _facts(case: Case, hold: Hold, row: HoldRow, *, now: datetime, by: str) -> list[Event]:
    name = f"hold:{hold.id}"
    facts: list[Event] = [
        HoldPlaced(id=name, at=now, by=by, hold=hold),
        ReactionDone(id=f"{name}:reacted", at=now, by=by, cause=name, part="all", how="import"),
    ]
    if hold.review_on is not None:
        kind = "answer_dispute" if hold.kind is HoldKind.DISPUTE else "review_hold"
        asked = TaskOpened(
            id=f"{name}:task", at=now, by=by, task_id=f"{kind}:{hold.id}", kind=kind, subject=hold.id, role="agent",
            due_at=end_of(hold.review_on, 0, place_of_debtor(case)),
        )  # fmt: skip
        facts.append(asked)
    if row.reason:
        facts.append(NoteAdded(id=f"{name}:note", at=now, by=by, text=row.reason))
    return facts


def _refusal(row: HoldRow, *, is_debtor_known: bool) -> RefusedRow:
    if is_debtor_known:
        code, message, hint = "document_unknown", "no case of the debtor has these documents", "correct the references"
    else:
        code, message, hint = "debtor_unknown", "this creditor has no such debtor", "import their debts first"
    return RefusedRow(
        line=row.line,
        remarks=(Remark(line=row.line, column="", code=code, message=message, hint=hint),),
        creditor=row.creditor,
        reference=row.debtor_ref,
    )
