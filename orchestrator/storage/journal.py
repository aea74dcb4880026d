"""The journal of each case: events and decisions as they happened, in order, for ever. It is the evidence.

Append-only: a trigger of the database refuses to change or delete a line. What the lines mean is the domain's.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import Connection, Select, func, select

from orchestrator.domain.decision import Decision
from orchestrator.domain.events import DebtRecorded, Event, type_of
from orchestrator.storage import documents, outbox
from orchestrator.storage.batch import CHUNK, among, insert_new
from orchestrator.storage.instants import from_micros, to_micros
from orchestrator.storage.tables import journal

_encode = msgspec.json.Encoder().encode
_decode_event = msgspec.json.Decoder(Event).decode
_decode_decision = msgspec.json.Decoder(Decision).decode


class Kind(StrEnum):
    """What a line holds."""

    EVENT = "event"
    DECISION = "decision"


class Entry(msgspec.Struct, frozen=True):
    """Something to append, an event or a decision, that happened at `at`. `import_id` names the file that said it."""

    case_id: str
    at: datetime
    fact: Event | Decision
    import_id: str = ""


class Line(msgspec.Struct, frozen=True):
    """A line of the journal. `seq` grows over all cases; within one case it is the order in which things were stored.

    Between cases, transactions may commit in another order than their numbers. `type` is the event's, or the act's.
    """

    seq: int
    case_id: str
    at: datetime
    recorded_at: datetime
    type: str
    fact: Event | Decision
    import_id: str = ""


def append(conn: Connection, entries: Sequence[Entry], *, now: datetime) -> list[Entry]:
    """Appends in the order given; returns the entries left out, events whose id their case has already.

    What is new is kept for the endpoints that want to be told of it.
    """
    recorded_at = to_micros(now)
    seen: set[tuple[str, str]] = set()
    fresh: list[Entry] = []
    left_out: list[Entry] = []
    for entry in entries:
        key = _key(entry)
        (left_out if key in seen else fresh).append(entry)
        if key is not None:
            seen.add(key)
    inserted = insert_new(conn, journal, [_row(e, recorded_at) for e in fresh], key=("case_id", "event_id"))
    known = {None, *inserted}
    outbox.tell(conn, [(e.case_id, e.fact) for e in fresh if _key(e) in inserted], now=now)
    documents.note(conn, [(e.case_id, e.fact.debt.reference) for e in fresh if isinstance(e.fact, DebtRecorded)])
    return left_out + [entry for entry in fresh if _key(entry) not in known]


def read(conn: Connection, case_id: str) -> list[Line]:
    """The whole journal of a case, in order."""
    return _lines(conn, select(*_LINE).where(journal.c.case_id == case_id).order_by(journal.c.seq))


def told(conn: Connection, case_id: str, *, prefix: str) -> dict[str, datetime]:
    """The events of a case whose id begins with `prefix` and a colon, or is it, with when each was recorded."""
    mine = (journal.c.event_id >= prefix) & (journal.c.event_id < f"{prefix};")  # the character after a colon
    found = conn.execute(select(journal.c.event_id, journal.c.recorded_at).where(journal.c.case_id == case_id, mine))
    return {event_id: from_micros(at) for event_id, at in found}


def last_decisions(conn: Connection, case_ids: Iterable[str]) -> dict[str, Line]:
    """The latest decision of each case that has one."""
    latest = (
        select(func.max(journal.c.seq))
        .where(among(conn, journal.c.case_id, case_ids), journal.c.kind == Kind.DECISION.value)
        .group_by(journal.c.case_id)
    )
    return {line.case_id: line for line in _lines(conn, select(*_LINE).where(journal.c.seq.in_(latest)))}


def last_seq(conn: Connection) -> int:
    """The number of the last line; 0 when there is none."""
    return conn.execute(select(func.max(journal.c.seq))).scalar() or 0


def last_recorded_at(conn: Connection) -> datetime | None:
    """When the last line was stored; None when there is none."""
    at = conn.execute(select(journal.c.recorded_at).order_by(journal.c.seq.desc()).limit(1)).scalar()
    return None if at is None else from_micros(at)


def after(conn: Connection, seq: int, *, type_name: str, limit: int = CHUNK) -> list[Line]:
    """At most `limit` lines of a type after a number, in order. One that commits late may be missed."""
    found = select(*_LINE).where(journal.c.seq > seq, journal.c.type == type_name)
    return _lines(conn, found.order_by(journal.c.seq).limit(limit))


def events_of_import(conn: Connection, import_id: str, *, chunk: int = CHUNK) -> Iterator[list[Line]]:
    """What an import brought, in order, `chunk` lines at a time."""
    after = 0
    lines = select(*_LINE).where(journal.c.import_id == import_id).order_by(journal.c.seq).limit(chunk)
    while page := _lines(conn, lines.where(journal.c.seq > after)):
        yield page
        after = page[-1].seq


# -------------------------------------------------------------------------------------------- the columns

_LINE = (
    journal.c.seq,
    journal.c.case_id,
    journal.c.at,
    journal.c.recorded_at,
    journal.c.kind,
    journal.c.type,
    journal.c.import_id,
    journal.c.body,
)


def _key(entry: Entry) -> tuple[str, str] | None:
    """What makes an event one; a decision is never a repetition."""
    return None if isinstance(entry.fact, Decision) else (entry.case_id, entry.fact.id)


def _row(entry: Entry, recorded_at: int) -> dict[str, Any]:
    fact = entry.fact
    return {
        "case_id": entry.case_id,
        "at": to_micros(entry.at),
        "recorded_at": recorded_at,
        "kind": Kind.DECISION.value if isinstance(fact, Decision) else Kind.EVENT.value,
        "type": str(fact.act.__struct_config__.tag) if isinstance(fact, Decision) else type_of(fact),
        "event_id": None if isinstance(fact, Decision) else fact.id,
        "import_id": entry.import_id or None,
        "body": _encode(fact).decode(),
    }


def _lines(conn: Connection, statement: Select[Any]) -> list[Line]:
    return [
        Line(
            seq=seq,
            case_id=case_id,
            at=from_micros(at),
            recorded_at=from_micros(recorded_at),
            type=name,
            fact=_decode_decision(body) if kind == Kind.DECISION else _decode_event(body),
            import_id=import_id or "",
        )
        for seq, case_id, at, recorded_at, kind, name, import_id, body in conn.execute(statement)
    ]
