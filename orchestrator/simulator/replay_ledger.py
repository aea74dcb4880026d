"""A ledger made ready for a replay: which documents, on which days, of whom. Plays nothing.

Every date of every row is moved by the same whole number of days, so that lengths stay true; weekdays stay true only
when that number divides by seven (the report says whether it does).
"""

from datetime import date, timedelta

import msgspec
from msgspec.structs import replace

from orchestrator.domain.contact import Debtor
from orchestrator.domain.debt import Debt, OpeningHistory
from orchestrator.domain.errors import InputError
from orchestrator.intake.ledger.debts import DebtRow, DebtsFile
from orchestrator.intake.tables.mapping import Mode
from orchestrator.simulator.synthetic_contacts import Invented, assume_country, invent

_DAY = timedelta(days=1)


class ReplayTerms(msgspec.Struct, frozen=True, kw_only=True):
    """What the replay is asked for. `as_of` and `to` are days of the ledger's own calendar, both included.

    `shift_to` is the day that `as_of` becomes; `assume_country` (ISO 3166) replaces every country of the ledger.
    """

    as_of: date
    to: date
    shift_to: date | None = None
    assume_country: str = ""
    has_synthetic_contacts: bool = False


class Assumptions(msgspec.Struct, frozen=True, kw_only=True):
    """What a replay took for granted, to be shown beside its results. Counts are documents of the ledger."""

    shift_days: int
    keeps_weekdays: bool
    country: str
    settled_before: int
    issued_after: int
    open_at_end: int
    played: int
    disputed: int
    without_issue_date: int
    invented: tuple[Invented, ...] = ()


class ReplayLedger(msgspec.Struct, frozen=True, kw_only=True):
    """The rows to play, dates moved, with the first and last day of the replay. `file` says where they come from.

    `appearing` and `settled` are the rows by the day on which the ledger shows, or settles, them.
    """

    file: DebtsFile
    rows: tuple[DebtRow, ...]
    start: date
    end: date
    assumptions: Assumptions
    appearing: dict[date, list[DebtRow]]
    settled: dict[date, list[DebtRow]]


def ready_ledger(file: DebtsFile, terms: ReplayTerms) -> ReplayLedger:
    """The ledger as it will be played. Raises InputError for days in the wrong order, or when nothing is left."""
    if terms.to < terms.as_of:
        raise InputError("the replay ends before it begins", hint="give a later --to", where="--to")
    days = (terms.shift_to - terms.as_of).days if terms.shift_to is not None else 0
    start, end = terms.as_of + timedelta(days=days), terms.to + timedelta(days=days)
    moved = [_moved(row, timedelta(days=days)) for row in file.rows]
    before = [row for row in moved if row.settled_on is not None and row.settled_on < start]
    after = [row for row in moved if _shown_on(row) > end]
    left_out = {id(row) for row in (*before, *after)}
    rows, invented = _completed([row for row in moved if id(row) not in left_out], terms)
    if not rows:
        raise InputError(
            "no document of this ledger is open between these days",
            hint="choose --as-of and --to within the ledger's own dates",
            where=file.reading.file,
        )
    rows = [_as_it_appeared(row, start) for row in rows]
    assumptions = Assumptions(
        shift_days=days,
        keeps_weekdays=days % 7 == 0,
        country=terms.assume_country,
        settled_before=len(before),
        issued_after=len(after),
        open_at_end=sum(1 for row in rows if row.settled_on is None or row.settled_on > end),
        played=len(rows),
        disputed=sum(1 for row in rows if row.disputed),
        without_issue_date=sum(1 for row in rows if row.debt.issued_on is None),
        invented=invented,
    )
    appearing: dict[date, list[DebtRow]] = {}
    settled: dict[date, list[DebtRow]] = {}
    for row in rows:
        appearing.setdefault(max(_shown_on(row), start), []).append(row)
        if row.settled_on is not None:
            settled.setdefault(row.settled_on, []).append(row)
    return ReplayLedger(
        file=replace(file, mode=Mode.MOVEMENTS, rows=(), refused=(), warnings=()),
        rows=tuple(rows),
        start=start,
        end=end,
        assumptions=assumptions,
        appearing=appearing,
        settled=settled,
    )


def _shown_on(row: DebtRow) -> date:
    """A document without a date of issue is there from the beginning."""
    return row.debt.issued_on or date.min


def _as_it_appeared(row: DebtRow, start: date) -> DebtRow:
    """The figure of the evening before: a payment on the very day that a document appears must still count."""
    as_of = max(_shown_on(row), start) - _DAY
    return replace(row, debt=replace(row.debt, as_of=as_of))


def _moved(row: DebtRow, by: timedelta) -> DebtRow:
    return replace(
        row,
        debt=_moved_debt(row.debt, by),
        settled_on=_later(row.settled_on, by),
        holds=tuple(replace(hold, until=_later(hold.until, by)) for hold in row.holds),
    )


def _moved_debt(debt: Debt, by: timedelta) -> Debt:
    return replace(
        debt,
        issued_on=_later(debt.issued_on, by),
        due_on=debt.due_on + by,
        next_collection_on=_later(debt.next_collection_on, by),
        history=_moved_history(debt.history, by) if debt.history is not None else None,
    )


def _moved_history(history: OpeningHistory, by: timedelta) -> OpeningHistory:
    return replace(
        history,
        last_contact_on=_later(history.last_contact_on, by),
        formal_notice_on=_later(history.formal_notice_on, by),
        letter_on=_later(history.letter_on, by),
    )


def _later(day: date | None, by: timedelta) -> date | None:
    return None if day is None else day + by


def _completed(rows: list[DebtRow], terms: ReplayTerms) -> tuple[list[DebtRow], tuple[Invented, ...]]:
    """The rows with the country and the contact points that the terms ask for, one debtor at a time."""
    made: dict[tuple[str, str], Debtor] = {}
    invented: list[Invented] = []
    for creditor, ref in sorted({(row.creditor, row.debtor.ref) for row in rows}):
        debtor = next(r.debtor for r in rows if (r.creditor, r.debtor.ref) == (creditor, ref))
        if terms.assume_country:
            debtor = assume_country(debtor, terms.assume_country)
        if terms.has_synthetic_contacts:
            debtor, new = invent(debtor, len(made))
            invented.append(new)
        made[creditor, ref] = debtor
    completed = [replace(row, debtor=made[row.creditor, row.debtor.ref]) for row in rows]
    return completed, tuple(invented)
