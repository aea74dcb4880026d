"""What counts: each fact that says something new of a message or a case, and once."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from channels.contract import Channel
from channels.contract import DeliveryStatus as Status
from orchestrator.domain import events as ev
from orchestrator.domain.agreement import Hold, HoldKind
from orchestrator.domain.apply import apply
from orchestrator.domain.campaign import DocumentKind, Purpose, Use
from orchestrator.domain.case import Case
from orchestrator.domain.meter import Metric, Tally, count
from orchestrator.domain.voice import Voice
from tests.builders import a_case

AT = datetime(2026, 3, 10, 9, tzinfo=UTC)
ENTERED = ev.CampaignEntered(
    id="entered", at=AT, campaign="b2c", release="r1", policy="p", cycle=1, step_index=0, anchors=("F-1",),
    anchor_due_on=date(2026, 3, 2),
)  # fmt: skip
LEFT = ev.MessageLeft(
    id="left:1", at=AT, by="sms-1", message_id="m1", step="reminder-1", cycle=1, ordinal=1, channel=Channel.SMS,
    use=Use.SMS, voice=Voice.COURTEOUS, template="t", kind=DocumentKind.REMINDER, purpose=Purpose.DEMAND, cost_cents=12,
)  # fmt: skip


def counted(*facts: ev.Event, case: Case | None = None) -> dict[str, int]:
    """By `lane metric`."""
    case, tally = case or a_case(facts=(ENTERED,)), Tally()
    for fact in facts:
        count(case, fact, tally)
        case = apply(case, fact)
    assert {campaign for campaign, _, _ in tally} <= {"b2c"}
    return {f"{lane} {metric.value}".strip(): number for (_, lane, metric), number in tally.items()}


def told(status: Status, message_id: str = "m1", **changes: Any) -> ev.DeliveryReported:
    fact = ev.DeliveryReported(
        id=f"{message_id}:{status}", at=AT, by="sms-1", message_id=message_id, channel=Channel.SMS, status=status
    )
    return replace(fact, **changes)


def dispute(hold_id: str = "h1") -> ev.DisputeOpened:
    return ev.DisputeOpened(id=f"dispute:{hold_id}", at=AT, hold=Hold(id=hold_id, kind=HoldKind.DISPUTE, since=AT))


def test_a_departure_counts_with_its_cost_on_its_lane() -> None:
    assert counted(LEFT) == {"sms-1 left": 1, "sms-1 cost_cents": 12}


def test_one_in_doubt_counts_as_left_and_one_only_observed_does_not() -> None:
    assert counted(replace(LEFT, is_in_doubt=True, cost_cents=0)) == {"sms-1 left": 1}
    assert counted(replace(LEFT, is_observed=True)) == {}


@pytest.mark.parametrize(
    "status, metrics",
    [
        (Status.BOUNCED, ["bounced", "undelivered"]),
        (Status.RETURNED, ["bounced", "undelivered"]),
        (Status.UNKNOWN_ADDRESS, ["bounced", "undelivered"]),
        (Status.UNDELIVERED, ["undelivered"]),
        (Status.FAILED, ["undelivered"]),
        (Status.LOST, ["undelivered"]),
        (Status.COMPLAINED, ["complained"]),
        (Status.DELIVERED, []),
        (Status.UNKNOWN, []),
    ],
)
def test_a_receipt_counts_for_what_it_proves(status: Status, metrics: list[str]) -> None:
    assert counted(LEFT, told(status)) == {
        "sms-1 left": 1, "sms-1 cost_cents": 12, **{f"sms-1 {name}": 1 for name in metrics}
    }  # fmt: skip


def test_one_failure_told_in_two_words_counts_once_and_two_messages_twice() -> None:
    assert counted(told(Status.FAILED), told(Status.UNDELIVERED))["sms-1 undelivered"] == 1
    assert counted(told(Status.FAILED), told(Status.FAILED, "m2"))["sms-1 undelivered"] == 2


def test_a_channel_closed_twice_counts_once_and_again_after_it_was_opened() -> None:
    stop = ev.OptedOut(id="o1", at=AT, by="debtor", channel=Channel.SMS)
    opened = ev.OptedIn(id="i1", at=AT.replace(hour=10), channel=Channel.SMS)
    assert counted(stop, replace(stop, id="o2")) == {"opted_out": 1}
    assert counted(stop, opened, replace(stop, id="o3", at=AT.replace(hour=11))) == {"opted_out": 2}


def test_a_dispute_counts_once_for_each_hold() -> None:
    assert counted(dispute(), replace(dispute(), id="again"), dispute("h2")) == {"disputed": 2}


def test_what_no_campaign_caused_is_nobodys() -> None:
    stop = ev.OptedOut(id="o1", at=AT, channel=Channel.SMS)
    assert counted(stop, dispute(), case=a_case()) == {}


def test_other_facts_count_for_nothing() -> None:
    assert counted(ev.Marked(id="m", at=AT, mark="vulnerable")) == {}


def test_metrics_are_stored_under_stable_names() -> None:
    names = "left bounced undelivered complained opted_out disputed cost_cents"
    assert [metric.value for metric in Metric] == names.split()
