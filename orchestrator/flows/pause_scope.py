"""Whom a pause concerns. One that names a debtor concerns every case of that person (semantics A8)."""

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from orchestrator.domain.case import Case
from orchestrator.domain.condition import ALWAYS, Condition, Either, Every, OneOf, Value, fields_of, holds
from orchestrator.domain.context import Context
from orchestrator.domain.errors import InputError, did_you_mean
from orchestrator.domain.interruption import Pause
from orchestrator.domain.lane import Lane
from orchestrator.storage import attempts, cases
from orchestrator.storage.database import Connection


def require_lanes(conn: Connection, lanes: Sequence[Lane], names: Sequence[str], *, where: str) -> None:
    """Raises InputError for a name that no lane has or had: such a pause would stop nothing, and say `paused`."""
    known = {lane.id for lane in lanes}
    for name in names:
        if name not in known and not attempts.has_lane(conn, name):
            hint = did_you_mean(name, known) or f"there are {', '.join(sorted(known))}"
            raise InputError(f'no lane is named "{name[:40]}"', hint=hint, where=where)


class Named:
    """The facts of a case alone: enough for most scopes, at once. Raises LookupError for the others."""

    def __init__(self, case: Case) -> None:
        self._known: dict[str, Value] = {
            "creditor": case.creditor,
            "campaign": case.campaign,
            "debtor_ref": case.debtor.ref,
            "currency": case.currency,
            "all": True,
        }

    def read(self, field: str) -> Value:
        """The value of a word of `condition.FIELDS`."""
        return self._known[field]


def over_persons(
    conn: Connection, paused: Sequence[Pause], stored: Sequence[cases.Stored]
) -> dict[str, tuple[Pause, ...]]:
    """The pauses as they are for each person whom one of them names as a debtor: over all that concerns the person.

    Persons whom none names are absent. No query is made where no pause names a debtor.
    """
    refs = {pause.id: named for pause in paused if (named := debtors_named(pause.scope))}
    if not refs:
        return {}
    persons = {item.person_id for item in stored}
    found: dict[str, set[str]] = {}
    for debtor in cases.of_debtors(conn, persons, frozenset().union(*refs.values())):
        over = {pause.id for pause in paused if pause.id in refs and _holds(pause.scope, debtor.case)}
        if over:
            found.setdefault(debtor.person_id, set()).update(over)
    return {
        person: tuple(replace(pause, scope=ALWAYS) if pause.id in over else pause for pause in paused)
        for person, over in found.items()
    }


def debtors_named(scope: Condition) -> frozenset[str]:
    """The debtors' references that a scope names; those that it leaves out are not named."""
    match scope:
        case OneOf(field="debtor_ref", values=values):
            return values
        case Every(terms) | Either(terms):
            return _union(debtors_named(term) for term in terms)
    return frozenset()


def may_concern(scope: Condition, creditors: frozenset[str] | None) -> bool:
    """Whether who sees these creditors alone is told of a pause or crisis of this scope; None sees all.

    What names debtors is told only where it names a creditor of theirs too: a reference is another's customer.
    """
    if creditors is None:
        return True
    if debtors_named(scope) and "creditor" not in fields_of(scope):
        return False
    return _may_hold(scope, creditors)


def _may_hold(scope: Condition, creditors: frozenset[str]) -> bool:
    match scope:
        case OneOf(field="creditor", values=values):
            return not values.isdisjoint(creditors)
        case Every(terms):
            return all(_may_hold(term, creditors) for term in terms)
        case Either(terms):
            return any(_may_hold(term, creditors) for term in terms)
    return True


def scope_here(pause: Pause, context: Context) -> Condition:
    """The scope of a pause as it is for the person of this context."""
    return next((known.scope for known in context.pauses if known.id == pause.id), pause.scope)


def _holds(scope: Condition, case: Case) -> bool:
    """What is asked beside the debtor may need surroundings: then each case is judged by itself."""
    try:
        return holds(scope, Named(case))
    except LookupError:
        return False


def _union(sets: Iterable[frozenset[str]]) -> frozenset[str]:
    return frozenset().union(*sets)
