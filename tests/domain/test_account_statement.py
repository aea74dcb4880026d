"""The statement of an account (R37, R48): it agrees to the cent with the account, and asks what may be asked alone."""

from datetime import date, timedelta
from itertools import pairwise
from time import process_time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from orchestrator.domain.account import account_of
from orchestrator.domain.account_statement import (
    CREDIT_USED,
    PAYMENT,
    PAYMENT_BACK,
    SETTLED_BEFORE,
    WITHHELD,
    AccountStatement,
    Movement,
    state_account,
)
from orchestrator.domain.agreement import HoldKind
from orchestrator.domain.amount_line import AmountLine, LegalBasis, LineKind
from orchestrator.domain.apply import apply_all
from orchestrator.domain.case import Case
from orchestrator.domain.debt import ClaimKind, Debt, DocumentKind, Payment
from orchestrator.domain.demandable_lines import NO_CLAIMS, Claims
from orchestrator.domain.events import Event
from orchestrator.domain.payment_moves import moved_by_payments
from orchestrator.domain.policy import Policy
from orchestrator.domain.rules import PrescriptionRule
from orchestrator.domain.situation import Situation
from tests.builders import a_case, a_context, a_debt, instant
from tests.domain import facts
from tests.domain.histories import DAYS, START, World, worlds
from tests.domain.packs import a_rule, ruled_by

NOON = instant("2026-03-10 12:00")


def stated(*debts: Debt, knowing: tuple[Event, ...] = (), policy: Policy | None = None) -> AccountStatement:
    return state_account(Situation(a_case(*debts, facts=knowing), None, a_context(), NOON), policy)


def told(movements: tuple[Movement, ...]) -> list[tuple[Any, ...]]:
    return [(f"{m.on:%m-%d}", m.kind, m.reference, m.debit_cents, m.credit_cents, m.balance_cents) for m in movements]


def test_every_movement_stands_with_its_day_and_the_balance_after_it() -> None:
    found = stated(
        a_debt("F-1", cents=10_000, issued_on=date(2026, 1, 5), due="2026-02-05"),
        a_debt("F-2", cents=5_000, issued_on=date(2026, 2, 1), due="2026-04-01"),
        a_debt("A-1", cents=-1_500, kind=DocumentKind.CREDIT_NOTE, issued_on=date(2026, 2, 10)),
        knowing=(facts.paid(4_000, "F-1", on="2026-02-20", pid="P-9"),),
    )
    assert told(found.movements) == [
        ("01-05", "invoice", "F-1", 10_000, 0, 10_000),
        ("02-01", "invoice", "F-2", 5_000, 0, 15_000),
        ("02-10", "credit_note", "A-1", 0, 1_500, 13_500),
        ("02-20", PAYMENT, "P-9", 0, 4_000, 9_500),
    ]
    assert (found.balance_cents, found.payable_cents, found.credit_cents) == (9_500, 4_500, 1_500)
    assert [(band.from_days, band.to_days, band.cents) for band in found.bands] == [
        (0, 0, 5_000), (1, 30, 0), (31, 60, 6_000), (61, 90, 0), (91, None, 0),
    ]  # fmt: skip
    assert (found.late_cents, found.not_due_cents) == (6_000, 5_000)


def test_what_the_ledger_had_taken_off_is_told_and_a_payment_that_explains_it_is_named() -> None:
    debt = a_debt("F-1", cents=10_000, open_cents=3_000, as_of=date(2026, 2, 28), issued_on=date(2026, 1, 5))
    found = stated(debt, knowing=(facts.paid(4_000, "F-1", on="2026-02-20", pid="P-9"),))
    assert told(found.movements) == [
        ("01-05", "invoice", "F-1", 10_000, 0, 10_000),
        ("02-20", PAYMENT, "P-9", 0, 4_000, 6_000),
        ("02-28", SETTLED_BEFORE, "F-1", 0, 3_000, 3_000),
    ]


def test_a_payment_that_the_ledger_counted_moves_nothing_twice() -> None:
    debt = a_debt("F-1", cents=10_000, open_cents=9_000, as_of=date(2026, 2, 28), issued_on=date(2026, 1, 5))
    found = stated(debt, knowing=(facts.paid(4_000, "F-1", on="2026-02-20", pid="P-9"),))
    payment = next(each for each in found.movements if each.kind == PAYMENT)
    assert (payment.credit_cents, payment.counted_cents) == (0, 4_000)
    assert found.movements[-1].balance_cents == 9_000


def test_payments_never_explain_more_together_than_the_ledger_took_off() -> None:
    debt = a_debt("F-1", cents=10_000, open_cents=5_000, as_of=date(2026, 2, 28), issued_on=date(2026, 1, 5))
    both = (facts.paid(4_000, "F-1", on="2026-02-10", pid="P-1"), facts.paid(3_000, "F-1", on="2026-02-20", pid="P-2"))
    paid = [each for each in stated(debt, knowing=both).movements if each.kind in (PAYMENT, SETTLED_BEFORE)]
    assert [(m.reference, m.credit_cents, m.counted_cents) for m in paid] == [
        ("P-1", 4_000, 0), ("P-2", 0, 3_000), ("F-1", 1_000, 0),
    ]  # fmt: skip


def test_a_payment_of_two_documents_moves_what_the_ledger_had_not_counted() -> None:
    older = a_debt("F-1", cents=2_000, open_cents=0, as_of=date(2026, 2, 28), issued_on=date(2026, 1, 5))
    newer = a_debt("F-2", cents=5_000, as_of=date(2026, 1, 31), issued_on=date(2026, 1, 6))
    found = stated(older, newer, knowing=(facts.paid(6_000, "F-1", "F-2", on="2026-02-20", pid="P-9"),))
    payment = next(each for each in found.movements if each.kind == PAYMENT)
    assert (payment.credit_cents, payment.counted_cents, payment.references) == (5_000, 1_000, ("F-1", "F-2"))
    assert found.movements[-1].balance_cents == found.balance_cents == 0


def test_a_payment_that_went_back_is_shown_coming_and_going() -> None:
    found = stated(
        a_debt("F-1", cents=2_000),
        knowing=(facts.paid(2_000, "F-1", on="2026-02-20", pid="P-9"), facts.bounced("P-9", on="2026-02-25")),
    )
    assert told(found.movements)[1:] == [
        ("02-20", PAYMENT, "P-9", 0, 2_000, 0),
        ("02-25", PAYMENT_BACK, "P-9", 2_000, 0, 2_000),
    ]


def test_a_credit_note_that_was_used_in_part_shows_both() -> None:
    note = a_debt("A-1", cents=-1_500, open_cents=-400, kind=DocumentKind.CREDIT_NOTE, as_of=date(2026, 2, 28))
    found = stated(a_debt("F-1", cents=2_000), note)
    assert [(m.kind, m.debit_cents, m.credit_cents) for m in found.movements[1:]] == [
        ("credit_note", 0, 1_500), (CREDIT_USED, 1_100, 0),
    ]  # fmt: skip
    assert found.movements[-1].balance_cents == found.balance_cents == 1_600


def test_a_balance_in_favour_of_the_debtor_asks_for_nothing() -> None:
    found = stated(a_debt("F-1", cents=2_000), a_debt("A-1", cents=-5_000, kind=DocumentKind.CREDIT_NOTE))
    assert (found.balance_cents, found.payable_cents) == (-3_000, 0)


def test_a_disputed_part_is_named_and_not_payable() -> None:
    disputed = facts.disputed("F-1", at="2026-03-05 10:00", cents=1_200)
    found = stated(a_debt("F-1", cents=5_000), knowing=(disputed,))
    assert [(part.reference, part.cents, part.why) for part in found.held] == [("F-1", 1_200, "dispute")]
    assert (found.balance_cents, found.payable_cents) == (5_000, 3_800)


def test_a_promise_over_the_case_is_told_with_its_day_and_nothing_is_payable_meanwhile() -> None:
    found = stated(
        a_debt("F-1", cents=5_000), knowing=(facts.promised(5_000, due="2026-03-20", at="2026-03-05 10:00"),)
    )
    assert (found.whole_hold, found.whole_hold_until) == ("promise", date(2026, 3, 20))
    assert found.promised == ((date(2026, 3, 20), 5_000),)
    assert found.payable_cents == 0


@pytest.mark.parametrize("kind", [HoldKind.DEATH, HoldKind.OVER_INDEBTEDNESS, HoldKind.VULNERABLE, HoldKind.SELF_HARM])
def test_what_concerns_the_person_is_never_named(kind: HoldKind) -> None:
    spoken = facts.promised(5_000, due="2026-03-20", at="2026-03-05 10:00")
    found = stated(a_debt("F-1", cents=5_000), knowing=(spoken, facts.held(kind, since="2026-03-06 10:00")))
    assert (found.whole_hold, found.whole_hold_until, found.payable_cents) == (WITHHELD, None, 0)


def test_a_hold_of_a_debt_that_is_not_told_has_no_reason_and_no_end() -> None:
    veto = facts.held(HoldKind.VETO, since="2026-03-06 10:00", until="2026-05-01", references=("F-1",))
    found = stated(a_debt("F-1", cents=5_000), knowing=(veto,))
    assert [(part.cents, part.why, part.until) for part in found.held] == [(5_000, "", None)]


def _policy() -> Policy:
    return ruled_by(a_rule(PrescriptionRule, "T-PRE", months=24)).on("test-pack", date(2026, 3, 10))


def test_a_time_barred_debt_is_in_the_balance_and_asked_of_nobody() -> None:
    old = a_debt("F-0", cents=7_000, due="2023-01-10", issued_on=date(2022, 12, 10), claim_kind=ClaimKind.SERVICES)
    found = stated(old, a_debt("F-1", cents=2_000), policy=_policy())
    assert [(each.reference, each.cents, each.last_day) for each in found.barred] == [("F-0", 7_000, date(2025, 1, 10))]
    assert [m.is_barred for m in found.movements] == [True, False]
    assert (found.balance_cents, found.payable_cents) == (9_000, 2_000)


def test_a_debt_may_be_asked_for_on_its_last_day() -> None:
    on_the_day, day_after = (a_debt("F-0", cents=7_000, due=due) for due in ("2024-03-10", "2024-03-09"))
    assert stated(on_the_day, policy=_policy()).payable_cents == 7_000
    assert stated(day_after, policy=_policy()).payable_cents == 0


LINES = (
    AmountLine(LineKind.FEE, 900, LegalBasis.COURT_AWARD),
    AmountLine(LineKind.PENALTY, 300, LegalBasis.CONTRACT_CLAUSE),
)


class _Claimed(Situation):
    """A case whose pack lets these lines be demanded."""

    @property
    def claims(self) -> Claims:
        return Claims({debt.reference: LINES for debt in self.case.debts if not debt.is_credit})

    @property
    def account(self) -> Any:
        return account_of(self.case, self.holds, self.today, self.claims)


def _grown(world: World, days: int) -> Case:
    return apply_all(world.case, tuple(fact for fact in world.facts if fact.at <= START + timedelta(days=days)))


SUMS = st.sampled_from([0, 100, 1_999, 2_000, 7_000])
CREDITS = st.sampled_from([DocumentKind.CREDIT_NOTE, DocumentKind.PAYMENT_ON_ACCOUNT, DocumentKind.PAYMENT])


@given(worlds(), st.integers(0, DAYS), st.booleans(), SUMS, SUMS, CREDITS)
def test_it_agrees_to_the_cent_with_the_account(
    world: World, days: int, with_lines: bool, used: int, paid_before: int, kind: DocumentKind
) -> None:
    case = _grown(world, days)
    first, *others = case.debts
    note = a_debt("A-9", cents=-2_000, open_cents=min(used - 2_000, 0), kind=kind)
    first = replace(first, open_cents=max(first.open_cents - paid_before, 0))
    case = replace(case, debts=(first, *others, note))
    make = _Claimed if with_lines else Situation
    situation = make(case, None, a_context(), START + timedelta(days=days))
    found, account = state_account(situation, None), situation.account
    debits, credits_ = (sum(getattr(m, side) for m in found.movements) for side in ("debit_cents", "credit_cents"))
    assert debits - credits_ == found.balance_cents == account.balance_cents
    assert found.movements[-1].balance_cents == account.balance_cents
    assert sum(band.cents for band in found.bands) - account.credit_cents == account.balance_cents
    assert found.late_cents + found.not_due_cents - found.credit_cents == found.balance_cents
    assert sum(part.cents for part in found.held) == sum(p.held_cents for p in account.positions)
    assert found.payable_cents in (0, account.overdue_cents)
    assert found.payable_cents == account.overdue_cents or situation.case_holds
    assert [m.on for m in found.movements] == sorted(m.on for m in found.movements)


@given(worlds(), st.integers(0, DAYS))
def test_every_document_and_every_payment_is_in_it(world: World, days: int) -> None:
    case = _grown(world, days)
    found = state_account(Situation(case, None, a_context(), START + timedelta(days=days)), None)
    documents = {kind.value for kind in DocumentKind} - {PAYMENT}
    assert {m.reference for m in found.movements if m.kind in documents} == {debt.reference for debt in case.debts}
    shown = [m for m in found.movements if m.kind == PAYMENT]
    assert sorted(m.reference for m in shown) == sorted(payment.id for payment in case.payments)
    for each in shown:
        payment = next(payment for payment in case.payments if payment.id == each.reference)
        assert each.credit_cents + each.counted_cents == payment.amount_cents
        assert each.on == payment.received_on


@given(worlds(), st.integers(0, DAYS), st.booleans())
def test_each_payment_moved_what_the_account_lost_by_it(world: World, days: int, with_lines: bool) -> None:
    """Groups that are reckoned alone give what the whole account gives, payment after payment."""
    case = _grown(world, days)
    today = (START + timedelta(days=days)).date()
    claims = Claims({debt.reference: LINES for debt in case.debts}) if with_lines else NO_CLAIMS
    balances = [
        account_of(replace(case, payments=case.payments[:number]), (), today, claims).balance_cents
        for number in range(len(case.payments) + 1)
    ]
    expected = [before - after for before, after in pairwise(balances)]
    assert [cents for _, cents in moved_by_payments(case, claims, today)] == expected


def test_a_large_account_is_stated_in_no_time() -> None:
    payments = tuple(Payment(f"P-{n:04}", 500, date(2026, 2, 1), (f"F-{n:04}",)) for n in range(500))
    case = replace(a_case(), debts=tuple(a_debt(f"F-{n:04}") for n in range(1_000)), payments=payments)
    began = process_time()
    found = state_account(Situation(case, None, a_context(), NOON), None)
    assert process_time() - began < 2
    assert found.balance_cents == 1_000 * 2_000 - 500 * 500
