"""`/messages`: what is planned, held, sent or refused, with its words and the decision behind each."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query

from orchestrator.domain.decision import Decision, Send
from orchestrator.flows.explain_case import Story, explain_case
from orchestrator.storage import attempts, contents, message_search, messages
from orchestrator.storage.messages import MessageState
from orchestrator.web.api.shapes import After, Amount, Given, Limit, Page, Word, amount_of, nothing_named
from orchestrator.web.api.why import JournalLine, Language, Words
from orchestrator.web.auth import needs
from orchestrator.web.desk import AtDesk

router = APIRouter(prefix="/messages", tags=["messages"], dependencies=[needs("viewer", "messages:read")])

State = Annotated[MessageState, Query(description="where it stands")]


class MessageLine(Given):
    """A message in a list. `reason` says why it is held, cancelled or refused."""

    id: str
    case: str
    creditor: str
    campaign: str
    step: str
    channel: str
    use: str
    voice: str
    purpose: str
    state: MessageState
    lane: str
    reason: str
    planned_at: datetime
    not_before: datetime
    expires_at: datetime | None
    left_at: datetime | None


class MessagesOut(Page):
    """A page of messages."""

    messages: tuple[MessageLine, ...]


class WordsOut(Given):
    """What the debtor read, or will; empty once its time is over and it was erased."""

    subject: str
    text: str
    media_type: str


class AttemptOut(Given):
    """One try to hand it to a provider. `provider_id` is the provider's own name of it."""

    number: int
    lane: str
    state: str
    started_at: datetime
    ended_at: datetime | None
    provider_id: str | None
    reason: str


class MessageOut(MessageLine):
    """One message in full: what it demanded, its words, its attempts, and the decisions that planned it."""

    amount: Amount
    documents: tuple[str, ...]
    content_hash: str
    words: WordsOut | None
    attempts: tuple[AttemptOut, ...]
    decisions: tuple[JournalLine, ...]


@router.get("")
def list_messages(
    desk: AtDesk,
    case: Word | None = None,
    state: State | None = None,
    campaign: Word | None = None,
    channel: Word | None = None,
    limit: Limit = 50,
    after: After = "",
) -> MessagesOut:
    """Messages in the order of their ids, which begin with their case; every filter that is given must match."""
    wanted = message_search.Filter(case_id=case, state=state, campaign=campaign, channel=channel)
    with desk.database.read() as conn:
        found = message_search.search(conn, wanted, limit=limit, after=after)
    lines = tuple(MessageLine(**_line(message)) for message in found)
    return MessagesOut(messages=lines, next=found[-1].id if len(found) == limit else None)


@router.get("/{message_id:path}")
def one_message(message_id: str, desk: AtDesk, language: Language = "fr") -> MessageOut:
    """One message, with the words and the reasons."""
    with desk.database.read() as conn:
        found = messages.load(conn, [message_id])
        if not found:
            raise nothing_named("message")
        message = found[0]
        kept = contents.load(conn, [message.content_hash]).get(message.content_hash)
        tried = attempts.of_messages(conn, [message_id])
    strategy = desk.strategy()
    story = explain_case(desk.database, strategy, message.case_id, now=desk.now())
    teller = Words(strategy, story, language)
    return MessageOut(
        **_line(message),
        amount=amount_of(message.amount_cents, story.case.currency),
        documents=message.send.references,
        content_hash=message.content_hash,
        words=WordsOut(subject=kept.subject, text=kept.text, media_type=kept.media_type) if kept else None,
        attempts=tuple(map(_attempt, tried)),
        decisions=tuple(teller.line(at, fact, every_rule=True) for at, fact in _decisions(story, message.send)),
    )


def _attempt(attempt: attempts.Attempt) -> AttemptOut:
    return AttemptOut(
        number=attempt.number,
        lane=attempt.lane,
        state=attempt.state.value,
        started_at=attempt.started_at,
        ended_at=attempt.ended_at,
        provider_id=attempt.provider_id,
        reason=attempt.reason,
    )


def _decisions(story: Story, send: Send) -> list[tuple[datetime, Decision]]:
    return [
        (at, fact)
        for at, fact in story.facts
        if isinstance(fact, Decision) and isinstance(fact.act, Send) and fact.act.key == send.key
    ]


def _line(message: messages.Message) -> dict[str, Any]:
    send = message.send
    return {
        "id": message.id,
        "case": message.case_id,
        "creditor": message.creditor,
        "campaign": message.campaign,
        "step": send.step,
        "channel": send.channel.value,
        "use": send.use.value,
        "voice": send.voice.value,
        "purpose": send.purpose.value,
        "state": message.state,
        "lane": message.lane,
        "reason": message.reason,
        "planned_at": message.planned_at,
        "not_before": message.not_before,
        "expires_at": message.expires_at,
        "left_at": message.left_at,
    }
