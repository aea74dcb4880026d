"""Facts of a brief that are lists: the rows of the table of amounts, each field written for a reader."""

from channels.contract import Channel
from orchestrator.domain.amount_line import LegalBasis
from orchestrator.domain.debt import DocumentKind
from orchestrator.domain.statement import StatementLine, StatutoryLine
from orchestrator.rendering.reading import Fact, Reading, clean, named

FACTS: dict[str, Fact] = {}

# Longer than that an e-mail is no longer read; a letter lists everything, for it may be evidence.
EMAIL_ROWS = 40
_INVOICE_FIELDS = (
    "reference issued due principal paid open days_late order set_aside is_part_paid is_rejected is_future"
)
_STATUTORY_FIELDS = "kind amount basis percent from_date to_date count by"
# Bases that are cited in words, not by the number of an article.
_IN_WORDS = {
    LegalBasis.CONTRACT_INTEREST: "contract",
    LegalBasis.CONTRACT_CLAUSE: "contract",
    LegalBasis.COURT_AWARD: "court",
}


# ---------------------------------------------------------------- rows


@named(FACTS, "rows", _INVOICE_FIELDS)
def invoices(r: Reading) -> tuple[tuple[str | bool, ...], ...]:
    """The debts asked for, oldest first; an e-mail shows the first ones and `other_count` for the rest."""
    return tuple(_invoice(r, line) for line in _shown(r))


@named(FACTS, "flag")
def has_others(r: Reading) -> bool:
    """Whether there are debts that an e-mail has no room for."""
    return len(_shown(r)) < len(r.due)


@named(FACTS, "text")
def other_count(r: Reading) -> str:
    """How many debts an e-mail has no room for."""
    return r.hand.number(len(r.due) - len(_shown(r)))


@named(FACTS, "text")
def other_amount(r: Reading) -> str:
    """What they sum up to."""
    return r.sum(sum(line.open_cents for line in r.due[len(_shown(r)) :]))


@named(FACTS, "rows", "reference issued amount is_credit_note")
def credits(r: Reading) -> tuple[tuple[str | bool, ...], ...]:
    """Credits deducted, each with a negative amount."""
    return tuple(
        (clean(c.reference), r.day(c.issued_on), r.sum(c.open_cents), c.kind is DocumentKind.CREDIT_NOTE)
        for c in r.statement.credits
    )


@named(FACTS, "rows", _STATUTORY_FIELDS)
def claimed(r: Reading) -> tuple[tuple[str | bool, ...], ...]:
    """What is in the total beside the principals; `kind` is interest, penalty, indemnity, fee or damages.

    `by` is contract, court or law: only the last one has a `basis` to cite.
    """
    return tuple(_statutory(r, line) for line in r.statement.statutory if line.is_claimed)


@named(FACTS, "rows", _STATUTORY_FIELDS)
def mentioned(r: Reading) -> tuple[tuple[str | bool, ...], ...]:
    """The same when they are only named, not asked for (semantics B14)."""
    return tuple(_statutory(r, line) for line in r.statement.statutory if not line.is_claimed)


@named(FACTS, "rows", _INVOICE_FIELDS)
def listed(r: Reading) -> tuple[tuple[str | bool, ...], ...]:
    """Debts shown apart: not yet due (`is_future`) or not yet reminded."""
    return tuple(_invoice(r, line) for line in _listed(r))


@named(FACTS, "rows", "reference amount why until")
def held(r: Reading) -> tuple[tuple[str | bool, ...], ...]:
    """What is set aside; `why` is dispute, promise, plan, deferral, already_paid, direct_debit, …"""
    lines = r.statement.held
    return tuple((clean(h.reference), r.sum(h.amount_cents), h.why, r.day(h.until)) for h in lines)


@named(FACTS, "flag")
def has_mentioned(r: Reading) -> bool:
    """Whether statutory lines are named without being asked for."""
    return any(not line.is_claimed for line in r.statement.statutory)


@named(FACTS, "flag")
def has_claimed(r: Reading) -> bool:
    """Whether statutory lines are in the total."""
    return any(line.is_claimed for line in r.statement.statutory)


@named(FACTS, "flag")
def has_listed(r: Reading) -> bool:
    """Whether debts are shown apart."""
    return bool(_listed(r))


@named(FACTS, "flag")
def has_held(r: Reading) -> bool:
    """Whether something is set aside."""
    return bool(r.statement.held)


def _shown(r: Reading) -> tuple[StatementLine, ...]:
    due = r.due
    is_email = r.brief.send.channel is Channel.EMAIL
    return due[: EMAIL_ROWS - 1] if is_email and len(due) > EMAIL_ROWS else due


def _listed(r: Reading) -> tuple[StatementLine, ...]:
    return () if r.is_upcoming else r.statement.listed


def _invoice(r: Reading, line: StatementLine) -> tuple[str | bool, ...]:
    aside = line.principal_cents - line.paid_cents - line.open_cents
    return (
        clean(line.reference),
        r.day(line.issued_on),
        r.hand.day(line.due_on),
        r.sum(line.principal_cents),
        r.sum(line.paid_cents),
        r.sum(line.open_cents),
        r.hand.number(line.days_late),
        clean(line.order_ref),
        r.sum(aside) if aside > 0 else "",
        line.paid_cents != 0,
        line.kind is DocumentKind.REJECTED_DEBIT,
        line.due_on > r.statement.as_of,
    )


def _statutory(r: Reading, line: StatutoryLine) -> tuple[str | bool, ...]:
    return (
        line.kind,
        r.sum(line.amount_cents),
        clean(line.legal_basis),
        r.hand.percent(line.percent) if line.percent else "",
        r.day(line.from_on),
        r.day(line.to_on),
        r.hand.number(line.count),
        _IN_WORDS.get(LegalBasis(line.basis), "law") if line.basis else "law",
    )
