"""The clock guard: after a step of the wall clock nothing is sent until the clocks agree again.

A jump can do harm only where hours are judged. Leases, deadlines and breakers live by clocks that do not jump.
"""

from datetime import datetime, timedelta

# What two clocks may differ by, and how much one may move against the other between two looks.
TOLERANCE = timedelta(seconds=2)
# Where no database has a clock of its own, a stepped clock is believed once it has run evenly for so long.
_QUIET_SECONDS = 60.0


class ClockGuard:
    """Compares the wall clock with the boot clock, and with the database's where it has one. One per process."""

    def __init__(self) -> None:
        self._offset: timedelta | None = None
        self._stepped_at: float | None = None

    def is_steady(self, *, wall: datetime, boot_seconds: float, database: datetime | None = None) -> bool:
        """Whether sending may go on. `boot_seconds` is `boot_clock.now()`; instants are aware UTC."""
        offset = (wall - datetime.min.replace(tzinfo=wall.tzinfo)) - timedelta(seconds=boot_seconds)
        before, self._offset = self._offset, offset
        if before is not None and abs(offset - before) > TOLERANCE:
            self._stepped_at = boot_seconds
        if database is not None:
            agrees = abs(wall - database) <= TOLERANCE
            if agrees:
                self._stepped_at = None
            return agrees
        if self._stepped_at is not None and boot_seconds - self._stepped_at >= _QUIET_SECONDS:
            self._stepped_at = None
        return self._stepped_at is None
