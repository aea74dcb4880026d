"""`GET /campaigns`: what is released and in force, and how many cases follow it."""

from datetime import datetime

from fastapi import APIRouter

from orchestrator.domain.campaign import Campaign
from orchestrator.storage import cases, releases
from orchestrator.web.api.shapes import Given
from orchestrator.web.auth import needs
from orchestrator.web.desk import AtDesk

router = APIRouter(prefix="/campaigns", tags=["campaigns"], dependencies=[needs("viewer", "campaigns:read")])


class CampaignOut(Given):
    """A campaign as released; `cases` counts those that follow any release of it, by state."""

    id: str
    title: str
    release: str
    released_at: datetime
    released_by: str
    mode: str
    priority: int
    policy: str
    steps: tuple[str, ...]
    cases: dict[str, int]


class CampaignsOut(Given):
    """All campaigns in force."""

    campaigns: tuple[CampaignOut, ...]


@router.get("")
def list_campaigns(desk: AtDesk) -> CampaignsOut:
    """The current release of each campaign."""
    in_force = {campaign.id: campaign for campaign in desk.strategy().campaigns}
    with desk.database.read() as conn:
        current = releases.current(conn)
        counts = cases.count_by_state(conn)
    followed: dict[str, dict[str, int]] = {}
    for count in counts:
        states = followed.setdefault(count.campaign, {})
        states[count.state] = states.get(count.state, 0) + count.count
    return CampaignsOut(
        campaigns=tuple(
            _campaign(in_force[name], release, followed.get(name, {}))
            for name, release in sorted(current.items())
            if name in in_force
        )
    )


def _campaign(campaign: Campaign, release: releases.Release, followed: dict[str, int]) -> CampaignOut:
    return CampaignOut(
        id=campaign.id,
        title=campaign.title,
        release=release.id,
        released_at=release.released_at,
        released_by=release.released_by,
        mode=campaign.mode.value,
        priority=campaign.priority,
        policy=campaign.policy,
        steps=tuple(step.id for step in campaign.steps),
        cases=followed,
    )
