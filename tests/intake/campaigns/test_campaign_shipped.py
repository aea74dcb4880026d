"""The campaigns that ship: whom they take, how they begin, and what they may not do alone."""

from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.campaign import DocumentKind, Mode, Use
from orchestrator.domain.condition import Value, holds
from orchestrator.domain.voice import Voice
from tests.intake.campaigns.campaign_fixtures import SHIPPED, load

LOADED = {path.stem: load(path) for path in SHIPPED}


def test_eight_campaigns_ship() -> None:
    assert set(LOADED) == {
        "b2c-small", "b2c-large", "b2b-small", "b2b-large", "subscriptions", "third-party", "third-party-b2b",
        "energy",
    }  # fmt: skip


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_campaign_is_named_after_its_file_and_raises_no_caution(path: Path) -> None:
    loaded = load(path)
    assert loaded.campaign.id == path.stem
    assert [str(each) for each in loaded.cautions] == []


@pytest.mark.parametrize("name", LOADED)
def test_a_shipped_campaign_observes_first_and_carries_its_tests(name: str) -> None:
    """R40."""
    loaded = LOADED[name]
    assert loaded.campaign.mode is Mode.OBSERVE
    assert 3 <= len(loaded.tests) <= 6


def test_shipped_priorities_are_distinct() -> None:
    priorities = [loaded.campaign.priority for loaded in LOADED.values()]
    assert len(set(priorities)) == len(priorities)


@pytest.mark.parametrize("name", ["third-party", "third-party-b2b"])
def test_a_collector_begins_with_the_letter_of_the_law(name: str) -> None:
    """Semantics B8, FR-3P-03."""
    first = LOADED[name].campaign.steps[0]
    assert first.send is not None
    assert first.send.kind is DocumentKind.R124_4_LETTER
    assert [line.use for line in first.channel] == [(Use.LETTER,)]


@pytest.mark.parametrize("name", LOADED)
def test_no_formal_notice_of_300_eur_leaves_without_a_person(name: str) -> None:
    """R19, FR-MED: the tone ladder asks a person above a threshold."""
    for step in LOADED[name].campaign.steps:
        if step.send is not None and step.send.voice is Voice.FORMAL:
            assert step.approve is not None
            assert holds(step.approve.if_, CaseFacts(balance=100_000))


class CaseFacts:
    """The facts of one case, as conditions read them."""

    def __init__(self, **values: Value) -> None:
        self.values = values

    def read(self, field: str) -> Value:
        """The value, None when the case does not say."""
        return self.values.get(field)


@given(
    debtor=st.sampled_from(["individual", "business"]),
    party=st.sampled_from(["own", "third_party"]),
    balance=st.one_of(st.integers(1500, 2_000_000), st.sampled_from([1500, 49_999, 50_000, 499_999, 500_000])),
    overdue=st.integers(0, 900),
    kinds=st.frozensets(st.sampled_from(["invoice", "subscription", "instalment"]), min_size=1),
)
def test_every_overdue_case_has_a_shipped_campaign_and_only_subscriptions_overlaps(
    debtor: str, party: str, balance: int, overdue: int, kinds: frozenset[str]
) -> None:
    """R39: nobody is forgotten. The one overlap is meant, and decided by priority."""
    facts = CaseFacts(debtor=debtor, party=party, balance=balance, overdue=overdue, debt_kind=kinds, marks=frozenset())
    found = {name for name, loaded in LOADED.items() if holds(loaded.campaign.audience, facts)}
    assert found
    for one, other in combinations(sorted(found), 2):
        assert (one, other) == ("b2c-small", "subscriptions")


def test_subscriptions_come_before_small_consumer_debts() -> None:
    assert LOADED["subscriptions"].campaign.priority > LOADED["b2c-small"].campaign.priority


@pytest.mark.parametrize("mark", ["vulnerable", "deceased"])
def test_a_vulnerable_person_enters_no_shipped_campaign(mark: str) -> None:
    """R32."""
    for debtor in ("individual", "business"):
        for party in ("own", "third_party"):
            facts = CaseFacts(
                debtor=debtor, party=party, balance=30_000, overdue=10, marks=frozenset({mark}),
                debt_kind=frozenset({"invoice", "subscription"}),
            )  # fmt: skip
            entered = [n for n, loaded in LOADED.items() if holds(loaded.campaign.audience, facts)]
            assert entered == []
