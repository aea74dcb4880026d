"""A row of a debtor abroad becomes a case whose place is right: its zones, its region, the layers of law that bind."""

from pathlib import Path

import pytest

from orchestrator.domain.contact import PointKind
from orchestrator.domain.home import home_of
from tests.intake.ledger.debts_fixtures import accepted


@pytest.mark.parametrize(
    "country, postcode, city, phone, place",
    [
        ("USA", "11201", "Brooklyn", "(718) 867-5309", ("US", "", ("America/New_York",), ("US-NYC",))),
        ("US", "2108", "Boston", "617 867 5309", ("US", "", ("America/New_York",), ("US-MA",))),
        ("US", "90001", "Los Angeles", "+1 212 867 5309",
         ("US", "", ("America/Los_Angeles", "America/New_York"), ())),
        ("Puerto Rico", "901", "San Juan", "787 867 5309", ("US", "", ("America/Puerto_Rico",), ())),
        ("United Kingdom", "eh11aa", "Edinburgh", "07911 123456", ("GB", "SCT", ("Europe/London",), ("GB-SCT",))),
        ("Northern Ireland", "BT1 1AA", "Belfast", "07911 123456", ("GB", "NIR", ("Europe/London",), ())),
        ("Belgique", "B-1000", "Bruxelles", "0470 12 34 56", ("BE", "", ("Europe/Brussels",), ())),
        ("Deutschland", "4109", "Leipzig", "0151 23456789", ("DE", "", ("Europe/Berlin",), ())),
        ("Nederland", "1012 ab", "Amsterdam", "06 12345678", ("NL", "", ("Europe/Amsterdam",), ())),
    ],
)  # fmt: skip
def test_a_debtor_abroad_is_imported_with_a_usable_number_and_its_place(
    tmp_path: Path, country: str, postcode: str, city: str, phone: str, place: tuple[str, str, tuple[str, ...], object]
) -> None:
    currency = {"US": "USD", "GB": "GBP"}.get(place[0], "EUR")
    row = accepted(tmp_path, country=country, postcode=postcode, city=city, phone=phone, currency=currency)
    assert row.currency == currency
    assert all(point.fault is None for person in row.debtor.people for point in person.points)
    assert {point.kind for point in row.debtor.people[0].points} == set(PointKind)
    home = home_of(row.debtor)
    assert (home.country, home.region, home.zones, home.overlays) == place
