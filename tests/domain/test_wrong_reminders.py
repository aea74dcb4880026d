"""What makes a demand wrong, and what does not."""

from datetime import date, timedelta
from typing import Any

from channels.contract import Channel, DeliveryStatus
from orchestrator.domain.agreement import Hold, HoldKind, HoldScope
from orchestrator.domain.apply import apply_all
from orchestrator.domain.campaign import DocumentKind, Purpose, Use
from orchestrator.domain.case import Case
from orchestrator.domain.contact import Fault, PointKind
from orchestrator.domain.debt import Payment
from orchestrator.domain.events import (
    DeliveryReported,
    DisputeOpened,
    DisputeResolved,
    Event,
    MessageLeft,
    PaymentReceived,
    PaymentReversed,
    PointMarked,
)
from orchestrator.domain.figures import Told
from orchestrator.domain.place import place_of
from orchestrator.domain.voice import Voice
from orchestrator.domain.wrong_reminders import Wrong, wrong_reminders
from tests.builders import a_case, a_debt, instant

SENT = instant("2026-03-10 09:00")
LATER = SENT + timedelta(days=2)
PARIS = place_of("FR", "75001")


def _left(**changes: Any) -> MessageLeft:
    fields: dict[str, Any] = {
        "id": "left", "at": SENT, "message_id": "m-1", "step": "reminder-1", "cycle": 1, "ordinal": 1,
        "channel": Channel.SMS, "use": Use.SMS, "voice": Voice.COURTEOUS, "template": "t",
        "kind": DocumentKind.REMINDER, "purpose": Purpose.DEMAND, "references": ("F-1",), "amount_cents": 2000,
    }  # fmt: skip
    return MessageLeft(**{**fields, **changes})


def _case(*facts: Event) -> Case:
    return apply_all(a_case(a_debt("F-1"), a_debt("F-2")), facts)


def _paid(on: str, *references: str) -> PaymentReceived:
    return PaymentReceived(id="paid", at=LATER, payment=Payment("P-1", 2000, date.fromisoformat(on), references))


def _whys(case: Case, **told: Any) -> list[str]:
    return [item.why.value for item in wrong_reminders(case, Told(**{"paid_at": {"P-1": LATER}, **told}), PARIS)]


def test_a_payment_of_the_day_before_that_was_told_afterwards_makes_it_wrong() -> None:
    assert _whys(_case(_left(), _paid("2026-03-09", "F-1"))) == ["paid"]
    assert _whys(_case(_left(), _paid("2026-03-09"))) == ["paid"]  # it names nothing: it may be this


def test_a_payment_of_the_same_day_is_told_apart() -> None:
    """Who pays an hour after the message did what it asked."""
    assert _whys(_case(_left(), _paid("2026-03-10", "F-1"))) == ["paid_same_day"]
    assert not Wrong.PAID_SAME_DAY.is_certain
    assert Wrong.PAID.is_certain


def test_what_was_known_when_it_left_or_came_after_is_not_wrong() -> None:
    assert _whys(_case(_left(), _paid("2026-03-11", "F-1"))) == []
    assert _whys(_case(_left(), _paid("2026-03-09", "F-1")), paid_at={"P-1": SENT}) == []
    assert _whys(_case(_left(), _paid("2026-03-09", "F-1")), paid_at={}) == []


def test_a_payment_of_another_debt_or_one_that_went_back_makes_nothing_wrong() -> None:
    assert _whys(_case(_left(), _paid("2026-03-09", "F-2"))) == []
    back = PaymentReversed(id="back", at=LATER, payment_id="P-1", on=date(2026, 3, 12))
    assert _whys(_case(_left(), _paid("2026-03-09", "F-1"), back)) == []


def test_the_day_is_that_of_the_debtor() -> None:
    """Half past eleven in the evening of the 9th in Paris is the 9th; in Réunion it is the 10th already."""
    case = _case(_left(at=instant("2026-03-09 22:30")), _paid("2026-03-09", "F-1"))
    told = Told(paid_at={"P-1": LATER})
    assert [item.why for item in wrong_reminders(case, told, PARIS)] == [Wrong.PAID_SAME_DAY]
    assert [item.why for item in wrong_reminders(case, told, place_of("FR", "97400"))] == [Wrong.PAID]


def _dispute(outcome: str, *references: str, at: Any = LATER) -> tuple[Event, ...]:
    scope = HoldScope.DEBTS if references else HoldScope.CASE
    hold = Hold(id="h", kind=HoldKind.DISPUTE, since=SENT + timedelta(days=1), scope=scope, references=references)
    resolved = DisputeResolved(id="r", at=at, hold_id="h", outcome=outcome)
    return DisputeOpened(id="d", at=hold.since, hold=hold), resolved


def test_a_dispute_makes_it_wrong_when_the_debtor_was_right_about_what_was_demanded() -> None:
    assert _whys(_case(_left(), *_dispute("upheld", "F-1"))) == ["disputed"]
    assert _whys(_case(_left(), *_dispute("upheld"))) == ["disputed"]
    assert _whys(_case(_left(), *_dispute("upheld", "F-2"))) == []
    assert _whys(_case(_left(), *_dispute("rejected", "F-1"))) == []
    assert _whys(_case(_left(at=LATER + timedelta(days=1)), *_dispute("upheld", "F-1"))) == []


def test_a_letter_that_came_back_was_misaddressed_and_a_full_mailbox_is_not() -> None:
    def told(status: DeliveryStatus) -> DeliveryReported:
        return DeliveryReported(id="s", at=LATER, message_id="m-1", channel=Channel.SMS, status=status)

    assert _whys(_case(_left(), told(DeliveryStatus.RETURNED))) == ["misaddressed"]
    assert _whys(_case(_left(), told(DeliveryStatus.UNKNOWN_ADDRESS))) == ["misaddressed"]
    assert _whys(_case(_left(), told(DeliveryStatus.UNDELIVERED))) == []


def test_a_number_of_somebody_else_was_misaddressed_where_it_was_used() -> None:
    mark = PointMarked(id="p", at=LATER, kind=PointKind.PHONE, value="+33644631234", fault=Fault.NOT_OWNED)
    case = _case(_left(), mark)
    assert _whys(case, destinations={"m-1": "+33644631234"}) == ["misaddressed"]
    assert _whys(case, destinations={"m-1": "+33644631299"}) == []
    dead = PointMarked(id="p", at=LATER, kind=PointKind.PHONE, value="+33644631234", fault=Fault.DEAD)
    assert _whys(_case(_left(), dead), destinations={"m-1": "+33644631234"}) == []


def test_only_demands_that_really_left_can_be_wrong_and_each_once_for_a_reason() -> None:
    paid = _paid("2026-03-09", "F-1")
    assert _whys(_case(_left(purpose=Purpose.ANSWER), paid)) == []
    assert _whys(_case(_left(is_observed=True), paid)) == []
    more = PaymentReceived(id="more", at=LATER, payment=Payment("P-2", 1, date(2026, 3, 8), ("F-1",)))
    assert _whys(_case(_left(), paid, more), paid_at={"P-1": LATER, "P-2": LATER}) == ["paid"]
