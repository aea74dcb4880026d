"""What must never happen (design 13), recounted from the journal of a rehearsal by arithmetic of its own."""

from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from channels.contract import Channel
from orchestrator.domain.agreement import Promise
from orchestrator.domain.campaign import DocumentKind, Purpose
from orchestrator.domain.case import Case
from orchestrator.domain.events import (
    DebtRecorded,
    DeliveryReported,
    DisputeOpened,
    DisputeResolved,
    HoldLifted,
    MessageLeft,
    OptedOut,
    PaymentReceived,
    PromiseBroken,
    PromiseKept,
    PromiseMade,
)
from orchestrator.simulator.portfolio import START
from tests.simulator.runs import Played

# Of each pack that a case may follow: hours between two demands of one person, and how many in seven days.
GAPS = {"fr-own-b2c": 72, "fr-own-b2b": 48, "fr-3p-b2c": 72, "fr-3p-b2b": 48}
IN_SEVEN_DAYS = {"fr-own-b2c": 2, "fr-own-b2b": 3, "fr-3p-b2c": 2, "fr-3p-b2b": 3}
ZONES = {
    "971": "America/Guadeloupe", "972": "America/Martinique", "973": "America/Cayenne", "974": "Indian/Reunion",
    "975": "America/Miquelon", "976": "Indian/Mayotte",
}  # fmt: skip
Histories = list[tuple[Case, list[object]]]

PROVED_UNDELIVERED = ("undelivered", "bounced", "returned", "failed", "lost", "unknown_address")


@pytest.fixture(scope="module")
def histories(sixty_days: Played) -> Histories:
    """Each case with its facts, in the order in which they were known."""
    return [(case, [line.fact for line in sixty_days.lines(case)]) for case in sixty_days.cases()]


def demands(facts: list[object]) -> list[MessageLeft]:
    return [fact for fact in facts if isinstance(fact, MessageLeft) and fact.purpose is Purpose.DEMAND]


def test_the_run_says_enough_to_be_judged(histories: Histories) -> None:
    facts = [fact for _, case_facts in histories for fact in case_facts]
    assert len(demands(facts)) > 150
    for kind in (OptedOut, DisputeOpened, PromiseBroken, PaymentReceived):
        assert sum(isinstance(fact, kind) for fact in facts) >= 3, kind


def test_no_two_demands_reach_a_person_within_the_gap_nor_too_many_in_a_week(
    histories: Histories, sixty_days: Played
) -> None:
    persons = sixty_days.persons()
    reached: dict[str, list[tuple[datetime, str]]] = {}
    for case, facts in histories:
        failed = {
            fact.message_id
            for fact in facts
            if isinstance(fact, DeliveryReported) and fact.status.value in PROVED_UNDELIVERED
        }
        policy = case.cycle.policy if case.cycle else ""
        kept = [(d.at, policy) for d in demands(facts) if d.message_id not in failed]
        reached.setdefault(persons[case.id], []).extend(kept)
    assert any(len(times) >= 3 for times in reached.values())
    for times in reached.values():
        ordered = sorted(times)
        for (before, _), (after, policy) in pairwise(ordered):
            assert after - before >= timedelta(hours=GAPS[policy])
        for at, policy in ordered:
            week = [other for other, _ in ordered if timedelta() <= at - other < timedelta(days=7)]
            assert len(week) <= IN_SEVEN_DAYS[policy]


def test_nothing_is_demanded_once_all_is_paid(histories: Histories) -> None:
    for _, facts in histories:
        balance = 0
        for fact in facts:
            if isinstance(fact, DebtRecorded):
                balance += fact.debt.open_cents
            elif isinstance(fact, PaymentReceived):
                balance -= fact.payment.amount_cents
            elif isinstance(fact, MessageLeft) and fact.purpose is Purpose.DEMAND:
                assert balance > 0, fact.message_id


def test_a_demand_asks_for_no_more_than_is_open(histories: Histories) -> None:
    for _, facts in histories:
        open_cents: dict[str, int] = {}
        paid = 0
        for fact in facts:
            if isinstance(fact, DebtRecorded):
                open_cents[fact.debt.reference] = fact.debt.open_cents
            elif isinstance(fact, PaymentReceived):
                paid += fact.payment.amount_cents
            elif isinstance(fact, MessageLeft) and fact.kind is DocumentKind.REMINDER:
                assert set(fact.references) <= set(open_cents)
                assert fact.amount_cents <= sum(open_cents.values()) - paid


def test_nothing_by_sms_or_email_reaches_anybody_at_night_or_on_a_sunday(histories: Histories) -> None:
    overseas = 0
    for case, facts in histories:
        address = case.debtor.address
        zone = ZONES.get(address.postcode[:3], "Europe/Paris") if address else "Europe/Paris"
        for fact in facts:
            if not isinstance(fact, MessageLeft) or fact.channel is Channel.LETTER:
                continue
            overseas += zone != "Europe/Paris"
            local = fact.at.astimezone(ZoneInfo(zone))
            is_sms_to_a_person = fact.channel is Channel.SMS and case.debtor.status.is_individual
            assert (9 if is_sms_to_a_person else 8) <= local.hour < (19 if is_sms_to_a_person else 20)
            assert local.weekday() < (6 if case.debtor.status.is_individual else 5)
    assert overseas >= 5


def test_nothing_leaves_on_a_channel_that_was_closed(histories: Histories) -> None:
    closed_channels = 0
    for _, facts in histories:
        closed: set[Channel] = set()
        for fact in facts:
            if isinstance(fact, OptedOut):
                closed.add(fact.channel)
            elif isinstance(fact, MessageLeft):
                assert fact.channel not in closed
        closed_channels += len(closed)
    assert closed_channels


def test_no_demand_names_a_debt_that_is_disputed_whole(histories: Histories) -> None:
    for _, facts in histories:
        disputed: dict[str, str] = {}
        for fact in facts:
            if isinstance(fact, DisputeOpened) and fact.hold.amount_cents is None:
                disputed |= dict.fromkeys(fact.hold.references, fact.hold.id)
            elif isinstance(fact, DisputeResolved | HoldLifted):
                disputed = {ref: hold for ref, hold in disputed.items() if hold != fact.hold_id}
            elif isinstance(fact, MessageLeft) and fact.purpose is Purpose.DEMAND:
                assert disputed.keys().isdisjoint(fact.references)


def test_while_a_promise_runs_its_debts_are_not_demanded_and_its_end_is_noticed_that_day(histories: Histories) -> None:
    broken = 0
    for _, facts in histories:
        running: dict[str, Promise] = {}
        for fact in facts:
            if isinstance(fact, PromiseMade):
                running[fact.promise.id] = fact.promise
            elif isinstance(fact, PromiseKept):
                running.pop(fact.promise_id)
            elif isinstance(fact, PromiseBroken):
                promise = running.pop(fact.promise_id)
                last = promise.due_on + timedelta(days=promise.grace_days)
                assert last <= fact.at.date() <= last + timedelta(days=1), "noticed late"
                broken += 1
            elif isinstance(fact, MessageLeft) and fact.purpose is Purpose.DEMAND:
                held = {reference for promise in running.values() for reference in promise.references}
                assert held.isdisjoint(fact.references)
    assert broken


def test_a_collector_writes_its_letter_before_anything_else(histories: Histories) -> None:
    collected = 0
    for case, facts in histories:
        if case.creditor != "syndic-lilas":
            continue
        left = [fact for fact in facts if isinstance(fact, MessageLeft)]
        asked = demands(facts)
        if asked:
            collected += 1
            assert asked[0].kind is DocumentKind.R124_4_LETTER
            assert all(d.at - asked[0].at >= timedelta(days=3) for d in asked[1:])
        assert not any(d.purpose is Purpose.DEMAND and d.at < asked[0].at for d in left)
    assert collected >= 10


def test_a_formal_notice_follows_a_reminder_of_each_debt_that_it_claims(histories: Histories) -> None:
    notices = 0
    for case, facts in histories:
        reminded = {debt.reference for debt in case.debts if debt.history and debt.history.last_contact_on}
        for demand in demands(facts):
            if demand.kind is DocumentKind.FORMAL_NOTICE:
                notices += 1
                assert set(demand.references) <= reminded
            reminded |= set(demand.references)
    assert notices


def test_each_message_leaves_once(histories: Histories) -> None:
    for case, facts in histories:
        ids = [fact.message_id for fact in facts if isinstance(fact, MessageLeft)]
        assert len(ids) == len(set(ids)), case.id


def test_the_run_lies_where_every_legal_rate_is_known(sixty_days: Played) -> None:
    assert date(2026, 1, 1) <= START
    assert sixty_days.until.date() <= date(2026, 6, 30)
