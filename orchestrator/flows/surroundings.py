"""Gathers what decisions need around a batch of cases, in a handful of queries whatever the size of the batch."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from orchestrator.domain.context import Context
from orchestrator.domain.creditor import Creditor
from orchestrator.flows.pause_scope import over_persons
from orchestrator.flows.strategy import Strategy
from orchestrator.storage import cases, contacts, crises, imports, pauses
from orchestrator.storage.database import Connection

# The longest cap of a pack is thirty days; a little more costs nothing.
CONTACTS_LOOK_BACK = timedelta(days=40)
# The case clock must know the stops of a whole ladder, and of the campaign before it.
STOPS_LOOK_BACK = timedelta(days=400)


def contexts(
    conn: Connection, strategy: Strategy, stored: Sequence[cases.Stored], *, now: datetime
) -> dict[str, Context]:
    """The context of each case, by case id. A creditor whose file is away is no error here: its cases wait."""
    persons = {item.person_id for item in stored}
    met = contacts.of_persons(conn, persons, since=now - CONTACTS_LOOK_BACK)
    closed = cases.opted_out(conn, persons)
    laid_over = tuple(crises.overlapping(conn, since=now - STOPS_LOOK_BACK, until=now))
    paused = tuple(pauses.overlapping(conn, since=now - STOPS_LOOK_BACK, until=now))
    paused_as = over_persons(conn, paused, stored)
    uses = {creditor: strategy.uses(creditor) for creditor in {item.case.creditor for item in stored}}
    ledgers = imports.ledgers_as_of(conn, {item.case.creditor for item in stored})
    creditors = strategy.creditors
    return {
        item.case.id: Context(
            creditor=creditors.get(item.case.creditor) or Creditor(id=item.case.creditor, name=item.case.creditor),
            is_creditor_known=item.case.creditor in creditors,
            contacts=tuple(met.get(item.person_id, ())),
            opted_out=closed.get(item.person_id, frozenset()),
            pauses=paused_as.get(item.person_id, paused),
            crises=laid_over,
            ledger_as_of=ledgers.get(item.case.creditor),
            costs_cents=strategy.costs_cents,
            uses=uses[item.case.creditor],
            confirming=strategy.confirming,
            rates=strategy.rates,
            book=strategy.book,
            mode=strategy.mode,
            is_rehearsal=strategy.is_rehearsal,
            is_sandbox=strategy.is_sandbox,
        )
        for item in stored
    }
