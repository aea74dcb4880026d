"""Short ways to let a case live a while and to say what it was told. Owns no rule: it walks and reads."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from msgspec.structs import replace

from orchestrator.domain.campaign import Campaign
from orchestrator.domain.case import Case
from orchestrator.domain.context import Context
from orchestrator.domain.decide import judge_case
from orchestrator.domain.decision import Act, Ask, Close, Decision, HandOver, Reason, Send, Wait
from orchestrator.domain.events import Event
from orchestrator.domain.place import local_date, place_of
from orchestrator.domain.policy import Policy, PolicyBook
from orchestrator.domain.progress import make_progress
from orchestrator.domain.situation import Situation
from orchestrator.domain.walk import Moment, walk
from tests.builders import a_book, a_campaign, a_context, instant

PARIS = place_of("FR", "75001")


def fresh(context: Context, now: datetime) -> Context:
    """The context with a ledger of today."""
    return replace(context, ledger_as_of=local_date(now, PARIS))


def live(
    case: Case,
    campaign: Campaign | Iterable[Campaign] | None = None,
    *,
    facts: Iterable[Event] = (),
    book: PolicyBook | None = None,
    context: Context | Callable[[datetime], Context] | None = None,
    start: str = "2026-02-20 08:00",
    days: int = 90,
) -> list[Moment]:
    """Every moment of a case's life from `start` on, its ledger always of the day."""
    surroundings = context if callable(context) else lambda _: context or a_context()
    campaigns = [campaign or a_campaign()] if campaign is None or isinstance(campaign, Campaign) else list(campaign)
    begin = instant(start)
    return list(
        walk(
            case,
            campaigns,
            book or a_book(),
            lambda now: fresh(surroundings(now), now),
            start=begin,
            end=begin + timedelta(days=days),
            facts=facts,
        )
    )


def sends(moments: Iterable[Moment]) -> list[tuple[datetime, Send]]:
    """(when, what) for each message that left."""
    return [(m.at, m.decision.act) for m in moments if isinstance(m.decision.act, Send)]


def said(moments: Iterable[Moment]) -> list[str]:
    """Each message as `day step use voice`, the day in Paris."""
    return [f"{local_date(at, PARIS)} {act.step} {act.use} {act.voice}" for at, act in sends(moments)]


def steps(moments: Iterable[Moment]) -> list[str]:
    """The steps that spoke, in order."""
    return [act.step for _, act in sends(moments)]


def asked(moments: Iterable[Moment]) -> list[str]:
    """Each task as `kind subject role`."""
    acts = [m.decision.act for m in moments]
    return [f"{act.task} {act.subject} {act.role}" for act in acts if isinstance(act, Ask)]


def ends(moments: Iterable[Moment]) -> list[str]:
    """How the case ended: outcomes and stages."""
    acts = [m.decision.act for m in moments]
    return [a.outcome if isinstance(a, Close) else a.stage for a in acts if isinstance(a, Close | HandOver)]


def passed(moments: Iterable[Moment]) -> list[str]:
    """Each step or reaction passed by as `step why`."""
    return [f"{p.step} {p.why}" for m in moments for p in m.decision.passed]


def at(
    now: str,
    case: Case,
    campaign: Campaign | None = None,
    *,
    book: PolicyBook | None = None,
    context: Context | None = None,
) -> Decision:
    """What is decided for a case at an instant (entering the campaign when needed), the ledger of the day."""
    return progress(now, case, campaign, book=book, context=context)[0]


def progress(
    now: str,
    case: Case,
    campaign: Campaign | None = None,
    *,
    book: PolicyBook | None = None,
    context: Context | None = None,
) -> tuple[Decision, Case]:
    """The decision and the case it was taken on."""
    moment = instant(now)
    around = fresh(context or a_context(), moment)
    found = make_progress(case, [campaign or a_campaign()], book or a_book(), around, moment)
    return found.decision, found.case


def situated(now: str, case: Case, campaign: Campaign | None = None, *, context: Context | None = None) -> Situation:
    """The situation of a case at an instant, the ledger of the day."""
    moment = instant(now)
    return Situation(case, campaign, fresh(context or a_context(), moment), moment)


def judged(situation: Situation, policy: Policy) -> Decision:
    """The decision for a situation as it stands."""
    return judge_case(situation, policy)


def until(act: Act) -> datetime | None:
    """The instant that a wait waits for; fails when it is no wait."""
    assert isinstance(act, Wait), act
    return act.until


def reason(decision: Decision, rule: str) -> Reason:
    """The last reason of that rule; fails when it was not looked at."""
    found = [r for r in decision.reasons if r.rule == rule]
    assert found, f"{rule} is not among {[r.rule for r in decision.reasons]}"
    return found[-1]
