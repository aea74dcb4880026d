"""Decide, pure: `python -m tests.bench.decide`.

The reference is the least that any engine must look at: three comparisons on a case's debts and its next instant.
"""

from collections.abc import Callable
from functools import partial

from orchestrator.domain.case import Case
from orchestrator.domain.decide import decide
from orchestrator.domain.walk import walk
from tests.bench.measure import best, say
from tests.builders import a_book, a_campaign, a_case, a_context, a_debt, instant

COUNT = 3_000


def main() -> None:
    """A case that waits for its next step, and one that sends."""
    book, campaign, context = a_book(), a_campaign(), a_context()
    start, now = instant("2026-02-20 08:00"), instant("2026-03-10 10:00")
    fresh = a_case(a_debt("A"), a_debt("B"), a_debt("C"))
    case = [moment.case for moment in walk(fresh, [campaign], book, context, start=start, end=now)][-1]
    policy = book.on("test-pack", now.date())
    bare = best(5, lambda: [_bare(case) for _ in range(COUNT)])
    for what, at in (("waits for a step", now), ("sends", instant("2026-03-18 10:00"))):
        decide_often = partial(_often, partial(decide, case, campaign, policy, context, at))
        taken = best(5, decide_often)
        say(f"a case of three debts that {what}", COUNT, taken, bare, "three comparisons")


def _often(once: Callable[[], object]) -> None:
    for _ in range(COUNT):
        once()


def _bare(case: Case) -> bool:
    return case.in_hand is None and case.cycle is not None and sum(debt.open_cents for debt in case.debts) > 0


if __name__ == "__main__":
    main()
