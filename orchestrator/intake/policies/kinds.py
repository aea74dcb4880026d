"""The kinds of contact rules: for each, its domain rule, its terms in a file, its bounds and what it may do.

Owns the one table, and the models made from it: a whole rule as a pack writes it, and a change of one.
"""

import re
from functools import reduce
from operator import or_
from typing import Annotated, Any, Literal, NamedTuple, Self

import pydantic

from orchestrator.domain import rules
from orchestrator.domain.contact import DebtorStatus
from orchestrator.domain.rules import Action, Basis, Rule
from orchestrator.intake.policies import bounds as limits
from orchestrator.intake.policies import claim_terms, terms
from orchestrator.intake.policies.terms import Terms
from orchestrator.intake.policies.tightening import MOVABLE, outside_own_bounds
from orchestrator.intake.strict_yaml.field_types import Day, Several, Text, Word, Written, one_of
from orchestrator.intake.strict_yaml.wording import refusal

EVIDENCE = ("statute seen", "secondary", "general knowledge", "house")


class Kind(NamedTuple):
    """One kind of rule."""

    rule: type[Rule]
    terms: type[Terms]
    actions: tuple[Action, ...]
    bounds: type[limits.Bounds] | None = None


_DEFERS = (Action.DEFER, Action.BLOCK)
_BLOCKS = (Action.BLOCK, Action.ASK, Action.DEFER, Action.WARN)
_TEXTS = (Action.REQUIRE_TEXT, Action.BLOCK, Action.WARN)
_LINES = (Action.REMOVE_LINE, Action.BLOCK)

KINDS: dict[str, Kind] = {
    "frequency": Kind(rules.FrequencyRule, terms.FrequencyTerms, _DEFERS, limits.FrequencyBounds),
    "similar_text": Kind(rules.SimilarTextRule, terms.SimilarTextTerms, _DEFERS, limits.SimilarTextBounds),
    "hours": Kind(rules.HoursRule, terms.HoursTerms, _DEFERS, limits.HoursBounds),
    "amounts": Kind(rules.AmountsRule, claim_terms.AmountsTerms, _LINES),
    "indemnity": Kind(rules.IndemnityRule, claim_terms.IndemnityTerms, _LINES),
    "interest": Kind(rules.InterestRule, claim_terms.InterestTerms, _LINES),
    "schedule": Kind(rules.ScheduleRule, claim_terms.ScheduleTerms, _LINES),
    "payment_order": Kind(rules.PaymentOrderRule, claim_terms.PaymentOrderTerms, (Action.WARN,)),
    "prescription": Kind(rules.PrescriptionRule, claim_terms.PrescriptionTerms, (Action.BLOCK,)),
    "hold": Kind(rules.HoldRule, terms.HoldTerms, _BLOCKS, limits.HoldBounds),
    "letter_first": Kind(rules.LetterFirstRule, terms.LetterFirstTerms, (Action.BLOCK, Action.ASK)),
    "creditor_facts": Kind(rules.CreditorFactsRule, terms.CreditorFactsTerms, (Action.BLOCK,)),
    "permission": Kind(rules.PermissionRule, terms.PermissionTerms, (Action.BLOCK, Action.ASK)),
    "formal_notice": Kind(rules.FormalNoticeRule, terms.FormalNoticeTerms, _BLOCKS),
    "document": Kind(rules.DocumentRule, terms.DocumentTerms, _BLOCKS),
    "duty": Kind(rules.DutyRule, terms.DutyTerms, (Action.ASK,)),
    "floor": Kind(rules.FloorRule, claim_terms.FloorTerms, _BLOCKS, limits.FloorBounds),
    "proportion": Kind(rules.ProportionRule, claim_terms.ProportionTerms, _BLOCKS, limits.ProportionBounds),
    "freshness": Kind(rules.FreshnessRule, claim_terms.FreshnessTerms, _BLOCKS, limits.FreshnessBounds),
    "mentions": Kind(rules.MentionsRule, terms.MentionsTerms, _TEXTS),
    "approval": Kind(rules.ApprovalRule, terms.ApprovalTerms, (Action.ASK,)),
    "person_decides": Kind(rules.PersonDecidesRule, terms.PersonDecidesTerms, (Action.ASK,)),
    "text": Kind(rules.TextRule, terms.TextTerms, _TEXTS),
}


def kind_of(rule: Rule) -> Kind:
    """The row of the table for a domain rule."""
    return KINDS[str(rule.__struct_config__.tag)]


def _rule_id(text: str) -> str:
    if not re.fullmatch(r"[A-Z]+(-[A-Z0-9]+)+", text):
        raise ValueError
    return text


RuleId = Annotated[str, Written(_rule_id, "a rule's id", "FR-HAR-01")]


class RuleFile(Terms):
    """What every rule says, whatever its kind."""

    id: RuleId
    title: Text = pydantic.Field(description="the rule in a plain sentence")
    titles: dict[Annotated[str, pydantic.Field(pattern="^[a-z]{2}$")], Text] = pydantic.Field(
        default={}, description="the same sentence in other languages, by language code"
    )
    basis: Basis
    source: Text = pydantic.Field(description="where it comes from, as a reader would look it up")
    sources: dict[Annotated[str, pydantic.Field(pattern="^[a-z]{2}$")], Text] = pydantic.Field(
        default={}, description="the same in other languages, by language code"
    )
    evidence: Annotated[str, one_of(*EVIDENCE)] = ""
    valid_from: Day
    valid_to: Day | None = None
    statuses: Several[DebtorStatus] = ()

    kind: str
    action: Action
    bounds: limits.Bounds | None = None

    @pydantic.model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise refusal("the rule ends before it begins", "check valid_from and valid_to")
        if lacking := self.lacks():
            raise refusal(lacking)
        if self.bounds is not None and self.basis not in MOVABLE:
            raise refusal(f"a rule of basis {self.basis} has no bounds: it may only be tightened", "delete bounds:")
        if outside := outside_own_bounds(self.rule()):
            raise refusal(f"the rule's own {outside[0]} is outside its bounds", "correct one of the two")
        return self

    def rule(self) -> Rule:
        """The domain's rule."""
        return KINDS[self.kind].rule(
            id=self.id,
            title=self.title,
            titles=self.titles,
            basis=self.basis,
            source=self.source,
            sources=self.sources,
            evidence=self.evidence,
            valid_from=self.valid_from,
            valid_to=self.valid_to,
            statuses=self.statuses,
            action=self.action,
            bounds=self.bounds.bounds() if self.bounds is not None else (),
            **self.values(),
        )


def _rule_model(name: str, kind: Kind) -> type[RuleFile]:
    fields: dict[str, Any] = {
        "kind": (Literal[name], ...),
        "action": (Annotated[Action, Word({each.value: each for each in kind.actions})], ...),
    }
    if kind.bounds is not None:
        fields["bounds"] = (kind.bounds | None, None)
    bases: Any = (kind.terms, RuleFile)
    made: type[RuleFile] = pydantic.create_model(
        _title(name, "Rule"), __base__=bases, __doc__=kind.terms.__doc__, **fields
    )
    return made


def _change_model(name: str, kind: Kind) -> type[Terms]:
    fields: dict[str, Any] = {}
    for field, info in kind.terms.model_fields.items():
        annotation: Any = info.annotation
        for each in info.metadata:
            annotation = Annotated[annotation, each]
        fields[field] = (annotation, pydantic.Field(None, alias=info.alias))
    return pydantic.create_model(_title(name, "Change"), __base__=kind.terms, **fields)


def _title(name: str, what: str) -> str:
    return name.title().replace("_", "") + what


RULE_MODELS: dict[str, type[RuleFile]] = {name: _rule_model(name, kind) for name, kind in KINDS.items()}
CHANGE_MODELS: dict[str, type[Terms]] = {name: _change_model(name, kind) for name, kind in KINDS.items()}

_one_rule: Any = reduce(or_, RULE_MODELS.values())
AnyRule = Annotated[_one_rule, pydantic.Field(discriminator="kind")]
"""One rule of a pack file; its `kind` says which keys it has."""
