"""Warnings to a manager: few, and over when the case is (FR-PRE-03)."""

from orchestrator.domain.policy import PrescriptionRule
from tests.builders import a_case, a_debt
from tests.domain import facts
from tests.domain.packs import a_rule, ruled_by
from tests.domain.stories import asked, ends, live

BOOK = ruled_by(a_rule(PrescriptionRule, "T-PRE", months=24))
START = "2026-03-02 08:00"


def test_a_warning_ends_with_the_case_that_it_is_about() -> None:
    paid = facts.paid(2000, "F-1", on="2026-03-20")
    moments = live(a_case(a_debt(due="2024-05-01")), book=BOOK, facts=[paid], start=START)
    assert asked(moments) == ["claim_expires 2026-05-01:90 manager"]
    assert (ends(moments), moments[-1].case.tasks) == (["paid"], ())


def test_a_case_of_many_claims_that_expire_together_is_one_question() -> None:
    """Taken over with twenty debts, each some days from the next; asked again only for what was not yet near."""
    debts = [a_debt(f"F-{day}", due=f"2024-05-{day:02}") for day in range(1, 21)]
    later = a_debt("F-L", due="2024-06-20")
    answered = facts.closed("claim_expires:2026-05-01:90", at="2026-03-05 10:00")
    moments = live(a_case(*debts, later), book=BOOK, facts=[answered], start=START, days=28)
    assert [task for task in asked(moments) if task.startswith("claim_expires")] == [
        "claim_expires 2026-05-01:90 manager",
        "claim_expires 2026-06-20:90 manager",
    ]


def test_what_is_nearest_is_asked_first_and_covers_what_is_farther() -> None:
    """One claim thirty days from its end, one ninety: one question; the ninety of a later claim is another."""
    near, far = a_debt("F-1", due="2024-03-25"), a_debt("F-2", due="2024-05-20")
    moments = live(a_case(near, far), book=BOOK, start=START, days=10)
    assert [task for task in asked(moments) if task.startswith("claim_expires")] == [
        "claim_expires 2026-03-25:30 manager"
    ]
    answered = facts.closed("claim_expires:2026-03-25:30", at="2026-03-03 10:00")
    later = a_debt("F-3", due="2024-06-05")
    moments = live(a_case(near, later), book=BOOK, facts=[answered], start=START, days=20)
    assert "claim_expires 2026-06-05:90 manager" in asked(moments)
