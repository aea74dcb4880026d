"""The rules that were set out before any pack was written, by family and number, and the tests that try some of them.

The list is the yardstick: each is tried by a scenario, by a test named here, or said in the packs' README to be out of
reach, with its reason.
"""

_NUMBERS = {
    "BE": "01 02 03 04",
    "DE": "01",
    "EU-CSD": "01",
    "EU-GDPR": "22",
    "EU-LPD": "01",
    "FR-3P": "01 02 03 04 05 06 07",
    "FR-CRED": "01 02 03",
    "FR-FEE": "01 02 03 04 05 06",
    "FR-HAR": "01 02 03 04",
    "FR-HOLD": "01 02 03 04 05 06 07",
    "FR-IMP": "01 02 03",
    "FR-INSUR": "01",
    "FR-INT": "01 02",
    "FR-MED": "01 02 03 04",
    "FR-PRE": "01 02 03 04",
    "FR-PRIV": "01 02 03 04 05 06 07 08",
    "FR-PROSP": "01 02",
    "FR-RENT": "01",
    "FR-TIME": "01 02 03 04",
    "FR-UTIL": "01 02 03 04",
    "HOUSE": "01 02",
    "NL": "01",
    "PLT": "01 02 03 04 05 06 07 08 09 10 11 12 13",
    "UK": "01 02 03 04 05 06 07 08 09 10 11 12 13",
    "US": "01 02 03 04 05 06 07 08 09 10 11 12 13 14 15",
    "US-MA": "01",
    "US-NYC": "01 02",
    "US-WA": "01",
}
RULES = tuple(f"{family}-{number}" for family, numbers in _NUMBERS.items() for number in numbers.split())

# What no wish at an instant can show, and the test that does.
TRIED_ELSEWHERE = {
    "FR-PRIV-07": "tests/domain/test_notes.py",
    "HOUSE-01": "tests/scenarios/test_beside_the_scenarios.py",
    "PLT-04": "tests/intake/replies/test_never_missed.py",
    "PLT-08": "tests/domain/test_guard_rail.py",
    "PLT-13": "tests/rendering/test_letter_window.py",
}
