"""One trial: senders on one database against one provider, and the ways in which a test drives and judges them."""

from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from msgspec.structs import replace

from channels import boot_clock
from orchestrator.flows.doubt_watch import DoubtWatch
from orchestrator.flows.pause_sending import PauseReport, pause_report
from orchestrator.flows.reconcile import reconcile
from orchestrator.storage.database import Database
from orchestrator.storage.messages import MessageState
from tests.proof.history import History, faults_at_any_time, faults_in_the_end, read_history
from tests.proof.scene import Scene, Way
from tests.proof.sender import Job, Report
from tests.stubs.twilio_stub import TwilioStub

# After the death of a sender: its lease is over; the first look-up; the second, past the horizon; one more for luck.
_AFTERWARDS = (timedelta(seconds=30), timedelta(minutes=3), timedelta(minutes=20), timedelta(minutes=21))
_MOST_ROUNDS = 12


class Senders(Protocol):
    """Who makes processes."""

    def start(self, job: Job) -> int: ...
    def wait(self, process_id: int, seconds: float = ...) -> Report | None: ...
    def kill(self, process_id: int) -> None: ...
    def is_alive(self, process_id: int) -> bool: ...


class Trial:
    """Its clock of flows is `shift` ahead of the real one, for all senders alike."""

    def __init__(self, url: str, stub: TwilioStub, senders: Senders, scene: Scene, shift: timedelta) -> None:
        self.stub, self.senders, self.scene, self.shift = stub, senders, scene, shift
        self.way = Way(stub=stub.url)
        self.url = url
        self.database = Database(url)
        self._later = 0.0
        self._watch = DoubtWatch(lambda: boot_clock.now() + self._later)

    def close(self) -> None:
        self.database.close()

    # ---------------------------------------------------------------------------------- driving

    def start(self, **changes: Any) -> int:
        """Starts a sender."""
        usual = Job(database=self.url, way=self.way, shift_seconds=self.shift.total_seconds(), report="")
        return self.senders.start(replace(usual, **changes))

    def send(self, **changes: Any) -> Report | None:
        """Starts a sender and waits for its end; None when it was killed."""
        return self.senders.wait(self.start(**changes))

    def send_together(self, count: int = 2, **changes: Any) -> list[Report | None]:
        """Several senders at once."""
        started = [self.start(**changes) for _ in range(count)]
        return [self.senders.wait(each) for each in started]

    def reconcile(self, after: timedelta) -> None:
        """One round of reconciling as it will be that long from now: no sender is alive, so none can answer late."""
        self._later = after.total_seconds()
        lane = self.way.lane()
        reconcile(
            self.database,
            (lane,),
            {lane.id: self.way.adapter()},
            now=self.now(),
            real_now=datetime.now(UTC) + after,
            watch=self._watch,
        )

    def mend(self, count: int = 1) -> int:
        """Doubts are settled and senders started again, until every message has left; how often that took."""
        for number in range(_MOST_ROUNDS):
            for after in _AFTERWARDS:
                self.reconcile(after)
            assert faults_at_any_time(self.history()) == []
            if set(self.history().states()) == {MessageState.ACCEPTED}:
                return number
            self.shift += timedelta(minutes=2)  # what was put back is due again
            self.send_together(count)
        raise AssertionError(f"messages were lost: {self.history().states()}")

    def now(self) -> datetime:
        """The instant by the senders' clock."""
        return datetime.now(UTC) + self.shift

    # ---------------------------------------------------------------------------------- judging

    def history(self) -> History:
        return read_history(self.database, tuple(self.stub.taken))

    def requests(self) -> int:
        """How many requests the provider has met, whatever became of them."""
        return sum(self.stub.requests.values())

    def report(self, pause_id: str) -> PauseReport:
        lane = self.way.lane()
        return pause_report(
            self.database,
            lambda: self.scene.on(lane),
            pause_id,
            adapters={},
            now=self.now(),
            real_now=datetime.now(UTC),
        )

    def assert_all_left_once(self) -> None:
        assert faults_in_the_end(self.history()) == []
