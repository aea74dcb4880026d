"""How many open cases, people and planned messages a scope holds. Owns what the columns of cases answer of a condition.

What they cannot answer is left open: the cases found are then candidates, and the domain judges each.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

import msgspec
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    case,
    cast,
    false,
    func,
    literal_column,
    not_,
    or_,
    select,
    true,
)
from sqlalchemy import and_ as all_of

from orchestrator.domain.case import CaseState
from orchestrator.domain.condition import Condition, Either, Every, Is, Not, OneOf, fields_of
from orchestrator.storage.batch import among
from orchestrator.storage.instants import to_micros
from orchestrator.storage.tables import cases, messages

_COLUMNS = {
    "creditor": cases.c.creditor,
    "campaign": cases.c.campaign,
    "debtor_ref": cases.c.debtor_ref,
    "currency": cases.c.currency,
}
_PLANNED = messages.c.state == literal_column("'planned'")


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """Cases to count: those of a condition, or of these persons whatever it says; of these creditors alone, if any."""

    condition: Condition
    persons: frozenset[str] = frozenset()
    creditors: frozenset[str] | None = None


class CaseCount(msgspec.Struct, frozen=True):
    """Open cases, the people they are about, and how many of the cases decide by an instant."""

    cases: int
    people: int
    deciding: int


class PlannedCount(msgspec.Struct, frozen=True):
    """Planned messages of a channel and lane, and how many of them may go by an instant."""

    channel: str
    lane: str
    count: int
    due: int


def is_exact(condition: Condition) -> bool:
    """Whether the columns of a case answer the condition by themselves."""
    match condition:
        case Every(terms) | Either(terms):
            return all(is_exact(term) for term in terms)
        case Not(term):
            return is_exact(term)
        case OneOf(field=field):
            return field in _COLUMNS
        case Is(field=field):
            return field == "all"
    return False


def count_cases(conn: Connection, scope: Scope, *, until: datetime) -> CaseCount:
    """The open cases found, the people and what decides soon. Walks every one of them."""
    deciding = cast(func.sum(case((cases.c.due_at <= to_micros(until), 1), else_=0)), BigInteger)
    counted = select(func.count(), func.count(cases.c.person_id.distinct()), func.coalesce(deciding, 0))
    return CaseCount(*conn.execute(counted.where(_found(conn, scope))).one())


def count_candidates(conn: Connection, scope: Scope) -> int:
    """How many open cases are found: where the condition is not exact, those of which it may be true."""
    return int(conn.execute(select(func.count()).select_from(cases).where(_found(conn, scope))).scalar_one())


def count_planned(conn: Connection, scope: Scope, *, until: datetime) -> list[PlannedCount]:
    """What is planned for the cases found, by channel and lane."""
    names = (messages.c.channel, messages.c.lane)
    if not scope.persons and _is_of_messages(scope.condition):
        columns = {"creditor": messages.c.creditor, "campaign": messages.c.campaign}
        wanted = _answered(conn, scope.condition, columns)
        if scope.creditors is not None:
            wanted = all_of(wanted, among(conn, messages.c.creditor, scope.creditors))
        lanes = select(messages.c.lane, *_how_many(until)).where(_PLANNED, wanted).group_by(messages.c.lane)
        # A lane has one channel, and the index of what is planned does not know it.
        return [PlannedCount(_channel_of(conn, lane), lane, *counts) for lane, *counts in conn.execute(lanes).all()]
    counted = select(*names, *_how_many(until)).join_from(messages, cases)
    rows = conn.execute(counted.where(_PLANNED, _found(conn, scope)).group_by(*names))
    return [PlannedCount(*row) for row in rows]


def planned_of(conn: Connection, case_ids: Iterable[str], *, until: datetime) -> list[PlannedCount]:
    """The same for these cases."""
    names = (messages.c.channel, messages.c.lane)
    counted = select(*names, *_how_many(until)).where(_PLANNED, among(conn, messages.c.case_id, case_ids))
    return [PlannedCount(*row) for row in conn.execute(counted.group_by(*names))]


def candidates(conn: Connection, scope: Scope, *, most: int) -> list[str]:
    """Ids of at most `most` open cases found; those with something planned come first."""
    found = _found(conn, scope)
    planned = select(messages.c.case_id).join_from(messages, cases).where(_PLANNED, found).distinct().limit(most)
    first = list(conn.execute(planned).scalars())
    others = select(cases.c.id).where(found).order_by(cases.c.id).limit(most)
    return list(dict.fromkeys((*sorted(first), *conn.execute(others).scalars())))[:most]


def sample(conn: Connection, scope: Scope, *, pivot: str, most: int) -> list[str]:
    """Ids of at most `most` open cases found, by chance: those of the people whose names follow `pivot`.

    People are named by digests, so that any 32 hexadecimal digits are a fair place to begin.
    """
    found: list[str] = []
    for side in (cases.c.person_id >= pivot, cases.c.person_id < pivot):
        these = select(cases.c.id).where(side, _found(conn, scope)).order_by(cases.c.person_id, cases.c.id)
        found += conn.execute(these.limit(most - len(found))).scalars() if len(found) < most else ()
    return found


def ids_of_debtors(conn: Connection, refs: Collection[str]) -> list[str]:
    """The cases, open or not, of debtors whom any creditor knows by one of these references."""
    found: list[str] = []
    creditor = ""
    while True:
        following = conn.execute(select(func.min(cases.c.creditor)).where(cases.c.creditor > creditor)).scalar()
        if following is None:
            return sorted(found)
        creditor = following
        theirs = select(cases.c.id).where(cases.c.creditor == creditor, among(conn, cases.c.debtor_ref, refs))
        found += conn.execute(theirs).scalars()


def _how_many(until: datetime) -> tuple[ColumnElement[int], ColumnElement[int]]:
    due = cast(func.sum(case((messages.c.not_before <= to_micros(until), 1), else_=0)), BigInteger)
    return func.count(), due


def _channel_of(conn: Connection, lane: str) -> str:
    first = select(messages.c.channel).where(_PLANNED, messages.c.lane == lane).limit(1)
    return str(conn.execute(first).scalar())


def _is_of_messages(condition: Condition) -> bool:
    """Whether a planned message itself knows: its creditor and campaign are its case's."""
    return is_exact(condition) and fields_of(condition) <= {"creditor", "campaign", "all"}


def _found(conn: Connection, scope: Scope) -> ColumnElement[bool]:
    wanted = _where(conn, scope.condition)
    if scope.persons:
        wanted = or_(wanted, among(conn, cases.c.person_id, scope.persons))
    if scope.creditors is not None:
        wanted = all_of(wanted, among(conn, cases.c.creditor, scope.creditors))
    return all_of(cases.c.state == CaseState.OPEN.value, wanted)


def _where(conn: Connection, condition: Condition) -> ColumnElement[bool]:
    """True of every case of which the condition is true; of others too, where it is not exact."""
    if not is_exact(condition):
        match condition:
            case Every(terms):
                return all_of(true(), *(_where(conn, term) for term in terms))
            case Either(terms):
                return or_(false(), *(_where(conn, term) for term in terms))
        return true()
    return _answered(conn, condition, _COLUMNS)


def _answered(conn: Connection, condition: Condition, columns: Mapping[str, Column[str]]) -> ColumnElement[bool]:
    match condition:
        case Every(terms):
            return all_of(true(), *(_answered(conn, term, columns) for term in terms))
        case Either(terms):
            return or_(false(), *(_answered(conn, term, columns) for term in terms))
        case Not(term):
            return not_(_answered(conn, term, columns))
        case OneOf(field=field, values=values):
            # A case that follows no campaign has an empty word, which is no value of a condition.
            return among(conn, columns[field], values - {""})
        case Is(value=value):
            return true() if value else false()
    raise TypeError(f"{type(condition).__name__} is not of the columns")
