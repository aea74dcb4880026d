"""What a direct debit that came back says of the debtor, beyond the money: a death, a disagreement. Pure.

The other codes, and those that nobody knows, have the usual reaction to a payment that went back.
"""

from datetime import datetime

from orchestrator.domain.agreement import Blocks, Hold, HoldKind, HoldScope
from orchestrator.domain.case import Case
from orchestrator.domain.case_clock import deadline, shift_date
from orchestrator.domain.debt import Payment
from orchestrator.domain.declarations import Declared, disagree
from orchestrator.domain.duration import Duration, Unit
from orchestrator.domain.events import Event, HoldPlaced, Marked, ReactionDone, TaskOpened
from orchestrator.domain.sepa_codes import SEPA_CODES, RejectClass

REASON = "direct_debit_refused"
_SOON = Duration(2, Unit.BUSINESS_DAY)


def effects_of_reject(case: Case, payment: Payment, *, cause: str, at: datetime, by: str) -> list[Event]:
    """The facts beside the reversal of a payment, whose event is `cause`; none for most codes."""
    known = SEPA_CODES.get(payment.reversal_code)
    told = {each.id: each.references for each in case.payments}.get(payment.id, ())
    named = {*payment.references, *told}
    said = Declared(
        case=case,
        name=f"reject:{payment.id}",
        at=at,
        by=by,
        channel="bank",
        references=tuple(debt.reference for debt in case.debts if debt.reference in named),
    )
    if known is None or known.kind not in (RejectClass.DECEASED, RejectClass.REFUSED_BY_DEBTOR):
        return []
    facts = _deceased(said) if known.kind is RejectClass.DECEASED else disagree(said, reason=REASON)
    # These facts have a task of their own: nobody is asked twice about one reject.
    return [*facts, ReactionDone(id=f"{said.name}:reacted", at=at, by=by, cause=cause, part="all", how=known.kind)]


def _deceased(said: Declared) -> list[Event]:
    """Nothing is said to a family before a person has decided."""
    hold = Hold(
        id=f"death:{said.name}", kind=HoldKind.DEATH, since=said.at, scope=HoldScope.PERSON, blocks=Blocks.ALL,
        source=said.by, review_on=shift_date(said.today, _SOON, said.place),
    )  # fmt: skip
    asked = TaskOpened(
        id=f"{said.name}:task", at=said.at, by=said.by, task_id=f"deceased:{said.name}", kind="deceased",
        subject=said.name, role="manager", due_at=deadline(said.at, _SOON, said.place),
    )  # fmt: skip
    return [
        HoldPlaced(id=f"{said.name}:hold", at=said.at, by=said.by, hold=hold),
        Marked(id=f"{said.name}:mark", at=said.at, by=said.by, mark="deceased"),
        asked,
    ]
