"""Why: everything that was recorded and decided about a case, and what comes next. Reads only, words nothing."""

from datetime import date, datetime

import msgspec

from orchestrator.domain.campaign import Campaign
from orchestrator.domain.case import Case
from orchestrator.domain.decision import Decision
from orchestrator.domain.errors import NotFound
from orchestrator.domain.events import Event
from orchestrator.domain.policy import PolicyBook
from orchestrator.domain.situation import Situation
from orchestrator.flows.find_case import find_case
from orchestrator.flows.strategy import Strategy
from orchestrator.flows.surroundings import contexts
from orchestrator.storage import journal
from orchestrator.storage.database import Database


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """A case with its journal. `due_at` is when it is looked at again; None waits for a fact."""

    case: Case
    due_at: datetime | None
    zone: str
    balance_cents: int
    overdue_cents: int
    facts: tuple[tuple[datetime, Event | Decision], ...]


def explain_case(database: Database, strategy: Strategy, case_id: str, *, now: datetime) -> Story:
    """The story of a case, by its reference or by the creditor's own reference of the debtor."""
    with database.read() as conn:
        stored = find_case(conn, case_id)
        lines = journal.read(conn, stored.case.id)
        context = contexts(conn, strategy, [stored], now=now)[stored.case.id]
    case = stored.case
    situation = Situation(case, _campaign(case, strategy), context, now)
    return Story(
        case=case,
        due_at=stored.due_at,
        zone=situation.place.zone,
        balance_cents=situation.account.balance_cents,
        overdue_cents=situation.account.overdue_cents,
        facts=tuple((line.at, line.fact) for line in lines),
    )


def _campaign(case: Case, strategy: Strategy) -> Campaign | None:
    return next((c for c in strategy.all_campaigns if (c.id, c.release) == (case.campaign, case.release)), None)


def rule_title(book: PolicyBook, pack_id: str, rule_id: str, day: date, *, language: str) -> tuple[str, str]:
    """(title, source) of a rule in a language, in the pack of a day; empty strings for a rule that the pack has not."""
    try:
        rule = book.on(pack_id, day).rule(rule_id)
    except NotFound:
        return "", ""
    return (rule.title_in(language), rule.source_in(language)) if rule else ("", "")
