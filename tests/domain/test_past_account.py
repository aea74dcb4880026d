"""The account as of the day of the last fact is the account: whatever was told, in whatever order, and undone."""

from datetime import date, timedelta

from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from orchestrator.domain import events as ev
from orchestrator.domain.apply import apply_all
from orchestrator.domain.case import Case
from orchestrator.domain.debt import Debt, Payment
from orchestrator.domain.past_account import IMPORT_REVERSED, case_on
from orchestrator.domain.place import Place
from tests.builders import a_case, instant

BEGIN = instant("2026-03-02 10:00")
TOLD = st.tuples(
    st.sampled_from(["recorded", "absent", "undone", "paid", "bounced", "unpaid"]),
    st.sampled_from(["F-1", "F-2"]),
    st.integers(0, 5),  # days before it was told, that it is about
    st.integers(0, 9_000),
)


def journal(told: list[tuple[str, str, int, int]]) -> list[ev.Event]:
    """One fact a day, as imports, payments and their undoing write them."""
    facts: list[ev.Event] = []
    stands: dict[str, list[Debt]] = {"F-1": [], "F-2": []}
    paid: list[str] = []
    for number, (what, reference, before, cents) in enumerate(told):
        at = BEGIN + timedelta(days=number)
        day, key, several = at.date() - timedelta(days=before), f"{number}", stands[reference]
        if what == "recorded":
            due_on = date(2026, 2, 10)
            debt = Debt(reference=reference, principal_cents=9_000, open_cents=cents, as_of=day, due_on=due_on)
            facts.append(ev.DebtRecorded(id=key, at=at, debt=debt))
            several.append(debt)
        elif what == "absent" and several:
            facts.append(ev.DebtPresumedSettled(id=key, at=at, reference=reference))
            several.append(replace(several[-1], is_presumed_settled=True))
        elif what == "undone" and several:
            several.pop()
            back = several[-1] if several else None
            facts.append(ev.DebtWithdrawn(id=key, at=at, reference=reference, back_to=back))
        elif what == "paid":
            facts.append(ev.PaymentReceived(id=key, at=at, payment=Payment(key, cents, day, (reference,))))
            paid.append(key)
        elif what in ("bounced", "unpaid") and paid:
            code = "AM04" if what == "bounced" else IMPORT_REVERSED
            facts.append(ev.PaymentReversed(id=key, at=at, payment_id=paid.pop(), on=at.date(), code=code))
    return facts


def sums(case: Case) -> tuple[object, ...]:
    """What an account is made of."""
    debts = {(debt.reference, debt.open_cents, debt.as_of, debt.is_presumed_settled) for debt in case.debts}
    gone = {known.id for known in case.reversals}
    return debts, {payment.id for payment in case.payments if payment.id not in gone}


@given(st.lists(TOLD, max_size=9))
@example([(what, "F-1", 0, 100) for what in ("recorded", "absent", "recorded", "undone")])
@example([(what, "F-1", 0, 100) for what in ("recorded", "absent", "undone", "paid", "unpaid", "bounced")])
def test_the_account_of_the_last_day_is_the_account_of_today(told: list[tuple[str, str, int, int]]) -> None:
    facts = journal(told)
    empty = replace(a_case(), debts=(), payments=(), reversals=())
    now = apply_all(empty, facts)
    last = (BEGIN + timedelta(days=len(told))).date()
    assert sums(case_on(now, facts, last, Place("FR", "", ("Europe/Paris",)))) == sums(now)
