"""Campaigns: what is in force, drawn; who stands where; every version and what changed."""

from typing import Annotated

import msgspec
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from orchestrator.domain.campaign import Campaign
from orchestrator.domain.errors import NotFound
from orchestrator.flows.campaign_view import Version, compare_files, compare_text, is_for, versions
from orchestrator.flows.release_campaign import CAMPAIGN_FILE
from orchestrator.rendering.policy_document.html_page import as_data, html_page
from orchestrator.rendering.policy_document.markdown import markdown
from orchestrator.rendering.policy_document.pdf import pdf
from orchestrator.rendering.policy_document.words import Words
from orchestrator.rendering.timeline.page_part import Part, timeline_html
from orchestrator.storage import campaign_counts
from orchestrator.web.console.access import allowed
from orchestrator.web.console.campaign_room import OnDisk, Room, current_release, disk_of, room_of
from orchestrator.web.console.page import page
from orchestrator.web.console.session import ByVisitor, Visitor
from orchestrator.web.desk import AtDesk, Desk

router = APIRouter(prefix="/campaigns", dependencies=[allowed("console.see")])
_HERE = "/console/campaigns"
# Drawn as a timeline already.
_DRAWN = ("ladder", "events")
_FORMS = {"html": "text/html; charset=utf-8", "pdf": "application/pdf", "md": "text/markdown; charset=utf-8"}


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the list. `release` is empty for a file that was never released; `file` is how the folder stands to it:
    same, changed, new, gone, unknown (not read yet). `errors` and `warnings` are None while nobody has asked for lint.
    """

    id: str
    title: str
    mode: str
    priority: int
    policy: str
    steps: int
    file: str
    release: str = ""
    cases: dict[str, int] = {}
    errors: int | None = None
    warnings: int | None = None


@router.get("")
def show_campaigns(request: Request, desk: AtDesk, visitor: ByVisitor) -> Response:
    """Every campaign in force, by rank, then the files that were never released."""
    room = room_of(request)
    in_force = [each for each in desk.strategy().campaigns if is_for(each, visitor.creditors)]
    with desk.database.read() as conn:
        counted = campaign_counts.by_state(conn, creditors=visitor.creditors)
    made = room.on_disk()
    disk = disk_of(made)
    listed = [_listed(room, disk, each, counted.get(each.id, {})) for each in in_force]
    known = {each.id for each in desk.strategy().campaigns}
    drafts = [] if disk is None else [
        _listed(room, disk, each.campaign, {}, is_new=True)
        for name, each in disk.campaigns.items()
        if name not in known and is_for(each.campaign, visitor.creditors)
    ]  # fmt: skip
    return page(
        request,
        "campaigns/campaigns.html",
        listed=sorted(listed, key=lambda each: -each.priority),
        drafts=drafts,
        faults=dict(disk.faults) if disk else {},
        is_reading=made is None,
        outside=counted.get("", {}),
    )


@router.get("/{campaign}")
def show_campaign(campaign: str, request: Request, desk: AtDesk, visitor: ByVisitor) -> Response:
    """One campaign as it is in force: its timeline, its cases, its terms, its lint and its versions."""
    room = room_of(request)
    release = current_release(room, campaign, visitor.creditors)
    shown = room.shown(campaign, release)
    document = room.document(
        campaign, release, language=visitor.language, day=desk.today(), creditors=visitor.creditors
    )
    section = as_data(document)["sections"][0]
    words = Words(visitor.language)
    titles = _titles(room, campaign, release, visitor.language)
    places = {"": -1} | {step.id: place for place, step in enumerate(shown.campaign.steps)}
    with desk.database.read() as conn:
        cases = campaign_counts.by_state(conn, creditors=visitor.creditors).get(campaign, {})
    made = room.on_disk()
    disk = disk_of(made)
    return page(
        request,
        "campaigns/campaign.html",
        campaign=shown.campaign,
        in_force=_mode_in_force(desk, shown.campaign),
        release=release,
        versions=versions(desk.database, campaign),
        section=section,
        parts=[part for part in section["parts"] if not part["id"].endswith(_DRAWN)],
        timeline=_timeline(room, campaign, release, visitor.language),
        cases=cases,
        standing=room.standing(campaign, visitor.creditors),
        titles=titles,
        in_order=lambda counts: sorted(counts, key=lambda each: places.get(each.step, len(places))),
        lint=room.lint(release),
        file=_file_state(disk, campaign, release),
        task_word=lambda kind: words.term(kind, "tasks"),
        channel_word=lambda channel: words.term(channel, "channels"),
    )


@router.get("/{campaign}/versions/{release}")
def show_version(
    campaign: str, release: str, request: Request, desk: AtDesk, visitor: ByVisitor, file: str = ""
) -> Response:
    """A version: its file, and what it changed of the one before it; `file` is one of its words to compare."""
    room = room_of(request)
    found = _version(desk, campaign, release)
    item = room.release(campaign, release)
    _see(visitor, room.shown(campaign, release).campaign)
    # What a version of other creditors alone said is theirs.
    is_shown = bool(found.before) and is_for(room.shown(campaign, found.before).campaign, visitor.creditors)
    before = room.release(campaign, found.before).files if is_shown else {}
    if file and file not in item.files and file not in before:
        raise NotFound("this version has no such file")
    words = compare_text(before.get(file, ""), item.files.get(file, "")) if file else ()
    return page(
        request,
        "campaigns/version.html",
        campaign=room.shown(campaign, release).campaign,
        version=found,
        change=compare_files(before, item.files),
        text=item.files[CAMPAIGN_FILE],
        file=file,
        words=words,
    )


@router.get("/{campaign}/policy.{form}")
def give_policy(
    campaign: str,
    form: str,
    request: Request,
    desk: AtDesk,
    visitor: ByVisitor,
    language: Annotated[str, Query(pattern="^(fr|en)$")] = "fr",
) -> Response:
    """The internal policy document of one campaign, to print or to keep (R30)."""
    if form not in _FORMS:
        raise NotFound("there is no such form of the document", hint="html, pdf or md")
    room, today = room_of(request), desk.today()
    release = current_release(room, campaign, visitor.creditors)
    document = room.document(campaign, release, language=language, day=today, creditors=visitor.creditors)
    fonts = desk.deployment.settings.templates / "letter" / "fonts"
    match form:
        case "pdf":
            key = ("pdf", release, language, today, visitor.creditors)
            content = room.keep(key, lambda: pdf(document, fonts=fonts, dated_on=today))
        case "md":
            content = markdown(document).encode()
        case _:
            content = html_page(document).encode()
    name = f"politique-{campaign}-{today.isoformat()}.{form}"
    return Response(content, media_type=_FORMS[form], headers={"Content-Disposition": f'attachment; filename="{name}"'})


# --------------------------------------------------------------------------------------------- what is shown


def _listed(
    room: Room, disk: OnDisk | None, campaign: Campaign, cases: dict[str, int], *, is_new: bool = False
) -> Listed:
    made = room.behind.find(("lint", campaign.release))
    findings = made.value if made is not None and not made.has_failed else None
    return Listed(
        id=campaign.id,
        title=campaign.title,
        mode=campaign.mode.value,
        priority=campaign.priority,
        policy=campaign.policy,
        steps=len(campaign.steps),
        file="new" if is_new else _file_state(disk, campaign.id, campaign.release),
        release="" if is_new else campaign.release,
        cases=cases,
        errors=None if findings is None else sum(each.severity == "error" for each in findings),
        warnings=None if findings is None else sum(each.severity != "error" for each in findings),
    )


def _mode_in_force(desk: Desk, campaign: Campaign) -> str:
    """A deployment may run another mode than the one released, as the demonstration does."""
    known = (each.mode for each in desk.strategy().campaigns if each.id == campaign.id)
    return next(known, campaign.mode).value


def _file_state(disk: OnDisk | None, campaign: str, release: str) -> str:
    if disk is None:
        return "unknown"
    found = disk.campaigns.get(campaign)
    if found is None:
        return "gone"
    return "same" if found.campaign.release == release else "changed"


def _timeline(room: Room, campaign: str, release: str, language: str) -> Part:
    def make() -> Part:
        drawn = room.drawn(campaign, release, language)
        return timeline_html(drawn, links=lambda stop: f"{_HERE}/{campaign}/messages?step={stop.id}")

    return room.keep(("timeline", release, language), make)


def _titles(room: Room, campaign: str, release: str, language: str) -> dict[str, str]:
    """{step or event: what people call it}."""
    drawn = room.drawn(campaign, release, language)
    steps = {stop.id: f"{stop.number}. {stop.title}" for stop in drawn.stops}
    return {**{turn.event.code: turn.event.word for turn in drawn.turns}, **steps}


def _version(desk: Desk, campaign: str, release: str) -> Version:
    for each in versions(desk.database, campaign):
        if each.id == release:
            return each
    raise NotFound("this campaign has no such version", hint="its page lists them")


def _see(visitor: Visitor, campaign: Campaign) -> None:
    if not is_for(campaign, visitor.creditors):
        raise NotFound("no campaign in force has this name")
