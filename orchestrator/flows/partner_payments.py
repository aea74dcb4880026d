"""Payments that a bank or an ERP tells us, one event each: read as a row of `POST /api/v1/payments`, then recorded."""

from collections.abc import Sequence
from datetime import date, datetime

import msgspec

from orchestrator.domain.errors import RelanceError
from orchestrator.flows.record_payments import Outcome, record_payments_in
from orchestrator.intake.ledger.debt_rows import Creditors
from orchestrator.intake.ledger.payments import PaymentRow
from orchestrator.intake.ledger.pushed_rows import PAYMENT_NAMES, pushed_payments
from orchestrator.storage.database import Connection
from orchestrator.storage.inbox import Event

SOURCE = "partner/payments"
RECEIVED = "payment.received"


class _Told(msgspec.Struct):
    type: str
    data: dict[str, object]


def record_partner_payments(
    conn: Connection, bodies: Sequence[str], *, creditors: Creditors, today: date, now: datetime
) -> list[str]:
    """Records each event in turn, in the caller's transaction; tells why each was refused, empty if it was not.

    A reason is a code and a sentence, without personal data.
    """
    reasons = [""] * len(bodies)
    batch: dict[tuple[str, str], tuple[int, PaymentRow]] = {}

    def record() -> None:
        rows = [msgspec.structs.replace(row, line=place) for place, row in batch.values()]
        for result in record_payments_in(conn, rows, now=now, by=SOURCE):
            if result.outcome is Outcome.REFUSED:
                reasons[result.line] = f"{result.code}: {result.message}"
        batch.clear()

    for place, body in enumerate(bodies):
        row, reason = _row(body, creditors=creditors, today=today)
        if row is None:
            reasons[place] = reason
            continue
        name = (row.creditor, row.payment.id)
        if name in batch:
            record()  # it was told of twice: the second time after the first
        batch[name] = (place, row)
    record()
    return reasons


def creditor_named(event: Event) -> str:
    """The creditor whose payment an event tells of; empty where it is no payment, or names none that can be read."""
    if event.source != SOURCE:
        return ""
    try:
        told = msgspec.json.decode(event.body.encode("utf-8", "replace"), type=_Told)
    except (msgspec.DecodeError, RecursionError):
        return ""
    named = told.data.get("creditor")
    return named.strip() if isinstance(named, str) else ""


def _row(body: str, *, creditors: Creditors, today: date) -> tuple[PaymentRow | None, str]:
    """The payment that an event tells, or why there is none."""
    try:
        told = msgspec.json.decode(body.encode("utf-8", "replace"), type=_Told)
    except (msgspec.DecodeError, RecursionError):
        return None, "invalid_event: this is not an object with `type` and `data`"
    if told.type != RECEIVED:
        return None, f"unknown_type: only {RECEIVED} is read here"
    row = {PAYMENT_NAMES.get(name, name): value for name, value in told.data.items() if value is not None}
    try:
        file = pushed_payments({1: row}, today=today, creditors=creditors)
    except RelanceError as error:
        return None, f"{error.code}: {error.message}"
    if file.rows:
        return file.rows[0], ""
    remarks = file.refused[0].remarks if file.refused else ()
    if not remarks:
        return None, "invalid_event: the row says nothing"
    place = f" ({remarks[0].column})" if remarks[0].column else ""
    return None, f"{remarks[0].code}: {remarks[0].message}{place}"
