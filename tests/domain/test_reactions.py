"""What an act of the debtor causes at once (semantics B6, R10, R14): answers, tasks, follow-ups, and never twice."""

import pytest

from channels.contract import DeliveryStatus
from orchestrator.domain import events as ev
from orchestrator.domain.agreement import HoldKind
from orchestrator.domain.campaign import DocumentKind, Purpose, Reaction, SendTerms, Use
from orchestrator.domain.case import Case, CaseState
from orchestrator.domain.condition import Every
from orchestrator.domain.context import Contact, Context
from orchestrator.domain.decision import Ask, Send, Wait
from orchestrator.domain.duration import Duration
from orchestrator.domain.events import Event
from orchestrator.domain.interruption import Pause
from orchestrator.domain.policy import ContactChannel
from orchestrator.domain.reactions import HOUSE_REACTIONS
from orchestrator.domain.voice import Voice
from orchestrator.intake.campaigns.words import EVENTS
from tests.builders import (
    a_book,
    a_campaign,
    a_case,
    a_context,
    a_debtor,
    a_pack,
    frequency_rule,
    hours_rule,
    instant,
)
from tests.domain import facts
from tests.domain.stories import asked, at, ends, live, passed, said, sends, steps

MONDAY = "2026-03-09 09:00"
BEGUN = facts.entered(at="2026-03-05 08:00")


def begun(*known: Event) -> Case:
    """A case that was reminded on Saturday the 7th."""
    return a_case(facts=(BEGUN, facts.gone("reminder-1", at="2026-03-07 08:00"), *known))


def lines(*known: Event, days: int = 12) -> list[str]:
    """What is said from Monday the 9th on."""
    return said(live(begun(), facts=known, start=MONDAY, days=days))


def recent(when: str) -> Context:
    contact = Contact(
        at=instant(when), channel=ContactChannel.EMAIL, purpose=Purpose.DEMAND, case_id="C", message_id="M"
    )
    return a_context(contacts=(contact,))


# ------------------------------------------------------------------------------------------- house defaults


def test_a_part_payment_is_thanked_for_what_remains() -> None:
    moments = live(begun(), facts=(facts.paid(500, "F-1", on="2026-03-09"),), start=MONDAY, days=3)
    assert said(moments) == ["2026-03-09 payment.partial:P-1 email courteous"]
    ((_, act),) = sends(moments)
    assert (act.purpose, act.template, act.kind) == (Purpose.ANSWER, "thanks-remaining", DocumentKind.THANKS)


def test_a_payment_in_full_is_thanked_and_closes_the_case() -> None:
    moments = live(begun(), facts=(facts.paid(2000, "F-1", on="2026-03-09"),), start=MONDAY)
    assert (said(moments), ends(moments)) == (["2026-03-09 payment.full:P-1 email courteous"], ["paid"])
    assert moments[-1].case.state is CaseState.CLOSED


def test_several_payments_at_once_are_thanked_once() -> None:
    two = (facts.paid(500, "F-1", on="2026-03-09"), facts.paid(600, "F-1", on="2026-03-09", pid="P-2"))
    assert lines(*two, days=3) == ["2026-03-09 payment.partial:P-2 email courteous"]


def test_a_payment_that_went_back_is_not_thanked_and_a_person_looks() -> None:
    both = (facts.paid(500, "F-1", on="2026-03-09", at="2026-03-09 20:00"), facts.bounced(on="2026-03-10"))
    moments = live(begun(*both), start="2026-03-10 10:00", days=3)
    assert (said(moments), asked(moments)[:1]) == ([], ["payment_rejected P-1 agent"])


def test_a_promise_is_taken_without_a_word_of_ours() -> None:
    assert lines(facts.promised(2000, due="2026-03-15", at="2026-03-09 10:00"), days=5) == []


def test_a_dispute_is_answered_held_and_given_to_a_person_within_five_business_days() -> None:
    moments = live(begun(), facts=(facts.disputed("F-1", at="2026-03-09 10:00"),), start=MONDAY)
    assert (said(moments), asked(moments)[0]) == (
        ["2026-03-09 dispute.opened:D-1 email courteous"],
        "answer_dispute D-1 agent",
    )
    task = next(m.decision.act for m in moments if isinstance(m.decision.act, Ask))
    assert task.due_at == instant("2026-03-16 23:00")


def test_a_dispute_resolved_asks_for_nothing_by_itself() -> None:
    known = (facts.disputed("F-1", at="2026-03-09 10:00"), facts.resolved(at="2026-03-10 10:00"))
    moments = live(begun(), facts=known, start=MONDAY, days=30)
    assert steps(moments) == ["dispute.opened:D-1", "reminder-2", "last"]


def test_hardship_is_listened_to_and_a_person_calls_back() -> None:
    """R32."""
    moments = live(begun(), facts=(facts.in_hardship(at="2026-03-09 10:00"),), start=MONDAY)
    assert said(moments) == ["2026-03-09 hardship.declared:HS-1 email listening"]
    assert asked(moments)[0] == "call_back HS-1 agent"


def test_already_paid_is_acknowledged_and_checked() -> None:
    claim = facts.held(HoldKind.ALREADY_PAID, since="2026-03-09 10:00", until="2026-03-16")
    moments = live(begun(), facts=(claim,), start=MONDAY, days=5)
    assert (steps(moments), asked(moments)[0]) == (["already_paid.claimed:H-1"], "verify_payment H-1 agent")


def test_a_deferral_is_confirmed() -> None:
    granted = facts.held(HoldKind.DEFERRAL, since="2026-03-09 10:00", until="2026-03-30")
    assert steps(live(begun(), facts=(granted,), start=MONDAY, days=15)) == ["deferral.granted:H-1"]


def test_each_reply_is_read_by_a_person() -> None:
    two = (facts.wrote("other", at="2026-03-09 10:00"), facts.wrote("other", at="2026-03-10 10:00"))
    asks = [line.split()[0] for line in asked(live(begun(), facts=two, start=MONDAY, days=3))]
    assert asks.count("read_reply") == 2


def test_a_second_reply_after_the_first_was_read_is_read_too() -> None:
    first = facts.wrote("other", at="2026-03-09 10:00")
    known = (
        first,
        facts.closed(f"read_reply:{first.id}", at="2026-03-09 12:00"),
        facts.wrote("other", at="2026-03-10 10:00"),
    )
    asks = [line.split()[0] for line in asked(live(begun(), facts=known, start=MONDAY, days=2))]
    assert asks.count("read_reply") == 2


# ------------------------------------------------------------------------------------------- broken promises


PROMISE = facts.promised(2000, due="2026-03-12", at="2026-03-09 10:00")


def test_a_broken_promise_is_followed_up_the_next_allowed_moment() -> None:
    """R14: due Thursday the 12th, three days of grace, so broken on Monday the 16th at midnight."""
    moments = live(begun(), facts=(PROMISE,), start=MONDAY, days=8)
    assert [(when, act.step, act.voice, act.purpose) for when, act in sends(moments)] == [
        (instant("2026-03-16 08:00"), "promise.broken:PR-1", Voice.FACTUAL, Purpose.DEMAND)
    ]


def test_a_broken_promise_is_exempt_from_the_gap_and_not_from_the_caps() -> None:
    wide = a_campaign(gap=Duration.parse("30d"))
    assert steps(live(begun(), wide, facts=(PROMISE,), start=MONDAY, days=8)) == ["promise.broken:PR-1"]
    strict = a_book(a_pack(hours_rule(), frequency_rule(gap_hours=24 * 20)))
    moments = live(
        begun(), wide, facts=(PROMISE,), start=MONDAY, days=9, book=strict, context=recent("2026-03-07 08:00")
    )
    assert (steps(moments), asked(moments)[0]) == ([], "promise_broken PR-1 agent")


def test_a_follow_up_that_comes_too_late_is_a_task_and_no_message() -> None:
    broken = ev.PromiseBroken(id="b", at=instant("2026-03-16 00:00"), promise_id="PR-1")
    moments = live(begun(PROMISE, broken), start="2026-03-18 10:00", days=2)
    assert "promise_broken PR-1 agent" in asked(moments)
    assert "promise.broken:PR-1" not in steps(moments)


def test_an_answered_late_follow_up_is_over() -> None:
    broken = ev.PromiseBroken(id="b", at=instant("2026-03-16 00:00"), promise_id="PR-1")
    answer = facts.closed("promise_broken:PR-1", at="2026-03-18 11:00")
    moments = live(begun(PROMISE, broken), facts=(answer,), start="2026-03-18 10:00", days=2)
    assert moments[-1].case.pending == ()


@pytest.mark.parametrize(
    "stop",
    [
        facts.held(since="2026-03-10 08:00", until="2026-04-20"),
        facts.disputed(at="2026-03-10 08:00"),
        facts.in_hardship(at="2026-03-10 08:00"),
    ],
)
def test_no_follow_up_leaves_while_another_hold_is_in_force(stop: Event) -> None:
    """Semantics C1: the ends of holds are independent."""
    moments = live(begun(), facts=(PROMISE, stop), start=MONDAY, days=12)
    assert all(act.purpose is Purpose.ANSWER for _, act in sends(moments))


def test_no_follow_up_leaves_for_a_case_that_is_over() -> None:
    for end in (
        ev.HandedOver(id="h", at=instant("2026-03-10 08:00"), stage="pre_litigation", references=("F-1",)),
        ev.CaseClosed(id="c", at=instant("2026-03-10 08:00"), outcome="uneconomic", references=("F-1",)),
    ):
        assert lines(PROMISE, end) == []


def test_a_follow_up_that_did_not_arrive_does_not_repeat_its_words_on_the_same_channel() -> None:
    broken = ev.PromiseBroken(id="b", at=instant("2026-03-15 23:00"), promise_id="PR-1")
    blocked = facts.blocked("promise.broken:PR-1", Use.EMAIL, at="2026-03-16 08:00")
    act = at("2026-03-16 09:00", begun(PROMISE, broken, *blocked)).act
    assert isinstance(act, Send)
    assert (act.use, act.ordinal) == (Use.SMS, 2)


# -------------------------------------------------------------------------------- what binds an answer, or not


def test_an_answer_is_exempt_from_caps_and_not_from_hours() -> None:
    contacts = recent("2026-03-09 18:30")
    night = facts.paid(500, "F-1", on="2026-03-09", at="2026-03-09 21:00")
    moments = live(begun(), facts=(night,), start=MONDAY, days=2, context=contacts)
    assert [when for when, _ in sends(moments)] == [instant("2026-03-10 08:00")]


def test_an_answer_obeys_a_stop_and_takes_another_channel() -> None:
    known = (facts.opted_out("email", at="2026-03-08 08:00"), facts.paid(500, "F-1", on="2026-03-09"))
    assert lines(*known, days=2) == ["2026-03-09 payment.partial:P-1 sms courteous"]


def test_an_answer_without_a_channel_is_given_up_and_not_posted() -> None:
    known = (facts.opted_out("email", at="2026-03-08 08:00"), facts.opted_out("sms", at="2026-03-08 08:00"))
    moments = live(begun(*known), facts=(facts.paid(500, "F-1", on="2026-03-09"),), start=MONDAY, days=2)
    assert (said(moments), passed(moments)[-1]) == ([], "payment.partial:P-1 no_channel")


@pytest.mark.parametrize("channels", [(), ("email", "sms")])
def test_an_answer_waits_for_the_end_of_a_pause(channels: tuple[str, ...]) -> None:
    pause = Pause(
        id="P", scope=Every(), since=instant("2026-03-09 08:00"), ends_at=instant("2026-03-10 10:00"),
        reason="r", by="x", channels=channels,
    )  # fmt: skip
    moments = live(
        begun(),
        facts=(facts.paid(500, "F-1", on="2026-03-09"),),
        start=MONDAY,
        days=3,
        context=a_context(pauses=(pause,)),
    )
    assert [when for when, _ in sends(moments)] == [instant("2026-03-10 10:00")]


def test_an_answer_that_comes_too_late_is_no_answer_any_more() -> None:
    late = facts.paid(500, "F-1", on="2026-03-05", at="2026-03-05 10:00")
    moments = live(begun(late), start="2026-03-09 10:00", days=2)
    assert (said(moments), passed(moments)) == ([], ["payment.partial expired"])


def test_an_answer_is_given_once_per_act() -> None:
    thanks = [line for line in lines(facts.paid(500, "F-1", on="2026-03-09"), days=60) if "payment" in line]
    assert len(thanks) == 1


def test_while_an_answer_waits_for_its_hour_no_demand_overtakes_it() -> None:
    saturday_night = facts.paid(500, "F-1", on="2026-03-16", at="2026-03-16 20:00")
    moments = live(begun(), facts=(saturday_night,), start="2026-03-16 09:00", days=3)
    first, second = sends(moments)
    assert (first[1].step, second[1].step) == ("payment.partial:P-1", "reminder-2")


def test_an_answer_takes_the_channel_of_the_last_message_first() -> None:
    by_sms = a_case(facts=(BEGUN, facts.gone("reminder-1", at="2026-03-07 08:00", use=Use.SMS)))
    moments = live(by_sms, facts=(facts.paid(500, "F-1", on="2026-03-09"),), start=MONDAY, days=2)
    assert [act.use for _, act in sends(moments)] == [Use.SMS]


def test_someone_reachable_by_post_only_gets_no_answer_by_post() -> None:
    case = a_case(
        debtor=a_debtor(phone="", email=""),
        facts=(BEGUN, facts.gone("reminder-1", at="2026-03-07 08:00", use=Use.LETTER)),
    )
    moments = live(case, facts=(facts.paid(500, "F-1", on="2026-03-09"),), start=MONDAY, days=2)
    assert said(moments) == []


# --------------------------------------------------------------------------------------- a campaign's own


def test_a_campaigns_own_reaction_replaces_the_houses() -> None:
    own = Reaction(task="call_the_payer")
    moments = live(
        begun(),
        a_campaign(reactions={"payment.partial": own}),
        facts=(facts.paid(500, "F-1", on="2026-03-09"),),
        start=MONDAY,
        days=1,
    )
    assert (said(moments), asked(moments)) == ([], ["call_the_payer P-1 agent"])


def test_a_reaction_may_close_a_settled_case_without_a_word() -> None:
    own = Reaction(close="settled")
    moments = live(
        begun(),
        a_campaign(reactions={"payment.full": own}),
        facts=(facts.paid(2000, "F-1", on="2026-03-09"),),
        start=MONDAY,
    )
    assert (said(moments), ends(moments)) == ([], ["settled"])


def test_a_reaction_never_closes_a_case_that_still_owes() -> None:
    own = Reaction(close="settled")
    moments = live(
        begun(),
        a_campaign(reactions={"payment.partial": own}),
        facts=(facts.paid(500, "F-1", on="2026-03-09"),),
        start=MONDAY,
        days=2,
    )
    assert ends(moments) == []


def test_two_acts_at_once_are_each_answered() -> None:
    both = (facts.paid(500, "F-1", on="2026-03-09"), facts.disputed("F-1", at="2026-03-09 10:00", cents=500))
    assert sorted(steps(live(begun(), facts=both, start=MONDAY, days=2))) == [
        "dispute.opened:D-1",
        "payment.partial:P-1",
    ]


def test_a_demand_of_a_campaigns_own_is_a_demand() -> None:
    own = Reaction(send=SendTerms("now-then", Voice.FIRM, DocumentKind.REMINDER), within=Duration.parse("2d"))
    moments = live(
        begun(),
        a_campaign(reactions={"dispute.resolved": own}),
        facts=(facts.resolved(at="2026-03-09 10:00"),),
        start=MONDAY,
        days=2,
        context=recent("2026-03-09 09:30"),
    )
    assert said(moments) == []
    assert isinstance(moments[-1].decision.act, Wait | Ask)


# ------------------------------------------------------------------------------- every event of a campaign file

_TOLD = {
    "promise.made": (facts.promised(500, due="2026-03-12", at="2026-03-09 10:00"),),
    "promise.kept": (
        facts.promised(500, due="2026-03-12", at="2026-03-09 10:00"),
        facts.paid(500, "F-1", on="2026-03-11"),
    ),
    "promise.broken": (facts.promised(500, due="2026-03-12", at="2026-03-09 10:00"),),
    "payment.partial": (facts.paid(500, "F-1", on="2026-03-11"),),
    "payment.full": (facts.paid(2000, "F-1", on="2026-03-11"),),
    "payment.rejected": (facts.paid(500, "F-1", on="2026-03-10"), facts.bounced(on="2026-03-11")),
    "dispute.opened": (facts.disputed("F-1", at="2026-03-09 10:00"),),
    "dispute.resolved": (facts.disputed("F-1", at="2026-03-09 10:00"), facts.resolved(at="2026-03-10 10:00")),
    "hardship.declared": (facts.in_hardship(at="2026-03-09 10:00"),),
    "delivery.failed": (facts.reported("reminder-1", DeliveryStatus.BOUNCED, at="2026-03-09 10:00"),),
    "reply.received": (facts.wrote("other", at="2026-03-09 10:00"),),
    "deferral.granted": (facts.held(HoldKind.DEFERRAL, since="2026-03-09 10:00", until="2026-03-30"),),
    "plan.agreed": (facts.held(HoldKind.PLAN, since="2026-03-09 10:00", until="2026-06-30"),),
    "already_paid.claimed": (facts.held(HoldKind.ALREADY_PAID, since="2026-03-09 10:00", until="2026-03-16"),),
    "opted_out": (facts.opted_out("sms", at="2026-03-09 10:00"),),
}
# Nobody keeps instalments yet.
_COMING = {"plan.broken"}


@pytest.mark.parametrize("event", sorted(_TOLD))
def test_a_campaign_may_refine_the_reaction_to_every_event(event: str) -> None:
    own = a_campaign(reactions={event: Reaction(task="our_own", within=Duration.parse("1 business day"))})
    asks = asked(live(begun(), own, facts=_TOLD[event], start=MONDAY, days=14))
    assert [line.split()[0] for line in asks].count("our_own") == 1, asks


def test_no_event_of_a_campaign_file_is_left_out() -> None:
    assert set(_TOLD) | _COMING == set(EVENTS)
    assert set(HOUSE_REACTIONS) | _COMING == set(EVENTS)
