"""A clock for a demonstration: faster than the wall's, through the open hours of an office, skipping its nights.

Half past eight in the evening is followed by the next working morning, so that somebody who watches sees days go by.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from orchestrator.domain.place import is_business_day, place_of

OPENS, CLOSES = time(7, 55), time(20, 30)


class OfficeClock:
    """`start` is where it stands when it is made; `seconds` is what it reads, such as `time.monotonic`."""

    def __init__(
        self, start: datetime, *, speed: float, seconds: Callable[[], float], zone: str = "Europe/Paris"
    ) -> None:
        self._zone = ZoneInfo(zone)
        self._place = place_of("FR", "75001")
        self._speed = speed
        self._seconds = seconds
        self._began = seconds()
        self._start = self._open(start.astimezone(self._zone))

    def now(self) -> datetime:
        """The instant of the demonstration, in UTC; it never goes back."""
        left = timedelta(seconds=(self._seconds() - self._began) * self._speed)
        at = self._start
        while left > (today := self._closing(at.date()) - at):
            left -= today
            at = self._opening(self._next_day(at.date()))
        return (at + left).astimezone(UTC)

    def today(self) -> date:
        """The day of the demonstration, in its zone."""
        return self.now().astimezone(self._zone).date()

    def _open(self, at: datetime) -> datetime:
        """The instant itself while the office is open, else its next morning."""
        day = at.date()
        if is_business_day(day, self._place) and at < self._closing(day):
            return max(at, self._opening(day))
        return self._opening(self._next_day(day))

    def _opening(self, day: date) -> datetime:
        return datetime.combine(day, OPENS, self._zone)

    def _closing(self, day: date) -> datetime:
        return datetime.combine(day, CLOSES, self._zone)

    def _next_day(self, day: date) -> date:
        following = day + timedelta(days=1)
        while not is_business_day(following, self._place):
            following += timedelta(days=1)
        return following
