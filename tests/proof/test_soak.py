"""Minutes of random deaths, pauses and faults with fresh seeds; a failure names its seed. `make soak` runs it."""

import os
import random
import secrets
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from orchestrator.domain.condition import ALWAYS
from orchestrator.domain.interruption import Pause
from orchestrator.flows.pause_sending import start_pause
from orchestrator.flows.reconcile import Horizons
from orchestrator.flows.resume_sending import resume_pause
from tests.proof.conftest import LARGE, Nursery, fill_database
from tests.proof.history import faults_at_any_time
from tests.proof.kill_points import POINTS
from tests.proof.private_postgres import PrivatePostgres, binaries
from tests.proof.scene import NOW, Scene
from tests.proof.trial import Trial
from tests.stubs.twilio_faults import Fault, Kind, Plan, by_chance
from tests.stubs.twilio_stub import TwilioStub

SECONDS = float(os.environ.get("RELANCE_TEST_SOAK_SECONDS", "120"))
_ROUND_SECONDS = 15.0
# The stand-in takes what it takes at once, so that absence is proved soon; a call lasts 0.3 s at most.
_SOON = Horizons(first_look_up=timedelta(seconds=1), late=timedelta(seconds=3))
_DURABLE = "?options=-csynchronous_commit%3Don"

pytestmark = pytest.mark.soak


@pytest.fixture
def own_postgres() -> Iterator[PrivatePostgres]:
    if binaries() is None:
        pytest.skip("no PostgreSQL server is installed here")
    with PrivatePostgres() as made:
        yield made


def test_whatever_happens_each_message_leaves_once(
    own_postgres: PrivatePostgres, stub: TwilioStub, nursery: Nursery, scene: Scene
) -> None:
    server, until = own_postgres.server(), time.monotonic() + SECONDS
    template = server.create_database()
    fill_database(template, scene, LARGE)
    while time.monotonic() < until:
        seed = secrets.randbelow(1_000_000)
        print(f"seed {seed}")  # noqa: T201  # shown when it fails
        url = server.create_database(template=template.rpartition("/")[2])
        stub.reset()
        trial = Trial(url + _DURABLE, stub, nursery, scene, NOW - datetime.now(UTC))
        trial.way = replace(trial.way, timeout_seconds=0.3)
        try:
            _Storm(trial, own_postgres, random.Random(seed)).blow()
            trial.stub.plan = by_chance(seed, {})
            trial.mend(count=2)
            trial.assert_all_left_once()
        finally:
            trial.close()
        server.drop_database(url)


class _Storm:
    """One round of it."""

    def __init__(self, trial: Trial, postgres: PrivatePostgres, dice: random.Random) -> None:
        self._trial, self._postgres, self._dice = trial, postgres, dice
        self._senders: list[int] = []
        self._pauses = 0

    def blow(self) -> None:
        until = time.monotonic() + _ROUND_SECONDS
        acts = [self._send] * 4 + [self._kill] * 3 + [self._pause] * 2 + [self._turn] * 2 + [self._crash]
        while time.monotonic() < until:
            self._dice.choice(acts)()
            time.sleep(self._dice.uniform(0.0, 0.3))
        for sender in self._senders:
            self._trial.senders.kill(sender)
            self._trial.senders.wait(sender)
        assert faults_at_any_time(self._trial.history()) == []

    def _send(self) -> None:
        """Another sender, doomed or not; three at once are enough for this machine."""
        self._senders = [each for each in self._senders if self._trial.senders.is_alive(each)]
        if len(self._senders) < 3:
            point = self._dice.choice([*POINTS, ""])
            on = self._dice.randrange(1, 40) if "call" in point else self._dice.randrange(1, 4)
            self._senders.append(self._trial.start(stays=True, seconds=60.0, horizons=_SOON, kill_at=point, kill_on=on))

    def _kill(self) -> None:
        if self._senders:
            sender = self._senders.pop(self._dice.randrange(len(self._senders)))
            self._trial.senders.kill(sender)
            self._trial.senders.wait(sender)

    def _pause(self) -> None:
        """Waits for senders that died with calls in flight: as long as their leases, 15 s."""
        trial, number = self._trial, self._pauses
        self._pauses += 1
        pause = Pause(id=f"p-{number}", scope=ALWAYS, since=trial.now(), reason="a storm", by="test")
        start_pause(trial.database, pause)
        until = time.monotonic() + 20.0
        while trial.report(pause.id).state != "paused":
            assert time.monotonic() < until, "it never says paused"
            time.sleep(0.01)
        met = trial.requests()
        time.sleep(0.2)
        assert trial.requests() == met
        strategy = trial.scene.on(trial.way.lane())
        resume_pause(trial.database, strategy, pause.id, by="test", now=trial.now(), is_confirmed=True, ramp_minutes=0)

    def _turn(self) -> None:
        """The provider's mood."""
        self._trial.stub.plan = _mood(self._dice)

    def _crash(self) -> None:
        self._postgres.crash()


def _mood(dice: random.Random) -> Plan:
    kinds = [
        Kind.SILENT,
        Kind.CUT_EARLY,
        Kind.CUT_AFTER,
        Kind.CUT_MID,
        Kind.GARBLE,
        Kind.BREAK,
        Kind.THROTTLE,
        Kind.LATE,
    ]
    chances = {Fault(kind, seconds=0.1): dice.uniform(0.0, 0.05) for kind in kinds}
    return by_chance(dice.randrange(1_000_000), chances)
