"""What stands beside a case and is counted with it: when a payment was recorded, replies, campaigns of its messages."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import Connection, func, select

from orchestrator.domain.case import Case
from orchestrator.domain.contact import Fault
from orchestrator.domain.events import PaymentReceived, ReplyReceived
from orchestrator.domain.figures import Told
from orchestrator.domain.reply import Intent
from orchestrator.storage.batch import among
from orchestrator.storage.instants import from_micros
from orchestrator.storage.sending_tables import attempts
from orchestrator.storage.tables import journal, messages

_PAYMENT, _REPLY = "payment.received", "reply.received"
_payment = msgspec.json.Decoder(PaymentReceived).decode
_reply = msgspec.json.Decoder(ReplyReceived).decode


def told_of(conn: Connection, items: Sequence[Case]) -> dict[str, Told]:
    """What is told of each case, by case id: four queries whatever their number."""
    ids = [case.id for case in items]
    known = _known_at(conn, ids)
    paid, replied, complained = _facts(conn, ids)
    campaigns: dict[str, dict[str, str]] = {}
    mine = select(messages.c.case_id, messages.c.id, messages.c.campaign).where(among(conn, messages.c.case_id, ids))
    for row in conn.execute(mine):
        campaigns.setdefault(row.case_id, {})[row.id] = row.campaign
    destinations = _destinations(conn, [case for case in items if _has_stranger(case)])
    return {
        case_id: Told(
            known_at=known.get(case_id),
            paid_at=paid.get(case_id, {}),
            replied_at=tuple(replied.get(case_id, ())),
            complained_at=tuple(complained.get(case_id, ())),
            campaigns=campaigns.get(case_id, {}),
            destinations=destinations.get(case_id, {}),
        )
        for case_id in ids
    }


def _known_at(conn: Connection, ids: Iterable[str]) -> dict[str, datetime]:
    first = select(func.min(journal.c.seq)).where(among(conn, journal.c.case_id, ids)).group_by(journal.c.case_id)
    found = conn.execute(select(journal.c.case_id, journal.c.recorded_at).where(journal.c.seq.in_(first)))
    return {row.case_id: from_micros(row.recorded_at) for row in found}


_Instants = dict[str, list[datetime]]


def _facts(conn: Connection, ids: Iterable[str]) -> tuple[dict[str, dict[str, datetime]], _Instants, _Instants]:
    """When payments were recorded, and when debtors replied and complained, by case."""
    columns = (journal.c.case_id, journal.c.type, journal.c.at, journal.c.recorded_at, journal.c.body)
    lines = select(*columns).where(
        among(conn, journal.c.case_id, ids), journal.c.kind == "event", journal.c.type.in_((_PAYMENT, _REPLY))
    )
    paid: dict[str, dict[str, datetime]] = {}
    replied: _Instants = {}
    complained: _Instants = {}
    for row in conn.execute(lines.order_by(journal.c.seq)):
        if row.type == _REPLY:
            is_complaint = Intent.COMPLAINT in _reply(row.body).reading.split()
            (complained if is_complaint else replied).setdefault(row.case_id, []).append(from_micros(row.at))
        else:
            paid.setdefault(row.case_id, {}).setdefault(_payment(row.body).payment.id, from_micros(row.recorded_at))
    return paid, replied, complained


def _has_stranger(case: Case) -> bool:
    return any(switch.is_on and switch.value == Fault.NOT_OWNED.value for switch in case.points)


def _destinations(conn: Connection, items: Sequence[Case]) -> dict[str, dict[str, str]]:
    """Where the messages of a case went; asked only where an address turned out to be another's."""
    if not items:
        return {}
    ids = [departure.message_id for case in items for departure in case.departures]
    columns = (attempts.c.case_id, attempts.c.message_id, attempts.c.destination)
    found: dict[str, dict[str, str]] = {}
    for row in conn.execute(
        select(*columns).where(among(conn, attempts.c.message_id, ids)).order_by(attempts.c.number)
    ):
        found.setdefault(row.case_id, {})[row.message_id] = row.destination
    return found
