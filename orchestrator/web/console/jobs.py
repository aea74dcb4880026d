"""Work that takes longer than a page may: begun once, looked at again by whoever waits. Kept in this process, a while.

A resume of a large portfolio decides every case of it anew. What is cut short with the process is ended by
house-keeping (`end_pauses`), for the flows say first what they have begun.
"""

from collections.abc import Callable
from threading import Event, Lock, Thread
from time import monotonic
from typing import Any

import msgspec

from orchestrator.domain.errors import RelanceError
from orchestrator.web.errors import Refused, note_unforeseen

# Each holds a connection and a core.
MOST_AT_ONCE = 2
KEPT_SECONDS = 600.0


class Job(msgspec.Struct):
    """One piece of work: `result`, or the `error` that ended it, once it is `done`."""

    began: float
    done: Event
    result: Any = None
    error: RelanceError | Refused | None = None

    @property
    def is_done(self) -> bool:
        """Whether there is an answer."""
        return self.done.is_set()


class Jobs:
    """The work of this process, by name."""

    def __init__(self, *, clock: Callable[[], float] = monotonic) -> None:
        """`clock` tells seconds that only grow."""
        self._clock = clock
        self._lock = Lock()
        self._jobs: dict[str, Job] = {}

    def find(self, name: str) -> Job | None:
        """The work of that name, if it was begun lately."""
        with self._lock:
            self._forget()
            return self._jobs.get(name)

    def begin(self, name: str, work: Callable[[], object], *, wait_seconds: float) -> Job:
        """Begins the work, or joins what runs under that name; waits so long for its end. Raises Refused when busy."""
        with self._lock:
            self._forget()
            job = self._jobs.get(name)
            if job is None or job.is_done:
                if sum(not each.is_done for each in self._jobs.values()) >= MOST_AT_ONCE:
                    raise Refused(503, "too_busy", "others wait for the same already", hint="try again in a minute")
                job = self._jobs[name] = Job(self._clock(), Event())
                Thread(target=self._run, args=(job, work), name=f"console {name}", daemon=True).start()
        job.done.wait(wait_seconds)
        return job

    def forget(self, name: str) -> None:
        """What was found no longer holds."""
        with self._lock:
            known = self._jobs.get(name)
            if known is not None and known.is_done:
                del self._jobs[name]

    def _run(self, job: Job, work: Callable[[], object]) -> None:
        try:
            job.result = work()
        except (RelanceError, Refused) as error:
            job.error = error
        except Exception as error:  # noqa: BLE001 - the last place of this thread; a message may quote a debtor
            note_unforeseen(error)
            job.error = Refused(500, "internal", "something went wrong here; it was noted")
        finally:
            job.done.set()

    def _forget(self) -> None:
        now = self._clock()
        self._jobs = {
            name: job for name, job in self._jobs.items() if not job.is_done or now - job.began < KEPT_SECONDS
        }
