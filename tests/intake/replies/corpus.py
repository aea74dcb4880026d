"""The labelled texts: how they are written in `corpus/*.yaml`, and what reading them gives. Judges nothing."""

import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from ruamel.yaml import YAML

from channels.contract import Channel
from orchestrator.domain.reply import Finding, Intent, Reading
from orchestrator.intake.replies.reader import read_reply

HERE = Path(__file__).parent / "corpus"
HELD_OUT = "held_out"
_BLIND = "blind_"  # files written by people who had never seen the program


_BLIND_DAY = date(2026, 3, 10)


class Label(msgspec.Struct, frozen=True):
    """One intent that a careful person reads in a text, and what goes with it; None where the text says nothing."""

    intent: Intent
    on: date | None = None
    amount_cents: int | None = None
    is_partial: bool = False
    is_danger: bool = False
    is_resume: bool = False


class Example(msgspec.Struct, frozen=True):
    """A text with its labels. `may` are readings that another careful person would make: neither right nor wrong."""

    part: str
    text: str
    language: str
    channel: Channel
    today: date
    labels: tuple[Label, ...]
    may: tuple[Label, ...] = ()
    subject: str = ""
    is_automatic: bool = False

    def read(self, text: str | None = None) -> Reading:
        """The reading of the text, or of a variant of it."""
        return read_reply(
            self.text if text is None else text,
            channel=self.channel,
            today=self.today,
            subject=self.subject,
            is_automatic=self.is_automatic,
        )

    @property
    def expected(self) -> frozenset[Intent]:
        return frozenset(label.intent for label in self.labels)

    @property
    def allowed(self) -> frozenset[Intent]:
        return self.expected | {label.intent for label in self.may}


class Outcome(msgspec.Struct, frozen=True):
    """A text, and what the reader made of it."""

    example: Example
    reading: Reading

    @property
    def faults(self) -> list[str]:
        """Every difference from the labels, in words."""
        found = set(self.reading.intents)
        missed = [f"missed {intent}" for intent in sorted(self.example.expected - found)]
        wrong = [f"read {intent}" for intent in sorted(found - self.example.allowed - {Intent.OTHER})]
        details = [
            f"{name} of {label.intent}: {read} instead of {said}"
            for label, name, said, read in details_of(self)
            if said != read
        ]
        return missed + wrong + details


def details_of(outcome: Outcome) -> Iterator[tuple[Label, str, object, object]]:
    """Label, field, expected and read value of every detail that may differ."""
    for label in outcome.example.labels:
        finding = outcome.reading.find(label.intent)
        if finding is None:
            continue
        for name in ("on", "amount_cents", "is_partial", "is_danger", "is_resume"):
            yield label, name, getattr(label, name), _but_allowed(outcome, label, finding, name)


def _but_allowed(outcome: Outcome, label: Label, finding: Finding, name: str) -> object:
    """The value read; the expected one in its place where a second label of the intent allows it."""
    read: object = getattr(finding, name)
    others = [getattr(each, name) for each in outcome.example.may if each.intent is label.intent]
    return getattr(label, name) if read in others else read


@cache
def examples() -> tuple[Example, ...]:
    """Every labelled text, in the order of the files."""
    paths = [path for path in sorted(HERE.glob("*.yaml")) if not path.stem.startswith(_BLIND)]
    return tuple(example for path in paths for example in _of_file(path))


@cache
def blind_outcomes() -> tuple[Outcome, ...]:
    """Every text of those who had never seen the program, read: intents alone are labelled, no days and no sums."""
    paths = sorted(HERE.glob(f"{_BLIND}*.yaml"))
    return tuple(Outcome(example, example.read()) for path in paths for example in _of_blind_file(path))


@cache
def outcomes() -> tuple[Outcome, ...]:
    """Every labelled text, read."""
    return tuple(Outcome(example, example.read()) for example in examples())


def _of_file(path: Path) -> Iterator[Example]:
    written: dict[str, Any] = YAML(typ="safe", pure=True).load(path.read_text("utf-8"))
    for each in written["texts"]:
        language = "fr" if "fr" in each else "en"
        yield Example(
            part=path.stem,
            text=each[language],
            language=language,
            channel=Channel(each.get("channel", written["channel"])),
            today=written["today"],
            labels=_labels(each["is"]),
            may=_labels(each.get("may", "")),
            subject=each.get("subject", ""),
            is_automatic=each.get("auto", False),
        )


def _of_blind_file(path: Path) -> Iterator[Example]:
    written: list[dict[str, Any]] = YAML(typ="safe", pure=True).load(path.read_text("utf-8"))
    for each in written:
        is_danger = "danger" in each["intents"]
        yield Example(
            part=path.stem,
            text=each["text"],
            language=each["lang"],
            channel=Channel(each["channel"]),
            today=_BLIND_DAY,
            labels=tuple(
                Label(Intent(name), is_danger=is_danger and name == Intent.DISTRESS)
                for name in each["intents"]
                if name != "danger"
            ),
        )


def _labels(written: str) -> tuple[Label, ...]:
    return tuple(_label(part.split()) for part in written.split(",") if part.strip())


def _label(words: list[str]) -> Label:
    rest = words[1:]
    on = next((date.fromisoformat(word) for word in rest if re.fullmatch(r"\d{4}-\d\d-\d\d", word)), None)
    money = next((word for word in rest if re.fullmatch(r"\d+\.\d\d", word)), None)
    unknown = [w for w in rest if w not in ("partial", "danger", "resume") and not re.fullmatch(r"[\d.-]+", w)]
    assert not unknown, f"not a word of a label: {unknown}"
    return Label(
        intent=Intent(words[0]),
        on=on,
        amount_cents=int(money.replace(".", "")) if money else None,
        is_partial="partial" in rest,
        is_danger="danger" in rest,
        is_resume="resume" in rest,
    )
