"""Sums by brackets (UK-11, BE-01 to 03, NL-01), rates fixed when a delay begins, and days that a hold stops."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from channels.contract import DeliveryStatus
from orchestrator.domain.agreement import HoldKind, HoldScope
from orchestrator.domain.amount_line import AmountLine, LegalBasis, LineKind
from orchestrator.domain.amount_rules import InterestRule, ScheduleRule
from orchestrator.domain.campaign import Amounts, DocumentKind, Use
from orchestrator.domain.contact import DebtorStatus
from orchestrator.domain.events import Event
from orchestrator.domain.policy import HoldRule, PolicyBook
from orchestrator.domain.rules import Rule
from orchestrator.domain.schedules import scheduled_cents
from orchestrator.domain.statement import AnnouncedCost, StatutoryLine
from orchestrator.intake.policies.policy_yaml import load_packs
from tests.builders import a_debt
from tests.domain import facts
from tests.domain.packs import a_rule, ruled_by
from tests.domain.test_amount_lines import followed, lines, seen, stated
from tests.domain.test_reckoning import RATES, cents_of, series

PACKS = load_packs(Path(__file__).resolve().parents[2] / "campaigns" / "policies")


def shipped(pack: str, rule_id: str) -> Rule:
    return next(rule for rule in PACKS[pack].rules if rule.id == rule_id)


def schedule(pack: str, rule_id: str) -> ScheduleRule:
    rule = shipped(pack, rule_id)
    assert isinstance(rule, ScheduleRule)
    return rule


@pytest.mark.parametrize(
    "pack, rule_id, base, cents",
    [
        ("uk-general", "UK-11B", 99_999, 4000), ("uk-general", "UK-11B", 100_000, 7000),
        ("uk-general", "UK-11B", 999_999, 7000), ("uk-general", "UK-11B", 1_000_000, 10_000),
        ("be", "BE-02", 15_000, 2000), ("be", "BE-02", 15_001, 3000), ("be", "BE-02", 50_000, 6500),
        ("be", "BE-02", 60_000, 7000), ("be", "BE-02", 10_000_000, 200_000), ("be", "BE-02", 0, 0),
        ("nl", "NL-01", 10_000, 4000), ("nl", "NL-01", 250_000, 37_500), ("nl", "NL-01", 500_000, 62_500),
        ("nl", "NL-01", 1_000_000, 87_500), ("nl", "NL-01", 20_000_000, 277_500), ("nl", "NL-01", 200_000_000, 677_500),
    ],
)  # fmt: skip
def test_the_shipped_brackets_give_the_sums_of_the_law(pack: str, rule_id: str, base: int, cents: int) -> None:
    assert scheduled_cents(schedule(pack, rule_id), base) == cents


def letter(at: str, kind: DocumentKind, use: Use = Use.LETTER, name: str = "first") -> Event:
    return facts.gone(name, "F-1", at=at, kind=kind, use=use)


def found(book: PolicyBook, now: str, *known: Event, kind: DocumentKind = DocumentKind.REMINDER,
          amounts: Amounts = Amounts.CLAIM, debt: object = None) -> list[StatutoryLine]:  # fmt: skip
    case = followed(debt or a_debt(cents=60_000), known=known)
    return list(stated(seen(case, book, now), book, kind=kind, amounts=amounts).statutory)


def test_the_dutch_cost_is_stated_by_the_letter_and_claimed_when_fifteen_days_have_passed() -> None:
    """NL-01: posted on Tuesday the 3rd, received on Friday the 6th, so the fourteen days end with the 20th."""
    book = ruled_by(schedule("nl", "NL-01"))
    posted = letter("2026-03-03 10:00", DocumentKind.FOURTEEN_DAY_LETTER)
    assert found(book, "2026-03-03 09:00") == []
    (said,) = found(book, "2026-03-03 09:00", kind=DocumentKind.FOURTEEN_DAY_LETTER, amounts=Amounts.HIDE)
    assert (said.amount_cents, said.is_claimed) == (9000, False)
    assert found(book, "2026-03-20 12:00", posted) == []
    (claimed,) = found(book, "2026-03-21 12:00", posted)
    assert (claimed.amount_cents, claimed.is_claimed, claimed.basis) == (9000, True, "nl_collection_cost")


def test_a_letter_that_came_back_opens_nothing() -> None:
    book = ruled_by(schedule("nl", "NL-01"))
    posted = letter("2026-03-03 10:00", DocumentKind.FOURTEEN_DAY_LETTER)
    back = facts.reported("CASE000001:1:first:1", DeliveryStatus.RETURNED, at="2026-03-10 09:00", channel="letter")
    assert found(book, "2026-03-31 12:00", posted, back) == []


def test_the_belgian_indemnity_needs_a_clause_and_a_free_reminder() -> None:
    """BE-01, BE-02: by e-mail on the 3rd, the fourteen days begin on the 4th."""
    book = ruled_by(schedule("be", "BE-02"))
    first = letter("2026-03-03 10:00", DocumentKind.LAST_REMINDER, Use.EMAIL)
    clause = a_debt(cents=60_000, has_indemnity_clause=True)
    claim = DocumentKind.FORMAL_NOTICE
    assert found(book, "2026-03-31 12:00", first, kind=claim) == []
    assert found(book, "2026-03-31 12:00", kind=claim, debt=clause) == []
    assert found(book, "2026-03-18 12:00", first, kind=claim, debt=clause) == []
    (line,) = found(book, "2026-03-19 12:00", first, kind=claim, debt=clause)
    assert (line.amount_cents, line.is_claimed) == (7000, True)


@pytest.mark.parametrize(
    "pack, rule_id, by",
    [
        ("nl", "NL-01", DocumentKind.FOURTEEN_DAY_LETTER), ("be", "BE-02", DocumentKind.REMINDER),
        ("be", "BE-02", DocumentKind.LAST_REMINDER),
    ],
)  # fmt: skip
@given(cents=st.integers(1, 30_000_000))
@example(cents=15_000)
@example(cents=15_001)
@example(cents=1_000_001)
def test_what_a_letter_announces_is_what_is_claimed_once_its_days_are_over(
    pack: str, rule_id: str, by: DocumentKind, cents: int
) -> None:
    """NL-01, BE-02: two sums of one law would make the letter void."""
    book, debt = ruled_by(schedule(pack, rule_id)), a_debt(cents=cents, has_indemnity_clause=True)
    first = stated(seen(followed(debt), book, "2026-03-03 09:00"), book, kind=by, amounts=Amounts.HIDE)
    (line,) = found(
        book, "2026-03-31 12:00", letter("2026-03-03 10:00", by), kind=DocumentKind.FORMAL_NOTICE, debt=debt
    )
    assert line.is_claimed
    assert first.announced == (AnnouncedCost(line.basis, line.amount_cents),)


def test_only_the_documents_after_which_a_cost_may_be_claimed_announce_it() -> None:
    book = ruled_by(schedule("nl", "NL-01"))
    situation = seen(followed(a_debt(cents=60_000)), book)
    assert stated(situation, book, kind=DocumentKind.REMINDER).announced == ()
    assert stated(situation, ruled_by(FIXED), kind=DocumentKind.FOURTEEN_DAY_LETTER).announced == ()


def test_what_a_ledger_brings_is_cut_down_to_the_schedule() -> None:
    """BE-02, BE-03: an indemnity of 200 EUR on 600 EUR; three reminders are free, the fourth costs 7.50 EUR."""
    book = ruled_by(schedule("be", "BE-02"), schedule("be", "BE-03"))
    dear = (
        AmountLine(LineKind.INDEMNITY, 20_000, LegalBasis.BE_XIX_INDEMNITY),
        AmountLine(LineKind.FEE, 5000, LegalBasis.BE_XIX_REMINDER),
    )
    debt = a_debt(cents=60_000, has_indemnity_clause=True, lines=dear)
    known = tuple(letter(f"2026-03-0{day} 10:00", DocumentKind.REMINDER, Use.EMAIL, f"r{day}") for day in (3, 4, 5, 6))
    case = followed(debt, known=known)
    early, late = seen(case, book, "2026-03-12 12:00"), seen(case, book, "2026-03-31 12:00")
    assert lines(stated(early, book)) == {"be_xix_reminder": 750}
    assert lines(stated(late, book)) == {"be_xix_indemnity": 7000, "be_xix_reminder": 750}
    assert {(left.rule, left.amount_cents) for left in late.claims.left_out} == {("BE-02", 13_000), ("BE-03", 4250)}


# ------------------------------------------------------------------------------------- rates and stopped days

FIXED = a_rule(
    InterestRule, "T-FIX", line="interest", series="ecb", points="8", fixed_at="delay_start", legal_basis="R2192-31"
)
MOVING = a_rule(InterestRule, "T-MOVE", line="interest", series="ecb", points="8", legal_basis="R2192-31")
ACROSS = (100_000, "2025-11-30", "2026-01-31 09:00")


@pytest.mark.parametrize(
    "rule, segments",
    [(FIXED, [(100_000, "10.5", 62)]), (MOVING, [(100_000, "10.5", 31), (100_000, "10", 31)])],
)
def test_a_rate_fixed_when_the_delay_begins_holds_for_all_of_it(
    rule: InterestRule, segments: list[tuple[int, str, int]]
) -> None:
    """Public buyers and the UK: due on 30 November, so the rate of the second half of 2025."""
    cents, due, now = ACROSS
    book = ruled_by(rule)
    case = followed(a_debt(cents=cents, due=due), status=DebtorStatus.PUBLIC_BODY)
    assert lines(stated(seen(case, book, now), book)) == {"interest": cents_of(*segments)}


def test_a_fixed_rate_outlives_part_payments() -> None:
    """A payment in January does not bring in the rate of January."""
    cents, due, now = ACROSS
    book = ruled_by(FIXED)
    paid = facts.paid(40_000, "F-1", on="2026-01-10")
    case = followed(a_debt(cents=cents, due=due), status=DebtorStatus.PUBLIC_BODY, known=(paid,))
    assert lines(stated(seen(case, book, now), book)) == {
        "interest": cents_of((100_000, "10.5", 40), (60_000, "10.5", 22))
    }


def test_a_fixed_rate_needs_no_later_period_and_a_moving_one_does() -> None:
    """Test idea 5: no rate is known from July 2026 on."""
    short = {"ecb": series("ecb", ("2026-01-01", "2026-06-30", "2.00"))}
    case = followed(a_debt(cents=100_000), status=DebtorStatus.PUBLIC_BODY)
    for rule, missing in ((FIXED, ()), (MOVING, ("interest:ecb",))):
        book = ruled_by(rule)
        assert stated(seen(case, book, "2026-07-10 09:00", short), book).missing == missing


GRACE = a_rule(HoldRule, "T-GRACE", holds=(HoldKind.GRACE_PERIOD,), stops_penalties=True)


def test_the_days_of_a_hold_that_stops_penalties_do_not_count() -> None:
    """FR-HOLD-04: 3 to 31 March is 29 days; the grace period has taken the 10th to the 19th."""
    held = facts.held(HoldKind.GRACE_PERIOD, since="2026-03-10 08:00", until="2026-03-19")
    book = ruled_by(MOVING, GRACE)
    case = followed(a_debt(cents=1_000_000), known=(held,))
    assert lines(stated(seen(case, book), book)) == {"interest": cents_of((1_000_000, "10", 19))}
    other = facts.held(HoldKind.PLAN, since="2026-03-10 08:00", until="2026-03-19")
    case = followed(a_debt(cents=1_000_000), known=(other,))
    assert lines(stated(seen(case, book), book)) == {"interest": cents_of((1_000_000, "10", 29))}


def test_a_hold_that_was_lifted_stopped_only_until_then_and_overlaps_count_once() -> None:
    book = ruled_by(MOVING, GRACE)
    known = (
        facts.held(HoldKind.GRACE_PERIOD, since="2026-03-10 08:00", until="2026-12-31"),
        facts.held(HoldKind.GRACE_PERIOD, since="2026-03-12 08:00", until="2026-03-14", hid="H-2"),
        facts.lifted(at="2026-03-19 08:00"),
    )
    case = followed(a_debt(cents=1_000_000), known=known)
    assert lines(stated(seen(case, book), book)) == {"interest": cents_of((1_000_000, "10", 19))}


def test_a_hold_of_another_debt_stops_nothing() -> None:
    held = facts.held(
        HoldKind.GRACE_PERIOD, since="2026-03-10 08:00", until="2026-03-19", scope=HoldScope.DEBTS, references=("F-9",)
    )
    book = ruled_by(MOVING, GRACE)
    case = followed(a_debt(cents=1_000_000), known=(held,))
    assert lines(stated(seen(case, book), book)) == {"interest": cents_of((1_000_000, "10", 29))}


def test_the_rates_of_these_tests_are_those_they_say() -> None:
    assert RATES["ecb"].on(date(2025, 12, 1)) == 2.5
