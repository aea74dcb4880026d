"""The account of a case on a day (semantics A1 to A4, A10, C1): what is open, held and due."""

from datetime import date

import pytest

from orchestrator.domain.account import Account, account_of, holds_in_force
from orchestrator.domain.agreement import HoldKind
from orchestrator.domain.case import Case
from orchestrator.domain.debt import Debt, DocumentKind, PaymentMethod
from orchestrator.domain.events import DebtPresumedSettled, Event
from tests.builders import a_case, a_debt, instant
from tests.domain import facts
from tests.domain.stories import PARIS

TODAY = date(2026, 3, 10)


def account(*debts: Debt, knowing: tuple[Event, ...] = (), today: date = TODAY) -> Account:
    case = a_case(*debts, facts=knowing)
    return account_of(case, holds_in_force(case, instant(f"{today} 12:00"), PARIS), today)


def open_sums(found: Account) -> dict[str, int]:
    return {position.debt.reference: position.open_cents for position in found.positions}


def credit(reference: str = "A-1", cents: int = -500, kind: DocumentKind = DocumentKind.CREDIT_NOTE) -> Debt:
    return a_debt(reference, cents=cents, kind=kind)


def test_what_is_due_today_is_not_overdue_yet() -> None:
    assert account(a_debt(due="2026-03-10")).overdue_cents == 0
    assert account(a_debt(due="2026-03-09")).overdue_cents == 2000


def test_the_balance_counts_what_is_not_due_yet_and_the_overdue_balance_does_not() -> None:
    found = account(a_debt("F-1"), a_debt("F-2", due="2026-04-01", cents=700))
    assert (found.balance_cents, found.overdue_cents) == (2700, 2000)
    assert [position.debt.reference for position in found.due()] == ["F-1"]


def test_debts_stand_in_the_order_of_their_due_dates() -> None:
    found = account(a_debt("F-9", due="2026-03-01"), a_debt("F-1", due="2026-03-05"), a_debt("F-5", due="2026-02-01"))
    assert [position.debt.reference for position in found.due()] == ["F-5", "F-9", "F-1"]


@pytest.mark.parametrize("kind", [DocumentKind.CREDIT_NOTE, DocumentKind.PAYMENT, DocumentKind.PAYMENT_ON_ACCOUNT])
def test_a_credit_of_the_ledger_is_deducted_and_listed(kind: DocumentKind) -> None:
    found = account(a_debt(), credit(kind=kind))
    assert (found.balance_cents, found.overdue_cents, found.credit_cents) == (1500, 1500, 500)
    assert [note.open_cents for note in found.credit_notes] == [-500]


def test_a_negative_adjustment_is_a_credit_and_a_positive_one_a_debt() -> None:
    assert account(a_debt(), credit(kind=DocumentKind.ADJUSTMENT)).overdue_cents == 1500
    assert account(a_debt(), credit(cents=300, kind=DocumentKind.ADJUSTMENT)).overdue_cents == 2300


def test_a_credit_at_least_equal_to_the_claim_covers_it() -> None:
    assert account(a_debt(), credit(cents=-2000)).is_covered_by_credit
    assert not account(a_debt(), credit(cents=-1999)).is_covered_by_credit


def test_a_credit_never_makes_a_negative_demand() -> None:
    found = account(a_debt(), credit(cents=-2500))
    assert (found.overdue_cents, found.balance_cents) == (0, -500)


def test_a_payment_after_the_ledger_is_subtracted() -> None:
    assert open_sums(account(a_debt(), knowing=(facts.paid(600, "F-1", on="2026-01-02"),))) == {"F-1": 1400}


@pytest.mark.parametrize("day", ["2026-01-01", "2025-12-30"])
def test_a_payment_up_to_the_day_of_the_ledger_is_in_its_figure_already(day: str) -> None:
    found = account(a_debt(as_of=date(2026, 1, 1)), knowing=(facts.paid(600, "F-1", on=day),))
    assert (open_sums(found), found.unallocated_cents) == ({"F-1": 2000}, 0)


def test_a_payment_in_full_leaves_nothing_open() -> None:
    found = account(a_debt(), knowing=(facts.paid(2000, "F-1", on="2026-03-05"),))
    assert (found.positions, found.balance_cents) == ((), 0)


def test_what_a_payment_leaves_over_is_unallocated() -> None:
    found = account(a_debt(), a_debt("F-2"), knowing=(facts.paid(2300, "F-1", on="2026-03-05"),))
    assert (open_sums(found), found.unallocated_cents) == ({"F-2": 2000}, 300)
    assert (found.balance_cents, found.overdue_cents) == (1700, 1700)


def test_a_payment_of_several_references_settles_the_oldest_first() -> None:
    debts = (a_debt("F-2", due="2026-02-01"), a_debt("F-1", due="2026-03-01"))
    found = account(*debts, knowing=(facts.paid(2500, "F-1", "F-2", on="2026-03-05"),))
    assert open_sums(found) == {"F-1": 1500}


def test_payments_on_one_debt_add_up_and_their_excess_is_unallocated() -> None:
    two = (facts.paid(1500, "F-1", on="2026-03-05"), facts.paid(1500, "F-1", on="2026-03-06", pid="P-2"))
    found = account(a_debt(), a_debt("F-2"), knowing=two)
    assert (open_sums(found), found.unallocated_cents) == ({"F-2": 2000}, 1000)


def test_an_unnamed_payment_is_unallocated() -> None:
    found = account(a_debt(), knowing=(facts.paid(500, on="2026-03-05"),))
    assert (open_sums(found), found.unallocated_cents, found.overdue_cents) == ({"F-1": 2000}, 500, 1500)


def test_an_unnamed_payment_older_than_the_ledger_is_in_its_figures() -> None:
    assert account(a_debt(), knowing=(facts.paid(500, on="2025-12-31"),)).unallocated_cents == 0


def test_a_payment_for_a_debt_we_do_not_know_is_unallocated() -> None:
    assert account(a_debt(), knowing=(facts.paid(500, "F-404", on="2026-03-05"),)).unallocated_cents == 500


@pytest.mark.parametrize("older, newer", [("F-1", "F-2"), ("F-2", "F-1")])
def test_a_payment_that_one_ledger_figure_knows_still_settles_the_debts_of_older_figures(
    older: str, newer: str
) -> None:
    """Whichever of the two falls due first: the part that the newer figure holds is not subtracted from it again."""
    due = {"F-1": "2026-02-01", "F-2": "2026-03-01"}
    debts = (
        a_debt(older, due=due[older], as_of=date(2026, 1, 1)),
        a_debt(newer, due=due[newer], as_of=date(2026, 3, 8), cents=800),
    )
    found = account(*debts, knowing=(facts.paid(3000, "F-1", "F-2", on="2026-03-05"),))
    assert (open_sums(found), found.unallocated_cents) == ({newer: 800}, 0)


def test_a_reversed_payment_counts_no_more() -> None:
    both = (facts.paid(2000, "F-1", on="2026-03-05"), facts.bounced(on="2026-03-08"))
    assert open_sums(account(a_debt(), knowing=both)) == {"F-1": 2000}


def test_a_dispute_holds_the_debts_it_names_and_the_rest_is_demanded() -> None:
    found = account(a_debt(), a_debt("F-2", cents=700), knowing=(facts.disputed("F-1", at="2026-03-05 10:00"),))
    assert (found.balance_cents, found.overdue_cents) == (2700, 700)
    assert {p.debt.reference: (p.held_cents, p.holds) for p in found.positions} == {
        "F-1": (2000, ("dispute",)),
        "F-2": (0, ()),
    }


def test_a_dispute_by_amount_holds_that_part_only() -> None:
    found = account(a_debt(), knowing=(facts.disputed("F-1", at="2026-03-05 10:00", cents=600),))
    assert (found.overdue_cents, found.positions[0].held_cents) == (1400, 600)


def test_a_dispute_of_more_than_is_open_holds_what_is_open() -> None:
    found = account(a_debt(), knowing=(facts.disputed("F-1", at="2026-03-05 10:00", cents=9000),))
    assert (found.overdue_cents, found.positions[0].held_cents) == (0, 2000)


def test_two_disputed_parts_of_one_debt_are_both_held() -> None:
    """R41: a deduction for quality and one for price are two amounts."""
    both = (
        facts.disputed("F-1", at="2026-03-05 10:00", cents=600),
        facts.disputed("F-1", at="2026-03-06 10:00", cents=500, hid="D-2"),
    )
    assert account(a_debt(), knowing=both).overdue_cents == 900


def test_a_hold_without_end_hides_the_end_of_another() -> None:
    both = (
        facts.held(HoldKind.DEFERRAL, since="2026-03-05 10:00", until="2026-03-20", references=("F-1",)),
        facts.disputed("F-1", at="2026-03-06 10:00"),
    )
    assert account(a_debt(), knowing=both).positions[0].held_until is None
    assert account(a_debt(), knowing=both[:1]).positions[0].held_until == date(2026, 3, 20)


def test_a_scheduled_direct_debit_holds_its_debt_until_it_could_have_come_back() -> None:
    debt = a_debt(payment_method=PaymentMethod.DIRECT_DEBIT, next_collection_on=date(2026, 3, 8))
    assert account(debt, today=date(2026, 3, 13)).overdue_cents == 0
    assert account(debt, today=date(2026, 3, 13)).positions[0].holds == ("direct_debit",)
    assert account(debt, today=date(2026, 3, 14)).overdue_cents == 2000


def test_a_rejected_direct_debit_is_owed_again() -> None:
    rejected = a_debt(
        payment_method=PaymentMethod.DIRECT_DEBIT, next_collection_on=date(2026, 3, 8), reject_code="AM04"
    )
    assert account(rejected).overdue_cents == 2000


def test_a_collection_date_of_another_payment_method_holds_nothing() -> None:
    assert account(a_debt(next_collection_on=date(2026, 3, 20))).overdue_cents == 2000


def test_a_debt_gone_from_a_full_snapshot_is_held_and_never_counted_as_paid() -> None:
    gone = DebtPresumedSettled(id="gone", at=instant("2026-03-09 08:00"), reference="F-1")
    found = account(a_debt(), knowing=(gone,))
    assert (found.balance_cents, found.overdue_cents, found.positions[0].holds) == (2000, 0, ("presumed_settled",))


def test_an_account_without_debts_is_empty() -> None:
    case = Case(id="C", creditor="acme", debtor=a_case().debtor)
    assert account_of(case, (), TODAY).balance_cents == 0
