"""Everything that is counted of one case at an instant: its row, its documents, what it adds to the sums. Pure."""

from datetime import datetime
from typing import Any

import msgspec

from orchestrator.domain.case import Case
from orchestrator.domain.figures import (
    CaseFigures,
    DebtFigures,
    Expected,
    Told,
    bracket_of,
    debt_figures,
    demands_of,
    expected_of,
    leading_hold,
    open_promises,
    sent_of,
    stale_at,
    step_name,
)
from orchestrator.domain.paid_parts import paid_parts, payments_of, spans_of
from orchestrator.domain.shares import Shares, shares_of
from orchestrator.domain.situation import Situation
from orchestrator.domain.stock_shares import first_of, stock_of
from orchestrator.domain.wrong_reminders import WrongReminder, wrong_reminders


class Figures(msgspec.Struct, frozen=True):
    """All that is kept of a case for counting."""

    row: CaseFigures
    debts: list[DebtFigures]
    expected: list[Expected]
    wrong: list[WrongReminder]
    shares: Shares


def count_case(situation: Situation, told: Told, *, version: int, due_at: datetime | None, folded: str) -> Figures:
    """The figures of a case seen at an instant; `folded` is its debtor's name as it is searched for."""
    case = situation.case
    parts = paid_parts(case)
    wrong = wrong_reminders(case, told, situation.place)
    spans = spans_of(case, parts, told.known_at, situation.today)
    fields: dict[str, Any] = {
        **_who(case, folded),
        **_owed(situation),
        **_contacted(situation),
        **_held(situation),
        "received_cents": sum(payment.amount_cents for payment in payments_of(case)),
        "wrong": len({item.departure.message_id for item in wrong if item.why.is_certain}),
    }
    row = CaseFigures(case_id=case.id, version=version, due_at=due_at, stale_at=stale_at(situation), **fields)
    debts = debt_figures(situation)
    shares = shares_of(situation, told, wrong=wrong, spans=spans, debts=debts)
    shares.stock = stock_of(row, parts)
    shares.first = first_of(case, situation.place, told)
    return Figures(row, debts, expected_of(situation), wrong, shares)


def _who(case: Case, folded: str) -> dict[str, Any]:
    debtor = case.debtor
    address = debtor.address
    country, postcode = (address.country, address.postcode) if address else ("", "")
    return {
        "creditor": case.creditor,
        "campaign": case.campaign,
        "state": case.state.value,
        "outcome": case.outcome,
        "currency": case.currency,
        "debtor_ref": debtor.ref,
        "name": debtor.name,
        "name_folded": folded,
        "status": debtor.status.value,
        "sector": debtor.sector,
        "country": country,
        "department": department_of(country, postcode),
        "is_vulnerable": case.has_mark("vulnerable"),
        "is_hardship": case.has_mark("hardship"),
        "open_tasks": len(case.tasks),
    }


def department_of(country: str, postcode: str) -> str:
    """The French department of a postcode: three digits overseas, else two; empty elsewhere."""
    if country != "FR" or not postcode[:2].isdigit():
        return ""
    return postcode[:3] if postcode[:2] in ("97", "98") else postcode[:2]


def _owed(situation: Situation) -> dict[str, Any]:
    account = situation.account
    due = [position.debt.due_on for position in account.positions if position.debt.due_on < situation.today]
    return {
        "bracket": bracket_of(sum(debt.principal_cents for debt in situation.case.debts if not debt.is_credit)),
        "balance_cents": account.balance_cents,
        "overdue_cents": account.overdue_cents,
        "open_debts": len(account.positions),
        "oldest_due_on": min(due, default=None),
    }


def _contacted(situation: Situation) -> dict[str, Any]:
    case = situation.case
    sent = sent_of(case)
    last = sent[-1] if sent else None
    demands = [departure for departure in demands_of(case) if departure.cycle == case.cycle_number]
    return {
        "step": step_name(demands[-1].step) if demands else "",
        "voice": demands[-1].voice.value if demands else "",
        "last_left_at": last.at if last else None,
        "last_channel": last.use.value if last else "",
        "sent": len(sent),
        "cost_cents": sum(departure.cost_cents for departure in sent),
    }


def _held(situation: Situation) -> dict[str, Any]:
    hold = leading_hold(situation)
    promised = [promise.due_on for promise in open_promises(situation.case)]
    return {
        "hold_kind": hold.kind.value if hold else "",
        "hold_until": hold.until if hold else None,
        "has_hold_end": any(known.until is not None or known.review_on is not None for known in situation.holds),
        "promise_on": min(promised, default=None),
    }
