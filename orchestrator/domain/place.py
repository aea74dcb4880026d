"""Where a debtor lives, as far as time is concerned: the IANA zones and the public holidays. Not the postal form.

French overseas departments and Alsace-Moselle are told by the postcode (FR-TIME-04). An unknown zone in a known
country keeps every zone that the evidence does not exclude; an unknown country has none, and then nothing is sent
(semantics C4).
"""

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays
import msgspec

from orchestrator.domain import american_places

_FRENCH_OVERSEAS = {
    "971": ("America/Guadeloupe", "971"),
    "972": ("America/Martinique", "972"),
    "973": ("America/Cayenne", "973"),
    "974": ("Indian/Reunion", "974"),
    "975": ("America/Miquelon", "PM"),
    "976": ("Indian/Mayotte", "976"),
    "977": ("America/St_Barthelemy", "BL"),
    "978": ("America/Marigot", "MF"),
    "986": ("Pacific/Wallis", "WF"),
    "987": ("Pacific/Tahiti", "PF"),
    "988": ("Pacific/Noumea", "NC"),
}
# Overseas territories that write their own ISO code in the country column.
_FRENCH_TERRITORIES = {
    "GP": "971", "MQ": "972", "GF": "973", "RE": "974", "PM": "975", "YT": "976", "BL": "977", "MF": "978",
    "WF": "986", "PF": "987", "NC": "988",
}  # fmt: skip
_ALSACE = ("67", "68")
_MOSELLE = "57"
# The parts of the United Kingdom keep different holidays; these postcode areas are not in England.
_BRITISH_REGIONS = {
    **dict.fromkeys(("AB", "DD", "DG", "EH", "FK", "G", "HS", "IV", "KA", "KW", "KY", "ML", "PA", "PH", "ZE"), "SCT"),
    **dict.fromkeys(("CF", "LD", "LL", "NP", "SA"), "WLS"),
    "BT": "NIR",
}
SCOTLAND = "GB-SCT"
# Parts of countries whose rules are laid over the country's: packs name them as their region.
OVERLAYS = (*american_places.OVERLAYS, SCOTLAND)
# The dependencies of the Crown use British postcodes, and are not of the United Kingdom.
_CROWN_DEPENDENCIES = {"GY": "GG", "JE": "JE", "IM": "IM"}
# This postcode area lies on both sides of the border of Scotland.
_BORDER = "TD"
# Without a region known, a day that is a holiday in any of them is one.
_EVERY_REGION = {
    "DE": ("BB", "BE", "BW", "BY", "HB", "HE", "HH", "MV", "NI", "NW", "RP", "SH", "SL", "SN", "ST", "TH"),
    "GB": ("ENG", "NIR", "SCT", "WLS"),
}
_ONE_ZONE = {
    "BE": "Europe/Brussels", "LU": "Europe/Luxembourg", "DE": "Europe/Berlin", "NL": "Europe/Amsterdam",
    "CH": "Europe/Zurich", "IT": "Europe/Rome", "GB": "Europe/London", "IE": "Europe/Dublin",
    "AT": "Europe/Vienna", "MC": "Europe/Monaco", "AD": "Europe/Andorra",
}  # fmt: skip
_SEVERAL_ZONES = {
    "ES": ("Europe/Madrid", "Atlantic/Canary"),
    "PT": ("Europe/Lisbon", "Atlantic/Azores"),
    "CA": ("America/St_Johns", "America/Halifax", "America/Toronto", "America/Winnipeg", "America/Edmonton",
           "America/Vancouver"),
}  # fmt: skip


class Place(msgspec.Struct, frozen=True):
    """A country, its region for holidays, and the candidate zones; no zone at all when the country is unknown.

    `overlays` are the parts of the country whose rules are laid over its own: all that the evidence does not exclude.
    """

    country: str
    region: str
    zones: tuple[str, ...]
    overlays: tuple[str, ...] = ()

    @property
    def zone(self) -> str:
        """The zone that dates are counted in: the first candidate, UTC when there is none."""
        return self.zones[0] if self.zones else "UTC"


@lru_cache(maxsize=65536)
def place_of(country: str, postcode: str, phones: tuple[str, ...] = ()) -> Place:
    """The place of an address. `country` is ISO 3166 (upper case), `postcode` as written, perhaps empty.

    In the United States the zones of `phones` (E.164) are candidates too: the hour must suit all of them (US-03).
    """
    code = postcode.replace(" ", "").upper()
    if country == "US" or country in american_places.TERRITORIES:
        return _american_place(country, code, phones)
    if country == "GB":
        return _british_place(code)
    if country in _FRENCH_TERRITORIES:
        zone, region = _FRENCH_OVERSEAS[_FRENCH_TERRITORIES[country]]
        return Place("FR", region, (zone,))
    if country == "FR":
        return _french_place(code)
    if country == "ES" and code:
        is_canary = code[:2] in ("35", "38")
        return Place("ES", "", ("Atlantic/Canary" if is_canary else "Europe/Madrid",))
    if country in _ONE_ZONE:
        return Place(country, "", (_ONE_ZONE[country],))
    return Place(country, "", _SEVERAL_ZONES.get(country, ()))


def _american_place(country: str, code: str, phones: tuple[str, ...]) -> Place:
    """Every zone that the ZIP code or a number speaks for; all of the country's without either.

    A ZIP code of the armed forces speaks for none: its reader may be on the other side of the world.
    """
    if american_places.is_military(code):
        return Place("US", "", (), american_places.OVERLAYS)
    is_territory = country in american_places.TERRITORIES
    home = american_places.zones_of_state(country) if is_territory else american_places.zones_of_zip(code)
    others = [zone for number in phones for zone in american_places.zones_of_phone(number)]
    zones = tuple(dict.fromkeys((*home, *others))) or american_places.EVERY_ZONE
    return Place("US", "", zones, () if is_territory else american_places.overlays_of(code))


def _british_place(code: str) -> Place:
    """Without a postcode any region's holiday counts, and so do the rules of Scotland."""
    found = re.match("[A-Z]*", code)
    area = found.group() if found else ""
    if area in _CROWN_DEPENDENCIES:
        return Place(_CROWN_DEPENDENCIES[area], "", (_ONE_ZONE["GB"],))
    region = "" if area == _BORDER or not area else _BRITISH_REGIONS.get(area, "ENG")
    return Place("GB", region, (_ONE_ZONE["GB"],), (SCOTLAND,) if region in ("", "SCT") else ())


def _french_place(code: str) -> Place:
    if any(overseas.startswith(code) for overseas in ("97", "98")):
        # No postcode, or one cut before it tells: metropolitan and overseas hours must all suit.
        zones = ("Europe/Paris", *dict.fromkeys(zone for zone, _ in _FRENCH_OVERSEAS.values()))
        return Place("FR", "", zones)
    if code[:3] in _FRENCH_OVERSEAS:
        zone, region = _overseas_island(code)
        return Place("FR", region, (zone,))
    region = "6AE" if code[:2] in _ALSACE else "57" if code[:2] == _MOSELLE else ""
    return Place("FR", region, ("Europe/Paris",))


def _overseas_island(code: str) -> tuple[str, str]:
    # Saint-Barthélemy and Saint-Martin kept the postcodes of Guadeloupe.
    islands = {"97133": "977", "97150": "978", "97080": "978", "97095": "977"}
    return _FRENCH_OVERSEAS[islands.get(code, code[:3])]


@lru_cache(maxsize=1024)
def zone_info(zone: str) -> ZoneInfo:
    """The zone by its IANA name. Three times as fast as the cache of the standard library."""
    return ZoneInfo(zone)


def local_date(now: datetime, place: Place) -> date:
    """The day where the debtor lives."""
    return now.astimezone(zone_info(place.zone)).date()


@lru_cache(maxsize=65536)
def start_of(day: date, zone: str) -> datetime:
    """The first instant of a day in a zone, in UTC."""
    return at_local(day, time(), zone)


def at_local(day: date, hour: time, zone: str) -> datetime:
    """A local hour of a day as an instant in UTC. In a spring gap the instant just after it; in autumn the first."""
    local = datetime.combine(day, hour, zone_info(zone))
    at = local.astimezone(UTC)
    if not _has_jump(day, zone):
        return at
    other = local.replace(fold=1).astimezone(UTC)
    return at if at <= other else _end_of_gap(other, at, zone)


@lru_cache(maxsize=65536)
def _has_jump(day: date, zone: str) -> bool:
    """Whether the clocks change in the course of a day; most days need not be looked at more closely."""
    there = zone_info(zone)
    start = datetime.combine(day, time(), there)
    end = datetime.combine(day + timedelta(days=1), time(), there)
    return start.utcoffset() != end.utcoffset() or start.utcoffset() != start.replace(fold=1).utcoffset()


def _end_of_gap(before: datetime, after: datetime, zone: str) -> datetime:
    """The second at which the wall jumps, between an instant before the jump and one after it."""
    there = zone_info(zone)
    jumped = after.astimezone(there).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = (before + (after - before) / 2).replace(microsecond=0)
        if middle.astimezone(there).utcoffset() == jumped:
            after = middle
        else:
            before = middle
    return after


def is_holiday(day: date, place: Place) -> bool:
    """Whether a day is a public holiday where the debtor lives; an unknown country has only Sundays to offer."""
    return day in _holidays_of(place.country, place.region, day.year)


@lru_cache(maxsize=4096)
def _holidays_of(country: str, region: str, year: int) -> frozenset[date]:
    regions = (region,) if region else _EVERY_REGION.get(country, (None,))
    try:
        days = [holidays.country_holidays(country, subdiv=each, years=year) for each in regions]
        return frozenset().union(*days)
    except NotImplementedError:
        # Asking for the list of known countries would load all of them: a second at start.
        return frozenset()


def is_business_day(day: date, place: Place) -> bool:
    """Monday to Friday, holidays apart."""
    return day.weekday() < 5 and not is_holiday(day, place)


def add_business_days(day: date, count: int, place: Place) -> date:
    """The day `count` business days later (earlier when negative)."""
    step = timedelta(days=1 if count >= 0 else -1)
    left = abs(count)
    while left:
        day += step
        if is_business_day(day, place):
            left -= 1
    return day


def business_days_between(start: date, end: date, place: Place) -> int:
    """Business days after `start` up to `end` inclusive; 0 when `end` is not after `start`."""
    days = 0
    while start < end:
        start += timedelta(days=1)
        days += is_business_day(start, place)
    return days
