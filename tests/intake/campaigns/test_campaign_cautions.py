"""What looks like a mistake in a campaign, but may be meant, is said with its place and refuses nothing."""

import pytest

from tests.intake.campaigns.campaign_fixtures import EXAMPLE, edited, load, load_text

_CHOOSE_LAST = "      - {hand_over: pre_litigation, approve: {by: admin}}"

_SAID = [
    (
        ("    after: 10d   ", "    after: 3d   "),
        "gap_defers",
        ('c.yaml:41:12: steps[2].after ("reminder-2"): this is 3d after the step before, and the gap is 5d: it will '
        "leave after 5d (lengthen it, or shorten gap:)"),
    ),
    (
        ("    after: 10d   ", "    at: due + 8d   "),
        "gap_defers",
        ('c.yaml:41:9: steps[2].at ("reminder-2"): this is 3d after the step before, and the gap is 5d: it will '
        "leave after 5d (lengthen it, or shorten gap:)"),
    ),
    (
        ("    expires: 4d ", "    expires: 9d "),
        "late_notice",
        ('c.yaml:24:5: steps[0] ("notice"): this step is meant before the due date, and may leave after it '
        "(add an expires: no longer than the days before the due date)"),
    ),
    (
        ("    expires: 4d ", "    "),
        "late_notice",
        ('c.yaml:24:5: steps[0] ("notice"): this step is meant before the due date, and may leave after it '
        "(add an expires: no longer than the days before the due date)"),
    ),
    (
        ("      - {use: [email, sms, letter]}\n", ""),
        "no_channel",
        ('c.yaml:35:9: steps[1].channel[0] ("reminder-1"): the last line has a condition: a case that fits none has '
        "no channel (add a last line without if:)"),
    ),
    (
        ("use: [registered]", "use: [registered, letter]"),
        "weak_proof",
        ('c.yaml:55:34: steps[4].channel[0].use[1] ("formal-notice"): a formal notice by letter proves less, and a '
        "person must approve each (keep registered alone)"),
    ),
    (
        ("{undelivered: true}", "{unconfirmed_for: 48h}"),
        "unconfirmed_for",
        ('c.yaml:37:42: steps[1].next_channel_when.unconfirmed_for ("reminder-1"): this works only on lanes whose '
        "provider confirms delivery (check the lanes, or keep undelivered: yes alone)"),
    ),
    (
        ("instalments: {to: 4}", "instalments: {to: 6}"),
        "ceiling_defers",
        ("c.yaml:71:28: agreements.plan.instalments.to: 6 instalments take 150 days, and the ceiling is 90 (beyond it "
        "a person decides)"),
    ),
    (
        (_CHOOSE_LAST, "      - {if: {balance: {from: 100 EUR}}, close: kept}"),
        "open_end",
        ('c.yaml:58:5: steps[5] ("outcome"): a case that fits no line here stays open with nothing left to do (end '
        "with choose: and a last line without if:, such as {close: uneconomic})"),
    ),
]  # fmt: skip


@pytest.mark.parametrize("edit, code, said", _SAID, ids=lambda value: value if isinstance(value, str) else "")
def test_a_caution_says_its_place_and_its_remedy(edit: tuple[str, str], code: str, said: str) -> None:
    (caution,) = load_text(edited(edit)).cautions
    assert (caution.code, str(caution)) == (code, said)


def test_the_example_raises_no_caution() -> None:
    assert load(EXAMPLE).cautions == ()


def test_a_ladder_that_ends_in_a_message_stays_open() -> None:
    start = EXAMPLE.read_text("utf-8").index("  - id: outcome")
    text = EXAMPLE.read_text("utf-8")
    shorter = text[:start] + text[text.index("voice:    ") :]
    (caution,) = load_text(shorter).cautions
    assert (caution.code, caution.path) == ("open_end", 'steps[4] ("formal-notice")')
    assert "nothing left to do" in caution.message


def test_a_campaign_without_tests_is_noticed() -> None:
    text = EXAMPLE.read_text("utf-8")
    (caution,) = load_text(text[: text.index("tests:   ")]).cautions
    assert (caution.code, caution.where) == ("no_tests", "c.yaml:3:1")


def test_an_end_that_depends_on_its_step_is_open() -> None:
    (caution,) = load_text(edited(("    choose:\n", "    if: {debtor: individual}\n    choose:\n"))).cautions
    assert caution.code == "open_end"


def test_a_reaction_whose_channels_all_have_conditions_is_noticed() -> None:
    before = "payment.partial: {send: {template: thanks-remaining, voice: courteous}}"
    after = before[:-1] + ", channel: [{if: {phone: yes}, use: [sms]}]}"
    (caution,) = load_text(edited((before, after))).cautions
    assert (caution.code, caution.path) == ("no_channel", "reactions.payment.partial.channel[0]")


def test_an_end_needs_no_gap() -> None:
    assert load_text(edited(("    after: 20d\n", "    after: 1d\n"))).cautions == ()


def test_a_notice_may_leave_until_the_due_date() -> None:
    assert load_text(edited(("    expires: 4d ", "    expires: 5d "))).cautions == ()
