"""What a reply may have told that nobody has decided: hardship, distress, a death, a dispute. Pure.

Whoever answers it, or ends its reading, lifts the hold that it had: they say first whether it is so.
"""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from orchestrator.domain.account import holds_in_force
from orchestrator.domain.agreement import HOLDS_OF_PERSON, HoldKind
from orchestrator.domain.case import Case, CaseState
from orchestrator.domain.declarations import place_of_debtor
from orchestrator.domain.reply import Intent, Reading

# Whatever holds the person already keeps demands away from who may be in difficulty, and has a person of its own.
_DECIDED_BY: Mapping[Intent, frozenset[HoldKind]] = MappingProxyType(
    {
        Intent.DECEASED: frozenset({HoldKind.DEATH}),
        Intent.DISTRESS: HOLDS_OF_PERSON,
        Intent.CANNOT_PAY: HOLDS_OF_PERSON,
        Intent.DISPUTE: frozenset({HoldKind.DISPUTE}),
    }
)


def undecided(case: Case, reading: Reading, received_at: datetime, now: datetime) -> tuple[Intent, ...]:
    """The grave intents of a reading of that instant that neither a machine nor a person has acted on.

    A hold that was placed since decides, also when somebody has lifted it again. Of a case that is over, none.
    """
    if case.state is not CaseState.OPEN:
        return ()
    running = {hold.kind for hold in holds_in_force(case, now, place_of_debtor(case))}
    since = {hold.kind for hold in case.holds if hold.since >= received_at}
    known = running | since
    read = dict.fromkeys(finding.intent for finding in reading.findings)
    return tuple(intent for intent in read if intent in _DECIDED_BY and known.isdisjoint(_DECIDED_BY[intent]))
