"""A campaign file becomes a domain campaign, key by key, with the hash that pins it."""

import pytest

from orchestrator.domain.campaign import (
    Amounts,
    Approval,
    CallTerms,
    Campaign,
    ChannelLine,
    CloseTerms,
    DeferralTerms,
    DocumentKind,
    Guard,
    HandOverTerms,
    Limits,
    Mode,
    NextChannel,
    Offset,
    OnResume,
    PauseTerms,
    PlanTerms,
    PromiseTerms,
    Purpose,
    SettlementTerms,
    Use,
)
from orchestrator.domain.condition import ALWAYS, Between, Every, Not, OneOf
from orchestrator.domain.contact import Role
from orchestrator.domain.duration import Duration, Unit
from orchestrator.domain.voice import Voice, VoiceMove
from orchestrator.intake.campaigns.campaign_yaml import canonical, released
from tests.intake.campaigns.campaign_fixtures import EXAMPLE, EXAMPLE_TEXT, edited, load, load_text


def days(count: int) -> Duration:
    return Duration(count, Unit.DAY)


EXAMPLE_CAMPAIGN = load(EXAMPLE).campaign

# ------------------------------------------------------------------------------------- the example, key by key


def test_the_example_says_who_enters() -> None:
    """R1, R2."""
    campaign = EXAMPLE_CAMPAIGN
    assert (campaign.id, campaign.policy, campaign.priority) == ("b2c-small", "fr-own-b2c", 20)
    assert (campaign.creditors, campaign.anchor, campaign.gap) == (None, "oldest_due", days(5))
    assert campaign.audience == Every(
        (
            OneOf("debtor", frozenset({"individual"})),
            Between("balance", 1500, 50000, "EUR"),
            Between("overdue", -5, None),
            Not(OneOf("marks", frozenset({"vulnerable", "deceased"}))),
        )
    )


def test_the_example_gives_its_steps_in_order() -> None:
    steps = EXAMPLE_CAMPAIGN.steps
    assert [step.id for step in steps] == [
        "notice", "reminder-1", "reminder-2", "last-amicable", "formal-notice", "outcome",
    ]  # fmt: skip
    assert [step.at for step in steps[:2]] == [Offset(days(-5)), Offset(days(5))]
    assert [step.after for step in steps[2:]] == [days(10), days(13), days(12), days(20)]
    assert [step.expires for step in steps[:3]] == [days(4), days(10), None]


def test_a_step_takes_kind_and_purpose_from_its_template() -> None:
    notice, *_, formal, _ = EXAMPLE_CAMPAIGN.steps
    assert notice.send is not None
    assert formal.send is not None
    assert (notice.send.kind, notice.send.purpose) == (DocumentKind.UPCOMING, Purpose.DEMAND)
    assert (formal.send.kind, formal.send.voice) == (DocumentKind.FORMAL_NOTICE, Voice.FORMAL)
    thanks = EXAMPLE_CAMPAIGN.reactions["payment.full"].send
    assert thanks is not None
    assert (thanks.kind, thanks.purpose) == (DocumentKind.THANKS, Purpose.ANSWER)


def test_channel_lines_keep_their_order_and_conditions() -> None:
    """R2."""
    first, second = EXAMPLE_CAMPAIGN.steps[1].channel
    assert (first.if_, first.use) == (
        Between("balance", None, 6000, "EUR"),
        (Use.SMS, Use.EMAIL, Use.LETTER),
    )
    assert (second.if_, second.use) == (ALWAYS, (Use.EMAIL, Use.SMS, Use.LETTER))
    assert EXAMPLE_CAMPAIGN.steps[1].next_channel_when == NextChannel(undelivered=True)


def test_the_formal_notice_keeps_its_approval_deadline_and_amounts() -> None:
    step = EXAMPLE_CAMPAIGN.step("formal-notice")
    assert step is not None
    assert step.send is not None
    assert step.approve == Approval("manager", Between("balance", 30000, None, "EUR"), days(5))
    assert (step.send.deadline, step.amounts) == (days(15), Amounts.CLAIM)


def test_the_time_to_approve_is_kept() -> None:
    """Semantics B9."""
    step = load_text(edited(("by: manager, within: 5d", "by: agent, within: 2 business days"))).campaign.steps[4]
    assert step.approve is not None
    assert (step.approve.by, step.approve.within) == ("agent", Duration(2, Unit.BUSINESS_DAY))


def test_the_ladder_ends_in_a_choice() -> None:
    """R20."""
    assert EXAMPLE_CAMPAIGN.steps[-1].choose == (
        CloseTerms("uneconomic", Between("balance", None, 10000, "EUR")),
        HandOverTerms("pre_litigation", Approval("admin")),
    )


def test_the_example_says_what_may_be_granted() -> None:
    """R11, R12, R13, R14."""
    terms = EXAMPLE_CAMPAIGN.agreements
    assert terms.promise == PromiseTerms(days(15), days(3), 2)
    assert terms.plan == PlanTerms(4, days(15), Duration(1, Unit.MONTH), 2000)
    assert terms.deferral == DeferralTerms(days(30), 1)
    assert terms.settlement == SettlementTerms(Between("overdue", 365, None), 70, Approval("manager"))
    assert terms.ceiling == days(90)
    assert terms.after_answer == Duration(5, Unit.BUSINESS_DAY)
    longer = load_text(edited(("ceiling: 90d", "ceiling: 90d\n  after_answer: 8 business days"))).campaign
    assert longer.agreements.after_answer == Duration(8, Unit.BUSINESS_DAY)


def test_the_example_says_what_stops_and_slows_it() -> None:
    campaign = EXAMPLE_CAMPAIGN
    assert campaign.limits == Limits(20.0, 5000, 25000, "EUR")
    assert campaign.guards[0] == Guard("complaint_rate", 3.0, days(1), 200, "pause")
    assert campaign.guards[2].window == Duration(1, Unit.HOUR)
    assert (campaign.pause.on_resume, campaign.pause.ramp) == (OnResume.SHIFT, Duration(30, Unit.MINUTE))
    assert campaign.mode is Mode.OBSERVE


def test_the_example_says_what_moves_the_voice() -> None:
    """R4."""
    assert EXAMPLE_CAMPAIGN.voice == (
        VoiceMove(OneOf("marks", frozenset({"good_payer"})), soften=1),
        VoiceMove(Between("promises_broken", 1, None), firm=1),
        VoiceMove(OneOf("marks", frozenset({"hardship"})), use=Voice.LISTENING),
    )


def test_reactions_bear_the_names_of_events() -> None:
    reactions = EXAMPLE_CAMPAIGN.reactions
    assert set(reactions) == {
        "promise.broken", "payment.partial", "payment.full", "dispute.opened", "hardship.declared",
    }  # fmt: skip
    assert reactions["payment.full"].close == "paid"
    assert reactions["dispute.opened"].task == "answer_dispute"
    assert reactions["promise.broken"].within == Duration(1, Unit.BUSINESS_DAY)


def test_a_step_keeps_its_condition_its_addressees_and_its_offers() -> None:
    """R42."""
    added = "    after: 10d\n    if: {sector: [hotels]}\n    to: accounts_payable\n    copy: [finance, owner]\n#"
    step = load_text(edited(("    after: 10d", added))).campaign.steps[2]
    assert step.if_ == OneOf("sector", frozenset({"hotels"}))
    assert (step.to, step.copy) == (Role.ACCOUNTS_PAYABLE, (Role.FINANCE, Role.OWNER))
    assert step.send is not None
    assert step.send.offer == ("plan", "deferral")


def test_a_call_keeps_its_rank_and_its_time() -> None:
    """R38."""
    said = "{script: first-call, to: finance, priority: 3, within: 4h}"
    call = load_text(SHORTEST.replace("{script: first-call, to: finance}", said)).campaign.steps[0].call
    assert call == CallTerms("first-call", Role.FINANCE, Duration(4, Unit.HOUR), 3)


def test_a_wait_for_confirmation_is_kept() -> None:
    text = edited(("{undelivered: true}", "{undelivered: no, unconfirmed_for: 48h}"))
    step = load_text(text).campaign.steps[1]
    assert step.next_channel_when == NextChannel(undelivered=False, unconfirmed_for=Duration(48, Unit.HOUR))


def test_a_reaction_may_name_its_channels() -> None:
    before = "payment.partial: {send: {template: thanks-remaining, voice: courteous}}"
    text = edited((before, before[:-1] + ", channel: [{use: [email]}]}"))
    assert load_text(text).campaign.reactions["payment.partial"].channel == (ChannelLine((Use.EMAIL,)),)


def test_the_terms_of_a_pause_are_kept() -> None:
    text = edited(("on_resume: shift", "on_resume: keep"), ("max_age: 7d", "max_age: 3d"))
    assert load_text(text).campaign.pause == PauseTerms(OnResume.KEEP, days(3), Duration(30, Unit.MINUTE))


def test_a_mode_is_kept() -> None:
    assert load_text(edited(("mode: observe", "mode: confirm"))).campaign.mode is Mode.CONFIRM


SHORTEST = """
campaign: tiny
title: Le plus court
policy: fr-own-b2b
priority: 1
audience: {debtor: business}
steps:
  - id: call
    at: due
    call: {script: first-call, to: finance}
  - id: block
    after: 3 business days
    request: {action: block_orders, approve: {by: manager}}
"""


def test_what_is_left_out_keeps_the_default_of_the_domain() -> None:
    campaign = load_text(SHORTEST).campaign
    bare = Campaign(id="", title="", policy="", priority=0, audience=ALWAYS, steps=())
    for name in ("gap", "limits", "agreements", "mode", "pause", "guards", "voice", "creditors", "anchor"):
        assert getattr(campaign, name) == getattr(bare, name), name


def test_calls_and_requests_are_steps() -> None:
    """R38, R49."""
    call, block = load_text(SHORTEST).campaign.steps
    assert call.call is not None
    assert block.request is not None
    assert (call.at, call.call.script, call.call.to) == (Offset(days(0)), "first-call", "finance")
    assert (block.request.action, block.request.approve.by) == ("block_orders", "manager")


def test_a_list_of_creditors_is_kept() -> None:
    text = edited(("creditor: any ", "creditor: [acme-telecom, syndic-lilas] "))
    assert load_text(text).campaign.creditors == ("acme-telecom", "syndic-lilas")


@pytest.mark.parametrize("written, per_second", [("20/s", 20.0), ("600/min", 10.0), ("3600/h", 1.0), ("90 / min", 1.5)])
def test_a_rate_may_count_in_seconds_minutes_or_hours(written: str, per_second: float) -> None:
    assert load_text(edited(("20/s", written))).campaign.limits.per_second == per_second


@pytest.mark.parametrize(
    "written, offset",
    [
        ("due + 5d", days(5)),
        ("due+5d", days(5)),
        ("due - 2w", Duration(-2, Unit.WEEK)),
        ("due", days(0)),
        ("due + 3 business days", Duration(3, Unit.BUSINESS_DAY)),
    ],
)
def test_a_first_step_may_stand_on_any_day_from_due(written: str, offset: Duration) -> None:
    text = SHORTEST.replace("at: due\n", f"at: {written}\n")
    assert load_text(text).campaign.steps[0].at == Offset(offset)


# ------------------------------------------------------------------------------------------ the hash


def test_comments_and_order_do_not_change_a_release() -> None:
    head, policy, rest = EXAMPLE_TEXT.partition("policy: fr-own-b2c                 # ")
    moved = f"{policy}\n{head}# another comment {rest}"
    assert load_text(moved).campaign.release == EXAMPLE_CAMPAIGN.release


def test_any_change_of_sense_changes_the_release() -> None:
    assert load_text(edited(("gap: 5d", "gap: 6d"))).campaign.release != EXAMPLE_CAMPAIGN.release


def test_the_words_are_part_of_the_release_in_any_order() -> None:
    """Semantics B13: a release is the content of the campaign and of its templates."""
    one, two = ("reminder", b"Bonjour"), ("thanks", b"Merci")
    both = released(EXAMPLE_CAMPAIGN, [one, two]).release
    assert both == released(EXAMPLE_CAMPAIGN, [two, one]).release
    assert len({both, released(EXAMPLE_CAMPAIGN, [one]).release, EXAMPLE_CAMPAIGN.release}) == 3
    assert both != released(EXAMPLE_CAMPAIGN, [("reminder", b"Merci"), ("thanks", b"Bonjour")]).release


def test_a_release_is_a_sha256_in_hex() -> None:
    assert len(bytes.fromhex(EXAMPLE_CAMPAIGN.release)) == 32


def test_a_release_does_not_depend_on_an_earlier_one() -> None:
    assert released(EXAMPLE_CAMPAIGN).release == EXAMPLE_CAMPAIGN.release


def test_words_of_a_list_are_hashed_in_one_order() -> None:
    """Two machines hash the same file alike: sets are sorted."""
    text = edited(("marks: [vulnerable, deceased]", "marks: [f, b, d, a, e, c, g]"))
    assert b'["a","b","c","d","e","f","g"]' in canonical(load_text(text).campaign)
