"""What is in force: campaigns and the releases that cases are pinned to, packs, creditors, rates. Reads nothing."""

import msgspec

from channels.contract import Channel
from orchestrator.domain.campaign import Campaign, Mode, Use
from orchestrator.domain.creditor import Creditor
from orchestrator.domain.lane import SANDBOX_LANES, Lane, lane_for
from orchestrator.domain.policy import PolicyBook
from orchestrator.domain.rates import Rates

# Prices of one message in euro cents until lanes say theirs: SMS segment, e-mail, simple and registered post.
USUAL_COSTS_CENTS = {"sms": 6, "email": 0, "letter": 135, "registered": 574}


class Strategy(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that decisions are taken by, beside the cases. Built anew when a file or a release changes.

    `campaigns` are the current releases, `pinned` every other release that a case may still follow.
    """

    campaigns: tuple[Campaign, ...]
    book: PolicyBook
    creditors: dict[str, Creditor]
    rates: Rates = {}
    pinned: tuple[Campaign, ...] = ()
    costs_cents: dict[str, int] = msgspec.field(default_factory=USUAL_COSTS_CENTS.copy)
    lanes: tuple[Lane, ...] = SANDBOX_LANES
    confirming: frozenset[Channel] = frozenset()
    mode: Mode | None = None
    is_rehearsal: bool = False

    @property
    def is_sandbox(self) -> bool:
        """Whether nothing can leave the machine."""
        return all(lane.is_sandbox for lane in self.lanes)

    def uses(self, creditor_id: str) -> frozenset[Use]:
        """What some lane carries for a creditor."""
        return frozenset(use for use in Use if lane_for(self.lanes, use, creditor_id) is not None)

    @property
    def all_campaigns(self) -> tuple[Campaign, ...]:
        """The current ones first, then those only followed."""
        return (*self.campaigns, *self.pinned)
