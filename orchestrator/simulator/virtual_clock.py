"""The clock of a run: it stands still until it is moved. Nothing here reads a real one."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

HOUR = timedelta(hours=1)


class VirtualClock:
    """The instant that a run has reached. Calling it gives that instant in `zone`, as the sandbox dates its files."""

    def __init__(self, start: datetime, *, zone: str = "Europe/Paris") -> None:
        self.now = start.astimezone(UTC)
        self.zone = ZoneInfo(zone)

    def __call__(self) -> datetime:
        return self.now.astimezone(self.zone)

    @property
    def today(self) -> date:
        """The day of the run, in its zone."""
        return self.now.astimezone(self.zone).date()

    def at(self, day: date, hour: time) -> datetime:
        """A local hour of a day as an instant in UTC."""
        return datetime.combine(day, hour, self.zone).astimezone(UTC)


def next_hour(at: datetime) -> datetime:
    """The full hour at or after an instant."""
    whole = at.replace(minute=0, second=0, microsecond=0)
    return whole if whole == at else whole + HOUR
