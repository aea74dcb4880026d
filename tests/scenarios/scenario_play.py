"""A try played: the wish judged by the shipped packs on its day, as an outcome that can be compared."""

from collections.abc import Iterator
from datetime import datetime

import msgspec

from orchestrator.domain.apply import apply_all
from orchestrator.domain.calling import keeps_from_calling
from orchestrator.domain.campaign import ChannelLine, Purpose
from orchestrator.domain.decide import judge_case
from orchestrator.domain.decision import Act, Ask, HandOver, Passed, Reason, Send, Verdict, Wait
from orchestrator.domain.duties import duty
from orchestrator.domain.policy import Policy
from orchestrator.domain.progress import events_of
from orchestrator.domain.reckoning import reckon
from orchestrator.domain.sending import Wish, judge
from orchestrator.domain.situation import Situation
from orchestrator.domain.statement import Statement
from orchestrator.domain.stops import stop
from tests.scenarios.scenario_file import Scenario, Try
from tests.scenarios.scenario_words import ALL_WELL, read_words
from tests.scenarios.scenario_world import STEP, World

_AGAINST = frozenset({Verdict.BLOCK, Verdict.DEFER, Verdict.ASK, Verdict.PASS})


class Played(msgspec.Struct, frozen=True):
    """What became of a wish. `until` is local, `spoke` are the rules against it, `noted` those that only left a note.

    `tasks` are what people are asked, with the local hour until which.
    """

    outcome: str
    until: datetime | None
    spoke: frozenset[str]
    in_force: frozenset[str]
    noted: frozenset[str]
    tasks: dict[str, datetime]
    statement: Statement | None
    pack: str


def play(scenario: Scenario, attempt: Try) -> Played:
    """The outcome of a try by the shipped packs."""
    given = scenario.given
    if attempt.debtor is not None:
        given = given.model_copy(update={"debtor": attempt.debtor})
    world = World(given, attempt.wish or scenario.wish, attempt.with_, attempt.at)
    situation, policy = world.situation(), world.policy()
    if policy is None:
        tasks = {"unknown_policy": world.local(world.now)}
        return Played("asked", None, frozenset({"POLICY"}), frozenset(), frozenset(), tasks, None, "")
    reasons: list[Reason] = []
    act = wanted(world, situation, policy, reasons)
    words = read_words(world, policy) if world.wish.is_read and isinstance(act, Send) else ALL_WELL
    duties = list(_duties(situation, policy))
    asked = [owed for owed, _ in duties] + ([act] if isinstance(act, Ask) else [])
    against = {reason.rule for reason in reasons if reason.verdict in _AGAINST}
    return Played(
        outcome="held" if words.held else _outcome(act, reasons),
        until=world.local(act.until) if isinstance(act, Wait) and act.until and _is_day_known(act, reasons) else None,
        spoke=frozenset(against | {rule for _, rule in duties}) | words.held,
        noted=frozenset(reason.rule for reason in reasons if reason.verdict is Verdict.NOTE) | words.noted,
        in_force=frozenset(rule.id for rule in policy.rules),
        tasks={each.task: world.local(each.due_at) for each in asked},
        statement=reckon(situation, policy, act) if isinstance(act, Send) else None,
        pack=policy.id,
    )


def wanted(world: World, situation: Situation, policy: Policy, reasons: list[Reason]) -> Act | Passed | None:
    """What becomes of a world's wish, every reason added; None for a call that nothing keeps from being made."""
    wish = world.wish
    if wish.hand_over:
        decision = judge_case(situation, policy)
        reasons += decision.reasons
        return decision.act
    stopped = stop(situation, policy, Purpose.ANSWER if wish.answer else Purpose.DEMAND, reasons)
    if stopped is not None:
        return stopped
    if wish.call:
        return keeps_from_calling(situation, policy, STEP, reasons)
    lines = (ChannelLine((wish.by,)),)
    message = Wish(step=STEP, terms=world.terms(), lines=lines, due_at=world.now, amounts=wish.amounts)
    return judge(situation, policy, message, reasons)


def _outcome(act: Act | Passed | None, reasons: list[Reason]) -> str:
    """A call that nothing keeps from being made is allowed, as a message that is sent."""
    if act is None or isinstance(act, Send | HandOver):
        return "allowed"
    if isinstance(act, Wait):
        return "deferred" if _is_day_known(act, reasons) else "forbidden"
    return "asked" if isinstance(act, Ask) else "forbidden"


def _is_day_known(wait: Wait, reasons: list[Reason]) -> bool:
    """Whether a rule names the instant; what is merely looked at again tomorrow is forbidden until facts change."""
    return any(reason.until == wait.until for reason in reasons if reason.until is not None)


def _duties(situation: Situation, policy: Policy) -> Iterator[tuple[Ask, str]]:
    """Every task that the facts make somebody do, with its rule."""
    while (owed := duty(situation, policy)) is not None:
        assert isinstance(owed.act, Ask)
        yield owed.act, owed.reasons[0].rule
        case = apply_all(situation.case, tuple(events_of(situation.case, owed, situation.now)))
        situation = Situation(case, situation.campaign, situation.context, situation.now)
