"""The page that explains the templates names what exists, and nothing else."""

import re

from orchestrator.rendering.facts import FACTS, ROW_FIELDS
from orchestrator.rendering.phrasebook import PLACES
from tests.rendering.wording import TEMPLATES, shipped_texts

README = (TEMPLATES / "README.md").read_text("utf-8")
LISTED = set(re.findall(r"[a-z][a-z0-9_]+", README.partition("## Facts")[2]))
_WORDS_OF_THE_PAGE = set("by who writes to whom what sums how pay when flags lists row of the template law".split())


def test_every_fact_is_listed() -> None:
    assert FACTS.keys() | ROW_FIELDS | shipped_texts().statutes.keys() <= LISTED


def test_nothing_is_listed_that_does_not_exist() -> None:
    known = FACTS.keys() | ROW_FIELDS | shipped_texts().statutes.keys() | {"shows_amounts"}
    assert LISTED - known - _WORDS_OF_THE_PAGE == set()


def test_every_condition_on_the_place_is_listed() -> None:
    assert all(name in README for name in PLACES)


def test_every_fact_says_what_it_is() -> None:
    assert all(fact.says.endswith(".") or "`" in fact.says for fact in FACTS.values())
