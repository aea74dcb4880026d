"""How the drains of one process fare: when each last finished a round, how often it failed. Restarts nothing."""

import threading
from collections.abc import Callable

from channels import boot_clock

# A drain that has finished no round for so many of its periods is late; none is before a minute is over.
_PERIODS = 20
_LEAST_SECONDS = 60.0


class Pulse:
    """Beaten by the drains, read by `/readyz` and `/metrics`. Threads may call it at will."""

    def __init__(self, *, clock: Callable[[], float] = boot_clock.now) -> None:
        """`clock` tells seconds that only grow."""
        self._clock = clock
        self._lock = threading.Lock()
        self._patience: dict[str, float] = {}
        self._beaten_at: dict[str, float] = {}
        self._failures: dict[str, int] = {}

    def expect(self, drain: str, *, every_seconds: float) -> None:
        """From now on this drain must finish its rounds."""
        with self._lock:
            self._patience[drain] = max(every_seconds * _PERIODS, _LEAST_SECONDS)
            self._beaten_at[drain] = self._clock()

    def beat(self, drain: str) -> None:
        """A round of this drain was finished, whatever it found."""
        with self._lock:
            self._beaten_at[drain] = self._clock()

    def fail(self, drain: str) -> None:
        """A round of this drain ended by an error."""
        with self._lock:
            self._failures[drain] = self._failures.get(drain, 0) + 1

    def late(self) -> tuple[str, ...]:
        """The drains that hang, fail each time, or whose thread is gone; by name."""
        now = self._clock()
        with self._lock:
            return tuple(
                sorted(name for name, longest in self._patience.items() if now - self._beaten_at[name] > longest)
            )

    def failures(self) -> dict[str, int]:
        """How many rounds failed since the process began, by drain; zero for one that never did."""
        with self._lock:
            return {name: self._failures.get(name, 0) for name in sorted({*self._patience, *self._failures})}
