"""The engine: each drain empties one kind of due work, however it was woken. Hints may come twice, late or never.

Owns the threads that call providers and what is in force (campaigns, packs), read again when a release changes.
"""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from channels import boot_clock
from orchestrator.bootstrap import Deployment
from orchestrator.domain.errors import StorageError, kind_and_place
from orchestrator.domain.lane import Lane
from orchestrator.flows.advance_cases import advance_cases
from orchestrator.flows.apply_inbox import apply_inbox
from orchestrator.flows.clock_guard import ClockGuard
from orchestrator.flows.dispatch import Dispatched, dispatch_lane
from orchestrator.flows.doubt_watch import DoubtWatch
from orchestrator.flows.end_pauses import end_pauses
from orchestrator.flows.follow_work import follow_work
from orchestrator.flows.lanes_in_force import are_in_force
from orchestrator.flows.leave_lost_lanes import leave_lost_lanes
from orchestrator.flows.outgoing import Post
from orchestrator.flows.pause_sending import drain_pauses
from orchestrator.flows.project_figures import project_figures
from orchestrator.flows.reconcile import reconcile
from orchestrator.flows.strategy import Strategy
from orchestrator.flows.tell_endpoints import forget_deliveries
from orchestrator.flows.watch_guards import forget_counts, watch_guards
from orchestrator.storage import barrier, due_messages, inbox, releases, ticks
from orchestrator.worker.gatherer import Gatherer
from orchestrator.worker.pulse import Pulse
from orchestrator.worker.tellers import Tellers

log = logging.getLogger("relance.worker")

# A drain gives way after this, so that a hint never holds a thread for long; the next tick goes on.
BUDGET_SECONDS = 5.0
HOUSE_SECONDS = 10
WORK_SECONDS = 3.0
_SLOTS_KEPT = timedelta(hours=1)
# Figures are counted once per slot of so many seconds, for a part of it: sending needs the processor more.
FIGURES_SECONDS = 5
_FIGURES_BUDGET_SECONDS = 1.0
# How long a batch waits that some limit keeps back.
_ROOM_SECONDS = 0.1


class Engine:
    """The drains of one process. Threads may call them at will: each runs once at a time."""

    def __init__(self, place: Deployment) -> None:
        self.place = place
        place.require_lanes()
        self.post: Post = place.post()
        self._calls = {lane.id: ThreadPoolExecutor(lane.concurrency, f"lane-{lane.id}") for lane in self.post.lanes}
        self._running: dict[str, threading.Lock] = {}
        self._guard = ClockGuard()
        self._doubts = DoubtWatch()
        self._in_force: tuple[frozenset[str], Strategy] | None = None
        self._lock = threading.Lock()
        self.pulse = Pulse()
        self.stopped = threading.Event()
        self.came_in = threading.Event()
        self._tellers = Tellers(place, self._drain, self.stopped)
        self.gatherer = Gatherer(place, self.post, self._drain, pulse=self.pulse, wake=self.wake_listening)

    # -------------------------------------------------------------------------------------- drains

    def advance(self) -> int:
        """Decides every due case; returns how many it judged."""
        return self._drain("advance", self._advance_once)

    def send(self, lane_id: str) -> int:
        """Sends what a lane may carry now; returns how many messages moved."""
        lane = next((lane for lane in self.post.lanes if lane.id == lane_id), None)
        if lane is None:
            return 0
        return self._drain(f"send {lane_id}", lambda: self._send_once(lane))

    def reconcile(self) -> int:
        """Settles doubts; returns how many attempts changed."""
        return self._drain("reconcile", self._reconcile_once, once=True)

    def keep_house(self) -> int:
        """Ends pauses whose time is over, forgets old counts, takes messages back from lanes that are gone, follows
        whose work each case is.

        Returns how many pauses ended.
        """
        return self._drain("house", self._keep_house_once, once=True)

    def watch(self) -> int:
        """Looks at the guard-rails; returns how many paused something or warned."""
        return self._drain("guards", self._watch_once, once=True)

    def count(self) -> int:
        """Brings the figures of cases up to date for a while; what is left waits for the next tick."""
        self._drain("figures", self._count_once, once=True)
        return 0

    def listen(self) -> int:
        """Applies what came in; returns how many events it took up."""
        return self._drain("listen", self._listen_once)

    def wake_listening(self) -> None:
        """Something came in: who waits for that need not wait longer."""
        self.came_in.set()

    def tell(self) -> int:
        """Wakes those who tell endpoints what happened; returns at once."""
        return self._drain("endpoints", self._tellers.wake, once=True)

    def stop(self) -> None:
        """Lets what is in flight finish and ends the threads."""
        self.stopped.set()
        for pool in self._calls.values():
            pool.shutdown(wait=True)
        self._tellers.stop()

    # --------------------------------------------------------------------------------------- rounds

    def _advance_once(self) -> int:
        return advance_cases(self.place.database, self.strategy(), now=self.place.now()).looked_at

    def _send_once(self, lane: Lane) -> int:
        if not self._is_due(lane) or not self._may_send():
            return 0
        started = boot_clock.now()
        done = dispatch_lane(
            self.place.database,
            self.strategy(),
            self.post,
            lane,
            now=self.place.now(),
            real_now=datetime.now(UTC),
            executor=self._calls[lane.id],
        )
        self._pace(lane, done, boot_clock.now() - started)
        return done.moved + done.waiting

    def _listen_once(self) -> int:
        now, real_now = self.place.now(), datetime.now(UTC)
        with self.place.database.read() as conn:
            if not inbox.is_due(conn, now=real_now):
                return 0  # what is in force need not be read for nothing
        return apply_inbox(self.place.database, self.strategy(), now=now, real_now=real_now).looked_at

    def _is_due(self, lane: Lane) -> bool:
        """Asked first, for most ticks find nothing: an idle process costs next to nothing."""
        with self.place.database.read() as conn:
            return bool(due_messages.due(conn, now=self.place.now(), limit=1, lane=lane.id))

    def _pace(self, lane: Lane, done: Dispatched, taken_seconds: float) -> None:
        """Waits for the room that the next batch needs, rather than wording what cannot leave yet."""
        seconds = (done.moved / lane.rate - taken_seconds) if lane.rate else 0.0
        if done.waiting:
            seconds = max(seconds, _ROOM_SECONDS)
        if seconds > 0:
            self.stopped.wait(min(seconds, BUDGET_SECONDS))

    def _reconcile_once(self) -> int:
        """Leases and doubts are judged by clocks too: nothing is settled while they disagree."""
        with self.place.database.read() as conn:
            clock = barrier.clock(conn)
        if not self._is_steady(clock):
            return 0
        done = reconcile(
            self.place.database,
            self.post.lanes,
            self.post.adapters,
            now=self.place.now(),
            real_now=datetime.now(UTC),
            watch=self._doubts,
        )
        return done.doubted + done.found + done.absent

    def _keep_house_once(self) -> int:
        """Once per slot of ten seconds, whichever process comes first."""
        now, real_now = self.place.now(), datetime.now(UTC)
        with self.place.database.begin() as conn:
            if not ticks.claim(conn, "house", int(real_now.timestamp()) // HOUSE_SECONDS, now=real_now):
                return 0
            ticks.forget(conn, before=real_now - _SLOTS_KEPT)
        ended = 0

        def end() -> None:
            nonlocal ended
            ended = end_pauses(self.place.database, self.strategy(), now=now)

        database, adapters = self.place.database, self.post.adapters
        _each_apart(
            lambda: forget_counts(database, now=now),
            lambda: forget_deliveries(database, now=now),
            self._leave_lost_lanes,
            lambda: drain_pauses(database, self.strategy, adapters=adapters, now=now, real_now=real_now),
            end,
            self._follow_work,
        )
        return ended

    def _follow_work(self) -> None:
        """Whose work each case is, for the lists: a part of each slot, so that a large book never holds the house."""
        until = boot_clock.now() + WORK_SECONDS
        follow_work(
            self.place.database, self.strategy(), now=self.place.now(), is_over=lambda: boot_clock.now() > until
        )

    def _leave_lost_lanes(self) -> None:
        lane_ids, digest = {lane.id for lane in self.post.lanes}, self.place.lanes_digest
        left = leave_lost_lanes(self.place.database, lane_ids, digest, now=self.place.now())
        if left:
            log.warning("%d messages waited for lanes that are gone; their cases decide again", left)

    def _watch_once(self) -> int:
        done = watch_guards(self.place.database, self.strategy(), now=self.place.now())
        for name in (*done.paused, *done.warned):
            log.warning("a guard-rail acted: %s", name)
        return done.acted

    def _count_once(self) -> int:
        """Once per slot, whichever process comes first, and never for longer than a part of it."""
        real_now = datetime.now(UTC)
        with self.place.database.begin() as conn:
            if not ticks.claim(conn, "figures", int(real_now.timestamp()) // FIGURES_SECONDS, now=real_now):
                return 0
        strategy = self.strategy()  # to read it anew takes longer than a slice: it counts for nothing
        until = boot_clock.now() + _FIGURES_BUDGET_SECONDS
        done = project_figures(
            self.place.database,
            strategy,
            now=self.place.now(),
            is_over=lambda: self.stopped.is_set() or boot_clock.now() > until,
        )
        return done.stored

    def _drain(self, name: str, once_more: Callable[[], int], *, once: bool = False) -> int:
        """Rounds until one finds nothing or the budget is spent. Whoever comes while it runs goes away at once.

        No error ends its thread, whatever it is: the next tick tries again, and `pulse` knows.
        """
        with self._lock:
            running = self._running.setdefault(name, threading.Lock())
        if not running.acquire(blocking=False):
            return 0
        total, until = 0, boot_clock.now() + BUDGET_SECONDS
        try:
            while not self.stopped.is_set():
                moved = once_more()
                self.pulse.beat(name)
                total += moved
                if once or not moved or boot_clock.now() > until:
                    break
        except StorageError as error:
            # The database is away, or somebody else holds it.
            self.pulse.fail(name)
            log.warning("%s stopped: %s", name, error.code)
            return 0  # not at once: what failed is tried again at the next tick
        except Exception as error:  # noqa: BLE001 - the thread of a drain must outlive every error
            self.pulse.fail(name)
            log.error("%s failed: %s", name, kind_and_place(error, frames=8))
            return 0
        finally:
            running.release()
        return total

    # ------------------------------------------------------------------------------------- in force

    def strategy(self) -> Strategy:
        """What is in force, built anew when a release was made current or is followed for the first time."""
        with self.place.database.read() as conn:
            current = frozenset(item.id for item in releases.current(conn).values())
        with self._lock:
            if self._in_force is None or self._in_force[0] != current:
                self._in_force = (current, self.place.strategy())
            return self._in_force[1]

    def _may_send(self) -> bool:
        """The clocks agree, and the lanes of this process are those in force (semantics D7)."""
        with self.place.database.read() as conn:
            clock = barrier.clock(conn)
            has_lanes = are_in_force(conn, self.place.lanes_digest)
        if not has_lanes:
            log.warning("other lanes are in force: this process sends nothing until it is started with them")
            return False
        return self._is_steady(clock)

    def _is_steady(self, database_clock: datetime | None) -> bool:
        with self._lock:
            is_steady = self._guard.is_steady(
                wall=datetime.now(UTC), boot_seconds=boot_clock.now(), database=database_clock
            )
        if not is_steady:
            log.warning("the clocks disagree: nothing is sent or settled until they agree")
        return is_steady


def _each_apart(*jobs: Callable[[], object]) -> None:
    """Does every job, also after one that failed; raises what failed last, for its drain to tell."""
    failed: Exception | None = None
    for job in jobs:
        try:
            job()
        except Exception as error:  # noqa: BLE001 - it is raised below
            failed = error
    if failed is not None:
        raise failed
