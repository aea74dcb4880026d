"""The legal gates before a demand: what must stop it, whatever the hour. One function per kind of rule.

Each adds its reasons and answers with what it takes away; none looks at the clock of day or at caps.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from operator import attrgetter
from typing import TypeVar

from channels.contract import Channel
from orchestrator.domain.account import Position
from orchestrator.domain.agreement import Blocks, Hold
from orchestrator.domain.campaign import DocumentKind, Purpose
from orchestrator.domain.case import Departure
from orchestrator.domain.case_clock import add_months, end_of
from orchestrator.domain.debt import ClaimKind, Debt
from orchestrator.domain.decision import Reason, Verdict
from orchestrator.domain.place import business_days_between, local_date
from orchestrator.domain.policy import (
    CreditorFactsRule,
    FloorRule,
    FormalNoticeRule,
    FreshnessRule,
    HoldRule,
    LetterFirstRule,
    Policy,
    PrescriptionRule,
    ProportionRule,
)
from orchestrator.domain.situation import Situation

T = TypeVar("T", FreshnessRule, ProportionRule)


def holds_that_block(situation: Situation, policy: Policy, purpose: Purpose) -> list[Hold]:
    """Case and person holds that stop this purpose: demands always, the rest where they or the pack block all."""
    if purpose is Purpose.DEMAND or not situation.case_holds:
        return list(situation.case_holds)
    silent = {kind for rule in policy.of(HoldRule) if rule.blocks == Blocks.ALL for kind in rule.holds}
    return [hold for hold in situation.case_holds if hold.blocks is Blocks.ALL or hold.kind in silent]


def hold_reason(hold: Hold, situation: Situation, policy: Policy) -> Reason:
    """The reason that a hold is, under the pack's rule for its kind when there is one."""
    rule = next((rule for rule in policy.of(HoldRule) if hold.kind in rule.holds), None)
    until = end_of(hold.until, hold.grace_days, situation.place) if hold.until else None
    return Reason(rule.id if rule else "HOLD", Verdict.BLOCK, (("hold", hold.kind.value), ("id", hold.id)), until)


def freshness(situation: Situation, policy: Policy, kind: DocumentKind) -> Reason | None:
    """No demand on a ledger older than allowed (semantics A3): the creditor's own limit or the pack's, the tightest."""
    rules = policy.of(FreshnessRule)
    if not rules:
        return None
    name = "formal_notice_business_days" if kind is DocumentKind.FORMAL_NOTICE else "business_days"
    rule, limit = _least(rules, name)
    own = situation.context.creditor.data_max_age.count
    limit = min(limit, own) if kind is DocumentKind.FORMAL_NOTICE else own or limit
    as_of = situation.context.ledger_as_of
    if as_of is None:
        return Reason(rule.id, Verdict.BLOCK, (("ledger", "none"),))
    age = business_days_between(as_of, situation.today, situation.place)
    values: tuple[tuple[str, str | int], ...] = (("age_business_days", age), ("limit", limit))
    return Reason(rule.id, Verdict.BLOCK if age > limit else Verdict.ALLOW, values)


def _least(rules: tuple[T, ...], field: str) -> tuple[T, int]:
    """(rule, its value) of the strictest of several: a layer has its own rules beside those of its pack."""
    rule = rules[0] if len(rules) == 1 else min(rules, key=attrgetter(field))
    return rule, getattr(rule, field)


def creditor_facts(situation: Situation, policy: Policy) -> list[Reason]:
    """What a third-party collector must have on file; only a note while every lane is the sandbox (semantics A11)."""
    reasons = []
    for rule in policy.of(CreditorFactsRule):
        missing = [name for name in rule.requires if not situation.context.creditor.fact(name)]
        if missing:
            verdict = Verdict.NOTE if situation.context.is_sandbox else Verdict.BLOCK
            reasons.append(Reason(rule.id, verdict, (("missing", ",".join(missing)),)))
        else:
            reasons.append(Reason(rule.id, Verdict.ALLOW))
    return reasons


def lines_left_out(situation: Situation) -> list[Reason]:
    """What the ledger brings beside the principals and the pack does not let be demanded (FR-FEE-01 to 04)."""
    return [
        Reason(each.rule, Verdict.NOTE, (("line", each.kind), ("amount_cents", each.amount_cents)))
        for each in situation.claims.left_out
    ]


def prescription_rule(policy: Policy, claim: ClaimKind) -> PrescriptionRule | None:
    """The rule for a kind of claim: the one that names it, else the general one; unknown takes the shortest."""
    return policy.limitation.get(claim)


def prescribed_on(situation: Situation, policy: Policy, debt: Debt) -> tuple[date, PrescriptionRule] | None:
    """The last day on which a debt may be demanded, and the rule; None when no rule limits it."""
    rule = prescription_rule(policy, debt.claim_kind)
    if rule is None:
        return None
    start = debt.due_on
    for day in sorted(_interruptions(situation, rule, debt)):
        # Once the time is over nothing brings the debt back: what interrupts must come before.
        if start < day <= add_months(start, rule.months):
            start = day
    return add_months(start, rule.months), rule


def _interruptions(situation: Situation, rule: PrescriptionRule, debt: Debt) -> Iterator[date]:
    for interruption in situation.case.interruptions:
        if interruption.reference == debt.reference and interruption.how in rule.reset_by:
            yield interruption.on
    if "payment" in rule.reset_by:
        reversed_ids = {payment.id for payment in situation.case.reversals}
        for payment in situation.case.payments:
            if debt.reference in payment.references and payment.id not in reversed_ids:
                yield payment.received_on


def without_prescribed(
    situation: Situation, policy: Policy, positions: Iterable[Position], reasons: list[Reason]
) -> list[Position]:
    """The debts that are not time-barred; each barred one leaves a reason, each near one a note."""
    kept = []
    for position in positions:
        limit = prescribed_on(situation, policy, position.debt)
        if limit is None:
            kept.append(position)
            continue
        last_day, rule = limit
        left = (last_day - situation.today).days
        if left < 0:
            reasons.append(
                Reason(rule.id, Verdict.BLOCK, (("debt", position.debt.reference), ("barred_on", str(last_day))))
            )
            continue
        if rule.warn_days and left <= max(rule.warn_days):
            reasons.append(Reason(rule.id, Verdict.NOTE, (("debt", position.debt.reference), ("days_left", left))))
        kept.append(position)
    return kept


def demand_counts(situation: Situation) -> dict[str, int]:
    """How many demands each debt has had, in its whole life, failed ones apart."""
    counts: dict[str, int] = {}
    for departure in situation.case.departures:
        if departure.purpose is Purpose.DEMAND and _really_left(departure, situation):
            for reference in departure.references:
                counts[reference] = counts.get(reference, 0) + 1
    return counts


def _really_left(departure: Departure, situation: Situation) -> bool:
    return not departure.is_observed and departure.message_id not in situation.failed_ids


def within_proportion(
    situation: Situation, policy: Policy, positions: list[Position], reasons: list[Reason]
) -> list[Position]:
    """Debts that have not had their lifetime's demands yet (semantics B16)."""
    rules = policy.of(ProportionRule)
    if not rules or not situation.case.departures:
        return positions
    (rule, at_most), counts = _least(rules, "demands_per_debt"), demand_counts(situation)
    kept = [p for p in positions if counts.get(p.debt.reference, 0) < at_most]
    verdict = Verdict.ALLOW if kept else Verdict.BLOCK
    most = max((counts.get(p.debt.reference, 0) for p in positions), default=0)
    reasons.append(Reason(rule.id, verdict, (("demands", most), ("at_most", at_most))))
    return kept


def costs_too_much(situation: Situation, policy: Policy, use: str) -> Reason | None:
    """Whether one more message of this use would cost more than the pack's share of the balance (semantics B16)."""
    rules = policy.of(ProportionRule)
    if not rules:
        return None
    rule, per_cent = _least(rules, "cost_per_cent")
    spent = sum(d.cost_cents for d in situation.case.departures if not d.is_observed)
    cost = spent + situation.context.costs_cents.get(use, 0)
    if cost * 100 > situation.account.balance_cents * per_cent:
        return Reason(rule.id, Verdict.BLOCK, (("cost_cents", cost), ("per_cent", per_cent), ("use", use)))
    return None


def below_floor(situation: Situation, policy: Policy) -> Reason | None:
    """Below the pack's floor the ladder stops after so many demands (semantics B12)."""
    rules = policy.of(FloorRule)
    if not rules or situation.case.currency != rules[-1].currency:
        return None
    rule = rules[-1]
    demands = sum(1 for d in situation.departures if d.purpose is Purpose.DEMAND and _really_left(d, situation))
    if situation.account.balance_cents < rule.balance_cents and demands >= rule.last_level:
        return Reason(
            rule.id, Verdict.BLOCK, (("balance_cents", situation.account.balance_cents), ("demands", demands))
        )
    return None


def letter_first(situation: Situation, policy: Policy, channel: str, kind: DocumentKind) -> Reason | None:
    """Before the R124-4 letter no other contact; after it, the other channels wait (FR-3P-04, semantics B8).

    Of several rules the first that speaks against it counts. A document that is itself wanted first waits for none
    that a later rule wants: the rules stand in the order in which their documents go.
    """
    allowed = None
    for rule in policy.of(LetterFirstRule):
        if rule.marks and not any(situation.case.has_mark(mark) for mark in rule.marks):
            continue
        if kind is rule.document:
            return allowed
        if channel not in rule.channels and channel != "letter":
            continue
        found = _after_letter(situation, rule, channel)
        if found.verdict is not Verdict.ALLOW:
            return found
        allowed = allowed or found
    return allowed


def _after_letter(situation: Situation, rule: LetterFirstRule, channel: str) -> Reason:
    posted = letter_posted_at(situation, rule.document)
    if posted is None:
        return Reason(rule.id, Verdict.ASK, (("missing", rule.document.value),))
    posted_on = local_date(posted, situation.place)
    if channel in rule.channels:
        opens = end_of(posted_on, rule.min_delay_days - 1, situation.place)
        if situation.now < opens:
            return Reason(rule.id, Verdict.DEFER, (("posted", str(posted_on)),), opens)
    return Reason(rule.id, Verdict.ALLOW, (("posted", str(posted_on)),))


def letter_posted_at(situation: Situation, document: DocumentKind) -> datetime | None:
    """When the first letter of this kind was posted, here or (for a collector's, imported) before us."""
    is_of_collector = document is DocumentKind.R124_4_LETTER
    for departure in situation.life:
        if departure.kind is not document or departure.message_id in situation.failed_ids:
            continue
        # The text says "lettre": what left otherwise opens nothing.
        if not is_of_collector or departure.channel is Channel.LETTER:
            return departure.at
    if not is_of_collector:
        return None
    imported = [debt.history.letter_on for debt in situation.case.debts if debt.history and debt.history.letter_on]
    return end_of(min(imported), -1, situation.place) if imported else None


def formal_notice_debts(
    situation: Situation, policy: Policy, positions: list[Position], reasons: list[Reason]
) -> list[Position]:
    """A formal notice claims only debts that each had a reminder of their own (semantics A4, R35)."""
    rules = [rule for rule in policy.of(FormalNoticeRule) if rule.needs_prior_reminder]
    if not rules:
        return positions
    reminded = reminded_references(situation)
    kept = [position for position in positions if position.debt.reference in reminded]
    verdict = Verdict.ALLOW if kept else Verdict.BLOCK
    values = (("reminded", len(kept)), ("due", len(positions)))
    reasons.append(Reason(rules[0].id, verdict, values))
    return kept


def reminded_references(situation: Situation) -> frozenset[str]:
    """The debts that had a demand of their own since they were due, here or (imported) before us."""
    reminded = {
        reference
        for departure in situation.life
        if departure.purpose is Purpose.DEMAND
        and departure.kind is not DocumentKind.UPCOMING
        and departure.message_id not in situation.failed_ids
        for reference in departure.references
    }
    reminded |= {debt.reference for debt in situation.case.debts if debt.history and debt.history.last_contact_on}
    return frozenset(reminded)
