"""Rules about documents: a closed season, and one that leaves no day at all."""

import pytest

from orchestrator.domain.campaign import DocumentKind
from orchestrator.domain.decision import Ask
from orchestrator.domain.policy import DocumentRule, PolicyBook
from orchestrator.domain.rules import Season
from tests.builders import a_campaign, a_case, a_step, instant
from tests.domain.packs import a_rule, ruled_by
from tests.domain.stories import at, until

LADDER = a_campaign(a_step("first", at="5d"))


def closed(first: tuple[int, int], last: tuple[int, int], rule_id: str = "T-SEASON") -> PolicyBook:
    return ruled_by(
        a_rule(DocumentRule, rule_id, documents=(DocumentKind.REMINDER,), closed_season=Season(first, last))
    )


def test_a_document_waits_for_the_day_after_its_closed_season() -> None:
    decision = at("2026-03-10 10:00", a_case(), LADDER, book=closed((11, 1), (3, 31)))
    assert until(decision.act) == instant("2026-03-31 22:00"), "the first of April in Paris"


@pytest.mark.parametrize("last", [(12, 31), (1, 31)])
def test_a_season_without_a_day_outside_is_a_question_to_a_person(last: tuple[int, int]) -> None:
    """The whole year, and the whole year across the new year: no day will ever open it."""
    first = (1, 1) if last == (12, 31) else (2, 1)
    decision = at("2026-03-10 10:00", a_case(), LADDER, book=closed(first, last))
    assert isinstance(decision.act, Ask)
    assert (decision.act.task, decision.act.role) == ("document", "manager")
