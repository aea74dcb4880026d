"""Token buckets: how much may leave now under several limits at once, and which of them binds. Pure; stores nothing."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

import msgspec
from msgspec.structs import replace

# Tokens are kept in millionths, so that a rate of one a minute loses nothing between two ticks.
MICRO = 1_000_000


class Limit(msgspec.Struct, frozen=True, kw_only=True):
    """A bound named `key` ("lane:twilio"): `rate` units a second, `burst` at once, a day's quota."""

    key: str
    rate: float | None = None
    burst: int = 1
    daily_quota: int | None = None


class Bucket(msgspec.Struct, frozen=True, kw_only=True):
    """What a limit has left: tokens in millionths at an instant, and the units used on a day."""

    key: str
    tokens_micro: int
    refilled_at: datetime
    day: date
    used: int = 0


def full(limit: Limit, now: datetime, today: date) -> Bucket:
    """The bucket of a limit never used."""
    return Bucket(key=limit.key, tokens_micro=limit.burst * MICRO, refilled_at=now, day=today)


def refill(bucket: Bucket, limit: Limit, now: datetime, today: date) -> Bucket:
    """The bucket at `now`. A clock that stepped back adds nothing; a new day has used nothing.

    A day that is past does not come back: lanes of two zones may share the bucket of a campaign.
    """
    used = bucket.used if bucket.day >= today else 0
    today = max(bucket.day, today)
    if limit.rate is None:
        return replace(bucket, used=used, day=today, refilled_at=now)
    gained = max((now - bucket.refilled_at).total_seconds(), 0.0) * limit.rate
    tokens = min(bucket.tokens_micro + int(gained * MICRO), limit.burst * MICRO)
    return replace(bucket, tokens_micro=tokens, refilled_at=now, used=used, day=today)


def available(bucket: Bucket, limit: Limit) -> int:
    """Units that may leave now by a refilled bucket; a very large number for a limit without bounds."""
    by_rate = bucket.tokens_micro // MICRO if limit.rate is not None else MICRO
    by_quota = limit.daily_quota - bucket.used if limit.daily_quota is not None else MICRO
    return max(min(by_rate, by_quota), 0)


def opens_at(bucket: Bucket, limit: Limit, units: int, now: datetime) -> datetime | None:
    """When `units` will be there by the rate; None when the day's quota is what lacks."""
    if limit.daily_quota is not None and bucket.used + units > limit.daily_quota:
        return None
    if limit.rate is None:
        return now
    # More than the bucket ever holds leaves when it is full, and owes the rest.
    missing = min(units, limit.burst) * MICRO - bucket.tokens_micro
    return now + timedelta(seconds=max(missing, 0) / MICRO / limit.rate)


class Taking:
    """The buckets of one gate while it takes from them: all limits of a message or none."""

    def __init__(self, buckets: Mapping[str, Bucket], now: datetime, today: date) -> None:
        self._now, self._today = now, today
        self._buckets = dict(buckets)
        self._limits: dict[str, Limit] = {}
        self.taken: set[str] = set()

    def take(self, wanted: Sequence[tuple[Limit, int]]) -> tuple[str, datetime | None]:
        """Takes so many units of each limit: ("", None). Else nothing, and the key that binds with when it opens again.

        None for the instant when a day's quota binds.
        """
        refilled = [(limit, units, self._refilled(limit)) for limit, units in wanted]
        for limit, units, bucket in refilled:
            # A message larger than the burst leaves when the bucket is full.
            is_short = limit.rate is not None and bucket.tokens_micro < min(units, limit.burst) * MICRO
            if is_short or _over_quota(bucket, limit, units):
                return limit.key, opens_at(bucket, limit, units, self._now)
        for limit, units, bucket in refilled:
            tokens = bucket.tokens_micro - units * MICRO if limit.rate is not None else bucket.tokens_micro
            self._buckets[limit.key] = replace(bucket, tokens_micro=tokens, used=bucket.used + units)
            self.taken.add(limit.key)
        return "", None

    def changed(self) -> list[Bucket]:
        """The buckets that something was taken from."""
        return [self._buckets[key] for key in sorted(self.taken)]

    def _refilled(self, limit: Limit) -> Bucket:
        bucket = self._buckets.get(limit.key)
        if bucket is None:
            bucket = full(limit, self._now, self._today)
        if limit.key not in self._limits:
            self._limits[limit.key] = limit
            bucket = refill(bucket, limit, self._now, self._today)
        self._buckets[limit.key] = bucket
        return bucket


def _over_quota(bucket: Bucket, limit: Limit, units: int) -> bool:
    return limit.daily_quota is not None and bucket.used + units > limit.daily_quota
