"""Files of holds: what stops demands already, taken over from elsewhere (semantics A12, C1). Places none."""

import hashlib
from datetime import UTC, date, datetime, time
from pathlib import Path

import msgspec

from orchestrator.domain.agreement import HOLDS_OF_PERSON, Blocks, Hold, HoldKind, HoldScope
from orchestrator.domain.errors import InputError
from orchestrator.intake.ledger.amounts import past_day
from orchestrator.intake.ledger.debt_rows import Creditors
from orchestrator.intake.tables.cells import Record
from orchestrator.intake.tables.doubles import Doubles
from orchestrator.intake.tables.mapping import ColumnMapping, Subject
from orchestrator.intake.tables.records import records_of
from orchestrator.intake.tables.report import RefusedRow, Remark, Summary, Total, summary_of
from orchestrator.intake.tables.rows import Reading
from orchestrator.intake.tables.table import Limits, Table, open_table


class HoldRow(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """An accepted row. The hold's id is made of its facts, so that the same row read twice is the same hold."""

    line: int
    creditor: str
    debtor_ref: str
    hold: Hold
    currency: str = ""
    reason: str = ""


class HoldsFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of holds, read to its end."""

    reading: Reading
    mapping: str
    rows: tuple[HoldRow, ...]
    refused: tuple[RefusedRow, ...]
    warnings: tuple[Remark, ...]
    skipped_rows: int
    totals: tuple[Total, ...] = ()

    def summary(self) -> Summary:
        """The file in figures; holds add up to nothing."""
        return summary_of(self, accepted_rows=len(self.rows))


def read_holds(
    path: Path, mapping: ColumnMapping, *, today: date, creditors: Creditors, limits: Limits | None = None
) -> HoldsFile:
    """Every row of a file, accepted or refused. Raises FileError when the file is not what the mapping says."""
    with open_table(path, mapping.shape, expected=mapping.column_names(), limits=limits) as table:
        return judge_holds(table, mapping, today=today, creditors=creditors)


def judge_holds(table: Table, mapping: ColumnMapping, *, today: date, creditors: Creditors) -> HoldsFile:
    """As `read_holds`, of a table that is open already."""
    if mapping.subject is not Subject.HOLDS:
        hint = f"it is for {mapping.subject}"
        raise InputError("this mapping is not for holds", hint=hint, where=mapping.name, code="mapping_wrong")
    records = records_of(table, mapping)
    taken, refused, warnings = list[HoldRow](), list[RefusedRow](), list[Remark]()
    ids = Doubles[str]()
    for record in records:
        row = _row(record, today=today, creditors=creditors)
        if row is None:
            refused.append(_refused(record, creditors))
        else:
            taken.append(row)
            warnings += record.warnings
            ids.note(row.hold.id, record.line)
    rows = []
    for row in taken:
        double = ids.remark(row.hold.id, line=row.line, column=records.column("kind"), what="hold")
        if double is None:
            rows.append(row)
        else:
            refused.append(
                RefusedRow(line=row.line, remarks=(double,), creditor=row.creditor, reference=row.debtor_ref)
            )
    return HoldsFile(
        reading=table.reading,
        mapping=mapping.name,
        rows=tuple(rows),
        refused=tuple(sorted([*refused, *records.unreadable], key=lambda row: row.line)),
        warnings=tuple(warnings),
        skipped_rows=records.skipped,
    )


def _row(record: Record, *, today: date, creditors: Creditors) -> HoldRow | None:
    creditor = record.creditor("creditor", creditors)
    debtor_ref = record.text("debtor_ref", longest=64, needed=True)
    references = tuple(sorted(set(record.words("references", longest=64))))
    if not record.fields.get("kind"):
        record.refuse("kind", "missing", "the reason of the hold is missing", "every row needs it")
    kind = record.choice("kind", HoldKind, HoldKind.VETO)
    since = past_day(record, "since", today=today, needed=True)
    until, review_on = _end(record, since)
    currency = record.currency("currency") if record.fields.get("amount") else ""
    cents = _cents(record, kind, currency, references)
    paper = record.text("paper", longest=200)
    blocks = record.choice("blocks", Blocks, Blocks.DEMANDS)
    reason = record.text("reason", longest=200)
    if record.faults or since is None:
        return None
    hold = Hold(
        id=_id(creditor, debtor_ref, kind, since, references),
        kind=kind,
        since=datetime.combine(since, time.min, UTC),
        scope=HoldScope.DEBTS if references else HoldScope.PERSON if kind in HOLDS_OF_PERSON else HoldScope.CASE,
        references=references,
        amount_cents=cents,
        until=until,
        blocks=blocks,
        source="import",
        paper=paper,
        review_on=review_on,
    )
    return HoldRow(
        line=record.line, creditor=creditor, debtor_ref=debtor_ref, hold=hold, currency=currency, reason=reason
    )


def _end(record: Record, since: date | None) -> tuple[date | None, date | None]:
    until, review_on = record.day("until"), record.day("review_on")
    if until is not None and since is not None and until < since:
        record.refuse("until", "ends_before_it_starts", "the hold ends before it starts", "check both dates")
    if until is None and review_on is None:
        hint = "give its last day, or the day on which a person looks at it"
        record.refuse("review_on", "missing", "the hold has no end and nobody to look at it", hint)
    return until, review_on


def _cents(record: Record, kind: HoldKind, currency: str, references: tuple[str, ...]) -> int | None:
    cents = record.cents("amount", currency)
    if cents is None:
        return None
    if kind is not HoldKind.DISPUTE or len(references) != 1:
        record.refuse("amount", "amount_unexpected", "only a dispute of one document has an amount", "remove it")
    if cents <= 0:
        record.refuse("amount", "sign_wrong", "a disputed amount is more than zero", "correct it")
    return cents


def _id(creditor: str, debtor_ref: str, kind: HoldKind, since: date, references: tuple[str, ...]) -> str:
    facts = "\0".join((creditor, debtor_ref, kind, since.isoformat(), *references))
    return "hold-" + hashlib.sha256(facts.encode()).hexdigest()[:24]


def _refused(record: Record, creditors: Creditors) -> RefusedRow:
    remarks = tuple(record.faults)
    creditor = record.creditor("creditor", creditors)
    return RefusedRow(
        line=record.line, remarks=remarks, creditor=creditor, reference=record.text("debtor_ref", longest=64)
    )
