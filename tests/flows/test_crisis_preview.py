"""What a crisis would change, before it starts (R7): a sample decided with it and without, and nothing stored."""

from datetime import timedelta
from itertools import count

import pytest

from orchestrator.domain.condition import ALWAYS, OneOf, StartsWith
from orchestrator.domain.interruption import Crisis
from orchestrator.flows.crisis_preview import CrisisPreview, preview_crisis
from orchestrator.flows.overlay_crisis import start_crisis
from orchestrator.storage import cases
from tests.flows.conftest import TUESDAY, World, row


def of_crisis(**changes: object) -> Crisis:
    fields = {"id": "flood", "title": "Inondations", "scope": ALWAYS, "from_on": TUESDAY.date(), **changes}
    return Crisis(**fields)  # type: ignore[arg-type]  # fields of a test's choice


def preview(world: World, crisis: Crisis, **bounds: object) -> CrisisPreview:
    return preview_crisis(world.database, world.strategy(), crisis, now=TUESDAY, seconds=60.0, **bounds)  # type: ignore[arg-type]  # bounds of a test


@pytest.fixture
def reminded(world: World) -> World:
    """Two debtors, one of them in Pas-de-Calais, whose first reminder left a moment ago: the second is days away."""
    other = row("F-2", debtor="C-2", phone="+33644631202").replace("Jeanne", "Anne").replace("75001", "62100")
    world.load(row(), other)
    world.advance()
    assert world.dispatch(now=TUESDAY).left == 2
    return world


def test_a_longer_wait_delays_the_next_messages(reminded: World) -> None:
    plain = preview(reminded, of_crisis())
    assert (plain.candidates, plain.looked, plain.in_scope) == (2, 2, 2)
    assert plain.month == 2
    assert (plain.month_later, plain.days_later, plain.softer, plain.skipped, plain.offered) == (0, 0, 0, 0, 0)
    slow = preview(reminded, of_crisis(stretch=2))
    assert (slow.month, slow.month_later) == (2, 2)
    assert slow.days_later > 3


def test_only_its_scope_is_counted(reminded: World) -> None:
    seen = preview(reminded, of_crisis(scope=StartsWith("postcode", ("62",)), stretch=2))
    assert (seen.looked, seen.in_scope, seen.month_later) == (2, 1, 1)
    assert seen.expected_in_scope == 1
    assert preview(reminded, of_crisis(scope=OneOf("creditor", frozenset({"another"})))).candidates == 0


def test_softer_voices_and_offers_are_counted(reminded: World) -> None:
    seen = preview(reminded, of_crisis(soften=1, offer=("settlement",)))
    assert (seen.softer, seen.offered) == (2, 2)


def test_a_step_that_it_skips_waits_for_its_end(reminded: World) -> None:
    (upcoming,) = {case.campaign for case in reminded.cases()}
    campaign = next(each for each in reminded.strategy().campaigns if each.id == upcoming)
    steps = tuple(f"{campaign.id}/{step.id}" for step in campaign.steps)
    seen = preview(reminded, of_crisis(skip=steps, to_on=TUESDAY.date() + timedelta(days=90)))
    assert (seen.skipped, seen.never) == (2, 2)
    assert seen.month_later == 2


def test_the_end_of_a_crisis_in_force_is_told_as_what_comes_sooner(reminded: World) -> None:
    slow = of_crisis(stretch=2)
    before = preview(reminded, slow)
    assert before.first_at is not None
    assert before.first_at > TUESDAY + timedelta(days=3)
    assert before.day_later == 0
    start_crisis(reminded.database, slow, now=TUESDAY)
    assert preview(reminded, slow) == before, "in force, it is compared with its end"


def test_a_crisis_that_ends_before_the_next_message_changes_nothing(reminded: World) -> None:
    seen = preview(reminded, of_crisis(soften=2, to_on=TUESDAY.date()))
    assert (seen.month, seen.softer) == (2, 0)


def test_who_sees_one_creditor_is_told_of_theirs(reminded: World) -> None:
    assert preview(reminded, of_crisis(), creditors=frozenset({"another"})).looked == 0
    assert preview(reminded, of_crisis(), creditors=frozenset({"acme-telecom"})).looked == 2


def test_it_looks_at_no_more_than_time_allows(reminded: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orchestrator.flows.crisis_preview._PAGE", 1)
    ticking = count()
    crisis = of_crisis(stretch=2)
    clock = lambda: float(next(ticking))  # noqa: E731 - a clock in one word
    cut = preview_crisis(reminded.database, reminded.strategy(), crisis, now=TUESDAY, seconds=0.5, clock=clock)
    assert (cut.candidates, cut.looked) == (2, 1)


def test_nothing_is_stored(reminded: World) -> None:
    with reminded.database.read() as conn:
        before = cases.versions(conn, [case.id for case in reminded.cases()])
    preview(reminded, of_crisis(stretch=3, soften=1))
    with reminded.database.read() as conn:
        assert cases.versions(conn, before) == before
