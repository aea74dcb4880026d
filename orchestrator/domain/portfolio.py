"""Portfolios: whose work a case is, by the first portfolio that takes it; who stands in for somebody who is away. Pure.

A case belongs to one person at a time. Nobody is forgotten: whose owner is gone, or away without a substitute, is
everybody's until somebody takes it.
"""

from collections.abc import Iterable, Sequence
from datetime import date

import msgspec

from orchestrator.domain.condition import ALWAYS, Condition, Facts, holds

# The owner of a case that no portfolio takes: it shows to everybody who may see its creditor.
NOBODY = ""


class Portfolio(msgspec.Struct, frozen=True, kw_only=True):
    """A named selection of cases and the user whose work they are; the lowest `place` is asked first.

    `creditors` empty means any; `scope` is a condition as in an audience.
    """

    id: str
    owner: str
    place: int = 0
    creditors: tuple[str, ...] = ()
    scope: Condition = ALWAYS

    def takes(self, creditor: str, facts: Facts) -> bool:
        """Whether a case of that creditor is one of it."""
        return (not self.creditors or creditor in self.creditors) and holds(self.scope, facts)


class Absence(msgspec.Struct, frozen=True, kw_only=True):
    """From a day to a day, both inclusive, somebody is away; `substitute` sees and answers their list meanwhile."""

    id: str
    absent: str
    from_on: date
    to_on: date
    substitute: str = NOBODY
    reason: str = ""

    def runs_on(self, today: date) -> bool:
        """Whether they are away on a day."""
        return self.from_on <= today <= self.to_on


class Staff(msgspec.Struct, frozen=True, kw_only=True):
    """Who works today: users in office, the absences that run, and the creditors of those who see only some."""

    active: frozenset[str] = frozenset()
    absences: tuple[Absence, ...] = ()
    limited: tuple[tuple[str, frozenset[str]], ...] = ()

    def may_see(self, user: str, creditor: str) -> bool:
        """Whether a user may see a creditor's cases: a case whose owner could not see it would show to nobody."""
        return all(creditor in theirs for name, theirs in self.limited if name == user)

    def acting_for(self, owner: str) -> str:
        """Who does the work of an owner today; NOBODY when they are disabled, or away without anybody instead.

        A substitute who is away too is replaced by theirs; a circle of them ends with nobody.
        """
        seen: set[str] = set()
        while owner in self.active and owner not in seen:
            seen.add(owner)
            away = [each for each in self.absences if each.absent == owner]
            if not away:
                return owner
            owner = away[-1].substitute
        return NOBODY

    def owners_for(self, user: str, owners: Iterable[str]) -> frozenset[str]:
        """Those of `owners` whose list `user` works on today, themselves included unless somebody stands in for them.

        Who is away still sees what is theirs.
        """
        return frozenset({user}) | {owner for owner in owners if owner and self.acting_for(owner) == user}

    def forsaken(self, owners: Iterable[str]) -> frozenset[str]:
        """Those of `owners` for whom nobody works today: their cases are everybody's."""
        return frozenset(owner for owner in owners if owner and self.acting_for(owner) == NOBODY)


def owner_of(creditor: str, facts: Facts, portfolios: Sequence[Portfolio], staff: Staff) -> Portfolio | None:
    """The first portfolio that takes a case, of an owner who may see it; None when it is nobody's."""
    fit = (each for each in portfolios if staff.may_see(each.owner, creditor))
    return next((each for each in fit if each.takes(creditor, facts)), None)
