"""What a case will do if nothing happens to it: its next decisions, each at its instant, with their reasons.

The very decisions of `advance`, taken on what would then be true: the ledger kept up to date, each message left and
delivered, nobody answering. Stores nothing, promises nothing.
"""

from datetime import datetime, timedelta

import msgspec
from msgspec.structs import replace

from orchestrator.domain.case import Case
from orchestrator.domain.context import Contact, Context
from orchestrator.domain.decision import Ask, Decision, Reason, Send, Verdict, Wait
from orchestrator.domain.events import Event
from orchestrator.domain.policy import ContactChannel
from orchestrator.domain.progress import carry_out, make_progress
from orchestrator.flows.strategy import Strategy

# A ladder has about six steps; beyond a year nobody plans.
_MOST_ACTS = 8
_MOST_DECISIONS = 40
_HORIZON = timedelta(days=365)


class Foreseen(msgspec.Struct, frozen=True):
    """An act to come at an instant. `waited` are the reasons of the waits before it, each rule once: why not sooner.

    An act that is a Wait is the last one: without an instant, only news can end it.
    """

    at: datetime
    decision: Decision
    waited: tuple[Reason, ...] = ()
    elapsed: tuple[Event, ...] = ()


def foresee_case(case: Case, strategy: Strategy, context: Context, now: datetime) -> tuple[Foreseen, ...]:
    """The next acts of a case, soonest first; a message that waits to leave is put aside, for it is known."""
    case = replace(case, in_hand=None)
    found: list[Foreseen] = []
    waited: dict[str, Reason] = {}
    at = now
    for _ in range(_MOST_DECISIONS):
        progress = make_progress(case, strategy.all_campaigns, strategy.book, context, at)
        case, decision = progress.case, progress.decision
        act = decision.act
        if isinstance(act, Wait):
            waited |= {reason.rule: reason for reason in decision.reasons if reason.verdict is not Verdict.ALLOW}
            if act.until is None or act.until <= at or act.until > now + _HORIZON:
                if not found or act.until is None:
                    found.append(Foreseen(at, decision, elapsed=progress.facts))
                break
            at = act.until
            context = replace(context, ledger_as_of=at.date())
            continue
        found.append(Foreseen(at, decision, tuple(waited.values()), progress.facts))
        if len(found) == _MOST_ACTS:
            break
        case, context, waited = carry_out(case, decision, at), _after(context, case, act, at), {}
        if isinstance(act, Ask) and act.step:
            break  # a person decides first
    return tuple(found)


def _after(context: Context, case: Case, act: object, at: datetime) -> Context:
    """A message that left counts in the caps."""
    if not isinstance(act, Send):
        return context
    contact = Contact(
        at=at, channel=ContactChannel(act.channel.value), purpose=act.purpose, case_id=case.id,
        message_id=f"{case.id}:{act.cycle}:{act.step}:{act.ordinal}",
    )  # fmt: skip
    return replace(context, contacts=(*context.contacts, contact))
