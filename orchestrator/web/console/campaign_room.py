"""What the pages of campaigns work with, kept per application: releases as read, files of the folder, lint."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from datetime import date, timedelta
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

import msgspec
from fastapi import Request

from orchestrator.bootstrap import CampaignOnDisk, Deployment
from orchestrator.campaign_checks import lint_apart
from orchestrator.domain.errors import NotFound, RelanceError
from orchestrator.domain.policy import PolicyBook
from orchestrator.domain.reactions import HOUSE_REACTIONS
from orchestrator.flows.campaign_view import find_release, is_for, standing
from orchestrator.flows.policy_document import Chosen, Deployed, campaign_in_force, write_policy_document
from orchestrator.flows.release_campaign import CAMPAIGN_FILE
from orchestrator.flows.show_messages import Wording
from orchestrator.rendering.policy_document.document import Document
from orchestrator.rendering.policy_document.gathered import CampaignInForce
from orchestrator.rendering.timeline.draw import draw
from orchestrator.rendering.timeline.drawn import Drawn
from orchestrator.storage import releases
from orchestrator.storage.releases import Release
from orchestrator.web.console.behind import Behind, Made
from orchestrator.web.desk import Desk

# How old figures of a page may be before they are counted anew.
FRESH_FOR = timedelta(seconds=60)
_MOST_KEPT = 100
Kept = TypeVar("Kept")


class OnDisk(msgspec.Struct, frozen=True):
    """The campaign files of the server as they stood at once: by id, and by file name why one cannot be read."""

    place: Deployment
    campaigns: Mapping[str, CampaignOnDisk]
    faults: Mapping[str, tuple[str, ...]]

    def files(self, campaign: str) -> dict[str, str]:
        """What a release of it would hold."""
        return {CAMPAIGN_FILE: self.campaigns[campaign].text, **self.place.texts.files}


class Room:
    """One per application."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.behind = Behind(desk.real_now)
        self._lock = Lock()
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()

    def keep(self, key: Hashable, make: Callable[[], Kept]) -> Kept:
        """What is quick to make, but not for every look at a page: read again only once it was forgotten."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                found: Kept = self._kept[key]
                return found
        made = make()
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
        return made

    # ----------------------------------------------------------------------------------- what was released

    def release(self, campaign: str, release: str) -> Release:
        """A release with its files. Raises NotFound."""
        return self.keep(("release", campaign, release), lambda: find_release(self.desk.database, campaign, release))

    def shown(self, campaign: str, release: str) -> CampaignInForce:
        """A release as people read it: its campaign, examples and titles. Raises NotFound."""
        item = self.release(campaign, release)
        return self.keep(("shown", release), lambda: campaign_in_force(Chosen(item), self.desk.deployment.texts))

    def drawn(self, campaign: str, release: str, language: str) -> Drawn:
        """A release as a drawing, in the words of a language."""
        return self.keep(
            ("drawn", release, language),
            lambda: draw(self.shown(campaign, release), language=language, house=HOUSE_REACTIONS),
        )

    def wording(self, campaign: str, release: str) -> Wording:
        """What its messages are made from."""
        place, shown = self.desk.deployment, self.shown(campaign, release)
        texts = self.keep(("texts", release), lambda: place.words_of(release))
        return Wording(
            campaign=shown.campaign, texts=texts, pack=PolicyBook(place.rules.packs).pack(shown.campaign.policy)
        )

    def document(
        self, campaign: str, release: str, *, language: str, day: date, creditors: frozenset[str] | None
    ) -> Document:
        """The internal policy of one campaign, with the rules of a day (R30), for who may know of these creditors."""
        place, item = self.desk.deployment, self.release(campaign, release)
        rules = place.rules
        seen = {name: each for name, each in rules.creditors.items() if creditors is None or name in creditors}
        deployed = Deployed(packs=rules.packs, creditors=seen, rates=rules.rates, texts=place.texts)
        return self.keep(
            ("document", release, language, day, creditors),
            lambda: write_policy_document(deployed, [Chosen(item)], day=day, printed_on=day, language=language),
        )

    # ------------------------------------------------------------------------------------ made behind pages

    def standing(self, campaign: str, creditors: frozenset[str] | None) -> Made | None:
        """Where the cases of a campaign stand, a minute old at most."""
        return self.behind.ask(
            ("standing", campaign, creditors),
            lambda: standing(self.desk.database, campaign, creditors=creditors),
            fresh_for=FRESH_FOR,
        )

    def lint(self, release: str) -> Made | None:
        """The findings of a release under the rules of this process; None while they are being made."""
        settings = self.desk.deployment.settings
        return self.behind.ask(("lint", release), lambda: lint_apart(settings, release_id=release))

    def lint_of_file(self, disk: OnDisk, campaign: str) -> Made | None:
        """The findings of a file of the folder, as it and everything beside it stand now."""
        settings, name = self.desk.deployment.settings, disk.campaigns[campaign].path.stem
        key = ("lint file", self._stamp(), name)
        return self.behind.ask(key, lambda: lint_apart(settings, name=name))

    def on_disk(self) -> Made | None:
        """The files of the folder as they stand now; None while they are being read."""
        return self.behind.ask(("disk", self._stamp()), self._read_disk)

    def _stamp(self) -> int:
        """Another number as soon as a file of campaigns, rules or words has changed."""
        settings = self.desk.deployment.settings
        return hash(tuple(_stamps(settings.campaigns)) + tuple(_stamps(settings.templates)))

    def _read_disk(self) -> OnDisk:
        old = self.desk.deployment
        place = Deployment(old.settings, database=old.database, environ=old.environ)
        found: dict[str, CampaignOnDisk] = {}
        faults: dict[str, tuple[str, ...]] = {}
        for path in place.campaign_files():
            try:
                on_disk = place.campaign(path)
                found[on_disk.campaign.id] = on_disk
            except RelanceError as error:
                each = getattr(error, "errors", None) or (error,)
                faults[path.name] = tuple(str(one) for one in each)
        return OnDisk(place, found, faults)


def _stamps(folder: Path) -> list[tuple[str, int, int]]:
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix in (".yaml", ".typ", ".txt", ".html", ".csv"):
            stat = path.stat()
            found.append((str(path), stat.st_mtime_ns, stat.st_size))
    return found


_MAKING = Lock()


def room_of(request: Request) -> Room:
    """The room of this application."""
    state = request.app.state
    with _MAKING:
        if not hasattr(state, "campaign_room"):
            state.campaign_room = Room(state.desk)
    room = state.campaign_room
    assert isinstance(room, Room)  # noqa: S101 - put there above
    return room


def disk_of(made: Made | None) -> OnDisk | None:
    """The files, once they were read."""
    return made.value if made is not None and isinstance(made.value, OnDisk) else None


def current_release(room: Room, campaign: str, creditors: frozenset[str] | None) -> str:
    """The release of a campaign in force, for somebody who sees these creditors. Raises NotFound."""
    with room.desk.database.read() as conn:
        found = [each.id for each in releases.headings(conn, campaign) if each.current_since is not None]
    if not found or not is_for(room.shown(campaign, found[0]).campaign, creditors):
        raise NotFound("no campaign in force has this name")
    return found[0]
