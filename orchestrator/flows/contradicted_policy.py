"""Where a campaign contradicts the pack that it asserts: what the gate would refuse every time, said before release."""

from collections.abc import Iterator

import msgspec

from orchestrator.domain.campaign import Campaign, DocumentKind, Step
from orchestrator.domain.condition import Condition, Every, OneOf
from orchestrator.domain.policy import FormalNoticeRule, LetterFirstRule, Pack, Policy


class Contradiction(msgspec.Struct, frozen=True):
    """A rule that the campaign cannot obey as it is written: the rule, the step if one, and a sentence."""

    rule: str
    step: str
    message: str


def contradictions(campaign: Campaign, pack: Pack, policy: Policy) -> Iterator[Contradiction]:
    """Each contradiction, in the order of the steps."""
    yield from _wrong_debtor(campaign, pack)
    yield from _wrong_first_contact(campaign, policy)
    for step in campaign.steps:
        yield from _wrong_deadline(step, policy)


def _wrong_debtor(campaign: Campaign, pack: Pack) -> Iterator[Contradiction]:
    wanted = _required(campaign.audience, "debtor")
    if pack.debtor and wanted and pack.debtor not in wanted:
        wants = ", ".join(sorted(wanted))
        words = f"the audience wants {wants}, the pack {pack.id} is for {pack.debtor}: no case can enter"
        yield Contradiction(pack.id, "", words)


def _required(condition: Condition, field: str) -> frozenset[str]:
    """The values that a condition requires of a field in every case; empty when it requires none."""
    if isinstance(condition, Every):
        for term in condition.terms:
            if found := _required(term, field):
                return found
    if isinstance(condition, OneOf) and condition.field == field:
        return condition.values
    return frozenset()


def _wrong_first_contact(campaign: Campaign, policy: Policy) -> Iterator[Contradiction]:
    """A third-party campaign begins with its letter (semantics B8)."""
    first = next((step for step in campaign.steps if step.send is not None or step.call is not None), None)
    for rule in policy.of(LetterFirstRule):
        kind = first.send.kind if first is not None and first.send is not None else None
        if first is not None and kind is not rule.document:
            words = f"the first contact must be the {rule.document.value} ({rule.title})"
            yield Contradiction(rule.id, first.id, words)


def _wrong_deadline(step: Step, policy: Policy) -> Iterator[Contradiction]:
    if step.send is None or step.send.kind is not DocumentKind.FORMAL_NOTICE or step.send.deadline is None:
        return
    days = step.send.deadline.days
    for rule in policy.of(FormalNoticeRule):
        if not rule.deadline_days_from <= days <= rule.deadline_days_to:
            words = (
                f"a deadline of {days} days, and {rule.id} allows {rule.deadline_days_from} to {rule.deadline_days_to}"
            )
            yield Contradiction(rule.id, step.id, words)
