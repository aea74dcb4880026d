"""What may happen to a case: payments that come and go, promises, disputes, holds, stops, marks, faults, new debts."""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

from channels.contract import Channel
from orchestrator.domain import events as ev
from orchestrator.domain.agreement import Blocks, HoldKind
from orchestrator.domain.campaign import Use
from orchestrator.domain.contact import Fault, PointKind
from orchestrator.domain.events import Event
from tests.builders import a_debt, instant
from tests.domain import facts
from tests.domain.random_strategies import STEP_IDS, is_once_in

_REFERENCES: tuple[tuple[str, ...], ...] = ((), ("F-1",), ("F-1",), ("F-2",), ("F-1", "F-2"), ("F-3", "F-1"))
_CENTS = (100, 500, 1400, 2000, 6000, 600_000)


class When:
    """The instant of a happening, and one some days later."""

    def __init__(self, rng: Random, moment: datetime) -> None:
        self.moment = moment
        self.at = f"{moment:%Y-%m-%d %H:%M}"
        self.on = f"{moment:%Y-%m-%d}"
        self.tag = f"{moment:%m%d%H%M}"
        self.later = f"{moment + timedelta(days=rng.randint(0, 40)):%Y-%m-%d}"
        self.at_later = f"{self.later} 23:50"


def random_happening(rng: Random, moment: datetime) -> list[Event]:
    """One thing that happens at a moment, with what belongs to it later."""
    return rng.choice(_KINDS)(rng, When(rng, moment))


def _payment(rng: Random, when: When) -> list[Event]:
    return [facts.paid(rng.choice(_CENTS), *rng.choice(_REFERENCES), on=when.on, pid=f"P-{when.tag}", at=when.at)]


def _payment_that_goes_back(rng: Random, when: When) -> list[Event]:
    return [*_payment(rng, when), facts.bounced(f"P-{when.tag}", on=when.later)]


def _promise(rng: Random, when: When) -> list[Event]:
    cents, references = rng.choice(_CENTS), rng.choice(_REFERENCES)
    made = facts.promised(cents, *references, due=when.later, at=when.at, pid=f"PR-{when.tag}")
    return [made, facts.paid(cents, on=when.later, pid=f"P-{when.tag}")] if is_once_in(rng, 3) else [made]


def _dispute(rng: Random, when: When) -> list[Event]:
    cents, references = rng.choice([None, *_CENTS]), rng.choice(_REFERENCES) or ("F-1",)
    opened = facts.disputed(*references, at=when.at, cents=cents, hid=f"D-{when.tag}")
    return [opened, facts.resolved(f"D-{when.tag}", at=when.at_later)] if is_once_in(rng, 2) else [opened]


def _hold(rng: Random, when: When) -> list[Event]:
    hold = facts.held(
        rng.choice(list(HoldKind)),
        since=when.at,
        until=rng.choice(["", when.later, when.later]),
        hid=f"H-{when.tag}",
        references=rng.choice(_REFERENCES),
        blocks=rng.choice([Blocks.DEMANDS, Blocks.DEMANDS, Blocks.ALL]),
        grace_days=rng.randint(0, 3),
    )
    return [hold, facts.lifted(f"H-{when.tag}", at=when.at_later)] if is_once_in(rng, 2) else [hold]


def _hardship(_: Random, when: When) -> list[Event]:
    declared = facts.in_hardship(at=when.at, hid=f"HS-{when.tag}")
    return [declared, facts.lifted(f"HS-{when.tag}", at=when.at_later), facts.unmarked("hardship", at=when.at_later)]


def _stop(rng: Random, when: When) -> list[Event]:
    channel = rng.choice(["sms", "email"])
    again = ev.OptedIn(id=f"in:{when.at}", at=instant(when.at_later), channel=Channel(channel))
    out = facts.opted_out(channel, at=when.at)
    return [out, again] if is_once_in(rng, 2) else [out]


def _mark(rng: Random, when: When) -> list[Event]:
    mark = rng.choice(["good_payer", "good_payer", "vulnerable"])
    on = facts.marked(mark, at=when.at)
    return [on, facts.unmarked(mark, at=when.at_later)] if is_once_in(rng, 2) else [on]


def _reply(_: Random, when: When) -> list[Event]:
    return [facts.wrote("other", at=when.at)]


def _answer(rng: Random, when: When) -> list[Event]:
    channel = Channel(rng.choice(["sms", "email", "letter"]))
    return [ev.AnswerWritten(id=f"w:{when.tag}", at=when.moment, channel=channel, words="Bonjour", reply_id=when.tag)]


def _dead_point(rng: Random, when: When) -> list[Event]:
    kind, value = rng.choice([(PointKind.PHONE, "+33644631234"), (PointKind.POST, "")])
    return [ev.PointMarked(id=f"dead:{when.at}", at=when.moment, kind=kind, value=value, fault=Fault.DEAD)]


def _ledger(rng: Random, when: When) -> list[Event]:
    if is_once_in(rng, 4):
        return [ev.DebtPresumedSettled(id=f"gone:{when.tag}", at=when.moment, reference="F-1")]
    reference, cents = rng.choice(["F-1", "F-2", "F-9"]), rng.choice(_CENTS)
    return [facts.recorded(a_debt(reference, due=when.later, cents=cents, as_of=when.moment.date()), at=when.at)]


def _words_refused(rng: Random, when: When) -> list[Event]:
    return list(facts.blocked(rng.choice(STEP_IDS), rng.choice(list(Use)), at=when.at))


def _acknowledged(_: Random, when: When) -> list[Event]:
    day = when.moment.date()
    return [ev.ClaimInterrupted(id=f"i:{when.tag}", at=when.moment, reference="F-1", how="acknowledgment", on=day)]


_KINDS: tuple[Callable[[Random, When], list[Event]], ...] = (
    _payment, _payment, _payment_that_goes_back, _promise, _promise, _dispute, _dispute, _hold, _hold, _hardship,
    _stop, _stop, _mark, _reply, _answer, _dead_point, _ledger, _words_refused, _acknowledged,
)  # fmt: skip
