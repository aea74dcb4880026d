"""A campaign file that cannot be used is refused at its place, with what to do (campaign_refusals.yaml)."""

from pathlib import Path
from typing import Any

import pytest

from orchestrator.intake.strict_yaml.source import read
from tests.intake.campaigns.campaign_fixtures import EXAMPLE_TEXT, edited, refusals

CASES: dict[str, list[dict[str, Any]]] = read(Path(__file__).with_name("campaign_refusals.yaml")).data


@pytest.mark.parametrize(
    "case", [pytest.param(case, id=f"{group}-{case['by']}") for group in CASES for case in CASES[group]]
)
def test_a_fault_is_said_at_its_place_with_its_remedy(case: dict[str, Any]) -> None:
    """R1: a lead finds the place and the remedy without a developer."""
    assert refusals(edited((case["replace"], case["by"]))) == case["says"]


def test_every_message_says_what_to_do() -> None:
    for group in CASES.values():
        for case in group:
            for said in case["says"]:
                assert said.endswith(")") or " is not one of " in said, f"no advice in: {said}"


def test_several_faults_are_said_in_the_order_of_the_file() -> None:
    text = edited(("gap: 5d", "gap: 5"), ("voice: courteous", "voice: polite"), ("over: 2 %", "over: 2"))
    places = [said.split(" ", 1)[0] for said in refusals(text)]
    assert places == ["c.yaml:16:6:", "c.yaml:33:39:", "c.yaml:92:34:"]


def test_several_faults_of_sense_are_said_together() -> None:
    text = edited(("template: reminder,", "template: remainder,"), (", approve: {by: admin}}", "}"))
    assert [said.partition(" (")[0] for said in refusals(text)] == [
        "c.yaml:33:22: steps[1].send.template",
        "c.yaml:62:21: steps[5].choose[1].hand_over",
    ]


def test_a_faulty_only_line_is_not_also_called_missing() -> None:
    tail = "[{step: reminder-1}, {none_until: 2026-03-23}]"
    assert len(refusals(edited((tail, "[{step: reminder-1, voice: loud}]")))) == 1


def test_an_empty_file_lists_all_that_a_campaign_needs() -> None:
    missing = [said.split(": ")[1] for said in refusals("creditor: any\n") if "is missing" in said]
    assert missing == ["campaign", "title", "policy", "priority", "audience", "steps"]


def test_a_step_before_the_due_date_comes_before_those_that_follow_another() -> None:
    text = edited(("    after: 13d\n", "    at: due - 2d\n"))
    assert refusals(text)[0].startswith(
        'c.yaml:46:9: steps[3].at ("last-amicable"): a step before the due date comes after one that follows'
    )


def test_a_first_step_may_start_as_the_case_enters() -> None:
    text = edited(("    at: due - 5d\n", "    after: 0d\n"), ("    at: due + 5d\n", "    after: 5d\n"))
    with pytest.raises(AssertionError, match="accepted"):
        refusals(text)


def test_the_example_itself_is_accepted() -> None:
    with pytest.raises(AssertionError, match="accepted"):
        refusals(EXAMPLE_TEXT)


@pytest.mark.parametrize("day", [5, 14, 15])
def test_a_dated_step_is_later_than_the_waits_before_it(day: int) -> None:
    """The steps before it end nominally on day 15: due + 5d, then after: 10d."""
    (said,) = refusals(edited(("    after: 13d\n", f"    at: due + {day}d\n")))
    assert 'this is not later than the step before, "reminder-2"' in said


def test_a_dated_step_may_follow_waits() -> None:
    with pytest.raises(AssertionError, match="accepted"):
        refusals(edited(("    after: 13d\n", "    at: due + 16d\n")))


def test_two_steps_on_one_day_are_refused() -> None:
    (said,) = refusals(edited(("    after: 10d   ", "    at: due + 5d   ")))
    assert said.startswith('c.yaml:41:9: steps[2].at ("reminder-2"): this is not later than the step before')


def test_an_answer_needs_no_deadline_of_the_campaign() -> None:
    """A deferral knows its own date."""
    granted = "deferral.granted: {send: {template: deferral-granted, voice: courteous}}"
    with pytest.raises(AssertionError, match="accepted"):
        refusals(edited(("reactions:   ", f"reactions:\n  {granted}   ")))
