"""What a letter announces as collection cost is what the packs then compute: two ways to one sum (BE-02, NL-01)."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from orchestrator.domain.amount_rules import ScheduleRule
from orchestrator.domain.collection_costs import belgian_indemnity_cents, dutch_cost_cents
from orchestrator.domain.schedules import scheduled_cents
from orchestrator.intake.policies.policy_yaml import load_packs

PACKS = load_packs(Path(__file__).resolve().parents[3] / "campaigns" / "policies")


def schedule(pack: str, rule_id: str) -> ScheduleRule:
    (rule,) = [rule for rule in PACKS[pack].rules if rule.id == rule_id]
    assert isinstance(rule, ScheduleRule)
    return rule


@pytest.mark.parametrize(
    "pack, rule_id, announced", [("be", "BE-02", belgian_indemnity_cents), ("nl", "NL-01", dutch_cost_cents)]
)
@given(cents=st.integers(1, 30_000_000))
@example(cents=15_000)
@example(cents=15_001)
@example(cents=50_000)
@example(cents=50_001)
@example(cents=250_000)
@example(cents=1_000_001)
@example(cents=20_000_001)
def test_the_sum_announced_is_the_sum_computed(
    pack: str, rule_id: str, announced: Callable[[int], int], cents: int
) -> None:
    assert announced(cents) == scheduled_cents(schedule(pack, rule_id), cents)
