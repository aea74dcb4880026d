"""Invented debtors: seeded draws that hang on nothing else, and deeds that stay possible as the case changes."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.contract import Channel, DeliveryStatus
from orchestrator.domain.account import account_of
from orchestrator.domain.agreement import HoldKind, HoldScope
from orchestrator.domain.apply import apply, apply_all
from orchestrator.domain.campaign import DocumentKind, Purpose, Use
from orchestrator.domain.case import Case, Departure
from orchestrator.domain.contact import DebtorStatus
from orchestrator.domain.debt import Payment
from orchestrator.domain.events import Marked, OptedOut, PaymentReceived, PointMarked, PromiseMade
from orchestrator.domain.voice import Voice
from orchestrator.simulator.debtor_facts import facts_of
from orchestrator.simulator.debtors import SimulatedDebtors
from orchestrator.simulator.deeds import Deed, DeedKind
from orchestrator.simulator.profiles import PROFILES
from tests.builders import a_case, a_debt, a_debtor

AT = datetime(2026, 3, 10, 9, tzinfo=UTC)
MANY = range(400)


def a_departure(case: Case, number: int = 1, **changes: object) -> Departure:
    fields: dict[str, object] = {
        "message_id": f"{case.id}:1:reminder-{number}:1",
        "step": f"reminder-{number}",
        "cycle": 1,
        "ordinal": 1,
        "channel": Channel.EMAIL,
        "use": Use.EMAIL,
        "voice": Voice.COURTEOUS,
        "template": "reminder",
        "kind": DocumentKind.REMINDER,
        "purpose": Purpose.DEMAND,
        "at": AT,
        "references": tuple(debt.reference for debt in case.debts),
    }
    return Departure(**{**fields, **changes})  # type: ignore[arg-type]  # fields by name


def cases_of(count: int) -> list[Case]:
    """Cases of as many people, each with an address of its own: some are dead."""
    return [
        a_case(id=f"CASE{number:06d}", debtor=a_debtor(email=f"debtor-{number}@example.org")) for number in range(count)
    ]


def a_deed(kind: DeedKind, **changes: object) -> Deed:
    fields = {"at": AT, "case_id": "CASE000001", "key": "M:x", "kind": kind, "message_id": "M"}
    return Deed(**{**fields, **changes})  # type: ignore[arg-type]  # fields by name


# ------------------------------------------------------------------------------------------ draws


def test_the_same_seed_case_and_message_give_the_same_deeds_whoever_was_asked_before() -> None:
    portfolio = cases_of(40)
    one, other = SimulatedDebtors(7), SimulatedDebtors(7)
    heard = {case.id: one.hear(case, a_departure(case)) for case in portfolio}
    again = {case.id: other.hear(case, a_departure(case)) for case in reversed(portfolio)}
    assert heard == again
    assert any(len(deeds) > 1 for deeds in heard.values())


def test_another_seed_gives_other_deeds() -> None:
    portfolio = cases_of(40)
    heard = [[SimulatedDebtors(seed).hear(case, a_departure(case)) for case in portfolio] for seed in (1, 2)]
    assert heard[0] != heard[1]


def test_every_answer_of_the_table_happens() -> None:
    crowd = SimulatedDebtors(1)
    kinds = {
        deed.kind for case in cases_of(600) for number in (1, 2) for deed in crowd.hear(case, a_departure(case, number))
    }
    assert kinds == set(DeedKind)


def test_every_profile_is_met() -> None:
    crowd = SimulatedDebtors(1)
    assert {crowd.profile(case).name for case in cases_of(500)} == {profile.name for profile in PROFILES}


def test_good_payers_are_prompt_more_often() -> None:
    crowd = SimulatedDebtors(1)
    good = Marked(id="m", at=AT, mark="good_payer")
    plain = sum(crowd.profile(case).name == "prompt" for case in cases_of(400))
    marked = sum(crowd.profile(apply(case, good)).name == "prompt" for case in cases_of(400))
    assert marked > 1.5 * plain


@pytest.mark.parametrize("voice", [Voice.COURTEOUS, Voice.FIRM])
def test_firmer_words_bring_more_payments(voice: Voice) -> None:
    crowd = SimulatedDebtors(1)
    paid = {
        each: sum(
            deed.kind is DeedKind.PAY
            for case in cases_of(800)
            for deed in crowd.hear(case, a_departure(case, voice=each))
        )
        for each in (Voice.SERVICE, voice)
    }
    assert paid[voice] > paid[Voice.SERVICE]


def test_nobody_answers_an_answer() -> None:
    crowd = SimulatedDebtors(1)
    kinds = {
        deed.kind for case in cases_of(200) for deed in crowd.hear(case, a_departure(case, purpose=Purpose.ANSWER))
    }
    assert kinds == {DeedKind.RECEIPT}


def test_nobody_says_stop_to_a_letter() -> None:
    crowd = SimulatedDebtors(1)
    letter: dict[str, Any] = {"channel": Channel.LETTER, "use": Use.LETTER}
    kinds = {deed.kind for case in cases_of(600) for deed in crowd.hear(case, a_departure(case, **letter))}
    assert DeedKind.PAY in kinds
    assert DeedKind.STOP not in kinds


def test_whoever_was_not_reached_does_nothing() -> None:
    crowd = SimulatedDebtors(1)
    for case in cases_of(400):
        deeds = crowd.hear(case, a_departure(case))
        if deeds[0].status is DeliveryStatus.BOUNCED:
            assert len(deeds) == 1


def test_a_dead_mailbox_is_dead_each_time() -> None:
    crowd = SimulatedDebtors(1)
    for case in cases_of(400):
        ends = {crowd.hear(case, a_departure(case, number))[0].status for number in (1, 2, 3)}
        assert len(ends) == 1


def test_a_returned_letter_is_not_returned_before_it_was_posted() -> None:
    crowd = SimulatedDebtors(1)
    registered: dict[str, Any] = {"channel": Channel.LETTER, "use": Use.REGISTERED}
    ends = set()
    for case in cases_of(400):
        receipts = [d for d in crowd.hear(case, a_departure(case, **registered)) if d.kind is DeedKind.RECEIPT]
        assert receipts[0].status is DeliveryStatus.POSTED
        assert [each.at for each in receipts] == sorted(each.at for each in receipts)
        ends.add(receipts[-1].status)
    assert {DeliveryStatus.DELIVERED, DeliveryStatus.UNCLAIMED} <= ends


# ------------------------------------------------------------------------------------------ deeds


def test_a_payment_names_its_debts_and_never_exceeds_them() -> None:
    case = a_case(a_debt("F-1", cents=2000), a_debt("F-2", cents=3000, due="2026-03-05"))
    (fact,) = facts_of(case, a_deed(DeedKind.PAY))
    assert isinstance(fact, PaymentReceived)
    assert fact.payment.amount_cents == 5000
    assert fact.payment.references == ("F-1", "F-2")
    assert account_of(apply(case, fact), (), AT.date()).balance_cents == 0


def _paid(case: Case, key: str) -> Payment:
    (fact,) = facts_of(case, a_deed(DeedKind.PAY, key=key))
    assert isinstance(fact, PaymentReceived)
    return fact.payment


def test_a_payment_bears_a_reference_as_a_bank_gives_it() -> None:
    case = a_case()
    known = {_paid(case, key).id for key in ("m1:pay", "m2:pay")}
    assert len(known) == 2
    assert all(re.fullmatch(r"VIR-\d{10}", each) for each in known)
    assert _paid(case, "m1:pay").id in known, "the same deed has the same reference"
    assert _paid(msgspec.structs.replace(case, id="another"), "m1:pay").id not in known
    assert re.fullmatch(r"PRLV-\d{10}", _paid(case, "collection:F-1").id)


def test_a_payment_of_what_was_paid_meanwhile_is_no_payment() -> None:
    case = a_case()
    paid = apply_all(case, facts_of(case, a_deed(DeedKind.PAY)))
    assert facts_of(paid, a_deed(DeedKind.PAY, key="again")) == []
    assert facts_of(paid, a_deed(DeedKind.PAY, key="again", references=("F-1",))) == []


@given(percent=st.integers(1, 100), cents=st.integers(1, 10_000_000))
def test_a_part_payment_leaves_no_crumbs_and_no_overpayment(percent: int, cents: int) -> None:
    case = a_case(a_debt(cents=cents))
    (fact,) = facts_of(case, a_deed(DeedKind.PAY, percent=percent))
    left = account_of(apply(case, fact), (), AT.date()).balance_cents
    assert left == 0 or left >= 500


def test_a_promise_is_for_what_is_due_and_only_one_runs() -> None:
    case = a_case()
    (fact,) = facts_of(case, a_deed(DeedKind.PROMISE, days=9))
    assert isinstance(fact, PromiseMade)
    assert fact.promise.amount_cents == 2000
    assert fact.promise.due_on == AT.date() + timedelta(days=9)
    assert facts_of(apply(case, fact), a_deed(DeedKind.PROMISE, key="second", days=9)) == []


def test_a_promise_is_kept_or_not_and_brings_at_most_one_payment() -> None:
    crowd = SimulatedDebtors(1)
    payments = [crowd.do(case, a_deed(DeedKind.PROMISE, case_id=case.id, days=9)).deeds for case in cases_of(200)]
    assert {len(deeds) for deeds in payments} == {0, 1}
    assert all(deed.at > AT for deeds in payments for deed in deeds)


def test_a_dispute_holds_one_debt_and_is_opened_once() -> None:
    case = a_case()
    facts = facts_of(case, a_deed(DeedKind.DISPUTE))
    held = apply_all(case, facts).holds[0]
    assert (held.kind, held.scope, held.references) == (HoldKind.DISPUTE, HoldScope.DEBTS, ("F-1",))
    assert facts_of(apply_all(case, facts), a_deed(DeedKind.DISPUTE, key="again")) == []


def test_hardship_is_declared_once() -> None:
    case = a_case()
    facts = facts_of(case, a_deed(DeedKind.HARDSHIP))
    assert facts_of(apply_all(case, facts), a_deed(DeedKind.HARDSHIP, key="again")) == []


@pytest.mark.parametrize(
    "status, point", [(DebtorStatus.CONSUMER, ""), (DebtorStatus.COMPANY, "jeanne.dupont@example.org")]
)
def test_a_firms_contact_closes_an_address_and_a_person_the_channel(status: DebtorStatus, point: str) -> None:
    case = a_case(debtor=a_debtor(status=status))
    deed = a_deed(DeedKind.STOP, channel=Channel.EMAIL, point="jeanne.dupont@example.org")
    (fact,) = facts_of(case, deed)
    assert isinstance(fact, OptedOut)
    assert fact.point == point


def test_a_bounce_is_reported_and_marks_the_address() -> None:
    deed = a_deed(DeedKind.RECEIPT, channel=Channel.EMAIL, point="a@example.org", status=DeliveryStatus.BOUNCED)
    facts = facts_of(a_case(), deed)
    assert [type(fact).__name__ for fact in facts] == ["DeliveryReported", "PointMarked"]
    assert isinstance(facts[1], PointMarked)
    assert facts[1].value == "a@example.org"


def test_debts_that_are_collected_are_mostly_paid_on_their_day() -> None:
    crowd = SimulatedDebtors(1)
    day = AT.date() + timedelta(days=3)
    debt = a_debt(next_collection_on=day)
    begun = [crowd.begin(a_case(debt, id=f"C{number}"), now=AT) for number in MANY]
    collected = [deed for deeds in begun for deed in deeds if deed.key == "collection:F-1"]
    assert 0.7 * len(MANY) < len(collected) < 0.9 * len(MANY)
    assert {deed.at.date() for deed in collected} == {day}
