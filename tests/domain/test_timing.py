"""Hours and caps (R21): the exact instant at which a channel opens again, where the debtor lives."""

from datetime import datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.campaign import Purpose
from orchestrator.domain.context import Contact
from orchestrator.domain.decision import Verdict
from orchestrator.domain.place import Place, place_of
from orchestrator.domain.policy import Cap, ContactChannel, Policy, SimilarTextRule, Window
from orchestrator.domain.timing import earliest, open_windows
from tests.builders import a_book, a_campaign, a_case, a_pack, a_step, frequency_rule, hours_rule, instant
from tests.domain.packs import a_rule, ruled_by
from tests.domain.stories import live, said

PARIS, REUNION = place_of("FR", "75001"), place_of("FR", "97400")
SMS, EMAIL, LETTER, CALL = ContactChannel.SMS, ContactChannel.EMAIL, ContactChannel.LETTER, ContactChannel.CALL


def ruled(*rules: object) -> Policy:
    return a_book(a_pack(*rules)).on("test-pack", instant("2026-03-09 09:00").date())


HOURS = ruled(hours_rule())
BOTH = ruled(hours_rule(), frequency_rule())
CAPS = ruled(frequency_rule())


def contact(at: str, channel: ContactChannel = EMAIL, **changes: object) -> Contact:
    fields = {"purpose": Purpose.DEMAND, "case_id": "C", "message_id": at, **changes}
    return Contact(at=instant(at), channel=channel, **fields)  # type: ignore[arg-type]  # one of its own fields


def opens(
    now: str,
    policy: Policy = HOURS,
    *contacts: Contact,
    place: Place = PARIS,
    channel: ContactChannel = SMS,
    counts: bool = True,
) -> datetime | None:
    at, _ = earliest(instant(now), channel=channel, policy=policy, place=place, contacts=contacts, counts=counts)
    return at


# --------------------------------------------------------------------------------------------------- hours


@pytest.mark.parametrize(
    "now, expected",
    [
        ("2026-03-09 08:00", "2026-03-09 08:00"),  # Monday 09:00 in Paris: the window includes its start
        ("2026-03-09 07:59", "2026-03-09 08:00"),
        ("2026-03-09 17:59", "2026-03-09 17:59"),  # 18:59
        ("2026-03-09 18:00", "2026-03-10 08:00"),  # 19:00: the window excludes its end
        ("2026-03-07 12:00", "2026-03-07 12:00"),  # Saturday
        ("2026-03-07 18:00", "2026-03-09 08:00"),  # Saturday evening: over Sunday
        ("2026-03-08 12:00", "2026-03-09 08:00"),  # Sunday
        ("2026-07-13 17:30", "2026-07-15 07:00"),  # the 13th at 19:30: over the 14th of July
        ("2026-07-14 10:00", "2026-07-15 07:00"),
        ("2026-03-28 18:00", "2026-03-30 07:00"),  # clocks go forward on the 29th
        ("2026-10-24 17:30", "2026-10-26 08:00"),  # and back on the 25th of October
    ],
)
def test_a_channel_opens_at_the_next_allowed_minute(now: str, expected: str) -> None:
    assert opens(now) == instant(expected)


def test_hours_are_those_of_the_debtor() -> None:
    assert opens("2026-03-09 14:59", place=REUNION) == instant("2026-03-09 14:59")
    assert opens("2026-03-09 15:00", place=REUNION) == instant("2026-03-10 05:00")


def test_a_holiday_is_one_where_the_debtor_lives() -> None:
    assert opens("2026-12-26 10:00", place=place_of("FR", "57000")) == instant("2026-12-28 08:00")
    assert opens("2026-12-26 10:00", place=PARIS) == instant("2026-12-26 10:00")


def test_a_rule_may_ignore_holidays() -> None:
    assert opens("2026-07-14 10:00", ruled(hours_rule(skips_holidays=False))) == instant("2026-07-14 10:00")


def test_a_window_may_span_midnight() -> None:
    night = ruled(hours_rule(windows=(Window(time(22), time(6)),)))
    assert opens("2026-03-10 02:00", night) == instant("2026-03-10 02:00")  # 03:00, Monday's window still
    assert opens("2026-03-10 05:00", night) == instant("2026-03-10 21:00")
    assert opens("2026-03-08 02:00", night) == instant("2026-03-08 02:00")  # Saturday's window, on Sunday morning
    assert opens("2026-03-08 21:30", night) == instant("2026-03-09 21:00")  # Sunday has none of its own


def test_several_windows_of_a_day_are_each_open() -> None:
    noon = ruled(hours_rule(windows=(Window(time(10), time(13)), Window(time(14), time(20)))))
    assert opens("2026-03-09 12:00", noon) == instant("2026-03-09 13:00")


def test_several_rules_must_all_agree() -> None:
    two = ruled(hours_rule(), hours_rule("T-LATE", windows=(Window(time(18), time(22)),), days=(0, 2)))
    assert opens("2026-03-09 09:00", two) == instant("2026-03-09 17:00")
    assert opens("2026-03-09 18:00", two) == instant("2026-03-11 17:00")


def test_rules_that_never_meet_allow_nothing() -> None:
    never = ruled(
        hours_rule(windows=(Window(time(9), time(10)),)), hours_rule("T-B", windows=(Window(time(11), time(12)),))
    )
    assert opens("2026-03-09 09:00", never) is None


def test_a_rule_without_a_day_allows_nothing() -> None:
    assert opens("2026-03-09 09:00", ruled(hours_rule(days=()))) is None


def test_hours_of_another_channel_say_nothing() -> None:
    assert opens("2026-03-08 03:00", ruled(hours_rule(channels=(CALL,)))) == instant("2026-03-08 03:00")


def test_an_unknown_zone_needs_an_hour_that_suits_every_candidate() -> None:
    spain = place_of("ES", "")
    # Madrid is one hour ahead of the Canaries: both are in 09-19 from 10:00 to 19:00 in Madrid.
    assert opens("2026-03-10 08:30", place=spain) == instant("2026-03-10 09:00")
    assert opens("2026-03-10 18:30", place=spain) == instant("2026-03-11 09:00")


def test_zones_without_a_common_hour_allow_nothing() -> None:
    assert opens("2026-03-09 09:00", place=place_of("FR", "")) is None


def test_an_unknown_country_allows_nothing_even_where_no_rule_speaks_of_hours() -> None:
    assert opens("2026-03-09 09:00", place=place_of("", "")) is None
    assert opens("2026-03-09 09:00", CAPS, place=place_of("", "")) is None


def test_answers_keep_the_hours() -> None:
    assert opens("2026-03-08 12:00", counts=False) == instant("2026-03-09 08:00")


ZONED = st.sampled_from(
    [PARIS, REUNION, place_of("FR", "57000"), place_of("ES", ""), place_of("GB", ""), place_of("PT", "")]
)
WINDOWS = st.tuples(st.integers(0, 23), st.integers(0, 23)).filter(lambda w: w[0] != w[1])


@given(st.integers(0, 400 * 24 * 4), ZONED, WINDOWS, st.sets(st.integers(0, 6), min_size=1))
def test_no_quarter_of_an_hour_before_the_answer_was_open(
    quarter: int, place: Place, window: tuple[int, int], days: set[int]
) -> None:
    """Against a look at the wall clock of every zone, quarter by quarter."""
    start = instant("2026-01-01 00:00") + quarter * timedelta(minutes=15)
    rule = hours_rule(windows=(Window(time(window[0]), time(window[1])),), days=tuple(sorted(days)))
    found, _ = earliest(start, channel=SMS, policy=ruled(rule), place=place, contacts=(), counts=False)
    end = found if found is not None else start + timedelta(days=20)
    at = start
    while at < min(end, start + timedelta(days=20)):
        assert not _is_open(at, place, window, days)
        at += timedelta(minutes=15)
    assert found is None or _is_open(found, place, window, days)


def _is_open(at: datetime, place: Place, window: tuple[int, int], days: set[int]) -> bool:
    from_hour, to_hour = window
    for zone in place.zones:
        wall = at.astimezone(ZoneInfo(zone))
        day = wall.date()
        if from_hour > to_hour and wall.hour < to_hour:
            day -= timedelta(days=1)
        inside = (
            from_hour <= wall.hour < to_hour if from_hour < to_hour else wall.hour >= from_hour or wall.hour < to_hour
        )
        if not inside or day.weekday() not in days or (day.month, day.day) in _closed(place, day.year):
            return False
    return True


SIXTEEN_LANDS = tuple("BB BE BW BY HB HE HH MV NI NW RP SH SL SN ST TH".split())


@lru_cache
def _closed(place: Place, year: int) -> set[tuple[int, int]]:
    everywhere = {"DE": SIXTEEN_LANDS, "GB": ("ENG", "NIR", "SCT", "WLS")}
    regions = (place.region,) if place.region else everywhere.get(place.country, (None,))
    found = {day for each in regions for day in holidays.country_holidays(place.country, subdiv=each, years=[year])}
    return {(day.month, day.day) for day in found}


# ---------------------------------------------------------------------------------------------------- caps


def test_a_gap_defers_to_its_very_instant() -> None:
    assert opens("2026-03-10 09:00", CAPS, contact("2026-03-09 10:17")) == instant("2026-03-12 10:17")


def test_the_third_contact_in_seven_days_waits_for_the_first_to_be_seven_days_old() -> None:
    """FR-HAR-01, whatever the channels."""
    two = (contact("2026-03-02 10:17", SMS), contact("2026-03-05 11:00", LETTER))
    assert opens("2026-03-08 12:00", CAPS, *two) == instant("2026-03-09 10:17")


def test_the_longest_cap_wins() -> None:
    six = tuple(contact(f"2026-03-{day:02} 10:00") for day in (1, 5, 9, 13, 17, 21))
    assert opens("2026-03-29 10:00", CAPS, *six) == instant("2026-03-31 10:00")


def test_an_undelivered_contact_counts_in_no_cap() -> None:
    assert opens("2026-03-10 09:00", CAPS, contact("2026-03-09 10:00", is_undelivered=True)) == instant(
        "2026-03-10 09:00"
    )


def test_a_call_counts_and_a_channel_that_the_rule_does_not_name_does_not() -> None:
    assert opens("2026-03-10 09:00", CAPS, contact("2026-03-09 10:00", CALL)) == instant("2026-03-12 10:00")
    email_only = ruled(frequency_rule(channels=(EMAIL,)))
    assert opens("2026-03-10 09:00", email_only, contact("2026-03-09 10:00", CALL), channel=EMAIL) == instant(
        "2026-03-10 09:00"
    )
    assert opens("2026-03-10 09:00", email_only, contact("2026-03-09 10:00"), channel=SMS) == instant(
        "2026-03-10 09:00"
    )


def test_caps_do_not_defer_an_answer() -> None:
    assert opens("2026-03-10 09:00", BOTH, contact("2026-03-10 08:30"), counts=False) == instant("2026-03-10 09:00")


def test_a_cap_that_opens_at_night_waits_for_the_morning() -> None:
    late = contact("2026-03-09 17:30")
    assert opens("2026-03-10 09:00", BOTH, late) == instant("2026-03-12 17:30")
    night = ruled(hours_rule(), frequency_rule(gap_hours=80))
    assert opens("2026-03-10 09:00", night, late) == instant("2026-03-13 08:00")


def test_each_rule_says_what_it_read() -> None:
    _, reasons = earliest(
        instant("2026-03-10 09:00"),
        channel=SMS,
        policy=BOTH,
        place=PARIS,
        contacts=(contact("2026-03-09 10:00"),),
        counts=True,
    )
    caps, hours = reasons
    assert (caps.rule, caps.verdict, caps.until) == ("T-FREQ", Verdict.DEFER, instant("2026-03-12 10:00"))
    assert caps.values == (("gap_hours", 72), ("contacts", 1))
    assert (hours.rule, hours.verdict) == ("T-HOURS", Verdict.ALLOW)


HISTORY = st.lists(st.integers(0, 60 * 24), max_size=12, unique=True).map(sorted)
MANY_CAPS = st.lists(st.tuples(st.integers(1, 4), st.integers(1, 30)), min_size=1, max_size=3)


@given(HISTORY, MANY_CAPS, st.integers(0, 100))
def test_the_earliest_instant_breaks_no_cap_and_a_second_before_breaks_one(
    hours: list[int], caps: list[tuple[int, int]], gap: int
) -> None:
    start = instant("2026-03-01 00:00")
    now = start + timedelta(hours=60 * 24)
    times = [start + timedelta(hours=hour) for hour in hours]
    contacts = [Contact(at=t, channel=SMS, purpose=Purpose.DEMAND, case_id="C", message_id=str(t)) for t in times]
    rule = frequency_rule(caps=tuple(Cap(count, days * 24) for count, days in caps), gap_hours=gap)
    at, _ = earliest(now, channel=SMS, policy=ruled(rule), place=PARIS, contacts=contacts, counts=True)
    assert at is not None

    def breaks(moment: datetime) -> bool:
        too_many = any(sum(1 for t in times if moment - t < timedelta(days=days)) + 1 > count for count, days in caps)
        return too_many or any(moment - t < timedelta(hours=gap) for t in times)

    assert not breaks(at)
    assert at == now or breaks(at - timedelta(seconds=1))


# ------------------------------------------------------------------------------------------ similar text


def test_the_same_text_is_not_sent_again_within_its_days() -> None:
    """FR-HAR-04."""
    book = ruled_by(a_rule(SimilarTextRule, "T-SAME", channels=(EMAIL,), days=10))
    twice = a_campaign(a_step("one", at="5d", template="same"), a_step("two", after="5d", template="same"))
    other = a_campaign(a_step("one", at="5d", template="same"), a_step("two", after="5d", template="other"))
    assert [line[:10] for line in said(live(a_case(), twice, book=book))] == ["2026-03-07", "2026-03-17"]
    assert [line[:10] for line in said(live(a_case(), other, book=book))] == ["2026-03-07", "2026-03-12"]


def test_the_days_of_a_place_of_several_zones_are_found_once() -> None:
    rule = hours_rule()
    day = instant("2026-03-10 00:00").date()
    found = open_windows(rule.days, rule.windows, rule.skips_holidays, place_of("ES", ""), day)
    assert found == ((instant("2026-03-10 09:00"), instant("2026-03-10 18:00")),)
