"""Where a debtor lives, by the address and, where that does not tell, by the numbers. Zones are `place`."""

from orchestrator.domain.american_places import TERRITORIES
from orchestrator.domain.contact import Debtor, PointKind
from orchestrator.domain.place import Place, place_of

_METROPOLITAN = Place("FR", "", ("Europe/Paris",))


def home_of(debtor: Debtor) -> Place:
    """The place of a debtor. A French number is evidence of metropolitan France when no postcode is known."""
    address = debtor.address
    country, postcode = (address.country, address.postcode) if address else ("", "")
    if country == "US" or country in TERRITORIES:
        return place_of(country, postcode, _phones(debtor))
    if country == "FR" and not postcode and any(number.startswith("+33") for number in _phones(debtor)):
        return _METROPOLITAN
    return place_of(country, postcode)


def _phones(debtor: Debtor) -> tuple[str, ...]:
    return tuple(point.value for person in debtor.people for point in person.points if point.kind is PointKind.PHONE)
