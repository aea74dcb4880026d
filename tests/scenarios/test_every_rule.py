"""Every rule is accounted for: tried on both sides, by a test that is named, or said to be out of reach and why."""

import re
from collections import defaultdict
from pathlib import Path

from tests.scenarios.rule_table import RULES, TRIED_ELSEWHERE
from tests.scenarios.scenario_file import Try, placed_tries
from tests.scenarios.scenario_world import CAMPAIGNS, shipped_book

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
README = CAMPAIGNS / "policies" / "README.md"
OUT_OF_REACH = "## Rules that cannot be kept here, and why"
# The files of a country are asked for once one of them is here.
_FILES_OF = {"FR": "fr-", "EU": "eu", "any": "platform", "GB": "uk", "US": "us", "BE": "be", "DE": "de", "NL": "nl"}
_LETTERS_OF = {"FR": "FR", "EU": "EU", "GB": "UK", "US": "US", "BE": "BE", "DE": "DE", "NL": "NL"}


def tries_by_rule() -> dict[str, list[Try]]:
    """The tries of each rule, its own and those of scenarios that show it by the way."""
    found: dict[str, list[Try]] = defaultdict(list)
    for path in sorted(HERE.glob("*.yaml")):
        for placed in placed_tries(path):
            for rule in {placed.attempt.because or placed.scenario.rule, *placed.scenario.shows}:
                found[rule].append(placed.attempt)
    return found


def out_of_reach() -> dict[str, str]:
    """The rules that the README says cannot be kept here, with their reasons."""
    text = README.read_text("utf-8").partition(OUT_OF_REACH)[2].partition("\n## ")[0]
    return {row[0]: row[1].strip() for row in re.findall(r"^\| ([A-Z][A-Z0-9-]+) \| (.+) \|$", text, re.MULTILINE)}


def is_asked_for(rule: str) -> bool:
    """Whether the scenarios of a country are here whose packs have the rule, or whose letters it bears."""
    packs = shipped_book().packs.values()
    countries = {pack.jurisdiction for pack in packs if any(each.id == rule for each in pack.rules)}
    countries = countries or {land for land, letters in _LETTERS_OF.items() if rule.startswith(f"{letters}-")}
    return any(any(HERE.glob(f"{_FILES_OF[country]}*.yaml")) for country in countries or {"any"})


def speaks(attempt: Try) -> bool:
    """Whether the rule says something in a try: against it, a note, a task, what a sum is or leaves out."""
    of_sums = (attempt.lines, attempt.total, attempt.no_lines or None, attempt.missing or None)
    says = any(each is not None for each in of_sums) or attempt.noted or attempt.task
    return attempt.expect != "allowed" or bool(says)


def test_every_rule_of_the_table_is_accounted_for() -> None:
    known = {*tries_by_rule(), *out_of_reach(), *TRIED_ELSEWHERE}
    assert len(RULES) == len(set(RULES)) == 116
    assert [rule for rule in RULES if is_asked_for(rule) and rule not in known] == []


def test_every_rule_that_is_shipped_is_tried() -> None:
    known = {*tries_by_rule(), *TRIED_ELSEWHERE}
    shipped = sorted({rule.id for pack in shipped_book().packs.values() for rule in pack.rules})
    assert [rule for rule in shipped if is_asked_for(rule) and rule not in known] == []


def test_every_rule_that_is_tried_lets_pass_and_speaks() -> None:
    lacking = {}
    for rule, tries in sorted(tries_by_rule().items()):
        passes = [attempt for attempt in tries if attempt.expect == "allowed" and not attempt.noted]
        if len(tries) < 2 or not passes or not any(map(speaks, tries)):
            lacking[rule] = (len(tries), len(passes))
    # ZONE and NOTHING_DUE are no rules of a pack: what they keep back is let pass under another's name.
    assert {rule for rule in lacking if "-" in rule} == set(), lacking


def test_what_is_out_of_reach_is_not_shipped_and_says_why() -> None:
    shipped = {rule.id for pack in shipped_book().packs.values() for rule in pack.rules}
    assert not shipped & out_of_reach().keys()
    assert not [rule for rule, why in out_of_reach().items() if len(why) < 20]


def test_a_test_that_stands_for_a_scenario_names_the_rule() -> None:
    for rule, path in TRIED_ELSEWHERE.items():
        assert rule in (ROOT / path).read_text("utf-8"), path
