"""The legal gates before a demand: each rule's test, at the day it turns (semantics A3, A4, B8, B12, B16)."""

from datetime import date

import pytest

from channels.contract import DeliveryStatus
from orchestrator.domain.campaign import DocumentKind, Use
from orchestrator.domain.creditor import Collector, Creditor, Insurance, Mandate
from orchestrator.domain.debt import Debt, OpeningHistory
from orchestrator.domain.decision import Ask, Reason, Send, Verdict, Wait
from orchestrator.domain.duration import Duration
from orchestrator.domain.events import Event
from orchestrator.domain.gates import freshness, letter_first
from orchestrator.domain.policy import (
    ContactChannel,
    CreditorFactsRule,
    FloorRule,
    FormalNoticeRule,
    FreshnessRule,
    LetterFirstRule,
    Policy,
    PolicyBook,
    ProportionRule,
)
from orchestrator.domain.situation import Situation
from orchestrator.domain.voice import Voice
from tests.builders import a_campaign, a_case, a_context, a_creditor, a_debt, a_step, instant
from tests.domain import facts
from tests.domain.packs import a_rule, ruled_by
from tests.domain.stories import at, judged, live, reason, said, situated, steps, until

FRESH = a_rule(FreshnessRule, "T-FRESH", business_days=2, formal_notice_business_days=1)
FLOOR = a_rule(FloorRule, "T-FLOOR", balance_cents=1500, currency="EUR", last_level=2)
MEANS = a_rule(ProportionRule, "T-MEANS", cost_per_cent=10, demands_per_debt=3)
LETTER = a_rule(
    LetterFirstRule,
    "T-LETTER",
    document=DocumentKind.R124_4_LETTER,
    channels=(ContactChannel.SMS, ContactChannel.EMAIL),
    min_delay_days=3,
)
NOTICE = a_rule(FormalNoticeRule, "T-NOTICE", deadline_days_from=8, deadline_days_to=15)
FACTS = a_rule(CreditorFactsRule, "T-FACTS", requires=("insurance", "account", "declaration"))


def policy(book: PolicyBook, now: str = "2026-03-09 09:00") -> Policy:
    return book.on("test-pack", instant(now).date())


def aged(
    as_of: str | None, now: str, kind: DocumentKind = DocumentKind.REMINDER, *, own: str = "2 business days"
) -> Reason:
    """What the freshness rule says of a ledger of a day."""
    day = date.fromisoformat(as_of) if as_of else None
    context = a_context(creditor=a_creditor(data_max_age=Duration.parse(own)), ledger_as_of=day)
    moment = instant(now)
    found = freshness(Situation(a_case(), None, context, moment), policy(ruled_by(FRESH)), kind)
    assert found is not None
    return found


# ------------------------------------------------------------------------------------------------ freshness


def test_no_demand_leaves_on_a_ledger_older_than_two_business_days() -> None:
    """R36. Wednesday's ledger still serves on Friday and over the week end, no more on Monday."""
    assert aged("2026-03-04", "2026-03-06 09:00").verdict is Verdict.ALLOW
    assert aged("2026-03-04", "2026-03-08 09:00").verdict is Verdict.ALLOW
    assert aged("2026-03-04", "2026-03-09 09:00").verdict is Verdict.BLOCK


def test_a_formal_notice_needs_a_ledger_of_one_business_day() -> None:
    assert aged("2026-03-05", "2026-03-06 09:00", DocumentKind.FORMAL_NOTICE).verdict is Verdict.ALLOW
    assert aged("2026-03-04", "2026-03-06 09:00", DocumentKind.FORMAL_NOTICE).verdict is Verdict.BLOCK


def test_a_creditor_may_ask_for_a_fresher_ledger() -> None:
    assert aged("2026-03-05", "2026-03-06 09:00", own="1 business day").verdict is Verdict.ALLOW
    assert aged("2026-03-04", "2026-03-06 09:00", own="1 business day").verdict is Verdict.BLOCK


def test_a_ledger_without_a_day_is_never_fresh() -> None:
    assert aged(None, "2026-03-06 09:00").verdict is Verdict.BLOCK


def test_of_two_rules_about_the_age_of_a_ledger_the_stricter_counts_whichever_comes_last() -> None:
    """A layer has rules of its own ids beside those of its pack."""
    loose = a_rule(FreshnessRule, "T-LOOSE", business_days=30, formal_notice_business_days=30)
    context = a_context(
        creditor=a_creditor(data_max_age=Duration.parse("0 business days")), ledger_as_of=date(2026, 3, 4)
    )
    situation = Situation(a_case(), None, context, instant("2026-03-09 09:00"))
    for rules in ((FRESH, loose), (loose, FRESH)):
        found = freshness(situation, policy(ruled_by(*rules)), DocumentKind.REMINDER)
        assert found is not None
        assert (found.rule, found.verdict) == ("T-FRESH", Verdict.BLOCK)


def test_a_stale_ledger_makes_the_step_wait_for_tomorrow() -> None:
    case = a_case(facts=(facts.entered(at="2026-02-20 08:00"),))
    stale = a_context(ledger_as_of=date(2026, 2, 1))
    decision = judged(Situation(case, a_campaign(), stale, instant("2026-03-09 09:00")), policy(ruled_by(FRESH)))
    assert until(decision.act) == instant("2026-03-10 05:00")
    assert reason(decision, "T-FRESH").verdict is Verdict.BLOCK


# -------------------------------------------------------------------------------------------- creditor facts

WHOLE = Collector(
    name="Recouvro SARL",
    insurance=Insurance("Assur", "P-1"),
    declared_to_prosecutor_on=date(2020, 1, 1),
    account="FR7630006000011234567890189",
    mandate=Mandate(date(2024, 1, 1), "M-1"),
)


def third_party(collector: Collector | None = WHOLE) -> Creditor:
    return a_creditor(collector=collector)


def test_a_collector_without_its_facts_demands_nothing_on_a_real_lane() -> None:
    context = a_context(creditor=third_party(Collector(name="Recouvro SARL")), is_sandbox=False)
    act = at("2026-03-09 09:00", a_case(), book=ruled_by(FACTS), context=context).act
    assert isinstance(act, Ask)
    assert (act.task, act.role) == ("creditor_facts", "admin")


def test_the_sandbox_only_notes_what_is_missing() -> None:
    context = a_context(creditor=third_party(None))
    decision = at("2026-03-09 09:00", a_case(), book=ruled_by(FACTS), context=context)
    assert isinstance(decision.act, Send)
    assert reason(decision, "T-FACTS").values == (("missing", "insurance,account,declaration"),)


def test_a_collector_with_its_facts_may_demand() -> None:
    context = a_context(creditor=third_party(), is_sandbox=False)
    assert isinstance(at("2026-03-09 09:00", a_case(), book=ruled_by(FACTS), context=context).act, Send)


# --------------------------------------------------------------------------------------------- letter first

LETTER_STEP = a_step("letter-1", at="5d", use=(Use.LETTER,), kind=DocumentKind.R124_4_LETTER)
SMS_STEP = a_step("sms-1", after="1d", use=(Use.SMS,))


def test_nothing_speaks_before_the_first_letter_of_a_collector() -> None:
    """FR-3P-04: a missing letter is a question to a person, never a change of channel."""
    for use in (Use.SMS, Use.EMAIL, Use.LETTER):
        campaign = a_campaign(a_step("step", at="5d", use=(use,)))
        act = at("2026-03-09 09:00", a_case(), campaign, book=ruled_by(LETTER)).act
        assert isinstance(act, Ask), use
        assert act.task == "letter_first"


def test_the_first_letter_itself_may_leave() -> None:
    act = at("2026-03-09 09:00", a_case(), a_campaign(LETTER_STEP), book=ruled_by(LETTER)).act
    assert isinstance(act, Send)


def test_the_other_channels_open_three_days_after_the_letter() -> None:
    moments = live(a_case(), a_campaign(LETTER_STEP, SMS_STEP, gap=Duration.parse("1d")), book=ruled_by(LETTER))
    # The letter leaves on Saturday the 7th; the third day after it is Tuesday the 10th.
    assert said(moments) == ["2026-03-07 letter-1 letter courteous", "2026-03-10 sms-1 sms courteous"]


def test_a_second_letter_does_not_wait_for_the_three_days() -> None:
    again = a_step("letter-2", after="1d", use=(Use.LETTER,))
    moments = live(a_case(), a_campaign(LETTER_STEP, again, gap=Duration.parse("1d")), book=ruled_by(LETTER))
    assert [line.split()[:2] for line in said(moments)] == [["2026-03-07", "letter-1"], ["2026-03-09", "letter-2"]]


def gate_of(channel: str, now: str, *known: Event, debt: Debt | None = None) -> Reason | None:
    case = a_case(debt or a_debt(), facts=(facts.entered(at="2026-02-20 08:00"), *known))
    situation = situated(now, case, a_campaign())
    return letter_first(situation, policy(ruled_by(LETTER)), channel, DocumentKind.REMINDER)


POSTED = facts.gone("letter-1", at="2026-03-06 23:30", use=Use.LETTER, kind=DocumentKind.R124_4_LETTER)


def test_the_three_days_are_counted_where_the_debtor_lives() -> None:
    """Half past midnight in Paris: posted on the 7th, open on the 10th."""
    found = gate_of("sms", "2026-03-09 22:59", POSTED)
    assert found is not None
    assert (found.verdict, found.until) == (Verdict.DEFER, instant("2026-03-09 23:00"))
    later = gate_of("sms", "2026-03-09 23:00", POSTED)
    assert later is not None
    assert later.verdict is Verdict.ALLOW


def test_an_imported_letter_opens_the_gate() -> None:
    debt = a_debt(history=OpeningHistory(letter_reference="L-1", letter_on=date(2026, 2, 1)))
    found = gate_of("sms", "2026-03-09 09:00", debt=debt)
    assert found is not None
    assert found.verdict is Verdict.ALLOW


def test_a_letter_that_came_back_opens_nothing() -> None:
    back = facts.reported(
        "CASE000001:1:letter-1:1", DeliveryStatus.UNKNOWN_ADDRESS, at="2026-03-10 09:00", channel="letter"
    )
    found = gate_of("sms", "2026-03-12 09:00", POSTED, back)
    assert found is not None
    assert found.verdict is Verdict.ASK


def test_a_letter_that_was_only_observed_opens_nothing() -> None:
    seen = facts.gone(
        "letter-1", at="2026-03-03 10:00", use=Use.LETTER, kind=DocumentKind.R124_4_LETTER, is_observed=True
    )
    found = gate_of("sms", "2026-03-12 09:00", seen)
    assert found is not None
    assert found.verdict is Verdict.ASK


# -------------------------------------------------------------------------------------------- formal notice

FORMAL = a_campaign(
    a_step("reminder", at="5d"), a_step("formal", after="10d", voice=Voice.FORMAL, use=(Use.REGISTERED,))
)


def formally(now: str, *known: Event, debts: tuple[Debt, ...] = ()) -> object:
    case = a_case(*debts, facts=(facts.entered(at="2026-03-05 08:00"), *known))
    return at(now, case, FORMAL, book=ruled_by(NOTICE)).act


def test_a_formal_notice_claims_only_debts_that_were_each_reminded() -> None:
    """R35: F-2 joined after the reminder."""
    act = formally(
        "2026-04-01 09:00", facts.gone("reminder", "F-1", at="2026-03-09 09:00"), debts=(a_debt("F-1"), a_debt("F-2"))
    )
    assert isinstance(act, Send)
    assert (act.references, act.listed) == (("F-1",), ("F-2",))


def test_an_imported_reminder_counts_as_one() -> None:
    reminded = a_debt("F-2", history=OpeningHistory(last_contact_on=date(2026, 2, 1)))
    act = formally(
        "2026-04-01 09:00", facts.gone("reminder", "F-1", at="2026-03-09 09:00"), debts=(a_debt("F-1"), reminded)
    )
    assert isinstance(act, Send)
    assert act.references == ("F-1", "F-2")


def test_a_reminder_that_never_arrived_is_none() -> None:
    """A4: the reminder of F-2 bounced; the later one that arrived named F-1 alone."""
    known = (
        facts.gone("reminder", "F-1", "F-2", at="2026-03-09 09:00"),
        facts.reported("CASE000001:1:reminder:1", DeliveryStatus.BOUNCED, at="2026-03-09 09:05"),
        facts.gone("reminder", "F-1", at="2026-03-09 10:00", use=Use.SMS, ordinal=2),
    )
    act = formally("2026-04-01 09:00", *known, debts=(a_debt("F-1"), a_debt("F-2")))
    assert isinstance(act, Send)
    assert act.references == ("F-1",)


def test_word_before_the_due_date_is_no_reminder() -> None:
    early = facts.gone("notice", "F-1", at="2026-03-01 09:00", kind=DocumentKind.UPCOMING)
    passed = facts.gone("reminder", "F-2", at="2026-03-09 09:00")
    act = formally("2026-04-01 09:00", early, passed, debts=(a_debt("F-1"), a_debt("F-2")))
    assert isinstance(act, Send)
    assert act.references == ("F-2",)


def test_a_formal_notice_for_nothing_reminded_gives_way_to_a_reminder() -> None:
    passed = facts.gone("reminder", "F-9", at="2026-03-09 09:00")
    act = formally("2026-04-01 09:00", passed)
    assert isinstance(act, Send)
    assert (act.kind, act.step) == (DocumentKind.REMINDER, "first-reminder:F-1")


# ------------------------------------------------------------------------------------- floor and proportion


def test_below_the_floor_the_ladder_stops_after_its_last_level() -> None:
    small = live(a_case(a_debt(cents=1499)), book=ruled_by(FLOOR))
    assert steps(small) == ["reminder-1", "reminder-2"]
    assert reason(small[-1].decision, "T-FLOOR").verdict is Verdict.BLOCK
    assert steps(live(a_case(a_debt(cents=1500)), book=ruled_by(FLOOR))) == ["reminder-1", "reminder-2", "last"]


def test_a_floor_in_another_currency_says_nothing() -> None:
    book = ruled_by(a_rule(FloorRule, "T-FLOOR", balance_cents=1500, currency="GBP", last_level=2))
    assert len(steps(live(a_case(a_debt(cents=100)), book=book))) == 3


def test_a_debt_has_so_many_demands_in_its_life() -> None:
    many = a_campaign(a_step("s-1", at="5d"), *(a_step(f"s-{n}", after="10d") for n in range(2, 7)))
    assert steps(live(a_case(), many, book=ruled_by(MEANS), days=200)) == ["s-1", "s-2", "s-3"]


def test_a_debt_that_had_all_its_demands_leaves_the_others_to_be_demanded() -> None:
    past = tuple(facts.gone("s", "F-1", at=f"2026-01-0{n} 09:00", ordinal=n) for n in (1, 2, 3))
    act = at("2026-03-09 09:00", a_case(a_debt("F-1"), a_debt("F-2"), facts=past), book=ruled_by(MEANS)).act
    assert isinstance(act, Send)
    assert act.references == ("F-2",)


def test_a_contact_that_costs_over_a_tenth_of_the_balance_takes_the_next_channel() -> None:
    context = a_context(costs_cents={"letter": 150, "sms": 6})
    campaign = a_campaign(a_step("s", at="5d", use=(Use.LETTER, Use.SMS)))
    dear = at("2026-03-09 09:00", a_case(a_debt(cents=1499)), campaign, book=ruled_by(MEANS), context=context)
    fair = at("2026-03-09 09:00", a_case(a_debt(cents=1500)), campaign, book=ruled_by(MEANS), context=context)
    assert isinstance(dear.act, Send)
    assert isinstance(fair.act, Send)
    assert (dear.act.use, fair.act.use) == (Use.SMS, Use.LETTER)


def test_what_was_spent_before_counts() -> None:
    spent = facts.gone("s-0", at="2026-01-05 09:00", cost_cents=149)
    context = a_context(costs_cents={"email": 2})
    campaign = a_campaign(a_step("s", at="5d", use=(Use.EMAIL,)))
    act = at(
        "2026-03-09 09:00", a_case(a_debt(cents=1500), facts=(spent,)), campaign, book=ruled_by(MEANS), context=context
    ).act
    assert isinstance(act, Ask)
    assert act.task == "unreachable"


# --------------------------------------------------------------------------------------------------- credit


@pytest.mark.parametrize("cents, leaves", [(1999, True), (2000, False), (2500, False)])
def test_an_unallocated_credit_at_least_equal_to_the_claim_holds_it(cents: int, *, leaves: bool) -> None:
    later = a_debt("F-2", due="2026-06-01", cents=9000)
    paid = facts.paid(cents, on="2026-03-05")
    thanked = facts.reacted(paid.id, at="2026-03-05 12:00")
    decision = at("2026-03-09 09:00", a_case(a_debt(), later, facts=(paid, thanked)))
    assert isinstance(decision.act, Send) is leaves
    assert leaves or reason(decision, "CREDIT").verdict is Verdict.BLOCK


def test_a_credit_holds_what_may_be_claimed_even_where_more_is_due() -> None:
    """F-1 has had its demands; the credit covers what is left to ask for."""
    past = tuple(facts.gone("s", "F-1", at=f"2026-01-0{n} 09:00", ordinal=n) for n in (1, 2, 3))
    paid = facts.paid(1000, on="2026-03-05")
    known: tuple[Event, ...] = (*past, paid, facts.reacted(paid.id, at="2026-03-05 12:00"))
    case = a_case(a_debt("F-1"), a_debt("F-2", cents=900), facts=known)
    decision = at("2026-03-09 09:00", case, book=ruled_by(MEANS))
    assert isinstance(decision.act, Wait)
    assert reason(decision, "CREDIT").values == (("credit_cents", 1000),)
