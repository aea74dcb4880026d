"""Prepare: the messages that a lane may carry next, in order of urgency and in turn between campaigns, worded.

Read only, outside any writing transaction, but for a message whose case cannot be read: it is put off. One that cannot
be worded carries its problem to the gate; the rest go on.
"""

import logging
from collections.abc import Sequence
from datetime import datetime

import msgspec

from orchestrator.domain.campaign import Purpose
from orchestrator.domain.context import Context
from orchestrator.domain.decision import Send
from orchestrator.domain.entry import pack_for
from orchestrator.domain.errors import RelanceError, kind_and_place
from orchestrator.domain.lane import Lane
from orchestrator.domain.policy import ContactChannel, MentionsRule, Policy
from orchestrator.domain.progress import pinned_campaign
from orchestrator.domain.situation import Situation
from orchestrator.flows.brief_message import brief_message
from orchestrator.flows.judge_words import with_words_judged
from orchestrator.flows.outgoing import Outgoing, Post
from orchestrator.flows.set_aside import AGAIN, is_of_one_case, set_aside
from orchestrator.flows.strategy import Strategy
from orchestrator.flows.surroundings import contexts
from orchestrator.storage import attempts, cases, due_messages, messages
from orchestrator.storage.database import Connection, Database

log = logging.getLogger(__name__)


class _Ready(msgspec.Struct, frozen=True):
    """A due message with what its words need; `number` is that of its next attempt."""

    message: messages.Message
    stored: cases.Stored
    context: Context
    number: int


def prepare_sends(
    database: Database, strategy: Strategy, post: Post, lane: Lane, *, now: datetime, limit: int
) -> list[Outgoing]:
    """At most `limit` due messages of a lane, rendered, with an attempt id and a link of their own (semantics D2)."""
    due: list[messages.Message] = []
    try:
        with database.read() as conn:
            due = due_messages.due(conn, now=now, limit=limit, lane=lane.id)
            ready = _gather(conn, strategy, due, now)
    except Exception as error:
        if not due or not is_of_one_case(error):
            raise
        log.error("messages are prepared one by one: %s", kind_and_place(error, frames=8))
        ready = _gather_each(database, strategy, due, now)
    return [_compose(item, strategy, post, now) for item in ready]


def _gather(conn: Connection, strategy: Strategy, due: Sequence[messages.Message], now: datetime) -> list[_Ready]:
    if not due:
        return []
    stored = {item.case.id: item for item in cases.load(conn, {message.case_id for message in due})}
    around = contexts(conn, strategy, list(stored.values()), now=now)
    tried = attempts.tried(conn, [message.id for message in due])
    return [_Ready(m, stored[m.case_id], around[m.case_id], tried[m.id].count + 1 if m.id in tried else 1) for m in due]


def _gather_each(
    database: Database, strategy: Strategy, due: Sequence[messages.Message], now: datetime
) -> list[_Ready]:
    """Without those whose case cannot even be read: they wait, and a manager is told."""
    ready: list[_Ready] = []
    failed: dict[str, Exception] = {}
    for message in due:
        try:
            with database.read() as conn:
                ready += _gather(conn, strategy, [message], now)
        except Exception as error:
            if not is_of_one_case(error):
                raise
            failed[message.case_id] = error
    set_aside(database, failed, now=now)
    planned = messages.MessageState.PLANNED
    waits = [
        messages.Move(message_id=m.id, expected=planned, to=planned, not_before=now + AGAIN, reason="failing")
        for m in due
        if m.case_id in failed
    ]
    with database.begin() as conn:
        messages.transition(conn, waits, now=now)
    return ready


def _compose(ready: _Ready, strategy: Strategy, post: Post, now: datetime) -> Outgoing:
    try:
        return _worded(ready, strategy, post, now)
    except Exception as error:
        if not is_of_one_case(error):
            raise
        problem = f"{error.code}: {error}" if isinstance(error, RelanceError) else f"failed: {kind_and_place(error)}"
        log.error("a message cannot be worded: %s", kind_and_place(error, frames=8))
        return _held(ready, problem)


def _held(ready: _Ready, problem: str) -> Outgoing:
    return Outgoing(message=ready.message, stored=ready.stored, composed=None, number=ready.number, problem=problem)


def _worded(ready: _Ready, strategy: Strategy, post: Post, now: datetime) -> Outgoing:
    message, case, context = ready.message, ready.stored.case, ready.context
    if not context.is_creditor_known:
        return _held(ready, "CREDITOR")
    situation = Situation(case, pinned_campaign(case, strategy.all_campaigns), context, now)
    pack = pack_for(situation, strategy.book)
    if pack is None:
        return _held(ready, "policy")
    attempt_id, token = post.draw()
    link = post.link(token)
    policy = strategy.book.on(pack, situation.today, case.debtor.status)
    brief = brief_message(situation, policy, message.send, attempt_id=attempt_id, link=link, languages=post.languages)
    composed = post.compose(brief, case.release, mentions_for(policy, message.send))
    composed = with_words_judged(composed, brief, policy, situation)
    return Outgoing(
        message=message,
        stored=ready.stored,
        composed=composed,
        number=ready.number,
        attempt_id=attempt_id,
        token=token,
        link=link,
        amount_cents=brief.statement.total_cents if message.send.purpose is Purpose.DEMAND else 0,
        problem=f"content: {', '.join(composed.problems)}" if composed.problems else "",
    )


def mentions_for(policy: Policy, send: Send) -> tuple[str, ...]:
    """Mentions and statutory texts that a document of this kind must bear on this channel, by the pack of the day."""
    channel = ContactChannel(send.channel.value)
    wanted = [
        mention
        for rule in policy.of(MentionsRule)
        if (not rule.documents or send.kind in rule.documents) and channel in rule.channels
        for mention in (*rule.mentions, *rule.texts)
    ]
    return tuple(dict.fromkeys(wanted))
