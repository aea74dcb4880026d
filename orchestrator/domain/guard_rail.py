"""Guard-rails: what rate is too much, of which campaign or lane. Counts nothing and stops nothing.

Owns the thresholds of lanes; campaigns name theirs in their file. A rate is per message that left in the window.
"""

from collections.abc import Iterable, Mapping
from datetime import timedelta

import msgspec

from orchestrator.domain.campaign import Campaign, Guard
from orchestrator.domain.duration import Duration, Unit
from orchestrator.domain.lane import Lane
from orchestrator.domain.meter import Meter, Metric

# House values. A provider suspends at about 10 % of bounces and 0.3 to 0.5 % of complaints: we stop before it does.
# SMS to a portfolio of old numbers fail by a tenth and more; beyond a third, the lane or the file is at fault.
LANE_GUARDS = (
    Guard(metric="bounce_rate", over_per_mille=80, window=Duration(1, Unit.HOUR), minimum=200, do="pause"),
    Guard(metric="undelivered_rate", over_per_mille=330, window=Duration(1, Unit.HOUR), minimum=200, do="pause"),
    Guard(metric="complaint_rate", over_per_mille=3, window=Duration(1, Unit.DAY), minimum=1_000, do="pause"),
)
# A campaign whose cost of the day reaches this share of its ceiling warns; the gate holds the ceiling itself.
COST_WARNING_PERCENT = 80

_COUNTED = {
    "complaint_rate": (Metric.COMPLAINED, "complaints"),
    "opt_out_rate": (Metric.OPTED_OUT, "opt-outs"),
    "bounce_rate": (Metric.BOUNCED, "bounces"),
    "undelivered_rate": (Metric.UNDELIVERED, "failures"),
    "dispute_rate": (Metric.DISPUTED, "disputes"),
}


class Rail(msgspec.Struct, frozen=True, kw_only=True):
    """A guard over one campaign, or over one lane whatever the campaign."""

    guard: Guard
    campaign: str = ""
    lane: str = ""

    @property
    def name(self) -> str:
        """What its pauses and tasks are known by."""
        about = f"lane-{self.lane}" if self.lane else self.campaign
        return f"guard-{about}-{self.guard.metric}-{self.guard.window}".replace(" ", "-")

    @property
    def window(self) -> timedelta:
        """How long it looks back."""
        return timedelta(seconds=self.guard.window.seconds)


class Measure(msgspec.Struct, frozen=True):
    """What was counted in a window: messages that left, and what the guard is about."""

    left: int
    number: int


def rails(campaigns: Iterable[Campaign], lanes: Iterable[Lane]) -> list[Rail]:
    """The guard-rails in force. A metric that nothing counts yet has none."""
    own = [Rail(guard=guard, campaign=campaign.id) for campaign in campaigns for guard in campaign.guards]
    common = [Rail(guard=guard, lane=lane.id) for lane in lanes for guard in LANE_GUARDS]
    return [rail for rail in (*own, *common) if rail.guard.metric in _COUNTED]


def measure(rail: Rail, sums: Mapping[Meter, int]) -> Measure:
    """What the counters of a window say of its campaign or lane."""
    wanted, _ = _COUNTED[rail.guard.metric]
    found = {Metric.LEFT: 0, wanted: 0}
    for (campaign, lane, metric), number in sums.items():
        is_ours = lane == rail.lane if rail.lane else campaign == rail.campaign
        if is_ours and metric in found:
            found[metric] += number
    return Measure(found[Metric.LEFT], found[wanted])


def trips(guard: Guard, found: Measure) -> bool:
    """Whether the volume is enough to conclude and the rate above what is allowed."""
    return found.left >= max(guard.minimum, 1) and found.number * 1000 > guard.over_per_mille * found.left


def in_words(guard: Guard, found: Measure) -> str:
    """The figures of a guard that trips, such as `bounces: 12 of 100 messages (12 %) within 1h, more than 8 %`."""
    _, plural = _COUNTED[guard.metric]
    share, most = _percent(found.number * 1000 / found.left), _percent(guard.over_per_mille)
    return f"{plural}: {found.number} of {found.left} messages ({share}) within {guard.window}, more than {most}"


def _percent(per_mille: float) -> str:
    return f"{round(per_mille / 10, 2):g} %"
