"""What one process has seen of each doubt, by a clock that nobody sets: how long it lasts, and when to ask again.

A wall clock that is ahead, or was set forward, makes a doubt look old enough to be absent; the message would then be
sent a second time. So no process declares one absent that it has not itself seen in doubt for as long as that takes.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from channels import boot_clock

# Between two look-ups of the same doubt at most.
_LONGEST_PAUSE = timedelta(hours=1)


class DoubtWatch:
    """One per process. `clock` gives the seconds of a clock that never jumps."""

    def __init__(self, clock: Callable[[], float] = boot_clock.now) -> None:
        self._clock = clock
        self._seen: dict[str, float] = {}
        self._asked: dict[str, tuple[float, timedelta]] = {}
        self._met: set[str] = set()
        self.after: tuple[datetime, str] | None = None

    def meet(self, attempt_ids: Iterable[str]) -> None:
        """These are in doubt now."""
        now = self._clock()
        for attempt_id in attempt_ids:
            self._met.add(attempt_id)
            self._seen.setdefault(attempt_id, now)

    def wrap(self) -> None:
        """Every doubt was met since the last time; what was not met is settled, and forgotten."""
        self._seen = {key: at for key, at in self._seen.items() if key in self._met}
        self._asked = {key: at for key, at in self._asked.items() if key in self._met}
        self._met = set()
        self.after = None

    def seen_for(self, attempt_id: str) -> timedelta:
        """How long this process has known it to be in doubt."""
        now = self._clock()
        return timedelta(seconds=now - self._seen.get(attempt_id, now))

    def is_time_to_ask(self, attempt_id: str, *, pause: timedelta) -> bool:
        """Whether its provider is to be asked again; the answer is kept. Each pause is twice the one before."""
        now = self._clock()
        next_at, pause = self._asked.get(attempt_id, (now, pause))
        if now < next_at:
            return False
        self._asked[attempt_id] = (now + pause.total_seconds(), min(2 * pause, _LONGEST_PAUSE))
        return True
