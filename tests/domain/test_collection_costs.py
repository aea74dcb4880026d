"""What Belgian and Dutch law let a reminder announce, at the edges of their scales."""

import pytest

from orchestrator.domain.collection_costs import belgian_indemnity_cents, dutch_cost_cents


@pytest.mark.parametrize(
    "principal,cost",
    [(0, 0), (1, 4_000), (26_600, 4_000), (26_700, 4_005), (250_000, 37_500), (500_000, 62_500), (1_000_000, 87_500),
     (20_000_000, 277_500), (1_000_000_000, 677_500)],
)  # fmt: skip
def test_the_dutch_scale(principal: int, cost: int) -> None:
    """Besluit vergoeding voor buitengerechtelijke incassokosten: 15, 10, 5, 1 and 0.5 percent, by slices."""
    assert dutch_cost_cents(principal) == cost


@pytest.mark.parametrize(
    "left,indemnity",
    [(0, 0), (1, 2_000), (15_000, 2_000), (15_010, 3_001), (50_000, 6_500), (60_000, 7_000), (100_000_000, 200_000)],
)
def test_the_belgian_ceilings(left: int, indemnity: int) -> None:
    """Code of economic law XIX.4: 20; 30 and 10 percent above 150; 65 and 5 percent above 500; at most 2,000 EUR."""
    assert belgian_indemnity_cents(left) == indemnity
