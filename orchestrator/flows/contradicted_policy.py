"""Where a campaign contradicts the pack that it asserts: what the gate would refuse every time, said before release."""

from collections.abc import Iterator

import msgspec

from orchestrator.domain.campaign import Campaign, DocumentKind, Step
from orchestrator.domain.condition import Condition, Every, OneOf
from orchestrator.domain.policy import DocumentRule, FormalNoticeRule, LetterFirstRule, Pack, Policy


class Contradiction(msgspec.Struct, frozen=True):
    """A rule that the campaign cannot obey as it is written: the rule, the step if one, and a sentence."""

    rule: str
    step: str
    message: str


def contradictions(campaign: Campaign, pack: Pack, policy: Policy) -> Iterator[Contradiction]:
    """Each contradiction, in the order of the steps."""
    yield from _wrong_debtor(campaign, pack)
    yield from _wrong_first_contact(campaign, policy)
    for number, step in enumerate(campaign.steps):
        yield from _wrong_deadline(step, policy)
        yield from _wrong_document(step, campaign.steps[:number], policy)


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
    kind = first.send.kind if first is not None and first.send is not None else None
    rules = [rule for rule in policy.of(LetterFirstRule) if not rule.marks]
    if first is None or any(kind is rule.document for rule in rules):
        return
    for rule in rules:
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


def _wrong_document(step: Step, earlier: tuple[Step, ...], policy: Policy) -> Iterator[Contradiction]:
    """A document whose day never comes: too short a deadline, no channel that may carry it, nothing sent before it."""
    if step.send is None:
        return
    sent = {before.send.kind for before in earlier if before.send is not None}
    uses = {use.channel.value for line in step.channel for use in line.use}
    days = step.send.deadline.days if step.send.deadline is not None else 0
    for rule in policy.of(DocumentRule):
        if step.send.kind not in rule.documents:
            continue
        if days < rule.deadline_days:
            words = f"a deadline of {days} days, and {rule.id} wants {rule.deadline_days} at least"
            yield Contradiction(rule.id, step.id, words)
        if rule.channels and uses.isdisjoint(rule.channels):
            allowed = ", ".join(channel.value for channel in rule.channels)
            yield Contradiction(rule.id, step.id, f"it may only go by {allowed} ({rule.title})")
        if rule.needs is not None and rule.needs not in sent:
            yield Contradiction(rule.id, step.id, f"no step before it sends the {rule.needs.value} ({rule.title})")
