"""Counters of each campaign and lane, one row for each minute. Owns how they add up, not what counts or is too much."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, select

from orchestrator.domain.meter import Meter, Metric, Tally
from orchestrator.storage.batch import add_up
from orchestrator.storage.instants import to_micros
from orchestrator.storage.sending_tables import meters

# The longest window that a rate may be watched over.
KEPT = timedelta(days=31)
_MINUTE_MICROS = 60_000_000


def slot_of(instant: datetime) -> int:
    """The minute that an instant is in, counted from 1970."""
    return to_micros(instant) // _MINUTE_MICROS


def add(conn: Connection, tally: Mapping[Meter, int], *, at: datetime) -> None:
    """Adds to the counters of a minute; their rows stay locked until the transaction ends, in the order of keys.

    No case is locked after it: every sender of a lane adds to the same few rows.
    """
    slot = slot_of(at)
    rows = [
        {
            "slot": slot,
            "campaign": campaign,
            "lane": lane,
            "metric": metric.value,
            "number": tally[campaign, lane, metric],
        }
        for campaign, lane, metric in sorted(tally)
    ]
    add_up(conn, meters, rows, key=("slot", "campaign", "lane", "metric"), amounts=("number",))


def sums(conn: Connection, *, after: int) -> Tally:
    """What was counted in the slots after one, by meter."""
    names = (meters.c.campaign, meters.c.lane, meters.c.metric)
    statement = select(*names, func.sum(meters.c.number)).where(meters.c.slot > after).group_by(*names)
    return Tally({(campaign, lane, Metric(word)): int(n) for campaign, lane, word, n in conn.execute(statement)})


def is_any_before(conn: Connection, instant: datetime) -> bool:
    """Whether there is anything to forget."""
    oldest = conn.execute(select(func.min(meters.c.slot))).scalar()
    return oldest is not None and oldest < slot_of(instant)


def forget(conn: Connection, *, before: datetime) -> None:
    """Deletes the minutes before the one of an instant."""
    conn.execute(delete(meters).where(meters.c.slot < slot_of(before)))
