"""Invented debtors: what they do about each message, each call and by themselves (see the table in `profiles.py`).

Every draw comes from (seed, case, message): neither the order of cases nor anybody else changes it. What a deed
becomes when its hour comes is `debtor_facts.py`.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from random import Random

import msgspec

from channels.contract import Channel
from orchestrator.domain.agreement import HoldKind, Promise
from orchestrator.domain.campaign import Purpose
from orchestrator.domain.case import Case, Departure
from orchestrator.domain.events import PromiseMade
from orchestrator.simulator import profiles
from orchestrator.simulator.debtor_facts import COLLECTED, facts_of
from orchestrator.simulator.debtor_words import write
from orchestrator.simulator.deeds import Deed, DeedKind, Done
from orchestrator.simulator.deliveries import deliver, point_of
from orchestrator.simulator.profiles import Profile

# The bank's statement of a day comes before anybody is written to.
_STATEMENT = time(5, tzinfo=UTC)
# How far ahead people pay unasked.
_HORIZON_DAYS = 60
_PARTS = (30, 40, 50, 60)
# Below this a debt is paid whole.
_SMALL_CENTS = 20_000


class SimulatedDebtors:
    """A crowd with a seed. The same seed, case and message give the same deeds, in any run."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def profile(self, case: Case) -> Profile:
        """Who this debtor is: good payers are prompt more often, the fragile unable."""
        is_person = case.debtor.status.is_individual
        weights = [
            (each.share if is_person else each.firm_share) * _likelihood(each.name, case) for each in profiles.PROFILES
        ]
        return self._rng(case.id, "profile").choices(profiles.PROFILES, weights)[0]

    def begin(self, case: Case, *, now: datetime) -> list[Deed]:
        """Payments that nobody asked for, and direct debits on their day: four in five go through."""
        deeds = []
        rng = self._rng(case.id, "unasked")
        if rng.random() < self.profile(case).unasked:
            at = _statement(now.date() + timedelta(days=rng.randrange(1, _HORIZON_DAYS)))
            percent = 100 if rng.random() < 0.8 else rng.choice(_PARTS)
            deeds.append(Deed(at=at, case_id=case.id, key="unasked", kind=DeedKind.PAY, percent=percent))
        for debt in case.debts:
            if debt.next_collection_on is None or rng.random() > 0.8:
                continue
            at = _statement(max(debt.next_collection_on, now.date() + timedelta(days=1)))
            key = f"{COLLECTED}{debt.reference}"
            deeds.append(Deed(at=at, case_id=case.id, key=key, kind=DeedKind.PAY, references=(debt.reference,)))
        return deeds

    def hear(self, case: Case, departure: Departure) -> list[Deed]:
        """The receipts of a message, and the answer to a demand that was read."""
        deeds, read_at = deliver(self._seed, case, departure)
        if read_at is None or departure.purpose is not Purpose.DEMAND:
            return deeds
        key = departure.message_id
        factor = profiles.BY_VOICE[departure.voice] * profiles.BY_USE[departure.use]
        answer = self._answer(case, self._rng(case.id, key), factor, at=read_at, key=key)
        if answer is None or (answer.kind is DeedKind.STOP and departure.channel is Channel.LETTER):
            return deeds
        known = msgspec.structs.replace(
            answer,
            message_id=key,
            channel=departure.channel,
            point=point_of(case, departure.channel),
            references=departure.references,
        )
        return [*deeds, known]

    def hear_call(self, case: Case, subject: str, *, at: datetime) -> list[Deed]:
        """A call is harder to overlook than a letter; it never ends in STOP."""
        key = f"call:{subject}"
        answer = self._answer(case, self._rng(case.id, key), profiles.BY_CALL, at=at, key=key)
        return [answer] if answer is not None and answer.kind is not DeedKind.STOP else []

    def do(self, case: Case, deed: Deed) -> Done:
        """The deed as facts; promises and claims bring what becomes of them."""
        facts = facts_of(case, deed)
        text = write(case, deed, facts, self._rng(case.id, f"{deed.key}:words"))
        if text is not None:
            return Done([], [], text)
        deeds: list[Deed] = []
        for fact in facts:
            if isinstance(fact, PromiseMade):
                deeds += self._after_promise(case, fact.promise)
        if facts and deed.kind is DeedKind.CLAIM_PAID:
            deeds += self._after_claim(case, deed)
        return Done(facts, deeds)

    def follow(self, case: Case, deed: Deed, reply_id: str) -> list[Deed]:
        """What was understood as a promise is kept or broken; who says to have paid has, or has not."""
        if deed.kind is DeedKind.CLAIM_PAID:
            return list(self._after_claim(case, deed))
        made = [promise for promise in case.promises if promise.id.startswith(f"promise:reply:{reply_id}:")]
        return [following for promise in made for following in self._after_promise(case, promise)]

    def _rng(self, case_id: str, subject: str) -> Random:
        return Random(f"{self._seed}|{case_id}|{subject}")  # noqa: S311  # invented people, no secret

    def _answer(self, case: Case, rng: Random, factor: float, *, at: datetime, key: str) -> Deed | None:
        profile = self.profile(case)
        owed_cents = sum(debt.open_cents for debt in case.debts)
        oldest = min((debt.due_on for debt in case.debts), default=at.date())
        factor *= profiles.by_amount(owed_cents) * profiles.by_age((at.date() - oldest).days)
        kind = _pick(rng.random(), _chances(profile, case, factor))
        if kind is None:
            return None
        is_part = owed_cents > _SMALL_CENTS and rng.random() < profile.part
        percent = rng.choice(_PARTS) if is_part else 100
        if kind is DeedKind.PAY:
            paid_on = at.date() + timedelta(days=rng.randrange(*profile.pay_days))
            return Deed(at=_statement(paid_on), case_id=case.id, key=f"{key}:pay", kind=kind, percent=percent)
        answered_at = _awake(at + timedelta(minutes=rng.randrange(4, 30 * 60)))
        days = rng.randrange(5, 16)
        return Deed(at=answered_at, case_id=case.id, key=f"{key}:{kind}", kind=kind, percent=percent, days=days)

    def _after_promise(self, case: Case, promise: Promise) -> Iterator[Deed]:
        """Kept on the day or the day before; broken ones are paid late one time in three."""
        rng = self._rng(case.id, promise.id)
        if rng.random() < self.profile(case).keeps:
            paid_on, percent = promise.due_on - timedelta(days=rng.randrange(2)), 100
        elif rng.random() < 0.35:
            paid_on, percent = promise.due_on + timedelta(days=rng.randrange(6, 18)), rng.choice((50, 100))
        else:
            return
        yield Deed(
            at=_statement(paid_on),
            case_id=case.id,
            key=f"{promise.id}:pay",
            kind=DeedKind.PAY,
            references=promise.references,
            percent=percent,
        )

    def _after_claim(self, case: Case, deed: Deed) -> Iterator[Deed]:
        """A claim that is true shows on the account within days; the others never do."""
        rng = self._rng(case.id, f"{deed.key}:true")
        if rng.random() < self.profile(case).claim_is_true:
            at = _statement(deed.at.date() + timedelta(days=rng.randrange(1, 5)))
            key = f"{deed.key}:pay"
            yield Deed(at=at, case_id=case.id, key=key, kind=DeedKind.PAY, references=deed.references)


def _likelihood(name: str, case: Case) -> float:
    factor = 1.0
    if case.has_mark("good_payer"):
        factor *= {"prompt": 4.0, "forgetful": 2.0, "unable": 0.1, "silent": 0.1}.get(name, 1.0)
    if case.debtor.solvency == "fragile":
        factor *= {"unable": 5.0, "promising": 3.0}.get(name, 1.0)
    return factor


def _chances(profile: Profile, case: Case, factor: float) -> list[tuple[DeedKind, float]]:
    """What may be answered, with its chance. Who was answered on a dispute pays, or stays silent."""
    lifted = {switch.key for switch in case.lifted}
    is_answered = any(hold.kind is HoldKind.DISPUTE and hold.id in lifted for hold in case.holds)
    pays = max(profile.pays, 0.45) if is_answered else profile.pays
    return [
        (DeedKind.PAY, min(pays * factor, 0.92)),
        (DeedKind.PROMISE, profile.promises),
        (DeedKind.DISPUTE, 0.0 if is_answered else profile.disputes),
        (DeedKind.HARDSHIP, profile.hardship),
        (DeedKind.CLAIM_PAID, profile.claims_paid),
        (DeedKind.STOP, profile.stops),
    ]


def _pick(roll: float, chances: list[tuple[DeedKind, float]]) -> DeedKind | None:
    for kind, chance in chances:
        roll -= chance
        if roll < 0:
            return kind
    return None


def _statement(day: date) -> datetime:
    return datetime.combine(day, _STATEMENT)


def _awake(at: datetime) -> datetime:
    """Nobody answers between ten in the evening and seven in the morning, in metropolitan France."""
    if 6 <= at.hour < 21:
        return at
    day = at.date() if at.hour < 6 else at.date() + timedelta(days=1)
    return datetime.combine(day, time(6, at.minute, at.second), UTC)
