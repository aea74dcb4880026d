"""A stop (PLT-04) and a danger are never missed, on lists of ways to say them; neither is read in what is like them."""

from datetime import date
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from channels.contract import Channel
from orchestrator.domain.reply import Intent, Reading
from orchestrator.intake.replies.reader import read_reply

_LISTS: dict[str, list[str]] = YAML(typ="safe", pure=True).load(
    Path(__file__).with_name("never_missed.yaml").read_text("utf-8")
)


def _read(text: str, channel: Channel = Channel.SMS) -> Reading:
    return read_reply(text, channel=channel, today=date(2026, 3, 10))


@pytest.mark.parametrize("channel", [Channel.SMS, Channel.EMAIL])
def test_a_stop_is_a_stop_by_every_channel(channel: Channel) -> None:
    assert [text for text in _LISTS["stop"] if not _read(text, channel).find(Intent.STOP)] == []
    assert [text for text in _LISTS["stop"] if not _read(text.upper(), channel).find(Intent.STOP)] == []


@pytest.mark.parametrize("channel", [Channel.SMS, Channel.EMAIL])
def test_a_danger_is_a_danger_by_every_channel(channel: Channel) -> None:
    readings = {text: _read(text, channel) for text in _LISTS["danger"]}
    assert [text for text, read in readings.items() if not any(found.is_danger for found in read.findings)] == []
    assert all(read.findings[0].is_danger for read in readings.values()), "the gravest comes first"


def test_neither_is_read_where_neither_is_said() -> None:
    readings = {text: _read(text) for text in _LISTS["neither"]}
    assert [text for text, read in readings.items() if read.find(Intent.STOP)] == []
    assert [text for text, read in readings.items() if any(found.is_danger for found in read.findings)] == []


@pytest.mark.parametrize("kind, is_resume", [("STOP", False), ("START", True)])
def test_what_the_provider_made_of_a_keyword_counts(kind: str, is_resume: bool) -> None:
    reading = read_reply("ok, j'ai payé hier", channel=Channel.SMS, today=date(2026, 3, 10), opt_out_type=kind)
    stop = reading.find(Intent.STOP)
    assert stop is not None
    assert stop.is_resume is is_resume
    assert reading.find(Intent.ALREADY_PAID)
