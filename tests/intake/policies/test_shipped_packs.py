"""The packs that are shipped: whole, sourced, consistent with the vocabularies they speak, and stored unchanged."""

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.campaign import DocumentKind
from orchestrator.domain.contact import DebtorStatus
from orchestrator.domain.debt import ClaimKind
from orchestrator.domain.policy import Pack, PackFacts, Policy, choose_pack, policy_on
from orchestrator.domain.rules import (
    AmountsRule,
    Basis,
    Bound,
    Cap,
    ContactChannel,
    CreditorFactsRule,
    FloorRule,
    FormalNoticeRule,
    FrequencyRule,
    FreshnessRule,
    HoursRule,
    IndemnityRule,
    InterestRule,
    LetterFirstRule,
    MentionsRule,
    PermissionRule,
    PrescriptionRule,
    ProportionRule,
    Rule,
    Season,
    SimilarTextRule,
    TextRule,
    Window,
)
from orchestrator.intake.policies.policy_yaml import load_packs
from orchestrator.intake.policies.rates_yaml import load_rates

CAMPAIGNS = Path(__file__).resolve().parents[3] / "campaigns"
TODAY = date(2026, 11, 21)
LEAVES = ("fr-own-b2c", "fr-own-b2b", "fr-3p-b2c", "fr-3p-b2b")


@cache
def packs() -> dict[str, Pack]:
    return load_packs(CAMPAIGNS / "policies")


def policy(name: str, status: DebtorStatus | None = None) -> Policy:
    return policy_on(packs(), name, TODAY, status)


# ------------------------------------------------------------------------------ which pack for whom


@pytest.mark.parametrize(
    "party, is_individual, name",
    [
        ("own", True, "fr-own-b2c"),
        ("own", False, "fr-own-b2b"),
        ("third_party", True, "fr-3p-b2c"),
        ("third_party", False, "fr-3p-b2b"),
    ],
)
def test_the_facts_of_a_case_select_its_pack(party: str, is_individual: bool, name: str) -> None:
    assert choose_pack(packs(), PackFacts(jurisdiction="FR", party=party, is_individual=is_individual)) == name


@pytest.mark.parametrize(
    "country, party, name",
    [
        ("BE", "own", "be"),
        ("BE", "third_party", "be-3p"),
        ("DE", "third_party", "de-3p"),
        ("NL", "own", "nl"),
        ("GB", "own", "uk-general"),
        ("GB", "third_party", "uk-3p"),
        ("US", "own", "us-1p"),
        ("US", "third_party", "us-3p"),
    ],
)
def test_the_packs_of_other_countries_serve_consumers_and_businesses(country: str, party: str, name: str) -> None:
    for is_individual in (True, False):
        facts = PackFacts(jurisdiction=country, party=party, is_individual=is_individual)
        assert choose_pack(packs(), facts) == name


def test_a_country_without_a_pack_is_a_question_to_a_person() -> None:
    for country in ("ES", "IT", "CA", "EU", "any", ""):
        facts = PackFacts(jurisdiction=country, party="own", is_individual=True)
        assert choose_pack(packs(), facts) is None


@pytest.mark.parametrize(
    "facts, name",
    [
        ({"sector": "energy"}, "fr-own-b2c+fr-energy"),
        ({"claims": frozenset({ClaimKind.WATER})}, "fr-own-b2c+fr-energy+fr-water"),
        ({"sector": "insurance", "is_individual": False}, "fr-own-b2b+fr-insurance"),
        ({"sector": "energy", "is_individual": False}, "fr-own-b2b"),
        ({"claims": frozenset({ClaimKind.CREDIT, ClaimKind.RENT}), "party": "third_party"},
         "fr-3p-b2c+fr-credit+fr-rent"),
        ({"sector": "credit", "jurisdiction": "GB"}, "uk-general+uk-credit"),
        ({"regions": ("US-MA", "US-NYC"), "jurisdiction": "US"}, "us-1p+us-ma+us-nyc"),
        ({"regions": ("US-WA",), "jurisdiction": "US"}, "us-1p"),
    ],
)  # fmt: skip
def test_sector_claim_and_region_lay_their_rules_over_the_pack(facts: dict[str, Any], name: str) -> None:
    usual = {"jurisdiction": "FR", "party": "own", "is_individual": True}
    assert choose_pack(packs(), PackFacts(**{**usual, **facts})) == name
    policy_on(packs(), name, TODAY)


# ----------------------------------------------------------------------------- sources and evidence


@pytest.mark.parametrize("name", sorted(packs()))
def test_every_rule_says_where_it_comes_from_and_how_that_was_checked(name: str) -> None:
    for rule in packs()[name].rules:
        assert len(rule.title) > 10, rule.id
        assert rule.source, rule.id
        assert rule.evidence, rule.id


@pytest.mark.parametrize("name", sorted(packs()))
def test_a_house_rule_never_passes_for_law(name: str) -> None:
    for rule in packs()[name].rules:
        assert (rule.basis is Basis.HOUSE) == (rule.evidence == "house"), rule.id


def test_hours_and_numbers_of_contacts_are_the_houses_own() -> None:
    """No French text gives them for reminders: none may claim to be statute."""
    for name in LEAVES:
        for rule in (*policy(name).of(HoursRule), *policy(name).of(FrequencyRule), *policy(name).of(SimilarTextRule)):
            assert rule.basis is Basis.HOUSE, rule.id


def test_every_rate_that_a_rule_needs_has_a_series() -> None:
    rates = load_rates(CAMPAIGNS / "rates")
    for name in LEAVES:
        for rule in policy(name).of(InterestRule):
            assert rule.series in rates
            assert not rule.floor_series or rule.floor_series in rates


# ----------------------------------------------------------------------------------- hours and caps


@pytest.mark.parametrize("name", LEAVES)
def test_every_electronic_channel_has_hours_and_every_channel_a_cap(name: str) -> None:
    timed = {channel for rule in policy(name).of(HoursRule) for channel in rule.channels}
    capped = {
        channel for rule in policy(name).of(FrequencyRule) for channel in rule.channels if len(rule.channels) == 4
    }
    assert timed == {ContactChannel.SMS, ContactChannel.EMAIL, ContactChannel.CALL}
    assert capped == set(ContactChannel)


@pytest.mark.parametrize("name", LEAVES)
def test_nobody_is_reached_on_a_sunday_or_a_holiday(name: str) -> None:
    for rule in policy(name).of(HoursRule):
        assert 6 not in rule.days
        assert rule.skips_holidays


@pytest.mark.parametrize("name", LEAVES)
def test_the_house_values_that_protect_are_there(name: str) -> None:
    found = policy(name)
    (floor,), (proportion,), (freshness,) = found.of(FloorRule), found.of(ProportionRule), found.of(FreshnessRule)
    assert (floor.balance_cents, floor.last_level) == (1500, 2)
    assert (proportion.cost_per_cent, proportion.demands_per_debt) == (10, 8)
    assert (freshness.business_days, freshness.formal_notice_business_days) == (2, 1)
    (notice,) = found.of(FormalNoticeRule)
    assert (notice.deadline_days_from, notice.deadline_days_to, notice.needs_prior_reminder) == (8, 15, True)


@pytest.mark.parametrize("name", LEAVES)
def test_a_closed_channel_stays_closed_but_post_stays_open(name: str) -> None:
    closing = [rule for rule in policy(name).of(PermissionRule) if "opted_out" in rule.when]
    closed = {channel for rule in closing for channel in rule.channels}
    assert closed == {ContactChannel.SMS, ContactChannel.EMAIL, ContactChannel.CALL}


# ------------------------------------------------------------------------------------------ amounts


@pytest.mark.parametrize("name", ["fr-own-b2c", "fr-3p-b2c"])
def test_nothing_but_principal_and_legal_interest_is_claimed_from_a_consumer(name: str) -> None:
    """FR-FEE-01, FR-FEE-02, FR-FEE-04, FR-INT-02."""
    found = policy(name)
    forbidden = {line for rule in found.of(AmountsRule) for line in rule.forbid_lines}
    assert forbidden == {"fee", "indemnity", "penalty", "damages"}
    assert found.of(IndemnityRule) == ()
    (interest,) = found.of(InterestRule)
    assert (interest.line, interest.starts) == ("interest", "formal_notice")


@pytest.mark.parametrize("name", ["fr-own-b2b", "fr-3p-b2b"])
@pytest.mark.parametrize("status", [DebtorStatus.COMPANY, DebtorStatus.SOLE_TRADER])
def test_between_firms_the_indemnity_and_the_penalty_run_from_the_due_date(name: str, status: DebtorStatus) -> None:
    """FR-FEE-03, FR-INT-01."""
    found = policy(name, status)
    (indemnity,), (penalty,) = found.of(IndemnityRule), found.of(InterestRule)
    assert (indemnity.amount_cents, indemnity.currency) == (4000, "EUR")
    assert (penalty.line, penalty.starts, penalty.points) == ("penalty", "due", "10")
    assert (penalty.floor_series, penalty.contract_floor_multiple) == ("fr.legal.other", 3)


@pytest.mark.parametrize("name", ["fr-own-b2b", "fr-3p-b2b"])
def test_an_association_owes_neither_indemnity_nor_penalty(name: str) -> None:
    """FR-FEE-04: the 40 EUR are between professionals."""
    found = policy(name, DebtorStatus.NON_PROFESSIONAL)
    assert found.of(IndemnityRule) == ()
    assert [rule.line for rule in found.of(InterestRule)] == ["interest"]
    assert "indemnity" in {line for rule in found.of(AmountsRule) for line in rule.forbid_lines}


@pytest.mark.parametrize("name", ["fr-own-b2b", "fr-3p-b2b"])
def test_a_public_buyer_owes_eight_points_at_the_rate_of_the_day_its_delay_began(name: str) -> None:
    found = policy(name, DebtorStatus.PUBLIC_BODY)
    (indemnity,), (interest,) = found.of(IndemnityRule), found.of(InterestRule)
    assert (indemnity.amount_cents, indemnity.legal_basis) == (4000, "CCP D2192-35")
    assert (interest.line, interest.series, interest.points, interest.fixed_at) == (
        "interest", "ecb.refi", "8", "delay_start",
    )  # fmt: skip


# --------------------------------------------------------------------------------------- time-barred


@pytest.mark.parametrize("name", LEAVES)
def test_each_kind_of_claim_has_exactly_one_limitation(name: str) -> None:
    """Semantics A9: an unknown kind has none of its own, and so takes the shortest."""
    named = [claim for rule in policy(name).of(PrescriptionRule) for claim in rule.claims]
    assert sorted(named) == sorted(set(ClaimKind) - {ClaimKind.UNKNOWN})


@pytest.mark.parametrize(
    "claim, months_b2c, months_b2b",
    [
        (ClaimKind.GOODS, 24, 60), (ClaimKind.SERVICES, 24, 60), (ClaimKind.TELECOM, 12, 12),
        (ClaimKind.TRANSPORT, 12, 12), (ClaimKind.INSURANCE, 24, 24), (ClaimKind.RENT, 36, 60),
        (ClaimKind.CREDIT, 24, 60),
    ],
)  # fmt: skip
def test_the_limitation_follows_the_kind_of_claim(claim: ClaimKind, months_b2c: int, months_b2b: int) -> None:
    for name, months in (("fr-own-b2c", months_b2c), ("fr-own-b2b", months_b2b)):
        assert [rule.months for rule in policy(name).of(PrescriptionRule) if claim in rule.claims] == [months]


@pytest.mark.parametrize("name", LEAVES)
def test_no_reminder_or_formal_notice_restarts_a_limitation(name: str) -> None:
    """FR-PRE-04."""
    ways = {how for rule in policy(name).of(PrescriptionRule) for how in rule.reset_by}
    assert ways <= {"payment", "acknowledgment", "court_action", "enforcement"}


@pytest.mark.parametrize("name", LEAVES)
def test_the_end_of_a_limitation_is_announced_90_and_30_days_ahead(name: str) -> None:
    """FR-PRE-03."""
    assert {rule.warn_days for rule in policy(name).of(PrescriptionRule)} == {(90, 30)}


# ----------------------------------------------------------------------------------------- collectors


@pytest.mark.parametrize("name", ["fr-3p-b2c", "fr-3p-b2b"])
def test_a_collector_sends_nothing_before_its_letter_and_three_days(name: str) -> None:
    """FR-3P-04."""
    (rule,) = policy(name).of(LetterFirstRule)
    assert rule.document == "r124_4_letter"
    assert rule.min_delay_days == 3
    assert set(rule.channels) == {ContactChannel.SMS, ContactChannel.EMAIL, ContactChannel.CALL}


@pytest.mark.parametrize("name", ["fr-3p-b2c", "fr-3p-b2b"])
def test_a_collector_has_every_fact_of_the_law_on_file(name: str) -> None:
    """FR-3P-01, FR-3P-02."""
    facts = {fact for rule in policy(name).of(CreditorFactsRule) for fact in rule.requires}
    assert facts == {"collector", "mandate", "insurance", "account", "declaration"}


@pytest.mark.parametrize("name", ["fr-3p-b2c", "fr-3p-b2b"])
def test_the_first_letter_reproduces_both_paragraphs_of_the_law(name: str) -> None:
    """FR-3P-03."""
    rule = policy(name).rule("FR-3P-03")
    assert isinstance(rule, MentionsRule)
    assert rule.texts == ("l111_8_second", "l111_8_third")


@pytest.mark.parametrize("name", ["fr-3p-b2c", "fr-3p-b2b"])
def test_every_other_document_recalls_the_first_letter(name: str) -> None:
    """FR-3P-05."""
    rule = policy(name).rule("FR-3P-05")
    assert isinstance(rule, MentionsRule)
    first = policy(name).rule("FR-3P-03")
    assert isinstance(first, MentionsRule)
    others = set(DocumentKind) - set(first.documents)
    # These two may have to leave before it.
    others -= {DocumentKind.CREDIT_ARREARS_NOTICE, DocumentKind.LOAN_TRANSFER_NOTICE}
    assert set(rule.documents) == others
    assert {"letter_reference", "letter_date"} <= set(rule.mentions)


def test_a_collector_obeys_all_that_a_creditor_obeys() -> None:
    for own, third in (("fr-own-b2c", "fr-3p-b2c"), ("fr-own-b2b", "fr-3p-b2b")):
        assert {rule.id for rule in policy(own).rules} < {rule.id for rule in policy(third).rules}


# ----------------------------------------------------------------------------------------- the README


def test_the_readme_accounts_for_every_rule_that_is_shipped() -> None:
    text = (CAMPAIGNS / "policies" / "README.md").read_text("utf-8")
    ids = {rule.id for pack in packs().values() for rule in pack.rules}
    assert sorted(each for each in ids if f"| {each} |" not in text) == []


def test_the_readme_defines_every_word_of_evidence_and_every_check() -> None:
    text = (CAMPAIGNS / "policies" / "README.md").read_text("utf-8")
    words = {rule.evidence for pack in packs().values() for rule in pack.rules}
    words |= {rule.check for pack in packs().values() for rule in pack.rules if isinstance(rule, TextRule)}
    assert sorted(word for word in words if f"`{word}`" not in text) == []


# ---------------------------------------------------------------------------------- what always holds


@pytest.mark.parametrize("name", sorted(packs()))
def test_a_pack_is_the_same_after_it_was_stored(name: str) -> None:
    pack = packs()[name]
    assert msgspec.json.decode(msgspec.json.encode(pack), type=Pack) == pack


def _any(struct: type[msgspec.Struct]) -> st.SearchStrategy[msgspec.Struct]:
    """Any value of a struct: every field drawn from its type, whether it has a default or not."""
    fields = {each.name: st.from_type(each.type) for each in msgspec.structs.fields(struct)}
    return st.builds(struct, **fields)


for _struct in (Bound, Cap, Season, Window):
    st.register_type_strategy(_struct, _any(_struct))


@given(st.one_of([_any(kind) for kind in Rule.__args__]), st.text(max_size=20), st.none() | st.dates())
def test_any_pack_is_the_same_after_it_was_stored(rule: Any, name: str, expires_on: date | None) -> None:
    pack = Pack(id=name, jurisdiction=name, reviewed_on=TODAY, expires_on=expires_on, region=name, rules=(rule,))
    assert msgspec.json.decode(msgspec.json.encode(pack), type=Pack) == pack
