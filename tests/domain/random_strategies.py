"""Random campaigns: steps of every kind, on any channels, with conditions, approvals and reactions of their own."""

from random import Random
from typing import Any

from orchestrator.domain.campaign import (
    Approval,
    CallTerms,
    Campaign,
    ChannelLine,
    CloseTerms,
    DocumentKind,
    HandOverTerms,
    LeverTerms,
    Mode,
    NextChannel,
    Offset,
    OnResume,
    PauseTerms,
    Purpose,
    Reaction,
    SendTerms,
    Step,
    Use,
)
from orchestrator.domain.condition import ALWAYS, Between, Condition, Either, Not, OneOf
from orchestrator.domain.duration import Duration, Unit
from orchestrator.domain.voice import Voice, VoiceMove
from tests.builders import a_campaign

STEP_IDS = ("s0", "s1", "s2", "s3", "s4", "s5")
CONDITIONS: tuple[Condition, ...] = (
    ALWAYS,
    ALWAYS,
    ALWAYS,
    Between("balance", at_least=3000),
    Between("overdue", below=40),
    OneOf("marks", frozenset({"good_payer"})),
    Not(OneOf("sector", frozenset({"hotels"}))),
    Either((Between("promises_broken", at_least=1), Between("debts", at_least=2))),
)
_VOICES = (Voice.SERVICE, Voice.COURTEOUS, Voice.COURTEOUS, Voice.FACTUAL, Voice.FIRM, Voice.FORMAL)
_DOCUMENTS = (DocumentKind.REMINDER, DocumentKind.REMINDER, DocumentKind.LAST_REMINDER, DocumentKind.R124_4_LETTER)
_AUDIENCES: tuple[Condition, ...] = (ALWAYS, ALWAYS, ALWAYS, Between("overdue", at_least=3))
_LISTENS = VoiceMove(OneOf("marks", frozenset({"hardship"})), use=Voice.LISTENING)


def is_once_in(rng: Random, times: int) -> bool:
    """True once in so many times."""
    return rng.randrange(times) == 0


def some_days(rng: Random, low: int, high: int) -> Duration:
    return Duration(rng.randint(low, high), Unit.DAY)


def random_campaign(rng: Random, campaign_id: str = "b2c", priority: int = 10) -> Campaign:
    """Two to six steps, in any mode, with moves of voice and reactions."""
    steps, at_day = [], rng.randint(-6, 8)
    for number in range(rng.randint(2, len(STEP_IDS))):
        steps.append(_random_step(rng, number, at_day))
        at_day += rng.randint(1, 15)
    moves = [VoiceMove(rng.choice(CONDITIONS), soften=rng.randint(0, 2), firm=rng.randint(0, 2)), _LISTENS]
    return a_campaign(
        *steps,
        id=campaign_id,
        priority=priority,
        gap=some_days(rng, 0, 9),
        voice=tuple(rng.sample(moves, rng.randint(0, 2))),
        mode=rng.choice([Mode.AUTOMATIC] * 6 + [Mode.CONFIRM, Mode.OBSERVE]),
        audience=rng.choice(_AUDIENCES),
        pause=PauseTerms(on_resume=rng.choice(list(OnResume))),
        reactions={event: make(rng) for event, make in _REACTIONS.items() if is_once_in(rng, 3)},
    )


def _random_step(rng: Random, number: int, at_day: int) -> Step:
    """One rung: most speak, some call, ask for a lever, or end the case."""
    is_dated = is_once_in(rng, 4) or (number == 0 and is_once_in(rng, 2))
    expires = some_days(rng, 1, 15) if is_once_in(rng, 3) else None
    fields: dict[str, Any] = {"id": STEP_IDS[number], "if_": rng.choice(CONDITIONS), "expires": expires}
    if is_dated:
        fields["at"] = Offset(Duration(at_day, Unit.DAY))
    else:
        fields["after"] = some_days(rng, 0, 15)
    if number and is_once_in(rng, 8):
        return Step(**fields, **rng.choice(_SILENT))
    is_early = is_dated and at_day <= 0
    voice = Voice.SERVICE if is_early else rng.choice(_VOICES)
    kind = DocumentKind.UPCOMING if is_early else rng.choice(_DOCUMENTS)
    if voice is Voice.FORMAL:
        kind = DocumentKind.FORMAL_NOTICE
    uses = tuple(rng.sample(list(Use), rng.randint(1, 4)))
    return Step(
        **fields,
        send=SendTerms(rng.choice(["t1", "t2", "t3"]), voice, kind, Purpose.DEMAND, ("plan",)),
        channel=(ChannelLine((Use.SMS,), Between("balance", below=600)), ChannelLine(uses)),
        next_channel_when=NextChannel(
            undelivered=not is_once_in(rng, 4),
            unconfirmed_for=Duration.parse(rng.choice(["36h", "3d"])) if is_once_in(rng, 3) else None,
        ),
        approve=Approval("manager", rng.choice(CONDITIONS)) if is_once_in(rng, 6) else None,
    )


_SILENT: list[dict[str, Any]] = [
    {"call": CallTerms("hello")},
    {"request": LeverTerms("block_orders", Approval("manager"))},
    {"choose": (CloseTerms("uneconomic", Between("balance", below=2000)), HandOverTerms("court", Approval("admin")))},
]
_AGAIN = SendTerms("t1", Voice.FIRM, DocumentKind.REMINDER)
_NOTICE = SendTerms("t2", Voice.COURTEOUS, DocumentKind.NOTICE, Purpose.NOTICE)
_FIRMER = SendTerms("t3", Voice.FIRM, DocumentKind.PROMISE_BROKEN)
# Some of the house's defaults replaced: a demand for a rejected dispute, a firmer or a slower follow-up.
_REACTIONS: dict[str, Any] = {
    "dispute.resolved": lambda _: Reaction(send=_AGAIN, within=Duration(3, Unit.DAY)),
    "promise.made": lambda _: Reaction(send=_NOTICE),
    "promise.broken": lambda rng: Reaction(send=_FIRMER, within=some_days(rng, 1, 6)),
    "payment.full": lambda _: Reaction(close="paid"),
}
