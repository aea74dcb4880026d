"""What may be claimed of a case at all, before anybody asks by which channel or when; for messages and calls."""

from orchestrator.domain import gates
from orchestrator.domain.account import Position
from orchestrator.domain.campaign import DocumentKind
from orchestrator.domain.decision import Act, Reason, Verdict, Wait
from orchestrator.domain.policy import Policy
from orchestrator.domain.questions import ask, tomorrow
from orchestrator.domain.situation import Situation


def claimable(
    situation: Situation, policy: Policy, kind: DocumentKind, step: str, reasons: list[Reason]
) -> list[Position] | Act:
    """The debts that a demand of this kind may be about, at least one; or a question or a wait where there are none."""
    stopped = _stopped(situation, policy, kind, step, reasons)
    if stopped is not None:
        return stopped
    is_early = kind is DocumentKind.UPCOMING
    asked = [p for p in situation.account.positions if p.demandable_cents > 0] if is_early else situation.account.due()
    reasons += gates.lines_left_out(situation)
    positions = gates.without_prescribed(situation, policy, asked, reasons)
    positions = gates.within_proportion(situation, policy, positions, reasons)
    if kind is DocumentKind.FORMAL_NOTICE and positions:
        positions = gates.formal_notice_debts(situation, policy, positions, reasons)
    if not positions or _is_covered(situation, positions, reasons):
        return Wait(tomorrow(situation))
    return positions


def _stopped(situation: Situation, policy: Policy, kind: DocumentKind, step: str, reasons: list[Reason]) -> Act | None:
    if policy.expired:
        reasons.append(Reason("HOUSE-01", Verdict.BLOCK, (("pack", policy.expired[0]),)))
        return ask(situation, "pack_expired", policy.expired[0], role="admin", step=step)
    facts = gates.creditor_facts(situation, policy)
    reasons += facts
    if any(reason.verdict is Verdict.BLOCK for reason in facts):
        return ask(situation, "creditor_facts", situation.case.creditor, role="admin", step=step)
    fresh = gates.freshness(situation, policy, kind)
    if fresh is not None:
        reasons.append(fresh)
        if fresh.verdict is Verdict.BLOCK:
            return Wait(tomorrow(situation))
    floor = gates.below_floor(situation, policy)
    if floor is not None:
        reasons.append(floor)
        return Wait(None)
    if not situation.account.due() and kind is not DocumentKind.UPCOMING:
        held = next((p.holds[0] for p in situation.account.positions if p.holds), "not_due")
        reasons.append(Reason("NOTHING_DUE", Verdict.BLOCK, (("why", held),)))
        return Wait(tomorrow(situation))
    return None


def _is_covered(situation: Situation, positions: list[Position], reasons: list[Reason]) -> bool:
    """An unallocated credit at least equal to what would be claimed holds it (semantics A3)."""
    credit = situation.account.credit_cents
    if credit < sum(position.demandable_cents for position in positions):
        return False
    reasons.append(Reason("CREDIT", Verdict.BLOCK, (("credit_cents", credit),)))
    return True
