"""When a document of a certain kind may go: after what, from which day, with how long a deadline (rules `document`).

One function per question: whether it may go now, and by which channels. Which channel is free is `permission`.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from orchestrator.domain.account import Position
from orchestrator.domain.campaign import DocumentKind, Use
from orchestrator.domain.decision import Reason, Verdict
from orchestrator.domain.place import local_date, start_of
from orchestrator.domain.policy import DocumentRule, FormalNoticeRule, Policy
from orchestrator.domain.situation import Situation

Values = tuple[tuple[str, str | int], ...]
# A season comes back every year: what has no day in one has none at all.
_YEAR_DAYS = 366


def document_gates(
    situation: Situation,
    policy: Policy,
    kind: DocumentKind,
    *,
    deadline_days: int,
    positions: Sequence[Position],
) -> list[Reason]:
    """A reason for each rule about this kind of document: allow, defer, or ask where time alone cures nothing."""
    rules = [rule for rule in policy.of(DocumentRule) if kind in rule.documents]
    found = [_judge(situation, rule, deadline_days, positions) for rule in rules]
    if kind is DocumentKind.FORMAL_NOTICE:
        found += [_formal_deadline(rule, deadline_days) for rule in policy.of(FormalNoticeRule)]
    return found


def refused_by_channel(policy: Policy, kind: DocumentKind, use: Use) -> Reason | None:
    """Why this channel may not carry a document of this kind; None when it may."""
    for rule in policy.of(DocumentRule):
        if kind in rule.documents and rule.channels and use.channel.value not in rule.channels:
            return Reason(rule.id, Verdict.PASS, (("use", use.value), ("why", "document")))
    return None


def weaker_proof(policy: Policy, kind: DocumentKind, use: Use) -> list[Reason]:
    """A note for each rule that would have a document of this kind go by a channel that proves more."""
    return [
        Reason(rule.id, Verdict.NOTE, (("use", use.value), ("best", rule.best.value)))
        for rule in policy.of(DocumentRule)
        if kind in rule.documents and rule.best is not None and use is not rule.best
    ]


def least_deadline(situation: Situation, rule: DocumentRule) -> int:
    """The days that the document must give this debtor at least."""
    is_protected = any(situation.case.has_mark(mark) for mark in rule.protected)
    return max(rule.deadline_days, rule.protected_days) if is_protected else rule.deadline_days


def _judge(situation: Situation, rule: DocumentRule, deadline_days: int, positions: Sequence[Position]) -> Reason:
    mark = next((mark for mark in rule.not_marked if situation.case.has_mark(mark)), None)
    if mark is not None:
        return Reason(rule.id, Verdict.ASK, (("mark", mark),))
    held = next((hold for hold in situation.holds if hold.kind in rule.not_during), None)
    if held is not None:
        return Reason(rule.id, Verdict.ASK, (("hold", held.kind.value), ("id", held.id)))
    if rule.is_forbidden:
        return Reason(rule.id, Verdict.ASK, (("why", "forbidden"),))
    least = least_deadline(situation, rule)
    if deadline_days < least:
        return Reason(rule.id, Verdict.ASK, (("deadline_days", deadline_days), ("at_least", least)))
    if rule.needs is not None and _needed_on(situation, rule.needs, positions) is None:
        return Reason(rule.id, Verdict.ASK, (("missing", rule.needs.value),))
    opens_on = _opens_on(situation, rule, positions, timedelta(days=deadline_days))
    if opens_on is None:
        return Reason(rule.id, Verdict.ASK, (("why", "season"), ("deadline_days", deadline_days)))
    if opens_on > situation.today:
        return Reason(rule.id, Verdict.DEFER, (("opens_on", str(opens_on)),), start_of(opens_on, situation.place.zone))
    return Reason(rule.id, Verdict.ALLOW)


def _opens_on(
    situation: Situation, rule: DocumentRule, positions: Sequence[Position], deadline: timedelta
) -> date | None:
    """The first day on which every condition of time is met, the season included; None when no day of a year is."""
    days = [situation.today]
    if rule.needs is not None and (before := _needed_on(situation, rule.needs, positions)) is not None:
        days.append(before + timedelta(days=rule.min_days_after))
    for position in positions:
        debt = position.debt
        if rule.days_from_due is not None:
            days.append(debt.due_on + timedelta(days=rule.days_from_due))
        if rule.days_from_issue is not None and debt.issued_on is not None:
            days.append(debt.issued_on + timedelta(days=rule.days_from_issue))
    opens_on, season = max(days), rule.closed_season
    if season is None:
        return opens_on
    # What is announced for a day in the season is announced in vain, whenever the letter leaves.
    year = (opens_on + timedelta(days=days) for days in range(_YEAR_DAYS))
    return next((day for day in year if not season.has(day) and not season.has(day + deadline)), None)


def _needed_on(situation: Situation, needed: DocumentKind, positions: Sequence[Position]) -> date | None:
    """The last day on which the document that must come before left about any of these debts; None if one had none."""
    left = [d for d in situation.life if d.kind is needed and d.message_id not in situation.failed_ids]
    references = [position.debt.reference for position in positions]
    lasts = [max((d.at for d in left if reference in d.references), default=None) for reference in references]
    if not lasts:
        lasts = [max((d.at for d in left), default=None)]
    days = [local_date(at, situation.place) for at in lasts if at is not None]
    return max(days) if len(days) == len(lasts) else None


def _formal_deadline(rule: FormalNoticeRule, deadline_days: int) -> Reason:
    """The deadline that a formal notice prints (HOUSE-13)."""
    if not deadline_days or rule.deadline_days_from <= deadline_days <= rule.deadline_days_to:
        # Without a deadline it cannot be written at all: its template requires one.
        return Reason(rule.id, Verdict.ALLOW, (("deadline_days", deadline_days),))
    bounds: Values = (("at_least", rule.deadline_days_from), ("at_most", rule.deadline_days_to))
    return Reason(rule.id, Verdict.ASK, (("deadline_days", deadline_days), *bounds))
