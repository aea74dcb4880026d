"""Lets events that came in be applied again: some by their ids, or all that are parked. What was done is done once."""

from collections.abc import Collection

from orchestrator.domain.errors import NotFound
from orchestrator.storage import inbox
from orchestrator.storage.database import Database


def replay_events(database: Database, ids: Collection[int]) -> int:
    """Returns how many will be applied again; one that waits already is not counted. Raises NotFound for an unknown id.

    Whether an event can be applied now shows when it was: within a second where workers run.
    """
    with database.begin() as conn:
        unknown = sorted(set(ids) - inbox.known(conn, ids))
        if unknown:
            named = ", ".join(str(each) for each in unknown[:3])
            raise NotFound(f"no event is numbered {named}", hint="relance webhooks list")
        return inbox.replay(conn, ids)


def replay_parked(database: Database, *, source: str = "") -> int:
    """Every parked event, or those of one source; returns how many there are."""
    with database.begin() as conn:
        return inbox.replay_parked(conn, source=source)
