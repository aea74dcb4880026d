"""`/cases/{id}/why`: the journal of a case in sentences, each decision with its rules, values and sources."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Query

from orchestrator.domain.decision import Decision, Reason
from orchestrator.domain.events import Event, type_of
from orchestrator.flows.explain_case import Story, explain_case, rule_title
from orchestrator.flows.strategy import Strategy
from orchestrator.rendering.why import Storyteller
from orchestrator.storage import cases
from orchestrator.web.api.shapes import Amount, Given, Page, amount_of, nothing_named
from orchestrator.web.auth import needs
from orchestrator.web.desk import AtDesk

router = APIRouter(prefix="/cases", tags=["cases"], dependencies=[needs("viewer", "cases:read")])

Language = Annotated[Literal["fr", "en"], Query(description="language of the sentences")]
EveryRule = Annotated[bool, Query(alias="all", description="rules that simply allowed, too")]


class ReasonOut(Given):
    """One rule that was looked at: what it said, the values it read, its title and source in the pack of the day."""

    rule: str
    verdict: str
    values: dict[str, str | int]
    until: datetime | None
    title: str
    source: str


class JournalLine(Given):
    """One line of the journal. `act` and `rules` are there for decisions only."""

    at: datetime
    kind: Literal["event", "decision"]
    type: str
    sentence: str
    reasons: tuple[str, ...]
    act: dict[str, Any] | None = None
    rules: tuple[ReasonOut, ...] = ()


class WhyOut(Page):
    """The story of a case. `next_decision_at` None waits for the next news."""

    case: str
    balance: Amount
    overdue_balance: Amount
    next_decision_at: datetime | None
    journal: tuple[JournalLine, ...]


@router.get("/{case_id}/why")
def why(
    case_id: str,
    desk: AtDesk,
    language: Language = "fr",
    every_rule: EveryRule = False,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
    after: Annotated[int, Query(ge=0, le=10**9, description="`next` of the page before")] = 0,
) -> WhyOut:
    """Everything recorded and decided about a case, oldest first, and when it is looked at next."""
    with desk.database.read() as conn:
        if not cases.load(conn, [case_id]):
            raise nothing_named("case")
    strategy = desk.strategy()
    story = explain_case(desk.database, strategy, case_id, now=desk.now())
    words = Words(strategy, story, language)
    facts = story.facts[after : after + limit]
    last = after + len(facts)
    return WhyOut(
        case=story.case.id,
        balance=amount_of(story.balance_cents, story.case.currency),
        overdue_balance=amount_of(story.overdue_cents, story.case.currency),
        next_decision_at=story.due_at,
        journal=tuple(words.line(at, fact, every_rule=every_rule) for at, fact in facts),
        next=str(last) if last < len(story.facts) else None,
    )


class Words:
    """Tells the facts of one case in one language."""

    def __init__(self, strategy: Strategy, story: Story, language: str) -> None:
        pack = story.case.cycle.policy if story.case.cycle else ""

        def title_of(rule_id: str, day: date) -> tuple[str, str]:
            return rule_title(strategy.book, pack, rule_id, day, language=language)

        self._title_of = title_of
        self._teller = Storyteller(language=language, currency=story.case.currency, zone=story.zone, title_of=title_of)

    def line(self, at: datetime, fact: Event | Decision, *, every_rule: bool) -> JournalLine:
        """One fact or decision."""
        told = self._teller.tell(at, fact, every_rule=every_rule)
        if not isinstance(fact, Decision):
            return JournalLine(at=at, kind="event", type=type_of(fact), sentence=told.sentence, reasons=told.reasons)
        return JournalLine(
            at=at,
            kind="decision",
            type=str(fact.act.__struct_config__.tag),
            sentence=told.sentence,
            reasons=told.reasons,
            act=msgspec.to_builtins(fact.act),
            rules=tuple(self._reason(reason, at) for reason in fact.reasons),
        )

    def _reason(self, reason: Reason, at: datetime) -> ReasonOut:
        title, source = self._title_of(reason.rule, at.date())
        return ReasonOut(
            rule=reason.rule,
            verdict=reason.verdict.value,
            values=dict(reason.values),
            until=reason.until,
            title=title,
            source=source,
        )
