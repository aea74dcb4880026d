"""One step of a case and what it records; walks; the rules in force on a day."""

from datetime import date

import pytest

from orchestrator.domain import events as ev
from orchestrator.domain.campaign import Amounts, Use
from orchestrator.domain.condition import Between, OneOf
from orchestrator.domain.contact import DebtorStatus
from orchestrator.domain.decision import Ask, Close, Decision, HandOver, Passed, Reason, Send, Verdict, Wait
from orchestrator.domain.duration import Duration
from orchestrator.domain.errors import NotFound, RateMissing
from orchestrator.domain.policy import AmountsRule, FrequencyRule, PolicyBook
from orchestrator.domain.progress import carry_out, events_of, left, make_progress, passed_events, pinned_campaign
from orchestrator.domain.rates import RatePeriod, RateSeries, rate_on
from orchestrator.domain.voice import Voice, VoiceMove
from tests.builders import (
    a_book,
    a_campaign,
    a_case,
    a_context,
    a_debt,
    a_debtor,
    a_pack,
    a_step,
    frequency_rule,
    hours_rule,
    instant,
)
from tests.domain import facts
from tests.domain.packs import a_rule, ruled_by
from tests.domain.stories import asked, at, ends, fresh, live, progress, reason, said, sends, situated, steps, until

MONDAY = "2026-03-09 09:00"


def test_progress_tells_the_facts_that_became_true_before_the_decision() -> None:
    promise = facts.promised(2000, due="2026-03-02", at="2026-03-01 10:00", grace_days=0)
    moment = instant(MONDAY)
    found = make_progress(a_case(facts=(promise,)), [a_campaign()], a_book(), fresh(a_context(), moment), moment)
    assert [ev.type_of(fact) for fact in found.facts] == ["promise.broken", "campaign.entered"]
    assert found.case.cycle is not None


def test_a_case_is_pinned_to_the_release_it_entered() -> None:
    """Semantics B13."""
    old, new = a_campaign(release="r1"), a_campaign(a_step("other", at="5d"), release="r2")
    case = a_case(facts=(facts.entered(at="2026-03-05 08:00"),))
    assert pinned_campaign(case, [new, old]) is old
    assert pinned_campaign(case, [new]) is None
    assert steps(live(case, [new, old])) == ["reminder-1", "reminder-2", "last"]


def test_a_case_whose_release_is_gone_waits_and_says_so() -> None:
    case = a_case(facts=(facts.entered(at="2026-03-05 08:00", release="r0"),))
    decision = at(MONDAY, case)
    assert until(decision.act) is None
    assert reason(decision, "CAMPAIGN").verdict is Verdict.BLOCK


def test_a_message_in_hand_is_waited_for() -> None:
    """R18: none twice."""
    planned, _ = facts.blocked("reminder-1", Use.EMAIL, at="2026-03-09 08:00")
    decision = at(MONDAY, a_case(facts=(facts.entered(at="2026-03-05 08:00"), planned)))
    assert until(decision.act) is None
    assert reason(decision, "IN_HAND").values == (("message", "CASE000001:1:reminder-1:1"),)


def test_a_case_that_owes_nothing_is_closed() -> None:
    note = a_debt("A-1", cents=-2000)
    assert ends(live(a_case(a_debt(), note), days=3)) == ["paid"]


def test_a_case_handed_over_or_closed_says_nothing_more() -> None:
    over = ev.HandedOver(id="h", at=instant("2026-03-05 08:00"), stage="court", references=("F-1",))
    decision = at(MONDAY, a_case(facts=(over,)))
    assert until(decision.act) is None
    assert reason(decision, "STATE").values == (("state", "handed_over"), ("outcome", "court"))


def test_the_rules_of_the_debtors_own_status_apply() -> None:
    """A rule for associations does not slow down a company."""
    slow = frequency_rule("T-SLOW", statuses=(DebtorStatus.NON_PROFESSIONAL,), gap_hours=24 * 40)
    book = a_book(a_pack(hours_rule(), slow, debtor="business"))
    for status, count in ((DebtorStatus.COMPANY, 3), (DebtorStatus.NON_PROFESSIONAL, 1)):
        case = a_case(debtor=a_debtor(status=status))
        assert len(sends(live(case, book=book, days=50))) == count


def test_a_rule_is_in_force_from_its_first_to_its_last_day() -> None:
    rule = frequency_rule(valid_from=date(2026, 3, 1), valid_to=date(2026, 3, 31))
    book = ruled_by(rule)
    days = {
        day: bool(book.on("test-pack", day).of(FrequencyRule))
        for day in (date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 31), date(2026, 4, 1))
    }
    assert list(days.values()) == [False, True, True, False]


def test_a_pack_adds_to_what_it_extends_and_its_own_rule_of_one_id_replaces() -> None:
    book = a_book(
        a_pack(hours_rule("A"), frequency_rule("B", gap_hours=1), id="floor"),
        a_pack(frequency_rule("B", gap_hours=2), frequency_rule("C"), id="middle", extends=("floor",)),
        a_pack(frequency_rule("C", gap_hours=3), id="top", extends=("middle", "floor")),
    )
    policy = book.on("top", date(2026, 3, 9))
    assert [rule.id for rule in policy.rules] == ["A", "B", "C"]
    assert [rule.gap_hours for rule in policy.of(FrequencyRule)] == [2, 3]
    assert policy.rule("B") is policy.of(FrequencyRule)[0]
    assert policy.rule("Z") is None
    assert policy.of(AmountsRule) == ()


def test_packs_that_extend_each_other_are_read_once() -> None:
    book = a_book(
        a_pack(hours_rule("A"), id="one", extends=("two",)), a_pack(hours_rule("B"), id="two", extends=("one",))
    )
    assert sorted(rule.id for rule in book.on("one", date(2026, 3, 9)).rules) == ["A", "B"]


def test_an_unknown_pack_is_named() -> None:
    with pytest.raises(NotFound, match="nowhere"):
        PolicyBook({}).on("nowhere", date(2026, 3, 9))


# ------------------------------------------------------------------------------------------ what is recorded


def decision_of(act: object, *passed: Passed) -> Decision:
    return Decision(act, (Reason("X", Verdict.ALLOW),), passed)  # type: ignore[arg-type]  # one of the acts


def test_each_act_records_its_fact() -> None:
    now, case = instant(MONDAY), a_case(facts=(facts.entered(at="2026-03-05 08:00"),))
    ask = Ask(task="approve", subject="s:1:2000", role="manager", due_at=now, step="s", cause="c", amount_cents=2000)
    (opened,) = events_of(case, decision_of(ask), now)
    assert isinstance(opened, ev.TaskOpened)
    assert (opened.task_id, opened.kind, opened.role, opened.amount_cents, opened.cause) == (
        "approve:s:1:2000",
        "approve",
        "manager",
        2000,
        "c",
    )
    assert [ev.type_of(e) for e in events_of(case, decision_of(Close("paid")), now)] == ["case.closed"]
    assert [ev.type_of(e) for e in events_of(case, decision_of(HandOver("court", "s")), now)] == ["case.handed_over"]
    assert events_of(case, decision_of(Wait(None)), now) == []


def test_what_was_passed_is_recorded_by_step_or_by_cause() -> None:
    now, case = instant(MONDAY), a_case(facts=(facts.entered(at="2026-03-05 08:00"),))
    step, reaction = passed_events(
        case, decision_of(Wait(None), Passed("notice", "if"), Passed("payment.partial", "done", cause="p")), now
    )
    assert isinstance(step, ev.StepPassed)
    assert (step.id, step.why) == ("passed:1:notice", "if")
    assert isinstance(reaction, ev.ReactionDone)
    assert (reaction.cause, reaction.part) == ("p", "all")


def test_a_message_that_left_keeps_all_that_was_decided_of_it() -> None:
    act = at(MONDAY, a_case()).act
    assert isinstance(act, Send)
    fact = left("CASE000001", act, instant(MONDAY), amount_cents=2000)
    assert (fact.message_id, fact.references, fact.amount_cents) == ("CASE000001:1:reminder-1:1", ("F-1",), 2000)
    assert {name: getattr(fact, name) for name in ("step", "use", "voice", "kind", "purpose", "ordinal")} == {
        name: getattr(act, name) for name in ("step", "use", "voice", "kind", "purpose", "ordinal")
    }


def test_statutory_amounts_are_mentioned_from_the_third_level_and_claimed_in_the_notice() -> None:
    """Semantics B14."""
    four = a_campaign(
        a_step("one", at="5d"),
        a_step("two", after="9d"),
        a_step("three", after="9d"),
        a_step("four", after="9d", voice=Voice.FORMAL),
    )
    assert [act.amounts for _, act in sends(live(a_case(), four))] == [
        Amounts.HIDE,
        Amounts.HIDE,
        Amounts.MENTION,
        Amounts.CLAIM,
    ]
    own = a_campaign(a_step("one", at="5d", amounts=Amounts.CLAIM))
    assert [act.amounts for _, act in sends(live(a_case(), own))] == [Amounts.CLAIM]


def test_listening_holds_demands_and_asks_a_person() -> None:
    """Semantics B5, R32."""
    gentle = a_campaign(voice=(VoiceMove(OneOf("marks", frozenset({"hardship"})), use=Voice.LISTENING),))
    moments = live(a_case(facts=(facts.marked("hardship", at="2026-02-20 08:00"),)), gentle)
    assert (sends(moments), asked(moments)[0]) == ([], "call_back listening:1 agent")
    answered = facts.closed("call_back:listening:1", at="2026-03-10 08:00")
    assert (
        sends(live(a_case(facts=(facts.marked("hardship", at="2026-02-20 08:00"),)), gentle, facts=(answered,))) == []
    )


def test_a_good_payer_is_spoken_to_more_softly_and_a_broken_promise_more_firmly() -> None:
    """R4."""
    moved = a_campaign(
        voice=(
            VoiceMove(OneOf("marks", frozenset({"good_payer"})), soften=1),
            VoiceMove(Between("promises_broken", at_least=1), firm=1),
        )
    )
    good = a_case(facts=(facts.marked("good_payer", at="2026-02-20 08:00"),))
    assert [line.split()[-1] for line in said(live(good, moved))] == ["courteous", "courteous", "factual"]
    broken = facts.promised(2000, due="2026-02-24", at="2026-02-21 10:00", grace_days=0)
    voices = [(act.step, act.voice) for _, act in sends(live(a_case(facts=(broken,)), moved))]
    assert ("reminder-1", Voice.FACTUAL) in voices


def test_someone_of_unknown_place_is_written_to_by_no_channel() -> None:
    """Semantics C4."""
    nowhere = a_case(debtor=a_debtor(country="", postcode=""))
    decision = at(
        MONDAY, nowhere, a_campaign(a_step("first", at="5d", use=(Use.LETTER,))), book=a_book(a_pack(frequency_rule()))
    )
    assert isinstance(decision.act, Ask)
    assert decision.act.task == "no_hour"
    assert reason(decision, "ZONE").verdict is Verdict.BLOCK


def test_a_french_number_is_evidence_of_metropolitan_france() -> None:
    assert situated(MONDAY, a_case(debtor=a_debtor(postcode=""))).place.zones == ("Europe/Paris",)
    assert len(situated(MONDAY, a_case(debtor=a_debtor(postcode="", phone=""))).place.zones) > 1


# ---------------------------------------------------------------------------------------------------- walks


def test_a_walk_says_each_decision_with_the_case_just_before_it() -> None:
    first = live(a_case())[0]
    assert first.case.cycle is not None
    assert first.case.departures == ()
    assert isinstance(first.decision.act, Wait)


def test_a_walk_stops_at_its_end_and_where_nothing_can_happen_any_more() -> None:
    moments = live(a_case(), days=20)
    assert moments[-1].at <= instant("2026-03-12 08:00")
    held = live(
        a_case(),
        facts=(facts.held(since="2026-03-01 08:00"), facts.closed("review_hold:H-1", at="2026-03-01 09:00")),
        days=9000,
    )
    assert len(held) < 10


def test_a_walk_counts_its_own_contacts_in_the_caps() -> None:
    quick = a_campaign(a_step("one", at="5d"), a_step("two", after="1d"), gap=Duration.parse("0d"))
    first, second = (when for when, _ in sends(live(a_case(), quick)))
    assert (second - first).total_seconds() == 72 * 3600


def test_a_decision_is_the_same_every_time() -> None:
    one, two = (progress(MONDAY, a_case())[0] for _ in range(2))
    assert one == two
    moment = instant(MONDAY)
    assert carry_out(a_case(), one, moment) == carry_out(a_case(), two, moment)


# ---------------------------------------------------------------------------------------------------- rates


def test_a_rate_is_read_for_a_day_and_never_guessed() -> None:
    period = RatePeriod(date(2026, 1, 1), date(2026, 6, 30), "4.5")
    rates = {"legal": RateSeries("legal", "Legal", (period,))}
    assert str(rate_on(rates, "legal", date(2026, 6, 30))) == "4.5"
    assert str(rate_on(rates, "legal", date(2026, 1, 1))) == "4.5"
    for name, day in (("legal", date(2026, 7, 1)), ("legal", date(2025, 12, 31)), ("ecb", date(2026, 3, 1))):
        with pytest.raises(RateMissing):
            rate_on(rates, name, day)


def test_a_book_remembers_its_answers() -> None:
    book = ruled_by(a_rule(AmountsRule, "T", forbid_lines=("fee",)))
    assert book.on("test-pack", date(2026, 3, 9)) is book.on("test-pack", date(2026, 3, 9))
