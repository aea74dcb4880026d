"""Answers that no person wrote: how they are recognised, and what they cannot mean."""

import re
from collections.abc import Sequence

import msgspec

from orchestrator.domain.reply import CERTAIN, Finding, Intent

_REPLY = re.compile(r"(?i)^\s*(?:re|ré|rép|rep|réf|tr|fw|fwd|aw|wg|sv|r)\s?(?:\[\d+\])?\s?:")
_AWAY = re.compile(
    r"(?i)(?:réponse|reponse|message|notification) (?:automatique|d['’ ]absence)|automatic reply|"
    r"auto(?:matic)?[- ]?(?:reply|response)|"
    r"out of (?:the )?office|absen(?:t|ce) (?:du bureau|jusqu|:)|^\s*absence\b|hors du bureau|\bOOO\b"
)
_TICKET = re.compile(
    r"(?i)accusé de réception|accuse de reception|\[?(?:ticket|case|demande|incident|"
    r"request)\s?[#n°:]{0,3}\s?[\w-]{0,6}\d{2,}|"
    r"(?:request|ticket|case) (?:received|created|opened)|demande (?:enregistrée|reçue|prise en compte)|"
    r"we(?:'ve| have) received"
)
# What a rule or a ticket system may tell us; it promises nothing, thanks for nothing, and has paid nothing.
_MACHINES_MAY_MEAN = {
    Intent.STOP, Intent.DISTRESS, Intent.DECEASED, Intent.WRONG_PERSON, Intent.WRITE_TO_SOMEONE_ELSE,
    Intent.MISSING_ORDER_NUMBER, Intent.AWAITING_APPROVAL_OR_CREDIT_NOTE, Intent.OUT_OF_OFFICE,
    Intent.TICKET_ACKNOWLEDGEMENT,
}  # fmt: skip
_OWN = {Intent.OUT_OF_OFFICE, Intent.TICKET_ACKNOWLEDGEMENT}
_UNSURE = 60


def own_subject(subject: str) -> str:
    """The subject, if the person wrote it: not ours with an answer's mark before it, nor a machine's."""
    is_theirs = subject.strip() and not (_REPLY.match(subject) or _AWAY.search(subject) or _TICKET.search(subject))
    return subject.strip() if is_theirs else ""


def is_machine(subject: str, findings: Sequence[Finding]) -> bool:
    """Whether the subject, or the text itself, says that nobody wrote this."""
    if _AWAY.search(subject) or _TICKET.search(subject):
        return True
    return any(
        found.intent in _OWN and re.search(r"(?i)automati|auto-?(?:reply|gener)", found.evidence) for found in findings
    )


def without_what_machines_cannot_mean(
    findings: Sequence[Finding], subject: str, *, is_order: bool
) -> tuple[Finding, ...]:
    """What remains of a reading when a machine wrote it: its own two intents sure, the few others for a person.

    What only a wide net holds is dropped: machines speak of messages, addresses and replies all the time.
    A bare keyword stays an order: mail programs write it for a person who pressed "unsubscribe".
    """
    if is_order:
        return tuple(findings)
    kept = [
        found if found.intent in _OWN else msgspec.structs.replace(found, confidence=min(found.confidence, _UNSURE))
        for found in findings
        if found.intent in _MACHINES_MAY_MEAN and found.confidence >= _UNSURE
    ]
    if not any(found.intent in _OWN for found in kept):
        for intent, pattern in ((Intent.OUT_OF_OFFICE, _AWAY), (Intent.TICKET_ACKNOWLEDGEMENT, _TICKET)):
            said = pattern.search(subject)
            if said:
                kept.append(Finding(intent=intent, confidence=CERTAIN, evidence=said[0]))
                break
    return tuple(kept)
