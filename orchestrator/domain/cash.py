"""Cash: days of sales outstanding by count-back, and what the next weeks should bring (R31). Pure arithmetic."""

from calendar import monthrange
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import msgspec

# Below this number a rate says nothing: it is shown as too few, not as truth.
FEWEST = 30
_SPAN_DAYS = 30
_LAST_AGE = 3


class Dso(msgspec.Struct, frozen=True):
    """Days of sales that are outstanding. `days` None: nothing was invoiced in what is known, or more than it covers.

    `covered_days` is how far back the months that were counted reach, `is_beyond` that they did not suffice.
    """

    days: float | None
    covered_days: int
    is_beyond: bool = False


def count_back(open_cents: int, invoiced: Mapping[date, int], today: date) -> Dso:
    """The days of the latest months whose invoices make up what is open. `invoiced` is by the first day of a month."""
    if open_cents <= 0:
        return Dso(0.0, 0)
    known = [month for month, cents in invoiced.items() if cents > 0 and month <= today]
    if not known:
        return Dso(None, 0, is_beyond=True)
    days, rest, month = 0.0, open_cents, today.replace(day=1)
    while month >= min(known):
        length = today.day if month == today.replace(day=1) else monthrange(month.year, month.month)[1]
        sold = max(invoiced.get(month, 0), 0)
        if sold >= rest:
            return Dso(days + length * rest / sold, int(days) + length)
        days, rest = days + length, rest - sold
        month = (month - timedelta(days=1)).replace(day=1)
    return Dso(None, int(days), is_beyond=True)


class Week(msgspec.Struct, frozen=True):
    """What a week should bring: what was promised, what banks will collect, and what is estimated of the rest."""

    starts_on: date
    promised_cents: int
    debit_cents: int
    estimated_cents: int | None


class Curve(msgspec.Struct, frozen=True):
    """The share that was paid in each span of thirty days of age, by its number; and of how many debts."""

    shares: dict[int, float]
    debts: dict[int, int]

    def share(self, age: int) -> float | None:
        """The share of a span, None where too few debts went through it."""
        age = min(age, _LAST_AGE)
        return self.shares.get(age) if self.debts.get(age, 0) >= FEWEST else None

    @property
    def is_known(self) -> bool:
        """Whether any span was measured on enough debts."""
        return any(count >= FEWEST for count in self.debts.values())


def weeks_ahead(
    today: date,
    count: int,
    *,
    expected: Sequence[tuple[str, date, int]],
    free: Sequence[tuple[date, int]],
    curve: Curve,
) -> list[Week]:
    """The next weeks, from today on. `expected` are (kind, day, cents), `free` (due day, cents) of what nobody
    promised. A debt that is overdue is expected to be paid as debts of its age were, a thirtieth of the span a day.

    What was expected before today and has not come is in no week.
    """
    found = []
    left = [(due_on, float(cents)) for due_on, cents in free]
    for number in range(count):
        first = today + timedelta(days=7 * number)
        days = {first + timedelta(days=n) for n in range(7)}
        sums = {kind: sum(c for k, day, c in expected if k == kind and day in days) for kind in ("promise", "debit")}
        came, rest = 0.0, []
        for due_on, cents in left:
            part = cents * _weekly(curve, (first + timedelta(days=3) - due_on).days)
            came += part
            rest.append((due_on, cents - part))
        left = rest
        estimated = round(came) if curve.is_known else None
        found.append(Week(first, sums["promise"], sums["debit"], estimated))
    return found


def _weekly(curve: Curve, days_late: int) -> float:
    """The share that a week brings of a debt of an age; none before it is due, none where too little was measured."""
    if days_late <= 0:
        return 0.0
    share = curve.share((days_late - 1) // _SPAN_DAYS)
    return 0.0 if share is None else 1 - (1 - min(share, 1.0)) ** (7 / _SPAN_DAYS)
