"""Crises (R7, semantics C3): slower, softer, more on offer, some steps put off and none passed over."""

from datetime import date
from typing import Any

import pytest

from orchestrator.domain.campaign import Approval, DocumentKind, HandOverTerms, Purpose, SendTerms, Use
from orchestrator.domain.condition import Condition, Every, StartsWith
from orchestrator.domain.context import Context
from orchestrator.domain.decision import Ask, Send, Verdict
from orchestrator.domain.duration import Duration
from orchestrator.domain.events import DebtPresumedSettled
from orchestrator.domain.interruption import Crisis
from orchestrator.domain.voice import Voice
from tests.builders import a_campaign, a_case, a_context, a_debt, a_debtor, a_step, instant
from tests.domain import facts
from tests.domain.stories import asked, at, live, passed, reason, said, sends, steps, until

NORTH = StartsWith("postcode", ("62", "59"))


def during(*crises: Crisis) -> Context:
    return a_context(crises=crises)


def a_crisis(
    cid: str = "floods", *, of: Condition | None = None, since: str = "2026-03-01", to: str = "", **changes: Any
) -> Crisis:
    end = date.fromisoformat(to) if to else None
    return Crisis(id=cid, title=cid, scope=of or Every(), from_on=date.fromisoformat(since), to_on=end, **changes)


def days(context: Context, **changes: Any) -> list[str]:
    return [line[:10] for line in said(live(a_case(), context=context, days=150, **changes))]


def test_a_stretch_multiplies_the_waits() -> None:
    """From the 7th on each of the 10 and 13 days counts double."""
    assert days(during(a_crisis(since="2026-03-07", stretch=2))) == ["2026-03-07", "2026-03-27", "2026-04-22"]


def test_the_largest_stretch_wins() -> None:
    two = during(a_crisis(since="2026-03-07", stretch=2), a_crisis("heat", since="2026-03-07", stretch=3))
    assert days(two)[1] == "2026-04-07"


def test_a_crisis_that_is_over_slowed_only_while_it_lasted() -> None:
    """Of the ten days, nearly seven pass by the end of the 20th; the rest at full speed."""
    over = during(a_crisis(since="2026-03-07", to="2026-03-20", stretch=2))
    assert days(over)[1] == "2026-03-24"


def test_the_last_day_is_inclusive_where_the_debtor_lives() -> None:
    soft = during(a_crisis(to="2026-03-16", soften=1))
    case = a_case(facts=(facts.entered(at="2026-03-05 08:00"), facts.gone("reminder-1", at="2026-03-05 08:00")))
    for now, voice in (("2026-03-16 17:59", Voice.COURTEOUS), ("2026-03-17 08:00", Voice.FACTUAL)):
        act = at(now, case, context=soft).act
        assert isinstance(act, Send)
        assert act.voice is voice


def test_a_crisis_ended_early_is_over_at_once() -> None:
    ended = during(a_crisis(to="2026-12-31", soften=1, ended_at=instant("2026-03-10 12:00")))
    case = a_case(facts=(facts.entered(at="2026-03-05 08:00"), facts.gone("reminder-1", at="2026-02-25 08:00")))
    for now, voice in (("2026-03-10 11:59", Voice.COURTEOUS), ("2026-03-10 12:00", Voice.FACTUAL)):
        act = at(now, case, context=ended).act
        assert isinstance(act, Send)
        assert act.voice is voice


def test_the_largest_softening_counts_and_never_the_sum() -> None:
    two = during(a_crisis(soften=1), a_crisis("heat", soften=1))
    assert [line.split()[-1] for line in said(live(a_case(), context=two, days=60))] == [
        "courteous",
        "courteous",
        "factual",
    ]


def test_only_the_debtors_in_its_scope_are_spared() -> None:
    north = during(a_crisis(of=NORTH, since="2026-03-07", stretch=2))
    assert days(north)[1] == "2026-03-17"
    lille = a_case(debtor=a_debtor(postcode="59000"))
    assert said(live(lille, context=north))[1][:10] == "2026-03-27"


def test_more_is_offered_and_nothing_twice() -> None:
    campaign = a_campaign(
        a_step(
            "first", at="5d", send=SendTerms("first", Voice.COURTEOUS, DocumentKind.REMINDER, Purpose.DEMAND, ("plan",))
        )
    )
    act = at("2026-03-09 09:00", a_case(), campaign, context=during(a_crisis(offer=("deferral", "plan")))).act
    assert isinstance(act, Send)
    assert act.offer == ("plan", "deferral")


def test_a_softened_formal_notice_is_a_question_and_a_no_passes_it() -> None:
    formal = a_campaign(a_step("formal", at="5d", voice=Voice.FORMAL, use=(Use.REGISTERED,)))
    soft = during(a_crisis(soften=1))
    act = at("2026-03-09 09:00", a_case(), formal, context=soft).act
    assert isinstance(act, Ask)
    assert (act.task, act.subject, act.role) == ("soften_formal", "formal:1", "manager")
    for outcome, expected in (("done", ["formal"]), ("refuse", [])):
        answer = facts.closed("soften_formal:formal:1", at="2026-03-09 10:00", outcome=outcome)
        assert steps(live(a_case(), formal, context=soft, facts=(answer,), days=30)) == expected


# ----------------------------------------------------------------------------------------------------- skip

SHORT = Duration.parse("4d")


@pytest.mark.parametrize("name", ["last_reminder", "b2c/last"])
def test_a_skipped_step_waits_and_is_never_passed_over(name: str) -> None:
    """It stays due when the crisis ends, however short it would have been good for."""
    steps_ = (
        a_step("first", at="5d"),
        a_step("last", after="10d", kind=DocumentKind.LAST_REMINDER, expires=SHORT),
        a_step("end", after="9d"),
    )
    skipping = during(a_crisis(skip=(name,), to="2026-05-10"))
    moments = live(a_case(), a_campaign(*steps_), context=skipping, days=110)
    assert said(moments) == [
        "2026-03-07 first email courteous",
        "2026-05-11 last email courteous",
        "2026-05-20 end email courteous",
    ]
    assert passed(moments) == []


def test_a_skipped_step_says_which_crisis_until_when() -> None:
    decision = at("2026-03-09 09:00", a_case(), context=during(a_crisis(skip=("reminder",), to="2026-03-20")))
    assert until(decision.act) == instant("2026-03-20 23:00")
    assert reason(decision, "CRISIS").verdict is Verdict.BLOCK
    assert until(at("2026-03-09 09:00", a_case(), context=during(a_crisis(skip=("reminder",)))).act) is None


def test_a_message_that_a_crisis_put_off_does_not_expire_on_its_way() -> None:
    campaign = a_campaign(a_step("zero", at="0d"), a_step("first", after="5d", expires=SHORT))
    skipping = during(a_crisis(skip=("b2c/first",), since="2026-03-03", to="2026-03-31"))
    _, (_, act) = sends(live(a_case(), campaign, context=skipping))
    assert (act.step, act.expires) == ("first", None)


def test_a_crisis_that_skips_another_step_lets_this_one_expire() -> None:
    campaign = a_campaign(
        a_step("zero", at="0d"), a_step("first", after="5d", expires=SHORT), a_step("end", after="60d")
    )
    other = during(a_crisis(skip=("formal_notice",)))
    # Gone from the ledger for a month: nothing to demand, and nothing stops the clock.
    missing = DebtPresumedSettled(id="gone", at=instant("2026-03-04 08:00"), reference="F-1")
    found = facts.recorded(a_debt(as_of=date(2026, 4, 1)), at="2026-04-01 08:00")
    moments = live(a_case(), campaign, facts=(missing, found), context=other)
    assert passed(moments) == ["first expired"]


def test_a_skipped_hand_over_waits() -> None:
    outcome = a_step("outcome", after="5d", send=None, channel=(), choose=(HandOverTerms("court", Approval("admin")),))
    skipping = during(a_crisis(skip=("hand_over",), to="2026-04-10"))
    moments = live(a_case(), a_campaign(a_step("first", at="5d"), outcome), context=skipping)
    first_ask = next(m.at for m in moments if isinstance(m.decision.act, Ask))
    assert first_ask == instant("2026-04-10 22:00")
    assert asked(moments)[0] == "approve outcome:1:2000 admin"


def test_after_a_crisis_the_backlog_keeps_the_gap() -> None:
    steps_ = (a_step("one", at="5d"), a_step("two", at="8d"))
    skipping = during(a_crisis(skip=("reminder",), to="2026-04-10"))
    moments = live(a_case(), a_campaign(*steps_), context=skipping)
    assert [line[:14] for line in said(moments)] == ["2026-04-11 one", "2026-04-16 two"]
