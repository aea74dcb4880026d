"""Which lines of a file will not be demanded, said when it is imported rather than when nobody asks for them.

Owns no judgement: it is `claims_of`'s, on each row as a case of its own.
"""

from datetime import datetime

from msgspec.structs import replace

from orchestrator.domain.apply import apply_all
from orchestrator.domain.case import Case
from orchestrator.domain.context import Context
from orchestrator.domain.creditor import Creditor
from orchestrator.domain.demandable_lines import LineLeftOut, claims_of
from orchestrator.domain.entry import pack_for
from orchestrator.domain.events import DebtRecorded, Marked
from orchestrator.domain.policy import PolicyBook
from orchestrator.domain.situation import Situation
from orchestrator.intake.ledger.debt_rows import DebtRow, DebtsFile
from orchestrator.intake.tables.report import Remark


def with_line_warnings(
    file: DebtsFile, book: PolicyBook, creditors: dict[str, Creditor], *, now: datetime
) -> DebtsFile:
    """The file, with a warning for each line that the pack of its debtor does not let be demanded as it stands."""
    found = [
        _warning(row, left)
        for row in file.rows
        if row.debt.lines and row.creditor in creditors
        for left in _left_out(row, book, creditors[row.creditor], now)
    ]
    return replace(file, warnings=(*file.warnings, *found)) if found else file


def _left_out(row: DebtRow, book: PolicyBook, creditor: Creditor, now: datetime) -> tuple[LineLeftOut, ...]:
    case = Case(id="", creditor=row.creditor, debtor=row.debtor, currency=row.currency, payee=row.payee)
    marks = [Marked(id=f"mark:{mark}", at=now, mark=mark) for mark in row.marks]
    case = apply_all(case, (DebtRecorded(id="debt", at=now, debt=row.debt), *marks))
    situation = Situation(case, None, Context(creditor=creditor), now)
    pack = pack_for(situation, book)
    if pack is None:
        return ()
    policy = book.on(pack, situation.today, row.debtor.status)
    return claims_of(case, policy, situation.reminded).left_out


def _warning(row: DebtRow, left: LineLeftOut) -> Remark:
    return Remark(
        row.line,
        f"{left.kind}_amount",
        "line_not_demanded",
        f"{left.rule} keeps this {left.kind} from being demanded now, in whole or in part",
        "it is kept, and left out of what is asked",
    )
