"""Contact packs: the packs as written, which one the facts of a case select, and the rules in force on a day.

Owns selection. The shapes of the rules are `rules.py`'s, offered here too for those who judge by them.
"""

from collections.abc import Mapping
from datetime import date
from typing import TypeVar

import msgspec

from orchestrator.domain.agreement import HoldKind
from orchestrator.domain.contact import DebtorStatus
from orchestrator.domain.debt import ClaimKind
from orchestrator.domain.errors import NotFound
from orchestrator.domain.rules import (
    Action,
    AmountsRule,
    ApprovalRule,
    Basis,
    Bound,
    Cap,
    ContactChannel,
    CreditorFactsRule,
    DocumentRule,
    DutyRule,
    FloorRule,
    FormalNoticeRule,
    FrequencyRule,
    FreshnessRule,
    HoldRule,
    HoursRule,
    IndemnityRule,
    InterestRule,
    LetterFirstRule,
    MentionsRule,
    PaymentOrderRule,
    PermissionRule,
    PersonDecidesRule,
    PrescriptionRule,
    ProportionRule,
    Rule,
    ScheduleRule,
    SimilarTextRule,
    TextRule,
    Window,
)

__all__ = [
    "Basis",
    "Action",
    "ContactChannel",
    "Bound",
    "Cap",
    "FrequencyRule",
    "SimilarTextRule",
    "Window",
    "HoursRule",
    "AmountsRule",
    "IndemnityRule",
    "InterestRule",
    "ScheduleRule",
    "PaymentOrderRule",
    "PrescriptionRule",
    "HoldRule",
    "LetterFirstRule",
    "CreditorFactsRule",
    "PermissionRule",
    "FormalNoticeRule",
    "DocumentRule",
    "DutyRule",
    "FloorRule",
    "ProportionRule",
    "FreshnessRule",
    "MentionsRule",
    "ApprovalRule",
    "PersonDecidesRule",
    "TextRule",
    "Rule",
    "Pack",
    "Policy",
    "PackFacts",
    "PolicyBook",
    "base_of",
    "is_pack_name",
    "choose_pack",
    "policy_on",
]

T = TypeVar("T")


# Layers stand after their pack in the name of what a case obeys: "fr-own-b2c+fr-energy".
_LAID_OVER = "+"


class Pack(msgspec.Struct, frozen=True, kw_only=True):
    """One pack as written. Empty `party` or `debtor` means both.

    A pack with `sectors`, `claims` or a `region` is a layer: it adds its rules to the pack of a case of that sector of
    creditor, with an open claim of that kind, or in that part of the country (US-MA), whichever is so.
    """

    id: str
    jurisdiction: str
    rules: tuple[Rule, ...]
    party: str = ""
    debtor: str = ""
    sectors: tuple[str, ...] = ()
    claims: tuple[ClaimKind, ...] = ()
    region: str = ""
    extends: tuple[str, ...] = ()
    reviewed_on: date
    expires_on: date | None = None

    @property
    def is_layer(self) -> bool:
        """Whether it only adds to another pack."""
        return bool(self.sectors or self.claims or self.region)


class PackFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The facts of a case that select its pack and layers (semantics B1).

    `regions` are the parts of the country (US-MA) that the evidence does not exclude, `claims` of what is open.
    """

    jurisdiction: str
    party: str
    is_individual: bool
    sector: str = ""
    claims: frozenset[ClaimKind] = frozenset()
    regions: tuple[str, ...] = ()


class Policy(msgspec.Struct, frozen=True):
    """The rules in force for a case on a day: its pack, those it extends, its layers, and their sources.

    `limitation` is the rule that time-bars each kind of claim, where one does. `reviewed_on` is the oldest review of
    the packs named, `expired` those among them and all they extend whose last day is over.
    """

    id: str
    on: date
    rules: tuple[Rule, ...]
    by_kind: dict[type, tuple[Rule, ...]]
    limitation: dict[ClaimKind, PrescriptionRule]
    reviewed_on: date
    expired: tuple[str, ...] = ()

    def of(self, kind: type[T]) -> tuple[T, ...]:
        """The rules of one kind, in pack order."""
        return self.by_kind.get(kind, ())  # type: ignore[return-value]  # keyed by the rules' own type

    def rule(self, rule_id: str) -> Rule | None:
        """The rule of that id, or None."""
        for rule in self.rules:
            if rule.id == rule_id:
                return rule
        return None


class PolicyBook:
    """The packs of a deployment: which one the facts select, and its rules on a day. Caches."""

    def __init__(self, packs: Mapping[str, Pack]) -> None:
        self.packs = dict(packs)
        self._on: dict[tuple[str, date, DebtorStatus | None], Policy] = {}
        self._chosen: dict[PackFacts, str | None] = {}

    def on(self, pack_id: str, day: date, status: DebtorStatus | None = None) -> Policy:
        """The pack with all it extends, on a day, for a status. Raises NotFound for an unknown pack."""
        policy = self._on.get((pack_id, day, status))
        if policy is None:
            policy = self._on[pack_id, day, status] = policy_on(self.packs, pack_id, day, status)
        return policy

    def titles(self, language: str) -> dict[str, str]:
        """The title of every rule by its id, in a language where it has one."""
        return {rule.id: rule.title_in(language) for pack in self.packs.values() for rule in pack.rules}

    def review_days(self, kind: HoldKind) -> int | None:
        """After how many days a hold of this kind without an end is looked at, by the earliest rule of any pack."""
        rules = (rule for pack in self.packs.values() for rule in pack.rules if isinstance(rule, HoldRule))
        return min((r.default_days for r in rules if kind in r.holds and r.default_days is not None), default=None)

    def pack(self, name: str) -> Pack | None:
        """The pack that a name begins with, whatever is laid over it; None when a part of the name is unknown."""
        return self.packs[base_of(name)] if is_pack_name(self.packs, name) else None

    def select(self, facts: PackFacts) -> str | None:
        """The pack that the facts of a case select, with its layers, or None: then a person is asked."""
        if facts not in self._chosen:
            self._chosen[facts] = choose_pack(self.packs, facts)
        return self._chosen[facts]


def base_of(name: str) -> str:
    """The pack's own name, without what is laid over it."""
    return name.partition(_LAID_OVER)[0]


def parts_of(name: str) -> tuple[str, ...]:
    """The pack of a name and the layers laid over it, in order."""
    return tuple(name.split(_LAID_OVER))


def is_pack_name(packs: Mapping[str, Pack], name: str) -> bool:
    """Whether a name is that of a pack, perhaps with layers that exist after it."""
    base, *layers = name.split(_LAID_OVER)
    is_whole = base in packs and not packs[base].is_layer
    return is_whole and all(layer in packs and packs[layer].is_layer for layer in layers)


def policy_on(packs: Mapping[str, Pack], pack_id: str, day: date, status: DebtorStatus | None = None) -> Policy:
    """The pack with all it extends and its layers, on a day. The later pack's rule of the same id replaces.

    With a `status`, without the rules that do not concern it. Raises NotFound for a pack that does not exist.
    """
    merged: dict[str, Rule] = {}
    named = pack_id.split(_LAID_OVER)
    every = tuple(dict.fromkeys(each for name in named for each in (*_ancestors(packs, name, ()), name)))
    for name in every:
        for rule in _pack(packs, name).rules:
            if rule.is_valid_on(day) and rule.concerns(status):
                merged[rule.id] = rule
    rules = tuple(merged.values())
    by_kind: dict[type, tuple[Rule, ...]] = {}
    for rule in rules:
        by_kind[type(rule)] = (*by_kind.get(type(rule), ()), rule)
    limits = [rule for rule in rules if isinstance(rule, PrescriptionRule)]
    limitation = {claim: limit for claim in ClaimKind if (limit := _limit_of(claim, limits)) is not None}
    reviewed_on = min(_pack(packs, name).reviewed_on for name in named)
    expired = tuple(name for name in every if (last := packs[name].expires_on) is not None and last < day)
    return Policy(pack_id, day, rules, by_kind, limitation, reviewed_on, expired)


def _limit_of(claim: ClaimKind, rules: list[PrescriptionRule]) -> PrescriptionRule | None:
    """The rule that names a kind of claim, else the general one; the shortest of several, and of all for an unknown."""
    named = [rule for rule in rules if claim in rule.claims]
    candidates = rules if claim is ClaimKind.UNKNOWN else named or [rule for rule in rules if not rule.claims]
    return min(candidates, key=lambda rule: rule.months, default=None)


def _ancestors(packs: Mapping[str, Pack], pack_id: str, seen: tuple[str, ...]) -> tuple[str, ...]:
    found: list[str] = []
    for parent in _pack(packs, pack_id).extends:
        if parent not in seen:
            found += [*_ancestors(packs, parent, (*seen, pack_id)), parent]
    return tuple(dict.fromkeys(found))


def _pack(packs: Mapping[str, Pack], pack_id: str) -> Pack:
    try:
        return packs[pack_id]
    except KeyError:
        raise NotFound(f'no contact-rule pack is named "{pack_id}"', hint="see campaigns/policies/") from None


def choose_pack(packs: Mapping[str, Pack], facts: PackFacts) -> str | None:
    """The pack that the facts select (semantics B1), what is laid over it after "+"; None where a person is asked."""
    fitting = [pack for pack in packs.values() if _fits(pack, facts)]
    bases = [pack for pack in fitting if not pack.is_layer and (pack.party or pack.debtor)]
    bases.sort(key=lambda pack: (pack.party != "", pack.debtor != ""), reverse=True)
    if not bases:
        return None
    layers = sorted(pack.id for pack in fitting if pack.is_layer and _is_laid_over(pack, facts))
    return _LAID_OVER.join((bases[0].id, *layers))


def _fits(pack: Pack, facts: PackFacts) -> bool:
    debtor = "individual" if facts.is_individual else "business"
    return pack.jurisdiction == facts.jurisdiction and pack.party in ("", facts.party) and pack.debtor in ("", debtor)


def _is_laid_over(pack: Pack, facts: PackFacts) -> bool:
    return (facts.sector in pack.sectors) or not facts.claims.isdisjoint(pack.claims) or pack.region in facts.regions
