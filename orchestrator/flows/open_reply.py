"""Everything that a person looks at before they answer a reply: its words, what was said before, what is proposed.

Reads only. A reply of nobody known has no thread and no proposal.
"""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from channels.contract import Channel
from orchestrator.domain.case import Case
from orchestrator.domain.entry import pack_for
from orchestrator.domain.progress import pinned_campaign
from orchestrator.domain.reply import Intent
from orchestrator.domain.reply_order import Risk
from orchestrator.domain.situation import Situation
from orchestrator.domain.voice import Voice
from orchestrator.domain.written_answer import voice_of
from orchestrator.flows.claim_reply import visible_reply
from orchestrator.flows.seen_messages import SeenWords, words_of
from orchestrator.flows.strategy import Strategy
from orchestrator.flows.suggest_answer import Suggestion, suggest_answer
from orchestrator.flows.surroundings import contexts
from orchestrator.flows.task_rows import reply_of
from orchestrator.flows.undecided_reply import undecided_of
from orchestrator.rendering.answer_words import AnswerWords
from orchestrator.storage import cases, contents, messages, replies, tasks, waiting_replies
from orchestrator.storage.database import Connection, Database
from orchestrator.storage.messages import Message
from orchestrator.storage.replies import AttachedFile, Reply
from orchestrator.storage.waiting_replies import Waiting

# A conversation longer than this is read on the page of the case.
_REPLIES, _MESSAGES, _TASKS = 20, 20, 100


class OpenReply(msgspec.Struct, frozen=True, kw_only=True):
    """One reply to be answered. `waiting` is None once it is dealt with.

    `said` are the messages that left, with their words; `earlier` the other replies; both oldest first. `case`,
    `suggestion` and the sums are None or zero for a reply of nobody known. `undecided` is what a person decides before
    it is answered; `voice` is the one in which an answer would leave now.
    """

    reply: Reply
    waiting: Waiting | None
    files: tuple[AttachedFile, ...]
    case: Case | None = None
    creditor: str = ""
    zone: str = ""
    balance_cents: int = 0
    overdue_cents: int = 0
    documents: tuple[str, ...] = ()
    said: tuple[tuple[Message, SeenWords | None], ...] = ()
    earlier: tuple[Reply, ...] = ()
    asked: tuple[tasks.Task, ...] = ()
    suggestion: Suggestion | None = None
    undecided: tuple[Intent, ...] = ()
    voice: Voice | None = None


def open_reply(
    database: Database, strategy: Strategy, reply_id: str, words: Mapping[str, AnswerWords], *, now: datetime,
    shown_in: str, creditors: frozenset[str] | None, intent: Intent | None = None,
) -> OpenReply:  # fmt: skip
    """What is known of a reply, for who may see its creditor. Raises NotFound."""
    with database.read() as conn:
        reply = visible_reply(conn, reply_id, creditors)
        waiting = waiting_replies.find(conn, reply_id)
        files = tuple(replies.files_of(conn, [reply_id]))
        stored = cases.load(conn, [reply.case_id]) if reply.case_id else []
        if not stored:
            return OpenReply(reply=reply, waiting=waiting, files=files)
        case = stored[0].case
        context = contexts(conn, strategy, stored, now=now)[case.id]
        said = _said(conn, case.id)
        theirs = replies.search(conn, replies.Filter(case_id=case.id), limit=_REPLIES)
        asked = tasks.search(conn, tasks.Filter(case_id=case.id), limit=_TASKS)
        left_open = undecided_of(conn, reply, now)
    situation = Situation(case, pinned_campaign(case, strategy.all_campaigns), context, now)
    return OpenReply(
        reply=reply,
        waiting=waiting,
        files=files,
        case=case,
        creditor=context.creditor.name,
        zone=situation.place.zone,
        balance_cents=situation.account.balance_cents,
        overdue_cents=situation.account.overdue_cents,
        documents=tuple(position.debt.reference for position in situation.account.positions),
        said=said,
        earlier=tuple(each for each in theirs if each.id != reply.id),
        asked=tuple(task for task in asked if reply_of(task) == reply.id),
        suggestion=_suggestion(situation, strategy, reply, words, shown_in, intent),
        undecided=left_open,
        voice=voice_of(situation),
    )


def _said(conn: Connection, case_id: str) -> tuple[tuple[Message, SeenWords | None], ...]:
    left = [message for message in messages.of_cases(conn, [case_id]) if message.left_at is not None][-_MESSAGES:]
    found = contents.load(conn, [message.content_hash for message in left if message.content_hash])
    return tuple(
        (m, words_of(found[m.content_hash], m.send.channel) if m.content_hash in found else None) for m in left
    )


def _suggestion(
    situation: Situation, strategy: Strategy, reply: Reply, words: Mapping[str, AnswerWords], shown_in: str,
    intent: Intent | None,
) -> Suggestion:  # fmt: skip
    pack = pack_for(situation, strategy.book)
    case = situation.case
    policy = strategy.book.on(pack, situation.today, case.debtor.status) if pack else None
    return suggest_answer(
        situation,
        policy,
        reply.reading,
        Channel(reply.channel),
        words,
        language=case.debtor.language or situation.context.creditor.language,
        shown_in=shown_in,
        intent=intent,
    )


class InLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the inbox. The debtor's name and what they owe are empty for a reply of nobody known."""

    waiting: Waiting
    reply: Reply
    debtor: str = ""
    creditor: str = ""

    @property
    def risk(self) -> Risk:
        """Why it stands where it does."""
        return Risk(int(self.waiting.place[:1]))


def list_waiting(database: Database, *, creditors: frozenset[str] | None, limit: int, after: str = "") -> list[InLine]:
    """At most `limit` replies that need a person, the gravest first, after that place in the line."""
    with database.read() as conn:
        line = waiting_replies.line_up(conn, creditors=creditors, limit=limit, after=after)
        found = {reply.id: reply for reply in replies.load(conn, [each.reply_id for each in line])}
        theirs = {s.case.id: s.case for s in cases.load(conn, {r.case_id for r in found.values() if r.case_id})}
    return [_in_line(each, found[each.reply_id], theirs) for each in line]


def _in_line(waiting: Waiting, reply: Reply, theirs: Mapping[str, Case]) -> InLine:
    case = theirs.get(reply.case_id)
    return InLine(
        waiting=waiting, reply=reply, debtor=case.debtor.name if case else "", creditor=case.creditor if case else ""
    )


def next_free(database: Database, *, creditors: frozenset[str] | None, real_now: datetime) -> str:
    """The reply to take up next, that nobody has; empty when none waits."""
    with database.read() as conn:
        line = waiting_replies.line_up(conn, creditors=creditors, limit=1, only_free_at=real_now)
    return line[0].reply_id if line else ""
