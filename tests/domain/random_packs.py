"""Random packs: hours, caps and every kind of gate, each rule there or not."""

from datetime import time
from random import Random
from typing import Any

from orchestrator.domain.agreement import HoldKind
from orchestrator.domain.campaign import DocumentKind
from orchestrator.domain.debt import ClaimKind
from orchestrator.domain.policy import (
    ApprovalRule,
    Cap,
    ContactChannel,
    FloorRule,
    FormalNoticeRule,
    FrequencyRule,
    HoldRule,
    HoursRule,
    LetterFirstRule,
    Pack,
    PermissionRule,
    PersonDecidesRule,
    PrescriptionRule,
    ProportionRule,
    SimilarTextRule,
    Window,
)
from tests.builders import ALL_CHANNELS, a_pack, frequency_rule, hours_rule
from tests.domain.packs import a_rule
from tests.domain.random_strategies import is_once_in

_SMS, _EMAIL, _LETTER, _CALL = ContactChannel.SMS, ContactChannel.EMAIL, ContactChannel.LETTER, ContactChannel.CALL
_RESETS = ("payment", "acknowledgment")
_GOODS, _TELECOM = (ClaimKind.GOODS, ClaimKind.SERVICES), (ClaimKind.TELECOM,)
_OFTEN: list[Any] = [
    a_rule(SimilarTextRule, "R-SAME", channels=(_SMS, _EMAIL), days=9),
    a_rule(PermissionRule, "R-STOP", channels=(_SMS, _EMAIL, _CALL), when=("opted_out", "complained")),
    a_rule(PersonDecidesRule, "R-CARE", marks=("vulnerable", "deceased")),
    a_rule(HoldRule, "R-SILENT", holds=(HoldKind.DEATH, HoldKind.SELF_HARM, HoldKind.MINOR), blocks="all"),
    a_rule(FormalNoticeRule, "R-NOTICE", deadline_days_from=8, deadline_days_to=15),
    a_rule(ProportionRule, "R-MEANS", cost_per_cent=10, demands_per_debt=4),
    a_rule(ApprovalRule, "R-ASK", acts=("formal_notice",), by="manager"),
    a_rule(PrescriptionRule, "R-GOODS", months=24, claims=_GOODS, reset_by=_RESETS),
    a_rule(PrescriptionRule, "R-TELECOM", months=12, claims=_TELECOM, reset_by=_RESETS),
]
# These stop most campaigns: they are drawn less often than the rest.
_SELDOM: list[Any] = [
    a_rule(FloorRule, "R-FLOOR", balance_cents=1500, currency="EUR", last_level=2),
    a_rule(LetterFirstRule, "R-LETTER", document=DocumentKind.R124_4_LETTER, channels=(_SMS, _EMAIL), min_delay_days=3),
]


def random_pack(rng: Random, **changes: Any) -> Pack:
    """Hours for some channels or all, one or two rules of caps, and any of the gates."""
    rules: list[Any] = [_random_hours(rng, "R-HOURS"), _random_caps(rng, "R-CAPS", ALL_CHANNELS)]
    if is_once_in(rng, 4):
        rules.append(_random_hours(rng, "R-HOURS-2"))
    if is_once_in(rng, 4):
        rules.append(_random_caps(rng, "R-CAPS-2", (_SMS, _CALL)))
    rules += [rule for rule in _OFTEN if is_once_in(rng, 2)] + [rule for rule in _SELDOM if is_once_in(rng, 6)]
    return a_pack(*rules, **changes)


def _random_hours(rng: Random, rule_id: str) -> HoursRule:
    start, length = rng.randint(6, 12), rng.randint(3, 12)
    window = Window(time(21), time(6)) if is_once_in(rng, 8) else Window(time(start), time((start + length) % 24))
    return hours_rule(
        rule_id,
        channels=rng.choice([ALL_CHANNELS, ALL_CHANNELS, (_SMS, _EMAIL)]),
        days=tuple(sorted(rng.sample(range(7), rng.randint(3, 7)))),
        windows=(window,),
        skips_holidays=not is_once_in(rng, 4),
    )


def _random_caps(rng: Random, rule_id: str, channels: tuple[ContactChannel, ...]) -> FrequencyRule:
    week, month = Cap(rng.randint(1, 4), 7 * 24), Cap(rng.randint(2, 8), 30 * 24)
    return frequency_rule(rule_id, channels=channels, caps=(week, month), gap_hours=rng.choice([0, 24, 72]))
