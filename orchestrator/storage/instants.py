"""How instants and days are written in the database: epoch microseconds UTC, and ISO dates. Owns no clock.

A BIGINT compares and indexes alike on both databases, never meets a session's time zone, and keeps the microsecond.
"""

from datetime import UTC, date, datetime, timedelta

from orchestrator.domain.errors import StorageError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_micros(instant: datetime) -> int:
    """Microseconds since 1970 of an aware instant; StorageError (`naive_instant`) without a time zone."""
    if instant.tzinfo is None:
        raise StorageError("an instant without a time zone cannot be stored", code="naive_instant")
    return (instant - _EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    """The aware UTC instant of `to_micros`, exact to the microsecond."""
    return _EPOCH + timedelta(microseconds=micros)


def maybe_micros(instant: datetime | None) -> int | None:
    """`to_micros`, or None."""
    return None if instant is None else to_micros(instant)


def maybe_instant(micros: int | None) -> datetime | None:
    """`from_micros`, or None."""
    return None if micros is None else from_micros(micros)


def maybe_day(text: str | None) -> date | None:
    """The day of an ISO date, or None."""
    return None if text is None else date.fromisoformat(text)
