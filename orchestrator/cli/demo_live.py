"""The demonstration that lives on: the database of `relance demo`, real workers, and debtors who answer.

Its clock runs through office hours, twenty times as fast as the wall's. Everything goes to the sandbox.
"""

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic

import msgspec

from channels.contract import Channel
from orchestrator.bootstrap import Deployment
from orchestrator.cli.rehearsal_home import require_rehearsal
from orchestrator.cli.terminal import console, errors
from orchestrator.domain.campaign import Campaign, Mode
from orchestrator.domain.errors import RelanceError, kind_and_place
from orchestrator.domain.lane import SANDBOX_LANES, Lane
from orchestrator.flows.grant_access import add_user
from orchestrator.flows.passwords import hash_password
from orchestrator.flows.strategy import Strategy
from orchestrator.settings import Settings
from orchestrator.simulator.debtors import SimulatedDebtors
from orchestrator.simulator.living import LivingDebtors
from orchestrator.simulator.office_clock import OfficeClock
from orchestrator.storage import access, journal, sign_in

SPEED = 20
SEED = 1
USER = "demo"
_STEP_SECONDS = 1.0

# Slow enough to be watched: a message or so a second by each channel, by the clock on the wall.
_RATES = {Channel.SMS: 0.06, Channel.EMAIL: 0.08, Channel.LETTER: 0.04}
# What is approved in the morning, so that the work list has its batch.
_CONFIRMED = frozenset({"b2b-large", "b2b-small"})
_COLLEAGUES = (("camille", "agent", "Camille Royer"), ("karim", "agent", "Karim Belkacem"),
               ("sofia", "manager", "Sofia Lindqvist"))  # fmt: skip


class LiveDemo(Deployment):
    """The deployment of the demonstration: its own clock, slow lanes, campaigns that really send."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        with self.database.read() as conn:
            line = journal.last_recorded_at(conn)
        self.clock = OfficeClock(line or datetime.now(UTC), speed=SPEED, seconds=monotonic)

    @property
    def offset(self) -> timedelta:
        """How far the demonstration's clock is from the wall's."""
        return self.clock.now() - datetime.now(UTC)

    def now(self) -> datetime:
        """The instant of the demonstration."""
        return self.clock.now()

    @property
    def lanes(self) -> tuple[Lane, ...]:
        """The sandbox's, slow enough to be watched."""
        return tuple(msgspec.structs.replace(lane, rate=_RATES[lane.channel], burst=3) for lane in SANDBOX_LANES)

    def strategy(self, *, mode: Mode | None = None, is_rehearsal: bool = False) -> Strategy:
        """What is in force, sending by itself but for what is approved in the morning."""
        found = super().strategy(mode=mode, is_rehearsal=is_rehearsal)
        creditors = {
            name: msgspec.structs.replace(creditor, mode=Mode.AUTOMATIC) for name, creditor in found.creditors.items()
        }
        return msgspec.structs.replace(
            found,
            campaigns=tuple(map(_moded, found.campaigns)),
            pinned=tuple(map(_moded, found.pinned)),
            creditors=creditors,
        )


def _moded(campaign: Campaign) -> Campaign:
    mode = Mode.CONFIRM if campaign.id in _CONFIRMED else Mode.AUTOMATIC
    return msgspec.structs.replace(campaign, mode=mode)


def live_demo(settings: Settings, home: Path) -> LiveDemo:
    """The deployment over a home that `relance demo` made. Raises Conflict for any other folder."""
    require_rehearsal(home)
    own = msgspec.structs.replace(
        settings, home=home, database_url=f"sqlite:///{home / 'relance.db'}", redis_url="", lanes=None, now=None
    )
    place = LiveDemo(own)
    _tell_who(place)
    return place


def _tell_who(place: LiveDemo) -> None:
    """Some colleagues, and an administrator whose password is told each time: nothing here is worth guarding."""
    now, password = datetime.now(UTC), "-".join(secrets.token_hex(2) for _ in range(4))
    with place.database.read() as conn:
        known = {user.name for user in access.all_users(conn)}
    language = place.settings.language
    for name, role, full_name in (*_COLLEAGUES, (USER, "admin", "")):
        if name not in known:
            add_user(place.database, name, role=role, by="demo", now=now, language=language, full_name=full_name)
    hashed = hash_password(password)
    with place.database.begin() as conn:
        sign_in.put_password(conn, USER, hashed, now=now)
        sign_in.put_totp(conn, USER, None, step=0)
    console.print(f"Sign in as {USER} with the password {password}", markup=False)


@contextmanager
def living(place: LiveDemo) -> Iterator[None]:
    """Debtors live while the block runs."""
    stopped = threading.Event()
    debtors = LivingDebtors(place.database, SimulatedDebtors(SEED), seed=SEED)

    def live() -> None:
        while not stopped.is_set():
            try:
                debtors.step(place.strategy(), now=place.now(), today=place.clock.today())
            except RelanceError as error:  # the database was busy: next time
                errors.print(f"demo: {error.code}", markup=False)
            except Exception as error:  # noqa: BLE001 - the debtors of a demonstration may fail, the console may not
                errors.print(f"demo: {kind_and_place(error, frames=4)}", markup=False)
            stopped.wait(_STEP_SECONDS)

    thread = threading.Thread(target=live, name="debtors", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join()
