"""What a campaign is and has been: its releases, what changed from one to the next, and who stands where in it.

Reads only. `creditors` None means all of them; a campaign for other creditors alone is not found.
"""

import difflib
from collections.abc import Iterator, Mapping
from datetime import datetime

import msgspec

from orchestrator.domain.campaign import Campaign
from orchestrator.domain.case import CaseState
from orchestrator.domain.errors import NotFound
from orchestrator.flows.release_campaign import CAMPAIGN_FILE
from orchestrator.storage import campaign_counts, releases
from orchestrator.storage.database import Database
from orchestrator.storage.releases import Release

# Lines around a change that help to find it.
_AROUND = 3


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """A release in the history of its campaign. `before` is the one that it came after, "" for the first."""

    id: str
    released_at: datetime
    released_by: str
    current_since: datetime | None
    set_by: str
    before: str = ""

    @property
    def is_current(self) -> bool:
        """Whether new cases follow it."""
        return self.current_since is not None


class DiffLine(msgspec.Struct, frozen=True):
    """A line of a comparison: `kind` is added, removed, same, or gap, where lines alike are left out."""

    kind: str
    text: str


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What changes from one release to the next: the campaign's own file line by line, and the words beside it."""

    lines: tuple[DiffLine, ...]
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether they are the same."""
        return not (self.lines or self.added or self.changed or self.removed)


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """Where the cases of a campaign stand: by release and state; open tasks by step and kind; what waits to leave.

    `reached` are its open cases by the last step that left, None while no figures were ever made; `results` is what
    each step brought.
    """

    reached: tuple[campaign_counts.Reached, ...] | None
    followed: tuple[campaign_counts.Followed, ...]
    asked: tuple[campaign_counts.Asked, ...]
    planned: tuple[campaign_counts.Planned, ...]
    results: tuple[campaign_counts.Result, ...] = ()

    @property
    def open_by_release(self) -> dict[str, int]:
        """{release: open cases}."""
        return {each.release: each.count for each in self.followed if each.state == CaseState.OPEN}

    @property
    def closed_by_release(self) -> dict[str, int]:
        """{release: cases that are open no more}."""
        ended: dict[str, int] = {}
        for each in self.followed:
            if each.state != CaseState.OPEN:
                ended[each.release] = ended.get(each.release, 0) + each.count
        return ended


def is_for(campaign: Campaign, creditors: frozenset[str] | None) -> bool:
    """Whether a campaign may take cases of one of these creditors."""
    return creditors is None or campaign.creditors is None or not creditors.isdisjoint(campaign.creditors)


def versions(database: Database, campaign: str) -> tuple[Version, ...]:
    """Every release of a campaign, the latest first."""
    with database.read() as conn:
        found = releases.headings(conn, campaign)
    earlier = [each.id for each in found[1:]]
    return tuple(
        Version(
            id=each.id,
            released_at=each.released_at,
            released_by=each.released_by,
            current_since=each.current_since,
            set_by=each.set_by,
            before=before,
        )
        for each, before in zip(found, (*earlier, ""), strict=False)
    )


def find_release(database: Database, campaign: str, release: str) -> Release:
    """A release of a campaign with its files. Raises NotFound."""
    with database.read() as conn:
        found = releases.load(conn, [release]).get(release)
    if found is None or found.campaign != campaign:
        raise NotFound("this campaign has no such version", hint="its page lists them")
    return found


def compare_files(before: Mapping[str, str], after: Mapping[str, str]) -> Change:
    """What changes between two sets of files, each the campaign's own under `campaign.yaml` and its words by path."""
    words = sorted((before.keys() | after.keys()) - {CAMPAIGN_FILE})
    return Change(
        lines=tuple(_lines(before.get(CAMPAIGN_FILE, ""), after.get(CAMPAIGN_FILE, ""))),
        added=tuple(path for path in words if path not in before),
        changed=tuple(path for path in words if path in before and path in after and before[path] != after[path]),
        removed=tuple(path for path in words if path not in after),
    )


def compare_text(before: str, after: str) -> tuple[DiffLine, ...]:
    """What changes between two texts, line by line."""
    return tuple(_lines(before, after))


def _lines(before: str, after: str) -> Iterator[DiffLine]:
    told = difflib.unified_diff(before.splitlines(), after.splitlines(), n=_AROUND, lineterm="")
    kinds = {"+": "added", "-": "removed", " ": "same"}
    for place, line in enumerate(told):
        if place < 2:  # the names of two files
            continue
        if line.startswith("@@"):
            yield DiffLine("gap", line.strip("@ "))
        else:
            yield DiffLine(kinds[line[:1]], line[1:])


def standing(database: Database, campaign: str, *, creditors: frozenset[str] | None) -> Standing:
    """Where its cases stand now. Walks every case of the campaign: a second for a hundred thousand."""
    with database.read() as conn:
        reached = campaign_counts.reached(conn, campaign, creditors=creditors)
        return Standing(
            reached=None if reached is None else tuple(reached),
            followed=tuple(campaign_counts.by_release(conn, campaign, creditors=creditors)),
            asked=tuple(campaign_counts.asked(conn, campaign, creditors=creditors)),
            results=tuple(campaign_counts.results(conn, campaign, creditors=creditors)),
            planned=tuple(campaign_counts.planned(conn, campaign, creditors=creditors)),
        )
