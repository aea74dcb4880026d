"""What one case adds to the sums over cases: what it owes and paid, what becomes of it, what its first demand did."""

from collections import Counter
from datetime import timedelta

from orchestrator.domain.case import Case
from orchestrator.domain.figures import FIRST_REMINDER_DAYS, CaseFigures, Told, bracket_of, demands_of
from orchestrator.domain.paid_parts import Part, payments_of
from orchestrator.domain.place import Place, local_date
from orchestrator.domain.shares import FirstKey, StockKey


def stock_of(row: CaseFigures, parts: list[Part]) -> dict[StockKey, Counter[str]]:
    """The case itself, under what it is broken down by."""
    is_open, owing = row.state == "open", max(row.balance_cents, 0)
    is_endless = is_open and bool(row.hold_kind) and not row.has_hold_end
    key = (
        row.creditor, row.currency, row.campaign, row.state, row.status, row.sector, row.department, row.bracket,
    )  # fmt: skip
    counts = {
        "cases": 1,
        "owing": int(owing > 0),
        "owing_cents": owing,
        "balance_cents": row.balance_cents,
        "overdue_cents": row.overdue_cents,
        "received_cents": row.received_cents,
        "cost_cents": row.cost_cents,
        "settled_cases": int(bool(parts)),
        "settled_cents": sum(part.cents for part in parts),
        "settled_days": sum(part.cents * part.days_late for part in parts),
        "scheduled": int(is_open and row.due_at is not None),
        "held": int(is_open and row.has_hold_end),
        "asked": int(is_open and row.open_tasks > 0),
        "endless": int(is_endless),
        "endless_cents": row.balance_cents if is_endless else 0,
    }
    return {key: Counter(counts)}


def first_of(case: Case, place: Place, told: Told) -> dict[FirstKey, Counter[str]]:
    """What the first demand asked for, and what of it came within thirty days; nothing before there was one."""
    demands = demands_of(case)
    if not demands:
        return {}
    first = demands[0]
    campaign = told.campaigns.get(first.message_id, case.campaign)
    left_on = local_date(first.at, place)
    until = left_on + timedelta(days=FIRST_REMINDER_DAYS)
    came = sum(payment.amount_cents for payment in payments_of(case) if left_on <= payment.received_on <= until)
    monday = left_on - timedelta(days=left_on.weekday())
    key = (
        monday.isoformat(), case.creditor, case.currency, campaign, first.use.value, first.voice.value,
        case.debtor.status.value, case.debtor.sector, bracket_of(first.amount_cents),
    )  # fmt: skip
    recovered = min(came, first.amount_cents)
    return {key: Counter(cases=1, demanded_cents=first.amount_cents, recovered_cents=recovered)}
