"""The clock of deadlines: seconds since the machine started, its sleep included. It never jumps with the wall clock."""

import time

from channels.contract import ReasonClass, Rejected

# A machine that was suspended between the gate and the call must find its time run out: CLOCK_MONOTONIC stood still.
_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)

TOO_LATE = Rejected(reason_class=ReasonClass.NOT_WRITTEN, code="start_by", detail="the time to start the call was over")


def now() -> float:
    """Seconds since the machine started."""
    return time.clock_gettime(_CLOCK)


def is_past(start_by: float | None) -> bool:
    """Whether a call that must start by then may no longer start."""
    return start_by is not None and now() > start_by
