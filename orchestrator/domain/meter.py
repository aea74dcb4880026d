"""What is counted of messages, so that rates can be watched. Owns what counts, once per message; not where it is kept.

A message in doubt counts as left (semantics B3) and is not taken back when it is proved absent.
"""

from collections import Counter
from collections.abc import Callable
from enum import StrEnum

from channels.contract import DeliveryStatus
from orchestrator.domain.case import FAILED_STATUSES, Case
from orchestrator.domain.events import DeliveryReported, DisputeOpened, Event, MessageLeft, OptedOut


class Metric(StrEnum):
    """What is counted. `undelivered` is every proof of failure, `bounced` those that came back."""

    LEFT = "left"
    BOUNCED = "bounced"
    UNDELIVERED = "undelivered"
    COMPLAINED = "complained"
    OPTED_OUT = "opted_out"
    DISPUTED = "disputed"
    COST_CENTS = "cost_cents"


Meter = tuple[str, str, Metric]
"""(campaign, lane, metric); an opt-out and a dispute are of a campaign and of no lane."""
Tally = Counter[Meter]

_STATUSES = {
    Metric.BOUNCED: frozenset({DeliveryStatus.BOUNCED, DeliveryStatus.RETURNED, DeliveryStatus.UNKNOWN_ADDRESS}),
    Metric.UNDELIVERED: frozenset(FAILED_STATUSES),
    Metric.COMPLAINED: frozenset({DeliveryStatus.COMPLAINED}),
}


def count(case: Case, fact: Event, tally: Tally) -> None:
    """Adds what a new fact counts for. `case` is as it was before the fact."""
    counted = _COUNTED.get(type(fact))
    if counted is not None:
        counted(case, fact, tally)


def _left(case: Case, fact: MessageLeft, tally: Tally) -> None:
    if fact.is_observed:
        return
    tally[case.campaign, fact.by, Metric.LEFT] += 1
    if fact.cost_cents:
        tally[case.campaign, fact.by, Metric.COST_CENTS] += fact.cost_cents


def _reported(case: Case, fact: DeliveryReported, tally: Tally) -> None:
    """Providers tell one failure in several words: the first counts."""
    for metric, statuses in _STATUSES.items():
        if fact.status not in statuses:
            continue
        told = (known.status for known in case.receipts if known.message_id == fact.message_id)
        if statuses.isdisjoint(told):
            tally[case.campaign, fact.by, metric] += 1


def _opted_out(case: Case, fact: OptedOut, tally: Tally) -> None:
    key = f"{fact.channel}:{fact.point}"
    if case.campaign and not any(switch.key == key and switch.is_on for switch in case.opt_outs):
        tally[case.campaign, "", Metric.OPTED_OUT] += 1


def _disputed(case: Case, fact: DisputeOpened, tally: Tally) -> None:
    if case.campaign and not any(hold.id == fact.hold.id for hold in case.holds):
        tally[case.campaign, "", Metric.DISPUTED] += 1


_COUNTED: dict[type, Callable[..., None]] = {
    MessageLeft: _left,
    DeliveryReported: _reported,
    OptedOut: _opted_out,
    DisputeOpened: _disputed,
}
