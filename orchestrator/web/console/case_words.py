"""What pages about cases and messages share: the storyteller of a case, and why its messages left."""

from collections.abc import Iterable
from datetime import date
from time import monotonic
from urllib.parse import quote

import msgspec

from orchestrator.domain.amount_line import GROUNDS, LegalBasis
from orchestrator.domain.case import Case
from orchestrator.domain.errors import RelanceError
from orchestrator.flows.campaign_view import is_for
from orchestrator.flows.explain_case import rule_title
from orchestrator.flows.foresee_case import Foreseen
from orchestrator.flows.seen_messages import SeenMessage
from orchestrator.flows.strategy import Strategy
from orchestrator.rendering.why import Storyteller
from orchestrator.rendering.why_left import LeftFacts, why_left
from orchestrator.storage.messages import MessageState
from orchestrator.web.console.names import Names
from orchestrator.web.console.session import Visitor
from orchestrator.web.console.words import Words

# A page must come within 200 ms: a search stops looking here, and says so.
SECONDS = 0.12


def same(names: Iterable[str]) -> list[tuple[str, str]]:
    """Options whose words are their values: people by the name that they sign in with."""
    return [(name, name) for name in names]


def campaign_names(strategy: Strategy, visitor: Visitor) -> list[str]:
    """The campaigns that may take cases of creditors whom the visitor sees."""
    return sorted({each.id for each in strategy.all_campaigns if is_for(each, visitor.creditors)})


def cited(basis: LegalBasis) -> str:
    """The text of law that a sum is owed by; empty for a contract or a judgment, which words name."""
    return GROUNDS[basis].cited


def message_path(message_id: str) -> str:
    """The address of a message; its id may hold whatever a step is named."""
    return f"/console/messages/{quote(message_id, safe=':')}"


def sentence_of(error: RelanceError, language: str) -> str:
    """What an error says in the visitor's language, with what to do where it says so."""
    words = Words(language)
    # What is wrong with a condition, only its own sentence says.
    if error.code != "invalid_input" and words.knows(f"faults.{error.code}"):
        return words.say(f"faults.{error.code}")
    return f"{error.message} – {error.hint}" if error.hint else error.message


class Deadline:
    """Whether the time of a page is over."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._over_at = monotonic() + seconds

    def __call__(self) -> bool:
        """True once it is over."""
        return monotonic() >= self._over_at


class Reasoned(msgspec.Struct, frozen=True):
    """A decision in words: the sentence, the rules behind it, why not sooner."""

    sentence: str
    reasons: tuple[str, ...]
    waited: tuple[str, ...] = ()


class Teller:
    """Tells one case in the visitor's language, with names for what files call by codes."""

    def __init__(self, strategy: Strategy, case: Case, zone: str, names: Names) -> None:
        pack = case.cycle.policy if case.cycle else ""

        def title_of(rule_id: str, day: date) -> tuple[str, str]:
            return rule_title(strategy.book, pack, rule_id, day, language=names.language)

        def name_of(kind: str, code: str) -> str:
            return names.short_step(case.campaign, code) if kind == "step" else names.of(kind, code)

        self._case, self._language = case, names.language
        self.story = Storyteller(
            language=names.language, currency=case.currency, zone=zone, title_of=title_of, name_of=name_of
        )

    def why_left(self, seen: SeenMessage) -> str:
        """Why a message left, or did not."""
        message = seen.message
        is_in_doubt = message.state is MessageState.IN_DOUBT
        is_left = message.left_at is not None and message.state in (MessageState.ACCEPTED, MessageState.IN_DOUBT)
        is_waiting = message.state in (MessageState.PLANNED, MessageState.CALLING)
        facts = LeftFacts(
            send=message.send,
            campaign=message.campaign,
            at=message.left_at or message.not_before,
            is_left=is_left,
            is_in_doubt=is_in_doubt,
            stopped_by="" if is_left or is_waiting else message.reason or message.state.value,
            amount_cents=message.amount_cents,
            due_on={debt.reference: debt.due_on for debt in self._case.debts},
        )
        return why_left(self.story, facts, seen.decided, language=self._language)

    def decided(self, seen: SeenMessage) -> Reasoned | None:
        """The decision behind a message, every rule of it."""
        if seen.decided is None or seen.decided_at is None:
            return None
        line = self.story.tell(seen.decided_at, seen.decided, every_rule=True)
        return Reasoned(line.sentence, line.reasons)

    def foreseen(self, one: Foreseen) -> Reasoned:
        """What comes at an instant, and what it waits for."""
        line = self.story.tell(one.at, one.decision)
        return Reasoned(line.sentence, line.reasons, self.story.tell_reasons(one.waited, one.at))
