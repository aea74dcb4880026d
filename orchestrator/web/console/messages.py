"""Messages: found by where they stand; and one as it was sent, with why it left and what became of it."""

from datetime import UTC, datetime, time, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from channels.contract import Channel
from orchestrator.domain.errors import NotFound
from orchestrator.domain.home import home_of
from orchestrator.flows.answer_task import answer_task
from orchestrator.flows.remake_letter import Remade, remake_letter
from orchestrator.flows.search_messages import about_of, case_messages, doubt_about, messages_in_doubt, search_messages
from orchestrator.flows.seen_messages import open_message
from orchestrator.flows.visible_case import visible_case
from orchestrator.intake.tables.cell_dates import DateFault, DateReader
from orchestrator.storage import message_search, tasks
from orchestrator.storage.message_search import Place, Wanted
from orchestrator.storage.messages import Message, MessageState
from orchestrator.web.console.access import allowed, may
from orchestrator.web.console.case_words import Deadline, Teller, campaign_names, message_path
from orchestrator.web.console.names import names_of
from orchestrator.web.console.page import go, language_of, page
from orchestrator.web.console.session import ByVisitor, Sent, Visitor
from orchestrator.web.desk import AtDesk, Desk
from orchestrator.web.errors import Refused

router = APIRouter(prefix="/messages")
_DAYS = DateReader("day_first")
_FILTERS = ("state", "channel", "campaign", "creditor", "lane", "day")
# What was sent is shown in a frame that can do nothing: no script, no form, nothing loaded from anywhere.
FRAME_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox; form-action 'none'; base-uri 'none';"
    " frame-ancestors 'self'"
)
_FRAME_HEADERS = {"Content-Security-Policy": FRAME_POLICY, "X-Frame-Options": "SAMEORIGIN"}


@router.get("", dependencies=[allowed("console.see")])
def list_messages(request: Request, desk: AtDesk, visitor: ByVisitor, case: str = "", after: str = "") -> Response:
    """A page of messages: of a case, of a state, or those that left last."""
    given = {name: request.query_params.get(name, "").strip()[:200] for name in _FILTERS}
    wanted, fault = _wanted(given, visitor)
    found, items = None, tuple[Message, ...]()
    if case:
        items = case_messages(desk.database, case.strip().upper()[:40], creditors=visitor.creditors)
    elif not fault:
        found = search_messages(desk.database, wanted, after=_place(after), is_over=Deadline())
        items = found.messages
    is_first = not (case or after or any(given.values()))
    doubts = messages_in_doubt(desk.database, creditors=visitor.creditors) if is_first else ()
    shown = found.messages if found else items
    with desk.database.read() as conn:
        known = message_search.lanes(conn)
    more = {name: value for name, value in given.items() if value}
    return page(
        request, "messages/messages.html", status=422 if fault else 200, found=found, items=items, given=given,
        case=case, fault=fault,
        doubts=doubts, about=about_of(desk.database, [*shown, *(each.message for each in doubts)]),
        more=urlencode({**more, "after": _written(found.after)}) if found and found.after else "",
        states=tuple(MessageState), channels=tuple(Channel), lanes=known, path=message_path,
        campaigns=campaign_names(desk.strategy(), visitor), creditors=_creditors(desk, visitor),
    )  # fmt: skip


def _wanted(given: dict[str, str], visitor: Visitor) -> tuple[Wanted, str]:
    """What is looked for, and the key of what is wrong with it."""
    since = until = None
    fault = ""
    if given["day"]:
        try:
            on = _DAYS.read(given["day"])
            since = datetime.combine(on, time(), ZoneInfo(visitor.zone)).astimezone(UTC)
            until = datetime.combine(on + timedelta(days=1), time(), ZoneInfo(visitor.zone)).astimezone(UTC)
        except (DateFault, OverflowError):  # a day of our calendar whose morning is in no other
            fault = "cases.fault_day"
    state = MessageState(given["state"]) if given["state"] in set(MessageState) else None
    wanted = Wanted(
        creditors=visitor.creditors, state=state, campaign=given["campaign"], creditor=given["creditor"],
        channel=given["channel"], lane=given["lane"], since=since, until=until,
    )  # fmt: skip
    return wanted, fault


def _place(said: str) -> Place | None:
    at, _, name = said.partition("~")
    return (int(at), name[:400]) if at.isascii() and at.isdigit() and len(at) < 20 else None


def _written(place: Place | None) -> str:
    return f"{place[0]}~{place[1]}" if place else ""


def _creditors(desk: Desk, visitor: Visitor) -> list[str]:
    return sorted(desk.strategy().creditors if visitor.creditors is None else visitor.creditors)


# --------------------------------------------------------------------------------------------------- in doubt


@router.post("/doubts/{task_id:path}", dependencies=[allowed("tasks.answer")])
def settle_doubt(task_id: str, desk: AtDesk, visitor: ByVisitor, sent: Sent) -> Response:
    """Somebody looked at the provider's: it left, or it did not."""
    answer = {"left": "done", "absent": "refuse"}.get(sent.text("answer"))
    if answer is None:
        raise Refused(422, "invalid_input", "this is no answer")
    with desk.database.read() as conn:
        found = tasks.load(conn, [task_id])
        if not found or found[0].kind != "in_doubt":
            raise NotFound("no task has this id")
        visible_case(conn, found[0].case_id, creditors=visitor.creditors)
    answer_task(desk.database, task_id, answer=answer, by=visitor.name, role=visitor.role, now=desk.now())
    return go("/console/messages", "messages.settled")


# -------------------------------------------------------------------------------------------------- one message


@router.get("/{message_id:path}/frame", dependencies=[allowed("console.see")])
def show_frame(message_id: str, desk: AtDesk, visitor: ByVisitor) -> Response:
    """The HTML of an e-mail, for the frame of its page: it can run nothing and load nothing."""
    _, seen = open_message(
        desk.database, message_id, creditors=visitor.creditors, sees_contacts=may(visitor, "contact.see")
    )
    if seen.words is None or not seen.words.html:
        raise NotFound("this message has no HTML")
    return HTMLResponse(seen.words.html, headers=_FRAME_HEADERS)


@router.get("/{message_id:path}/letter.pdf", dependencies=[allowed("contact.see")])
def show_letter(message_id: str, desk: AtDesk, visitor: ByVisitor) -> Response:
    """The letter; the page of the message says whether these are the very pages that left."""
    made = _letter(desk, message_id, visitor)
    name = "lettre.pdf" if made.is_as_sent else "lettre-refaite.pdf"
    headers = {"Content-Disposition": f'inline; filename="{name}"', "X-Frame-Options": "SAMEORIGIN"}
    return Response(made.pdf, media_type="application/pdf", headers=headers)


@router.get("/{message_id:path}", dependencies=[allowed("console.see")])
def show_message(message_id: str, request: Request, desk: AtDesk, visitor: ByVisitor) -> Response:
    """One message in full."""
    sees = may(visitor, "contact.see")
    stored, seen = open_message(desk.database, message_id, creditors=visitor.creditors, sees_contacts=sees)
    case = stored.case
    teller = Teller(desk.strategy(), case, home_of(case.debtor).zone, names_of(desk, language_of(request, visitor)))
    is_letter = seen.message.send.channel is Channel.LETTER and seen.words is not None
    letter = _letter(desk, message_id, visitor) if is_letter and sees else None
    doubt = doubt_about(desk.database, case.id, seen) if seen.message.state is MessageState.IN_DOUBT else None
    return page(
        request, "messages/message.html", seen=seen, message=seen.message, case=case, term=teller.story.term,
        why=teller.why_left(seen), decided=teller.decided(seen), letter=letter, doubt=doubt, path=message_path,
        is_shifted=bool(desk.deployment.offset),
    )  # fmt: skip


def _letter(desk: Desk, message_id: str, visitor: Visitor) -> Remade:
    place = desk.deployment

    def kept(attempt_id: str) -> bytes | None:
        """The sandbox's own copy; a printer's folder is emptied by its printer."""
        if not attempt_id.isalnum():
            return None
        found = sorted((place.settings.outbox / Channel.LETTER).glob(f"*/*-{attempt_id}.pdf"))
        return found[0].read_bytes() if found else None

    return remake_letter(
        desk.database, desk.strategy(), place.letters, place.logo, kept, message_id, creditors=visitor.creditors
    )
