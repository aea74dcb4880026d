"""A sender as a process of its own: advance, dispatch and reconcile in a loop, until it is idle, ended or killed.

`python -m tests.proof.sender` reads jobs from its standard input, a line of JSON each, forks a sender for each and
answers with its process id: what is slow to load is loaded once.
"""

import os
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from channels import boot_clock
from orchestrator.domain.errors import RelanceError
from orchestrator.domain.lane import Lane
from orchestrator.flows.advance_cases import advance_cases
from orchestrator.flows.dispatch import Dispatched, dispatch_lane
from orchestrator.flows.doubt_watch import DoubtWatch
from orchestrator.flows.outgoing import Post
from orchestrator.flows.reconcile import Horizons, reconcile
from orchestrator.flows.strategy import Strategy
from orchestrator.storage import lane_states
from orchestrator.storage.database import Database
from tests.proof.kill_points import arm
from tests.proof.scene import Scene, Way, open_scene, warm_up

_RECONCILE_SECONDS = 0.2
_IDLE_ROUNDS = 3


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """What a sender is to do. `shift_seconds` is what its clock of flows is ahead of the real one.

    It ends when it finds nothing more to do, or after `seconds` where it is told to stay; `report` is then written.
    With `horizons` it reconciles too. `kill_at` names a point of kill_points, `kill_on` the time that it is deadly.
    """

    database: str
    way: Way
    shift_seconds: float
    report: str
    seconds: float = 20.0
    stays: bool = False
    kill_at: str = ""
    kill_on: int = 1
    horizons: Horizons | None = None


class Report(msgspec.Struct, frozen=True):
    """What a sender did, if it lived to tell."""

    left: int
    in_doubt: int
    put_back: int
    troubles: list[str]


class Sender:
    """One sender at work."""

    def __init__(self, job: Job, database: Database, strategy: Strategy, post: Post, lane: Lane) -> None:
        self._job, self._database, self._strategy, self._post, self._lane = job, database, strategy, post, lane
        self._shift = timedelta(seconds=job.shift_seconds)
        self._total = Dispatched()
        self._troubles: list[str] = []
        self._reconciled_at = 0.0
        self._watch = DoubtWatch()

    def run(self) -> Report:
        until, idle = boot_clock.now() + self._job.seconds, 0
        with ThreadPoolExecutor(self._lane.concurrency) as calls:
            while boot_clock.now() < until and (self._job.stays or idle < _IDLE_ROUNDS):
                try:
                    idle = 0 if self._round(calls) else idle + 1
                except RelanceError as error:
                    self._troubles.append(error.code)
                    time.sleep(0.02)
                if idle:
                    time.sleep(0.01)
        total = self._total
        return Report(total.left, total.in_doubt, total.put_back, self._troubles)

    def _round(self, calls: ThreadPoolExecutor) -> bool:
        """Whether there was anything to do, or soon will be."""
        real_now = datetime.now(UTC)
        now = real_now + self._shift
        judged = advance_cases(self._database, self._strategy, now=now).judged
        done = dispatch_lane(
            self._database, self._strategy, self._post, self._lane, now=now, real_now=real_now, executor=calls
        )
        self._total.add(done)
        return bool(judged or done.moved or done.waiting or self._settled(now, real_now) or self._rests(real_now))

    def _rests(self, real_now: datetime) -> bool:
        with self._database.read() as conn:
            return lane_states.load(conn, self._lane.id).rests(real_now)

    def _settled(self, now: datetime, real_now: datetime) -> bool:
        if self._job.horizons is None or boot_clock.now() < self._reconciled_at + _RECONCILE_SECONDS:
            return False
        self._reconciled_at = boot_clock.now()
        lanes, adapters = (self._lane,), self._post.adapters
        done = reconcile(
            self._database,
            lanes,
            adapters,
            now=now,
            real_now=real_now,
            watch=self._watch,
            horizons=self._job.horizons,
        )
        return bool(done.doubted or done.found or done.absent)


def work(scene: Scene, job: Job) -> None:
    """Does a job in this process and writes its report."""
    if job.kill_at:
        arm(job.kill_at, job.kill_on)
    database, lane = Database(job.database), job.way.lane()
    sender = Sender(job, database, scene.on(lane), scene.post(lane, job.way.adapter()), lane)
    report = sender.run()
    database.close()
    Path(job.report).write_bytes(msgspec.json.encode(report))


def main() -> None:
    """Forks a sender for each line until the input ends; the senders go on."""
    scene = open_scene()
    warm_up(scene)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the system buries them
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        job = msgspec.json.decode(line, type=Job)
        child = os.fork()
        if not child:
            _live(scene, job)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()


def _live(scene: Scene, job: Job) -> None:
    """The life of a sender: its end is this process's, whatever happens."""
    code = 1
    try:
        work(scene, job)
        code = 0
    finally:
        os._exit(code)


if __name__ == "__main__":
    main()
