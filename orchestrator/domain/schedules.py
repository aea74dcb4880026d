"""Sums that a law fixes by brackets of the debt, and when they may be claimed (UK-11, BE-01 to BE-03, NL-01).

Owns the arithmetic of one rule; pure on what left and on the ledger's figures.
"""

from datetime import date, timedelta
from decimal import Decimal

import msgspec

from channels.contract import Channel
from orchestrator.domain.amount_rules import ScheduleRule
from orchestrator.domain.campaign import DocumentKind
from orchestrator.domain.case import Case, Departure
from orchestrator.domain.debt import Debt
from orchestrator.domain.money import round_half_up
from orchestrator.domain.place import Place, add_business_days, local_date


class Reminded(msgspec.Struct, frozen=True):
    """What reached the debtor so far: messages that left and were not proved undelivered, on a day, in a place."""

    departures: tuple[Departure, ...]
    place: Place
    today: date


def scheduled_cents(rule: ScheduleRule, base_cents: int) -> int:
    """The sum for a debt of `base_cents`, within the rule's least and most; rounded half up to the cent."""
    if base_cents <= 0:
        return 0
    below = 0
    for tier in rule.tiers:
        if tier.up_to_cents is None or base_cents <= tier.up_to_cents:
            found = tier.fixed_cents + round_half_up((base_cents - below) * Decimal(tier.percent) / 100)
            break
        below = tier.up_to_cents
    else:
        return 0  # larger than the last bracket: the rule says nothing of it
    found = max(found, rule.at_least_cents)
    return found if rule.at_most_cents is None else min(found, rule.at_most_cents)


def is_open(rule: ScheduleRule, reference: str, reminded: Reminded) -> bool:
    """Whether the document that must come first has left for this debt, and its days are over."""
    if not rule.after:
        return True
    began = [_days_begin(rule, departure, reminded.place) for departure in _documents(rule, reference, reminded)]
    return bool(began) and reminded.today > min(began) + timedelta(days=rule.after_days)


def most_of(rule: ScheduleRule, case: Case, reference: str, reminded: Reminded) -> int:
    """The most that a line of the ledger of this kind may be for a debt; nothing before the rule's document."""
    debt = next(debt for debt in case.debts if debt.reference == reference)
    if not is_open(rule, reference, reminded) or (rule.needs_clause and not debt.has_indemnity_clause):
        return 0
    if rule.per == "reminder":
        return rule.tiers[0].fixed_cents * reminder_count(rule, reference, reminded)
    if rule.per == "debt":
        return scheduled_cents(rule, debt.open_cents)
    whole = sum(each.open_cents for each in case.debts if not each.is_credit)
    return scheduled_cents(rule, whole) * debt.open_cents // whole if whole else 0


def reminder_count(rule: ScheduleRule, reference: str, reminded: Reminded) -> int:
    """How many reminders that cost something have left for a debt."""
    return max(len(_documents(rule, reference, reminded)) - rule.free_reminders, 0)


def noticed_on(debt: Debt, reminded: Reminded) -> date | None:
    """The day of the first formal notice that named a debt, ours or one that the ledger tells of."""
    days = [
        local_date(departure.at, reminded.place)
        for departure in reminded.departures
        if departure.kind is DocumentKind.FORMAL_NOTICE and debt.reference in departure.references
    ]
    if debt.history and debt.history.formal_notice_on:
        days.append(debt.history.formal_notice_on)
    return min(days, default=None)


def _documents(rule: ScheduleRule, reference: str, reminded: Reminded) -> list[Departure]:
    return [each for each in reminded.departures if each.kind in rule.after and reference in each.references]


def _days_begin(rule: ScheduleRule, departure: Departure, place: Place) -> date:
    """The day on which a document counts as received."""
    left_on = local_date(departure.at, place)
    if departure.channel is Channel.LETTER:
        return add_business_days(left_on, rule.post_business_days, place)
    return left_on + timedelta(days=1)
