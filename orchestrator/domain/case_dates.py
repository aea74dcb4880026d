"""The days of a case that call for somebody though no task stands for them, and what weighs in the rank of its work.

Read of one case and its situation; the rank is `worth.py`. Pure.
"""

from datetime import date

import msgspec

from orchestrator.domain.account import holds_in_force
from orchestrator.domain.agreement import HoldKind, PromiseState
from orchestrator.domain.case import CaseState
from orchestrator.domain.place import local_date
from orchestrator.domain.situation import Situation

PROMISE, BROKEN, DISPUTE, UNREACHABLE = "promise", "broken", "dispute", "unreachable"

# What makes a person come first whatever is owed, the gravest first.
_CARE = (
    ("self_harm", HoldKind.SELF_HARM),
    ("deceased", HoldKind.DEATH),
    ("minor", HoldKind.MINOR),
    ("guardianship", HoldKind.GUARDIANSHIP),
    ("vulnerable", HoldKind.VULNERABLE),
)


class CaseDate(msgspec.Struct, frozen=True, kw_only=True):
    """A day of a case: a promise due, or broken, on it; a dispute, or no way to reach them, since it.

    0 cents is all that is at stake.
    """

    kind: str
    subject: str
    on: date
    amount_cents: int = 0


class Weight(msgspec.Struct, frozen=True, kw_only=True):
    """What of a case weighs in the rank of its work. `stake_cents` is what is overdue, or all that is open."""

    stake_cents: int
    oldest_due_on: date | None
    broken: int
    answered: int
    care: str


def weight_of(situation: Situation) -> Weight:
    """The weight of a case on a day. `answered` counts calls of the last weeks in which somebody spoke."""
    account = situation.account
    due = [position.debt.due_on for position in account.positions if position.open_cents > 0]
    mine = [c for c in situation.context.contacts if c.case_id == situation.case.id and c.is_conversation]
    return Weight(
        stake_cents=max(account.overdue_cents or account.balance_cents, 0),
        oldest_due_on=min(due, default=None),
        broken=sum(1 for switch in situation.case.promise_ends if switch.value == PromiseState.BROKEN),
        answered=len(mine),
        care=care_of(situation),
    )


def dates_of(situation: Situation) -> tuple[CaseDate, ...]:
    """The days of an open case that owes something, none of any other."""
    if situation.case.state is not CaseState.OPEN or situation.account.balance_cents <= 0:
        return ()
    return (*_promises(situation), *_disputes(situation), *_unreached(situation))


def care_of(situation: Situation) -> str:
    """Why this person comes before any amount: the gravest mark or hold; empty for most people."""
    kinds = {hold.kind for hold in situation.holds}
    return next((mark for mark, kind in _CARE if situation.case.has_mark(mark) or kind in kinds), "")


def _promises(situation: Situation) -> list[CaseDate]:
    """Those that run, on the day by which they are to be paid; and the last one broken, on the day it was."""
    case = situation.case
    ended = {switch.key: switch for switch in case.promise_ends}
    lifted = {switch.key for switch in case.lifted}
    found = [
        CaseDate(kind=PROMISE, subject=promise.id, on=promise.due_on, amount_cents=promise.amount_cents)
        for promise in case.promises
        if promise.id not in ended and promise.id not in lifted
    ]
    broken = [each for each in case.promises if each.id in ended and ended[each.id].value == PromiseState.BROKEN]
    if broken and not found:
        at, promise = max(((ended[each.id].at, each) for each in broken), key=lambda pair: pair[0])
        on = local_date(at, situation.place)
        found.append(CaseDate(kind=BROKEN, subject=promise.id, on=on, amount_cents=promise.amount_cents))
    return found


def _disputes(situation: Situation) -> list[CaseDate]:
    found = []
    for hold in holds_in_force(situation.case, situation.now, situation.place):
        if hold.kind is HoldKind.DISPUTE:
            named = [p.open_cents for p in situation.account.positions if p.debt.reference in hold.references]
            amount = hold.amount_cents or sum(named)
            on = local_date(hold.since, situation.place)
            found.append(CaseDate(kind=DISPUTE, subject=hold.id, on=on, amount_cents=amount))
    return found


def _unreached(situation: Situation) -> list[CaseDate]:
    """No way to them is left: neither phone, e-mail nor post."""
    if any(situation.read(field) for field in ("phone", "email", "post")):
        return []
    since = max((switch.at for switch in situation.case.points if switch.is_on), default=situation.now)
    return [CaseDate(kind=UNREACHABLE, subject="all", on=local_date(since, situation.place))]
