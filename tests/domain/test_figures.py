"""What is counted of a case: it agrees with the account, and is true until the instant that it names."""

from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from orchestrator.domain.agreement import Hold, HoldKind, HoldScope
from orchestrator.domain.apply import apply
from orchestrator.domain.case import Case
from orchestrator.domain.count_case import Figures, count_case, department_of
from orchestrator.domain.debt import DocumentKind, Payment, PaymentMethod
from orchestrator.domain.events import CaseClosed, HoldPlaced, PaymentReceived
from orchestrator.domain.figures import BRACKETS, Told, bracket_of
from orchestrator.domain.paid_parts import SPAN_DAYS, paid_parts
from orchestrator.domain.situation import Situation
from tests.builders import a_case, a_context, a_debt, instant
from tests.domain.histories import DAYS, START, World, seeded_worlds
from tests.domain.lives import live
from tests.domain.oracle_account import holds_at, owed_at

NOW = instant("2026-03-10 09:00")


def _count(case: Case, now: datetime = NOW, told: Told | None = None) -> Figures:
    return count_case(Situation(case, None, a_context(), now), told or Told(), version=1, due_at=None, folded="")


def _paid(case: Case, number: str, cents: int, on: str, *references: str) -> Case:
    payment = Payment(number, cents, date.fromisoformat(on), references)
    return apply(case, PaymentReceived(id=number, at=NOW, payment=payment))


@settings(max_examples=150)
@given(world=seeded_worlds(), share=st.floats(0, 1))
def test_figures_agree_with_the_account_of_any_life_at_any_moment(world: World, share: float) -> None:
    moments = live(world).moments
    moment = moments[int(share * (len(moments) - 1))]
    found = _count(moment.case, moment.at)
    owed = owed_at(moment.case, moment.at)
    assert found.row.balance_cents == owed.balance_cents
    assert sum(debt.open_cents for debt in found.debts) == owed.balance_cents
    assert {d.reference: d.open_cents for d in found.debts if d.kind == "open"} == owed.open_cents
    assert {d.reference: d.held_cents for d in found.debts if d.kind == "open"} == owed.held_cents
    assert bool(found.row.hold_kind) == bool(holds_at(moment.case, moment.at))


@settings(max_examples=150)
@given(world=seeded_worlds(), share=st.floats(0, 1), later=st.floats(0, 1))
def test_figures_stay_true_until_the_instant_that_they_name(world: World, share: float, later: float) -> None:
    moments = live(world).moments
    moment = moments[int(share * (len(moments) - 1))]
    told = Told(known_at=START - timedelta(days=400))
    found = _count(moment.case, moment.at, told)
    until = found.row.stale_at or START + timedelta(days=3 * DAYS)
    assert until > moment.at
    between = moment.at + (until - timedelta(microseconds=1) - moment.at) * later
    assert _count(moment.case, between, told) == found


def test_documents_credits_and_what_nothing_explains_add_up() -> None:
    credit = a_debt("A-1", cents=-500, kind=DocumentKind.CREDIT_NOTE)
    case = _paid(a_case(a_debt("F-1", cents=4200), credit), "P-1", 5000, "2026-03-01", "F-1")
    found = _count(case)
    assert sorted((debt.kind, debt.open_cents) for debt in found.debts) == [("credit", -500), ("unallocated", -800)]
    assert found.row.balance_cents == -1300


def test_a_debit_that_a_bank_will_present_is_expected_once() -> None:
    debit: dict[str, Any] = {"payment_method": PaymentMethod.DIRECT_DEBIT, "next_collection_on": date(2026, 3, 20)}
    case = a_case(a_debt("F-1", cents=4200, **debit), a_debt("F-2", cents=100, **debit, reject_code="AM04"))
    assert [(one.kind, one.source, one.cents) for one in _count(case).expected] == [("debit", "F-1", 4200)]


def test_what_is_settled_is_weighed_by_its_days() -> None:
    case = a_case(a_debt("F-1", due="2026-02-01", cents=3000), a_debt("F-2", due="2026-02-11", cents=1000))
    case = _paid(case, "P-1", 1000, "2026-01-20", "F-1")  # before it was due: no day late
    case = _paid(case, "P-2", 2500, "2026-02-21")  # 2,000 of the first, 20 days late; 500 of the second, 10 days
    assert [(part.debt.reference, part.cents, part.days_late) for part in paid_parts(case)] == [
        ("F-1", 1000, 0), ("F-1", 2000, 20), ("F-2", 500, 10),
    ]  # fmt: skip
    found = _count(case)
    (stock,) = found.shares.stock.values()
    assert (stock["settled_cents"], stock["settled_days"]) == (3500, 2000 * 20 + 500 * 10)
    assert found.row.received_cents == 3500


def test_a_debt_is_followed_through_the_spans_of_its_age() -> None:
    case = a_case(a_debt("F-1", due="2026-01-01", cents=3000))
    case = _paid(case, "P-1", 1000, "2026-01-31", "F-1")  # the last day of the first span
    case = _paid(case, "P-2", 500, "2026-02-01", "F-1")  # the first of the second
    told = Told(known_at=instant("2025-12-01 09:00"))
    key = ("acme-telecom", "EUR", "consumer")

    def spans(now: str) -> dict[int, tuple[int, int, int]]:
        ages = _count(case, instant(now), told).shares.ages
        return {age[3]: (c["debts"], c["open_cents"], c["paid_cents"]) for age, c in ages.items() if age[:3] == key}

    assert spans("2026-01-31 09:00") == {}
    assert spans("2026-02-01 09:00") == {0: (1, 3000, 1000)}
    assert spans("2026-03-02 09:00") == {0: (1, 3000, 1000)}
    assert spans("2026-03-03 09:00") == {0: (1, 3000, 1000), 1: (1, 2000, 500)}
    assert (date(2026, 3, 2) - date(2026, 1, 1)).days == SPAN_DAYS * 2


def test_a_span_before_the_case_was_known_says_nothing() -> None:
    case = a_case(a_debt("F-1", due="2026-01-01", cents=3000))
    told = Told(known_at=instant("2026-01-10 09:00"))
    found = _count(case, instant("2026-03-09 09:00"), told).shares.ages
    assert {age[3] for age in found} == {1}


def test_the_hold_of_the_whole_case_leads_and_the_longest_of_its_kind() -> None:
    part = Hold(id="d", kind=HoldKind.DISPUTE, since=NOW, scope=HoldScope.DEBTS, references=("F-1",))
    whole = Hold(id="a", kind=HoldKind.ALREADY_PAID, since=NOW, until=date(2026, 3, 17))
    longer = Hold(id="b", kind=HoldKind.DEFERRAL, since=NOW, until=date(2026, 3, 30))
    case = a_case(facts=tuple(HoldPlaced(id=hold.id, at=NOW, hold=hold) for hold in (part, whole, longer)))
    row = _count(case).row
    assert (row.hold_kind, row.hold_until, row.has_hold_end) == ("deferral", date(2026, 3, 30), True)
    only = _count(a_case(facts=(HoldPlaced(id="d", at=NOW, hold=part),))).row
    assert (only.hold_kind, only.has_hold_end) == ("dispute", False)
    reviewed = replace(part, review_on=date(2026, 3, 12))
    assert _count(a_case(facts=(HoldPlaced(id="d", at=NOW, hold=reviewed),))).row.has_hold_end


def test_sums_fall_into_the_bracket_that_they_reach() -> None:
    assert [bracket_of(cents) for cents in (-5, 0, 4_999, 5_000, 10**9)] == [0, 0, 0, 5_000, BRACKETS[-1]]


def test_departments_are_french() -> None:
    assert department_of("FR", "75001") == "75"
    assert department_of("FR", "97400") == "974"
    assert department_of("FR", "") == department_of("BE", "1000") == department_of("FR", "x") == ""


def test_the_end_of_a_hold_of_the_whole_case_makes_its_figures_stale() -> None:
    hold = Hold(id="a", kind=HoldKind.DEFERRAL, since=NOW, until=date(2026, 3, 12), grace_days=1)
    found = _count(a_case(a_debt(due="2026-03-09"), facts=(HoldPlaced(id="a", at=NOW, hold=hold),)))
    assert found.row.stale_at == instant("2026-03-13 23:00")  # midnight in Paris


def test_what_is_held_as_a_whole_or_closed_is_not_free_to_come() -> None:
    hold = Hold(id="a", kind=HoldKind.HARDSHIP, since=NOW)
    held = a_case(facts=(HoldPlaced(id="a", at=NOW, hold=hold),))
    closed = a_case(facts=(CaseClosed(id="c", at=NOW, outcome="written_off"),))
    assert [debt.free_cents for case in (a_case(), held, closed) for debt in _count(case).debts] == [2000, 0, 0]
