"""Words that the law forbids keep a message back before it is called, as a missing mention does (semantics D10).

The reason names family and rule, never the words: it goes into the journal, they may be of a person.
"""

from datetime import date

from msgspec.structs import replace

from orchestrator.domain.campaign import DocumentKind
from orchestrator.domain.gates import prescribed_on
from orchestrator.domain.place import local_date
from orchestrator.domain.policy import Policy
from orchestrator.domain.situation import Situation
from orchestrator.rendering.brief import Brief
from orchestrator.rendering.compose import Composed
from orchestrator.rendering.lint.finding import Finding
from orchestrator.rendering.lint.lint import lint_message


def with_words_judged(composed: Composed, brief: Brief, policy: Policy, situation: Situation) -> Composed:
    """The message, with a problem for each finding that blocks; what only warns was told by `relance campaign lint`."""
    found = findings_of(composed, brief, policy, situation)
    blocking = dict.fromkeys(finding.problem for finding in found if finding.blocks)
    return replace(composed, problems=(*composed.problems, *blocking)) if blocking else composed


def findings_of(composed: Composed, brief: Brief, policy: Policy, situation: Situation) -> list[Finding]:
    """Everything that the lint finds in a message on its way out, what only warns included."""
    return lint_message(
        composed,
        brief,
        policy,
        is_enforceable=lambda: _is_enforceable(brief, policy, situation),
        energy_letters_on=lambda: _energy_letters_on(brief, situation),
    )


def _is_enforceable(brief: Brief, policy: Policy, situation: Situation) -> bool:
    """Whether none of the debts that the message demands is time-barred, by a rule that counts it."""
    demanded = {line.reference for line in brief.statement.due}
    ends = [prescribed_on(situation, policy, debt) for debt in situation.case.debts if debt.reference in demanded]
    return bool(ends) and all(end is not None and situation.today <= end[0] for end in ends)


def _energy_letters_on(brief: Brief, situation: Situation) -> tuple[date | None, date | None]:
    """When the first letter before a cut left, and the first second letter after it, each about all debts demanded.

    In doubt, only observed or proved undelivered, a letter announced nothing (décret 2008-780, art. 1 and 2).
    """
    demanded = {line.reference for line in brief.statement.due}
    told: dict[DocumentKind, list[date]] = {}
    for departure in situation.case.departures:
        is_sure = not departure.is_observed and not departure.is_in_doubt
        if is_sure and departure.message_id not in situation.failed_ids and demanded <= {*departure.references}:
            told.setdefault(departure.kind, []).append(local_date(departure.at, situation.place))
    first = min(told.get(DocumentKind.ENERGY_FIRST_LETTER, ()), default=None)
    seconds = [day for day in told.get(DocumentKind.ENERGY_SECOND_LETTER, ()) if first is not None and first < day]
    return first, min(seconds, default=None)
