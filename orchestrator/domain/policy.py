"""Contact packs: the packs as written, which one the facts of a case select, and the rules in force on a day.

Owns selection. The shapes of the rules are `rules.py`'s, offered here too for those who judge by them.
"""

from collections.abc import Mapping
from datetime import date
from typing import TypeVar

import msgspec

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
    PermissionRule,
    PersonDecidesRule,
    PrescriptionRule,
    ProportionRule,
    Rule,
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
    "PrescriptionRule",
    "HoldRule",
    "LetterFirstRule",
    "CreditorFactsRule",
    "PermissionRule",
    "FormalNoticeRule",
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
    "PolicyBook",
    "choose_pack",
    "policy_on",
]

T = TypeVar("T")


class Pack(msgspec.Struct, frozen=True, kw_only=True):
    """One pack as written. Empty `party` or `debtor` means both; `sector` packs are layered on top."""

    id: str
    jurisdiction: str
    rules: tuple[Rule, ...]
    party: str = ""
    debtor: str = ""
    sector: str = ""
    extends: tuple[str, ...] = ()
    reviewed_on: date
    expires_on: date | None = None


class Policy(msgspec.Struct, frozen=True):
    """The rules in force for a case on a day: its pack, those it extends, and their sources.

    `limitation` is the rule that time-bars each kind of claim, where one does.
    """

    id: str
    on: date
    rules: tuple[Rule, ...]
    by_kind: dict[type, tuple[Rule, ...]]
    limitation: dict[ClaimKind, PrescriptionRule]
    reviewed_on: date

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
        self._chosen: dict[tuple[str, str, bool, str], str | None] = {}

    def on(self, pack_id: str, day: date, status: DebtorStatus | None = None) -> Policy:
        """The pack with all it extends, on a day, for a status. Raises NotFound for an unknown pack."""
        policy = self._on.get((pack_id, day, status))
        if policy is None:
            policy = self._on[pack_id, day, status] = policy_on(self.packs, pack_id, day, status)
        return policy

    def titles(self, language: str) -> dict[str, str]:
        """The title of every rule by its id, in a language where it has one."""
        return {rule.id: rule.title_in(language) for pack in self.packs.values() for rule in pack.rules}

    def select(self, *, jurisdiction: str, party: str, is_individual: bool, sector: str = "") -> str | None:
        """The pack that the facts of a case select (semantics B1), or None: then a person is asked."""
        facts = (jurisdiction, party, is_individual, sector)
        if facts not in self._chosen:
            self._chosen[facts] = choose_pack(
                self.packs, jurisdiction=jurisdiction, party=party, is_individual=is_individual, sector=sector
            )
        return self._chosen[facts]


def policy_on(packs: Mapping[str, Pack], pack_id: str, day: date, status: DebtorStatus | None = None) -> Policy:
    """The pack with all it extends, as in force on a day. The later pack's rule of the same id replaces.

    With a `status`, without the rules that do not concern it. Raises NotFound for a pack that does not exist.
    """
    merged: dict[str, Rule] = {}
    for name in (*_ancestors(packs, pack_id, ()), pack_id):
        for rule in _pack(packs, name).rules:
            if rule.is_valid_on(day) and rule.concerns(status):
                merged[rule.id] = rule
    rules = tuple(merged.values())
    by_kind: dict[type, tuple[Rule, ...]] = {}
    for rule in rules:
        by_kind[type(rule)] = (*by_kind.get(type(rule), ()), rule)
    limits = [rule for rule in rules if isinstance(rule, PrescriptionRule)]
    limitation = {claim: limit for claim in ClaimKind if (limit := _limit_of(claim, limits)) is not None}
    return Policy(pack_id, day, rules, by_kind, limitation, _pack(packs, pack_id).reviewed_on)


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


def choose_pack(
    packs: Mapping[str, Pack], *, jurisdiction: str, party: str, is_individual: bool, sector: str = ""
) -> str | None:
    """The pack that the facts of a case select (semantics B1), or None: a person is asked."""
    debtor = "individual" if is_individual else "business"
    candidates = [
        pack
        for pack in packs.values()
        if pack.jurisdiction == jurisdiction
        and pack.party in ("", party)
        and pack.debtor in ("", debtor)
        and pack.sector in ("", sector)
        and (pack.party or pack.debtor or pack.sector)
    ]
    candidates.sort(key=lambda pack: (pack.sector != "", pack.party != "", pack.debtor != ""), reverse=True)
    return candidates[0].id if candidates else None
