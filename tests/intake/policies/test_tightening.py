"""Which way is stricter, for every field of every kind of rule, and how far a house value may go the other way."""

from datetime import date, time
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.agreement import HoldKind
from orchestrator.domain.amount_line import LegalBasis
from orchestrator.domain.amount_rules import PaymentOrderRule, ScheduleRule, Tier
from orchestrator.domain.campaign import DocumentKind
from orchestrator.domain.contact import DebtorStatus
from orchestrator.domain.debt import ClaimKind
from orchestrator.domain.rules import (
    Action,
    AmountsRule,
    ApprovalRule,
    Basis,
    Bound,
    Cap,
    ContactChannel,
    CreditorFactsRule,
    DocumentRule,
    DutyRule,
    FloorRule,
    FormalNoticeRule,
    FrequencyRule,
    FreshnessRule,
    HoldRule,
    HoursRule,
    IndemnityRule,
    InterestRule,
    LetterFirstRule,
    MentionsRule,
    PermissionRule,
    PersonDecidesRule,
    PrescriptionRule,
    ProportionRule,
    Rule,
    Season,
    SimilarTextRule,
    TextRule,
    Window,
)
from orchestrator.intake.policies.tightening import loosened, outside_own_bounds

SMS, EMAIL = ContactChannel.SMS, ContactChannel.EMAIL
HEAD: dict[str, Any] = {
    "id": "X-1", "title": "t", "source": "s", "valid_from": date(2020, 1, 1),
    "basis": Basis.STATUTE, "action": Action.DEFER,
}  # fmt: skip


def window(start: str, end: str) -> Window:
    return Window(time.fromisoformat(start), time.fromisoformat(end))


FREQUENCY = FrequencyRule(**HEAD, channels=(SMS,), caps=(Cap(2, 168), Cap(6, 720)), gap_hours=72)
HOURS = HoursRule(**HEAD, channels=(SMS,), days=(0, 1, 2), windows=(window("09:00", "19:00"),))
TWO_WINDOWS = msgspec.structs.replace(HOURS, windows=(window("09:00", "12:00"), window("14:00", "19:00")))
HOLD = HoldRule(**HEAD, holds=(HoldKind.PLAN,), default_days=30, at_most_months=24)
TEXT = TextRule(**HEAD, channels=(SMS,), check="words", values=("L01",))
SEGMENTS = TextRule(**HEAD, channels=(SMS,), check="sms_segments", values=("2",))
LETTER = DocumentRule(
    **HEAD, documents=(DocumentKind.NOTICE,), needs=DocumentKind.REMINDER, min_days_after=15, days_from_due=10,
    deadline_days=20, protected_days=30, protected=("vulnerable",), channels=(SMS, ContactChannel.LETTER),
    closed_season=Season((11, 1), (3, 31)), not_during=(HoldKind.PLAN,),
)  # fmt: skip
NOTICE = FormalNoticeRule(**HEAD, deadline_days_from=8, deadline_days_to=15)
MENTIONS = MentionsRule(**HEAD, channels=(SMS,), mentions=("link",), documents=(DocumentKind.REMINDER,))
INDEMNITY = IndemnityRule(**HEAD, amount_cents=4000, currency="EUR", legal_basis="L", statuses=(DebtorStatus.COMPANY,))
SCHEDULE = ScheduleRule(
    **HEAD, line="fee", legal_basis_code=LegalBasis.NL_COLLECTION_COST, legal_basis="L", currency="EUR",
    tiers=(Tier(None, 4000),), at_most_cents=677_500, after=(DocumentKind.FOURTEEN_DAY_LETTER,), after_days=14,
    needs_clause=True, free_reminders=1,
)  # fmt: skip
ORDER = PaymentOrderRule(**HEAD, parts=("interest", "principal", "fee"), debts=("due", "oldest"))
PRESCRIPTION = PrescriptionRule(**HEAD, months=24, claims=(ClaimKind.GOODS,), reset_by=("payment", "court_action"))

# (rule, a stricter change, a looser change)
BOTH_WAYS: list[tuple[Rule, dict[str, Any], dict[str, Any]]] = [
    (FREQUENCY, {"caps": (Cap(1, 168), Cap(6, 720))}, {"caps": (Cap(3, 168), Cap(6, 720))}),
    (FREQUENCY, {"caps": (Cap(2, 240), Cap(6, 720))}, {"caps": (Cap(2, 120), Cap(6, 720))}),
    (FREQUENCY, {"caps": (Cap(2, 168), Cap(6, 720), Cap(1, 24))}, {"caps": (Cap(2, 168),)}),
    (FREQUENCY, {"caps": (Cap(2, 720),)}, {"caps": ()}),
    (FREQUENCY, {"gap_hours": 96}, {"gap_hours": 48}),
    (FREQUENCY, {"channels": (SMS, EMAIL)}, {"channels": (EMAIL,)}),
    (FREQUENCY, {"action": Action.BLOCK}, {"action": Action.WARN}),
    (FREQUENCY, {"statuses": ()}, {"statuses": (DebtorStatus.COMPANY,)}),
    (HOURS, {"windows": (window("10:00", "18:00"),)}, {"windows": (window("08:00", "19:00"),)}),
    (HOURS, {"windows": (window("09:00", "12:00"), window("14:00", "19:00"))},
     {"windows": (window("09:00", "20:00"),)}),
    (HOURS, {"days": (1, 2)}, {"days": (0, 1, 2, 6)}),
    (msgspec.structs.replace(HOURS, skips_holidays=False), {"skips_holidays": True}, {"days": (3,)}),
    (HOURS, {"channels": (SMS, EMAIL)}, {"skips_holidays": False}),
    (HOURS, {"windows": (window("09:00", "10:00"),)}, {"windows": (window("22:00", "02:00"),)}),
    (SimilarTextRule(**HEAD, channels=(SMS,), days=10), {"days": 12}, {"days": 9}),
    (AmountsRule(**HEAD, forbid_lines=("fee",), unless=("has_title",)), {"unless": ()}, {"forbid_lines": ()}),
    (AmountsRule(**HEAD, forbid_lines=("fee",)), {"forbid_lines": ("fee", "penalty")}, {"unless": ("has_title",)}),
    (INDEMNITY, {"amount_cents": 0}, {"amount_cents": 5000}),
    (INDEMNITY, {"not_during": (HoldKind.INSOLVENCY,)}, {"statuses": ()}),
    (InterestRule(**HEAD, line="penalty", series="ecb.refi", points="10", not_during=(HoldKind.PLAN,)),
     {"not_during": (HoldKind.PLAN, HoldKind.INSOLVENCY)}, {"points": "12"}),
    (InterestRule(**HEAD, line="interest", series="fr.legal.other"), {}, {"series": "ecb.refi"}),
    (AmountsRule(**HEAD, forbid_lines=("fee",), except_bases=(LegalBasis.STATUTE_CHEQUE_COST,)),
     {"except_bases": ()}, {"except_bases": tuple(LegalBasis)}),
    (SCHEDULE, {"at_most_cents": 100_000}, {"at_most_cents": None}),
    (SCHEDULE, {"after_days": 21}, {"after_days": 7}),
    (SCHEDULE, {"computes": False}, {"needs_clause": False}),
    (SCHEDULE, {"free_reminders": 4}, {"tiers": (Tier(None, 5000),)}),
    (ORDER, {"parts": ("principal", "interest", "fee")}, {"parts": ("interest", "fee", "principal")}),
    (ORDER, {}, {"debts": ("due",)}),
    (PRESCRIPTION, {"months": 12}, {"months": 36}),
    (PRESCRIPTION, {"reset_by": ("court_action",)}, {"reset_by": ("payment", "court_action", "enforcement")}),
    (PRESCRIPTION, {"warn_days": (90, 60, 30)}, {"claims": ()}),
    (HOLD, {"default_days": 60}, {"default_days": 10}),
    (HOLD, {"default_days": None}, {"at_most_months": 12}),
    (HOLD, {"blocks": "all"}, {"holds": ()}),
    (msgspec.structs.replace(HOLD, blocks="all"), {"stops_penalties": True}, {"blocks": "demands"}),
    (LetterFirstRule(**HEAD, document=DocumentKind.R124_4_LETTER, channels=(SMS,), min_delay_days=3),
     {"min_delay_days": 5}, {"min_delay_days": 0}),
    (CreditorFactsRule(**HEAD, requires=("mandate",)), {"requires": ("mandate", "account")}, {"requires": ()}),
    (PermissionRule(**HEAD, channels=(SMS,), when=("opted_out",)), {"when": ("opted_out", "landline")}, {"when": ()}),
    (NOTICE, {"deadline_days_from": 10}, {"deadline_days_from": 5}),
    (NOTICE, {"deadline_days_to": 12}, {"deadline_days_to": 30}),
    (NOTICE, {}, {"needs_prior_reminder": False}),
    (LETTER, {"documents": (DocumentKind.NOTICE, DocumentKind.STATEMENT)}, {"documents": ()}),
    (LETTER, {"min_days_after": 20}, {"min_days_after": 14}),
    (LETTER, {"days_from_due": 11, "days_from_issue": 1}, {"days_from_due": None}),
    (LETTER, {"deadline_days": 30, "protected_days": 45}, {"deadline_days": 19}),
    (LETTER, {"protected": ("vulnerable", "ill")}, {"protected_days": 29, "protected": ()}),
    (LETTER, {"channels": (SMS,)}, {"channels": ()}),
    (LETTER, {"not_during": (HoldKind.PLAN, HoldKind.VETO)}, {"not_during": ()}),
    (LETTER, {"not_marked": ("time_barred",)}, {"closed_season": None}),
    (msgspec.structs.replace(LETTER, not_marked=("time_barred",)), {}, {"not_marked": ()}),
    (FrequencyRule(**HEAD, channels=(SMS,), gap_hours=168, conversations_only=True),
     {"conversations_only": False}, {"gap_hours": 24}),
    (FrequencyRule(**HEAD, channels=(SMS,), gap_hours=168), {"gap_hours": 200}, {"conversations_only": True}),
    (DutyRule(**HEAD, on=("payment",), task="receipt", days=3), {"days": 2}, {"days": 4}),
    (DutyRule(**HEAD, on=("payment",), task="receipt", days=3), {"by": "manager"}, {"on": ()}),
    (FloorRule(**HEAD, balance_cents=1500, currency="EUR", last_level=2),
     {"balance_cents": 2000}, {"balance_cents": 0}),
    (FloorRule(**HEAD, balance_cents=1500, currency="EUR", last_level=2), {"last_level": 1}, {"currency": "USD"}),
    (ProportionRule(**HEAD, cost_per_cent=10, demands_per_debt=8), {"cost_per_cent": 5}, {"cost_per_cent": 11}),
    (ProportionRule(**HEAD, cost_per_cent=10, demands_per_debt=8), {"demands_per_debt": 7}, {"demands_per_debt": 9}),
    (FreshnessRule(**HEAD, business_days=2, formal_notice_business_days=1),
     {"business_days": 1}, {"business_days": 3}),
    (MENTIONS, {"mentions": ("link", "way_out")}, {"mentions": ("way_out",)}),
    (MENTIONS, {"documents": ()}, {"documents": (DocumentKind.THANKS,)}),
    (msgspec.structs.replace(MENTIONS, documents=()), {}, {"documents": (DocumentKind.REMINDER,)}),
    (ApprovalRule(**HEAD, acts=("hand_over",)), {"by": "admin"}, {"by": "agent"}),
    (ApprovalRule(**HEAD, acts=("hand_over",)), {"acts": ("hand_over", "formal_notice")}, {"acts": ()}),
    (PersonDecidesRule(**HEAD, marks=("deceased",)), {"marks": ("deceased", "ill")}, {"marks": ()}),
    (TEXT, {"values": ("L01", "L02")}, {"values": ("L02",)}),
    (SEGMENTS, {"values": ("1",)}, {"values": ("3",)}),
    (SEGMENTS, {}, {"check": "words"}),
]  # fmt: skip


@pytest.mark.parametrize("rule, stricter, looser", BOTH_WAYS)
def test_a_stricter_value_is_seen_as_such(rule: Rule, stricter: dict[str, Any], looser: dict[str, Any]) -> None:
    assert loosened(rule, msgspec.structs.replace(rule, **stricter)) == []


@pytest.mark.parametrize("rule, stricter, looser", BOTH_WAYS)
def test_a_looser_value_is_named(rule: Rule, stricter: dict[str, Any], looser: dict[str, Any]) -> None:
    assert loosened(rule, msgspec.structs.replace(rule, **looser)) == list(looser)


def test_every_kind_of_rule_is_compared_both_ways() -> None:
    kinds = {type(rule) for rule, _, _ in BOTH_WAYS}
    assert kinds == set(Rule.__args__)


def test_another_kind_under_the_same_id_is_never_the_same_rule() -> None:
    assert loosened(FREQUENCY, TEXT) == ["kind"]


# --------------------------------------------------------------------------------- bounds


def house(rule: Rule, *bounds: Bound) -> Rule:
    return msgspec.structs.replace(rule, basis=Basis.HOUSE, bounds=bounds)


CAP_BOUND = Bound("caps", at_most=3, per_hours=168)
START, END = Bound("start", at_least=8 * 60), Bound("end", at_most=20 * 60)


@pytest.mark.parametrize(
    "rule, change, is_refused",
    [
        (house(FREQUENCY, CAP_BOUND), {"caps": (Cap(3, 168), Cap(6, 720))}, False),
        (house(FREQUENCY, CAP_BOUND), {"caps": (Cap(4, 168), Cap(6, 720))}, True),
        (house(FREQUENCY, CAP_BOUND), {"caps": (Cap(3, 168), Cap(7, 720))}, True),
        (house(FREQUENCY, CAP_BOUND), {"caps": (Cap(3, 168),)}, True),
        (house(FREQUENCY, CAP_BOUND), {"caps": (Cap(3, 100), Cap(6, 720))}, True),
        (house(FREQUENCY, CAP_BOUND), {"gap_hours": 24}, True),
        (house(FREQUENCY, Bound("gap_hours", at_least=24)), {"gap_hours": 24}, False),
        (house(FREQUENCY, Bound("gap_hours", at_least=24)), {"gap_hours": 23}, True),
        (house(FREQUENCY), {"gap_hours": 71}, True),
        (house(HOURS, START, END), {"windows": (window("08:00", "20:00"),)}, False),
        (house(HOURS, START, END), {"windows": (window("07:59", "20:00"),)}, True),
        (house(HOURS, START, END), {"windows": (window("08:00", "20:01"),)}, True),
        (house(HOURS, START), {"windows": (window("08:00", "20:00"),)}, True),
        (house(HOURS, START), {"windows": (window("08:00", "19:00"),)}, False),
        (house(HOURS), {"windows": (window("09:00", "19:01"),)}, True),
        (house(TWO_WINDOWS), {"windows": (window("09:00", "19:00"),)}, True),
        (house(TWO_WINDOWS, START), {"windows": (window("09:00", "19:00"),)}, False),
        (house(HOURS, START, END), {"windows": (window("20:00", "08:00"),)}, True),
        (house(HOURS, Bound("days", among=(0, 1, 2, 5))), {"days": (0, 1, 2, 5)}, False),
        (house(HOURS, Bound("days", among=(0, 1, 2, 5))), {"days": (0, 1, 2, 6)}, True),
        (house(HOLD, Bound("default_days", at_least=15)), {"default_days": 15}, False),
        (house(HOLD, Bound("default_days", at_least=15)), {"default_days": 14}, True),
        (house(FREQUENCY, CAP_BOUND), {"bounds": (Bound("caps", at_most=9, per_hours=168),)}, True),
        (house(FREQUENCY, CAP_BOUND), {"bounds": ()}, False),
    ],
)
def test_a_house_value_moves_inside_its_bounds_only(rule: Rule, change: dict[str, Any], is_refused: bool) -> None:
    assert bool(loosened(rule, msgspec.structs.replace(rule, **change))) is is_refused


@pytest.mark.parametrize("basis", [Basis.STATUTE, Basis.REGULATOR, Basis.PLATFORM])
def test_a_value_that_rests_on_law_or_a_provider_moves_in_no_bounds(basis: Basis) -> None:
    rule = msgspec.structs.replace(FREQUENCY, basis=basis, bounds=(Bound("gap_hours", at_least=1),))
    assert loosened(rule, msgspec.structs.replace(rule, gap_hours=71)) == ["gap_hours"]


def test_a_rule_whose_own_value_is_outside_its_bounds_is_found() -> None:
    assert outside_own_bounds(house(FREQUENCY, Bound("gap_hours", at_least=80))) == ["gap_hours"]
    assert outside_own_bounds(house(HOURS, Bound("end", at_most=18 * 60))) == ["windows"]
    assert outside_own_bounds(house(FREQUENCY, Bound("caps", at_most=3, per_hours=24))) == ["caps"]
    assert outside_own_bounds(house(FREQUENCY, CAP_BOUND)) == []
    assert outside_own_bounds(house(HOURS, START, END, Bound("days", among=(0, 1, 2)))) == []


# ------------------------------------------------------------------------------ what always holds

_CAPS = st.lists(st.builds(Cap, st.integers(0, 5), st.integers(1, 200)), max_size=3).map(tuple)


def _allowed(caps: tuple[Cap, ...], hours: list[int]) -> bool:
    """Whether contacts at these hours keep every cap."""
    return all(
        sum(1 for other in hours if hour - cap.per_hours < other <= hour) <= cap.count for cap in caps for hour in hours
    )


@given(_CAPS, _CAPS, st.lists(st.integers(0, 400), max_size=8))
def test_whatever_stricter_caps_allow_the_looser_ones_allow_too(
    old: tuple[Cap, ...], new: tuple[Cap, ...], hours: list[int]
) -> None:
    before = msgspec.structs.replace(FREQUENCY, caps=old)
    if not loosened(before, msgspec.structs.replace(before, caps=new)) and _allowed(new, hours):
        assert _allowed(old, hours)


@given(_CAPS, _CAPS, _CAPS)
def test_stricter_than_stricter_is_stricter(a: tuple[Cap, ...], b: tuple[Cap, ...], c: tuple[Cap, ...]) -> None:
    first, second, third = (msgspec.structs.replace(FREQUENCY, caps=caps) for caps in (a, b, c))
    if not loosened(first, second) and not loosened(second, third):
        assert not loosened(first, third)
