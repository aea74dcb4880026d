"""A portfolio in the middle of its year, for measuring figures: two documents and four messages a case, some money.

Cases are built as facts would have left them and stored with the lines of their journal that figures read.
"""

from datetime import date, datetime, timedelta
from itertools import islice
from random import Random
from typing import Any

import msgspec

from channels.contract import Channel, DeliveryStatus
from orchestrator.domain.agreement import Hold, HoldKind, Promise
from orchestrator.domain.campaign import DocumentKind, Purpose, Use
from orchestrator.domain.case import Case, Cycle, Departure, Receipt, Switch
from orchestrator.domain.contact import ContactPerson, ContactPoint, Debtor, DebtorStatus, PointKind, PostalAddress
from orchestrator.domain.debt import Debt, Payment
from orchestrator.domain.events import DebtorRecorded, MessageLeft, PaymentReceived
from orchestrator.domain.voice import Voice
from orchestrator.storage import cases, journal, persons
from orchestrator.storage.batch import insert_new
from orchestrator.storage.database import Database
from orchestrator.storage.instants import to_micros
from orchestrator.storage.journal import Entry
from orchestrator.storage.tables import messages
from tests.builders import instant

NOW = instant("2026-05-04 09:00")
MESSAGES = 4
_CREDITORS = ("acme-telecom", "atelier-bois", "syndic-lilas")
_STATUSES = (DebtorStatus.CONSUMER, DebtorStatus.COMPANY, DebtorStatus.SOLE_TRADER)
_SECTORS = ("", "construction", "retail", "restaurants", "transport")
_POSTCODES = tuple(f"{number:02}000" for number in range(1, 90))
_USES = (Use.SMS, Use.EMAIL, Use.EMAIL, Use.LETTER)
_VOICES = (Voice.COURTEOUS, Voice.FACTUAL, Voice.FIRM, Voice.FORMAL)
_CHUNK = 5_000


def fill_year(database: Database, count: int) -> None:
    """`count` cases with their messages and what the journal says of them."""
    rng = Random(7)  # invented data, no secret
    numbers = iter(range(count))
    while chunk := [a_year(rng, number) for number in islice(numbers, _CHUNK)]:
        with database.begin() as conn:
            owners = persons.link(conn, {case.id: [f"{case.id:>032}"] for case in chunk})
            entries = [cases.Entry(case, NOW + timedelta(days=3), owners[case.id]) for case in chunk]
            cases.insert(conn, entries, now=NOW)
            for day, lines in _by_day(chunk):
                journal.append(conn, lines, now=day)
            insert_new(
                conn, messages, [_message(case, left) for case in chunk for left in case.departures], key=("id",)
            )


def a_year(rng: Random, number: int) -> Case:
    """A case that was written to four times; a third paid something, few promised or disagree."""
    who = number % 3
    first = date(2025, 12, 1) + timedelta(days=rng.randrange(100))
    cents = rng.choice((3_000, 12_000, 60_000, 300_000))
    debts = tuple(_debt(number, n, first + timedelta(days=20 * n), cents) for n in range(2))
    departures = tuple(_departure(number, n, first, cents * 2) for n in range(MESSAGES))
    case = Case(
        id=f"K{number:08}", creditor=_CREDITORS[who], debtor=_debtor(number, rng, _STATUSES[who]), debts=debts,
        departures=departures, receipts=tuple(_receipt(rng, left) for left in departures),
        cycle=Cycle(
            number=1, campaign=f"campaign-{who}", release="r", policy="p", entered_at=NOW, step_index=3,
            anchors=(debts[0].reference,), anchor_due_on=first,
        ),
    )  # fmt: skip
    changes: dict[str, Any] = {}
    if rng.random() < 0.35:
        day = first + timedelta(days=rng.randrange(10, 100))
        changes["payments"] = (Payment(f"P{number}", rng.choice((cents, cents // 3)), day, (debts[0].reference,)),)
    if rng.random() < 0.08:
        promise = Promise(id="p", amount_cents=cents, due_on=date(2026, 5, 20), grace_days=2, made_at=departures[2].at)
        changes["promises"] = (promise,)
    if rng.random() < 0.04:
        hold = Hold(id="h", kind=HoldKind.DISPUTE, since=departures[1].at + timedelta(days=2))
        changes |= {"holds": (hold,), "lifted": (Switch("h", True, NOW - timedelta(days=1), "upheld"),)}
    return msgspec.structs.replace(case, **changes)


def _debtor(number: int, rng: Random, status: DebtorStatus) -> Debtor:
    points = (ContactPoint(PointKind.PHONE, "+33644631234"), ContactPoint(PointKind.EMAIL, f"c{number}@example.org"))
    address = PostalAddress((f"{number} rue des Essais",), rng.choice(_POSTCODES), "VILLE", "FR")
    person = ContactPerson(name=f"Camille Exemple {number}", points=points, address=address)
    sector = "" if status is DebtorStatus.CONSUMER else rng.choice(_SECTORS)
    return Debtor(f"R{number}", f"Camille Exemple {number}", status, sector=sector, people=(person,))


def _debt(number: int, n: int, due_on: date, cents: int) -> Debt:
    issued_on = due_on - timedelta(days=30)
    return Debt(
        reference=f"F-{number}-{n}", principal_cents=cents, open_cents=cents, as_of=issued_on, issued_on=issued_on,
        due_on=due_on,
    )  # fmt: skip


def _departure(number: int, n: int, first: date, cents: int) -> Departure:
    at = datetime.combine(first, NOW.timetz()) + timedelta(days=10 + 14 * n)
    return Departure(
        message_id=f"K{number:08}:1:step-{n}:1", step=f"step-{n}", cycle=1, ordinal=1, channel=_USES[n].channel,
        use=_USES[n], voice=_VOICES[n], template="t", kind=DocumentKind.REMINDER, purpose=Purpose.DEMAND, at=at,
        references=(f"F-{number}-0", f"F-{number}-1"), amount_cents=cents, cost_cents=6,
    )  # fmt: skip


def _receipt(rng: Random, left: Departure) -> Receipt:
    status = DeliveryStatus.DELIVERED if rng.random() < 0.93 else DeliveryStatus.UNDELIVERED
    return Receipt(left.message_id, left.channel, status)


def _by_day(chunk: list[Case]) -> list[tuple[datetime, list[Entry]]]:
    """The lines of the journal by the instant at which they were recorded."""
    days: dict[datetime, list[Entry]] = {}
    for line in (line for case in chunk for line in _lines(case)):
        days.setdefault(line.at, []).append(line)
    return sorted(days.items())


def _lines(case: Case) -> list[Entry]:
    began = NOW - timedelta(days=150)
    lines = [Entry(case.id, began, DebtorRecorded(id="debtor", at=began, debtor=case.debtor))]
    for left in case.departures:
        values = {name: getattr(left, name) for name in left.__struct_fields__ if name in MessageLeft.__struct_fields__}
        lines.append(Entry(case.id, left.at, MessageLeft(id=f"left:{left.message_id}", **values)))
    for payment in case.payments:
        # A bank's day later, as most are: now and then a demand leaves in between.
        at = min(datetime.combine(payment.received_on, NOW.timetz()) + timedelta(days=1), NOW)
        told = PaymentReceived(id=payment.id, at=at, payment=payment)
        lines.append(Entry(case.id, told.at, told))
    return lines


def _message(case: Case, left: Departure) -> dict[str, Any]:
    at = to_micros(left.at)
    return {
        "id": left.message_id, "case_id": case.id, "cycle": 1, "step": left.step, "ordinal": 1,
        "campaign": case.campaign, "creditor": case.creditor, "channel": Channel(left.channel).value,
        "use": left.use.value, "lane": "sandbox", "urgency": 0, "state": "accepted", "planned_at": at,
        "not_before": at, "expires_at": None, "left_at": at, "updated_at": at, "content_hash": "c", "reason": "",
        "cost_cents": 6, "amount_cents": left.amount_cents, "send": "{}",
    }  # fmt: skip
