"""Call: hand the messages that the gate let through to the lane's adapter, several at once, none after its time.

A call that has not begun when a pause does, when its case changes, when the lane fails time after time or asks for
time, or two seconds after the gate, is never begun: nothing of it was written.
"""

import logging
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

from channels import boot_clock
from channels.contract import Adapter, InDoubt, Outcome, ReasonClass, Rejected, Throttled
from orchestrator.domain.lane import Lane
from orchestrator.flows.lane_health import BREAKER, THROTTLED, is_failure
from orchestrator.flows.outgoing import Outgoing

log = logging.getLogger("relance.lanes")

# Seconds from the gate's commit to the first byte of a call, at most (design 6).
START_BY_SECONDS = 2.0

Recalled = Callable[[Outgoing], str]
"""Why a message is not to be called any more; empty when it may be."""


class _Calls:
    """The messages of one batch that wait for their call, shared by the loops that make them."""

    def __init__(
        self, adapter: Adapter, opened: Iterable[Outgoing], lane: Lane, start_by: float | None, recall: Recalled | None
    ) -> None:
        self._adapter, self._start_by, self._recall = adapter, start_by, recall
        self._most_failures = lane.breaker.failures
        self._failures = 0
        self._stop = ""
        self.waiting = deque(opened)

    def make(self) -> None:
        while self.waiting:
            try:
                item = self.waiting.popleft()
            except IndexError:  # another loop took the last one
                return
            why = self._stop or (self._recall(item) if self._recall else "")
            if why:
                item.outcome = Rejected(
                    reason_class=ReasonClass.NOT_WRITTEN, code=why, detail="dropped before its call"
                )
                continue
            item.outcome = _send(self._adapter, item, self._start_by)
            self._note(item.outcome)

    def _note(self, outcome: Outcome) -> None:
        """Two loops may lose a count between them: a breaker is no exact thing, and it is counted again by record."""
        self._failures = self._failures + 1 if is_failure(outcome) else 0
        if isinstance(outcome, Throttled):
            self._stop = THROTTLED
        elif self._failures >= self._most_failures:
            self._stop = BREAKER


def call_lane(
    adapter: Adapter,
    opened: Iterable[Outgoing],
    lane: Lane,
    *,
    start_by: float | None,
    executor: ThreadPoolExecutor | None = None,
    recall: Recalled | None = None,
) -> None:
    """Sets the outcome of each. Without an executor one after the other, in this thread.

    With one, as many loops as the lane may have calls under way share the messages: a task of the executor for each
    message would cost a third of its call. `recall` names why a message is not to be called any more. `start_by` is an
    instant of the boot clock, or None where calls need not hurry: nothing leaves the machine.
    """
    calls = _Calls(adapter, opened, lane, start_by, recall)
    if executor is None:
        calls.make()
        return
    for loop in [executor.submit(calls.make) for _ in range(min(lane.concurrency, len(calls.waiting)))]:
        loop.result()


def _send(adapter: Adapter, item: Outgoing, start_by: float | None) -> Outcome:
    if item.composed is None:
        raise RuntimeError("the gate opened for a message without words")
    try:
        return adapter.send(item.composed.message, start_by=start_by)
    except Exception as error:  # noqa: BLE001 - a fault of ours in one call leaves it in doubt, not the whole batch
        log.error("the adapter of %s failed: %s", adapter.name, type(error).__name__)  # its words may quote a number
        return InDoubt(f"the adapter failed: {type(error).__name__}")


def start_by_now() -> float:
    """The instant of the boot clock by which the calls of a gate that opens now must have begun."""
    return boot_clock.now() + START_BY_SECONDS
