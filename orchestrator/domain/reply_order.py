"""In which order people take up replies: what may hurt somebody first, then disputes, then the oldest and the largest.

Owns the order; where it is kept is `storage.waiting_replies`.
"""

from collections.abc import Collection
from datetime import datetime
from enum import IntEnum

from orchestrator.domain.reply import Intent, Reading


class Risk(IntEnum):
    """How grave it would be to leave a reply lying; the lowest is taken up first."""

    DANGER = 0
    VULNERABLE = 1
    DISPUTE = 2
    ORDINARY = 3


_OF_INTENT = {
    Intent.DISTRESS: Risk.DANGER,
    Intent.DECEASED: Risk.DANGER,
    Intent.CANNOT_PAY: Risk.VULNERABLE,
    Intent.DISPUTE: Risk.DISPUTE,
    Intent.ABUSE: Risk.DISPUTE,
    Intent.COMPLAINT: Risk.DISPUTE,
}
# Marks of people who are to be answered before others.
FRAGILE = frozenset({"vulnerable", "hardship", "self_harm", "deceased", "guardianship", "minor"})
# Sums beyond are all the same to the order: a hundred thousand million, in minor units.
_MOST_CENTS = 10**13 - 1


def risk_of(reading: Reading, marks: Collection[str]) -> Risk:
    """The gravest of what was read and of what is known of the person."""
    read = (_OF_INTENT.get(intent, Risk.ORDINARY) for intent in reading.intents)
    known = Risk.ORDINARY if FRAGILE.isdisjoint(marks) else Risk.VULNERABLE
    danger = (Risk.DANGER for finding in reading.findings if finding.is_danger)
    return min((known, *read, *danger))


def place_in_line(risk: Risk, received_at: datetime, owed_cents: int, reply_id: str) -> str:
    """A text whose order is the order of work: risk, then the day it came, then the larger sum."""
    less = _MOST_CENTS - max(0, min(owed_cents, _MOST_CENTS))
    return f"{risk:d}|{received_at.date().isoformat()}|{less:013d}|{reply_id}"
