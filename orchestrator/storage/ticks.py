"""Slots of ticks: what a tick does is done once per slot, however many schedulers run."""

from datetime import datetime

from sqlalchemy import Connection, delete

from orchestrator.storage.batch import insert_new
from orchestrator.storage.instants import to_micros
from orchestrator.storage.sending_tables import ticks


def claim(conn: Connection, name: str, slot: int, *, now: datetime) -> bool:
    """Whether this transaction is the one that does the work of the slot."""
    row = {"name": name, "slot": slot, "done_at": to_micros(now)}
    return bool(insert_new(conn, ticks, [row], key=("name", "slot")))


def forget(conn: Connection, *, before: datetime) -> None:
    """Forgets slots done before an instant."""
    conn.execute(delete(ticks).where(ticks.c.done_at < to_micros(before)))
