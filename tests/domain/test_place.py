"""Where a debtor lives: zones, holidays, business days (FR-TIME-04, semantics C4)."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import phonenumbers
import phonenumbers.timezone
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.american_places import _STATE_OF_CODE, EVERY_ZONE, OVERLAYS, zones_of_phone
from orchestrator.domain.place import (
    Place,
    add_business_days,
    at_local,
    business_days_between,
    is_business_day,
    is_holiday,
    local_date,
    place_of,
    start_of,
)

PARIS = place_of("FR", "75001")
REGIONS = ["971", "972", "973", "974", "975", "976", "977", "978", "986", "987", "988"]


@pytest.mark.parametrize(
    "postcode, zone",
    [
        ("75001", "Europe/Paris"),
        ("20090", "Europe/Paris"),
        ("97110", "America/Guadeloupe"),
        ("97200", "America/Martinique"),
        ("97300", "America/Cayenne"),
        ("97400", "Indian/Reunion"),
        ("97 400", "Indian/Reunion"),
        ("97500", "America/Miquelon"),
        ("97600", "Indian/Mayotte"),
        ("97133", "America/St_Barthelemy"),
        ("97150", "America/Marigot"),
        ("98600", "Pacific/Wallis"),
        ("98713", "Pacific/Tahiti"),
        ("98800", "Pacific/Noumea"),
    ],
)
def test_a_french_postcode_tells_the_zone(postcode: str, zone: str) -> None:
    assert place_of("FR", postcode).zones == (zone,)


@pytest.mark.parametrize(
    "country, zone", [("RE", "Indian/Reunion"), ("NC", "Pacific/Noumea"), ("GP", "America/Guadeloupe")]
)
def test_a_territory_with_its_own_country_code_is_french(country: str, zone: str) -> None:
    place = place_of(country, "")
    assert (place.country, place.zones) == ("FR", (zone,))


def test_a_french_address_without_postcode_keeps_every_french_zone() -> None:
    assert {"Europe/Paris", "Indian/Reunion", "Pacific/Tahiti"} <= set(place_of("FR", "").zones)


@pytest.mark.parametrize("postcode", ["97", "98", "9"])
def test_a_beginning_that_could_be_overseas_excludes_no_zone(postcode: str) -> None:
    assert place_of("FR", postcode).zones == place_of("FR", "").zones


def test_an_unknown_country_has_no_zone_at_all() -> None:
    assert place_of("", "75001").zones == ()
    assert place_of("XX", "75001").zones == ()


def test_a_country_of_several_zones_keeps_them_all() -> None:
    assert len(place_of("US", "").zones) > 5
    assert place_of("ES", "35001").zones == ("Atlantic/Canary",)
    assert place_of("ES", "28001").zones == ("Europe/Madrid",)
    assert set(place_of("ES", "").zones) == {"Europe/Madrid", "Atlantic/Canary"}


@pytest.mark.parametrize(
    "zip_code, phones, zones",
    [
        ("10001", (), ("America/New_York",)),
        ("32501", (), ("America/New_York", "America/Chicago")),
        ("86001", (), ("America/Phoenix", "America/Denver")),
        ("90001", ("+12125550142",), ("America/Los_Angeles", "America/New_York")),
        ("", ("+19075550142",), ("America/Anchorage", "America/Adak")),
        ("90001", ("+18005550142", "+447700900123"), ("America/Los_Angeles",)),
        ("00000", (), EVERY_ZONE),
    ],
)
def test_an_american_is_in_every_zone_that_an_address_or_a_number_speaks_for(
    zip_code: str, phones: tuple[str, ...], zones: tuple[str, ...]
) -> None:
    """US-03: the hour must suit all of them."""
    assert place_of("US", zip_code, phones).zones == zones


@pytest.mark.parametrize(
    "zip_code, phones, overlays",
    [
        ("02108", (), ("US-MA",)),
        ("98101", (), ("US-WA",)),
        ("11201", (), ("US-NYC",)),
        ("14201", (), ()),  # Buffalo is in the state of New York, not in the city
        ("02108", ("+12125550142",), ("US-MA",)),
        ("02108-1234", (), ("US-MA",)),
        ("2108", (), OVERLAYS),  # a spreadsheet ate the zero: 210 alone would be Maryland
        ("", ("+14155550142",), OVERLAYS),  # a number follows its owner to Boston
        ("", (), OVERLAYS),
    ],
)
def test_the_rules_of_a_state_bind_where_the_evidence_does_not_exclude_it(
    zip_code: str, phones: tuple[str, ...], overlays: tuple[str, ...]
) -> None:
    """Semantics C4: without a ZIP code, all of them."""
    assert place_of("US", zip_code, phones).overlays == overlays


@pytest.mark.parametrize("zip_code", ["09012", "34002", "96201", "96201-5555"])
def test_nobody_knows_the_hour_of_whoever_has_a_post_office_of_the_armed_forces(zip_code: str) -> None:
    place = place_of("US", zip_code, ("+12125550142",))
    assert (place.country, place.zones) == ("US", ())


@pytest.mark.parametrize(
    "country, zip_code, zone",
    [
        ("PR", "", "America/Puerto_Rico"),
        ("US", "00901", "America/Puerto_Rico"),
        ("US", "96799", "Pacific/Pago_Pago"),
        ("US", "96950", "Pacific/Saipan"),
        ("GU", "96910", "Pacific/Guam"),
    ],
)
def test_a_territory_is_of_the_united_states_with_a_zone_of_its_own(country: str, zip_code: str, zone: str) -> None:
    place = place_of(country, zip_code)
    assert (place.country, place.zones, place.overlays) == ("US", (zone,), ())


def test_area_codes_are_where_the_numbering_plan_has_them() -> None:
    """Each zone of a number in a library of numbering plans is one of ours, or of a neighbour of the same time."""
    for code, state in _STATE_OF_CODE.items():
        if state in ("AS", "MP"):
            continue  # the library has none of these islands
        number = phonenumbers.parse(f"+1{code}5550142")
        told = set(phonenumbers.timezone.time_zones_for_number(number))
        offsets = {_january(zone) for zone in zones_of_phone(f"+1{code}5550142")}
        assert {_january(zone) for zone in told} <= offsets, (code, state, told)


def _january(zone: str) -> object:
    return datetime(2026, 1, 15, tzinfo=ZoneInfo(zone)).utcoffset()


def test_the_parts_of_the_united_kingdom_keep_their_own_holidays() -> None:
    saint_andrew, saint_patrick = date(2026, 11, 30), date(2026, 3, 17)
    assert is_holiday(saint_andrew, place_of("GB", "EH1 1AA"))
    assert not is_holiday(saint_andrew, place_of("GB", "SW1A 1AA"))
    assert is_holiday(saint_patrick, place_of("GB", "BT1 1AA"))
    assert is_holiday(saint_patrick, place_of("GB", "")), "nobody knows where: any region's holiday is one"


def test_a_border_postcode_keeps_the_holidays_of_both_sides() -> None:
    easter_monday, second_of_january = date(2026, 4, 6), date(2026, 1, 2)
    assert is_holiday(easter_monday, place_of("GB", "TD15 1AA")), "Berwick is in England"
    assert is_holiday(second_of_january, place_of("GB", "TD15 1AA")), "Kelso is not"


@pytest.mark.parametrize(
    "postcode, overlays", [("EH1 1AA", ("GB-SCT",)), ("", ("GB-SCT",)), ("TD5 7AA", ("GB-SCT",)), ("M1 1AA", ())]
)
def test_the_rules_of_scotland_bind_where_the_postcode_does_not_exclude_it(
    postcode: str, overlays: tuple[str, ...]
) -> None:
    assert place_of("GB", postcode).overlays == overlays


@pytest.mark.parametrize("postcode, country", [("JE2 3AA", "JE"), ("GY1 1AA", "GG"), ("IM1 1AA", "IM")])
def test_a_dependency_of_the_crown_is_not_of_the_united_kingdom(postcode: str, country: str) -> None:
    assert place_of("GB", postcode).country == country


@pytest.mark.parametrize("country", ["BE", "LU", "DE", "NL", "CH", "IT", "GB", "IE", "AT", "MC", "AD"])
def test_a_country_of_one_zone_needs_no_postcode(country: str) -> None:
    assert len(place_of(country, "").zones) == 1


def test_the_26th_of_december_is_a_holiday_in_alsace_and_moselle_only() -> None:
    saint_stephen = date(2026, 12, 26)
    assert is_holiday(saint_stephen, place_of("FR", "57000"))
    assert is_holiday(saint_stephen, place_of("FR", "67000"))
    assert is_holiday(saint_stephen, place_of("FR", "68100"))
    assert not is_holiday(saint_stephen, place_of("FR", "54000"))
    assert not is_holiday(saint_stephen, PARIS)


@pytest.mark.parametrize("postcode", ["75001", "67000", "57000", *(f"{code}00" for code in REGIONS)])
def test_the_14th_of_july_and_christmas_are_holidays_in_every_region(postcode: str) -> None:
    assert is_holiday(date(2026, 7, 14), place_of("FR", postcode))
    assert is_holiday(date(2026, 12, 25), place_of("FR", postcode))


def test_reunion_keeps_its_own_holiday() -> None:
    assert is_holiday(date(2026, 12, 20), place_of("FR", "97400"))
    assert not is_holiday(date(2026, 12, 20), PARIS)


def test_an_unknown_country_has_no_holiday() -> None:
    assert not is_holiday(date(2026, 12, 25), place_of("", ""))
    assert not is_holiday(date(2026, 12, 25), place_of("XX", ""))


def test_the_day_is_the_one_where_the_debtor_lives() -> None:
    late = datetime(2026, 3, 2, 22, 30, tzinfo=UTC)
    assert local_date(late, PARIS) == date(2026, 3, 2)
    assert local_date(late, place_of("FR", "97400")) == date(2026, 3, 3)
    assert local_date(datetime(2026, 3, 2, 1, tzinfo=UTC), place_of("FR", "97110")) == date(2026, 3, 1)


def test_a_day_starts_at_local_midnight() -> None:
    assert start_of(date(2026, 3, 2), "Europe/Paris") == datetime(2026, 3, 1, 23, tzinfo=UTC)
    assert start_of(date(2026, 7, 2), "Europe/Paris") == datetime(2026, 7, 1, 22, tzinfo=UTC)


@pytest.mark.parametrize("hour", [time(2), time(2, 30), time(2, 59)])
def test_an_hour_that_spring_skips_is_the_instant_just_after(hour: time) -> None:
    assert at_local(date(2026, 3, 29), hour, "Europe/Paris") == datetime(2026, 3, 29, 1, tzinfo=UTC)


def test_an_hour_that_autumn_repeats_is_the_first() -> None:
    assert at_local(date(2026, 10, 25), time(2, 30), "Europe/Paris") == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_a_day_whose_midnight_is_skipped_starts_just_after() -> None:
    start = start_of(date(2026, 3, 29), "Atlantic/Azores")
    assert start == datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert start.astimezone(ZoneInfo("Atlantic/Azores")).date() == date(2026, 3, 29)


ZONES = st.sampled_from(["Europe/Paris", "Indian/Reunion", "America/St_Johns", "Atlantic/Azores", "Pacific/Tahiti"])


@given(st.dates(date(2020, 1, 1), date(2035, 12, 31)), st.times(), ZONES)
def test_a_local_hour_is_never_before_what_the_clock_on_the_wall_says(day: date, hour: time, zone: str) -> None:
    hour = hour.replace(microsecond=0)
    at = at_local(day, hour, zone)
    wall = at.astimezone(ZoneInfo(zone))
    assert at.utcoffset() == timedelta(0)
    assert wall.date() == day
    if wall.time() != hour:
        # Only in a gap: the second before, the wall had not reached the hour yet.
        before = (at - timedelta(seconds=1)).astimezone(ZoneInfo(zone))
        assert before.replace(tzinfo=None) < datetime.combine(day, hour) < wall.replace(tzinfo=None)


def test_business_days_skip_week_ends_and_holidays() -> None:
    friday = date(2026, 7, 10)
    assert add_business_days(friday, 1, PARIS) == date(2026, 7, 13)
    assert add_business_days(friday, 2, PARIS) == date(2026, 7, 15)  # the 14th is a holiday
    assert add_business_days(date(2026, 7, 15), -2, PARIS) == friday
    assert add_business_days(friday, 0, PARIS) == friday


def test_business_days_between_two_days_count_the_last_and_not_the_first() -> None:
    assert business_days_between(date(2026, 7, 10), date(2026, 7, 15), PARIS) == 2
    assert business_days_between(date(2026, 7, 10), date(2026, 7, 12), PARIS) == 0
    assert business_days_between(date(2026, 7, 15), date(2026, 7, 10), PARIS) == 0


@given(st.dates(date(2024, 1, 1), date(2030, 12, 31)), st.integers(1, 40), st.sampled_from(["75001", "67000", "97400"]))
def test_adding_business_days_and_counting_them_agree(day: date, count: int, postcode: str) -> None:
    place = place_of("FR", postcode)
    later = add_business_days(day, count, place)
    assert is_business_day(later, place)
    assert business_days_between(day, later, place) == count
    assert isinstance(place, Place)
