"""Limitation (semantics A9): which rule, from when, until which day, and what starts it again."""

from datetime import date

import pytest

from orchestrator.domain import events as ev
from orchestrator.domain.campaign import DocumentKind
from orchestrator.domain.debt import ClaimKind, Debt
from orchestrator.domain.decision import Ask, Reason, Send, Verdict, Wait
from orchestrator.domain.events import Event
from orchestrator.domain.gates import prescribed_on, prescription_rule, without_prescribed
from orchestrator.domain.policy import PrescriptionRule
from orchestrator.domain.progress import carry_out
from tests.builders import a_campaign, a_case, a_debt, a_step, instant
from tests.domain import facts
from tests.domain.packs import a_rule, ruled_by
from tests.domain.stories import at, progress, reason, situated

RESETS = ("payment", "acknowledgment")
GOODS = a_rule(PrescriptionRule, "T-TWO", months=24, claims=(ClaimKind.GOODS, ClaimKind.UNKNOWN), reset_by=RESETS)
TELECOM = a_rule(PrescriptionRule, "T-ONE", months=12, claims=(ClaimKind.TELECOM,), reset_by=RESETS)
CREDIT = a_rule(PrescriptionRule, "T-COURT", months=24, claims=(ClaimKind.CREDIT,), reset_by=("court_action",))
GENERAL = a_rule(PrescriptionRule, "T-FIVE", months=60, reset_by=RESETS)
BOOK = ruled_by(GOODS, TELECOM, CREDIT, GENERAL)
POLICY = BOOK.on("test-pack", date(2026, 3, 9))


def last_day(debt: Debt, *known: Event, now: str = "2026-03-09 09:00") -> date:
    found = prescribed_on(situated(now, a_case(debt, facts=known)), POLICY, debt)
    assert found is not None
    return found[0]


@pytest.mark.parametrize(
    "claim, rule_id",
    [
        (ClaimKind.GOODS, "T-TWO"),
        (ClaimKind.TELECOM, "T-ONE"),
        (ClaimKind.RENT, "T-FIVE"),
        (ClaimKind.UNKNOWN, "T-ONE"),
    ],
)
def test_each_claim_has_its_rule_and_an_unknown_one_the_shortest(claim: ClaimKind, rule_id: str) -> None:
    rule = prescription_rule(POLICY, claim)
    assert rule is not None
    assert rule.id == rule_id


def test_a_pack_without_a_rule_for_a_claim_limits_it_by_none() -> None:
    policy = ruled_by(TELECOM).on("test-pack", date(2026, 3, 9))
    assert prescription_rule(policy, ClaimKind.RENT) is None
    assert prescribed_on(situated("2026-03-09 09:00", a_case()), policy, a_debt(claim_kind=ClaimKind.RENT)) is None


def test_two_years_count_from_the_due_date_and_the_last_day_is_included() -> None:
    assert last_day(a_debt(due="2024-03-09", claim_kind=ClaimKind.GOODS)) == date(2026, 3, 9)


@pytest.mark.parametrize("due, leaves", [("2024-03-09", True), ("2024-03-08", False)])
def test_a_debt_of_two_years_and_a_day_is_not_demanded(due: str, *, leaves: bool) -> None:
    debt = a_debt(due=due, claim_kind=ClaimKind.GOODS)
    decision, case = progress("2026-03-09 09:00", a_case(debt), book=BOOK)
    if leaves:
        # A manager is told first that it is the last day.
        assert isinstance(decision.act, Ask)
        case = carry_out(case, decision, instant("2026-03-09 09:00"))
        decision = at("2026-03-09 09:00", case, book=BOOK)
    assert isinstance(decision.act, Send if leaves else Wait)
    assert reason(decision, "T-TWO").verdict is (Verdict.NOTE if leaves else Verdict.BLOCK)


def test_a_time_barred_debt_leaves_the_others_to_be_demanded() -> None:
    debts = (a_debt("F-1", due="2024-01-01", claim_kind=ClaimKind.GOODS), a_debt("F-2", claim_kind=ClaimKind.GOODS))
    act = at("2026-03-09 09:00", a_case(*debts), book=BOOK).act
    assert isinstance(act, Send)
    assert act.references == ("F-2",)


def test_word_before_the_due_date_does_not_demand_a_time_barred_debt_either() -> None:
    debts = (
        a_debt("F-1", due="2024-01-01", claim_kind=ClaimKind.GOODS),
        a_debt("F-2", due="2026-03-12", claim_kind=ClaimKind.GOODS),
    )
    upcoming = a_campaign(a_step("notice", after="0d", kind=DocumentKind.UPCOMING))
    act = at("2026-03-09 09:00", a_case(*debts), upcoming, book=BOOK).act
    assert isinstance(act, Send)
    assert act.references == ("F-2",)


def test_a_payment_starts_the_time_again() -> None:
    debt = a_debt(due="2024-01-01", claim_kind=ClaimKind.GOODS, as_of=date(2024, 1, 1))
    assert last_day(debt, facts.paid(100, "F-1", on="2025-06-01")) == date(2027, 6, 1)


def test_a_reversed_payment_starts_nothing_again() -> None:
    debt = a_debt(due="2024-01-01", claim_kind=ClaimKind.GOODS, as_of=date(2024, 1, 1))
    known = (facts.paid(100, "F-1", on="2025-06-01"), facts.bounced(on="2025-06-05"))
    assert last_day(debt, *known) == date(2026, 1, 1)


def test_a_payment_on_another_debt_starts_nothing_again() -> None:
    debt = a_debt(due="2024-01-01", claim_kind=ClaimKind.GOODS, as_of=date(2024, 1, 1))
    assert last_day(debt, facts.paid(100, "F-2", on="2025-06-01")) == date(2026, 1, 1)


def interrupted(how: str, on: str, reference: str = "F-1") -> ev.ClaimInterrupted:
    day = date.fromisoformat(on)
    return ev.ClaimInterrupted(id=f"{how}:{on}", at=instant(f"{on} 09:00"), reference=reference, how=how, on=day)


def test_only_what_the_rule_names_starts_the_time_again() -> None:
    goods = a_debt(due="2024-01-01", claim_kind=ClaimKind.GOODS)
    assert last_day(goods, interrupted("acknowledgment", "2025-05-05")) == date(2027, 5, 5)
    assert last_day(goods, interrupted("reminder", "2025-05-05")) == date(2026, 1, 1)
    assert last_day(goods, interrupted("acknowledgment", "2025-05-05", "F-2")) == date(2026, 1, 1)


def test_a_credit_is_started_again_by_a_court_only() -> None:
    credit = a_debt(due="2024-06-01", claim_kind=ClaimKind.CREDIT, as_of=date(2024, 1, 1))
    known = (facts.paid(100, "F-1", on="2025-06-01"), interrupted("acknowledgment", "2025-06-02"))
    assert last_day(credit, *known) == date(2026, 6, 1)
    assert last_day(credit, *known, interrupted("court_action", "2025-07-01")) == date(2027, 7, 1)


def test_the_latest_of_several_restarts_counts() -> None:
    goods = a_debt(due="2024-01-01", claim_kind=ClaimKind.GOODS)
    known = (interrupted("acknowledgment", "2025-05-05"), interrupted("acknowledgment", "2024-05-05"))
    assert last_day(goods, *known) == date(2027, 5, 5)


def test_a_hold_never_moves_the_limitation() -> None:
    goods = a_debt(due="2024-03-08", claim_kind=ClaimKind.GOODS)
    held = facts.held(since="2025-01-01 09:00", until="2025-12-31")
    assert last_day(goods, held) == date(2026, 3, 8)


@pytest.mark.parametrize("due, left", [("2024-06-07", 90), ("2024-06-08", None)])
def test_ninety_days_before_the_end_it_is_noted(due: str, left: int | None) -> None:
    debt = a_debt(due=due, claim_kind=ClaimKind.GOODS)
    reasons: list[Reason] = []
    situation = situated("2026-03-09 09:00", a_case(debt))
    assert without_prescribed(situation, POLICY, situation.account.due(), reasons)
    assert [r.values for r in reasons] == ([(("debt", "F-1"), ("days_left", left))] if left else [])
