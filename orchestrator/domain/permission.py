"""Whether a channel is open to a message for this person: a lane, a usable address, no stop, no rule against it.

Owns no hour, no cap and no choice between channels: that is `sending`.
"""

import re

from channels.contract import DeliveryStatus
from orchestrator.domain import gates
from orchestrator.domain.campaign import Purpose, Use
from orchestrator.domain.contact import POINT_OF_CHANNEL, ContactPerson, Fault, PointKind, Role
from orchestrator.domain.decision import Reason, Verdict
from orchestrator.domain.policy import PermissionRule, Policy
from orchestrator.domain.situation import Situation


def closed(situation: Situation, policy: Policy, use: Use, *, to: Role | None, purpose: Purpose) -> Reason | None:
    """Why this channel cannot be used for this person; None when it can."""
    channel = use.channel
    if use not in situation.context.uses:
        return Reason("LANE", Verdict.PASS, (("use", use.value), ("why", "no_lane")))
    person, fault = situation.usable_point(POINT_OF_CHANNEL[channel], to)
    forbidden = _forbidden(situation, policy, channel.value, person, fault)
    if forbidden is not None:
        rule_id, why = forbidden
        return Reason(rule_id, Verdict.PASS, (("use", use.value), ("why", why)))
    if fault is not None:
        return Reason("CONTACT", Verdict.PASS, (("use", use.value), ("fault", fault.value)))
    return gates.costs_too_much(situation, policy, use.value) if purpose is Purpose.DEMAND else None


def closed_to_calls(situation: Situation, policy: Policy) -> Reason | None:
    """Why nobody may call this person; None when somebody may. A landline is called as well as any number."""
    person, fault = situation.usable_point(PointKind.PHONE, None)
    forbidden = _forbidden(situation, policy, CALL, person, fault)
    if forbidden is None:
        return None
    rule_id, why = forbidden
    return Reason(rule_id, Verdict.PASS, (("use", CALL), ("why", why)))


def _forbidden(
    situation: Situation, policy: Policy, channel: str, person: ContactPerson | None, fault: Fault | None
) -> tuple[str, str] | None:
    """(rule id, why) of the first rule that closes the channel. A stop is obeyed even where no rule says so."""
    for rule in policy.of(PermissionRule):
        if channel not in rule.channels:
            continue
        for why in rule.when:
            if (fault is not None and fault.value == why) or _is_so(situation, channel, person, why):
                return rule.id, why
    return ("OPT_OUT", "opted_out") if is_opted_out(situation, channel) else None


def _is_so(situation: Situation, channel: str, person: ContactPerson | None, why: str) -> bool:
    """Whether a condition of a permission rule is true, faults of the point apart (a landline, not the debtor's)."""
    if why == "opted_out":
        return is_opted_out(situation, channel)
    if why == "complained":
        return any(r.status is DeliveryStatus.COMPLAINED and r.channel == channel for r in situation.case.receipts)
    if why == "not_given_by_debtor":
        point = person.point(_POINT_OF[channel]) if person else None
        return point is not None and not point.given_by_debtor
    if why == "party_third_sms":
        return channel == "sms" and situation.context.creditor.party == "third_party"
    if why == "no_consent":
        return not situation.case.has_mark(f"{CONSENT}{channel}")
    if why == "unnamed":
        return _is_nobody(person.name if person and person.name else situation.case.debtor.name)
    return False


# "To the occupier" is nobody's name (FCA CONC 7.9), whatever stands around it.
_NOBODY = re.compile(
    r"\W*(?:(?:to|the|current|present|legal)\W+)*(?:occupiers?|occupants?|householders?|homeowners?|residents?|tenants?)"
    r"(?:\s*[,(/\d].*|\s+(?:of|at)\s.*)?|to whom it may concern|",
    re.IGNORECASE | re.DOTALL,
)
# A debtor who agreed to be written to by a channel bears this mark, with the channel after it.
CONSENT = "consent_"

CALL = "call"
# A debtor who asked for no more calls (imports, replies and people set it).
NO_CALL = "no_call"

_POINT_OF: dict[str, PointKind] = {channel.value: kind for channel, kind in POINT_OF_CHANNEL.items()}
_POINT_OF[CALL] = PointKind.PHONE


def _is_nobody(name: str) -> bool:
    return _NOBODY.fullmatch(name.strip()) is not None


def is_opted_out(situation: Situation, channel: str) -> bool:
    """Whether the person closed this channel, here or in another case. Post stays open to a consumer (FR-HAR-03).

    A company's contact closes an address, not the firm: the channel is closed with its last address (semantics A7).
    """
    if channel == "letter":
        return False
    if channel == CALL:
        return situation.case.has_mark(NO_CALL)
    if channel in situation.context.opted_out:
        return True
    closed_points = [
        s.key.split(":", 1)[1] for s in situation.case.opt_outs if s.is_on and s.key.startswith(f"{channel}:")
    ]
    if not closed_points:
        return False
    if "" in closed_points or situation.case.debtor.status.is_individual:
        return True
    points = (point for person in situation.case.debtor.people for point in person.points)
    return all(p.value in closed_points for p in points if p.kind is _POINT_OF[channel] and p.fault is None)
