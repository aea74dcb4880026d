"""How the Twilio stub misbehaves, request by request: by a function, a list, or seeded chance."""

import random
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum

from msgspec import Struct


class Kind(StrEnum):
    """What happens to one request. Only the first six hold the message afterwards."""

    ACCEPT = "accept"
    LATE = "late"  # accepted, answered after `seconds`
    SILENT = "silent"  # accepted, never answered
    CUT_AFTER = "cut_after"  # accepted, cut before the first byte of the answer
    CUT_MID = "cut_mid"  # accepted, cut in the middle of the answer
    GARBLE = "garble"  # accepted, answered 201 with something that is not JSON
    CUT_EARLY = "cut_early"  # cut before the body was read
    THROTTLE = "throttle"  # 429, Retry-After `seconds`
    BREAK = "break"  # 503 with a page of some proxy
    REFUSE = "refuse"  # 400 with the Twilio error `code`


TAKEN = frozenset({Kind.ACCEPT, Kind.LATE, Kind.SILENT, Kind.CUT_AFTER, Kind.CUT_MID, Kind.GARBLE})


class Fault(Struct, frozen=True):
    """What happens to one request, in full. `status` replaces the usual one of REFUSE and BREAK."""

    kind: Kind = Kind.ACCEPT
    code: int = 21211
    seconds: float = 1.0
    status: int = 0


Plan = Callable[[int], Fault]
"""The fault of the n-th request of a kind, counted from 0."""

NONE = Fault()


def no_fault(_number: int) -> Fault:
    return NONE


def always(fault: Fault) -> Plan:
    return lambda _number: fault


def in_turn(*faults: Fault) -> Plan:
    """These, and then none."""
    return lambda number: faults[number] if number < len(faults) else NONE


def by_chance(seed: int, chances: Mapping[Fault, float]) -> Plan:
    """Each fault with its probability, the same for the same seed and number."""
    faults: Sequence[Fault] = (*chances, NONE)
    weights = (*chances.values(), 1.0 - sum(chances.values()))
    return lambda number: random.Random(f"{seed}/{number}").choices(faults, weights)[0]
