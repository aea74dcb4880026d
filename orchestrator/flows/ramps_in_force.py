"""Ramps after pauses: what a pause held leaves its lane at a growing rate, from the first message that leaves.

Not from the resume: one by night would have its ramp behind it before anything may be sent.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from orchestrator.domain.case import Case
from orchestrator.domain.condition import holds
from orchestrator.domain.interruption import Pause
from orchestrator.domain.lane import Lane
from orchestrator.domain.situation import Situation
from orchestrator.domain.throttle import Limit
from orchestrator.flows.lane_limits import ramp_limit
from orchestrator.flows.pause_scope import Named
from orchestrator.storage import ramps
from orchestrator.storage.database import Connection

# A week-end and its holidays may lie between a resume and the first message: older ends have no ramp any more.
LONGEST_SILENCE = timedelta(days=8)


class RampsInForce:
    """The ramps of one lane in one gate: which bind a message, and which its leaving begins."""

    def __init__(self, conn: Connection, lane: Lane, pauses: Sequence[Pause], now: datetime) -> None:
        self._conn, self._lane, self._now = conn, lane, now
        ended = [(pause, over) for pause in pauses if (over := pause.over_at(now)) is not None]
        mine = [(p, over) for p, over in ended if p.ramp and p.is_about(lane.id, lane.channel.value)]
        begun = ramps.begun(conn, lane.id, since=now - LONGEST_SILENCE) if mine else {}
        found = [(pause, (pause.id, over), begun.get((pause.id, over))) for pause, over in mine]
        self._running = [each for each in found if each[2] is None or now < each[2] + each[0].ramp]
        self._binding: dict[str, list[ramps.Key]] = {}
        self._begins: set[ramps.Key] = set()

    def limits(self, message_id: str, case: Case, situation: Callable[[], Situation]) -> list[tuple[Limit, int]]:
        """The ramps that bind a message. `situation` is asked only where the case alone does not tell."""
        found = []
        for pause, key, began in self._running:
            if _concerns(pause, case, situation):
                found.append((ramp_limit(self._lane, pause, began or self._now, self._now), 1))
                if began is None:
                    self._binding.setdefault(message_id, []).append(key)
        return found

    def leaves(self, message_id: str) -> None:
        """A message is let through: the ramps that bound it begin now, if they had not."""
        self._begins.update(self._binding.get(message_id, ()))

    def save(self) -> None:
        """Stores what began."""
        if self._begins:
            ramps.begin(self._conn, self._lane.id, self._begins, at=self._now)


def _concerns(pause: Pause, case: Case, situation: Callable[[], Situation]) -> bool:
    try:
        return holds(pause.scope, Named(case))
    except LookupError:
        return holds(pause.scope, situation())
