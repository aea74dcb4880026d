"""What every endpoint works with: the deployment, its clocks, and what is in force. Wires nothing."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from threading import Lock
from time import monotonic
from typing import Annotated

from fastapi import Depends, Request

from orchestrator.bootstrap import Deployment
from orchestrator.flows.strategy import Strategy
from orchestrator.rendering.charts.draw import ChartRenderer
from orchestrator.storage.database import Database

Clock = Callable[[], datetime]

# Reading every release anew takes a tenth of a second; a release is current for all within this time.
STRATEGY_KEPT_SECONDS = 5.0


class Desk:
    """One per application. `now` is the instant of flows, `real_now` that of keys and their uses."""

    def __init__(self, deployment: Deployment, *, clock: Clock | None = None) -> None:
        """With `clock`, that one tells both times."""
        self.deployment = deployment
        self._clock = clock
        self._lock = Lock()
        self._strategy: Strategy | None = None
        self._read_at = 0.0
        self._charts: ChartRenderer | None = None

    @property
    def database(self) -> Database:
        """The database. Raises StorageError when it is away or not current."""
        return self.deployment.database

    def now(self) -> datetime:
        """The instant that flows are given."""
        return self._clock() if self._clock else self.deployment.now()

    def real_now(self) -> datetime:
        """The instant of the wall."""
        return self._clock() if self._clock else datetime.now(UTC)

    def today(self) -> date:
        """The day of this machine, by which ledgers are dated."""
        return self.now().astimezone().date()

    def strategy(self) -> Strategy:
        """What is in force, a few seconds old at most."""
        with self._lock:
            if self._strategy is None or monotonic() - self._read_at > STRATEGY_KEPT_SECONDS:
                self._strategy = self.deployment.strategy()
                self._read_at = monotonic()
            return self._strategy

    def charts(self) -> ChartRenderer:
        """What draws charts. Its fonts take 12 MB, so it is made when the first chart is asked for."""
        with self._lock:
            if self._charts is None:
                self._charts = ChartRenderer(self.deployment.settings.fonts)
            return self._charts


def _desk(request: Request) -> Desk:
    found = request.app.state.desk
    assert isinstance(found, Desk)  # noqa: S101 - put there by `make_app`
    return found


AtDesk = Annotated[Desk, Depends(_desk)]
"""An endpoint's parameter of this type is the desk."""
