"""A person answers a reply in their own words, or has read it and says nothing. One answer for each reply.

The words are judged first; sending is the drains' business, by the same gate as every message.
"""

from collections.abc import Collection
from datetime import datetime

import msgspec

from channels.contract import Channel
from orchestrator.domain.acts import Act, ReadReply, WriteAnswer
from orchestrator.domain.errors import Conflict, InputError
from orchestrator.domain.events import Event
from orchestrator.domain.own_words import require_words
from orchestrator.domain.reply import Intent
from orchestrator.flows.act_on_case import act_in, lock_case
from orchestrator.flows.check_answer import AnswerCheck, check_answer
from orchestrator.flows.claim_reply import hold_claim, require_rank, visible_reply
from orchestrator.flows.outgoing import Post
from orchestrator.flows.strategy import Strategy
from orchestrator.flows.undecided_reply import require_decided
from orchestrator.storage import replies
from orchestrator.storage.database import Connection, Database
from orchestrator.storage.replies import Reply


class AtWork(msgspec.Struct, frozen=True, kw_only=True):
    """Who acts on a reply: `name` is the act's own (told twice, it is done once), `real_now` the clock of leases.

    `creditors` are those whose replies they may see, None all.
    """

    by: str
    role: str
    name: str
    now: datetime
    real_now: datetime
    creditors: frozenset[str] | None = None


def answer_reply(
    database: Database, strategy: Strategy, post: Post, reply_id: str, who: AtWork, *, channel: Channel, words: str,
    not_so: Collection[Intent] = (),
) -> AnswerCheck:  # fmt: skip
    """Writes the answer, and says when it leaves. `not_so` are grave intents that they have read and found untrue.

    Raises NotFound; Conflict when another person has the reply, it was answered, or the answer may never leave
    (`answer_refused`); InputError for words that may not be said (`answer_forbidden`), or when nobody has decided
    whether it tells of hardship, distress, a death or a dispute (`reply_undecided`).
    """
    require_words(channel, words)
    checked = check_answer(
        database, strategy, post, reply_id, channel=channel, words=words, now=who.now, creditors=who.creditors
    )
    _require_sendable(checked)
    _finish(database, strategy, WriteAnswer(reply_id=reply_id, channel=channel, words=words), reply_id, who, not_so)
    return checked


def finish_reply(
    database: Database, strategy: Strategy, reply_id: str, who: AtWork, *, not_so: Collection[Intent] = ()
) -> None:
    """Somebody has read it and nothing is to be said; what it asks for keeps its tasks. Raises as `answer_reply`."""
    _finish(database, strategy, ReadReply(reply_id=reply_id), reply_id, who, not_so)


def decide_on_reply(database: Database, strategy: Strategy, reply_id: str, act: Act, who: AtWork) -> tuple[Event, ...]:
    """Does what a reply asks: an act on its case, by whoever has taken it. It waits for its answer all the same."""
    with database.begin() as conn:
        reply = _held(conn, reply_id, who)
        return act_in(conn, strategy, reply.case_id, act, by=who.by, role=who.role, now=who.now, name=who.name)


def _finish(
    database: Database, strategy: Strategy, act: Act, reply_id: str, who: AtWork, not_so: Collection[Intent]
) -> None:
    with database.begin() as conn:
        reply = _held(conn, reply_id, who)
        require_rank(conn, reply, who.role)
        require_decided(conn, reply, not_so, who.now)
        act_in(conn, strategy, reply.case_id, act, by=who.by, role=who.role, now=who.now, name=who.name)
        replies.close(conn, [reply_id])


def _held(conn: Connection, reply_id: str, who: AtWork) -> Reply:
    """The reply, theirs for as long as the transaction lasts: its case is locked first, as everywhere."""
    reply = visible_reply(conn, reply_id, who.creditors)
    lock_case(conn, reply.case_id)
    hold_claim(conn, reply, by=who.by, real_now=who.real_now)
    return reply


def _require_sendable(checked: AnswerCheck) -> None:
    if checked.refusal:
        rules = ", ".join(dict.fromkeys(reason.rule for reason in checked.blocks))
        why = f"{checked.refusal} ({rules})" if rules else checked.refusal
        hint = "choose another channel, or call; the check of the answer says more"
        raise Conflict(f"this answer may not leave: {why}", hint=hint, code="answer_refused")
    if not checked.is_sayable:
        titles = dict.fromkeys(f"{f.family} {f.title}" for f in checked.findings if f.blocks)
        said = "; ".join((*titles, *checked.problems))
        hint = "say it in other words; the check of the answer shows which words are meant"
        raise InputError(f"these words may not be said: {said}"[:600], hint=hint, code="answer_forbidden")
