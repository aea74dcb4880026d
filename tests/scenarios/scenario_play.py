"""A try played: the wish judged by the shipped packs on its day, as an outcome that can be compared."""

from datetime import datetime

import msgspec

from orchestrator.domain.apply import apply_all
from orchestrator.domain.calling import keeps_from_calling
from orchestrator.domain.campaign import ChannelLine, Purpose
from orchestrator.domain.decide import judge_case
from orchestrator.domain.decision import Act, Ask, Passed, Reason, Send, Verdict, Wait
from orchestrator.domain.duties import duty
from orchestrator.domain.policy import Policy
from orchestrator.domain.progress import events_of
from orchestrator.domain.reckoning import reckon
from orchestrator.domain.sending import Wish, judge
from orchestrator.domain.situation import Situation
from orchestrator.domain.statement import Statement
from orchestrator.domain.stops import stop
from tests.scenarios.scenario_file import Scenario, Try
from tests.scenarios.scenario_world import STEP, World

_AGAINST = frozenset({Verdict.BLOCK, Verdict.DEFER, Verdict.ASK, Verdict.PASS})


class Played(msgspec.Struct, frozen=True):
    """What became of a wish. `until` is local, `spoke` are the rules against it, `tasks` people's."""

    outcome: str
    until: datetime | None
    spoke: frozenset[str]
    in_force: frozenset[str]
    tasks: frozenset[str]
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
        return Played("asked", None, frozenset({"POLICY"}), frozenset(), frozenset({"unknown_policy"}), None, "")
    reasons: list[Reason] = []
    act = _act(world, situation, policy, reasons)
    spoke = frozenset(reason.rule for reason in reasons if reason.verdict in _AGAINST)
    duties = _duties(situation, policy)
    tasks = {act.task} | duties.keys() if isinstance(act, Ask) else duties.keys()
    return Played(
        outcome=_outcome(act),
        until=world.local(act.until) if isinstance(act, Wait) and act.until is not None else None,
        spoke=spoke | frozenset(duties.values()),
        in_force=frozenset(rule.id for rule in policy.rules),
        tasks=frozenset(tasks),
        statement=reckon(situation, policy, act) if isinstance(act, Send) else None,
        pack=policy.id,
    )


def _act(world: World, situation: Situation, policy: Policy, reasons: list[Reason]) -> Act | Passed | None:
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
    wanted = Wish(step=STEP, terms=world.terms(), lines=lines, due_at=world.now, amounts=wish.amounts)
    return judge(situation, policy, wanted, reasons)


def _outcome(act: Act | Passed | None) -> str:
    """A call that nothing keeps from being made is allowed, as a message that is sent."""
    if act is None or isinstance(act, Send):
        return "allowed"
    if isinstance(act, Wait):
        return "deferred" if act.until is not None else "forbidden"
    return "asked" if isinstance(act, Ask) else "forbidden"


def _duties(situation: Situation, policy: Policy) -> dict[str, str]:
    """Every task that the facts make somebody do, with its rule."""
    found: dict[str, str] = {}
    while (owed := duty(situation, policy)) is not None:
        assert isinstance(owed.act, Ask)
        found[owed.act.task] = owed.reasons[0].rule
        case = apply_all(situation.case, tuple(events_of(situation.case, owed, situation.now)))
        situation = Situation(case, situation.campaign, situation.context, situation.now)
    return found
