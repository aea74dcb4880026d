"""Pauses and crises: what an administrator lays over every campaign (design 7, semantics C). Not who may do so."""

from datetime import date, datetime, timedelta

import msgspec

from orchestrator.domain.condition import Condition

# How long the speed grows where nobody says, and after an end that nobody had to ask for.
RAMP_MINUTES = 30


class Pause(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A pause over the cases, channels and lanes of its scope, since an instant, until a resume or an optional end.

    It is `pausing` until nothing of its scope is in flight any more (`drained_at`), then `paused`. Once its cases were
    made to decide again (`woken_at`), what it held leaves at a rate that grows for `ramp_minutes`. `guard` names the
    guard-rail that placed it, if any.
    """

    id: str
    scope: Condition
    since: datetime
    reason: str
    by: str
    channels: tuple[str, ...] = ()
    lanes: tuple[str, ...] = ()
    ends_at: datetime | None = None
    drained_at: datetime | None = None
    resumed_at: datetime | None = None
    resumed_by: str = ""
    woken_at: datetime | None = None
    letters_cancelled: int = 0
    letters_gone: int = 0
    ramp_minutes: int = 0
    epoch: int = 0
    guard: str = ""

    @property
    def is_of_cases(self) -> bool:
        """Whether it stops cases altogether, rather than some channels or lanes of theirs."""
        return not self.channels and not self.lanes

    def is_about(self, lane: str, channel: str) -> bool:
        """Whether it stops this lane and channel for the cases of its scope."""
        return (not self.channels or channel in self.channels) and (not self.lanes or lane in self.lanes)

    def over_at(self, now: datetime) -> datetime | None:
        """When it ended, by a resume or by itself; None while it has not."""
        return min((end for end in (self.ends_at, self.resumed_at) if end is not None and end <= now), default=None)

    @property
    def ramp(self) -> timedelta:
        """How long the speed grows after it. One that ended by itself has the usual ramp before anybody notes it."""
        return timedelta(minutes=self.ramp_minutes if self.resumed_at is not None else RAMP_MINUTES)

    def is_running(self, now: datetime) -> bool:
        """Whether it is in force at `now`."""
        return self.since <= now and all(end is None or now < end for end in (self.ends_at, self.resumed_at))


class Crisis(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A crisis overlay. `to_on` is inclusive in the debtor's zone; `stretch` multiplies waits, `soften` lowers voices.

    `skip` names document kinds, `hand_over`, or `campaign/step`: such a step waits, it is never passed over.
    """

    id: str
    title: str
    scope: Condition
    from_on: date
    to_on: date | None = None
    stretch: int = 1
    soften: int = 0
    offer: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    reason: str = ""
    ended_at: datetime | None = None
