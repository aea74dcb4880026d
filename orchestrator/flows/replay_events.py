"""Lets events that came in be applied again: some by their ids, or all that are parked. What was done is done once.

Whoever sees some creditors does so with what names one of theirs.
"""

from collections.abc import Collection

from orchestrator.domain.errors import NotFound
from orchestrator.flows.seen_events import Whose, is_seen, seen_event, walk
from orchestrator.storage import inbox
from orchestrator.storage.database import Database
from orchestrator.storage.inbox import State


def replay_events(database: Database, ids: Collection[int], *, creditors: Whose = None) -> int:
    """Returns how many will be applied again; one that waits already is not counted. Raises NotFound for an unknown id.

    Whether an event can be applied now shows when it was: within a second where workers run.
    """
    with database.begin() as conn:
        unknown = sorted(set(ids) - inbox.known(conn, ids))
        if unknown:
            named = ", ".join(str(each) for each in unknown[:3])
            raise NotFound(f"no event is numbered {named}", hint="relance webhooks list")
        if creditors is not None:
            for each in ids:
                seen_event(conn, each, creditors)
        return inbox.replay(conn, ids)


def replay_parked(database: Database, *, source: str = "", creditors: Whose = None) -> int:
    """Every parked event, or those of one source; returns how many there are."""
    with database.begin() as conn:
        if creditors is None:
            return inbox.replay_parked(conn, source=source)
        parked = walk(conn, state=State.PARKED, source=source)
        mine = [event.id for event in parked if is_seen(event, creditors)]
        return inbox.replay(conn, mine) if mine else 0
