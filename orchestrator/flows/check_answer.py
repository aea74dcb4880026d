"""What would become of an answer before it is one: when it leaves or why not, and what the lint says of its words.

Asks the very judgement of the gate, on a case that has the answer already; writes nothing.
"""

from datetime import datetime

import msgspec
from msgspec.structs import replace

from channels import gsm7
from channels.contract import Channel, SmsMessage
from orchestrator.domain.apply import apply
from orchestrator.domain.case import Case, OwnWords
from orchestrator.domain.context import Context
from orchestrator.domain.decision import Passed, Reason, Send, Verdict, Wait
from orchestrator.domain.entry import pack_for
from orchestrator.domain.errors import Conflict, InputError, RelanceError
from orchestrator.domain.events import AnswerWritten
from orchestrator.domain.own_words import require_words
from orchestrator.domain.policy import Policy
from orchestrator.domain.progress import pinned_campaign
from orchestrator.domain.situation import Situation
from orchestrator.domain.written_answer import draft, judge_answer
from orchestrator.flows.brief_message import brief_message
from orchestrator.flows.claim_reply import visible_reply
from orchestrator.flows.judge_words import findings_of
from orchestrator.flows.outgoing import Post
from orchestrator.flows.prepare_sends import mentions_for
from orchestrator.flows.strategy import Strategy
from orchestrator.flows.surroundings import contexts
from orchestrator.rendering.compose import Composed
from orchestrator.rendering.lint.finding import Finding
from orchestrator.rendering.lint.lint import told_in
from orchestrator.storage import cases
from orchestrator.storage.database import Database
from orchestrator.storage.replies import Reply

_NAME = "answer:check"
# A token of the length of a real one: an SMS is counted with its link.
_TOKEN, _ATTEMPT = "0" * 22, "0" * 32


class AnswerCheck(msgspec.Struct, frozen=True, kw_only=True):
    """`leaves_at` is the first instant at which it may leave, None when nobody knows (a pause) or it never may.

    `refusal` is why it never may (a code such as no_channel); `blocks` the rules that say so. `findings` are of its
    words, `problems` what cannot be written at all. `text` is the SMS as it would arrive, with its `segments`.
    """

    channel: Channel
    leaves_at: datetime | None = None
    refusal: str = ""
    blocks: tuple[Reason, ...] = ()
    findings: tuple[Finding, ...] = ()
    problems: tuple[str, ...] = ()
    text: str = ""
    segments: int = 0

    @property
    def is_sayable(self) -> bool:
        """Whether its words may be said."""
        return not self.problems and not any(finding.blocks for finding in self.findings)


def check_answer(  # noqa: PLR0913 - whose cases and in which language are said beside what is judged
    database: Database,
    strategy: Strategy,
    post: Post,
    reply_id: str,
    *,
    channel: Channel,
    words: str,
    now: datetime,
    creditors: frozenset[str] | None = None,
    read_in: str = "",
) -> AnswerCheck:
    """Judges an answer to a reply; findings are told in `read_in`, else in the language of the answer.

    Raises NotFound, or Conflict when nobody knows whom the reply is from.
    """
    with database.read() as conn:
        reply = visible_reply(conn, reply_id, creditors)
        stored = cases.load(conn, [reply.case_id])
        if not stored:
            hint = "say whose it is first"
            raise Conflict("nobody knows whom this reply is from", hint=hint, code="reply_of_nobody")
        context = contexts(conn, strategy, stored, now=now)[reply.case_id]
    return _judged(_answered(stored[0].case, reply, channel, words, now), context, strategy, post, now, read_in)


def _answered(case: Case, reply: Reply, channel: Channel, words: str, now: datetime) -> Case:
    """The case as if the answer were written, and nothing else on its way."""
    fact = AnswerWritten(id=_NAME, at=now, channel=channel, words=words, reply_id=reply.id)
    return replace(apply(case, fact), in_hand=None)


def _judged(case: Case, context: Context, strategy: Strategy, post: Post, now: datetime, read_in: str) -> AnswerCheck:
    written = case.answer(_NAME)
    assert written is not None  # noqa: S101 - it was just put there
    situation = Situation(case, pinned_campaign(case, strategy.all_campaigns), context, now)
    pack = pack_for(situation, strategy.book)
    if pack is None or not context.is_creditor_known:
        return AnswerCheck(channel=written.channel, refusal="no_pack" if pack is None else "creditor_missing")
    policy = strategy.book.on(pack, situation.today, case.debtor.status)
    fate = _fate(situation, policy)
    try:
        require_words(written.channel, written.words)
    except InputError as error:
        return replace(fate, problems=(error.code,))
    found = _worded(fate, situation, policy, post, written)
    if not read_in:
        return found
    return replace(found, findings=tuple(told_in(each, policy, read_in) for each in found.findings))


def _fate(situation: Situation, policy: Policy) -> AnswerCheck:
    channel = Channel.SMS
    pending = next(each for each in situation.case.pending if each.cause == _NAME)
    written = situation.case.answer(_NAME)
    channel = written.channel if written else channel
    reasons: list[Reason] = []
    pause = next((pause for pause in situation.pauses if pause.is_of_cases), None)
    if pause is not None:
        paused = Reason("PAUSE", Verdict.BLOCK, (("pause", pause.id),), pause.ends_at)
        return AnswerCheck(channel=channel, leaves_at=pause.ends_at, blocks=(paused,))
    act = judge_answer(situation, policy, pending, reasons)
    blocks = tuple(reason for reason in reasons if reason.verdict not in (Verdict.ALLOW, Verdict.NOTE))
    if isinstance(act, Send):
        return AnswerCheck(channel=channel, leaves_at=situation.now)
    if isinstance(act, Passed):
        return AnswerCheck(channel=channel, refusal=act.why, blocks=blocks)
    is_deferred = any(reason.verdict is Verdict.DEFER or reason.rule == "PAUSE" for reason in blocks)
    if isinstance(act, Wait) and is_deferred:
        until = max((reason.until for reason in blocks if reason.until), default=None)
        return AnswerCheck(channel=channel, leaves_at=until, blocks=blocks)
    return AnswerCheck(channel=channel, refusal="held", blocks=blocks)


def _worded(fate: AnswerCheck, situation: Situation, policy: Policy, post: Post, written: OwnWords) -> AnswerCheck:
    send = draft(situation, written)
    link = post.link(_TOKEN)
    try:
        brief = brief_message(situation, policy, send, attempt_id=_ATTEMPT, link=link, languages=post.languages)
        composed = post.compose(brief, situation.case.release, mentions_for(policy, send))
    except RelanceError as error:
        return fate if fate.refusal else replace(fate, problems=(f"{error.code}: {error.message}",))
    # An e-mail says its words twice, as text and as a page: what is wrong with them is said once.
    found = {(each.rule, each.words): each for each in findings_of(composed, brief, policy, situation)}
    return replace(fate, findings=tuple(found.values()), problems=composed.problems, **_counted(composed))


def _counted(composed: Composed) -> dict[str, str | int]:
    if not isinstance(composed.message, SmsMessage):
        return {}
    text = composed.message.text
    return {"text": text, "segments": gsm7.segments(text).segments}
