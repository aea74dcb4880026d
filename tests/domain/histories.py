"""Random lives: a case, its campaigns and pack, what is laid over it, and what happens to it in 120 days.

Owns the worlds only. lives.py lets them live, oracle.py says what must be true of every life.
"""

from datetime import date, datetime, timedelta
from random import Random
from typing import Any

import msgspec
from hypothesis import strategies as st
from msgspec.structs import replace

from channels.contract import Channel, DeliveryStatus
from orchestrator.domain.campaign import Campaign, Mode, Purpose
from orchestrator.domain.case import Case
from orchestrator.domain.condition import Condition, Every, OneOf, StartsWith
from orchestrator.domain.contact import Debtor, DebtorStatus
from orchestrator.domain.context import Contact, Context
from orchestrator.domain.debt import ClaimKind, Debt, OpeningHistory, PaymentMethod
from orchestrator.domain.debt import DocumentKind as LedgerKind
from orchestrator.domain.events import Event
from orchestrator.domain.interruption import Crisis, Pause
from orchestrator.domain.policy import ContactChannel, Pack, PolicyBook
from tests.builders import a_book, a_case, a_context, a_debt, a_debtor, instant
from tests.domain import facts
from tests.domain.random_facts import random_happening
from tests.domain.random_packs import random_pack
from tests.domain.random_strategies import is_once_in, random_campaign

START = instant("2026-02-02 06:00")
DAYS = 120
COSTS = {"sms": 6, "email": 1, "letter": 120, "registered": 600}


class World(msgspec.Struct, kw_only=True):
    """Everything that decides a life.

    `answers` are what persons say to the tasks in their order (`approve`, `refuse`, `done` or nothing), `receipts`
    what becomes of the messages in theirs, each after some hours.
    """

    case: Case
    campaigns: tuple[Campaign, ...]
    pack: Pack
    facts: tuple[Event, ...]
    contacts: tuple[Contact, ...]
    pauses: tuple[Pause, ...]
    crises: tuple[Crisis, ...]
    mode: Mode | None
    answers: tuple[tuple[str, int], ...]
    receipts: tuple[tuple[DeliveryStatus | None, int], ...]

    @property
    def book(self) -> PolicyBook:
        """A new book each time: a life may not depend on what a book remembers."""
        return a_book(self.pack)

    def context(self, now: datetime) -> Context:
        """What surrounds the case, as one knows it then: no pause, resume or contact before it happens."""
        return a_context(
            confirming=frozenset(Channel),
            ledger_as_of=now.date(),
            contacts=tuple(contact for contact in self.contacts if contact.at <= now),
            pauses=tuple(_as_known(pause, now) for pause in self.pauses if pause.since <= now),
            crises=self.crises,
            mode=self.mode,
            costs_cents=COSTS,
        )


def _as_known(pause: Pause, now: datetime) -> Pause:
    is_ahead = pause.resumed_at is not None and pause.resumed_at > now
    return replace(pause, resumed_at=None) if is_ahead else pause


def worlds() -> st.SearchStrategy[World]:
    """Worlds that shrink: each die is hypothesis's own."""
    return st.randoms(use_true_random=False).map(random_world)


def seeded_worlds() -> st.SearchStrategy[World]:
    """Worlds by their seed: ten times as many in the same time, and none of them shrinks."""
    return st.integers(0, 2**48).map(lambda seed: random_world(Random(seed)))


def random_world(rng: Random) -> World:
    """One debtor with up to four debts, one or two campaigns, and some things that happen."""
    debtor = _random_debtor(rng)
    pauses = {pause.id: pause for pause in (_random_pause(rng) for _ in range(_few(rng)))}
    crises = {crisis.id: crisis for crisis in (_random_crisis(rng) for _ in range(_few(rng)))}
    happened = {moment: random_happening(rng, moment) for moment in (_moment(rng) for _ in range(rng.randint(0, 7)))}
    # A resume and an early end of a crisis make their cases due: the flows do it, here a mark does.
    ends = [pause.resumed_at for pause in pauses.values()] + [crisis.ended_at for crisis in crises.values()]
    woken = [facts.marked("woken", at=f"{end:%Y-%m-%d %H:%M}") for end in ends if end is not None]
    contacts = sorted((_random_contact(rng) for _ in range(_few(rng))), key=lambda contact: contact.at)
    campaigns = [random_campaign(rng), *([random_campaign(rng, "other", 5)] if is_once_in(rng, 3) else [])]
    return World(
        case=a_case(*(_random_debt(rng, f"F-{n}") for n in range(1, rng.randint(2, 5))), debtor=debtor, at=START),
        campaigns=tuple(campaigns),
        # A pack of the debtor's own country: the selection of packs has its own tests.
        pack=random_pack(rng, jurisdiction=debtor.address.country if debtor.address else "FR"),
        facts=tuple(fact for several in happened.values() for fact in several) + tuple(woken),
        contacts=tuple({contact.at: contact for contact in contacts}.values()),
        pauses=tuple(pauses.values()),
        crises=tuple(crises.values()),
        mode=rng.choice(list(Mode)) if is_once_in(rng, 8) else None,
        answers=tuple((rng.choice(_ANSWERS), rng.choice(_HOURS)) for _ in range(rng.randint(0, 8))),
        receipts=tuple((rng.choice(_RECEIPTS), rng.choice(_HOURS)) for _ in range(rng.randint(0, 6))),
    )


_HOURS = (0, 1, 20, 100)
_ANSWERS = ("approve", "approve", "approve", "done", "refuse", "")
_RECEIPTS = (None, *DeliveryStatus, DeliveryStatus.BOUNCED, DeliveryStatus.UNDELIVERED)
_SCOPES: tuple[Condition, ...] = (
    Every(), Every(), StartsWith("postcode", ("75", "974")), OneOf("status", frozenset({"company"})),
)  # fmt: skip
_POSTCODES = ["75001", "75001", "67000", "57000", "97400", "97110", "98713"] * 2 + [""]
_DUE_IN_DAYS = (-800, -720, -400, -300, -60, -20, -10, -5, -1, 0, 3, 20, 60)
_HISTORIES = (
    OpeningHistory(last_step="s0", last_contact_on=date(2026, 1, 30)),
    OpeningHistory(last_step="theirs", last_contact_on=date(2026, 1, 31)),
    OpeningHistory(letter_reference="L-1", letter_on=date(2026, 1, 10)),
)


def _few(rng: Random) -> int:
    return rng.choice([0, 0, 1, 2])


def _moment(rng: Random) -> datetime:
    return START + rng.randrange(DAYS * 24 * 4) * timedelta(minutes=15)


def _random_debt(rng: Random, reference: str) -> Debt:
    due = str(START.date() + timedelta(days=rng.choice(_DUE_IN_DAYS)))
    cents = rng.choice([500, 1400, 2000, 4500, 30_000, 500_000])
    if is_once_in(rng, 12):
        return a_debt(reference, due=due, cents=-cents // 2, kind=LedgerKind.CREDIT_NOTE, as_of=START.date())
    fields: dict[str, Any] = {"claim_kind": rng.choice([*list(ClaimKind)[:4], ClaimKind.UNKNOWN])}
    if is_once_in(rng, 12):
        fields |= {"payment_method": PaymentMethod.DIRECT_DEBIT, "next_collection_on": date.fromisoformat(due)}
    if is_once_in(rng, 6):
        fields["history"] = rng.choice(_HISTORIES)
    as_of = START.date() - timedelta(days=rng.randint(0, 9))
    return a_debt(reference, due=due, cents=cents, as_of=as_of, **fields)


def _random_debtor(rng: Random) -> Debtor:
    country = "ES" if is_once_in(rng, 10) else "FR"
    return a_debtor(
        country=country,
        postcode=rng.choice(_POSTCODES if country == "FR" else ["", "28001", "35001"]),
        phone=rng.choice(["+33644631234", "+33644631234", ""]),
        email=rng.choice(["jeanne.dupont@example.org", "jeanne.dupont@example.org", ""]),
        post=not is_once_in(rng, 4),
        status=rng.choice([DebtorStatus.CONSUMER, DebtorStatus.COMPANY, DebtorStatus.UNKNOWN]),
    )


def _random_pause(rng: Random) -> Pause:
    since = _moment(rng)
    return Pause(
        id=f"pause-{since:%m%d%H%M}",
        scope=rng.choice(_SCOPES),
        since=since,
        reason="flood",
        by="admin",
        channels=rng.choice([(), (), ("sms",), ("email", "letter")]),
        ends_at=since + timedelta(hours=rng.randint(1, 50 * 24)) if is_once_in(rng, 2) else None,
        resumed_at=since + rng.randint(1, 60) * timedelta(hours=17) if is_once_in(rng, 2) else None,
    )


def _random_crisis(rng: Random) -> Crisis:
    from_on = _moment(rng).date() - timedelta(days=10)
    return Crisis(
        id=f"crisis-{from_on}",
        title="flood",
        scope=rng.choice(_SCOPES),
        from_on=from_on,
        to_on=from_on + timedelta(days=rng.randint(0, 60)) if is_once_in(rng, 2) else None,
        stretch=rng.randint(1, 3),
        soften=rng.randint(0, 2),
        offer=rng.choice([(), ("deferral", "plan")]),
        skip=tuple(rng.sample(["formal_notice", "reminder", "b2c/s1", "hand_over"], rng.randint(0, 2))),
        ended_at=_moment(rng) if is_once_in(rng, 4) else None,
    )


def _random_contact(rng: Random) -> Contact:
    at = _moment(rng)
    channel = rng.choice(list(ContactChannel))
    return Contact(at=at, channel=channel, purpose=Purpose.DEMAND, case_id="ELSEWHERE", message_id=f"elsewhere:{at}")
