"""The inbox: replies that need a person, the gravest first; one of them with all that helps to answer it (R10, R29)."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any
from urllib.parse import quote
from uuid import uuid4

import msgspec
from fastapi import APIRouter, Path, Query, Request
from msgspec.structs import replace
from starlette.responses import HTMLResponse, Response

from channels.contract import Channel
from orchestrator.domain import acts
from orchestrator.domain.agreement import HoldKind
from orchestrator.domain.contact import POINT_OF_CHANNEL, Fault
from orchestrator.domain.errors import Conflict, InputError, NotFound
from orchestrator.domain.money import minor_units
from orchestrator.domain.reply import Intent
from orchestrator.flows.answer_reply import AtWork, answer_reply, decide_on_reply, finish_reply
from orchestrator.flows.check_answer import AnswerCheck, check_answer
from orchestrator.flows.claim_reply import release_claim, take_claim, visible_reply
from orchestrator.flows.open_reply import OpenReply, list_waiting, next_free, open_reply
from orchestrator.flows.place_reply import place_reply
from orchestrator.flows.undecided_reply import undecided_of
from orchestrator.rendering.answer_words import AnswerWords, answer_words
from orchestrator.settings import shipped
from orchestrator.storage import replies
from orchestrator.web.console.access import allowed
from orchestrator.web.console.page import go, page, text_of
from orchestrator.web.console.reply_marks import conversation, marked
from orchestrator.web.console.session import ByVisitor, Form, Sent, Visitor
from orchestrator.web.desk import AtDesk, Desk

router = APIRouter(prefix="/inbox")
_SEE, _ANSWER = [allowed("replies.see")], [allowed("replies.answer")]
_HERE = "/console/inbox"
_SHOWN = 50
_LONGEST = 10_000
# What is sent as it is; whatever else somebody attached is bytes.
_HARMLESS = frozenset({"application/pdf", "image/jpeg", "image/png", "text/plain"})


@router.get("", dependencies=_SEE)
def show_inbox(request: Request, desk: AtDesk, visitor: ByVisitor, after: str = "") -> Response:
    """The line."""
    return page(request, "inbox/inbox.html", **_line(desk, visitor, after))


@router.get("/{reply_id}", dependencies=_SEE)
def show_reply(
    reply_id: str,
    request: Request,
    desk: AtDesk,
    visitor: ByVisitor,
    intent: Annotated[Intent | None, Query()] = None,
    after: str = "",
) -> Response:
    """One reply, beside the line."""
    return _shown(request, desk, visitor, reply_id, intent=intent, after=after)


@router.get("/{reply_id}/files/{number}", dependencies=_SEE)
def give_file(reply_id: str, number: Annotated[int, Path(ge=1, le=1000)], desk: AtDesk, visitor: ByVisitor) -> Response:
    """An attached file, to be saved and never shown: anybody may have written it."""
    with desk.database.read() as conn:
        visible_reply(conn, reply_id, visitor.creditors)
        files = [file for file in replies.files_of(conn, [reply_id]) if file.number == number]
        content = replies.file_content(conn, reply_id, number)
    if not files or content is None:
        raise NotFound("the reply has no such file")
    kind = files[0].media_type if files[0].media_type in _HARMLESS else "application/octet-stream"
    named = f"attachment; filename*=UTF-8''{quote(files[0].file_name, safe='')}"
    return Response(content, media_type=kind, headers={"Content-Disposition": named})


@router.post("/{reply_id}/take", dependencies=_ANSWER)
def take_reply(reply_id: str, desk: AtDesk, visitor: ByVisitor) -> Response:
    """Theirs for ten minutes."""
    take_claim(desk.database, reply_id, by=visitor.name, real_now=desk.real_now(), creditors=visitor.creditors)
    return go(f"{_HERE}/{reply_id}")


@router.post("/{reply_id}/release", dependencies=_ANSWER)
def leave_reply(reply_id: str, desk: AtDesk, visitor: ByVisitor) -> Response:
    """For others to take."""
    release_claim(desk.database, reply_id, by=visitor.name)
    return go(_HERE)


@router.post("/{reply_id}/check", dependencies=_ANSWER)
def check_words(reply_id: str, request: Request, desk: AtDesk, visitor: ByVisitor, sent: Sent) -> Response:
    """What would become of the words, as a part of the page: script asks while they are typed."""
    words = sent.text("words", most=_LONGEST)
    checked = _check(desk, visitor, reply_id, sent) if words else None
    return HTMLResponse(text_of(request, "inbox/check.html", checked=checked))


@router.post("/{reply_id}/answer", dependencies=_ANSWER)
def send_answer(reply_id: str, request: Request, desk: AtDesk, visitor: ByVisitor, sent: Sent) -> Response:
    """Sends the answer and opens the next reply; `check` only says what would become of it."""
    if sent.has("check"):
        checked = _check(desk, visitor, reply_id, sent) if sent.text("words") else None
        return _shown(request, desk, visitor, reply_id, tried=_Tried(sent=sent, checked=checked))
    try:
        not_so = _decide_what_is_asked(desk, visitor, reply_id, sent)
        answer_reply(
            desk.database, desk.strategy(), desk.deployment.sandbox_post(), reply_id, _at_work(desk, visitor, sent),
            channel=_channel(sent), words=sent.text("words", most=_LONGEST), not_so=not_so,
        )  # fmt: skip
    except (InputError, Conflict) as error:
        if not error.code.startswith(("answer_", "reply_undecided")):
            raise
        status = 422 if isinstance(error, InputError) else 409
        tried = _Tried(sent=sent, checked=_check(desk, visitor, reply_id, sent), fault=error.code, status=status)
        return _shown(request, desk, visitor, reply_id, tried=tried)
    return _on(desk, visitor, "inbox.answered")


@router.post("/{reply_id}/done", dependencies=_ANSWER)
def end_reply(reply_id: str, request: Request, desk: AtDesk, visitor: ByVisitor, sent: Sent) -> Response:
    """It was read, and nothing is to be said."""
    try:
        not_so = _decide_what_is_asked(desk, visitor, reply_id, sent)
        finish_reply(desk.database, desk.strategy(), reply_id, _at_work(desk, visitor, sent), not_so=not_so)
    except InputError as error:
        if error.code != "reply_undecided":
            raise
        return _shown(request, desk, visitor, reply_id, tried=_Tried(sent=sent, fault=error.code, status=422))
    return _on(desk, visitor, "inbox.read")


@router.post("/{reply_id}/decide", dependencies=_ANSWER)
def decide(reply_id: str, desk: AtDesk, visitor: ByVisitor, sent: Sent) -> Response:
    """This reading is right: the act that it asks for, by the same door as the API."""
    with desk.database.read() as conn:
        reply = visible_reply(conn, reply_id, visitor.creditors)
    make = _ACTS.get(sent.text("act"))
    if make is None:
        raise InputError("there is no such act")
    act = make(reply, sent)
    decide_on_reply(desk.database, desk.strategy(), reply_id, act, _at_work(desk, visitor, sent))
    meant = sent.text("act")
    return go(f"{_HERE}/{reply_id}?intent={meant}", "inbox.decided")


@router.post("/{reply_id}/place", dependencies=_ANSWER)
def put_in_case(reply_id: str, desk: AtDesk, visitor: ByVisitor, sent: Sent) -> Response:
    """Whose it is."""
    place_reply(desk.database, desk.strategy(), reply_id, sent.text("case"), _at_work(desk, visitor, sent))
    return go(f"{_HERE}/{reply_id}", "inbox.placed")


# ------------------------------------------------------------------------------------------------ parts


def _line(desk: Desk, visitor: Visitor, after: str) -> dict[str, Any]:
    found = list_waiting(desk.database, creditors=visitor.creditors, limit=_SHOWN, after=after)
    older = found[-1].waiting.place if len(found) == _SHOWN else ""
    return {"line": found, "older": older, "after": after, "real_now": desk.real_now(), "me": visitor.name}


class _Tried(msgspec.Struct, frozen=True, kw_only=True):
    """A form that is shown again as it was filled in, with what came of it."""

    sent: Form
    checked: AnswerCheck | None = None
    fault: str = ""
    status: int = 200


def _shown(
    request: Request,
    desk: Desk,
    visitor: Visitor,
    reply_id: str,
    *,
    intent: Intent | None = None,
    after: str = "",
    tried: _Tried | None = None,
) -> Response:
    opened = open_reply(
        desk.database, desk.strategy(), reply_id, _words(desk), now=desk.now(), shown_in=visitor.language,
        creditors=visitor.creditors, intent=intent,
    )  # fmt: skip
    reply, reading = opened.reply, opened.reply.reading
    proposed = opened.suggestion.text if opened.suggestion else ""
    sent = tried.sent if tried else None
    return page(
        request, "inbox/reply.html", status=tried.status if tried else 200, opened=opened, reply=reply,
        pieces=marked(reading.words or reply.text, reading.findings), turns=conversation(opened),
        holder=opened.waiting.holder(desk.real_now()) if opened.waiting else "",
        words=sent.text("words", most=_LONGEST) if sent and sent.has("words") else proposed,
        channel=(sent.text("channel") if sent else "") or reply.channel, channels=_channels(opened),
        checked=tried.checked if tried else None, fault=tried.fault if tried else "", once=uuid4().hex,
        asked=_asked(opened), read={found.intent.value: found for found in reading.findings},
        decisions={intent: sent.text(f"so-{intent.value}") if sent else "" for intent in opened.undecided},
        **_line(desk, visitor, after),
    )  # fmt: skip


def _decide_what_is_asked(desk: Desk, visitor: Visitor, reply_id: str, sent: Form) -> tuple[Intent, ...]:
    """Does what the form confirms of the reading, and returns what it says is not so. It decides all, or nothing."""
    with desk.database.read() as conn:
        reply = visible_reply(conn, reply_id, visitor.creditors)
        asked = undecided_of(conn, reply, desk.now())
    said = {intent: sent.text(f"so-{intent.value}") for intent in asked}
    if any(each not in ("yes", "no") for each in said.values()):
        return ()  # the flow refuses, and says which
    who = _at_work(desk, visitor, sent)
    for intent in (each for each, answer in said.items() if answer == "yes"):
        act, own = _ACTS[intent.value](reply, sent), replace(who, name=f"decided:{intent.value}:{who.name}")
        decide_on_reply(desk.database, desk.strategy(), reply_id, act, own)
    return tuple(intent for intent, answer in said.items() if answer == "no")


def _asked(opened: OpenReply) -> tuple[str, ...]:
    """The acts to offer: those of what was read first, then the others."""
    read = [intent.value for intent in opened.reply.reading.intents if intent.value in _ACTS]
    return tuple(dict.fromkeys((*read, *_ACTS)))


def _channels(opened: OpenReply) -> tuple[str, ...]:
    return tuple(dict.fromkeys((opened.reply.channel, *(channel.value for channel in Channel))))


def _words(desk: Desk) -> Mapping[str, AnswerWords]:
    return answer_words(desk.deployment.settings.templates, shipped("templates"))


def _check(desk: Desk, visitor: Visitor, reply_id: str, sent: Form) -> AnswerCheck:
    return check_answer(
        desk.database, desk.strategy(), desk.deployment.sandbox_post(), reply_id, channel=_channel(sent),
        words=sent.text("words", most=_LONGEST), now=desk.now(), creditors=visitor.creditors,
        read_in=visitor.language,
    )  # fmt: skip


def _at_work(desk: Desk, visitor: Visitor, sent: Form) -> AtWork:
    """A form bears a name of its own, so that it acts once however often it is sent."""
    return AtWork(
        by=visitor.name, role=visitor.role, name=f"answer:{visitor.name}:{sent.text('once') or uuid4().hex}",
        now=desk.now(), real_now=desk.real_now(), creditors=visitor.creditors,
    )  # fmt: skip


def _channel(sent: Form) -> Channel:
    try:
        return Channel(sent.text("channel"))
    except ValueError:
        raise InputError("there is no such channel") from None


def _on(desk: Desk, visitor: Visitor, said: str) -> Response:
    """The next reply that nobody has."""
    following = next_free(desk.database, creditors=visitor.creditors, real_now=desk.real_now())
    return go(f"{_HERE}/{following}" if following else _HERE, said)


def _day(sent: Form) -> date:
    try:
        return date.fromisoformat(sent.text("on"))
    except ValueError:
        raise InputError("this is no day", hint="choose a day", code="date_missing") from None


def _promise(_reply: replies.Reply, sent: Form) -> acts.Act:
    amount = sent.text("amount")
    cents = minor_units(amount, sent.text("currency") or "EUR") if amount else None
    return acts.MakePromise(on=_day(sent), amount_cents=cents)


def _wrong(reply: replies.Reply, _sent: Form) -> acts.Act:
    point = POINT_OF_CHANNEL[Channel(reply.channel)]
    return acts.MarkPoint(kind=point, value=reply.sender, fault=Fault.NOT_OWNED)


_ACTS: Mapping[str, Any] = {
    "promise": _promise,
    "wants_time": lambda _reply, sent: acts.Defer(until=_day(sent)),
    "dispute": lambda reply, _sent: acts.OpenDispute(words=reply.reading.words[:500]),
    "cannot_pay": lambda _reply, _sent: acts.DeclareHardship(words=""),
    "distress": lambda _reply, _sent: acts.PlaceHold(kind=HoldKind.VULNERABLE),
    "deceased": lambda _reply, _sent: acts.PlaceHold(kind=HoldKind.DEATH),
    "already_paid": lambda _reply, _sent: acts.ClaimPaid(),
    "stop": lambda reply, _sent: acts.CloseChannel(channel=Channel(reply.channel)),
    "wrong_person": _wrong,
    "wants_call": lambda reply, _sent: acts.AskCall(reply_id=reply.id),
}
