"""What the tests of campaign files share: where the files stand, and a catalogue of templates as intake needs it."""

from pathlib import Path

import msgspec

from channels.contract import Channel
from orchestrator.domain.campaign import DocumentKind, Purpose
from orchestrator.intake.campaigns.campaign_yaml import CampaignFile, load_campaign_file
from orchestrator.intake.strict_yaml.source import FileErrors, parse, read

ROOT = Path(__file__).parents[3]
SHIPPED = sorted(path for path in (ROOT / "campaigns").glob("*.yaml") if "." not in path.stem)
EXAMPLE = Path(__file__).with_name("campaign_example.yaml")
EXAMPLE_TEXT = EXAMPLE.read_text("utf-8")

_EVERYWHERE = frozenset(Channel)
_BY_LETTER = frozenset({Channel.LETTER})


class Template(msgspec.Struct, frozen=True):
    """A template as a campaign sees it."""

    kind: DocumentKind
    purpose: Purpose = Purpose.DEMAND
    channels: frozenset[Channel] = _EVERYWHERE
    requires: tuple[str, ...] = ()


TEMPLATES = {
    "upcoming": Template(DocumentKind.UPCOMING),
    "reminder": Template(DocumentKind.REMINDER),
    "last-reminder": Template(DocumentKind.LAST_REMINDER),
    "restatement": Template(DocumentKind.RESTATEMENT),
    "formal-notice": Template(
        DocumentKind.FORMAL_NOTICE, channels=frozenset({Channel.EMAIL, Channel.LETTER}), requires=("deadline",)
    ),
    "r124-4-letter": Template(DocumentKind.R124_4_LETTER, channels=_BY_LETTER, requires=("creditor_address",)),
    "promise-broken": Template(DocumentKind.PROMISE_BROKEN, requires=("promise_date",)),
    "thanks": Template(DocumentKind.THANKS, Purpose.ANSWER),
    "thanks-remaining": Template(DocumentKind.THANKS, Purpose.ANSWER),
    "listening": Template(DocumentKind.LISTENING, Purpose.ANSWER),
    "answer-dispute": Template(DocumentKind.ANSWER, Purpose.ANSWER),
    "already-paid-ack": Template(DocumentKind.ANSWER, Purpose.ANSWER),
    "deferral-granted": Template(DocumentKind.ANSWER, Purpose.ANSWER, requires=("deadline",)),
    "energy-first-letter": Template(DocumentKind.ENERGY_FIRST_LETTER, Purpose.DEMAND),
    "energy-second-letter": Template(DocumentKind.ENERGY_SECOND_LETTER, Purpose.DEMAND),
    "plan-proposed": Template(DocumentKind.ANSWER, Purpose.ANSWER),
}


def load(path: Path) -> CampaignFile:
    """A campaign file with the catalogue above."""
    return load_campaign_file(read(path), templates=TEMPLATES)


def load_text(text: str) -> CampaignFile:
    """A campaign text, named c.yaml, with the catalogue above."""
    return load_campaign_file(parse(text, name="c.yaml"), templates=TEMPLATES)


def edited(*edits: tuple[str, str]) -> str:
    """The example with the first occurrence of each text replaced; fails when there is none."""
    text = EXAMPLE_TEXT
    for before, after in edits:
        assert before in text, f"the example holds no {before!r}"
        text = text.replace(before, after, 1)
    return text


def refusals(text: str) -> list[str]:
    """What is said of a text that must be refused, one line per fault."""
    try:
        load_text(text)
    except FileErrors as error:
        return [str(each) for each in error.errors]
    raise AssertionError("the file was accepted")
