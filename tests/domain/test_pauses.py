"""Pauses (R6, semantics B2, C2) and the first word after a long silence (B5)."""

from typing import Any

import pytest
from msgspec.structs import replace

from channels.contract import DeliveryStatus
from orchestrator.domain.campaign import Campaign, DocumentKind, Mode, OnResume, PauseTerms
from orchestrator.domain.condition import Condition, Every, OneOf
from orchestrator.domain.context import Context
from orchestrator.domain.decision import Send, Verdict
from orchestrator.domain.duration import Duration
from orchestrator.domain.interruption import Crisis, Pause
from orchestrator.domain.voice import Voice
from orchestrator.domain.walk import Moment
from tests.builders import a_campaign, a_case, a_context, a_debtor, a_step, instant
from tests.domain import facts
from tests.domain.stories import at, live, passed, reason, said, sends, steps, until


def a_pause(
    since: str,
    *,
    of: Condition | None = None,
    ends: str = "",
    resumed: str = "",
    pid: str = "P-1",
    channels: tuple[str, ...] = (),
) -> Pause:
    return Pause(
        id=pid,
        scope=of or Every(),
        since=instant(since),
        reason="flood",
        by="admin",
        channels=channels,
        ends_at=instant(ends) if ends else None,
        resumed_at=instant(resumed) if resumed else None,
    )


def under(*pauses: Pause, **changes: Any) -> Context:
    return a_context(pauses=pauses, **changes)


def days(pause: Pause, *, resumed: str = "", campaign: Campaign | None = None) -> list[str]:
    return [line[:10] for line in said(through(pause, resumed=resumed, campaign=campaign))]


def through(pause: Pause, *, resumed: str = "", campaign: Campaign | None = None, days: int = 120) -> list[Moment]:
    """A life through a pause; its resume is known when it happens, and makes the case due."""
    if not resumed:
        return live(a_case(), campaign, context=under(pause), days=days)
    after = replace(pause, resumed_at=instant(resumed))
    return live(
        a_case(),
        campaign,
        facts=(facts.marked("resumed", at=resumed),),
        context=lambda now: under(after if now >= instant(resumed) else pause),
        days=days,
    )


def test_a_pause_stops_everything_until_its_end() -> None:
    decision = at("2026-03-09 09:00", a_case(), context=under(a_pause("2026-03-01 08:00", ends="2026-03-20 12:00")))
    assert until(decision.act) == instant("2026-03-20 12:00")
    assert reason(decision, "PAUSE").verdict is Verdict.BLOCK


def test_a_pause_without_end_waits_for_its_resume() -> None:
    decision = at("2026-03-09 09:00", a_case(), context=under(a_pause("2026-03-01 08:00")))
    assert until(decision.act) is None
    assert reason(decision, "PAUSE").values == (("pause", "P-1"),)


def test_a_pause_of_another_segment_stops_nothing() -> None:
    other = under(a_pause("2026-03-01 08:00", of=OneOf("creditor", frozenset({"other"}))))
    assert isinstance(at("2026-03-09 09:00", a_case(), context=other).act, Send)


@pytest.mark.parametrize("now, runs", [("07:59", False), ("08:00", True), ("11:59", True), ("12:00", False)])
def test_a_pause_stops_from_its_start_to_its_resume(now: str, *, runs: bool) -> None:
    pause = a_pause("2026-03-09 08:00", resumed="2026-03-09 12:00")
    decision = at(f"2026-03-09 {now}", a_case(), context=under(pause))
    assert any(r.rule == "PAUSE" for r in decision.reasons) is runs


@pytest.mark.parametrize("ends, resumed", [("", "2026-03-20 08:00"), ("2026-03-20 08:00", "")])
def test_the_case_clock_stood_still_during_a_pause_that_shifts(ends: str, resumed: str) -> None:
    """Ten days: one before the pause began, nine after it was over, however it was ended. The 29th is a Sunday."""
    assert days(a_pause("2026-03-08 08:00", ends=ends), resumed=resumed)[:2] == ["2026-03-07", "2026-03-30"]


def test_a_pause_resumed_early_ends_there() -> None:
    early = a_pause("2026-03-08 08:00", ends="2026-06-01 08:00")
    assert days(early, resumed="2026-03-10 08:00")[1] == "2026-03-19"


def test_planned_instants_stand_where_the_campaign_keeps_them() -> None:
    kept = a_campaign(pause=PauseTerms(on_resume=OnResume.KEEP))
    assert days(a_pause("2026-03-08 08:00"), resumed="2026-03-20 08:00", campaign=kept)[:2] == [
        "2026-03-07",
        "2026-03-20",
    ]


def test_a_pause_that_was_over_before_the_case_began_changes_nothing() -> None:
    assert days(a_pause("2026-01-08 08:00", resumed="2026-01-20 08:00"))[:2] == ["2026-03-07", "2026-03-17"]


# ---------------------------------------------------------------------------------------- one channel paused


def test_a_paused_channel_means_wait_and_never_another_channel() -> None:
    decision = at(
        "2026-03-09 09:00",
        a_case(),
        context=under(a_pause("2026-03-01 08:00", ends="2026-03-20 12:00", channels=("email",))),
    )
    assert until(decision.act) == instant("2026-03-20 12:00")
    assert reason(decision, "PAUSE").values == (("pause", "P-1"), ("channel", "email"))


def test_the_other_channels_speak_on() -> None:
    act = at("2026-03-09 09:00", a_case(), context=under(a_pause("2026-03-01 08:00", channels=("sms", "letter")))).act
    assert isinstance(act, Send)


def test_a_paused_channel_does_not_stop_the_case_clock() -> None:
    assert days(a_pause("2026-03-08 08:00", resumed="2026-03-20 08:00", channels=("sms",)))[:2] == [
        "2026-03-07",
        "2026-03-17",
    ]


# ---------------------------------------------------------------------------------- after a long silence (B5)

SILENCE = facts.held(since="2026-03-10 08:00", until="2026-04-12")


def test_after_a_hold_of_more_than_thirty_days_the_facts_are_said_again_first() -> None:
    moments = live(a_case(), facts=(SILENCE,), days=120)
    assert said(moments) == [
        "2026-03-07 reminder-1 email courteous",
        "2026-04-20 restatement:2026-04-12 email factual",
        "2026-04-30 reminder-2 email factual",
        "2026-05-13 last email firm",
    ]


def test_the_restatement_is_factual_whatever_the_level() -> None:
    campaign = a_campaign(
        a_step("first", at="5d", voice=Voice.FIRM),
        a_step("second", after="10d", voice=Voice.FIRM),
        a_step("third", after="10d", voice=Voice.FIRM),
    )
    known = (facts.held(since="2026-03-19 08:00", until="2026-05-01"),)
    moments = live(a_case(), campaign, facts=known, days=120)
    assert [act.voice for _, act in sends(moments)] == [Voice.FACTUAL, Voice.FIRM, Voice.FACTUAL, Voice.FIRM]
    again = sends(moments)[2][1]
    assert (again.is_restatement, again.kind, again.template) == (True, DocumentKind.RESTATEMENT, "restatement")


@pytest.mark.parametrize("until_on, expected", [("2026-04-08", False), ("2026-04-09", True)])
def test_thirty_days_are_the_limit(until_on: str, *, expected: bool) -> None:
    """Stopped from the 10th of March at midnight: thirty days end as the 9th of April begins."""
    moments = live(a_case(), facts=(facts.held(since="2026-03-09 23:00", until=until_on),), days=120)
    assert any(act.is_restatement for _, act in sends(moments)) is expected


def test_a_long_pause_is_restated_too() -> None:
    moments = through(a_pause("2026-03-10 08:00"), resumed="2026-04-20 08:00")
    assert steps(moments)[1] == "restatement:2026-04-20"


def test_a_long_crisis_is_restated_too() -> None:
    slow = Crisis(
        id="C",
        title="C",
        scope=Every(),
        from_on=instant("2026-03-09 00:00").date(),
        to_on=instant("2026-04-20 00:00").date(),
        stretch=9,
    )
    assert steps(live(a_case(), context=a_context(crises=(slow,)), days=120))[1] == "restatement:2026-04-20"


def test_nothing_is_restated_to_someone_who_was_told_nothing() -> None:
    known = facts.held(since="2026-03-03 08:00", until="2026-04-12")
    assert steps(live(a_case(), facts=(known,), days=80))[0] == "reminder-1"


def test_a_restatement_is_made_once_and_the_ladder_counts_from_it() -> None:
    moments = live(a_case(), facts=(SILENCE,), days=120)
    assert steps(moments).count("restatement:2026-04-12") == 1


def test_a_restatement_that_bounced_takes_the_next_channel() -> None:
    bounce = facts.reported("CASE000001:1:restatement:2026-04-12:1", DeliveryStatus.BOUNCED, at="2026-04-21 08:00")
    moments = live(a_case(), facts=(SILENCE, bounce), days=70)
    assert said(moments)[1:3] == [
        "2026-04-20 restatement:2026-04-12 email factual",
        "2026-04-21 restatement:2026-04-12 sms factual",
    ]


def test_a_restatement_that_cannot_be_sent_is_a_task_and_ends_there() -> None:
    known = (SILENCE, facts.opted_out("email", at="2026-04-13 08:00"), facts.opted_out("sms", at="2026-04-13 08:00"))
    moments = live(a_case(debtor=a_debtor(post=False)), facts=known, days=90)
    assert steps(moments) == ["reminder-1"]
    assert not [line for line in passed(moments) if not line.startswith("opted_out")]


def test_a_restatement_that_a_person_refuses_is_passed_and_the_ladder_goes_on() -> None:
    refusal = facts.refused("restatement:2026-04-12", at="2026-04-13 09:00")
    confirmed = a_campaign(mode=Mode.CONFIRM)
    begun = (facts.entered(at="2026-03-05 08:00"), facts.gone("reminder-1", at="2026-03-07 08:00"))
    yes = facts.approved("reminder-2", 2000, at="2026-04-13 09:00")
    moments = live(a_case(facts=begun), confirmed, facts=(SILENCE, refusal, yes), start="2026-03-09 08:00", days=60)
    assert (passed(moments)[0], steps(moments)) == ("restatement:2026-04-12 refused", ["reminder-2"])


def test_the_gap_is_kept_after_a_pause() -> None:
    campaign = a_campaign(
        a_step("one", at="5d"),
        a_step("two", at="9d"),
        gap=Duration.parse("5d"),
        pause=PauseTerms(on_resume=OnResume.KEEP),
    )
    moments = through(a_pause("2026-03-05 08:00"), resumed="2026-03-16 08:00", campaign=campaign)
    assert [line[:14] for line in said(moments)] == ["2026-03-16 one", "2026-03-21 two"]


# ---------------------------------------------------------------------------------- how a campaign comes back (C2)


def coming_back(how: OnResume) -> list[str]:
    """The life of a case paused over the day of its second reminder, and not over that of the last."""
    campaign = a_campaign(pause=PauseTerms(on_resume=how))
    pause = a_pause("2026-03-12 08:00")
    return said(through(pause, resumed="2026-03-19 08:00", campaign=campaign))


def test_expire_passes_what_fell_due_in_the_pause_and_goes_on_with_the_ladder() -> None:
    shifted, expired = coming_back(OnResume.SHIFT), coming_back(OnResume.EXPIRE)
    assert any("reminder-2" in line for line in shifted)
    assert not any("reminder-2" in line for line in expired)
    assert any("last" in line for line in expired)


def test_restart_begins_a_new_cycle_that_enters_softly() -> None:
    campaign = a_campaign(pause=PauseTerms(on_resume=OnResume.RESTART))
    moments = through(a_pause("2026-03-12 08:00"), resumed="2026-04-02 08:00", campaign=campaign)
    cycles = [moment.case.cycle_number for moment in moments if moment.case.cycle is not None]
    assert cycles[0] == 1
    assert cycles[-1] == 2
    first_after = next(line for line in said(moments) if line > "2026-04-02")
    assert "courteous" in first_after


def test_keep_lets_the_calendar_run_and_decides_anew_what_is_overdue() -> None:
    kept, shifted = coming_back(OnResume.KEEP), coming_back(OnResume.SHIFT)
    assert [line.split()[1] for line in kept] == [line.split()[1] for line in shifted]
    assert kept[1][:10] < shifted[1][:10]
