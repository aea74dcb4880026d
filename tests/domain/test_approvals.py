"""Approvals and modes (semantics B9, B10, B3): who must say yes, to what sum, and what silence means."""

import pytest

from orchestrator.domain.campaign import Approval, CloseTerms, HandOverTerms, LeverTerms, Mode, Use
from orchestrator.domain.condition import Between
from orchestrator.domain.decision import Ask, HandOver, Send, Verdict
from orchestrator.domain.duration import Duration
from orchestrator.domain.policy import ApprovalRule, ProportionRule
from orchestrator.domain.voice import Voice
from tests.builders import a_campaign, a_case, a_context, a_creditor, a_debt, a_step, instant
from tests.domain import facts
from tests.domain.packs import a_rule, ruled_by
from tests.domain.stories import asked, at, ends, live, passed, progress, reason, said, sends, steps

MONDAY = "2026-03-09 09:00"
ASKED = Approval("manager", within=Duration.parse("5d"))
CAREFUL = a_campaign(a_step("first", at="5d", approve=ASKED), a_step("second", after="10d"))


def test_an_act_that_needs_approval_is_asked_with_its_role_sum_and_term() -> None:
    act = at(MONDAY, a_case(), CAREFUL).act
    assert isinstance(act, Ask)
    assert (act.task, act.subject, act.role, act.step, act.amount_cents) == (
        "approve",
        "first:1:2000",
        "manager",
        "first",
        2000,
    )
    assert act.due_at == instant("2026-03-14 23:00")


def test_an_approved_act_is_done() -> None:
    moments = live(a_case(), CAREFUL, facts=(facts.approved("first", 2000, at="2026-03-09 10:00"),))
    assert said(moments)[0] == "2026-03-09 first email courteous"


def test_an_approval_is_bound_to_its_sum_and_asked_again_when_it_changes() -> None:
    known = (
        facts.approved("first", 2000, at="2026-03-07 00:30"),
        facts.paid(500, "F-1", on="2026-03-07", at="2026-03-07 01:00"),
    )
    moments = live(a_case(), CAREFUL, facts=known, days=18)
    assert asked(moments) == ["approve first:1:2000 manager", "approve first:1:1500 manager"]
    assert "first" not in steps(moments)


def test_an_approval_does_not_cover_another_step_or_cycle() -> None:
    for given in (
        facts.approved("second", 2000, at="2026-03-08 10:00"),
        facts.approved("first", 2000, at="2026-03-08 10:00", cycle=2),
    ):
        assert isinstance(at(MONDAY, a_case(facts=(given,)), CAREFUL).act, Ask)


def test_a_refused_act_is_passed() -> None:
    moments = live(a_case(), CAREFUL, facts=(facts.refused("first", at="2026-03-09 10:00"),))
    assert (passed(moments)[0], steps(moments)) == ("first refused", ["second"])


def test_silence_escalates_once_and_nothing_is_sent() -> None:
    moments = live(a_case(), CAREFUL)
    assert asked(moments) == ["approve first:1:2000 manager", "escalation approve:first:1:2000 admin"]
    assert sends(moments) == []


def test_a_yes_after_the_escalation_still_counts() -> None:
    moments = live(a_case(), CAREFUL, facts=(facts.approved("first", 2000, at="2026-03-20 10:00"),))
    assert steps(moments)[0] == "first"


def test_an_approval_may_depend_on_the_case() -> None:
    campaign = a_campaign(a_step("first", at="5d", approve=Approval("manager", Between("balance", at_least=10_000))))
    assert isinstance(at(MONDAY, a_case(), campaign).act, Send)
    assert isinstance(at(MONDAY, a_case(a_debt(cents=10_000)), campaign).act, Ask)


def test_a_pack_may_ask_for_the_approval_of_a_kind_of_document() -> None:
    book = ruled_by(a_rule(ApprovalRule, "T-ASK", acts=("formal_notice",), by="admin"))
    campaign = a_campaign(a_step("formal", at="5d", voice=Voice.FORMAL, use=(Use.REGISTERED,)))
    decision = at(MONDAY, a_case(), campaign, book=book)
    assert isinstance(decision.act, Ask)
    assert decision.act.role == "admin"
    assert reason(decision, "T-ASK").verdict is Verdict.ASK


def test_a_lever_is_a_task_for_whoever_approves_it() -> None:
    """R49."""
    lever = a_step("block", after="1d", send=None, request=LeverTerms("block_orders", ASKED), channel=())
    moments = live(a_case(), a_campaign(a_step("first", at="5d"), lever, a_step("last", after="9d")), days=20)
    assert "lever block:1 manager" in asked(moments)
    done = facts.closed("lever:block:1", at="2026-03-10 10:00")
    after = live(a_case(), a_campaign(a_step("first", at="5d"), lever, a_step("last", after="9d")), facts=(done,))
    assert steps(after) == ["first", "last"]


OUTCOME = a_step(
    "outcome",
    after="5d",
    send=None,
    channel=(),
    choose=(
        CloseTerms("uneconomic", Between("balance", below=1000)),
        HandOverTerms("pre_litigation", Approval("admin")),
    ),
)
TO_THE_END = a_campaign(a_step("first", at="5d"), OUTCOME)


def test_the_last_step_closes_what_is_not_worth_it() -> None:
    assert ends(live(a_case(a_debt(cents=900)), TO_THE_END)) == ["uneconomic"]


def test_a_case_is_handed_over_only_after_a_person_says_so() -> None:
    """R20, EU-GDPR-22."""
    silent = live(a_case(), TO_THE_END)
    assert (ends(silent), asked(silent)[0]) == ([], "approve outcome:1:2000 admin")
    moments = live(a_case(), TO_THE_END, facts=(facts.approved("outcome", 2000, at="2026-03-13 10:00"),))
    assert ends(moments) == ["pre_litigation"]
    act = next(m.decision.act for m in moments if isinstance(m.decision.act, HandOver))
    assert (act.step, act.references) == ("outcome", ("F-1",))


def test_a_refused_hand_over_leaves_the_ladder_finished() -> None:
    moments = live(a_case(), TO_THE_END, facts=(facts.refused("outcome", at="2026-03-13 10:00"),))
    assert (ends(moments), passed(moments)[-1]) == ([], "outcome refused")


def test_no_choice_that_fits_passes_the_step() -> None:
    only = a_step("outcome", after="5d", send=None, channel=(), choose=(CloseTerms("x", Between("balance", below=10)),))
    assert passed(live(a_case(), a_campaign(a_step("first", at="5d"), only))) == ["outcome no_choice"]


# -------------------------------------------------------------------------------- simple post for a registered


POSTED = a_campaign(a_step("formal", at="5d", voice=Voice.FORMAL, use=(Use.REGISTERED, Use.LETTER)))
FRUGAL = ruled_by(a_rule(ProportionRule, "T-MEANS", cost_per_cent=10, demands_per_debt=8))
DEAR = a_context(costs_cents={"registered": 500, "letter": 100})


def test_simple_post_in_place_of_a_registered_letter_needs_a_yes() -> None:
    act = at(MONDAY, a_case(), POSTED, book=FRUGAL, context=DEAR).act
    assert isinstance(act, Ask)
    assert (act.task, act.step, act.role) == ("approve", "formal:simple_post", "manager")
    yes = a_case(facts=(facts.approved("formal:simple_post", 2000, at="2026-03-08 10:00"),))
    sent = at(MONDAY, yes, POSTED, book=FRUGAL, context=DEAR).act
    assert isinstance(sent, Send)
    assert (sent.step, sent.use) == ("formal", Use.LETTER)


def test_simple_post_refused_passes_the_step() -> None:
    no = a_case(facts=(facts.refused("formal:simple_post", at="2026-03-08 10:00"),))
    assert [(p.step, p.why) for p in at(MONDAY, no, POSTED, book=FRUGAL, context=DEAR).passed] == [
        ("formal", "refused")
    ]


def test_a_letter_that_replaces_nothing_needs_no_yes() -> None:
    campaign = a_campaign(a_step("first", at="5d", use=(Use.LETTER, Use.REGISTERED)))
    assert isinstance(at(MONDAY, a_case(), campaign).act, Send)


# ---------------------------------------------------------------------------------------------------- modes


def test_a_campaign_in_observe_mode_decides_and_sends_nothing() -> None:
    moments = live(a_case(), a_campaign(mode=Mode.OBSERVE))
    assert len(said(moments)) == 3
    assert all(act.is_observed for _, act in sends(moments))


def test_a_campaign_in_automatic_mode_sends() -> None:
    assert not any(act.is_observed for _, act in sends(live(a_case())))


@pytest.mark.parametrize("strict", [Mode.OBSERVE, Mode.CONFIRM])
def test_the_strictest_of_campaign_creditor_and_deployment_wins(strict: Mode) -> None:
    ways = (
        (a_campaign(mode=strict), a_context()),
        (a_campaign(), a_context(creditor=a_creditor(mode=strict))),
        (a_campaign(), a_context(mode=strict)),
    )
    for campaign, context in ways:
        act = at(MONDAY, a_case(), campaign, context=context).act
        assert isinstance(act, Ask) if strict is Mode.CONFIRM else isinstance(act, Send) and act.is_observed


def test_a_looser_deployment_does_not_loosen_a_campaign() -> None:
    act = at(MONDAY, a_case(), a_campaign(mode=Mode.OBSERVE), context=a_context(mode=Mode.AUTOMATIC)).act
    assert isinstance(act, Send)
    assert act.is_observed


def test_a_rehearsal_takes_its_own_mode() -> None:
    context = a_context(mode=Mode.AUTOMATIC, is_rehearsal=True)
    decision, case = progress(MONDAY, a_case(), a_campaign(mode=Mode.OBSERVE), context=context)
    assert isinstance(decision.act, Send)
    assert not decision.act.is_observed
    assert case.cycle is not None
    assert not case.cycle.is_observed


def test_confirm_asks_an_agent_for_each_demand_and_sends_what_is_ticked() -> None:
    campaign = a_campaign(a_step("first", at="5d"), mode=Mode.CONFIRM)
    act = at(MONDAY, a_case(), campaign).act
    assert isinstance(act, Ask)
    assert (act.task, act.role, act.due_at) == ("approve", "agent", instant("2026-03-10 23:00"))
    ticked = a_case(facts=(facts.approved("first", 2000, at="2026-03-08 10:00"),))
    assert isinstance(at(MONDAY, ticked, campaign).act, Send)


def test_confirm_does_not_ask_for_answers() -> None:
    paid = facts.paid(500, "F-1", on="2026-03-09", at="2026-03-09 08:30")
    case = a_case(facts=(facts.entered(at="2026-03-05 08:00"), paid))
    assert isinstance(at(MONDAY, case, a_campaign(mode=Mode.CONFIRM)).act, Send)


def test_leaving_observe_begins_a_new_cycle_and_says_everything_for_real() -> None:
    watched = live(a_case(), a_campaign(mode=Mode.OBSERVE), days=20)[-1].case
    assert [d.is_observed for d in watched.departures] == [True]
    moments = live(watched, a_campaign(), start="2026-03-12 09:00")
    assert said(moments)[0] == "2026-03-12 reminder-1 email courteous"
    assert (moments[0].case.cycle_number, sends(moments)[0][1].is_observed) == (2, False)


def test_what_was_only_observed_counts_neither_as_a_voice_nor_as_a_reminder() -> None:
    notice = a_campaign(a_step("first", at="5d"), a_step("second", after="5d", voice=Voice.FIRM), mode=Mode.OBSERVE)
    watched = live(a_case(), notice, days=25)[-1].case
    assert len(watched.departures) == 2
    real = a_campaign(*notice.steps)
    assert said(live(watched, real, start="2026-03-17 09:00"))[:2] == [
        "2026-03-17 first email courteous",
        "2026-03-23 second email factual",
    ]
