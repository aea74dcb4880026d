"""Crises from files: the example read whole, each mistake at its place."""

from datetime import date
from pathlib import Path

import msgspec
import pytest

from orchestrator.domain.condition import Every, Is, OneOf, StartsWith
from orchestrator.domain.interruption import Crisis
from orchestrator.intake.crisis_yaml import crisis_of, load_crisis
from orchestrator.intake.strict_yaml.source import FileErrors, parse

SHIPPED = Path(__file__).resolve().parents[2] / "campaigns" / "crises" / "spring-floods.yaml"
UNKNOWN = "is not a kind of document, hand_over or campaign/step"
SMALL = "crisis: x\ntitle: X\nscope: {all: yes}\nfrom: 2026-03-02\n"


def crisis(text: str) -> Crisis:
    return crisis_of(parse(text, name="x.yaml"))


def test_the_shipped_crisis_is_read_whole() -> None:
    assert load_crisis(SHIPPED) == Crisis(
        id="spring-floods",
        title="Inondations, Pas-de-Calais",
        scope=Every((OneOf("debtor", frozenset({"individual"})), StartsWith("postcode", ("62",)))),
        from_on=date(2026, 3, 2),
        to_on=date(2026, 4, 30),
        stretch=2,
        soften=1,
        offer=("deferral", "plan"),
        skip=("formal_notice", "hand_over"),
        reason="Décision du comité de crise du 2 mars",
    )


def test_a_crisis_may_have_no_end_yet_and_concern_everyone() -> None:
    found = crisis(SMALL)
    assert (found.scope, found.to_on, found.stretch, found.soften) == (Is("all", True), None, 1, 0)


def test_a_crisis_may_last_one_day() -> None:
    assert crisis(SMALL + "to: 2026-03-02\n").to_on == date(2026, 3, 2)


def test_one_step_of_one_campaign_may_wait() -> None:
    assert crisis(SMALL + "skip: b2c-small/formal-notice\n").skip == ("b2c-small/formal-notice",)


def test_a_crisis_is_the_same_after_it_was_stored() -> None:
    found = load_crisis(SHIPPED)
    assert msgspec.json.decode(msgspec.json.encode(found), type=Crisis) == found


@pytest.mark.parametrize(
    "text, sentence",
    [
        (SMALL + "to: 2026-03-01\n", "x.yaml:5:5: to: the crisis ends before it begins (check from: and to:)"),
        (SMALL + "stretch: 0\n",
         "x.yaml:5:10: stretch: found 0, expected at least 1 (how many times as long waits take)"),
        (SMALL + "stretch: 1.5\n",
         'x.yaml:5:10: stretch: found "1.5", expected a whole number (how many times as long waits take)'),
        (SMALL + "soften: 9\n",
         "x.yaml:5:9: soften: found 9, expected at most 3 (how many degrees softer the voice is)"),
        (SMALL + "offer: [plans]\n",
         'x.yaml:5:9: offer[0]: "plans" is not one of promise, plan, deferral, settlement (did you mean "plan"?)'),
        (SMALL + "skip: [formal-notice]\n",
         f'x.yaml:5:8: skip[0]: "formal-notice" {UNKNOWN} (did you mean "formal_notice"?)'),
        (SMALL.replace("{all: yes}", "{}"),
         "x.yaml:3:8: scope: the condition is empty (write {all: yes} for everything, or name a term)"),
        (SMALL.replace("scope: {all: yes}\n", ""),
         "x.yaml:1:1: scope: this key is missing (whom it concerns; {all: yes} for everyone)"),
        (SMALL.replace("{all: yes}", "{postcodes: [62]}"),
         'x.yaml:3:9: scope.postcodes: this key is not known (did you mean "postcode"?)'),
        (SMALL.replace("2026-03-02", "02/03/2026"),
         'x.yaml:4:7: from: "02/03/2026" is not a date (write it like 2026-01-31)'),
        (SMALL.replace("from", "since"), "x.yaml:1:1: from: this key is missing (its first day)"),
    ],
)  # fmt: skip
def test_each_mistake_is_told_at_its_place(text: str, sentence: str) -> None:
    with pytest.raises(FileErrors) as caught:
        crisis(text)
    assert str(caught.value.errors[0]) == sentence
