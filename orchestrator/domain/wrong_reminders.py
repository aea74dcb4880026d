"""Demands that should not have left: what was paid, disputed with reason, or not theirs when they were asked (R36).

Only facts count, told afterwards; `docs/results.md` says the same in words. Pure.
"""

from collections.abc import Iterator
from datetime import date, datetime
from enum import StrEnum

import msgspec

from channels.contract import DeliveryStatus
from orchestrator.domain.agreement import Hold, HoldKind, HoldScope
from orchestrator.domain.case import Case, Departure
from orchestrator.domain.contact import POINT_OF_CHANNEL, Fault
from orchestrator.domain.figures import Told, sent_of, step_name
from orchestrator.domain.paid_parts import payments_of
from orchestrator.domain.place import Place, local_date


class Wrong(StrEnum):
    """Why a demand was wrong. `PAID_SAME_DAY` is told apart: of one day nobody knows which came first."""

    PAID = "paid"
    DISPUTED = "disputed"
    MISADDRESSED = "misaddressed"
    PAID_SAME_DAY = "paid_same_day"

    @property
    def is_certain(self) -> bool:
        """Whether it counts in the figure that is shown first."""
        return self is not Wrong.PAID_SAME_DAY


class WrongReminder(msgspec.Struct, frozen=True):
    """A demand, why it was wrong, and the fact that says so (a payment, a hold, a status)."""

    departure: Departure
    why: Wrong
    fact: str
    left_on: date
    campaign: str

    @property
    def step(self) -> str:
        """The step without the fact that caused it."""
        return step_name(self.departure.step)


_UPHELD = "upheld"
_CAME_BACK = {DeliveryStatus.RETURNED, DeliveryStatus.UNKNOWN_ADDRESS}


def wrong_reminders(case: Case, told: Told, place: Place) -> list[WrongReminder]:
    """Every wrong reminder of a case, once for each reason."""
    found: dict[tuple[str, Wrong], WrongReminder] = {}
    came_back = {receipt.message_id: receipt.status for receipt in case.receipts if receipt.status in _CAME_BACK}
    upheld = _upheld(case)
    strangers = _strangers(case)
    for departure in sent_of(case):
        if departure.purpose.value != "demand":
            continue
        left_on = local_date(departure.at, place)
        reasons = (
            *_paid(case, told, departure, left_on),
            *((Wrong.DISPUTED, hold.id) for hold, at in upheld if _is_about(hold, at, departure)),
            *_misaddressed(departure, came_back, strangers, told),
        )
        for why, fact in reasons:
            campaign = told.campaigns.get(departure.message_id, case.campaign)
            found.setdefault((departure.message_id, why), WrongReminder(departure, why, fact, left_on, campaign))
    return list(found.values())


def _paid(case: Case, told: Told, departure: Departure, left_on: date) -> Iterator[tuple[Wrong, str]]:
    """Dated before the demand, known after it."""
    for payment in payments_of(case):
        recorded_at = told.paid_at.get(payment.id)
        if recorded_at is None or recorded_at <= departure.at or payment.received_on > left_on:
            continue
        if payment.references and departure.references and not set(payment.references) & set(departure.references):
            continue
        yield (Wrong.PAID if payment.received_on < left_on else Wrong.PAID_SAME_DAY), payment.id


def _upheld(case: Case) -> list[tuple[Hold, datetime]]:
    """The disputes in which the debtor was right, with when that was said."""
    ends = {switch.key: switch for switch in case.lifted if switch.value == _UPHELD}
    return [(hold, ends[hold.id].at) for hold in case.holds if hold.kind is HoldKind.DISPUTE and hold.id in ends]


def _is_about(hold: Hold, upheld_at: datetime, departure: Departure) -> bool:
    if departure.at > upheld_at:
        return False
    is_of_debts = hold.scope is HoldScope.DEBTS and bool(hold.references) and bool(departure.references)
    return not is_of_debts or bool(set(hold.references) & set(departure.references))


def _strangers(case: Case) -> frozenset[str]:
    """The points that turned out to be somebody else's, as `kind:value`."""
    return frozenset(switch.key for switch in case.points if switch.is_on and switch.value == Fault.NOT_OWNED.value)


def _misaddressed(
    departure: Departure, came_back: dict[str, DeliveryStatus], strangers: frozenset[str], told: Told
) -> Iterator[tuple[Wrong, str]]:
    if departure.message_id in came_back:
        yield Wrong.MISADDRESSED, came_back[departure.message_id].value
    destination = departure.point or told.destinations.get(departure.message_id, "")
    if f"{POINT_OF_CHANNEL[departure.channel]}:{destination}" in strangers:
        yield Wrong.MISADDRESSED, Fault.NOT_OWNED.value
