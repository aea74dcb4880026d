"""What happens at this moment, in one look: sending, waiting, in doubt, guard-rails, lanes, people, health (R6, R25).

Counts only; decides nothing. What moves slowly or costs more is taken over from the look before for a few seconds, so
that many looks cost little. Who sees a few creditors only is told what is theirs, and nothing of the deployment's.
"""

from datetime import date, datetime, time, timedelta
from time import perf_counter
from zoneinfo import ZoneInfo

import msgspec

from orchestrator.domain.interruption import Crisis, Pause
from orchestrator.domain.lane import Lane
from orchestrator.domain.meter import Metric
from orchestrator.domain.place import business_days_between, place_of
from orchestrator.domain.reply import Intent
from orchestrator.domain.throttle import Bucket
from orchestrator.flows.lane_limits import today_of
from orchestrator.flows.pause_scope import may_concern
from orchestrator.flows.strategy import Strategy
from orchestrator.flows.watch_guards import Guarded, measured_guards
from orchestrator.intake.replies.reader import GRAVITY
from orchestrator.storage import buckets, crises, imports, inbox, lane_states, live_counts, meters, pauses
from orchestrator.storage.database import Connection, Database
from orchestrator.storage.lane_states import LaneState
from orchestrator.storage.live_counts import Asked, Creditors, Planned

# The day that `today` counts begins here.
_PLACE = place_of("FR", "75001")
_ZONE = ZoneInfo(_PLACE.zone)
_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)
# What costs more, or moves slowly, is counted again after this.
_KEPT = timedelta(seconds=15)
# Beyond these a count says "at least", and the gravest reply is looked for among the oldest.
MOST_DECIDING, _MOST_READ = 20_000, 500


class Going(msgspec.Struct, kw_only=True):
    """One lane and campaign: what flies, left, waits. `today` since midnight in Paris, `planned` due or not."""

    lane: str
    channel: str
    campaign: str
    calling: int = 0
    oldest_call_at: datetime | None = None
    minute: int = 0
    hour: int = 0
    today: int = 0
    due: int = 0
    next_hour: int = 0
    planned: int = 0
    in_doubt: int = 0


class LaneNow(msgspec.Struct, kw_only=True):
    """A lane: how it is bound (`rate` a second, `quota` a day), what of it is used, and whether it rests."""

    lane: Lane
    minute: int
    calling: int
    used_today: int | None
    state: LaneState
    is_resting: bool
    paused_by: tuple[str, ...]


class LedgerAge(msgspec.Struct, frozen=True):
    """The day of a creditor's last ledger, how many business days ago, and whether that is more than it allows."""

    creditor: str
    as_of: date | None
    age_days: int
    is_stale: bool


class Slow(msgspec.Struct, kw_only=True):
    """The part of a look that the next ones take over. Guard-rails and parked events are the deployment's.

    The three counts of a few creditors alone cost more than those of all, and are in here; None where all count.
    """

    at: datetime
    today: dict[tuple[str, str], int] | None = None
    hour: dict[tuple[str, str], int] | None = None
    planned: list[Planned] | None = None
    guards: tuple[Guarded, ...] = ()
    ledgers: tuple[LedgerAge, ...] = ()
    parked: int | None = None
    oldest_inbox_at: datetime | None = None


class Live(msgspec.Struct, kw_only=True):
    """One look. `deciding` are cases that decide within the hour, at most MOST_DECIDING; `read_ms` what it cost."""

    at: datetime
    going: tuple[Going, ...]
    lanes: tuple[LaneNow, ...]
    slow: Slow
    deciding: int
    asked: tuple[Asked, ...]
    replies: int
    oldest_reply_at: datetime | None
    gravest: Intent | None
    pauses: tuple[Pause, ...]
    crises: tuple[Crisis, ...]
    read_ms: float = 0.0

    @property
    def tasks_due(self) -> int:
        """Open tasks that should be done by now."""
        return sum(each.due for each in self.asked)

    @property
    def tasks_open(self) -> int:
        """All open tasks."""
        return sum(each.count for each in self.asked)

    def total(self, field: str, *, channel: str = "") -> int:
        """The sum of a count of `Going`, over one channel or all."""
        return sum(getattr(each, field) for each in self.going if not channel or each.channel == channel)

    def near_guards(self, *, percent: int = 50) -> tuple[Guarded, ...]:
        """Guard-rails with enough volume and a rate of at least so much of what they allow, the nearest first."""
        near = [each for each in self.slow.guards if each.is_pausing or share_of_limit(each) * 100 >= percent]
        return tuple(sorted(near, key=lambda each: (-each.is_pausing, -share_of_limit(each), each.rail.name)))


def share_of_limit(guarded: Guarded) -> float:
    """How much of what a guard-rail allows is reached; 0 while the volume is too small to conclude."""
    guard, found = guarded.rail.guard, guarded.found
    if found.left < max(guard.minimum, 1):
        return 0.0
    return found.number * 1000 / found.left / guard.over_per_mille if guard.over_per_mille else float(found.number > 0)


def live_status(
    database: Database,
    strategy: Strategy,
    *,
    now: datetime,
    real_now: datetime,
    creditors: Creditors = None,
    before: Live | None = None,
) -> Live:
    """One look at `now`; attempts and lanes live by `real_now`. `before` is the last look with the same creditors."""
    began = perf_counter()
    with database.read() as conn:
        slow = before.slow if before is not None and real_now - before.slow.at < _KEPT else None
        slow = slow or _slow(conn, strategy, now, real_now, creditors)
        going = _going(conn, strategy, now, real_now, creditors, slow)
        written = live_counts.written(conn, creditors=creditors, most=_MOST_READ)
        in_force = [each for each in pauses.active(conn, at=now) if may_concern(each.scope, creditors)]
        found = Live(
            at=now,
            going=tuple(going),
            lanes=tuple(_lanes(conn, strategy, now, real_now, going, in_force, creditors)),
            slow=slow,
            deciding=live_counts.deciding(conn, until=now + _HOUR, creditors=creditors, most=MOST_DECIDING),
            asked=tuple(live_counts.asked(conn, now=now, creditors=creditors)),
            replies=written.count,
            oldest_reply_at=written.oldest_at,
            gravest=min((r.findings[0].intent for r in written.readings), key=GRAVITY.index, default=None),
            pauses=tuple(in_force),
            crises=tuple(each for each in crises.active(conn, at=now) if may_concern(each.scope, creditors)),
        )
    found.read_ms = (perf_counter() - began) * 1e3
    return found


def _going(
    conn: Connection,
    strategy: Strategy,
    now: datetime,
    real_now: datetime,
    creditors: Creditors,
    slow: Slow,
) -> list[Going]:
    """Every lane and campaign of which there is anything to say, in their order."""
    channels = {lane.id: lane.channel.value for lane in strategy.lanes}
    rows: dict[tuple[str, str], Going] = {}

    def row(lane: str, campaign: str) -> Going:
        key = (lane, campaign)
        return rows.setdefault(key, Going(lane=lane, channel=channels.get(lane, ""), campaign=campaign))

    for flying in live_counts.calling(conn, creditors):
        of = row(flying.lane, flying.campaign)
        of.calling, of.oldest_call_at = flying.count, flying.oldest_at
    for doubted in live_counts.in_doubt(conn, creditors):
        row(doubted.lane, doubted.campaign).in_doubt = doubted.count
    for waiting in _planned(conn, now, None) if slow.planned is None else slow.planned:
        of = row(waiting.lane, waiting.campaign)
        of.due, of.next_hour, of.planned = waiting.due, waiting.soon, waiting.all
    counts = {
        "minute": live_counts.left_since(conn, real_now - _MINUTE, creditors),
        "hour": _left(conn, now - _HOUR) if slow.hour is None else slow.hour,
        "today": _left(conn, midnight(now) - _MINUTE) if slow.today is None else slow.today,
    }
    for field, found in counts.items():
        for (lane, campaign), number in found.items():
            setattr(row(lane, campaign), field, number)
    return [rows[key] for key in sorted(rows)]


def _lanes(
    conn: Connection,
    strategy: Strategy,
    now: datetime,
    real_now: datetime,
    going: list[Going],
    in_force: list[Pause],
    creditors: Creditors,
) -> list[LaneNow]:
    used = {bucket.key: bucket for bucket in buckets.load(conn)}
    found = []
    for lane in strategy.lanes:
        state = lane_states.load(conn, lane.id)
        paused_by = (pause.id for pause in in_force if pause.is_about(lane.id, lane.channel.value))
        found.append(
            LaneNow(
                lane=lane,
                minute=sum(each.minute for each in going if each.lane == lane.id),
                calling=sum(each.calling for each in going if each.lane == lane.id),
                used_today=None if creditors is not None else _used_today(lane, used.get(f"lane:{lane.id}"), now),
                state=state,
                is_resting=state.rests(real_now),
                paused_by=tuple(paused_by),
            )
        )
    return found


def _used_today(lane: Lane, bucket: Bucket | None, now: datetime) -> int:
    return bucket.used if bucket is not None and bucket.day >= today_of(lane, now) else 0


def _slow(conn: Connection, strategy: Strategy, now: datetime, real_now: datetime, creditors: Creditors) -> Slow:
    ledgers = tuple(_ledgers(conn, strategy, now.astimezone(_ZONE).date(), creditors))
    if creditors is not None:
        return Slow(
            at=real_now,
            today=live_counts.left_since(conn, real_now - (now - midnight(now)), creditors),
            hour=live_counts.left_since(conn, real_now - _HOUR, creditors),
            planned=_planned(conn, now, creditors),
            ledgers=ledgers,
        )
    waits = inbox.count(conn)
    return Slow(
        at=real_now,
        guards=tuple(measured_guards(conn, strategy, now=now)),
        ledgers=ledgers,
        parked=sum(waits.parked.values()),
        oldest_inbox_at=waits.oldest_waiting_at,
    )


def _planned(conn: Connection, now: datetime, creditors: Creditors) -> list[Planned]:
    return live_counts.planned(conn, now=now, soon=now + _HOUR, creditors=creditors)


def midnight(now: datetime) -> datetime:
    """When the day of these counts began."""
    return datetime.combine(now.astimezone(_ZONE).date(), time(0), _ZONE)


def _left(conn: Connection, after: datetime) -> dict[tuple[str, str], int]:
    """By (lane, campaign), what left in the minutes after the one of an instant."""
    found: dict[tuple[str, str], int] = {}
    for (campaign, lane, metric), number in meters.sums(conn, after=meters.slot_of(after)).items():
        if metric is Metric.LEFT:
            found[lane, campaign] = found.get((lane, campaign), 0) + number
    return found


def _ledgers(conn: Connection, strategy: Strategy, today: date, creditors: Creditors) -> list[LedgerAge]:
    """By the creditor's own limit; a pack's may be tighter for a formal notice."""
    wanted = {name: known for name, known in strategy.creditors.items() if creditors is None or name in creditors}
    latest = imports.ledgers_as_of(conn, wanted)
    found = []
    for name in sorted(wanted):
        as_of = latest.get(name)
        age = business_days_between(as_of, today, _PLACE) if as_of is not None else 0
        found.append(LedgerAge(name, as_of, age, as_of is None or age > wanted[name].data_max_age.count))
    return found
