"""A case as it stood at the end of a past day, by the days that its facts bear rather than when they were told. Pure.

A payment counts from the day it was received, a figure of the ledger from its `as_of`, a document from its issue, all
else from the day on which it happened. What was learnt since about that day is in it.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from msgspec.structs import replace

from orchestrator.domain import events as ev
from orchestrator.domain.apply import apply_all
from orchestrator.domain.case import Case
from orchestrator.domain.debt import Debt
from orchestrator.domain.place import Place, local_date


def case_on(case: Case, facts: Sequence[ev.Event], day: date, place: Place) -> Case:
    """The case at the end of a day, folded from its journal; who the debtor is is as known now."""
    figures = _figures_on(facts, day)
    others = [fact for fact in _never_undone(facts) if not isinstance(fact, _LEDGER) and _day_of(fact, place) <= day]
    empty = Case(id=case.id, creditor=case.creditor, debtor=case.debtor, currency=case.currency, payee=case.payee)
    then = apply_all(empty, (*figures, *others))
    return replace(then, debtor=case.debtor, file_debtor=case.file_debtor, own_points=case.own_points)


# Why a payment is taken back that an undone import had brought: it never was.
IMPORT_REVERSED = "import_reversed"
_LEDGER = (ev.DebtRecorded, ev.DebtWithdrawn)


def _day_of(fact: ev.Event, place: Place) -> date:
    match fact:
        case ev.PaymentReceived():
            return fact.payment.received_on
        case ev.PaymentReversed() | ev.ClaimInterrupted():
            return fact.on
        case _:
            return local_date(fact.at, place)


def _never_undone(facts: Sequence[ev.Event]) -> list[ev.Event]:
    """Without payments and disappearances that an undone import had brought, nor what took them back."""
    never = {f.payment_id for f in facts if isinstance(f, ev.PaymentReversed) and f.code == IMPORT_REVERSED}
    last = {
        f.reference: place
        for place, f in enumerate(facts)
        if isinstance(f, ev.DebtWithdrawn) and not (f.back_to and f.back_to.is_presumed_settled)
    }
    kept = []
    for place, fact in enumerate(facts):
        match fact:
            case ev.PaymentReceived() if fact.payment.id in never:
                continue
            case ev.PaymentReversed() if fact.payment_id in never:
                continue
            case ev.DebtPresumedSettled() if place < last.get(fact.reference, -1):
                continue
        kept.append(fact)
    return kept


def _figures_on(facts: Iterable[ev.Event], day: date) -> list[ev.DebtRecorded]:
    """The ledger's figure of each document that was issued by then; those of an import that was undone never were."""
    known: dict[str, list[ev.DebtRecorded]] = {}
    for fact in facts:
        if isinstance(fact, ev.DebtRecorded):
            known.setdefault(fact.debt.reference, []).append(fact)
        elif isinstance(fact, ev.DebtWithdrawn):
            known[fact.reference] = _back_to(known.get(fact.reference, []), fact)
    return [found for several in known.values() if several and (found := _figure_on(several, day)) is not None]


def _back_to(several: list[ev.DebtRecorded], undone: ev.DebtWithdrawn) -> list[ev.DebtRecorded]:
    """The figures of a document up to the one that an undone import had replaced."""
    if undone.back_to is None:
        return []
    back = _as_told(undone.back_to)
    places = [place for place, each in enumerate(several) if _as_told(each.debt) == back]
    return several[: places[-1] + 1] if places else [ev.DebtRecorded(id=undone.id, at=undone.at, debt=back)]


def _as_told(debt: Debt) -> Debt:
    """As the file said it, without who recorded it when."""
    return replace(debt, recorded_at=None, recorded_by="", is_presumed_settled=False)


def _figure_on(several: list[ev.DebtRecorded], day: date) -> ev.DebtRecorded | None:
    """The latest figure of that day or before; before the first one, the document as it was issued."""
    by_then = [each for each in several if each.debt.as_of <= day]
    if by_then:
        return max(by_then, key=lambda each: (each.debt.as_of, each.at))
    first = min(several, key=lambda each: (each.debt.as_of, each.at))
    issued_on = first.debt.issued_on or first.debt.due_on
    return replace(first, debt=_as_issued(first.debt, issued_on)) if issued_on <= day else None


def _as_issued(debt: Debt, issued_on: date) -> Debt:
    """Nothing settled and nothing added: when that happened before the first figure, nobody told."""
    return replace(
        debt, open_cents=debt.principal_cents, lines=(), as_of=issued_on - timedelta(days=1), is_presumed_settled=False
    )
