"""`/replies`: what people wrote, what was understood, what they attached; and texts that came another way."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from urllib.parse import quote
from uuid import uuid4

from fastapi import APIRouter, Header, Path, Query
from pydantic import Field
from starlette.responses import Response

from channels.contract import Channel
from orchestrator.domain.errors import InputError
from orchestrator.domain.reply import Finding
from orchestrator.flows.take_reply import Heard, take_reply
from orchestrator.storage import replies
from orchestrator.storage.database import Connection
from orchestrator.storage.replies import AttachedFile, Reply, ReplyState
from orchestrator.web.api.shapes import After, Given, Limit, Page, Sent, Word, nothing_named
from orchestrator.web.auth import ByCaller, needs
from orchestrator.web.desk import AtDesk, Desk

router = APIRouter(prefix="/replies", tags=["replies"])

_LONGEST_TEXT = 20_000
# What a browser may be told it is; whatever else somebody attached is bytes.
_HARMLESS = frozenset({"application/pdf", "image/jpeg", "image/png", "text/plain"})


class ReplyLine(Given):
    """A reply in a list. `case` is None while nobody knows whom it is from; `open`: a person has to deal with it."""

    id: str
    case: str | None
    channel: str
    state: Literal["open", "done"]
    sender: str
    subject: str
    intents: tuple[str, ...]
    received_at: datetime


class RepliesOut(Page):
    """A page of replies."""

    replies: tuple[ReplyLine, ...]


class FindingOut(Given):
    """One thing understood, the words that say so, and how sure it is."""

    intent: str
    evidence: str
    is_certain: bool
    on: date | None
    amount_cents: int | None
    documents: tuple[str, ...]


class FileOut(Given):
    """An attached file; `size` in bytes. Its bytes are at `attachments/{number}`."""

    number: int
    file_name: str
    media_type: str
    size: int


class ReplyOut(ReplyLine):
    """One reply in full; `text` is as it came, quotation and all."""

    sender_name: str
    recipient: str
    text: str
    recorded_at: datetime
    findings: tuple[FindingOut, ...]
    attachments: tuple[FileOut, ...]


class ReplyIn(Sent):
    """A text of a debtor that came another way: read, and obeyed, as any reply is."""

    case: str = Field(min_length=1, max_length=120)
    channel: Annotated[Channel, Field(strict=False)]
    text: str = Field(min_length=1, max_length=_LONGEST_TEXT)
    sender: str = Field("", max_length=320, description="the number or address it came from, when known")
    subject: str = Field("", max_length=500)


@router.get("", dependencies=[needs("agent", "replies:read")])
def list_replies(
    desk: AtDesk,
    case: Word | None = None,
    channel: Annotated[Channel | None, Query()] = None,
    state: Literal["open", "done"] | None = None,
    limit: Limit = 50,
    after: After = "",
) -> RepliesOut:
    """Replies, the oldest first; every filter that is given must match."""
    wanted = replies.Filter(
        case_id=case, channel=channel.value if channel else None, state=ReplyState(state) if state else None
    )
    with desk.database.read() as conn:
        last = _last(conn, after) if after else None
        found = replies.search(conn, wanted, limit=limit, after=last)
    return RepliesOut(
        replies=tuple(ReplyLine(**_line(reply)) for reply in found), next=found[-1].id if len(found) == limit else None
    )


def _last(conn: Connection, reply_id: str) -> Reply:
    found = replies.load(conn, [reply_id])
    if not found:
        raise InputError("there is no such page", hint="send `next` of the page before", where="query.after")
    return found[0]


@router.get("/{reply_id}", dependencies=[needs("agent", "replies:read")])
def one_reply(reply_id: str, desk: AtDesk) -> ReplyOut:
    """One reply: its words, what was understood of them, what is attached."""
    return _in_full(desk, reply_id)


@router.get(
    "/{reply_id}/attachments/{number}",
    dependencies=[needs("agent", "replies:read")],
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {}}, "description": "the file, to be saved"}},
)
def one_attachment(reply_id: str, number: Annotated[int, Path(ge=1, le=1000)], desk: AtDesk) -> Response:
    """The bytes of an attached file, to be saved and never shown: anybody may have written it."""
    with desk.database.read() as conn:
        files = [file for file in replies.files_of(conn, [reply_id]) if file.number == number]
        content = replies.file_content(conn, reply_id, number)
    if not files or content is None:
        raise nothing_named("attachment")
    return _to_be_saved(files[0], content)


@router.post("", status_code=201, dependencies=[needs("agent", "replies:write")])
def take(
    sent: ReplyIn,
    desk: AtDesk,
    caller: ByCaller,
    key: Annotated[str | None, Header(alias="Idempotency-Key")] = None,
) -> ReplyOut:
    """Takes a text that came another way as a reply of a case: read, obeyed, and given to a person where in doubt."""
    heard = Heard(channel=sent.channel, text=sent.text, sender=sent.sender, subject=sent.subject)
    name = f"{caller.key_id}:{key or uuid4().hex}"
    done = take_reply(desk.database, desk.strategy(), sent.case, heard, key=name, now=desk.now())
    return _in_full(desk, done.reply_id)


def _in_full(desk: Desk, reply_id: str) -> ReplyOut:
    with desk.database.read() as conn:
        found = replies.load(conn, [reply_id])
        files = replies.files_of(conn, [reply_id])
    if not found:
        raise nothing_named("reply")
    reply = found[0]
    return ReplyOut(
        **_line(reply),
        sender_name=reply.sender_name,
        recipient=reply.recipient,
        text=reply.text,
        recorded_at=reply.recorded_at,
        findings=tuple(map(_finding, reply.reading.findings)),
        attachments=tuple(map(_file, files)),
    )


def _line(reply: Reply) -> dict[str, Any]:
    return {
        "id": reply.id,
        "case": reply.case_id or None,
        "channel": reply.channel,
        "state": reply.state.value,
        "sender": reply.sender,
        "subject": reply.subject,
        "intents": tuple(reply.reading.intents),
        "received_at": reply.received_at,
    }


def _finding(finding: Finding) -> FindingOut:
    return FindingOut(
        intent=finding.intent.value,
        evidence=finding.evidence,
        is_certain=finding.is_certain,
        on=finding.on,
        amount_cents=finding.amount_cents,
        documents=tuple(finding.references),
    )


def _file(file: AttachedFile) -> FileOut:
    return FileOut(number=file.number, file_name=file.file_name, media_type=file.media_type, size=file.size)


def _to_be_saved(file: AttachedFile, content: bytes) -> Response:
    """The name travels percent-encoded (RFC 6266), so that nothing in it can be another header.

    `nosniff` stands on every answer (`requests.py`).
    """
    kind = file.media_type if file.media_type in _HARMLESS else "application/octet-stream"
    disposition = f"attachment; filename*=UTF-8''{quote(file.file_name, safe='')}"
    return Response(content, media_type=kind, headers={"Content-Disposition": disposition})
