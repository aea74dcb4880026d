"""What a reminder may announce as collection cost where a law fixes it: Belgium and the Netherlands. Claims nothing.

Minor units of euros. Both scales go by slices, like an income tax.
"""

# Besluit vergoeding voor buitengerechtelijke incassokosten: percent of each slice; at least 40 EUR, at most 6,775 EUR.
_DUTCH = ((250_000, 1_500), (500_000, 1_000), (1_000_000, 500), (20_000_000, 100))
_DUTCH_BEYOND = 50
_DUTCH_BOUNDS = (4_000, 677_500)
# Code of economic law XIX.4: up to 150 EUR, up to 500 EUR, beyond; at most 2,000 EUR.
_BELGIAN_SMALL, _BELGIAN_MIDDLE, _BELGIAN_MOST = 15_000, 50_000, 200_000


def dutch_cost_cents(principal_cents: int) -> int:
    """The collection cost that a consumer in the Netherlands owes once the fourteen days are over, without VAT."""
    cost, floor = 0, 0
    for top, rate in _DUTCH:
        cost += max(min(principal_cents, top) - floor, 0) * rate
        floor = top
    cost += max(principal_cents - floor, 0) * _DUTCH_BEYOND
    least, most = _DUTCH_BOUNDS
    return 0 if principal_cents <= 0 else min(max(_rounded(cost), least), most)


def belgian_indemnity_cents(open_cents: int) -> int:
    """The most that a clause may ask of a consumer in Belgium once the fourteen days are over."""
    if open_cents <= 0:
        return 0
    if open_cents <= _BELGIAN_SMALL:
        return 2_000
    if open_cents <= _BELGIAN_MIDDLE:
        return 3_000 + _rounded((open_cents - _BELGIAN_SMALL) * 1_000)
    return min(6_500 + _rounded((open_cents - _BELGIAN_MIDDLE) * 500), _BELGIAN_MOST)


def _rounded(cents_at_ten_thousandths: int) -> int:
    """Half a cent goes up."""
    return (cents_at_ten_thousandths + 5_000) // 10_000
