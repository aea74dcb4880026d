"""Words that the law forbids keep a message back before it is called, as a missing mention does (semantics D10).

The reason names family and rule, never the words: it goes into the journal, they may be of a person.
"""

from msgspec.structs import replace

from orchestrator.domain.gates import prescribed_on
from orchestrator.domain.policy import Policy
from orchestrator.domain.situation import Situation
from orchestrator.rendering.brief import Brief
from orchestrator.rendering.compose import Composed
from orchestrator.rendering.lint.lint import lint_message


def with_words_judged(composed: Composed, brief: Brief, policy: Policy, situation: Situation) -> Composed:
    """The message, with a problem for each finding that blocks; what only warns was told by `relance campaign lint`."""
    found = lint_message(composed, brief, policy, is_enforceable=lambda: _is_enforceable(brief, policy, situation))
    blocking = dict.fromkeys(finding.problem for finding in found if finding.blocks)
    return replace(composed, problems=(*composed.problems, *blocking)) if blocking else composed


def _is_enforceable(brief: Brief, policy: Policy, situation: Situation) -> bool:
    """Whether none of the debts that the message demands is time-barred, by a rule that counts it."""
    demanded = {line.reference for line in brief.statement.due}
    ends = [prescribed_on(situation, policy, debt) for debt in situation.case.debts if debt.reference in demanded]
    return bool(ends) and all(end is not None and situation.today <= end[0] for end in ends)
