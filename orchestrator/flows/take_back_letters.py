"""Take back letters that a pause finds with a printer still: asked for first, then told to their case.

Asking twice is asking once, so whoever is cut short between the two is made good by the next who looks.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from msgspec.structs import replace

from channels import boot_clock
from channels.contract import Adapter, Cancellation, Cancels, Channel
from orchestrator.domain.interruption import Pause
from orchestrator.flows.settle_attempts import withdraw_attempt
from orchestrator.storage import attempts, pauses
from orchestrator.storage.attempts import Attempt
from orchestrator.storage.database import Connection, Database

# No printer keeps a letter longer before its batch is closed.
_REACH = timedelta(days=31)
# An administrator waits for the answer; what is left is asked for by the next report.
_BUDGET_SECONDS = 2.0

InScope = Callable[[Connection, list[Attempt]], list[Attempt]]
"""Those of these attempts that the pause concerns."""


def take_back_letters(
    database: Database,
    pause: Pause,
    adapters: Mapping[str, Adapter],
    in_scope: InScope,
    *,
    now: datetime,
    real_now: datetime,
) -> int:
    """Cancels the letters of a pause that wait; returns how many could not be asked for yet."""
    until = boot_clock.now() + _BUDGET_SECONDS
    unasked = 0
    for lane_id, adapter in adapters.items():
        if adapter.channel is not Channel.LETTER or not isinstance(adapter, Cancels):
            continue
        with database.read() as conn:
            accepted = attempts.accepted_by_lane(conn, lane_id, since=pause.since - _REACH)
            # What passed its gate after the pause, once it was over, is none of its letters.
            accepted = [item for item in accepted if item.epoch < pause.epoch]
            try:
                letters = in_scope(conn, _held(adapter, accepted))
            except OSError:
                unasked += len(in_scope(conn, accepted))
                continue
        unasked += _cancel(database, pause, adapter, letters, until, now, real_now)
    return unasked


def _held(adapter: Cancels, letters: list[Attempt]) -> list[Attempt]:
    """Those that the adapter may still hold, or held until a cancel that nobody noted. Raises OSError."""
    held = adapter.held()
    return [item for item in letters if item.id in held]


def _cancel(
    database: Database,
    pause: Pause,
    adapter: Cancels,
    letters: list[Attempt],
    until: float,
    now: datetime,
    real_now: datetime,
) -> int:
    """Each letter by itself: what fails for one leaves the others to be asked for."""
    failed = 0
    for position, item in enumerate(letters):
        if boot_clock.now() > until:
            return failed + len(letters) - position
        try:
            answer = adapter.cancel(item.id)
        except OSError:
            failed += 1
            continue
        if answer is Cancellation.BUSY:
            return failed + len(letters) - position
        if answer is Cancellation.CANCELLED:
            _note(database, pause, item, now, real_now)
    return failed


def _note(database: Database, pause: Pause, item: Attempt, now: datetime, real_now: datetime) -> None:
    with database.begin() as conn:
        if not withdraw_attempt(conn, item.id, evidence="cancelled", now=now, real_now=real_now):
            return
        current = pauses.load(conn, pause.id, for_update=True)
        if current is not None:
            pauses.save(conn, replace(current, letters_cancelled=current.letters_cancelled + 1))
