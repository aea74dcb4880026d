"""The outbox: in the transaction that makes a fact, one delivery of it for each endpoint that wants to hear it.

What is rolled back is told to nobody, what is committed is never lost. Calls no endpoint.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import sha256

import msgspec
from sqlalchemy import ColumnElement, Connection, and_, exists, false, or_, select, true

from orchestrator.domain.condition import Condition, Either, Every, Is, Not, OneOf
from orchestrator.domain.interruption import Pause
from orchestrator.storage import deliveries, endpoints
from orchestrator.storage.batch import among
from orchestrator.storage.deliveries import Delivery
from orchestrator.storage.endpoints import Endpoint
from orchestrator.storage.outbox_bodies import (
    PAUSE_ENDED,
    PAUSE_STARTED,
    Account,
    Data,
    body_of,
    data_of,
    message_of,
    name_of,
    pause_data,
)
from orchestrator.storage.tables import cases, messages


class _Told(msgspec.Struct):
    """A new fact of a case that may be told, under its name outside."""

    case_id: str
    fact_id: str
    at: datetime
    name: str
    fact: object


def tell(conn: Connection, facts: Iterable[tuple[str, object]], *, now: datetime) -> None:
    """Keeps new facts, as (case id, event), for the endpoints that want them; others are passed by.

    One query where something may be told and no endpoint exists; none where nothing may be told.
    """
    found = [
        _Told(case_id, fact.id, fact.at, name, fact)  # type: ignore[attr-defined]  # what has a name is an event
        for case_id, fact in facts
        if (name := name_of(fact))
    ]
    if not found:
        return
    listening = endpoints.listening(conn)
    if not listening:
        return
    accounts = _accounts(conn, {told.case_id for told in found})
    known = _messages(conn, {message for told in found if (message := message_of(told.fact))})
    kept: list[Delivery] = []
    for told in found:
        account = accounts[told.case_id]
        wanting = [each for each in listening if _wants(each, told.name, account.creditor)]
        if wanting:
            data = data_of(told.fact, account, known.get(message_of(told.fact)))
            body = body_of(told.name, told.at, data)
            kept += [_delivery(each, (told.case_id, told.fact_id), told.name, told.at, body, now) for each in wanting]
    deliveries.insert(conn, kept)


def tell_pause_started(conn: Connection, pause: Pause) -> None:
    """Keeps the beginning of a pause for every endpoint whose cases it may concern."""
    _tell_pause(conn, pause, PAUSE_STARTED, pause.since)


def tell_pause_ended(conn: Connection, pause: Pause) -> None:
    """Keeps the end of a pause, by a resume or by its own end; told again it adds nothing."""
    if pause.resumed_at is not None:
        _tell_pause(conn, pause, PAUSE_ENDED, pause.resumed_at)


def _tell_pause(conn: Connection, pause: Pause, name: str, at: datetime) -> None:
    kept = []
    for each in endpoints.listening(conn):
        if each.events and name not in each.events:
            continue
        if not each.creditor or _may_concern(conn, pause.scope, each.creditor):
            body = body_of(name, at, pause_data(pause, each.creditor))
            kept.append(_delivery(each, (name, pause.id), name, at, body, at))
    deliveries.insert(conn, kept)


def _wants(endpoint: Endpoint, name: str, creditor: str) -> bool:
    return endpoint.creditor in ("", creditor) and (not endpoint.events or name in endpoint.events)


def _delivery(
    endpoint: Endpoint, about: tuple[str, str], name: str, at: datetime, body: str, now: datetime
) -> Delivery:
    """`about` is the case and its event, or the pause: the same told again has the same id, and adds nothing."""
    digest = sha256("\0".join((endpoint.id, *about)).encode()).hexdigest()
    return Delivery(
        id=f"msg_{digest[:32]}", endpoint_id=endpoint.id, event_type=name, happened_at=at, next_at=now, body=body
    )


# ---------------------------------------------------------------------------------- what is asked of others


def _accounts(conn: Connection, case_ids: Iterable[str]) -> dict[str, Account]:
    asked = select(cases.c.id, cases.c.creditor, cases.c.debtor_ref, cases.c.currency)
    found = conn.execute(asked.where(among(conn, cases.c.id, case_ids)))
    return {row[0]: Account(*row) for row in found}


def _messages(conn: Connection, ids: Sequence[str] | set[str]) -> dict[str, Data]:
    if not ids:
        return {}
    asked = select(messages.c.id, messages.c.campaign, messages.c.step, messages.c.channel)
    found = conn.execute(asked.where(among(conn, messages.c.id, ids)))
    return {row.id: {"campaign": row.campaign, "step": row.step, "channel": row.channel} for row in found}


def _may_concern(conn: Connection, scope: Condition, creditor: str) -> bool:
    """Whether a scope may hold for cases of a creditor: it names none, or that one, or facts that a case of it has."""
    if _verdict(scope, creditor) is not None:
        return bool(_verdict(scope, creditor))
    is_one = exists().where(cases.c.creditor == creditor, _possible(scope, is_wanted=True))
    return bool(conn.execute(select(is_one)).scalar())


def _verdict(scope: Condition, creditor: str) -> bool | None:
    """What follows from the creditor alone; None where other facts decide."""
    match scope:
        case OneOf(field="creditor", values=values):
            return creditor in values
        case Is(field="all", value=value):
            return value
        case Every(terms) | Either(terms):
            weaker = isinstance(scope, Either)  # the verdict that one term alone can give
            said = [_verdict(term, creditor) for term in terms]
            if weaker in said:
                return weaker
            return None if None in said else not weaker
        case Not(term):
            inner = _verdict(term, creditor)
            return None if inner is None else not inner
    return None


_COLUMNS = {name: cases.c[name] for name in ("creditor", "campaign", "debtor_ref", "currency")}


def _possible(scope: Condition, *, is_wanted: bool) -> ColumnElement[bool]:
    """What the columns of a case do not exclude: that the scope holds, or that it does not."""
    match scope:
        case OneOf(field=field, values=values) if field in _COLUMNS:
            listed = _COLUMNS[field].in_(sorted(values))
            return listed if is_wanted else ~listed
        case Is(field="all", value=value):
            return true() if value is is_wanted else false()
        case Not(term):
            return _possible(term, is_wanted=not is_wanted)
        case Every(terms) | Either(terms):
            parts = [_possible(term, is_wanted=is_wanted) for term in terms]
            if isinstance(scope, Every) is is_wanted:
                return and_(true(), *parts)
            return or_(false(), *parts)
    return true()
