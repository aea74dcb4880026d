"""The days that the drawing of a campaign shows are those on which its steps come in truth."""

from datetime import date

import pytest

from orchestrator.domain.decision import Ask, Close, HandOver, Send
from orchestrator.domain.place import local_date, place_of
from orchestrator.domain.policy import PolicyBook
from orchestrator.flows.play_campaign_test import moments_of
from orchestrator.rendering.earliest_days import earliest_days
from tests.flows.conftest import shipped_campaign, shipped_content

SHIPPED = (
    "b2b-large", "b2b-small", "b2c-large", "b2c-small", "energy", "subscriptions", "third-party", "third-party-b2b",
)  # fmt: skip
# The longest that hours, holidays and a weekend put a first contact off.
_PUT_OFF_DAYS = 4


def days_played(name: str) -> dict[str, list[int]]:
    """On which days after the origin each step came, over the tests of a campaign's file."""
    campaign, rules = shipped_campaign(name), shipped_content()["rules"]
    last, book = campaign.campaign.steps[-1], PolicyBook(rules.packs)
    found: dict[str, list[int]] = {}
    for test in campaign.file.tests:
        origin: date | None = test.given.due_on if any(step.at for step in campaign.campaign.steps) else None
        for moment in moments_of(test, campaign.campaign, book, rates=rules.rates):
            on, act = local_date(moment.at, place_of("FR", test.given.postcode)), moment.decision.act
            step = act.step if isinstance(act, Send | Ask) else ""
            if isinstance(act, HandOver) or (isinstance(act, Close) and act.outcome == "uneconomic"):
                step = last.id
            if campaign.campaign.step(step):
                origin = origin or on
                found.setdefault(step, []).append((on - origin).days)
    return found


@pytest.mark.parametrize("name", SHIPPED)
def test_no_step_comes_before_its_day_and_most_come_on_it(name: str) -> None:
    campaign, played = shipped_campaign(name).campaign, days_played(name)
    late = []
    for step, drawn in zip(campaign.steps, earliest_days(campaign), strict=True):
        assert drawn.day is not None
        earliest = drawn.day if drawn.if_skipped is None else drawn.if_skipped
        for day in played.get(step.id, []):
            assert day >= earliest, f"{step.id} came on day {day}, and is drawn on {earliest}"
        late.append(min((day - earliest for day in played.get(step.id, [])), default=99))
    assert late[0] <= _PUT_OFF_DAYS
    assert sum(each <= len(late) * _PUT_OFF_DAYS for each in late) >= len(late) // 2
