"""Every scenario beside this file, played by the packs that are shipped. README.md says how to write one."""

from collections import Counter
from pathlib import Path

import pytest

from orchestrator.domain.money import Money
from tests.scenarios.scenario_file import Placed, placed_tries
from tests.scenarios.scenario_play import Played, play

HERE = Path(__file__).parent
TRIES = [placed for path in sorted(HERE.glob("*.yaml")) for placed in placed_tries(path)]


@pytest.mark.parametrize("placed", TRIES, ids=lambda placed: f"{placed.where}-{placed.scenario.rule}")
def test_a_wish_meets_the_law(placed: Placed) -> None:
    scenario, attempt = placed.scenario, placed.attempt
    played = play(scenario, attempt)
    rule = attempt.because or scenario.rule
    assert (played.outcome, played.until) == (attempt.expect, attempt.until), _told(placed, played)
    if attempt.expect == "allowed":
        assert rule in played.in_force, _told(placed, played)
    else:
        assert rule in played.spoke, _told(placed, played)
    assert not played.spoke & set(attempt.not_because), _told(placed, played)
    if attempt.noted is not None:
        assert (rule in played.noted) is attempt.noted, _told(placed, played)
    if attempt.task is not None:
        assert attempt.task in played.tasks, _told(placed, played)
    if attempt.task_due is not None:
        assert played.tasks[attempt.task or ""] == attempt.task_due, _told(placed, played)
    assert attempt.no_task not in played.tasks, _told(placed, played)
    _check_sums(placed, played)


def _check_sums(placed: Placed, played: Played) -> None:
    attempt, statement = placed.attempt, played.statement
    if attempt.lines is None and attempt.total is None and not (attempt.no_lines or attempt.missing):
        return
    assert statement is not None, _told(placed, played)
    cents: Counter[str] = Counter()
    for line in statement.statutory:
        cents[line.kind] += line.amount_cents
    found = {kind: Money(amount, statement.currency) for kind, amount in cents.items()}
    assert not found.keys() & set(attempt.no_lines), (found, placed.where)
    assert all(line.legal_basis or line.basis for line in statement.statutory), placed.where
    assert set(attempt.missing) <= set(statement.missing), (statement.missing, placed.where)
    for kind, amount in (attempt.lines or {}).items():
        assert found.get(kind) == amount, (kind, found, placed.where)
    if attempt.total is not None:
        assert Money(statement.total_cents, statement.currency) == attempt.total, placed.where


def _told(placed: Placed, played: Played) -> str:
    against = ", ".join(sorted(played.spoke)) or "nothing"
    return (
        f"{placed.where}: {placed.scenario.says}: {played.outcome} {played.until or ''}"
        f" under {played.pack or 'no pack'}; against it: {against}; asked: {', '.join(sorted(played.tasks))}"
    )
