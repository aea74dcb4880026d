"""Facts of a brief about money: sums, debts, credits and statutory lines, written for a reader. Computes no debt.

The sums come from the statement; they are only checked to add up and to be lawful for the debtor.
"""

from orchestrator.domain.amount_line import CONSUMER_BASES
from orchestrator.domain.contact import DebtorStatus
from orchestrator.domain.debt import DocumentKind
from orchestrator.domain.errors import TemplateError
from orchestrator.domain.statement import StatementLine, StatutoryLine
from orchestrator.rendering.reading import Fact, Reading, clean, named

FACTS: dict[str, Fact] = {}

_NO_FEES = frozenset({DebtorStatus.CONSUMER, DebtorStatus.UNKNOWN, DebtorStatus.NON_PROFESSIONAL})
# What only a law, a contract with a consumer or a court can put beside the principal of one who is no trader.
_FEES = frozenset({"indemnity", "penalty", "fee", "damages"})


def check_statement(r: Reading) -> None:
    """Raises TemplateError when the parts do not make the total, or a consumer would see a fee (CPCE L111-8)."""
    statement = r.statement
    claimed = sum(line.amount_cents for line in statement.statutory if line.is_claimed)
    if max(statement.principal_cents + claimed, 0) != statement.total_cents:
        raise TemplateError(
            "the amounts of this message do not add up to its total",
            hint="due lines, plus credits, plus claimed statutory lines make the total",
            code="amounts_do_not_add_up",
        )
    if r.brief.debtor.status in _NO_FEES and any(
        line.kind in _FEES and line.basis not in CONSUMER_BASES for line in statement.statutory
    ):
        raise TemplateError("a consumer never sees a fee", hint="CPCE L111-8, C. com. L441-10", code="fee_to_consumer")


# ---------------------------------------------------------------- sums


@named(FACTS, "text")
def amount(r: Reading) -> str:
    """The whole sum asked for; before the due date, the sum to come."""
    return r.sum(_total_cents(r))


@named(FACTS, "text")
def amount_open(r: Reading) -> str:
    """What is open, asked for or set aside."""
    return r.sum(_open_cents(r))


@named(FACTS, "flag")
def something_open(r: Reading) -> bool:
    """Whether anything is still open."""
    return _open_cents(r) > 0


@named(FACTS, "text")
def amount_principal(r: Reading) -> str:
    """What remains of the debts themselves, credits deducted."""
    return r.sum(r.statement.principal_cents)


@named(FACTS, "text")
def amount_paid(r: Reading) -> str:
    """What was already paid on the debts asked for."""
    return r.sum(sum(line.paid_cents for line in r.due))


@named(FACTS, "text")
def amount_credits(r: Reading) -> str:
    """What credits take off, without a sign."""
    return r.sum(-sum(line.open_cents for line in r.statement.credits))


@named(FACTS, "text")
def amount_interest(r: Reading) -> str:
    """Interest and penalties claimed, apart from everything else (CPCE R124-4, 3°)."""
    return r.sum(sum(line.amount_cents for line in _claimed(r) if line.kind in ("interest", "penalty")))


@named(FACTS, "text")
def amount_accessories(r: Reading) -> str:
    """Everything claimed that is neither principal nor interest."""
    return r.sum(sum(line.amount_cents for line in _claimed(r) if line.kind not in ("interest", "penalty")))


@named(FACTS, "text")
def amount_held(r: Reading) -> str:
    """What is set aside and not asked for now."""
    return r.sum(sum(line.amount_cents for line in r.statement.held))


@named(FACTS, "text")
def promise_amount(r: Reading) -> str:
    """What was promised, or empty."""
    return r.sum(r.brief.promise.amount_cents) if r.brief.promise else ""


@named(FACTS, "text")
def promise_date(r: Reading) -> str:
    """When it was promised for, or empty."""
    return r.hand.day(r.brief.promise.due_on) if r.brief.promise else ""


@named(FACTS, "text")
def received_amount(r: Reading) -> str:
    """The payment that the message is about, or empty."""
    return r.sum(r.brief.payment.amount_cents) if r.brief.payment else ""


@named(FACTS, "text")
def received_date(r: Reading) -> str:
    """The day it came in, or empty."""
    return r.hand.day(r.brief.payment.received_on) if r.brief.payment else ""


# ---------------------------------------------------------------- debts


@named(FACTS, "text")
def reference(r: Reading) -> str:
    """The reference of the oldest debt asked for."""
    oldest = _oldest(r)
    return clean(oldest.reference) if oldest else ""


@named(FACTS, "text")
def references(r: Reading) -> str:
    """Every reference asked for, as a list in words."""
    found = [clean(line.reference) for line in r.due]
    return r.hand.listing(found) if found else ""


@named(FACTS, "text")
def issued_date(r: Reading) -> str:
    """When the oldest debt was invoiced, or empty."""
    oldest = _oldest(r)
    return r.hand.day(oldest.issued_on) if oldest and oldest.issued_on else ""


@named(FACTS, "text")
def due_date(r: Reading) -> str:
    """When the oldest debt was due."""
    oldest = _oldest(r)
    return r.hand.day(oldest.due_on) if oldest else ""


@named(FACTS, "text")
def days_late(r: Reading) -> str:
    """Days since then, in figures."""
    oldest = _oldest(r)
    return r.hand.number(oldest.days_late) if oldest else ""


@named(FACTS, "text")
def order(r: Reading) -> str:
    """The debtor's own order number on the oldest debt, or empty."""
    oldest = _oldest(r)
    return clean(oldest.order_ref) if oldest else ""


@named(FACTS, "text")
def count(r: Reading) -> str:
    """How many debts are asked for."""
    return r.hand.number(len(r.due))


@named(FACTS, "flag")
def several(r: Reading) -> bool:
    """Whether more than one debt is asked for."""
    return len(r.due) > 1


@named(FACTS, "flag")
def nothing_due(r: Reading) -> bool:
    """Whether no debt is asked for."""
    return not r.due


@named(FACTS, "flag")
def long_late(r: Reading) -> bool:
    """Whether the oldest debt is more than 60 days late."""
    oldest = _oldest(r)
    return oldest is not None and oldest.days_late > 60


@named(FACTS, "flag")
def part_paid(r: Reading) -> bool:
    """Whether something was already paid on the debts asked for."""
    return any(line.paid_cents for line in r.due)


@named(FACTS, "flag")
def has_credits(r: Reading) -> bool:
    """Whether credits are deducted."""
    return bool(r.statement.credits)


@named(FACTS, "flag")
def debit_rejected(r: Reading) -> bool:
    """Whether a direct debit came back unpaid."""
    return any(line.kind is DocumentKind.REJECTED_DEBIT for line in r.due)


@named(FACTS, "flag")
def rate_missing(r: Reading) -> bool:
    """Whether a legal rate is not known, so that its line was left out."""
    return bool(r.statement.missing)


def _total_cents(r: Reading) -> int:
    statement = r.statement
    return sum(line.open_cents for line in statement.listed) if r.is_upcoming else statement.total_cents


def _open_cents(r: Reading) -> int:
    return _total_cents(r) + sum(line.amount_cents for line in r.statement.held)


def _oldest(r: Reading) -> StatementLine | None:
    due = r.due
    if len(due) == 1:
        return due[0]
    return min(due, key=lambda line: line.due_on) if due else None


def _claimed(r: Reading) -> list[StatutoryLine]:
    return [line for line in r.statement.statutory if line.is_claimed]
