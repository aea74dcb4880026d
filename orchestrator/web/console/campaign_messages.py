"""The messages of a campaign for sample debtors: one step at a time, its voices side by side, e-mails and letters as
they would look. Nothing is sent, and no debtor of ours is shown."""

from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from channels.contract import Channel, EmailMessage, LetterMessage, Message
from orchestrator.domain.errors import NotFound, RelanceError
from orchestrator.domain.voice import Voice
from orchestrator.flows.campaign_view import is_for
from orchestrator.flows.preview_messages import Preview
from orchestrator.flows.show_messages import shown_messages
from orchestrator.rendering.compose import Composer
from orchestrator.rendering.gallery import Shown
from orchestrator.rendering.timeline.draw import Pen
from orchestrator.rendering.timeline.drawn import Named
from orchestrator.web.console.access import allowed
from orchestrator.web.console.campaign_room import Room, current_release, room_of
from orchestrator.web.console.page import page
from orchestrator.web.console.session import ByVisitor

router = APIRouter(prefix="/campaigns", dependencies=[allowed("console.see")])

# An e-mail brings styles of its own and nothing else; it stands in a frame that may do nothing.
_EMAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox; frame-ancestors 'self'; base-uri 'none';"
    " form-action 'none'"
)

Language = Annotated[str, Query(pattern="^[a-z]{0,2}$")]
Word = Annotated[str, Query(max_length=120)]


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Which messages are looked at: of a release (that in force by default), for an ordinary or the longest case."""

    campaign: str
    release: str
    language: str
    is_worst_case: bool

    @property
    def query(self) -> str:
        """The same, for links to a message of its own."""
        return f"release={self.release}&language={self.language}" + ("&worst=1" if self.is_worst_case else "")


def asked_of(
    campaign: str,
    request: Request,
    visitor: ByVisitor,
    release: Word = "",
    language: Language = "",
    worst: bool = False,
) -> Asked:
    """What an address asks for. Raises NotFound for a campaign or release that is not there to be seen."""
    room = room_of(request)
    current = current_release(room, campaign, visitor.creditors)
    chosen = room.release(campaign, release).id if release else current
    if not is_for(room.shown(campaign, chosen).campaign, visitor.creditors):
        raise NotFound("this campaign has no such version", hint="its page lists them")
    known = room.wording(campaign, chosen).texts.languages
    spoken = next((each for each in (language, visitor.language, "fr") if each in known), next(iter(known)))
    return Asked(campaign=campaign, release=chosen, language=spoken, is_worst_case=worst)


ByAsked = Annotated[Asked, Depends(asked_of)]


class Set(msgspec.Struct, frozen=True, kw_only=True):
    """The voices of one message on one channel, mildest first."""

    channel: Named
    messages: tuple[Shown, ...]


@router.get("/{campaign}/messages")
def show_messages(request: Request, asked: ByAsked, visitor: ByVisitor, step: Word = "") -> Response:
    """The messages of one step or reaction, the first by default."""
    room = room_of(request)
    wording = room.wording(asked.campaign, asked.release)
    sources = _sources(room, asked, visitor.language)
    chosen = step or next(iter(sources))
    if chosen not in sources:
        raise NotFound("this campaign sends nothing there")
    sets: dict[str, list[Shown]] = {}
    for preview, each in _messages(room, asked, chosen):
        sets.setdefault(preview.channel.value, []).append(each)
    pen = Pen(visitor.language)
    return page(
        request,
        "campaigns/messages.html",
        campaign=wording.campaign,
        asked=asked,
        sources=sources,
        chosen=chosen,
        sets=[Set(channel=pen.named(channel, "channels"), messages=tuple(found)) for channel, found in sets.items()],
        voices={voice.value: pen.named(voice.value, "voices").word for voice in Voice},
        languages=sorted(wording.texts.languages, key=lambda each: each != "fr"),
    )


@router.get("/{campaign}/messages/one")
def show_one(
    request: Request,
    asked: ByAsked,
    step: Word,
    channel: Annotated[str, Query(pattern="^(email|letter)$")],
    voice: Annotated[str, Query(pattern="^[a-z]{1,20}$")],
) -> Response:
    """An e-mail as a page for a frame, or a letter as a PDF."""
    room = room_of(request)
    for preview, _ in _messages(room, asked, step):
        if preview.channel is Channel(channel) and preview.voice.value == voice:
            return _answer(_composed(room, asked, preview))
    raise NotFound("this campaign sends no such message")


def _answer(message: Message) -> Response:
    match message:
        case EmailMessage():
            return Response(message.html, media_type="text/html", headers={"Content-Security-Policy": _EMAIL_POLICY})
        case LetterMessage():
            return Response(
                message.pdf,
                media_type="application/pdf",
                headers={"Content-Disposition": 'inline; filename="letter.pdf"'},
            )
        case _:
            raise NotFound("this campaign sends no such message")


def _messages(room: Room, asked: Asked, step: str) -> list[tuple[Preview, Shown]]:
    """Kept by content: a release never changes."""
    wording = room.wording(asked.campaign, asked.release)
    return room.keep(
        ("messages", asked.release, asked.language, asked.is_worst_case, step),
        lambda: shown_messages(wording, languages=(asked.language,), step=step, is_worst_case=asked.is_worst_case),
    )


def _composed(room: Room, asked: Asked, preview: Preview) -> Message:
    place, texts = room.desk.deployment, room.wording(asked.campaign, asked.release).texts

    def make() -> Message:
        return Composer(texts, place.letters, place.logo).compose(preview.brief).message

    key = (asked.release, asked.language, asked.is_worst_case, preview.source, preview.channel, preview.voice)
    try:
        return room.keep(("composed", *key), make)
    except RelanceError as error:
        raise NotFound("this message cannot be written", hint=str(error)) from None


def _sources(room: Room, asked: Asked, language: str) -> dict[str, str]:
    """{step, or `reaction:event`: what people call it}, in the order of the campaign."""
    drawn = room.drawn(asked.campaign, asked.release, language)
    steps = {stop.id: f"{stop.marker} · {stop.title}" for stop in drawn.stops if stop.kind == "send"}
    return steps | {f"reaction:{turn.event.code}": turn.event.word for turn in drawn.turns if turn.message}
