"""Laws of every life (R18, R21): random histories over 120 days, judged by an oracle of its own."""

from datetime import timedelta

import msgspec
from hypothesis import given
from msgspec.structs import replace

from orchestrator.domain.case import Case
from orchestrator.domain.decision import Decision
from orchestrator.domain.walk import walk
from tests.domain.effort import examples
from tests.domain.histories import DAYS, START, World, worlds
from tests.domain.lives import live
from tests.domain.oracle import faults_of


@given(worlds())
@examples(120)
def test_no_life_breaks_a_law(world: World) -> None:
    """Hours, caps, holds, voices, gaps, reasons, sums; and every life ends."""
    assert faults_of(live(world)) == []


@given(worlds())
@examples(25)
def test_the_same_life_is_lived_twice(world: World) -> None:
    assert live(world).moments == live(world).moments


@given(worlds())
@examples(25)
def test_every_state_and_decision_survives_its_json(world: World) -> None:
    for moment in live(world).moments:
        assert msgspec.json.decode(msgspec.json.encode(moment.case), type=Case) == moment.case
        assert msgspec.json.decode(msgspec.json.encode(moment.decision), type=Decision) == moment.decision


@given(worlds())
@examples(25)
def test_a_fact_told_twice_in_the_middle_of_a_life_changes_nothing(world: World) -> None:
    doubled = replace(world, facts=tuple(fact for each in world.facts for fact in (each, each)))
    assert live(doubled).moments == live(world).moments


@given(worlds())
@examples(25)
def test_a_walk_is_a_life_in_which_nobody_answers(world: World) -> None:
    alone = replace(world, answers=(), receipts=())
    end = START + timedelta(days=DAYS)
    walked = walk(world.case, world.campaigns, world.book, world.context, start=START, end=end, facts=world.facts)
    assert list(walked) == live(alone).moments
