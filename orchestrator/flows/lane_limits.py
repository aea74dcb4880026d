"""Which limits bound one message: its lane's rate and quota, its campaign's rate, quota and daily cost."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from orchestrator.domain.campaign import Campaign
from orchestrator.domain.interruption import Pause
from orchestrator.domain.lane import Lane
from orchestrator.domain.throttle import Limit
from orchestrator.flows.outgoing import Outgoing

# A lane without a rate of its own is brought back to this many a second; a ramp begins at a twentieth.
_FULL_SPEED = 50.0
_LEAST_SHARE = 0.05


def lane_limit(lane: Lane) -> Limit:
    """The lane's own."""
    return Limit(key=f"lane:{lane.id}", rate=lane.rate, burst=max(lane.burst, 1), daily_quota=lane.daily_quota)


def limits_of(item: Outgoing, lane: Lane, campaign: Campaign | None) -> list[tuple[Limit, int]]:
    """Each limit with the units that this message takes: segments of a lane, one of a campaign, cents of a cost."""
    wanted = []
    if lane.rate is not None or lane.daily_quota is not None:
        wanted.append((lane_limit(lane), item.units))
    if campaign is None:
        return wanted
    own = campaign.limits
    if own.per_second is not None or own.daily is not None:
        burst = max(int(own.per_second or 1), 1)
        key = f"campaign:{campaign.id}"
        wanted.append((Limit(key=key, rate=own.per_second, burst=burst, daily_quota=own.daily), 1))
    if own.cost_cents_per_day is not None and item.cost_cents:
        key = f"cost:{campaign.id}"
        wanted.append((Limit(key=key, daily_quota=own.cost_cents_per_day), item.cost_cents))
    return wanted


def ramp_limit(lane: Lane, pause: Pause, began_at: datetime, now: datetime) -> Limit:
    """What a pause that ended lately leaves of a lane's speed: it grows to full over the time of its ramp."""
    share = (now - began_at) / pause.ramp
    rate = (lane.rate or _FULL_SPEED) * min(max(share, _LEAST_SHARE), 1.0)
    return Limit(key=f"ramp:{pause.id}:{lane.id}", rate=rate, burst=max(int(rate), 1))


def today_of(lane: Lane, now: datetime) -> date:
    """The day that the lane's quotas count."""
    return now.astimezone(ZoneInfo(lane.zone)).date()


def tomorrow_of(lane: Lane, now: datetime) -> datetime:
    """When the quotas of the lane are whole again."""
    zone = ZoneInfo(lane.zone)
    return datetime.combine(now.astimezone(zone).date() + timedelta(days=1), time(0), zone).astimezone(now.tzinfo)


def lane_opens_at(lane: Lane, now: datetime) -> datetime:
    """`now` within the lane's own hours, else when they next begin."""
    if not lane.hours:
        return now
    zone = ZoneInfo(lane.zone)
    local = now.astimezone(zone)
    for days in range(2):
        for start, end in sorted(lane.hours):
            opens = datetime.combine(local.date() + timedelta(days=days), start, zone)
            closes = datetime.combine(local.date() + timedelta(days=days), end, zone)
            if local < closes:
                return max(now, opens.astimezone(now.tzinfo))
    return tomorrow_of(lane, now)
