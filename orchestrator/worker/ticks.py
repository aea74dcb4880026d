"""Ticks of a deployment of several processes: APScheduler in memory, in UTC; a tick is a hint without meaning."""

import logging
from collections.abc import Callable, Sequence
from functools import partial

from apscheduler.schedulers.blocking import BlockingScheduler
from redis.exceptions import RedisError

from orchestrator.worker.hints import Hints

log = logging.getLogger("relance.scheduler")


def make_scheduler(hints: Hints, lane_ids: Sequence[str]) -> BlockingScheduler:
    """A scheduler that hints at every drain. A tick that was missed is made up for by the next: it is never skipped."""
    defaults = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
    scheduler = BlockingScheduler(timezone="UTC", job_defaults=defaults)
    _every(scheduler, 1, "cases.advance", hints.advance.send)
    for lane_id in lane_ids:
        _every(scheduler, 1, f"lane.send {lane_id}", partial(hints.send.send, lane_id))
    _every(scheduler, 5, "attempts.reconcile", hints.reconcile.send)
    _every(scheduler, 10, "pauses.end", hints.keep_house.send)
    _every(scheduler, 30, "guards.watch", hints.watch.send)
    _every(scheduler, 5, "figures.count", hints.count.send)
    _every(scheduler, 1, "inbox.apply", hints.listen.send)
    _every(scheduler, 1, "endpoints.tell", hints.tell.send)
    return scheduler


def _every(scheduler: BlockingScheduler, seconds: int, name: str, hint: Callable[[], object]) -> None:
    def tick() -> None:
        try:
            hint()
        except RedisError as error:
            # Workers poll by themselves: a lost hint costs a second.
            log.warning("no hint for %s: %s", name, type(error).__name__)

    scheduler.add_job(tick, "interval", seconds=seconds, id=name)
