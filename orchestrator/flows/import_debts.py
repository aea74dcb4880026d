"""Import: a file of debts becomes cases, in one transaction per creditor: all its good rows, or nothing.

Idempotent by creditor and reference. A snapshot that loses too much waits for an approval (semantics A2).
"""

from collections.abc import Sequence
from datetime import date, datetime

import msgspec

from orchestrator.domain.apply import apply
from orchestrator.domain.case import Case, CaseState
from orchestrator.domain.events import DebtPresumedSettled, Event
from orchestrator.flows.case_identity import case_id_of
from orchestrator.flows.early_stops import stops_before
from orchestrator.flows.moved_debts import Known, holds_moved, moved_from, to_known_accounts
from orchestrator.flows.row_facts import account_facts, debt_facts, debtor_fact
from orchestrator.intake.ledger.debts import DebtRow, DebtsFile
from orchestrator.intake.ledger.person_points import person_points
from orchestrator.intake.tables.mapping import Mode
from orchestrator.storage import cases, imports, journal, persons
from orchestrator.storage.database import Connection, Database

# More than these vanish or move, and a person approves the file first (semantics A2).
VANISH_GUARD_PERCENT = 20
TOTAL_GUARD_PERCENT = 30

Account = tuple[str, str, str]
"""(debtor_ref, currency, payee) within one creditor."""


class ImportResult(msgspec.Struct, frozen=True, kw_only=True):
    """What one creditor's part of a file did. Amounts in minor units; `waiting` says why it was not applied."""

    import_id: str
    creditor: str
    rows: int
    new_cases: int = 0
    changed_cases: int = 0
    unchanged_cases: int = 0
    presumed_settled: int = 0
    totals: dict[str, int] = {}
    waiting: str = ""


def import_debts(
    database: Database, file: DebtsFile, *, now: datetime, by: str, approved: bool = False
) -> tuple[ImportResult, ...]:
    """Stores the accepted rows of a file. `approved` lets a snapshot pass its guard."""
    by_creditor: dict[str, list[DebtRow]] = {}
    for row in file.rows:
        by_creditor.setdefault(row.creditor, []).append(row)
    return tuple(
        _import_creditor(database, file, creditor, rows, now=now, by=by, approved=approved)
        for creditor, rows in sorted(by_creditor.items())
    )


class _Batch(msgspec.Struct):
    """What one creditor's import will write."""

    entries: list[cases.Entry] = []
    changes: list[cases.Change] = []
    lines: list[journal.Entry] = []
    unchanged: int = 0
    settled: int = 0
    places: dict[str, int] = {}

    def change(self, change: cases.Change) -> None:
        """Notes what a case becomes, in the place of what this import made of it before."""
        place = self.places.setdefault(change.case.id, len(self.changes))
        self.changes[place : place + 1] = [change]

    def latest(self, stored: cases.Stored) -> Case:
        """The case as this import leaves it so far."""
        place = self.places.get(stored.case.id)
        return stored.case if place is None else self.changes[place].case


def _import_creditor(
    database: Database, file: DebtsFile, creditor: str, rows: list[DebtRow], *, now: datetime, by: str, approved: bool
) -> ImportResult:
    import_id = f"{now:%Y%m%dT%H%M%S%f}-{creditor}"
    totals = _totals(rows)
    with database.begin() as conn:
        found = cases.find(conn, creditor, {row.debtor.ref for row in rows})
        rows = to_known_accounts(rows, found)
        accounts = _by_account(rows)
        known = _known(found)
        waiting = "" if approved else _guard(conn, file, creditor, totals)
        record = _record(file, import_id, creditor, rows, totals, now=now, by=by, waiting=waiting)
        imports.insert(conn, record)
        if waiting:
            return ImportResult(import_id=import_id, creditor=creditor, rows=len(rows), totals=totals, waiting=waiting)
        batch = _Batch()
        owners = persons.link(
            conn,
            {
                case_id_of(creditor, *account): person_points(account_rows[0].debtor)
                for account, account_rows in accounts.items()
            },
        )
        debtors = {case_id_of(creditor, *account): several[0].debtor for account, several in accounts.items()}
        stops = stops_before(conn, debtors, {each.case.id: each.case.debtor for each in known.values()}, now=now)
        for case_id, holds in holds_moved(rows, found, at=now, by=import_id).items():
            stops[case_id] = [*stops.get(case_id, ()), *holds]
        for account, account_rows in accounts.items():
            _import_account(account, account_rows, known.get(account), owners, stops, batch, now=now, by=import_id)
        for stored, references in moved_from(rows, found):
            _presume_settled(stored, references, f"moved:{now:%H%M%S%f}", batch, now=now, by=import_id)
        if file.is_full_snapshot(creditor):
            _settle_absent(conn, creditor, file.references(creditor), batch, now=now, by=import_id)
        cases.insert(conn, batch.entries, now=now)
        journal.append(conn, [msgspec.structs.replace(line, import_id=import_id) for line in batch.lines], now=now)
        cases.save(conn, batch.changes, now=now)
    return ImportResult(
        import_id=import_id,
        creditor=creditor,
        rows=len(rows),
        new_cases=len(batch.entries),
        changed_cases=len(batch.changes),
        unchanged_cases=batch.unchanged,
        presumed_settled=batch.settled,
        totals=totals,
    )


def _totals(rows: Sequence[DebtRow]) -> dict[str, int]:
    totals: dict[str, int] = {}
    for row in rows:
        totals[row.currency] = totals.get(row.currency, 0) + row.debt.open_cents
    return totals


def _by_account(rows: Sequence[DebtRow]) -> dict[Account, list[DebtRow]]:
    accounts: dict[Account, list[DebtRow]] = {}
    for row in rows:
        accounts.setdefault((row.debtor.ref, row.currency, row.payee), []).append(row)
    return accounts


def _known(found: Known) -> dict[Account, cases.Stored]:
    return {
        (stored.case.debtor.ref, stored.case.currency, stored.case.payee): stored
        for several in found.values()
        for stored in several
    }


def _import_account(
    account: Account,
    rows: list[DebtRow],
    known: cases.Stored | None,
    owners: dict[str, str],
    stops: dict[str, list[Event]],
    batch: _Batch,
    *,
    now: datetime,
    by: str,
) -> None:
    debtor_ref, currency, payee = account
    creditor = rows[0].creditor
    before = known.case if known else None
    case = before or Case(
        id=case_id_of(creditor, debtor_ref, currency, payee),
        creditor=creditor,
        debtor=rows[0].debtor,
        currency=currency,
        payee=payee,
    )
    facts = debtor_fact(rows, before, at=now, by=by)
    for row in rows:
        facts += debt_facts(row, case, at=now, by=by)
        facts += account_facts(row, before, at=now, by=by)
    facts = list({fact.id: fact for fact in (*facts, *stops.get(case.id, ()))}.values())
    if not facts:
        batch.unchanged += 1
        return
    _note(case, facts, known, owners, batch, now=now)


def _note(
    case: Case, facts: list[Event], known: cases.Stored | None, owners: dict[str, str], batch: _Batch, *, now: datetime
) -> None:
    for fact in facts:
        case = apply(case, fact)
    batch.lines += [journal.Entry(case.id, fact.at, fact) for fact in facts]
    if known is None:
        batch.entries.append(cases.Entry(case, now, owners[case.id]))
    else:
        batch.change(cases.Change(case, now, known.version))


def _settle_absent(
    conn: Connection, creditor: str, named: frozenset[str], batch: _Batch, *, now: datetime, by: str
) -> None:
    """Debts that a full snapshot no longer names: presumed settled and held, never thanked (semantics A2)."""
    wanted = cases.Filter(creditor=creditor, state=CaseState.OPEN.value)
    for page in cases.each(conn, wanted):
        for stored in page:
            case = batch.latest(stored)
            gone = [d.reference for d in case.debts if d.reference not in named and not d.is_presumed_settled]
            if gone:
                _presume_settled(stored, gone, "absent", batch, now=now, by=by)


def _presume_settled(
    stored: cases.Stored, references: list[str], why: str, batch: _Batch, *, now: datetime, by: str
) -> None:
    case = batch.latest(stored)
    facts = [DebtPresumedSettled(id=f"{why}:{ref}:{now.date()}", at=now, by=by, reference=ref) for ref in references]
    for fact in facts:
        case = apply(case, fact)
    batch.settled += len(facts)
    batch.lines += [journal.Entry(case.id, fact.at, fact) for fact in facts]
    batch.change(cases.Change(case, now, stored.version))


def _guard(conn: Connection, file: DebtsFile, creditor: str, totals: dict[str, int]) -> str:
    """Why a full snapshot must be approved first; empty when it may pass."""
    last = imports.last_snapshot(conn, creditor)
    if file.mode is not Mode.SNAPSHOT or last is None:
        return ""
    rows_before, rows_now = last.counts.get("rows", 0), len(file.references(creditor))
    if rows_before and (rows_before - rows_now) * 100 > rows_before * VANISH_GUARD_PERCENT:
        return f"{rows_before - rows_now} of {rows_before} documents vanished"
    for currency, before in last.totals.items():
        moved = abs(totals.get(currency, 0) - before)
        if before and moved * 100 > abs(before) * TOTAL_GUARD_PERCENT:
            return f"the total in {currency} moved by {moved * 100 // abs(before)} %"
    return ""


def _record(
    file: DebtsFile,
    import_id: str,
    creditor: str,
    rows: list[DebtRow],
    totals: dict[str, int],
    *,
    now: datetime,
    by: str,
    waiting: str,
) -> imports.Import:
    return imports.Import(
        id=import_id,
        creditor=creditor,
        file_hash=file.reading.sha256,
        mode=imports.ImportMode(file.mode.value),
        as_of=max(row.debt.as_of for row in rows),
        imported_at=now,
        imported_by=by,
        file_name=file.reading.file,
        state=imports.ImportState.WAITING if waiting else imports.ImportState.APPLIED,
        totals=totals,
        counts={"rows": len(rows), "refused": len(file.refused)},
        reason=waiting,
    )


def confirm_ledger(database: Database, creditor: str, *, as_of: date, now: datetime, by: str) -> None:
    """The creditor says that its ledger, as known, is up to date on a day: nothing moved (semantics A3).

    Saying it again for the same day changes nothing.
    """
    confirmed = imports.Import(
        id=f"{as_of:%Y%m%d}-confirmed-{creditor}",
        creditor=creditor,
        file_hash="",
        mode=imports.ImportMode.MOVEMENTS,
        as_of=as_of,
        imported_at=now,
        imported_by=by,
    )
    with database.begin() as conn:
        if not imports.load(conn, [confirmed.id]):
            imports.insert(conn, confirmed)
