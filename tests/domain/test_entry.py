"""Entering a campaign (semantics A5, A12, B1, B4, B12): which one, at which step, and why not."""

from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace

from orchestrator.domain.campaign import Campaign, DocumentKind, Mode
from orchestrator.domain.case import Case
from orchestrator.domain.condition import Between, Condition, Either, Every, Not, OneOf
from orchestrator.domain.contact import DebtorStatus
from orchestrator.domain.debt import ClaimKind, OpeningHistory
from orchestrator.domain.decision import Ask, Send, Verdict
from orchestrator.domain.duration import Duration
from orchestrator.domain.events import CampaignEntered
from orchestrator.domain.interruption import Pause
from orchestrator.domain.ladder import late_entry
from orchestrator.domain.policy import PackFacts, PolicyBook, is_pack_name
from orchestrator.domain.progress import make_progress
from orchestrator.domain.voice import Voice
from tests.builders import (
    a_book,
    a_campaign,
    a_case,
    a_context,
    a_debt,
    a_debtor,
    a_pack,
    a_step,
    instant,
)
from tests.domain import facts
from tests.domain.stories import asked, at, fresh, live, progress, reason, said, sends, situated, steps, until

MONDAY = "2026-03-09 09:00"
COMPANIES = OneOf("status", frozenset({"company"}))


def entered(now: str, case: Case, *campaigns: Campaign, book: PolicyBook | None = None) -> CampaignEntered | None:
    moment = instant(now)
    found = make_progress(case, campaigns, book or a_book(), fresh(a_context(), moment), moment)
    return next((fact for fact in found.facts if isinstance(fact, CampaignEntered)), None)


# ---------------------------------------------------------------------------------------------- which one


def test_the_campaign_of_highest_priority_whose_audience_holds_is_taken() -> None:
    campaigns = (
        a_campaign(id="low", priority=1),
        a_campaign(id="high", priority=9),
        a_campaign(id="highest", priority=99, audience=COMPANIES),
    )
    found = entered(MONDAY, a_case(), *campaigns)
    assert found is not None
    assert found.campaign == "high"


def test_ties_are_settled_by_name_so_that_two_runs_agree() -> None:
    found = entered(MONDAY, a_case(), a_campaign(id="b"), a_campaign(id="a"))
    assert found is not None
    assert found.campaign == "a"


def test_a_campaign_of_other_creditors_is_not_taken() -> None:
    assert entered(MONDAY, a_case(), a_campaign(creditors=("other",))) is None
    assert entered(MONDAY, a_case(), a_campaign(creditors=("acme-telecom",))) is not None


def test_a_case_that_selects_another_pack_does_not_enter_and_says_why() -> None:
    """Semantics B1: the campaign's policy is an assertion."""
    decision = at(MONDAY, a_case(), a_campaign(policy="fr-own-b2b"))
    assert isinstance(decision.act, Ask)
    assert decision.act.task == "no_campaign"
    assert reason(decision, "POLICY").values == (("campaign", "b2c"), ("asserts", "fr-own-b2b"), ("is", "test-pack"))


def test_the_facts_select_the_pack() -> None:
    book = a_book(
        a_pack(id="own-b2c", party="own", debtor="individual"),
        a_pack(id="own-b2b", party="own", debtor="business"),
        a_pack(id="3p-b2c", party="third_party", debtor="individual"),
        a_pack(id="energy", party="", debtor="individual", sectors=("energy",), claims=(ClaimKind.WATER,)),
        a_pack(id="floor", party=""),
    )
    own: dict[str, Any] = {"jurisdiction": "FR", "party": "own"}
    third: dict[str, Any] = {"jurisdiction": "FR", "party": "third_party"}

    def select(is_individual: bool = True, **facts: Any) -> str | None:
        return book.select(PackFacts(is_individual=is_individual, **facts))

    assert select(**own) == "own-b2c"
    assert select(**own, is_individual=False) == "own-b2b"
    assert select(**third) == "3p-b2c"
    assert select(**own, sector="energy") == "own-b2c+energy"
    assert select(**third, claims=frozenset({ClaimKind.WATER})) == "3p-b2c+energy"
    assert select(**own, sector="energy", is_individual=False) == "own-b2b"
    assert select(**own, sector="rent") == "own-b2c"
    assert select(jurisdiction="BE", party="own") is None
    assert select(**third, is_individual=False) is None


def test_a_campaign_may_assert_a_pack_with_or_without_what_is_laid_over_it() -> None:
    book = a_book(a_pack(id="b2c", party="own"), a_pack(id="telecom", party="", claims=(ClaimKind.TELECOM,)))
    case = a_case(a_debt(claim_kind=ClaimKind.TELECOM))
    for policy in ("b2c", "b2c+telecom"):
        found = entered(MONDAY, case, a_campaign(policy=policy), book=book)
        assert found is not None
        assert found.policy == "b2c+telecom"
    assert entered(MONDAY, a_case(), a_campaign(policy="b2c+telecom"), book=book) is None


@pytest.mark.parametrize(
    "name, is_one",
    [("b2c", True), ("b2c+rent", True), ("rent", False), ("b2c+b2c", False), ("b2c+typo", False), ("typo", False)],
)
def test_a_pack_is_named_with_layers_that_exist(name: str, is_one: bool) -> None:
    book = a_book(a_pack(id="b2c", party="own"), a_pack(id="rent", party="", sectors=("rent",)))
    assert is_pack_name(book.packs, name) is is_one
    assert (book.pack(name) is not None) is is_one


def test_someone_of_unknown_status_gets_the_consumers_pack() -> None:
    """Semantics A6."""
    book = a_book(a_pack(id="b2c", debtor="individual"), a_pack(id="b2b", debtor="business"))
    for status, pack in ((DebtorStatus.UNKNOWN, "b2c"), (DebtorStatus.NON_PROFESSIONAL, "b2b")):
        case = a_case(debtor=a_debtor(status=status))
        found = entered(MONDAY, case, a_campaign(policy=pack), book=book)
        assert found is not None
        assert found.policy == pack


def test_without_a_pack_a_manager_is_asked_and_nothing_is_sent() -> None:
    moments = live(a_case(debtor=a_debtor(country="BE", postcode="1000")), days=10)
    assert (asked(moments), sends(moments)) == (["unknown_policy CASE000001 manager"], [])


def test_a_case_that_matches_no_campaign_gets_a_task_once_a_day_at_most() -> None:
    """Semantics B12: coverage, nobody is forgotten."""
    moments = live(a_case(), a_campaign(audience=COMPANIES), days=5)
    assert asked(moments) == ["no_campaign CASE000001 manager"]
    assert len(moments) <= 7


def test_an_answered_question_about_campaigns_is_not_asked_again() -> None:
    answer = facts.closed("no_campaign:CASE000001", at="2026-02-21 08:00")
    assert len(asked(live(a_case(), a_campaign(audience=COMPANIES), facts=(answer,), days=9))) == 1


OVERDUE = Between("overdue", at_least=5)


@pytest.mark.parametrize(
    "audience",
    [
        OVERDUE,
        Every((OVERDUE, OneOf("status", frozenset({"consumer"})))),
        Every((OVERDUE, Either((COMPANIES, OneOf("status", frozenset({"consumer"})))))),
        Not(Between("overdue", below=5)),
    ],
)
def test_a_case_that_is_only_too_young_waits_for_the_day(audience: Condition) -> None:
    decision = at("2026-03-03 09:00", a_case(), a_campaign(audience=audience))
    assert until(decision.act) == instant("2026-03-06 23:00")
    assert reason(decision, "AUDIENCE").verdict is Verdict.DEFER


def test_a_case_that_age_alone_would_not_let_in_is_a_task() -> None:
    for audience in (Every((OVERDUE, COMPANIES)), Between("overdue", below=0)):
        assert isinstance(at("2026-03-03 09:00", a_case(), a_campaign(audience=audience)).act, Ask)


def test_the_sooner_of_two_campaigns_is_waited_for() -> None:
    campaigns = [a_campaign(id=f"from-{days}", audience=Between("overdue", at_least=days)) for days in (20, 9)]
    moments = live(a_case(), campaigns)
    assert next(m.case.campaign for m in moments if m.case.cycle) == "from-9"


def test_nothing_is_entered_while_everything_is_paused_or_held() -> None:
    paused = a_context(pauses=(Pause(id="P", scope=Every(), since=instant("2026-03-01 08:00"), reason="r", by="x"),))
    assert progress(MONDAY, a_case(), context=paused)[1].cycle is None
    held = a_case(facts=(facts.held(since="2026-03-01 08:00"),))
    assert progress(MONDAY, held)[1].cycle is None


def test_a_paused_channel_does_not_keep_a_case_from_entering() -> None:
    pause = Pause(id="P", scope=Every(), since=instant("2026-03-01 08:00"), reason="r", by="x", channels=("sms",))
    decision, case = progress(MONDAY, a_case(), context=a_context(pauses=(pause,)))
    assert case.cycle is not None
    assert isinstance(decision.act, Send)


# --------------------------------------------------------------------------------------------- at which step

STEPS = (
    a_step("notice", at="-5d", voice=Voice.SERVICE, kind=DocumentKind.UPCOMING),
    a_step("first", at="5d"),
    a_step("second", after="10d"),
    a_step("third", after="10d", voice=Voice.FACTUAL),
    a_step("fourth", after="10d", voice=Voice.FIRM),
)


@pytest.mark.parametrize(
    "now, step, is_late",
    [
        ("2026-02-20 09:00", "notice", False),
        ("2026-02-26 09:00", "notice", True),
        ("2026-03-02 22:00", "notice", True),  # the due day itself is not after it
        ("2026-03-03 09:00", "first", False),
        ("2026-03-06 22:59", "first", False),
        ("2026-03-06 23:00", "first", True),
        ("2026-03-16 22:59", "first", True),
        ("2026-03-16 23:00", "second", True),
        ("2026-09-01 09:00", "second", True),  # never later than courteous
    ],
)
def test_a_late_case_enters_at_the_latest_gentle_step_whose_time_has_come(
    now: str, step: str, *, is_late: bool
) -> None:
    campaign = a_campaign(*STEPS)
    index, late = late_entry(situated(now, a_case()), campaign, date(2026, 3, 2))
    assert (campaign.steps[index].id, late) == (step, is_late)


def test_a_step_whose_condition_does_not_hold_is_not_entered() -> None:
    second = replace(STEPS[2], if_=COMPANIES)
    campaign = a_campaign(*STEPS[:2], second, *STEPS[3:])
    index, _ = late_entry(situated("2026-09-01 09:00", a_case()), campaign, date(2026, 3, 2))
    assert campaign.steps[index].id == "first"


def test_a_late_case_is_told_courteously_at_once_and_then_the_ladder_in_full() -> None:
    lines = said(live(a_case(), a_campaign(*STEPS), start="2026-09-01 09:00", days=40))
    assert lines == [
        "2026-09-01 second email courteous",
        "2026-09-11 third email factual",
        "2026-09-21 fourth email firm",
    ]


def test_only_the_step_of_a_late_entry_ignores_when_it_expires() -> None:
    soon = Duration.parse("3d")
    campaign = a_campaign(a_step("first", at="5d", expires=soon), a_step("second", at="7d", expires=soon))
    moments = live(a_case(), campaign, start="2026-05-01 09:00")
    assert steps(moments) == ["second"]
    (_, act), *_ = sends(moments)
    assert act.expires is None, "a message that left too late already must not expire on its way"


def test_a_campaign_without_a_gentle_step_begins_at_its_first_and_not_above_factual() -> None:
    campaign = a_campaign(a_step("hard", at="5d", voice=Voice.FIRM), a_step("harder", after="9d", voice=Voice.FIRM))
    assert said(live(a_case(), campaign, start="2026-05-01 09:00"))[0] == "2026-05-02 hard email factual"


# ------------------------------------------------------------------------------------------ opening history


def imported(last_step: str, last_on: str = "2026-03-07") -> Case:
    return a_case(a_debt(history=OpeningHistory(last_step=last_step, last_contact_on=date.fromisoformat(last_on))))


def test_a_case_with_a_history_goes_on_where_it_was() -> None:
    """Semantics A12: R40, a running portfolio is taken over without a wrong first word."""
    found = entered(MONDAY, imported("reminder-1"), a_campaign())
    assert found is not None
    assert (found.step_index, found.is_late, found.last_voice) == (1, False, Voice.COURTEOUS)
    assert said(live(imported("reminder-1"), start=MONDAY))[0] == "2026-03-17 reminder-2 email factual"


def test_a_history_in_a_step_that_the_campaign_has_not_still_sets_the_gap() -> None:
    lines = said(live(imported("their-own-step", "2026-03-08"), a_campaign(gap=Duration.parse("6d")), start=MONDAY))
    assert lines[0] == "2026-03-14 reminder-1 email courteous"


def test_a_history_outlives_the_observation_of_a_new_campaign() -> None:
    """Semantics B10 and A12 together: the first real cycle begins where the portfolio was."""
    watched = a_campaign(mode=Mode.OBSERVE)
    _, case = progress(MONDAY, imported("reminder-1"), watched)
    assert case.cycle is not None
    assert case.cycle.is_observed
    found = entered("2026-03-10 09:00", case, a_campaign(release="r1"))
    assert found is not None
    assert (found.cycle, found.step_index, found.is_observed) == (2, 1, False)


# --------------------------------------------------------------------------------------------- later cycles


def test_a_new_cycle_starts_for_the_rest_when_the_anchors_are_settled() -> None:
    """Semantics A5: F-2 came later and was no anchor; the rest gets its own gentle beginning."""
    debts = (a_debt("F-1"), a_debt("F-2", due="2026-04-10"))
    known = (facts.paid(2000, "F-1", on="2026-04-20", at="2026-04-20 10:00"),)
    moments = live(a_case(*debts), facts=known, days=120)
    lines = [line for line in said(moments) if "payment" not in line]
    assert lines[:3] == [
        "2026-03-07 reminder-1 email courteous",
        "2026-03-17 reminder-2 email factual",
        "2026-03-30 last email firm",
    ]
    assert lines[3].split()[1:] == ["reminder-1", "email", "courteous"]
    last = moments[-1].case.cycle
    assert last is not None
    assert (last.number, last.anchors, last.anchor_due_on) == (2, ("F-2",), date(2026, 4, 10))


def test_the_cycle_goes_on_while_one_anchor_is_open() -> None:
    debts = (a_debt("F-1"), a_debt("F-2", due="2026-03-03"))
    known = (facts.paid(2000, "F-1", on="2026-03-20", at="2026-03-20 10:00"),)
    moments = live(a_case(*debts), facts=known, start="2026-03-05 09:00")
    assert moments[-1].case.cycle_number == 1


def test_anchors_are_the_debts_that_are_due_at_entry() -> None:
    found = entered(
        MONDAY, a_case(a_debt("F-1"), a_debt("F-2", due="2026-03-09"), a_debt("F-3", due="2026-03-10")), a_campaign()
    )
    assert found is not None
    assert (found.anchors, found.anchor_due_on) == (("F-1", "F-2"), date(2026, 3, 2))


def test_a_new_cycle_judges_the_audience_by_the_debts_that_are_left() -> None:
    """The settled anchor was very late; what is left is not."""
    young = a_campaign(id="young", audience=Between("overdue", below=30), priority=1)
    old = a_campaign(id="old", audience=Between("overdue", at_least=30), priority=9)
    debts = (a_debt("F-1", due="2025-12-01"), a_debt("F-2", due="2026-03-20"))
    known = (facts.paid(2000, "F-1", on="2026-03-22", at="2026-03-22 10:00"),)
    moments = live(a_case(*debts), [young, old], facts=known, start=MONDAY, days=30)
    assert next(m.case.campaign for m in moments if m.case.cycle) == "old"
    assert moments[-1].case.campaign == "young"


def test_a_case_that_owes_nothing_enters_nothing() -> None:
    assert entered(MONDAY, a_case(facts=(facts.paid(2000, "F-1", on="2026-03-05"),)), a_campaign()) is None


def test_entry_says_which_campaign_and_priority() -> None:
    decision = at(MONDAY, a_case())
    assert reason(decision, "AUDIENCE").values == (("campaign", "b2c"), ("priority", 10))
