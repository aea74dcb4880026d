"""Laws of `apply`: facts that do not depend on each other may come in any order, and twice (R18, semantics D5)."""

import random
from datetime import date, datetime, timedelta

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from channels.contract import Channel, DeliveryStatus
from orchestrator.domain import events as ev
from orchestrator.domain.apply import apply, apply_all
from orchestrator.domain.case import Case
from orchestrator.domain.contact import ContactPoint, Fault, PointKind, PostalAddress, Role
from orchestrator.domain.own_points import OwnPoint
from tests.builders import a_case, a_debt, a_debtor, instant
from tests.domain import facts

START = instant("2026-03-01 08:00")


@st.composite
def independent_facts(draw: st.DrawFn) -> list[ev.Event]:
    """Facts of many kinds, each at an instant of its own, none of which another one presupposes."""
    found: list[ev.Event] = []
    for minute in range(draw(st.integers(1, 14))):
        at = f"{START + timedelta(minutes=minute):%Y-%m-%d %H:%M}"
        number, day = draw(st.integers(1, 3)), f"2026-03-0{draw(st.integers(1, 9))}"
        found.append(draw(st.sampled_from(_kinds(at, minute, number, day))))
    return found


def _kinds(at: str, minute: int, number: int, day: str) -> list[ev.Event]:
    """One fact of each kind. What may be said only once of a thing is named by `minute`, the rest by `number`."""
    when = instant(at)
    return [
        facts.paid(100 * number, "F-1", on=day, pid=f"P-{minute}", at=at),
        ev.PaymentReversed(
            id=f"reversed:{minute}", at=when, payment_id=f"P-{minute - 1}", on=date.fromisoformat(day), code="AM04"
        ),
        facts.recorded(
            a_debt(f"F-{number}", cents=1000 + minute, as_of=date(2026, 3, 1) + timedelta(days=minute)), at=at
        ),
        ev.DebtorRecorded(id=f"debtor:{at}", at=when, debtor=a_debtor(name=f"Nom {minute}")),
        ev.ClaimInterrupted(id=f"int:{at}", at=when, reference="F-1", how="payment", on=date.fromisoformat(day)),
        ev.PointMarked(id=f"point:{at}", at=when, kind=PointKind.EMAIL, value=f"a{number}@example.org", fault=None),
        ev.PointMarked(
            id=f"bad:{at}", at=when, kind=PointKind.EMAIL, value=f"a{number}@example.org", fault=Fault.BOUNCED
        ),
        ev.PointAdded(id=f"added:{at}", at=when, own=_own(number, when)),
        ev.PointAdded(id=f"moved:{at}", at=when, own=_own_address(minute, when)),
        facts.opted_out("sms", at=at),
        ev.OptedIn(id=f"in:{at}", at=when, channel=Channel.SMS),
        facts.marked(f"mark-{number}", at=at),
        facts.unmarked(f"mark-{number}", at=at),
        facts.held(since=at, hid=f"H-{minute}"),
        facts.lifted(f"H-{minute - number}", at=at),
        facts.promised(100, due="2026-03-20", at=at, pid=f"PR-{minute}"),
        facts.disputed("F-1", at=at, hid=f"D-{minute}"),
        facts.resolved(f"D-{minute - number}", at=at),
        facts.in_hardship(at=at, hid=f"HS-{minute}"),
        facts.wrote("other", at=at),
        facts.gone(f"step-{minute}", at=at),
        facts.reported(f"CASE000001:1:step-{number}:1", DeliveryStatus.DELIVERED, at=at),
        facts.reported(f"CASE000001:1:step-{number}:1", DeliveryStatus.BOUNCED, at=at),
        ev.CallMade(id=f"call:{at}", at=when),
        ev.AnswerWritten(id=f"answer:{at}", at=when, channel=Channel.SMS, words="Bonjour", reply_id=f"r{number}"),
        facts.approved(f"step-{number}", 100 * minute, at=at),
    ]


def _own(number: int, at: datetime) -> OwnPoint:
    return OwnPoint(role=Role.SELF, point=ContactPoint(PointKind.EMAIL, f"a{number}@example.org"), at=at)


def _own_address(minute: int, at: datetime) -> OwnPoint:
    """Each stands for all before it, as the act makes it."""
    known = a_debtor().address
    before = [PostalAddress((f"{n} rue du Lac",), "75002", "PARIS", "FR") for n in range(minute)]
    return OwnPoint(
        role=Role.SELF, name="Jeanne Dupont", point=ContactPoint(PointKind.POST, ""), at=at,
        address=PostalAddress((f"{minute} rue du Lac",), "75002", "PARIS", "FR"),
        replaces=tuple(filter(None, (known, *before))),
    )  # fmt: skip


@given(independent_facts(), st.randoms(use_true_random=False))
def test_independent_facts_in_any_order_give_one_case(found: list[ev.Event], shuffle: random.Random) -> None:
    other = list(found)
    shuffle.shuffle(other)
    assert apply_all(a_case(), other) == apply_all(a_case(), found)


@given(independent_facts(), st.data())
def test_the_same_fact_twice_changes_nothing(found: list[ev.Event], data: st.DataObject) -> None:
    once = apply_all(a_case(), found)
    again = data.draw(st.sampled_from(found))
    assert apply(once, again) == once
    assert apply_all(a_case(), (fact for each in found for fact in (each, each))) == once


@given(independent_facts())
def test_a_case_survives_its_json(found: list[ev.Event]) -> None:
    case = apply_all(a_case(), found)
    assert msgspec.json.decode(msgspec.json.encode(case), type=Case) == case


@given(independent_facts())
def test_a_fact_survives_its_json(found: list[ev.Event]) -> None:
    for fact in found:
        assert msgspec.json.decode(msgspec.json.encode(fact), type=ev.Event) == fact
        assert ev.type_of(fact) == msgspec.json.decode(msgspec.json.encode(fact))["type"]


@given(independent_facts())
def test_what_is_keyed_is_sorted_and_unique(found: list[ev.Event]) -> None:
    case = apply_all(a_case(), found)
    for ids in (
        [p.id for p in case.payments],
        [h.id for h in case.holds],
        [p.id for p in case.promises],
        [d.message_id for d in case.departures],
        [d.reference for d in case.debts],
        [s.key for s in case.marks],
    ):
        assert len(set(ids)) == len(ids)
    assert [d.at for d in case.departures] == sorted(d.at for d in case.departures)
    assert [d.due_on for d in case.debts] == sorted(d.due_on for d in case.debts)
