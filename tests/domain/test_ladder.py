"""The ladder (semantics B2, B3): when each step's time comes, what passes it, and what the next one counts from."""

from datetime import date

import pytest

from channels.contract import Channel, DeliveryStatus
from orchestrator.domain.campaign import CallTerms, ChannelLine, DocumentKind, NextChannel, Use
from orchestrator.domain.condition import Between, OneOf
from orchestrator.domain.decision import Ask, Send
from orchestrator.domain.duration import Duration
from orchestrator.domain.events import CallMade, Event
from orchestrator.domain.voice import Voice
from tests.builders import a_campaign, a_case, a_context, a_debt, a_debtor, a_step, instant
from tests.domain import facts
from tests.domain.stories import asked, at, live, passed, reason, said, sends, steps, until

FIRST = a_step("first", at="5d")


def answered(step: str, status: DeliveryStatus, *, at: str, ordinal: int = 1, channel: str = "email") -> Event:
    return facts.reported(f"CASE000001:1:{step}:{ordinal}", status, at=at, channel=channel)


def test_a_ladder_is_climbed_in_order_at_its_own_pace() -> None:
    """Due on the 2nd of March; first at due + 5d, then 10 and 13 days after the one before actually left."""
    assert said(live(a_case())) == [
        "2026-03-07 reminder-1 email courteous",
        "2026-03-17 reminder-2 email factual",
        "2026-03-30 last email firm",
    ]


def test_after_counts_from_the_instant_the_one_before_left() -> None:
    moments = live(a_case(), start="2026-03-07 11:11")
    (first, _), (second, _), *_ = sends(moments)
    assert (first, second) == (instant("2026-03-07 11:11"), instant("2026-03-17 11:11"))


def test_at_counts_from_the_anchors_due_date_whatever_left_before() -> None:
    campaign = a_campaign(FIRST, a_step("second", at="20d"))
    assert [line[:10] for line in said(live(a_case(), campaign, start="2026-03-10 09:00"))] == [
        "2026-03-10",
        "2026-03-23",
    ]


def test_two_steps_are_never_closer_than_the_gap() -> None:
    campaign = a_campaign(FIRST, a_step("second", at="6d"), gap=Duration.parse("8d"))
    (first, _), (second, _) = sends(live(a_case(), campaign))
    assert (first, second) == (instant("2026-03-07 08:00"), instant("2026-03-16 08:00"))  # Sunday the 15th is closed


def test_the_gap_counts_from_the_last_demand_of_any_cycle() -> None:
    """F-1 is paid the day after its reminder; F-2's first word waits for the gap."""
    campaign = a_campaign(FIRST, gap=Duration.parse("10d"))
    debts = (a_debt("F-1", due="2026-03-02"), a_debt("F-2", due="2026-03-05"))
    paid = facts.paid(2000, "F-1", on="2026-03-08", at="2026-03-08 10:00")
    lines = [line for line in said(live(a_case(*debts), campaign, facts=(paid,))) if "payment" not in line]
    assert [line[:16] for line in lines] == ["2026-03-07 first", "2026-03-17 first"]


def test_a_step_before_the_due_date_speaks_before_it() -> None:
    """R17."""
    case = a_case(a_debt(due="2026-03-20"))
    upcoming = a_campaign(a_step("notice", at="-5d", voice=Voice.SERVICE, kind=DocumentKind.UPCOMING), FIRST)
    reminder = a_campaign(a_step("notice", at="-5d", voice=Voice.SERVICE), FIRST)
    assert said(live(case, upcoming))[0] == "2026-03-16 notice email service"
    assert steps(live(case, reminder))[0] == "first", "what is not due is announced, never demanded"


def test_a_step_before_the_due_date_is_never_sent_after_it() -> None:
    campaign = a_campaign(a_step("notice", at="-5d", voice=Voice.SERVICE, kind=DocumentKind.UPCOMING), FIRST)
    held = facts.held(since="2026-03-10 08:00", until="2026-03-21")
    moments = live(a_case(a_debt(due="2026-03-20")), campaign, facts=(held,))
    assert "notice after_due" in passed(moments)
    assert steps(moments)[0] == "first"


def test_a_step_whose_condition_does_not_hold_is_passed_with_what_was_read() -> None:
    campaign = a_campaign(a_step("big", at="5d", if_=Between("balance", at_least=10_000)), a_step("small", after="1d"))
    moments = live(a_case(), campaign)
    assert passed(moments) == ["big if"]
    assert [p.values for m in moments for p in m.decision.passed] == [(("balance", 2000),)]


def test_a_passed_step_hands_on_the_departure_before_it() -> None:
    campaign = a_campaign(
        FIRST, a_step("never", after="10d", if_=OneOf("sector", frozenset({"x"}))), a_step("third", after="12d")
    )
    assert [line[:16] for line in said(live(a_case(), campaign))] == ["2026-03-07 first", "2026-03-19 third"]


def test_a_step_too_late_to_make_sense_is_passed_as_expired() -> None:
    campaign = a_campaign(a_step("soon", after="8d", expires=Duration.parse("2d")), a_step("next", after="20d"))
    stale = facts.disputed("F-1", at="2026-02-25 08:00")
    moments = live(
        a_case(a_debt(), a_debt("F-2", due="2026-06-01")),
        campaign,
        facts=(stale, facts.lifted("D-1", at="2026-03-09 08:00")),
    )
    assert passed(moments)[-1] == "soon expired"
    assert steps(moments)[-1] == "next"


def test_expires_runs_on_the_case_clock() -> None:
    """The hold stops it: the step is as young as before."""
    campaign = a_campaign(a_step("first", at="5d", expires=Duration.parse("3d")))
    held = facts.held(since="2026-03-06 08:00", until="2026-03-25")
    assert steps(live(a_case(), campaign, facts=(held,))) == ["first"]


def test_a_message_says_when_it_would_be_too_late() -> None:
    campaign = a_campaign(a_step("zero", at="0d"), a_step("first", after="5d", expires=Duration.parse("10d")))
    case = a_case(facts=(facts.entered(at="2026-03-02 09:00"), facts.gone("zero", at="2026-03-03 09:00")))
    act = at("2026-03-09 09:00", case, campaign).act
    assert isinstance(act, Send)
    assert act.expires == instant("2026-03-18 09:00")


# ---------------------------------------------------------------------------------------------- next channel


def test_a_proved_non_delivery_takes_the_next_channel_of_the_line() -> None:
    """R5, semantics B7."""
    bounce = answered("first", DeliveryStatus.BOUNCED, at="2026-03-07 09:00")
    moments = live(a_case(), a_campaign(FIRST), facts=(bounce,))
    assert [(act.use, act.ordinal) for _, act in sends(moments)] == [(Use.EMAIL, 1), (Use.SMS, 2)]


def test_a_proved_non_delivery_with_no_channel_left_is_a_task_and_does_not_advance() -> None:
    campaign = a_campaign(a_step("first", at="5d", use=(Use.EMAIL,)), a_step("second", after="5d"))
    moments = live(a_case(), campaign, facts=(answered("first", DeliveryStatus.BOUNCED, at="2026-03-08 09:00"),))
    assert steps(moments) == ["first"]
    assert asked(moments)[0] == "unreachable first:1:1 agent"


def test_a_step_that_takes_no_other_channel_is_a_task_too() -> None:
    campaign = a_campaign(
        a_step("first", at="5d", next_channel_when=NextChannel(undelivered=False)), a_step("second", after="5d")
    )
    moments = live(a_case(), campaign, facts=(answered("first", DeliveryStatus.BOUNCED, at="2026-03-08 09:00"),))
    assert steps(moments) == ["first"]
    assert asked(moments)[0].startswith("unreachable")


def test_an_answered_question_about_reaching_someone_lets_the_ladder_go_on() -> None:
    campaign = a_campaign(a_step("first", at="5d", use=(Use.EMAIL,)), a_step("second", after="5d", use=(Use.SMS,)))
    known = (
        answered("first", DeliveryStatus.BOUNCED, at="2026-03-08 09:00"),
        facts.closed("unreachable:first:1:1", at="2026-03-09 09:00"),
    )
    moments = live(a_case(), campaign, facts=known)
    assert steps(moments) == ["first", "second"]
    assert "first no_channel" in passed(moments)


def test_a_failure_learnt_after_a_later_step_left_sends_nothing_again() -> None:
    """Semantics D5."""
    bounce = answered("reminder-1", DeliveryStatus.BOUNCED, at="2026-03-18 09:00")
    assert steps(live(a_case(), facts=(bounce,))) == ["reminder-1", "reminder-2", "last"]


def test_after_counts_from_the_channel_that_arrived() -> None:
    bounce = answered("first", DeliveryStatus.BOUNCED, at="2026-03-10 09:00")
    campaign = a_campaign(FIRST, a_step("second", after="10d"))
    assert [line[:10] for line in said(live(a_case(), campaign, facts=(bounce,)))] == [
        "2026-03-07",
        "2026-03-10",
        "2026-03-20",
    ]


def test_a_failure_before_a_delivery_is_no_failure_for_an_sms_and_one_for_an_e_mail() -> None:
    """Semantics D5: the strongest word counts, whatever came in last."""
    for use, is_again in ((Use.SMS, False), (Use.EMAIL, True)):
        step = a_step("first", at="5d", use=(use, Use.LETTER))
        bad = DeliveryStatus.UNDELIVERED if use is Use.SMS else DeliveryStatus.BOUNCED
        known = (
            answered("first", bad, at="2026-03-08 09:00", channel=use.channel),
            answered("first", DeliveryStatus.DELIVERED, at="2026-03-08 09:00", channel=use.channel),
        )
        assert (len(sends(live(a_case(), a_campaign(step), facts=known))) == 2) is is_again


def test_a_letter_found_again_and_delivered_did_not_fail() -> None:
    step = a_step("first", at="5d", use=(Use.LETTER, Use.SMS))
    known = (
        answered("first", DeliveryStatus.LOST, at="2026-03-15 09:00", channel="letter"),
        answered("first", DeliveryStatus.DELIVERED, at="2026-03-15 09:00", channel="letter"),
    )
    assert len(sends(live(a_case(), a_campaign(step), facts=known))) == 1


def test_words_that_a_channel_may_not_carry_take_the_next_one() -> None:
    case = a_case(
        facts=(facts.entered(at="2026-03-05 08:00"), *facts.blocked("first", Use.EMAIL, at="2026-03-07 08:00"))
    )
    act = at("2026-03-09 09:00", case, a_campaign(FIRST)).act
    assert isinstance(act, Send)
    assert (act.use, act.ordinal) == (Use.SMS, 2)


def test_a_refused_registered_letter_is_not_tried_again() -> None:
    step = a_step("first", at="5d", use=(Use.REGISTERED,))
    case = a_case(
        facts=(facts.entered(at="2026-03-05 08:00"), *facts.blocked("first", Use.REGISTERED, at="2026-03-07 08:00"))
    )
    act = at("2026-03-09 09:00", case, a_campaign(step)).act
    assert isinstance(act, Ask)
    assert act.task == "unreachable"


def test_ordinals_never_repeat_even_where_a_channel_was_used_twice() -> None:
    """Observed by e-mail, then sent by e-mail, bounced, sent by SMS, undelivered: the letter is the fourth."""
    known = (
        facts.entered(at="2026-03-05 08:00"),
        facts.gone("first", at="2026-03-07 08:00", is_observed=True),
        facts.gone("first", at="2026-03-08 08:00", ordinal=2),
        answered("first", DeliveryStatus.BOUNCED, at="2026-03-08 09:00", ordinal=2),
        facts.gone("first", at="2026-03-08 10:00", ordinal=3, use=Use.SMS),
        answered("first", DeliveryStatus.UNDELIVERED, at="2026-03-08 11:00", ordinal=3, channel="sms"),
    )
    act = at("2026-03-09 09:00", a_case(facts=known), a_campaign(FIRST)).act
    assert isinstance(act, Send)
    assert (act.use, act.ordinal) == (Use.LETTER, 4)


def test_the_first_line_whose_condition_holds_is_taken() -> None:
    """R2: 20 EUR by SMS, more by e-mail."""
    lines = (ChannelLine((Use.SMS,), Between("balance", below=6000)), ChannelLine((Use.EMAIL,)))
    campaign = a_campaign(a_step("first", at="5d", channel=lines))
    for cents, use in ((2000, Use.SMS), (9000, Use.EMAIL)):
        act = at("2026-03-09 09:00", a_case(a_debt(cents=cents)), campaign).act
        assert isinstance(act, Send)
        assert act.use is use


def test_a_step_without_a_line_for_the_case_is_passed() -> None:
    lines = (ChannelLine((Use.SMS,), Between("balance", below=10)),)
    assert passed(live(a_case(), a_campaign(a_step("first", at="5d", channel=lines)))) == ["first no_channel_line"]


# ------------------------------------------------------------------------------------------- calls, the end


RING = a_step("ring", after="2d", send=None, call=CallTerms("first-call"), channel=())


def test_a_call_is_a_task_and_its_outcome_moves_the_ladder() -> None:
    """R38."""
    campaign = a_campaign(FIRST, RING, a_step("last", after="5d"))
    made = CallMade(id="c", at=instant("2026-03-10 10:00"), step="ring", cycle=1, outcome="reached")
    moments = live(a_case(), campaign, facts=(made,))
    assert "call ring:1 agent" not in asked(moments)
    assert [line[:15] for line in said(moments)] == ["2026-03-07 firs", "2026-03-16 last"]


def test_a_call_that_nobody_makes_is_asked_for_and_holds_the_ladder() -> None:
    campaign = a_campaign(FIRST, RING, a_step("last", after="5d"))
    moments = live(a_case(), campaign)
    assert asked(moments)[:2] == ["call ring:1 agent", "escalation call:ring:1 manager"]
    assert steps(moments) == ["first"]


def test_the_end_of_the_ladder_is_a_task_and_then_silence() -> None:
    moments = live(a_case(), a_campaign(FIRST))
    assert asked(moments)[0] == "campaign_finished b2c:1 manager"
    assert until(moments[-1].decision.act) is None
    assert reason(moments[-1].decision, "LADDER").values == (("why", "finished"),)


def test_an_answered_end_is_not_asked_about_again() -> None:
    answer = facts.closed("campaign_finished:b2c:1", at="2026-03-08 09:00")
    assert asked(live(a_case(), a_campaign(FIRST), facts=(answer,))) == ["campaign_finished b2c:1 manager"]


@pytest.mark.parametrize("now", ["2026-03-06 22:59", "2026-03-06 23:00"])
def test_a_steps_day_begins_at_midnight_where_the_debtor_lives(now: str) -> None:
    decision = at(now, a_case())
    expected = "2026-03-06 23:00" if now.endswith("59") else "2026-03-07 08:00"
    assert until(decision.act) == instant(expected)


# ---------------------------------------------------------------------------------- not confirmed (semantics B7)

CONFIRMING = frozenset({Channel.EMAIL, Channel.SMS})
PATIENT = NextChannel(undelivered=True, unconfirmed_for=Duration.parse("4d"))


def patient(confirming: frozenset[Channel] = CONFIRMING, *told: Event, phone: str = "+33644631234") -> list[str]:
    step = a_step("first", at="5d", next_channel_when=PATIENT, use=(Use.EMAIL, Use.SMS))
    campaign = a_campaign(step, a_step("second", after="20d"))
    case = a_case(debtor=a_debtor(phone=phone))
    moments = live(case, campaign, context=a_context(confirming=confirming), facts=told, days=40)
    assert not [each for each in asked(moments) if each.startswith("unreachable")]
    return said(moments)


def test_what_is_not_confirmed_in_time_is_said_once_more_by_the_next_channel() -> None:
    lines = patient()
    assert [line.split()[1:3] for line in lines[:2]] == [["first", "email"], ["first", "sms"]]
    first, again = (date.fromisoformat(line[:10]) for line in lines[:2])
    assert (again - first).days >= 4


def test_where_no_lane_confirms_silence_means_nothing() -> None:
    assert [line.split()[1] for line in patient(frozenset())] == ["first", "second"]


def test_a_confirmed_message_is_not_said_again() -> None:
    lines = patient(CONFIRMING, answered("first", DeliveryStatus.DELIVERED, at="2026-03-09 10:00"))
    assert [line.split()[1] for line in lines] == ["first", "second"]


def test_when_no_channel_is_left_the_ladder_goes_on_and_asks_nobody() -> None:
    assert [line.split()[1] for line in patient(phone="")] == ["first", "second"]
