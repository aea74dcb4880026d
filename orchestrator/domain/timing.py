"""When a contact may happen: hours where the debtor lives, rolling caps and gaps per person. Defers, never blocks.

Answers are exempt from caps but not from hours; a demand waits for the latest of all that speak.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache

from orchestrator.domain.case import Departure
from orchestrator.domain.context import Contact
from orchestrator.domain.decision import Reason, Verdict
from orchestrator.domain.place import Place, at_local, is_holiday, local_date
from orchestrator.domain.policy import (
    ContactChannel,
    FrequencyRule,
    HoursRule,
    Policy,
    SimilarTextRule,
    Window,
)

# A year without one allowed hour is a pack that forbids the channel.
_LONGEST_LOOK_DAYS = 370
# Rules of hours push each other forward; those that can meet settle in two or three rounds.
_ROUNDS = 60


def earliest(
    start: datetime,
    *,
    channel: ContactChannel,
    policy: Policy,
    place: Place,
    contacts: Sequence[Contact],
    counts: bool,
) -> tuple[datetime | None, list[Reason]]:
    """The first instant from `start` at which hours and (when it `counts`) caps allow this channel.

    None when no hour is ever allowed. The reasons say each rule that spoke: defer with its instant, or allow.
    """
    reasons: list[Reason] = []
    free = _after_caps(start, channel, policy, contacts, reasons) if counts else start
    return _in_hours(free, channel, policy, place, reasons), reasons


def _after_caps(
    start: datetime,
    channel: ContactChannel,
    policy: Policy,
    contacts: Sequence[Contact],
    reasons: list[Reason],
) -> datetime:
    at = start
    for rule in policy.of(FrequencyRule):
        if channel not in rule.channels:
            continue
        times = [
            c.at
            for c in contacts
            if not c.is_undelivered and c.channel in rule.channels
            if c.is_conversation or not rule.conversations_only
        ]
        allowed = start
        bound: tuple[tuple[str, str | int], ...] = ()
        for cap in rule.caps:
            if len(times) >= cap.count:
                free = times[-cap.count] + timedelta(hours=cap.per_hours)
                if free > allowed:
                    allowed, bound = free, (("count", cap.count), ("per_hours", cap.per_hours))
        if times and rule.gap_hours:
            free = times[-1] + timedelta(hours=rule.gap_hours)
            if free > allowed:
                allowed, bound = free, (("gap_hours", rule.gap_hours),)
        if allowed > start:
            reasons.append(Reason(rule.id, Verdict.DEFER, (*bound, ("contacts", len(times))), allowed))
            at = max(at, allowed)
        else:
            reasons.append(Reason(rule.id, Verdict.ALLOW, (("contacts", len(times)),)))
    return at


def _in_hours(
    at: datetime, channel: ContactChannel, policy: Policy, place: Place, reasons: list[Reason]
) -> datetime | None:
    if not place.zones:
        # Where nobody knows the hour, no hour is allowed, even where no rule speaks of hours (semantics C4).
        reasons.append(Reason("ZONE", Verdict.BLOCK, (("country", place.country or "unknown"),)))
        return None
    opens = [(rule, _next_hour(at, rule, place)) for rule in policy.of(HoursRule) if channel in rule.channels]
    found = _suits_all(at, opens, place)
    where = (("zone", place.zone),)
    for rule, own in opens:
        if found is None:
            reasons.append(Reason(rule.id, Verdict.BLOCK, where))
        elif own != at:
            reasons.append(Reason(rule.id, Verdict.DEFER, where, found))
        else:
            reasons.append(Reason(rule.id, Verdict.ALLOW, where))
    return found


def _suits_all(at: datetime, opens: Sequence[tuple[HoursRule, datetime | None]], place: Place) -> datetime | None:
    """The first instant that every rule allows, given what each alone would; None when they never meet."""
    instants = [own for _, own in opens]
    if all(own == at for own in instants):
        return at
    if None in instants or len(opens) == 1:
        return instants[0] if len(opens) == 1 else None
    found, rules = at, [rule for rule, _ in opens]
    for _ in range(_ROUNDS):
        before = found
        for rule in rules:
            moved = _next_hour(found, rule, place)
            if moved is None:
                return None
            found = moved
        if found == before:
            return found
    return None


def _next_hour(at: datetime, rule: HoursRule, place: Place) -> datetime | None:
    day = local_date(at, place)
    if any(window.end <= window.start for window in rule.windows):
        # The window of the evening before may still be open.
        day -= timedelta(days=1)
    for _ in range(_LONGEST_LOOK_DAYS):
        for start, end in open_windows(rule.days, rule.windows, rule.skips_holidays, place, day):
            if at < end:
                return max(at, start)
        day += timedelta(days=1)
    return None


@lru_cache(maxsize=65536)
def open_windows(
    days: tuple[int, ...], windows: tuple[Window, ...], skips_holidays: bool, place: Place, day: date
) -> tuple[tuple[datetime, datetime], ...]:
    """The instants (UTC) between which a day is open in every candidate zone of the place, in order."""
    found = _in_zone(days, windows, skips_holidays, place, day, place.zone)
    for zone in place.zones[1:]:
        others = [
            window
            for shift in (-1, 0, 1)
            for window in _in_zone(days, windows, skips_holidays, place, day + timedelta(days=shift), zone)
        ]
        found = [
            (max(start, other_start), min(end, other_end))
            for start, end in found
            for other_start, other_end in others
            if max(start, other_start) < min(end, other_end)
        ]
    return tuple(sorted(found))


def _in_zone(
    days: tuple[int, ...],
    windows: tuple[Window, ...],
    skips_holidays: bool,
    place: Place,
    day: date,
    zone: str,
) -> list[tuple[datetime, datetime]]:
    if day.weekday() not in days or (skips_holidays and is_holiday(day, place)):
        return []
    return [
        (
            at_local(day, window.start, zone),
            # A window that ends before it starts spans midnight.
            at_local(day if window.start < window.end else day + timedelta(days=1), window.end, zone),
        )
        for window in windows
    ]


def after_similar_text(
    start: datetime,
    *,
    template: str,
    channel: ContactChannel,
    policy: Policy,
    departures: Sequence[Departure],
) -> tuple[datetime, list[Reason]]:
    """Not the same template again to one case within the rule's days (FR-HAR-04)."""
    at, reasons = start, []
    for rule in policy.of(SimilarTextRule):
        if channel not in rule.channels:
            continue
        last = max(
            (d.at for d in departures if d.template == template and d.channel.value == channel.value),
            default=None,
        )
        if last is not None and last + timedelta(days=rule.days) > at:
            at = last + timedelta(days=rule.days)
            reasons.append(Reason(rule.id, Verdict.DEFER, (("days", rule.days),), at))
    return at, reasons
