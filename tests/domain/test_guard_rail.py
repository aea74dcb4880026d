"""Guard-rails: which rate is too much (PLT-08), over which campaign or lane, and how it is said."""

import pytest

from orchestrator.domain.campaign import Guard
from orchestrator.domain.duration import Duration
from orchestrator.domain.guard_rail import LANE_GUARDS, Measure, Rail, in_words, measure, rails, trips
from orchestrator.domain.lane import SANDBOX_LANES
from orchestrator.domain.meter import Metric, Tally
from tests.builders import a_campaign

BOUNCES = Guard("bounce_rate", 80.0, Duration.parse("1h"), 100, "pause")


@pytest.mark.parametrize(
    "left, number, expected",
    [(100, 8, False), (100, 9, True), (99, 99, False), (1000, 80, False), (1000, 81, True), (0, 5, False)],
)
def test_it_trips_above_its_rate_and_not_below_its_volume(left: int, number: int, expected: bool) -> None:
    assert trips(BOUNCES, Measure(left, number)) is expected


def test_a_minimum_of_nothing_still_needs_a_message() -> None:
    assert not trips(Guard("bounce_rate", 0.0, Duration.parse("1h"), 0, "pause"), Measure(0, 3))


def test_the_figures_are_said_in_words() -> None:
    said = in_words(BOUNCES, Measure(104, 13))
    assert said == "bounces: 13 of 104 messages (12.5 %) within 1h, more than 8 %"
    complaints = Guard("complaint_rate", 3.0, Duration.parse("1d"), 200, "pause")
    assert in_words(complaints, Measure(1000, 4)).endswith("(0.4 %) within 1d, more than 0.3 %")


def test_a_campaign_is_measured_over_its_lanes_and_a_lane_over_its_campaigns() -> None:
    sums = Tally(
        {
            ("b2c", "sms-1", Metric.LEFT): 10,
            ("b2c", "mail-1", Metric.LEFT): 20,
            ("b2b", "sms-1", Metric.LEFT): 40,
            ("b2c", "sms-1", Metric.BOUNCED): 1,
            ("b2c", "mail-1", Metric.BOUNCED): 2,
            ("b2b", "sms-1", Metric.BOUNCED): 4,
            ("b2c", "sms-1", Metric.COMPLAINED): 100,
        }
    )
    assert measure(Rail(guard=BOUNCES, campaign="b2c"), sums) == Measure(30, 3)
    assert measure(Rail(guard=BOUNCES, lane="sms-1"), sums) == Measure(50, 5)


def test_each_campaign_has_its_guards_and_each_lane_the_common_ones() -> None:
    uncounted = Guard("wrong_reminder_rate", 20.0, Duration.parse("7d"), 20, "pause")
    found = rails([a_campaign(guards=(BOUNCES, uncounted))], SANDBOX_LANES)
    assert [rail.name for rail in found if rail.campaign] == ["guard-b2c-bounce_rate-1h"]
    assert {rail.lane for rail in found if rail.lane} == {lane.id for lane in SANDBOX_LANES}
    assert len(found) == 1 + len(SANDBOX_LANES) * len(LANE_GUARDS)


def test_lanes_pause_for_bounces_failures_and_complaints() -> None:
    assert {guard.metric for guard in LANE_GUARDS} == {"bounce_rate", "undelivered_rate", "complaint_rate"}
    assert all(guard.do == "pause" for guard in LANE_GUARDS)
