"""A debt that joins a case whose others are held: a late step is never the first it hears of (semantics A4)."""

from channels.contract import DeliveryStatus
from orchestrator.domain.campaign import DocumentKind, Purpose, Use
from orchestrator.domain.decision import Send
from orchestrator.domain.policy import FormalNoticeRule, PrescriptionRule
from orchestrator.domain.voice import Voice
from tests.builders import a_campaign, a_case, a_debt, a_step
from tests.domain import facts
from tests.domain.packs import a_rule, ruled_by
from tests.domain.stories import asked, live, sends

LADDER = (
    a_step("first", at="5d"),
    a_step("second", after="10d", voice=Voice.FACTUAL),
    a_step("last", after="13d", voice=Voice.FIRM, kind=DocumentKind.LAST_REMINDER),
    a_step("after", after="10d", voice=Voice.FIRM),
)
NEWCOMER = a_debt("F-2", due="2026-03-16")


def told(*more: object) -> list[tuple[str, Send]]:
    case = a_case(a_debt("F-1"))
    moments = live(case, a_campaign(*LADDER), facts=more, days=120)  # type: ignore[arg-type]  # facts of a story
    return [(f"{at:%m-%d}", send) for at, send in sends(moments) if send.purpose is Purpose.DEMAND]


def test_a_newcomer_alone_is_reminded_before_the_last_reminder_speaks_of_it() -> None:
    disputed = facts.disputed("F-1", at="2026-03-20 10:00")
    messages = told(facts.recorded(NEWCOMER, at="2026-03-19 08:00"), disputed)
    kinds = [(send.kind, send.references) for _, send in messages]
    first = next(send for _, send in messages if "F-2" in send.references)
    assert (first.kind, first.voice, first.step) == (DocumentKind.REMINDER, Voice.COURTEOUS, "first-reminder:F-2")
    assert kinds.index((DocumentKind.REMINDER, ("F-2",))) < kinds.index((DocumentKind.LAST_REMINDER, ("F-2",)))
    assert [step for _, send in messages if (step := send.step).startswith("first-reminder")] == [first.step], "once"


def test_beside_debts_that_were_reminded_a_newcomer_changes_no_step() -> None:
    messages = told(facts.recorded(NEWCOMER, at="2026-03-19 08:00"))
    assert [send.step for _, send in messages] == ["first", "second", "last", "after"]


def test_a_formal_notice_waits_for_the_reminder_of_a_newcomer_too() -> None:
    notice = a_step("notice", after="13d", voice=Voice.FORMAL)
    disputed = facts.disputed("F-1", at="2026-03-20 10:00")
    moments = live(
        a_case(a_debt("F-1")), a_campaign(*LADDER[:2], notice), days=120,
        facts=[facts.recorded(NEWCOMER, at="2026-03-19 08:00"), disputed],
    )  # fmt: skip
    assert [(send.step, send.references) for _, send in sends(moments)][-2:] == [
        ("first-reminder:F-2", ("F-2",)),
        ("notice", ("F-2",)),
    ]


def test_a_first_reminder_that_does_not_arrive_takes_each_channel_once_then_a_person_is_asked() -> None:
    name = "CASE000001:1:first-reminder:F-2"
    lost = [
        facts.reported(f"{name}:{n}", DeliveryStatus.FAILED, at=f"2026-{day} 16:00", channel=channel)
        for n, day, channel in ((1, "03-30", "email"), (2, "03-30", "sms"), (3, "04-03", "letter"))
    ]
    disputed = facts.disputed("F-1", at="2026-03-20 10:00")
    moments = live(
        a_case(a_debt("F-1")), a_campaign(*LADDER), days=120,
        facts=[facts.recorded(NEWCOMER, at="2026-03-19 08:00"), disputed, *lost],
    )  # fmt: skip
    uses = [send.use for _, send in sends(moments) if send.step.startswith("first-reminder")]
    assert len(uses) == len(set(uses)), uses
    assert uses[0] is Use.EMAIL
    assert any(task.startswith("unreachable first-reminder:F-2") for task in asked(moments))


def test_a_newcomer_beside_a_reminded_debt_that_is_time_barred_is_reminded_and_the_notice_follows() -> None:
    """Only the newcomer may still be demanded: the notice would wait for its reminder for ever."""
    book = ruled_by(
        a_rule(PrescriptionRule, "T-PRE", months=24),
        a_rule(FormalNoticeRule, "T-NOTICE", deadline_days_from=0, deadline_days_to=30),
    )
    notice = a_step("notice", after="13d", voice=Voice.FORMAL, kind=DocumentKind.FORMAL_NOTICE)
    moments = live(
        a_case(a_debt("F-1", due="2024-03-18")), a_campaign(*LADDER[:2], notice), book=book, start="2026-03-02 08:00",
        facts=[facts.recorded(NEWCOMER, at="2026-03-10 08:00")], days=60,
    )  # fmt: skip
    assert [(send.step, send.references) for _, send in sends(moments)][-2:] == [
        ("first-reminder:F-2", ("F-2",)),
        ("notice", ("F-2",)),
    ]
