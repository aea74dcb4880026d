"""A provider without a network: it takes everything. Its narrow place is made wide, so that races are aimed there."""

import time
from itertools import count

from channels import boot_clock
from channels.contract import Accepted, CannotTell, Capabilities, Channel, Evidence, Inquiry, Message, Outcome


class Scripted:
    """Takes everything after a moment, and notes when each call began."""

    name, channel = "scripted", Channel.SMS
    capabilities = Capabilities(
        channel=Channel.SMS, confirms_delivery=False, echoes_attempt_id=False, leaves_machine=True
    )

    def __init__(self, moment_seconds: float = 0.0) -> None:
        self._moment_seconds = moment_seconds
        self.began: list[float] = []
        self._numbers = count(1)

    def send(self, message: Message, *, start_by: float | None = None) -> Outcome:
        del message, start_by
        if self._moment_seconds:
            time.sleep(self._moment_seconds)  # the narrow place between a gate and the first byte of its last calls
        self.began.append(boot_clock.now())
        return Accepted(f"S{next(self._numbers)}")

    def look_up(self, inquiry: Inquiry) -> Evidence:
        return CannotTell(inquiry.attempt_id)
