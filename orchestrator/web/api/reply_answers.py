"""Answering replies: take one, check an answer, send it, read it without a word, say whose it is."""

from datetime import datetime
from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Header
from pydantic import Field

from channels.contract import Channel
from orchestrator.domain.reply import Intent
from orchestrator.flows.answer_reply import AtWork, answer_reply, finish_reply
from orchestrator.flows.check_answer import AnswerCheck, check_answer
from orchestrator.flows.check_key import Caller
from orchestrator.flows.claim_reply import release_claim, take_claim
from orchestrator.flows.place_reply import place_reply
from orchestrator.storage import replies
from orchestrator.storage.replies import ReplyState
from orchestrator.web.api.shapes import Given, Sent, nothing_named
from orchestrator.web.auth import ByCaller, needs
from orchestrator.web.desk import AtDesk, Desk

router = APIRouter(prefix="/replies", tags=["replies"], dependencies=[needs("agent", "replies:write")])

Key = Annotated[str | None, Header(alias="Idempotency-Key")]

NotSo = Annotated[tuple[Annotated[Intent, Field(strict=False)], ...], Field(strict=False, max_length=20)]


class AnswerIn(Sent):
    """The answer of a person: their own words. Without `channel`, by the one that the reply came by.

    `not_so` are intents of its reading (hardship, distress, a death, a dispute) that they have found untrue.
    """

    text: str = Field(min_length=1, max_length=10_000)
    channel: Annotated[Channel, Field(strict=False)] | None = None
    not_so: NotSo = ()


class ReadIn(Sent):
    """The end of reading a reply; `not_so` as in an answer."""

    not_so: NotSo = ()


class CaseIn(Sent):
    """Whose a reply is."""

    case: str = Field(min_length=1, max_length=120)


class WordsOut(Given):
    """Words that were found, by which rule, and whether they keep the answer back."""

    rule: str
    words: str
    title: str
    suggestion: str
    blocks: bool


class CheckOut(Given):
    """`leaves_at` is null when nobody knows (a pause) or it never may, which `refusal` then says.

    `segments` are those of the SMS as it would arrive, `text`.
    """

    leaves_at: datetime | None
    refusal: str
    rules: tuple[str, ...]
    findings: tuple[WordsOut, ...]
    problems: tuple[str, ...]
    segments: int
    text: str


class ClaimOut(Given):
    """Who has a reply until when; nobody, when it waits for nobody any more."""

    taken_by: str
    taken_at: datetime | None
    held_until: datetime | None


class DoneOut(Given):
    """What became of the reply."""

    id: str
    state: ReplyState
    case: str | None


@router.post("/{reply_id}/claim")
def claim(reply_id: str, desk: AtDesk, caller: ByCaller) -> ClaimOut:
    """Takes a reply for ten minutes, or renews what the caller has of it."""
    held = take_claim(desk.database, reply_id, by=caller.name, real_now=desk.real_now())
    if held is None:
        return ClaimOut(taken_by="", taken_at=None, held_until=None)
    return ClaimOut(taken_by=held.taken_by, taken_at=held.taken_at, held_until=held.held_until)


@router.post("/{reply_id}/release")
def release(reply_id: str, desk: AtDesk, caller: ByCaller) -> ClaimOut:
    """Gives it back."""
    release_claim(desk.database, reply_id, by=caller.name)
    return ClaimOut(taken_by="", taken_at=None, held_until=None)


@router.post("/{reply_id}/answer/check")
def check(reply_id: str, sent: AnswerIn, desk: AtDesk) -> CheckOut:
    """What would become of this answer: when it would leave or why not, and what is wrong with its words."""
    checked = check_answer(
        desk.database, desk.strategy(), desk.deployment.sandbox_post(), reply_id,
        channel=_channel(desk, reply_id, sent), words=sent.text, now=desk.now(),
    )  # fmt: skip
    return _checked(checked)


@router.post("/{reply_id}/answer", status_code=201)
def answer(reply_id: str, sent: AnswerIn, desk: AtDesk, caller: ByCaller, key: Key = None) -> CheckOut:
    """Answers a reply in a person's own words, once, through the same gate as every message."""
    checked = answer_reply(
        desk.database, desk.strategy(), desk.deployment.sandbox_post(), reply_id, _at_work(desk, caller, key),
        channel=_channel(desk, reply_id, sent), words=sent.text, not_so=sent.not_so,
    )  # fmt: skip
    return _checked(checked)


@router.post("/{reply_id}/read")
def read(reply_id: str, desk: AtDesk, caller: ByCaller, sent: ReadIn | None = None, key: Key = None) -> DoneOut:
    """It was read, and nothing is to be said; what it asks for keeps its tasks."""
    not_so = sent.not_so if sent else ()
    finish_reply(desk.database, desk.strategy(), reply_id, _at_work(desk, caller, key), not_so=not_so)
    return _state(desk, reply_id)


@router.post("/{reply_id}/case")
def place(reply_id: str, sent: CaseIn, desk: AtDesk, caller: ByCaller, key: Key = None) -> DoneOut:
    """Says whose a reply is that nobody could place: it is obeyed as if it had been known."""
    place_reply(desk.database, desk.strategy(), reply_id, sent.case, _at_work(desk, caller, key))
    return _state(desk, reply_id)


def _at_work(desk: Desk, caller: Caller, key: str | None) -> AtWork:
    name = f"answer:{caller.key_id}:{key or uuid4().hex}"
    return AtWork(by=caller.name, role=caller.role, name=name, now=desk.now(), real_now=desk.real_now())


def _channel(desk: Desk, reply_id: str, sent: AnswerIn) -> Channel:
    return sent.channel or Channel(_reply(desk, reply_id).channel)


def _state(desk: Desk, reply_id: str) -> DoneOut:
    reply = _reply(desk, reply_id)
    return DoneOut(id=reply.id, state=reply.state, case=reply.case_id or None)


def _reply(desk: Desk, reply_id: str) -> replies.Reply:
    with desk.database.read() as conn:
        found = replies.load(conn, [reply_id])
    if not found:
        raise nothing_named("reply")
    return found[0]


def _checked(checked: AnswerCheck) -> CheckOut:
    return CheckOut(
        leaves_at=checked.leaves_at,
        refusal=checked.refusal,
        rules=tuple(dict.fromkeys(reason.rule for reason in checked.blocks)),
        findings=tuple(
            WordsOut(rule=f.rule, words=f.words, title=f.title, suggestion=f.suggestion, blocks=f.blocks)
            for f in checked.findings
        ),
        problems=checked.problems,
        segments=checked.segments,
        text=checked.text,
    )
