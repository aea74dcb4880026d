"""The case clock (semantics B2): `at`, `after`, `gap` and `expires` run on it.

It stands still during a hold or a shifted pause, and runs at 1/stretch during a crisis in scope. Overlaps count
once, stopped beats slow, the largest stretch wins. Everything else (due dates, limitation, caps) uses the calendar.
"""

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise

import msgspec

from orchestrator.domain.duration import Duration, Unit
from orchestrator.domain.place import Place, add_business_days, at_local, local_date, zone_info


class Span(msgspec.Struct, frozen=True, gc=False):
    """From `start` to `end` (None: still running) the clock runs at 1/stretch; stretch 0 is a standstill."""

    start: datetime
    end: datetime | None
    stretch: int


def shift(instant: datetime, duration: Duration, place: Place) -> datetime:
    """`instant` plus a duration in calendar units of the debtor's zone; hours and minutes are exact."""
    if duration.unit in (Unit.MINUTE, Unit.HOUR):
        return instant + timedelta(seconds=duration.seconds)
    # A calendar unit keeps the hour on the wall.
    local = instant.astimezone(zone_info(place.zone))
    return at_local(shift_date(local.date(), duration, place), local.time(), place.zone)


def shift_date(day: date, duration: Duration, place: Place) -> date:
    """A date plus whole calendar units. The 31st plus a month is the month's last day."""
    if duration.unit is Unit.MONTH:
        return add_months(day, duration.count)
    if duration.unit is Unit.BUSINESS_DAY:
        return add_business_days(day, duration.count, place)
    return day + timedelta(seconds=duration.seconds)


@lru_cache(maxsize=65536)
def add_months(day: date, count: int) -> date:
    """The same day `count` months on, or the last one of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def deadline(start: datetime, within: Duration, place: Place) -> datetime:
    """The end of what may be done `within` a duration: to the minute for hours, else to the end of the last day.

    One business day from a Saturday ends with Monday, not as it begins.
    """
    if within.unit in (Unit.MINUTE, Unit.HOUR):
        return shift(start, within, place)
    day = local_date(start, place)
    return end_of(shift_date(day, within, place), 0, place)


def end_of(day: date, grace_days: int, place: Place) -> datetime:
    """The first instant after an inclusive until-date and its grace."""
    return at_local(day + timedelta(days=grace_days + 1), time(), place.zone)


def run(start: datetime, nominal: timedelta, spans: tuple[Span, ...]) -> datetime | None:
    """When `nominal` has elapsed on the case clock since `start`; None when it stands still without an end."""
    if not spans or nominal <= timedelta(0):
        return start + nominal
    at, left = start, nominal
    for begin, end, stretch in _pieces(start, spans):
        free = begin - at
        if left <= free:
            return at + left
        left -= max(free, timedelta(0))
        if stretch == 0:
            if end is None:
                return None
            at = end
            continue
        if end is None or left * stretch <= end - begin:
            return begin + left * stretch
        left -= (end - begin) / stretch
        at = end
    return at + left


def stopped_between(start: datetime, end: datetime, spans: tuple[Span, ...]) -> timedelta:
    """How long the clock stood still or ran slow between two instants, in real time."""
    total = timedelta(0)
    for begin, until, _ in _pieces(start, spans):
        last = end if until is None else min(until, end)
        if last > begin:
            total += last - begin
    return total


def _pieces(start: datetime, spans: tuple[Span, ...]) -> list[tuple[datetime, datetime | None, int]]:
    """Disjoint pieces after `start` where the clock does not run at full speed, in order."""
    far = datetime.max.replace(tzinfo=UTC)
    bounds = sorted({max(span.start, start) for span in spans} | {span.end or far for span in spans})
    pieces: list[tuple[datetime, datetime | None, int]] = []
    for begin, end in pairwise(bounds):
        if end <= start:
            continue
        stretches = [span.stretch for span in spans if span.start <= begin and end <= (span.end or far)]
        if not stretches:
            continue
        stretch = 0 if 0 in stretches else max(stretches)
        if stretch != 1:
            pieces.append((begin, None if end == far else end, stretch))
    return pieces
