"""Texts of people who had never seen the program: no stop, danger or death is missed, and few are read where none is.

What was measured on first sight stands in docs/replies.md; these are the same texts after the reader was mended.
"""

import pytest

from channels.contract import Channel
from orchestrator.domain.reply import Intent
from tests.intake.replies.corpus import Outcome, blind_outcomes
from tests.intake.replies.table import total

_GRAVE = ("stop", "danger", "deceased")


def _is_said(grave: str, outcome: Outcome) -> bool:
    """Whether the labels hold it."""
    return any(each.is_danger if grave == "danger" else each.intent == grave for each in outcome.example.labels)


def _is_read(grave: str, outcome: Outcome) -> bool:
    return any(each.is_danger if grave == "danger" else each.intent == grave for each in outcome.reading.findings)


@pytest.mark.parametrize("grave", _GRAVE)
def test_what_may_not_be_missed_is_not_missed(grave: str) -> None:
    said = [each for each in blind_outcomes() if _is_said(grave, each)]
    assert len(said) >= 60
    assert [each.example.text for each in said if not _is_read(grave, each)] == []


@pytest.mark.parametrize("grave, most", [("stop", 3.0), ("danger", 1.0), ("deceased", 2.0)])
def test_few_are_read_where_there_is_none(grave: str, most: float) -> None:
    """At most so many of a hundred other texts: the price of missing none."""
    others = [each for each in blind_outcomes() if not _is_said(grave, each)]
    wrong = [each.example.text for each in others if _is_read(grave, each)]
    assert len(wrong) * 100 / len(others) <= most, wrong


@pytest.mark.parametrize("channel", [Channel.SMS, Channel.EMAIL])
def test_capitals_and_a_greeting_hide_nothing(channel: Channel) -> None:
    for grave in _GRAVE:
        for each in blind_outcomes():
            if _is_said(grave, each) and each.example.channel is channel:
                text = f"BONJOUR,\n{each.example.text.upper()}"
                assert _is_read(grave, Outcome(each.example, each.example.read(text))), text


@pytest.mark.parametrize("part, found, right", [("all_1", 0.9, 0.85), ("all_2", 0.38, 0.7)])
def test_the_other_intents_are_read_no_worse_than_before(part: str, found: float, right: float) -> None:
    score = total([each for each in blind_outcomes() if each.example.part == f"blind_{part}"])
    assert score.recall >= found
    assert score.precision >= right


def test_nothing_that_a_net_holds_is_certain() -> None:
    """Below the certainty from which a danger is more than a doubt, a person reads every one."""
    for each in blind_outcomes():
        for finding in each.reading.findings:
            assert 0 <= finding.confidence <= 100
            assert finding.evidence in each.example.text
            if finding.intent is Intent.DISTRESS and finding.is_danger:
                assert finding.confidence in (55, 95)
