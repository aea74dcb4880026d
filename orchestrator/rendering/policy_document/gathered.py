"""What the document is told of: campaigns with their releases and examples, packs in force on a day, rates, creditors.

Facts only, gathered by `flows.policy_document`.
"""

from datetime import date

import msgspec

from orchestrator.domain.campaign import Campaign, Use
from orchestrator.domain.contact import DebtorStatus
from orchestrator.domain.creditor import Creditor
from orchestrator.domain.rates import RateSeries
from orchestrator.domain.rules import Rule
from orchestrator.domain.voice import Voice


class Happened(msgspec.Struct, frozen=True):
    """An event of an example: `event` is a key of the campaign files' events, `until_on` the day it speaks of."""

    on: date
    event: str
    until_on: date | None = None


class Expected(msgspec.Struct, frozen=True, kw_only=True):
    """What an example expects: `kind` is step, none_until, task, approve, close or hand_over; `name` says which."""

    kind: str
    name: str = ""
    on: date | None = None
    channel: Use | None = None
    voice: Voice | None = None


class Example(msgspec.Struct, frozen=True, kw_only=True):
    """A test of a campaign's file: the case as it stands, what happens, what must follow. Cents, `due_on` a date."""

    title: str
    status: DebtorStatus
    balance_cents: int
    currency: str
    due_on: date
    imported_on: date | None = None
    means: tuple[str, ...] = ()
    happenings: tuple[Happened, ...] = ()
    expected: tuple[Expected, ...] = ()


class CampaignInForce(msgspec.Struct, frozen=True, kw_only=True):
    """A campaign with its words' titles, its examples and its release.

    `released_on` None means that no case can follow it yet; `is_changed` that its file has moved on since.
    `titles` gives the title of each template by language.
    """

    campaign: Campaign
    titles: dict[str, dict[str, str]]
    examples: tuple[Example, ...] = ()
    released_on: date | None = None
    released_by: str = ""
    is_changed: bool = False


class PackInForce(msgspec.Struct, frozen=True, kw_only=True):
    """A pack with every rule that it has in force on the day, those of the packs it extends included.

    A layer adds its rules for creditors of its `sectors`, for its `claims` or in its `region`.
    """

    id: str
    jurisdiction: str
    party: str
    debtor: str
    is_layer: bool = False
    sectors: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()
    region: str = ""
    reviewed_on: date
    expires_on: date | None
    rules: tuple[Rule, ...]


class Gathered(msgspec.Struct, frozen=True, kw_only=True):
    """All that one document is about. `day` is whose rules are shown, `printed_on` when it was made."""

    day: date
    printed_on: date
    campaigns: tuple[CampaignInForce, ...]
    packs: tuple[PackInForce, ...]
    rates: tuple[RateSeries, ...] = ()
    creditors: tuple[Creditor, ...] = ()
