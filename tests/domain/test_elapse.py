"""What the passing of time makes true: promises kept and broken (R14), a settled case that owes again."""

from datetime import date

import pytest
from msgspec.structs import replace

from orchestrator.domain import events as ev
from orchestrator.domain.case import Case, CaseState
from orchestrator.domain.case_clock import deadline
from orchestrator.domain.decision import Ask
from orchestrator.domain.duration import Duration
from orchestrator.domain.elapse import elapse, received_for
from orchestrator.domain.events import Event
from orchestrator.domain.place import place_of
from tests.builders import a_case, a_debt, instant
from tests.domain import facts
from tests.domain.stories import ends, live, sends, situated, steps

PROMISE = facts.promised(1500, due="2026-03-12", at="2026-03-05 10:00")
PARIS = place_of("FR", "75001")


def elapsed(now: str, *known: Event) -> list[str]:
    return [ev.type_of(fact) for fact in elapse(situated(now, a_case(facts=known)))]


def test_nothing_happens_to_a_promise_before_its_time() -> None:
    assert elapsed("2026-03-15 22:59", PROMISE) == []


def test_a_promise_is_broken_when_its_date_and_grace_are_over() -> None:
    assert elapsed("2026-03-15 23:00", PROMISE) == ["promise.broken"]


def test_a_promise_is_kept_as_soon_as_its_sum_has_come() -> None:
    assert elapsed("2026-03-08 12:00", PROMISE, facts.paid(1500, on="2026-03-08")) == ["promise.kept"]
    two = (facts.paid(700, on="2026-03-07"), facts.paid(800, on="2026-03-08", pid="P-2"))
    assert elapsed("2026-03-08 12:00", PROMISE, *two) == ["promise.kept"]


def test_a_part_of_the_sum_keeps_no_promise() -> None:
    assert elapsed("2026-03-15 23:00", PROMISE, facts.paid(1499, on="2026-03-08")) == ["promise.broken"]


@pytest.mark.parametrize(
    "on, kept", [("2026-03-04", False), ("2026-03-05", True), ("2026-03-15", True), ("2026-03-16", False)]
)
def test_what_came_before_the_promise_or_after_its_grace_keeps_nothing(on: str, *, kept: bool) -> None:
    """However late we look: a sum that came too late does not mend it."""
    assert elapsed("2026-03-20 12:00", PROMISE, facts.paid(1500, on=on)) == [
        "promise.kept" if kept else "promise.broken"
    ]


def test_a_reversed_payment_keeps_nothing() -> None:
    known = (PROMISE, facts.paid(1500, on="2026-03-08"), facts.bounced(on="2026-03-10"))
    assert elapsed("2026-03-15 23:00", *known) == ["promise.broken"]


def test_a_promise_for_one_debt_is_not_kept_by_a_payment_for_another() -> None:
    promise = facts.promised(1500, "F-1", due="2026-03-12", at="2026-03-05 10:00")
    assert elapsed("2026-03-15 23:00", promise, facts.paid(1500, "F-2", on="2026-03-08")) == ["promise.broken"]
    assert elapsed("2026-03-08 12:00", promise, facts.paid(1500, "F-1", on="2026-03-08")) == ["promise.kept"]
    assert elapsed("2026-03-08 12:00", promise, facts.paid(1500, on="2026-03-08")) == ["promise.kept"]


def test_a_promise_that_ended_ends_no_more() -> None:
    kept = ev.PromiseKept(id="k", at=instant("2026-03-08 12:00"), promise_id="PR-1")
    assert elapsed("2026-03-20 12:00", PROMISE, kept) == []


def test_a_promise_that_a_person_set_aside_is_neither_kept_nor_broken() -> None:
    assert elapsed("2026-03-20 12:00", PROMISE, facts.lifted("PR-1", at="2026-03-06 09:00")) == []


def test_received_sums_are_those_of_the_promise() -> None:
    case = a_case(facts=(PROMISE, facts.paid(700, on="2026-03-07")))
    assert received_for(situated("2026-03-08 12:00", case), PROMISE.promise) == 700


def settled(*known: Event) -> Case:
    over = ev.CaseClosed(id="c", at=instant("2026-03-06 09:00"), outcome="paid")
    return a_case(facts=(facts.entered(at="2026-03-03 09:00"), facts.paid(2000, "F-1", on="2026-03-05"), over, *known))


def test_a_settled_case_stays_closed() -> None:
    assert elapse(situated("2026-03-20 12:00", settled())) == ()


def test_a_settled_case_whose_payment_went_back_is_open_again_and_goes_on() -> None:
    case = settled(facts.bounced(on="2026-03-10"))
    assert [ev.type_of(fact) for fact in elapse(situated("2026-03-10 12:00", case))] == ["case.reopened"]
    moments = live(case, start="2026-03-10 12:00", days=20)
    assert moments[0].case.state is CaseState.OPEN
    assert "reminder-1" in steps(moments)


def test_a_new_debt_brings_a_settled_case_back() -> None:
    case = settled(facts.recorded(a_debt("F-2", due="2026-03-20"), at="2026-03-10 09:00"))
    assert [ev.type_of(fact) for fact in elapse(situated("2026-03-10 12:00", case))] == ["case.reopened"]


def test_a_case_closed_for_another_reason_stays_closed() -> None:
    over = ev.CaseClosed(id="c", at=instant("2026-03-06 09:00"), outcome="uneconomic", references=("F-1",))
    assert elapse(situated("2026-03-20 12:00", a_case(facts=(over,)))) == ()


def test_a_new_debt_brings_back_a_case_closed_for_another_reason() -> None:
    over = ev.CaseClosed(id="c", at=instant("2026-03-06 09:00"), outcome="uneconomic", references=("F-1",))
    case = a_case(facts=(over, facts.recorded(a_debt("F-2", due="2026-03-20"), at="2026-03-10 09:00")))
    found = elapse(situated("2026-03-10 12:00", case))
    assert [(ev.type_of(fact), fact.why) for fact in found if isinstance(fact, ev.CaseReopened)] == [
        ("case.reopened", "new_debt")
    ]
    assert "reminder-1" in steps(live(case, start="2026-03-10 12:00", days=30))


def test_a_debt_that_comes_after_the_hand_over_is_a_question_to_a_person() -> None:
    """R20: what the next stage has is never demanded here, and what comes later is not sent after it unseen."""
    over = ev.HandedOver(id="h", at=instant("2026-03-06 09:00"), stage="pre_litigation", references=("F-1",))
    case = a_case(facts=(over, facts.recorded(a_debt("F-2", due="2026-03-08"), at="2026-03-10 09:00")))
    moments = live(case, start="2026-03-10 12:00", days=30)
    asked = [m.decision.act for m in moments if isinstance(m.decision.act, Ask)]
    assert asked[0].task == "debt_after_hand_over"
    assert asked[0].subject == "F-2"
    assert sends(moments) == []


def test_a_kept_promise_releases_the_ladder_for_what_remains() -> None:
    known = (PROMISE, facts.paid(1500, "F-1", on="2026-03-09"))
    moments = live(a_case(), facts=known)
    assert ends(moments) == []
    assert steps(moments)[:2] == ["payment.partial:P-1", "reminder-1"]


@pytest.mark.parametrize(
    "within, expected",
    [
        ("90m", "2026-03-07 11:30"),
        ("36h", "2026-03-08 22:00"),
        ("1d", "2026-03-08 23:00"),
        ("1 business day", "2026-03-09 23:00"),  # from a Saturday: until the end of Monday
        ("1 month", "2026-04-07 22:00"),
    ],
)
def test_a_deadline_ends_with_its_last_day(within: str, expected: str) -> None:
    assert deadline(instant("2026-03-07 10:00"), Duration.parse(within), PARIS) == instant(expected)


def pushed(open_cents: int, as_of: str, reference: str = "F-1") -> ev.DebtRecorded:
    """What a creditor's ledger says is open of a debt, and since when."""
    return facts.recorded(
        a_debt(reference, open_cents=open_cents, as_of=date.fromisoformat(as_of)), at=f"{as_of} 12:00"
    )


def promised_of_ledger(cents: int, *owed: tuple[str, int]) -> ev.PromiseMade:
    made = replace(facts.promised(cents, due="2026-03-12", at="2026-03-05 10:00").promise, owed=owed)
    return ev.PromiseMade(id="PM-1", at=made.made_at, promise=made)


def of_ledger(now: str, *known: Event, cents: int = 1500) -> list[str]:
    case = a_case(a_debt("F-1", open_cents=2000), facts=(promised_of_ledger(cents, ("F-1", 2000)), *known))
    return [ev.type_of(fact) for fact in elapse(situated(now, case))]


@pytest.mark.parametrize(
    "open_cents, as_of, expected",
    [
        (500, "2026-03-10", "promise.kept"),
        (500, "2026-03-15", "promise.kept"),  # the last day of grace
        (500, "2026-03-16", "promise.broken"),  # nobody knows that it came in time
        (501, "2026-03-10", "promise.broken"),
        (2500, "2026-03-10", "promise.broken"),
    ],
)
def test_a_promise_is_kept_by_what_the_ledger_no_longer_shows_open(open_cents: int, as_of: str, expected: str) -> None:
    assert of_ledger("2026-03-20 12:00", pushed(open_cents, as_of)) == [expected]


def test_one_sum_told_as_a_payment_and_seen_in_the_ledger_counts_once() -> None:
    both = (facts.paid(800, "F-1", on="2026-03-08"), pushed(1200, "2026-03-09"))
    assert of_ledger("2026-03-16 12:00", *both) == ["promise.broken"]
    assert of_ledger("2026-03-16 12:00", *both, cents=800) == ["promise.kept"]


def test_a_debt_that_left_the_ledger_in_time_keeps_its_promise() -> None:
    gone = ev.DebtPresumedSettled(id="G-1", at=instant("2026-03-10 12:00"), reference="F-1")
    assert of_ledger("2026-03-10 12:00", gone) == ["promise.kept"]
    assert of_ledger("2026-03-16 12:00", gone) == ["promise.broken"]
