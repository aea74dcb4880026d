"""What the labelled texts say of the reader: its table in every run, floors under it, and what may never fail."""

import pytest

from orchestrator.domain.reply import Intent
from tests.intake.replies.corpus import HELD_OUT, examples, outcomes
from tests.intake.replies.table import exact_share, score, table, total

# Recall and precision below which a change is a loss. Measured values are in docs/replies.md.
_FLOOR = 0.90
_FLOORS = {Intent.OTHER: (0.85, 0.80), Intent.STOP: (1.0, 0.93), Intent.DISTRESS: (0.97, 0.93)}


def test_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print(f"\n{table(outcomes())}")  # noqa: T201 - the table is shown in every run on purpose
    assert len(examples()) >= 570
    assert sum(example.part != HELD_OUT for example in examples()) >= 450


def test_the_corpus_is_balanced() -> None:
    for intent in Intent:
        held = [example for example in examples() if intent in example.expected]
        assert len(held) >= 9, intent
        assert {example.language for example in held} == {"fr", "en"}, intent
    assert sum(example.language == "en" for example in examples()) >= len(examples()) * 0.35


@pytest.mark.parametrize("intent", Intent)
def test_an_intent_is_read_no_worse_than_before(intent: Intent) -> None:
    recall, precision = _FLOORS.get(intent, (_FLOOR, _FLOOR))
    one = score(intent, outcomes())
    assert one.recall >= recall
    assert one.precision >= precision


def test_what_acts_by_itself_is_nearly_always_right() -> None:
    assert total(outcomes()).certain_precision >= 0.98


def test_a_stop_is_never_missed() -> None:
    missed = [
        each.example.text
        for each in outcomes()
        if "stop" in each.example.expected and not each.reading.find(Intent.STOP)
    ]
    assert missed == []


def test_a_danger_is_never_missed() -> None:
    missed = []
    for each in outcomes():
        if any(label.is_danger for label in each.example.labels):
            found = each.reading.find(Intent.DISTRESS)
            if found is None or not found.is_danger:
                missed.append(each.example.text)
    assert missed == []


def test_no_danger_is_read_where_there_is_none() -> None:
    labelled = {id(each) for each in outcomes() if any(label.is_danger for label in each.example.labels)}
    wrong = [
        each.example.text
        for each in outcomes()
        if id(each) not in labelled and any(f.is_danger for f in each.reading.findings)
    ]
    assert wrong == []


@pytest.mark.parametrize("name", ["on", "amount_cents"])
def test_days_and_sums_are_exact(name: str) -> None:
    assert exact_share(name, outcomes()) >= 0.95


def test_the_evidence_is_what_was_written() -> None:
    for each in outcomes():
        whole = f"{each.example.subject}\n\n{each.example.text}"
        for found in each.reading.findings:
            assert found.evidence in whole
            assert found.evidence or not each.reading.words
            assert 0 <= found.confidence <= 100
