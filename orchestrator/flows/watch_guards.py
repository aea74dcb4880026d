"""Watch the guard-rails: a rate that is too high pauses its campaign or lane, or warns a person (design 7).

A pause by a guard-rail lasts until a person resumes it; what was counted before that resume is not held against it.
Once for each, whoever looks: what two watchers find at once has one name.
"""

from datetime import date, datetime, timedelta

import msgspec
from msgspec.structs import replace

from orchestrator.domain.campaign import Campaign
from orchestrator.domain.condition import ALWAYS, OneOf
from orchestrator.domain.errors import Conflict
from orchestrator.domain.guard_rail import COST_WARNING_PERCENT, Measure, Rail, in_words, measure, rails, trips
from orchestrator.domain.interruption import Pause
from orchestrator.domain.meter import Tally
from orchestrator.domain.throttle import Bucket
from orchestrator.flows.pause_sending import start_pause
from orchestrator.flows.strategy import Strategy
from orchestrator.storage import barrier, buckets, meters, pauses, tasks
from orchestrator.storage.database import Connection, Database

BY = "relance"
# A pause that has an end is looked at this long before it, so that nothing leaves between its end and the look.
_AHEAD = timedelta(minutes=1)


class Watched(msgspec.Struct):
    """The pauses placed and the warnings given, by name."""

    paused: list[str] = []
    warned: list[str] = []

    @property
    def acted(self) -> int:
        """How many things were done."""
        return len(self.paused) + len(self.warned)


def watch_guards(database: Database, strategy: Strategy, *, now: datetime) -> Watched:
    """Measures every guard-rail in force and acts on those that trip."""
    done = Watched()
    with database.read() as conn:
        look = _Look(conn, now)
        tripped = [found for rail in rails(strategy.campaigns, strategy.lanes) if (found := look.finds(rail))]
        costly = _costly(strategy.campaigns, buckets.load(conn), now)
    for found in tripped:
        _act(database, found, now, done)
    for campaign, bucket in costly:
        cause = f"{bucket.used} of {campaign.limits.cost_cents_per_day} cents of the day are spent; the rest waits then"
        subject = f"guard-{campaign.id}-cost"
        question = _question("cost_warning", subject, f"{subject}-{bucket.day}", cause, now)
        if _asked(database, question):
            done.warned.append(subject)
    return done


def prolong_tripped(database: Database, strategy: Strategy, *, now: datetime) -> int:
    """Pauses of guard-rails that are about to end and whose rate is still too high last a window more; how many."""
    with database.read() as conn:
        look = _Look(conn, now)
        ending = [pause for pause in pauses.over(conn, at=now + _AHEAD) if pause.guard]
        in_force = [rail for rail in rails(strategy.campaigns, strategy.lanes) if rail.guard.do == "pause"]
        looked = [
            (pause, rail, look.measure(rail)) for pause in ending for rail in in_force if rail.name == pause.guard
        ]
    still = {pause.id: (pause, rail, found) for pause, rail, found in looked if trips(rail.guard, found)}
    return sum(_prolong(database, *each, now) for each in still.values())


def forget_counts(database: Database, *, now: datetime) -> None:
    """Deletes the minutes that no window reaches any more."""
    before = now - meters.KEPT
    with database.read() as conn:
        if not meters.is_any_before(conn, before):
            return
    with database.begin() as conn:
        meters.forget(conn, before=before)


class Guarded(msgspec.Struct, frozen=True):
    """A guard-rail as it stands: what was counted, whether that is too much, and whether a pause of it is in force."""

    rail: Rail
    found: Measure
    is_tripped: bool
    is_pausing: bool


def measured_guards(conn: Connection, strategy: Strategy, *, now: datetime) -> list[Guarded]:
    """Every guard-rail in force, measured as `watch_guards` does. Acts on none."""
    look = _Look(conn, now)
    return [look.stands(rail) for rail in rails(strategy.campaigns, strategy.lanes)]


class _Tripped(msgspec.Struct, frozen=True):
    """A guard-rail to act on, what was counted, and how many pauses it placed before."""

    rail: Rail
    found: Measure
    placed: int


class _Look:
    """One look at the counters; guards that look back equally far share one query."""

    def __init__(self, conn: Connection, now: datetime) -> None:
        self._conn, self._now = conn, now
        self._placed = pauses.by_guard(conn)
        self._sums: dict[int, Tally] = {}

    def finds(self, rail: Rail) -> _Tripped | None:
        """None when all is well, while its pause runs, or when it warned within the window."""
        placed = self._placed.get(rail.name, ())
        if rail.guard.do == "warn":
            last = tasks.last_about(self._conn, kind="guard_warning", subject=rail.name)
            is_known = last is not None and last.opened_at > self._now - rail.window
        else:
            is_known = any(pause.resumed_at is None for pause in placed)
        if is_known:
            return None
        found = self.measure(rail)
        return _Tripped(rail, found, len(placed)) if trips(rail.guard, found) else None

    def stands(self, rail: Rail) -> Guarded:
        """The guard-rail and its figures."""
        found = self.measure(rail)
        is_pausing = any(pause.is_running(self._now) for pause in self._placed.get(rail.name, ()))
        return Guarded(rail, found, trips(rail.guard, found), is_pausing)

    def measure(self, rail: Rail) -> Measure:
        """Since the window began, or since the minute in which its last pause was resumed."""
        after = meters.slot_of(self._now - min(rail.window, meters.KEPT))
        resumed = [pause.resumed_at for pause in self._placed.get(rail.name, ()) if pause.resumed_at is not None]
        after = max([after, *map(meters.slot_of, resumed)])
        if after not in self._sums:
            self._sums[after] = meters.sums(self._conn, after=after)
        return measure(rail, self._sums[after])


def _act(database: Database, tripped: _Tripped, now: datetime, done: Watched) -> None:
    rail = tripped.rail
    cause = in_words(rail.guard, tripped.found)
    if rail.guard.do == "warn":
        if _asked(database, _question("guard_warning", rail.name, f"{rail.name}-{now:%Y%m%dT%H%M}", cause, now)):
            done.warned.append(rail.name)
        return
    pause = Pause(
        id=f"{rail.name}-{tripped.placed + 1}",
        scope=ALWAYS if rail.lane else OneOf("campaign", frozenset({rail.campaign})),
        since=now,
        reason=cause,
        by=BY,
        lanes=(rail.lane,) if rail.lane else (),
        guard=rail.name,
    )
    try:
        start_pause(database, pause)
    except Conflict:
        return  # another watcher was first
    _asked(database, _question("guard_pause", pause.id, pause.id, cause, now))
    done.paused.append(pause.id)


def _prolong(database: Database, pause: Pause, rail: Rail, found: Measure, now: datetime) -> int:
    """It passes the barrier again: where nobody looked in time, gates may have opened since its end."""
    until = max(pause.ends_at or now, now) + rail.window
    reason = f"prolonged at its end, for still {in_words(rail.guard, found)}"
    with database.begin() as conn:
        epoch = barrier.pass_alone(conn)
        current = pauses.load(conn, pause.id, for_update=True)
        if current is None or current.resumed_at is not None or current.ends_at != pause.ends_at:
            return 0
        pauses.save(conn, replace(current, ends_at=until, reason=reason, epoch=epoch, drained_at=None))
    return 1


def _costly(campaigns: tuple[Campaign, ...], known: list[Bucket], now: datetime) -> list[tuple[Campaign, Bucket]]:
    """Campaigns near their ceiling of the day, as the gate counts it."""
    spent = {bucket.key: bucket for bucket in known}
    found = []
    for campaign in campaigns:
        ceiling, bucket = campaign.limits.cost_cents_per_day, spent.get(f"cost:{campaign.id}")
        if ceiling is None or bucket is None or bucket.day < _yesterday(now):
            continue
        if bucket.used * 100 >= COST_WARNING_PERCENT * ceiling:
            found.append((campaign, bucket))
    return found


def _yesterday(now: datetime) -> date:
    """A bucket's day is of its lane's zone: beyond yesterday, it is over everywhere."""
    return now.date() - timedelta(days=1)


def _question(kind: str, subject: str, task_id: str, cause: str, now: datetime) -> tasks.Task:
    return tasks.Task(
        id=task_id,
        case_id="",
        kind=kind,
        subject=subject,
        role="manager",
        due_at=now,
        opened_at=now,
        cause=cause,
    )


def _asked(database: Database, question: tasks.Task) -> bool:
    with database.begin() as conn:
        return not tasks.open_tasks(conn, [question])
