"""Holds (semantics C1): until when they run, what they stop, and who is asked when they have no end."""

import pytest

from orchestrator.domain.account import holds_in_force, is_in_force
from orchestrator.domain.agreement import Blocks, HoldKind
from orchestrator.domain.decision import Ask, Send, Verdict, Wait
from orchestrator.domain.place import place_of
from orchestrator.domain.policy import HoldRule, PersonDecidesRule
from tests.builders import a_case, a_debt, instant
from tests.domain import facts
from tests.domain.packs import a_rule, ruled_by
from tests.domain.stories import PARIS, asked, at, live, reason, sends, steps, until

BEFORE = "2026-03-01 08:00"
DUE = "2026-03-09 09:00"  # a Monday, two days after the first step's time
SILENT = ruled_by(a_rule(HoldRule, "T-SILENT", holds=(HoldKind.DEATH,), blocks="all"))
CARE = ruled_by(a_rule(PersonDecidesRule, "T-CARE", marks=("vulnerable", "deceased")))


@pytest.mark.parametrize(
    "now, expected",
    [
        ("2026-03-01 07:59", False),
        ("2026-03-01 08:00", True),
        ("2026-03-20 22:59", True),
        ("2026-03-20 23:00", False),
    ],
)
def test_a_hold_runs_from_its_instant_to_the_end_of_its_last_day(now: str, *, expected: bool) -> None:
    hold = facts.a_hold(since=BEFORE, until="2026-03-20")
    assert is_in_force(hold, instant(now), PARIS) is expected


def test_grace_belongs_to_the_hold() -> None:
    hold = facts.a_hold(since=BEFORE, until="2026-03-20", grace_days=3)
    assert is_in_force(hold, instant("2026-03-23 22:59"), PARIS)
    assert not is_in_force(hold, instant("2026-03-23 23:00"), PARIS)


def test_the_last_day_is_the_one_where_the_debtor_lives() -> None:
    hold = facts.a_hold(since=BEFORE, until="2026-03-20")
    assert not is_in_force(hold, instant("2026-03-20 20:00"), place_of("FR", "97400"))
    assert is_in_force(hold, instant("2026-03-21 03:59"), place_of("FR", "97110"))


def test_a_lifted_hold_runs_no_more_from_that_instant_on() -> None:
    case = a_case(facts=(facts.held(since=BEFORE), facts.lifted(at="2026-03-05 08:00")))
    assert holds_in_force(case, instant("2026-03-05 07:59"), PARIS)
    assert not holds_in_force(case, instant("2026-03-05 08:00"), PARIS)


def test_an_open_promise_is_a_hold_with_its_grace() -> None:
    case = a_case(facts=(facts.promised(2000, due="2026-03-20", at=BEFORE),))
    (hold,) = holds_in_force(case, instant("2026-03-23 22:00"), PARIS)
    assert (hold.kind, hold.grace_days) == (HoldKind.PROMISE, 3)
    assert not holds_in_force(case, instant("2026-03-23 23:00"), PARIS)


def test_a_hold_stops_a_demand_until_it_ends() -> None:
    decision = at(DUE, a_case(facts=(facts.held(since=BEFORE, until="2026-03-20"),)))
    assert until(decision.act) == instant("2026-03-20 23:00")
    assert reason(decision, "HOLD").verdict is Verdict.BLOCK


def test_the_longest_of_several_holds_wins() -> None:
    both = (
        facts.held(since=BEFORE, until="2026-03-20"),
        facts.held(since=BEFORE, until="2026-04-10", hid="H-2"),
    )
    assert until(at(DUE, a_case(facts=both)).act) == instant("2026-04-10 22:00")


def test_nothing_leaves_during_a_hold_and_the_ladder_goes_on_after_it() -> None:
    moments = live(a_case(facts=(facts.held(since=BEFORE, until="2026-03-25"),)))
    (first, _), *_ = sends(moments)
    assert first > instant("2026-03-25 23:00")
    assert steps(moments)[0] == "reminder-1"


def test_a_hold_over_one_debt_leaves_the_others_to_be_demanded() -> None:
    held = facts.held(since=BEFORE, until="2026-04-20", references=("F-1",))
    decision = at(DUE, a_case(a_debt("F-1"), a_debt("F-2"), facts=(held,)))
    assert isinstance(decision.act, Send)
    assert decision.act.references == ("F-2",)


def test_a_hold_over_every_debt_leaves_nothing_to_demand() -> None:
    decision = at(DUE, a_case(facts=(facts.held(since=BEFORE, until="2026-04-20", references=("F-1",)),)))
    assert isinstance(decision.act, Wait)


def test_a_hold_without_end_has_a_task_due_on_its_review_date() -> None:
    held = facts.held(since=BEFORE, review_on=instant("2026-03-20 00:00").date())
    act = at(DUE, a_case(facts=(held,))).act
    assert isinstance(act, Ask)
    assert (act.task, act.subject, act.due_at) == ("review_hold", "H-1", instant("2026-03-20 17:00"))


def test_the_task_of_a_hold_escalates_and_never_releases_it() -> None:
    moments = live(a_case(), facts=(facts.held(since=BEFORE),))
    assert asked(moments) == ["review_hold H-1 agent", "escalation review_hold:H-1 manager"]
    assert sends(moments) == []
    assert until(moments[-1].decision.act) is None


def test_a_reviewed_hold_is_asked_about_again_for_as_long_as_it_runs() -> None:
    """Fifteen days after each answer, under a name of its own; nobody is forgotten, and nothing is released."""
    answers = (
        facts.closed("review_hold:H-1", at="2026-03-02 08:00"),
        facts.closed("review_hold:H-1:review-2", at="2026-03-18 08:00"),
    )
    moments = live(a_case(), facts=(facts.held(since=BEFORE), *answers), days=50)
    questions = [(m.at, m.decision.act.subject) for m in moments if isinstance(m.decision.act, Ask)]
    assert questions[1:3] == [
        (instant("2026-03-17 08:00"), "H-1:review-2"),
        (instant("2026-04-02 08:00"), "H-1:review-3"),
    ]
    assert asked(moments)[3:] == ["escalation review_hold:H-1:review-3 manager"]
    assert sends(moments) == []


def test_a_hold_of_one_debt_without_end_is_reviewed_while_the_others_are_demanded() -> None:
    held = facts.held(since=BEFORE, references=("F-1",))
    moments = live(a_case(a_debt("F-1"), a_debt("F-2"), facts=(held,)), days=30)
    assert asked(moments) == ["review_hold H-1 agent", "escalation review_hold:H-1 manager"]
    assert {act.references for _, act in sends(moments)} == {("F-2",)}


def test_a_hold_without_end_beats_one_with_an_end() -> None:
    both = (facts.held(since=BEFORE), facts.held(since=BEFORE, until="2026-03-12", hid="H-2"))
    assert sends(live(a_case(facts=both), days=40)) == []


def test_a_hold_on_demands_lets_an_answer_leave() -> None:
    known = (facts.held(since=BEFORE, until="2026-04-20"), facts.paid(500, "F-1", on="2026-03-09"))
    assert steps(live(a_case(facts=known[:1]), facts=known[1:], days=30)) == ["payment.partial:P-1"]


def test_a_hold_that_blocks_all_silences_answers_too() -> None:
    known = (facts.held(since=BEFORE, until="2026-04-20", blocks=Blocks.ALL), facts.paid(500, "F-1", on="2026-03-09"))
    assert steps(live(a_case(facts=known[:1]), facts=known[1:], days=30)) == []


def test_a_pack_may_say_that_a_kind_of_hold_silences_answers() -> None:
    known = (facts.held(HoldKind.DEATH, since=BEFORE, until="2026-04-20"), facts.paid(500, "F-1", on="2026-03-09"))
    assert steps(live(a_case(facts=known[:1]), facts=known[1:], days=30, book=SILENT)) == []


def test_a_hold_is_explained_by_the_rule_of_its_kind() -> None:
    known = facts.held(HoldKind.DEATH, since=BEFORE, until="2026-04-20")
    decision = at(DUE, a_case(facts=(known,)), book=SILENT)
    assert reason(decision, "T-SILENT").values == (("hold", "death"), ("id", "H-1"))


def test_a_mark_that_only_a_person_may_act_on_goes_to_one_at_once() -> None:
    """R32: nothing is demanded of a vulnerable debtor, and a manager is asked."""
    decision = at(DUE, a_case(facts=(facts.marked("vulnerable", at=BEFORE),)), book=CARE)
    assert isinstance(decision.act, Ask)
    assert (decision.act.task, decision.act.subject, decision.act.role) == ("person_decides", "vulnerable", "manager")


def test_a_person_is_asked_about_a_mark_even_while_an_answer_waits_for_its_hour() -> None:
    night = (facts.paid(500, "F-1", on="2026-03-09", at="2026-03-09 21:00"),)
    case = a_case(facts=(facts.marked("deceased", at=BEFORE), *night))
    act = at("2026-03-09 21:00", case, book=CARE).act
    assert isinstance(act, Ask)


def test_a_mark_whose_task_is_answered_still_stops_demands() -> None:
    case = a_case(facts=(facts.marked("vulnerable", at=BEFORE),))
    answer = facts.closed("person_decides:vulnerable", at="2026-03-02 08:00")
    moments = live(case, book=CARE, facts=(answer,), start="2026-03-01 08:00")
    assert (sends(moments), asked(moments)) == ([], ["person_decides vulnerable manager"])
