"""Pausing everything under full load: `python -m tests.bench.pause_load`. PostgreSQL with durable commits.

Two workers' engines send to a provider's stand-in as fast as they can. A third process pauses as `relance pause --all`
does, again and again, until it is told `paused`. The reference is the slowest call in flight: no pause can be
acknowledged before it has ended. What the provider receives after an acknowledgement fails the bench.
"""

import json
import os
import random
import secrets
import sys
import threading
import time
from bisect import bisect_left
from datetime import UTC, datetime
from http.client import HTTPConnection
from itertools import pairwise
from statistics import linear_regression
from urllib.parse import urlsplit

import msgspec
from msgspec.structs import replace

from channels import boot_clock
from channels.contract import Adapter, Evidence, Inquiry, Message, Outcome
from orchestrator.bootstrap import Deployment
from orchestrator.domain.condition import ALWAYS
from orchestrator.domain.interruption import Pause
from orchestrator.flows.dispatch import BATCH
from orchestrator.flows.pause_sending import load_pause, pause_report, start_pause, wait_for_pause
from orchestrator.settings import read_settings
from orchestrator.storage import due_messages, pauses
from orchestrator.worker.collector import calm_collector
from tests.bench import sending
from tests.bench.engines import FullLoad, surroundings
from tests.bench.measure import share_of
from tests.bench.portfolios import databases
from tests.bench.workers import WORKERS, hear, started, tell

PAUSES = 30
PLANNED = 24_000
# A machine with much else to do makes fewer of them; of too few nothing can be said.
_SECONDS = 28.0
_FEWEST = 10
# How long the senders are in full flight before each pause, at least and at most, so that it meets them anywhere.
_LOAD_SECONDS = (0.3, 0.6)
# How long each pause stands: what would leak has time to.
_STANDS_SECONDS = 0.1
_BUDGET_SECONDS = 0.1
_SEED = 7


class Paused(msgspec.Struct):
    """One pause. Seconds of the wall clock when it was asked, past the barrier, acknowledged, and ended; how many had
    left by its own word."""

    asked: float
    closed: float
    acknowledged: float
    left_before: int
    ended: float = 0.0

    @property
    def taken(self) -> float:
        """Seconds until it was acknowledged."""
        return self.acknowledged - self.asked


def main() -> None:
    """Plans, starts the workers, pauses under their load, and holds the provider's ledger against every pause."""
    with databases() as found, sending.stand_in() as url:
        if "PostgreSQL" not in found:
            return
        with surroundings(found["PostgreSQL"], url) as environ:
            place = Deployment(read_settings(environ), environ=environ)
            place.require_lanes()
            sending.plan(place.database, sending.in_force()[1], PLANNED)
            with started([["tests.bench.pause_load", "work"]] * WORKERS, environ) as workers:
                hear(workers)
                tell(workers)
                _wait_for_load(url)
                done = _pauses(place)
                tell(workers)
                calls = [call for line in hear(workers) for call in json.loads(line)]
            place.database.close()
        taken = _taken(url)
    _judge(done, taken)
    _say(done, calls, taken)


def work() -> None:
    """A worker: drains its lane until it is told to stop, and says of each call when it began and ended."""
    engine = FullLoad(Deployment(read_settings()))
    lane = engine.post.lanes[0]
    timed = _Timed(engine.post.adapters[lane.id])
    engine.post = replace(engine.post, adapters={lane.id: timed})
    calm_collector()
    print("ready", flush=True)
    sys.stdin.readline()
    threading.Thread(target=_stop_when_told, args=(engine,)).start()
    while not engine.stopped.is_set():
        if not engine.send(lane.id):
            time.sleep(0.01)
    engine.stop()
    print(json.dumps(timed.calls), flush=True)


def _stop_when_told(engine: FullLoad) -> None:
    sys.stdin.readline()
    engine.stopped.set()


class _Timed:
    """An adapter that remembers when each call began and ended, by the wall clock, which all processes share."""

    def __init__(self, adapter: Adapter) -> None:
        self.name, self.channel, self.capabilities = adapter.name, adapter.channel, adapter.capabilities
        self._adapter = adapter
        self.calls: list[tuple[float, float]] = []

    def send(self, message: Message, *, start_by: float | None = None) -> Outcome:
        began = time.time()
        outcome = self._adapter.send(message, start_by=start_by)
        self.calls.append((began, time.time()))
        return outcome

    def look_up(self, inquiry: Inquiry) -> Evidence:
        return self._adapter.look_up(inquiry)


# ------------------------------------------------------------------------------------------------ pausing


def _pauses(place: Deployment) -> list[Paused]:
    """As many as are wanted, while there is load and time."""
    chance, until = random.Random(_SEED), boot_clock.now() + _SECONDS
    done: list[Paused] = []
    while len(done) < PAUSES and boot_clock.now() < until and _has_load(place, chance):
        done.append(_pause(place))
    if len(done) < _FEWEST:
        raise AssertionError(f"only {len(done)} pauses: what was planned is sent, or the time is over")
    return done


def _has_load(place: Deployment, chance: random.Random) -> bool:
    """After a moment of full flight: whether there still is something to send."""
    time.sleep(chance.uniform(*_LOAD_SECONDS))
    with place.database.read() as conn:
        return bool(due_messages.due(conn, now=place.now(), limit=1, lane=sending.LANE.id))


def _pause(place: Deployment) -> Paused:
    """As `relance pause --all` does; then it ends as a resume without ramp ends it.

    A resume also decides every case anew, which takes seconds here and is not what is measured: what the gate held
    back stays held, and the rest of the plan goes on.
    """
    pause = Pause(id=f"p-{secrets.token_hex(4)}", scope=ALWAYS, since=place.now(), reason="a crisis", by="bench")
    asked = time.time()
    start_pause(place.database, pause)
    closed = time.time()
    report = wait_for_pause(
        lambda: pause_report(
            place.database,
            place.strategy,
            pause.id,
            adapters=place.adapters,
            now=place.now(),
            real_now=datetime.now(UTC),
        ),
        seconds=15.0,
        clock=boot_clock.now,
        sleep=time.sleep,
    )
    made = Paused(asked, closed, time.time(), report.left_before.get("sms", 0))
    if report.state != "paused":
        raise AssertionError(f"after 15 s a pause is still {report.state}, {report.in_flight} calls in flight")
    time.sleep(_STANDS_SECONDS)
    made.ended = time.time()
    with place.database.begin() as conn:
        pauses.save(conn, replace(load_pause(conn, pause.id), resumed_at=place.now(), resumed_by="bench"))
    return made


def _wait_for_load(url: str) -> None:
    """The first gate words its messages with what is loaded then."""
    until = boot_clock.now() + 15.0
    while len(_taken(url)) < WORKERS * BATCH:
        if boot_clock.now() > until:
            raise AssertionError("the workers do not send")
        time.sleep(0.1)


def _taken(url: str) -> list[float]:
    """When the stand-in took each message, by its own ledger."""
    connection = HTTPConnection(urlsplit(url).netloc, timeout=30)
    connection.request("GET", "/_ledger")
    ledger = json.load(connection.getresponse())
    connection.close()
    return sorted(each["made_at"] for each in ledger["taken"])


# ------------------------------------------------------------------------------------------------ judging


def _judge(done: list[Paused], taken: list[float]) -> None:
    """Raises unless each pause was followed by no message and told the truth about what had left."""
    for number, each in enumerate(done, start=1):
        leaked = bisect_left(taken, each.ended) - bisect_left(taken, each.acknowledged)
        if leaked:
            raise AssertionError(f"{leaked} messages reached the provider after pause {number} was acknowledged")
        had_left = bisect_left(taken, each.acknowledged)
        if each.left_before != had_left:
            raise AssertionError(f"pause {number} says {each.left_before} left before it; the provider has {had_left}")


def _say(done: list[Paused], calls: list[tuple[float, float]], taken: list[float]) -> None:
    warm = [(began, ended) for began, ended in calls if ended > done[0].asked]
    durations = [ended - began for began, ended in warm]
    flying = [_slowest(warm, each) for each in done]
    seconds = sum(later.asked - earlier.ended for earlier, later in pairwise(done))
    sent = sum(bisect_left(taken, later.asked) - bisect_left(taken, earlier.ended) for earlier, later in pairwise(done))
    budget = share_of(durations, 0.99) + _BUDGET_SECONDS
    kept = sum(each.taken <= budget for each in done)
    slope, _ = linear_regression([each.left_before for each in done], [each.taken for each in done])
    print(f"  {WORKERS} workers, {sent / seconds:,.0f} messages/s between {len(done)} pauses of everything")
    _line("acknowledged as paused", [each.taken for each in done])
    _line("  of it the stop and the barrier", [each.closed - each.asked for each in done])
    _line("  of it what was in flight, and the report", [each.acknowledged - each.closed for each in done])
    _line(f"reference: one call of {len(durations):,}", durations)
    _line("reference: the slowest call in flight at a pause", flying)
    print(f"  budget, a call at p99 + 100 ms: {budget * 1e3:,.0f} ms, kept by {kept} of {len(done)} pauses")
    print(f"  {slope * 1e6:+,.0f} ms for each 1,000 messages that left in the day before")
    print("  after an acknowledgement the provider received 0 messages; `left_before` is its ledger's count each time")
    print(f"  load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


def _slowest(calls: list[tuple[float, float]], pause: Paused) -> float:
    """Seconds of the slowest call in flight while a pause was waited for; 0 when it met none."""
    met = (ended - began for began, ended in calls if began < pause.acknowledged and ended > pause.asked)
    return max(met, default=0.0)


def _line(what: str, seconds: list[float]) -> None:
    p50, p99, most = (share_of(seconds, share) * 1e3 for share in (0.5, 0.99, 1.0))
    print(f"  {what:<50} p50 {p50:6,.1f}  p99 {p99:6,.1f}  max {most:6,.1f} ms")


if __name__ == "__main__":
    if sys.argv[1:] == ["work"]:
        work()
    else:
        main()
