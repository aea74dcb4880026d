"""Where a sender of the proof can be made to die: by wrapping functions of the product, which knows nothing of it."""

import os
import signal
import threading
from collections.abc import Callable
from types import ModuleType
from typing import Any

from channels import transport
from channels.sms.twilio import Twilio
from orchestrator.flows import dispatch, record_sends
from orchestrator.storage import attempts


class Death:
    """Kills this process, without a last word, on the n-th time that it is met."""

    def __init__(self, on: int) -> None:
        self._left = on
        self._lock = threading.Lock()

    def meet(self) -> None:
        with self._lock:
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    def before(self, owner: ModuleType | type, name: str) -> None:
        """Whenever this function is about to run."""
        function: Callable[..., Any] = getattr(owner, name)

        def wrapped(*given: Any, **named: Any) -> Any:
            self.meet()
            return function(*given, **named)

        setattr(owner, name, wrapped)

    def after(self, owner: ModuleType | type, name: str) -> None:
        """Whenever this function has returned."""
        function: Callable[..., Any] = getattr(owner, name)

        def wrapped(*given: Any, **named: Any) -> Any:
            result = function(*given, **named)
            self.meet()
            return result

        setattr(owner, name, wrapped)


# The last act of the gate's transaction is to insert its attempts, that of record's to note how the lane fares.
POINTS: dict[str, Callable[[Death], None]] = {
    "before the gate commits": lambda death: death.after(attempts, "insert"),
    "after the gate committed": lambda death: death.after(dispatch, "open_gate"),
    "before a call": lambda death: death.before(Twilio, "send"),
    "after the bytes of a call": lambda death: death.after(transport._Connection, "write"),
    "after the answer to a call": lambda death: death.after(Twilio, "send"),
    "before the answers are committed": lambda death: death.after(record_sends, "note_outcomes"),
    "after the answers are committed": lambda death: death.after(dispatch, "record_sends"),
}


def arm(point: str, on: int) -> None:
    """This process dies when it comes to that point for the n-th time."""
    POINTS[point](Death(on))
