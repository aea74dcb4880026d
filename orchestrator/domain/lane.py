"""Lanes: one provider account on one channel, with what bounds it. Owns no bucket's state and no call."""

from datetime import time
from enum import StrEnum

import msgspec

from channels.contract import Channel
from orchestrator.domain.campaign import Use


class DoubtPolicy(StrEnum):
    """What becomes of an attempt that nobody can prove (design 6)."""

    PERSON = "person"  # a person decides
    AFTER_TWO_LOOKUPS = "after_two_lookups"  # two negative look-ups, the second 15 minutes later, make it absent


class Breaker(msgspec.Struct, frozen=True):
    """After so many failures in a row a lane rests so many seconds, then tries one message."""

    failures: int = 5
    rest_seconds: int = 60


class Lane(msgspec.Struct, frozen=True, kw_only=True):
    """One way out. `rate` is messages a second (SMS: segments), None for no bound; `burst` as many at once.

    `settings` are the provider's own words; `variables` name the environment variable of each setting that stands in
    none of our files (secrets above all), and `webhook_secrets` those that verify what the provider posts to us.
    `creditors` None serves all. `hours` bound the lane itself, in `zone`; a debtor's hours are the packs'. Lanes of one
    channel are tried in the order of the file, the next only after a definite refusal.
    """

    id: str
    channel: Channel
    provider: str
    settings: dict[str, str] = {}
    variables: dict[str, str] = {}
    webhook_secrets: tuple[str, ...] = ()
    rate: float | None = None
    burst: int = 1
    daily_quota: int | None = None
    concurrency: int = 8
    uses: frozenset[Use] = frozenset()
    creditors: tuple[str, ...] | None = None
    hours: tuple[tuple[time, time], ...] = ()
    zone: str = "Europe/Paris"
    cost_cents: dict[str, int] = {}
    breaker: Breaker = Breaker()
    in_doubt: DoubtPolicy = DoubtPolicy.PERSON
    is_sandbox: bool = False

    def serves(self, use: Use, creditor: str) -> bool:
        """Whether it may carry that use for that creditor."""
        return (
            use.channel is self.channel
            and (not self.uses or use in self.uses)
            and (self.creditors is None or creditor in self.creditors)
        )


SANDBOX_LANES = tuple(
    Lane(id=f"sandbox-{channel.value}", channel=channel, provider="sandbox", concurrency=1, is_sandbox=True)
    for channel in Channel
)
"""What a deployment without a lanes file has: every channel writes to the outbox."""


def lane_for(lanes: tuple[Lane, ...], use: Use, creditor: str, *, refused: frozenset[str] = frozenset()) -> Lane | None:
    """The first lane that serves, leaving out those that refused the message already; None when there is none."""
    for lane in lanes:
        if lane.serves(use, creditor) and lane.id not in refused:
            return lane
    return None
